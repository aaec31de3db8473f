"""Slices over local processes. Each has its own connection; what it does is `slices.bill_slice`, which any process on
any machine may call (a Dask or Ray worker too)."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime

from django.db import connection

from gridhall.billing.slices import SliceDone, bill_slice
from gridhall.billing.worker import start_worker
from gridhall.kernel.refusal import Refusal


def bill_slices(
    run_id: int, slices: Sequence[tuple[int, int]], moment: datetime, processes: int
) -> Iterator[SliceDone]:  # fmt: skip
    """Bill slices (unit, n), giving each as it is done. `processes` 0: here, one after the other.

    Refuses worker_lost where a process was killed: what it had not committed is undone, and running again goes on.
    """
    if processes <= 0 or len(slices) <= 1:
        for unit_id, n in slices:
            yield bill_slice(run_id, unit_id, n, moment)
        return
    workers = min(processes, len(slices))
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=start_worker,
        initargs=(str(connection.settings_dict["NAME"]),),
    )
    with pool:
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
