"""Slices over processes. Each has its own connection; what it does is `slices.bill_slice`, which any process on any
machine may call: instead of local processes an executor can be given, such as that of a Dask cluster.

Where there are many slices a process has two at work, each in a thread with a connection and a transaction of its own:
while one waits for the disk (a commit above all) the other goes on. To the database they are like any two processes."""

import functools
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime

from django.db import connection

from gridhall.billing.slices import SliceDone, bill_slice
from gridhall.billing.worker import start_worker
from gridhall.kernel.refusal import Refusal

Slices = Sequence[tuple[int, int]]  # (unit, n)
PAIRED_FROM = 8  # fewer slices are better spread over the processes one by one
LAST_ALONE = 4  # as the last ones are, so that the processes end together


def local_processes(count: int) -> ProcessPoolExecutor:
    """Processes of this machine that are set up for Gridhall and for the database that this one uses."""
    return ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=start_worker,
        initargs=(str(connection.settings_dict["NAME"]),),
    )


def bill_slices(run_id: int, slices: Slices, moment: datetime, processes: int | Executor) -> Iterator[SliceDone]:
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


def _by(pool: Executor, run_id: int, slices: Slices, moment: datetime) -> Iterator[SliceDone]:
    waiting = [pool.submit(_bill_together, run_id, part, moment) for part in _parts(slices)]
    try:
        for each in as_completed(waiting):
            yield from each.result()
    except BrokenProcessPool as lost:
        raise Refusal(
            "worker_lost",
            "A process of the run was ended from outside; nothing is half done. Run it again to go on.",
            "出账进程被外部终止；没有半成品数据，请重新运行以继续。",
        ) from lost
    finally:
        for each in waiting:
            each.cancel()


def _parts(slices: Slices) -> list[Slices]:
    """What a worker takes at once, in order: two slices, or one."""
    paired = (len(slices) - LAST_ALONE) // 2 * 2 if len(slices) >= PAIRED_FROM else 0
    pairs = [slices[k : k + 2] for k in range(0, paired, 2)]
    return pairs + [slices[k : k + 1] for k in range(paired, len(slices))]


def _bill_together(run_id: int, slices: Slices, moment: datetime) -> list[SliceDone]:
    """One or two slices at the same time, in a worker. Where one fails the other is ended before that is told."""
    (unit_id, n), *others = slices
    beside = [_beside().submit(bill_slice, run_id, *other, moment) for other in others]
    try:
        return [bill_slice(run_id, unit_id, n, moment), *(each.result() for each in beside)]
    finally:
        for each in beside:
            each.exception()


@functools.cache
def _beside() -> ThreadPoolExecutor:
    """The second thread of a worker, with its connection, for as long as the worker lives."""
    return ThreadPoolExecutor(1, "slices")
