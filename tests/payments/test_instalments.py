"""Stories of debts paid by dated parts. Amounts in fen."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import exemptions, owed
from gridhall.payments.public import (
    INSTALMENTS,
    WRITE_OFF,
    PlanView,
    ask_money_act,
    decide_money_act,
    end_plan,
    follow_plans,
    plan_of,
    plans,
    split_evenly,
)
from tests.payments.act_town import OCTOBER, Office, broken, open_office, pay
from tests.payments.town import bill, moment

pytestmark = pytest.mark.django_db

MADE = moment(2026, 11, 30)
PARTS = [["2026-12-10", 5_100], ["2027-01-10", 5_000]]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def made(office: Office, amount: int = 10_100, parts: list[list[object]] | None = None) -> PlanView:
    asked = ask_money_act(office.cashier, INSTALMENTS, 1, amount, "lost his work", {"parts": parts or PARTS})
    decide_money_act(office.manager, asked.id, approve=True)
    plan = plan_of(1)
    assert plan is not None
    return plan


def test_a_debt_is_paid_by_parts_and_no_late_charge_accrues() -> None:
    """100.00 due 20 November; on the 30th 10 days' late charge is 1.00: parts of 51.00 and 50.00. Nothing accrues while
    it is kept; a new bill meanwhile is no part of it."""
    office = open_office()
    with clock.at(MADE):
        assert owed(1).total == 10_100
        plan = made(office)
        assert (plan.state, plan.total, plan.left, plan.late_stopped) == ("kept", 10_100, 10_100, True)
        assert exemptions(1)[0].is_dispute is False
        assert plan.next_part is not None
        assert (plan.next_part.due_on, plan.next_part.open) == (date(2026, 12, 10), 5_100)
        assert refused(lambda: made(office)) == "plan_kept"
        assert broken() == []
    with clock.at(moment(2026, 12, 9)):
        assert owed(1).total == 10_100
        pay(office.li, office.tills[0], 1, 5_000)
        plan = plan_of(1) or plan
        assert [part.open for part in plan.parts] == [100, 5_000]
        pay(office.li, office.tills[0], 1, 100, key="rest")
        bill(1, 202611, 3_000, issued=date(2026, 12, 9), due=date(2026, 12, 28))
        assert follow_plans() == []
    with clock.at(moment(2027, 1, 9)):
        assert follow_plans() == []
        pay(office.li, office.tills[0], 1, 5_000, key="second")
        (done,) = follow_plans()
        assert (done.state, done.left) == ("fulfilled", 0)
        assert owed(1).principal == 3_000
        assert exemptions(1) == []
    assert broken() == []


def test_a_broken_plan_is_due_at_once_and_late_charge_accrues_again() -> None:
    """The part of 10 December is not paid; three days of grace end on the 13th. On the 14th it is broken; from the
    15th late charge accrues on 100.00: on the 24th 10 days more at 0.1 %."""
    office = open_office()
    with clock.at(MADE):
        plan = made(office)
    with clock.at(moment(2026, 12, 13)):
        assert follow_plans() == []
    with clock.at(moment(2026, 12, 14)):
        (broke,) = follow_plans()
        assert (broke.id, broke.state, broke.next_part) == (plan.id, "broken", None)
        assert follow_plans() == []
        assert owed(1).total == 10_100
        assert plans() == []
    with clock.at(moment(2026, 12, 24)):
        assert owed(1).total == 10_100 + 100
        again = made(office, 10_200, [["2027-01-05", 10_200]])
        assert refused(lambda: end_plan(office.li, again.id, "agreed")) == "not_allowed"
        assert refused(lambda: end_plan(office.cashier, again.id, " ")) == "reason_missing"
        assert end_plan(office.cashier, again.id, "agreed").state == "ended"
        assert refused(lambda: end_plan(office.cashier, again.id, "agreed")) == "unknown_plan"
    assert broken() == []


def test_what_is_no_plan_is_refused() -> None:
    office = open_office()
    with clock.at(MADE):

        def bad(amount: int, *parts: tuple[str, int]) -> str:
            told = {"parts": [list(part) for part in parts]}
            return refused(lambda: ask_money_act(office.cashier, INSTALMENTS, 1, amount, "agreed", told))

        assert bad(10_100) == "bad_parts"
        assert bad(10_100, ("2026-11-30", 10_100)) == "bad_parts"
        assert bad(10_100, ("2026-12-10", 10_100), ("2026-12-10", 1)) == "bad_parts"
        assert bad(10_100, ("2026-12-10", 0), ("2026-12-11", 10_100)) == "bad_parts"
        assert bad(10_100, ("2026-12-10", 10_000)) == "parts_differ"
        assert bad(10_100, ("2028-12-10", 10_100)) == "too_many_parts"
        assert bad(10_100, ("soon", 10_100)) == "bad_money_act"
        asked = ask_money_act(office.cashier, INSTALMENTS, 1, 10_000, "agreed", {"parts": [["2026-12-10", 10_000]]})
        assert refused(lambda: decide_money_act(office.manager, asked.id, approve=True)) == "changed_since"
    assert broken() == []


def test_what_is_written_off_ends_the_plan() -> None:
    office = open_office()
    with clock.at(MADE):
        made(office)
        items = [[OCTOBER, 1, 1], [OCTOBER, 2, 1001]]
        asked = ask_money_act(office.cashier, WRITE_OFF, 1, 10_100, "no estate", {"items": items})
        decide_money_act(office.manager, asked.id, approve=True)
        plan = plan_of(1)
        assert plan is not None
        assert (plan.state, plan.left) == ("fulfilled", 0)
    assert broken() == []


@given(st.integers(1, 1 << 53), st.integers(1, 60), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_the_parts_of_a_proposal_come_to_the_debt(amount: int, count: int, first: date) -> None:
    parts = split_evenly(amount, count, first)
    assert (len(parts), sum(part for _, part in parts), parts[0][0]) == (count, amount, first)
    days = [day for day, _ in parts]
    assert days == sorted(set(days))
