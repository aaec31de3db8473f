"""A hold released while a run bills the same unit: one after the other, never each waiting for the other."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from gridhall.billing import public as billing
from gridhall.billing import recording, slices, unit_lock
from gridhall.billing.models import Bill, BillHold
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from tests.billing.town import ACTOR, AUGUST, UNIT, Town, bill_day, moment, small_town

DAY = moment(bill_day(202608))


@pytest.fixture
def leave_nothing(transactional_db: None) -> Iterator[None]:
    """Django empties the tables that it manages; the big ones are ours."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE bill, bill_line, bill_use, bill_segment, open_item, movement, balance, reading, register_place"
        )


def _waiting_town() -> tuple[Town, int]:
    """A town that is read, and a hold on Wang's bill left by an earlier run."""
    town = small_town()
    town.read(202608, AUGUST)
    with clock.at(DAY):
        first = billing.approve(ACTOR, billing.preview(ACTOR, 202608, [UNIT]).id)
        hold = BillHold.objects.create(
            account_id=town.accounts["Wang"], agreement_id=town.agreements["Wang"], unit_id=UNIT, run_id=first.id,
            period=202608, reason="too_high", detail={}, held_at=clock.now(), released_by="", outcome="",
        )  # fmt: skip
        recording.prepare(202608, clock.today())
    return town, hold.pk


def _both(monkeypatch: pytest.MonkeyPatch, hold: int) -> tuple[Any, Any]:
    """The run's slice and the release, each up to where it has decided; then both go on. What each came to."""
    barrier = threading.Barrier(2)
    real = slices.decide

    def meet(facts: Any) -> Any:
        decided = real(facts)
        with contextlib.suppress(threading.BrokenBarrierError):  # the other one waits for the unit, as it should
            barrier.wait(1.5)
        return decided

    monkeypatch.setattr(slices, "decide", meet)
    run_id = max(run.id for run in billing.runs(ACTOR))

    def alone(act: Any) -> Any:
        try:
            with clock.at(DAY):
                return act()
        except (Refusal, DatabaseError, psycopg.Error) as failed:
            return failed
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        run = pool.submit(alone, lambda: billing.run(ACTOR, run_id, 0))
        released = pool.submit(alone, lambda: billing.release_hold(ACTOR, [hold]))
        return run.result(30), released.result(30)


@pytest.mark.usefixtures("leave_nothing")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_hold_is_released_while_a_run_bills_its_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    town, hold = _waiting_town()
    run, released = _both(monkeypatch, hold)
    assert isinstance(run, billing.RunView)
    assert run.state == "done"
    # who came second found it billed: the release says so, or the run counts it as billed before
    assert isinstance(released, billing.Released) or released.code == "unknown_hold"
    assert Bill.objects.filter(account_id=town.accounts["Wang"], state=billing.ISSUED).count() == 1
    assert Bill.objects.count() == 3
    assert BillHold.objects.filter(released_at=None).count() == 0
    assert ledger.check() == []


@pytest.mark.usefixtures("leave_nothing")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_lock_of_the_unit_the_two_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the race is there, so that the test above can fail."""
    _, hold = _waiting_town()
    monkeypatch.setattr(unit_lock, "with_slices", lambda unit_id: None)
    monkeypatch.setattr(unit_lock, "alone", lambda unit_ids: None)
    run, released = _both(monkeypatch, hold)
    assert isinstance(run, Exception) or isinstance(released, Exception)
    with transaction.atomic():
        assert Bill.objects.filter(state=billing.ISSUED).count() <= 3
