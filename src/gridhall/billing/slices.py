"""One slice of a run: read, decide, write, and say so, in one transaction. Any process may do any slice."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from gridhall.billing import unit_lock
from gridhall.billing.deciding import Decided, decide
from gridhall.billing.facts import Stretch, gather
from gridhall.billing.models import ABANDONED, BillRun, RunSlice
from gridhall.billing.recording import record
from gridhall.kernel import clock


@dataclass(frozen=True)
class SliceDone:
    """What a slice came to. `fresh` is False when another process had done it before, or the run was abandoned."""

    unit_id: int
    n: int
    bills: int
    held: int
    wh: int
    amount: int
    fresh: bool = True


def bill_slice(run_id: int, unit_id: int, n: int, moment: datetime) -> SliceDone:
    """Bill slice `n` of a unit, or find that it is done. Killed anywhere, nothing of it stays and it can be done again.

    The slice's row is the lock: two processes with the same slice do it once.
    """
    with clock.at(moment), transaction.atomic():
        row = RunSlice.objects.select_for_update().get(run_id=run_id, unit_id=unit_id, n=n)
        if row.done_at is not None:
            return SliceDone(unit_id, n, row.bills, row.held, row.wh, row.amount, fresh=False)
        # who abandons the run waits for the slices at work, and no slice begins after it
        run = BillRun.objects.raw("SELECT * FROM billing_billrun WHERE id = %s FOR SHARE", [run_id])[0]
        if run.state == ABANDONED:
            return SliceDone(unit_id, n, 0, 0, 0, 0, fresh=False)
        unit_lock.with_slices(unit_id)
        assert run.issued_on is not None, "approval sets the day on the bills"
        decided = bill_stretch(
            Stretch(run_id, run.period, unit_id, row.account_from, row.account_to, run.issued_on), moment
        )
        row.bills, row.held = len(decided), len(decided.held)
        row.wh, row.amount = int(decided.bills["wh"].sum()), int(decided.bills["amount"].sum())
        row.done_at = clock.now()
        row.save(update_fields=["bills", "held", "wh", "amount", "done_at"])
    return SliceDone(unit_id, n, row.bills, row.held, row.wh, row.amount)


def bill_stretch(stretch: Stretch, moment: datetime) -> Decided:
    """Gather, decide and write one stretch of accounts in the caller's transaction."""
    with _without_collector():
        decided = decide(gather(stretch))
        record(stretch, decided, moment)
    return decided


@contextmanager
def _without_collector() -> Iterator[None]:
    """No garbage collection while columns pass through: rows by the ten thousand make Python walk over everything it
    holds again and again, for nothing (a third of the time of a slice was seen to go there)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
