"""Stories of money taken in one district for another, and of its settlement. Amounts in fen."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances
from gridhall.payments.public import (
    CARD,
    PairOwes,
    close_till,
    decide_settlement,
    net_by_unit,
    open_unit_days,
    propose_settlement,
    reverse,
    settlements,
    units_day,
    units_owe,
)
from tests.payments.act_town import MORNING, Office, broken, closing, open_office, pay, person
from tests.payments.town import moment

pytestmark = pytest.mark.django_db

DAY, NEXT = date(2026, 11, 5), moment(2026, 11, 6, 9)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_a_till_of_one_unit_takes_money_for_another() -> None:
    """Unit 1's till takes 100.00 for unit 2's customer and 30.00 by card; unit 2's takes 25.00 for unit 1's. The day
    is settled: unit 1 pays unit 2 130.00 − 25.00 = 105.00."""
    office = open_office()
    with clock.at(MORNING):
        taken = pay(office.li, office.tills[0], 3, 10_000)
        pay(office.li, office.tills[0], 4, 3_000, CARD)
        pay(office.wang, office.tills[1], 1, 2_500)
        pay(office.li, office.tills[0], 2, 1_000)  # within the unit: nothing between units
    assert taken.left_owed == 0
    # unit 1: cash 100.00 + 10.00, card 30.00, owes unit 2 130.00 and has 25.00 to get; receivable 200 − 25 − 10
    assert closing(1) == {1001: 11_000, 1012: 3_000, 1122: 16_500, 3001: -10_500}
    assert closing(2) == {1001: 2_500, 1122: 7_000, 3001: 10_500}
    assert broken() == []
    assert units_owe(None, DAY, DAY) == [PairOwes(1, 2, 2, 13_000), PairOwes(2, 1, 1, 2_500)]
    assert [each for each, state in units_day([2], DAY) if not state] == units_owe([2], DAY, DAY)
    assert [(each.on, each.count, each.amount) for each in open_unit_days()] == [(DAY, 3, 15_500)]
    with clock.at(MORNING):
        assert refused(lambda: propose_settlement(office.cashier, DAY)) == "unit_day_not_over"
    with clock.at(NEXT):
        assert refused(lambda: propose_settlement(office.li, DAY)) == "not_allowed"
        assert refused(lambda: propose_settlement(person("cashier", 9, 1), DAY)) == "not_all_units"
        asked = propose_settlement(office.cashier, DAY)
        assert (asked.by_unit, asked.amount) == ({1: 10_500, 2: -10_500}, 10_500)
        assert refused(lambda: propose_settlement(office.cashier, DAY)) == "nothing_to_settle"
        assert broken() == []
        assert refused(lambda: decide_settlement(office.cashier, asked.id, approve=True)) == "second_person_needed"
        assert refused(lambda: decide_settlement(office.manager, asked.id, approve=True)) == "slip_missing"
        assert refused(lambda: decide_settlement(office.manager, asked.id, approve=False)) == "reason_missing"
        declined = decide_settlement(office.manager, asked.id, approve=False, reason="count again")
        assert (declined.state, declined.pairs) == ("declined", ())
        again = propose_settlement(office.cashier, DAY)
        done = decide_settlement(office.manager, again.id, approve=True, transfer="TR-1")
        assert refused(lambda: decide_settlement(office.manager, done.id, approve=True)) == "wrong_settlement_state"
        assert refused(lambda: decide_settlement(office.manager, 999, approve=True)) == "unknown_settlement"
    assert closing(1) == {1001: 11_000, 1002: -10_500, 1012: 3_000, 1122: 16_500}
    assert closing(2) == {1001: 2_500, 1002: 10_500, 1122: 7_000}
    assert open_unit_days() == []
    assert [each.state for each in settlements()] == ["booked", "declined"]
    assert [state for _, state in units_day(None, DAY)] == ["booked", "booked"]
    assert broken() == []


def test_a_reversal_goes_back_where_the_money_is() -> None:
    """Cash taken in unit 1 for unit 2's customer is given back out of the same drawer: between the units nothing is
    left; a card payment goes back in the unit that took it."""
    office = open_office()
    with clock.at(MORNING):
        cash, card = pay(office.li, office.tills[0], 3, 10_000), pay(office.li, office.tills[0], 4, 3_000, CARD)
        reverse(office.li, 3, cash.payment_no, "wrong customer")
        reverse(office.li, 4, card.payment_no, "wrong customer")
        assert closing(1) == {1122: 20_000}
        assert closing(2) == {1122: 20_000}
        assert units_owe(None, DAY, DAY) == [PairOwes(1, 2, 4, 0)]
        assert broken() == []
        # and the head cashier gives cash back out of a drawer in the customer's own unit: unit 1 has kept it
        pay(office.li, office.tills[0], 3, 10_000, key="again")
        pay(office.wang, office.tills[1], 4, 10_000)
        number = next(each for each in (pay(office.li, office.tills[0], 3, 500, key="more"),)).payment_no
        reverse(office.cashier, 3, number, "too much", office.tills[1])
        assert closing(2)[1001] == 9_500
        assert closing(1) == {1001: 10_500, 1122: 20_000, 3001: -10_500}
        close_till(office.li, office.tills[0], 30_500)
    assert broken() == []


def test_books_that_are_closed_take_no_money_for_others() -> None:
    from gridhall.ledger.public import close_period

    office = open_office()
    with clock.at(moment(2026, 12, 3)):
        close_period(person("manager", 5), 1, 202611)
        assert balances([3])[3].owed == 10_000
        from gridhall.payments.public import CASH, DOOR_COUNTER, PaymentIn, receive

        brought = PaymentIn(100, "late", 3, "", DOOR_COUNTER, CASH, office.tills[0], value_on=date(2026, 11, 30))
        (answer,) = receive(office.li, [brought])
        assert isinstance(answer, Refusal)
        assert answer.code == "period_closed"
    assert broken() == []


amounts = st.integers(-1_000_000, 1_000_000)
pairs = st.lists(st.builds(PairOwes, st.integers(1, 5), st.integers(6, 9), st.just(1), amounts), max_size=30)


@given(pairs)
def test_what_units_pay_one_another_comes_to_nothing(owed: list[PairOwes]) -> None:
    assert sum(net_by_unit(owed).values()) == 0


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(1, 4), st.integers(1, 15_000), st.booleans()), min_size=1, max_size=8
    )
)
def test_whatever_is_taken_each_units_books_balance(taken: list[tuple[int, int, int, bool]]) -> None:
    """Payments at both tills for all accounts, some given back: 3001 over both units is 0, and the proof is clean."""
    from django.db import transaction

    office: Office
    with transaction.atomic():
        office = open_office()
        with clock.at(MORNING):
            for n, (till, account, amount, back) in enumerate(taken):
                who = (office.li, office.wang)[till]
                number = pay(who, office.tills[till], account, amount, key=f"k{n}").payment_no
                if back:
                    reverse(who, account, number, "back again")
        assert closing(1).get(3001, 0) + closing(2).get(3001, 0) == 0
        crossing = sum(
            amount if till == 0 else -amount
            for till, account, amount, back in taken
            if not back and (account > 2) != bool(till)
        )
        assert closing(2).get(3001, 0) == crossing
        assert broken() == []
        transaction.set_rollback(True)
