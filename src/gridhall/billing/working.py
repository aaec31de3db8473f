"""Slices over processes. Each has its own connection; what it does is `slices.bill_slice`, which any process on any
machine may call: instead of local processes an executor can be given, such as that of a Dask cluster."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime

from django.db import connection

from gridhall.billing.slices import SliceDone, bill_slice
from gridhall.billing.worker import start_worker
from gridhall.kernel.refusal import Refusal


def local_processes(count: int) -> ProcessPoolExecutor:
    """Processes of this machine that are set up for Gridhall and for the database that this one uses."""
    return ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=start_worker,
        initargs=(str(connection.settings_dict["NAME"]),),
    )


def bill_slices(
    run_id: int, slices: Sequence[tuple[int, int]], moment: datetime, processes: int | Executor
) -> Iterator[SliceDone]:
    """Bill slices (unit, n), giving each as it is done. `processes` 0: here, one after the other.

    Refuses worker_lost where a process was killed: what it had not committed is undone, and running again goes on.
    """
    if isinstance(processes, Executor):
        yield from _by(processes, run_id, slices, moment)
    elif processes <= 0 or len(slices) <= 1:
        for unit_id, n in slices:
            yield bill_slice(run_id, unit_id, n, moment)
    else:
        with local_processes(min(processes, len(slices))) as pool:
            yield from _by(pool, run_id, slices, moment)


def _by(pool: Executor, run_id: int, slices: Sequence[tuple[int, int]], moment: datetime) -> Iterator[SliceDone]:
    waiting = [pool.submit(bill_slice, run_id, unit_id, n, moment) for unit_id, n in slices]
    try:
        for each in as_completed(waiting):
            yield each.result()
    except BrokenProcessPool as lost:
        raise Refusal(
            "worker_lost",
            "A process of the run was ended from outside; nothing is half done. Run it again to go on.",
            "出账进程被外部终止；没有半成品数据，请重新运行以继续。",
        ) from lost
    finally:
        for each in waiting:
            each.cancel()
