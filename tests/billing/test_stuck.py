"""A run that cannot go on is put away, and another bills what it left."""

import pytest

from gridhall.billing import previewing
from gridhall.billing import public as billing
from gridhall.billing.models import Bill, BillRun
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from tests.billing.town import ACTOR, AUGUST, UNIT, moment, small_town

pytestmark = pytest.mark.django_db


def test_a_run_that_stopped_is_put_away_and_another_bills_the_rest() -> None:
    town = small_town()
    town.read(202608, AUGUST)
    with clock.at(moment("2026-09-03")):
        stuck = billing.preview(ACTOR, 202608, [UNIT])
        billing.approve(ACTOR, stuck.id)
        BillRun.objects.filter(pk=stuck.id).update(state="running")  # begun, then its process was killed
    with clock.at(moment("2026-10-02")):
        with pytest.raises(Refusal) as refused:
            ledger.close_period(ACTOR, UNIT, 202609)
        assert refused.value.code == "run_open"
        assert billing.abandon(ACTOR, stuck.id).state == "abandoned"
        ledger.close_period(ACTOR, UNIT, 202609)
        again = billing.preview(ACTOR, 202608, [UNIT])
        billing.approve(ACTOR, again.id)
        assert billing.run(ACTOR, again.id, 0).bills == 3


def test_a_worker_bills_nothing_more_of_a_run_that_was_abandoned() -> None:
    town = small_town()
    town.read(202608, AUGUST)
    with clock.at(moment("2026-09-03")):
        run = billing.approve(ACTOR, billing.preview(ACTOR, 202608, [UNIT]).id)
        slices = previewing.SLICE_ACCOUNTS
        previewing.SLICE_ACCOUNTS = 1  # a slice for each household
        try:
            done = billing.run(ACTOR, run.id, 0, lambda view: _abandon_once(view))
        finally:
            previewing.SLICE_ACCOUNTS = slices
    assert done.state == "abandoned"
    assert (done.slices_done, done.bills) == (1, 1)
    assert Bill.objects.count() == 1


def test_a_run_with_nothing_to_bill_is_refused() -> None:
    town = small_town()
    with clock.at(moment("2026-09-03")):
        unread = billing.preview(ACTOR, 202604, [UNIT])
        with pytest.raises(Refusal) as refused:
            billing.approve(ACTOR, unread.id)
    assert refused.value.code == "nothing_to_bill"
    town.read(202608, AUGUST)
    town.bill(202608, [UNIT])
    with clock.at(moment("2026-09-03")):
        again = billing.preview(ACTOR, 202608, [UNIT])
        with pytest.raises(Refusal, match="billed already") as refused:
            billing.approve(ACTOR, again.id)
    assert refused.value.code == "nothing_to_bill"


def _abandon_once(view: billing.RunView) -> None:
    if view.state == "running":
        billing.abandon(ACTOR, view.id)
