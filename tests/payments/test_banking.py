"""Cash from the tills to the bank, and the proof that 1001 is what the tills hold."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import check, trial_balance
from gridhall.payments.public import (
    CASH,
    DOOR_COUNTER,
    PaymentIn,
    Receipt,
    bank_cash,
    bankings,
    cash_to_bank,
    close_till,
    decide_banking,
    open_till,
    receive,
    register_till,
    reverse,
)
from tests.payments.town import SYSTEM, clerk, make_accounts, moment

pytestmark = pytest.mark.django_db

NOVEMBER = 202611
EVENING = moment(2026, 11, 5, 18)


@pytest.fixture
def li() -> int:
    make_accounts(2)
    make_accounts(1, unit_id=2, first=3)
    return int(get_user_model().objects.create_user("li").pk)


@pytest.fixture
def till() -> int:
    return register_till(SYSTEM, 7, 1, "T1", "Till 1", "一号台")


def head(user_id: int = 90, *units: int) -> Actor:
    return clerk(user_id, "tills.all", units=units)


def take(user_id: int, session_id: int, account_id: int, amount: int) -> int:
    (taken,) = receive(
        clerk(user_id),
        [PaymentIn(amount, f"office:{account_id}:{amount}", account_id, "", DOOR_COUNTER, CASH, session_id)],
    )
    assert isinstance(taken, Receipt), taken
    return taken.payment_no


def a_day(user_id: int, till: int, *, short: int = 0) -> int:
    """A session with a float of 200.00 that takes 100.00 for unit 1, 40.00 for unit 2, and gives 30.00 back: the id."""
    with clock.at(moment(2026, 11, 5, 9)):
        session = open_till(clerk(user_id), till, 20_000)
        take(user_id, session.id, 1, 10_000)
        take(user_id, session.id, 3, 4_000)
        wrong = take(user_id, session.id, 2, 3_000)
        reverse(clerk(user_id), 2, wrong, "wrong customer")
    with clock.at(EVENING):
        close_till(clerk(user_id), session.id, 34_000 - short, "looked for" if short else "")
    return session.id


def cash(unit_id: int) -> dict[int, int]:
    """The closing balances of the money accounts of a unit, those that are not 0."""
    rows = trial_balance(unit_id, NOVEMBER).rows
    return {row.code: row.closing for row in rows if row.code in (1001, 1002, 3001, 6711) and row.closing}


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_what_was_counted_goes_to_the_bank(li: int, till: int) -> None:
    session = a_day(li, till, short=50)
    # taken 140.00, 0.50 short: 139.50 lies in the house; the float of 200.00 stays in the drawer
    assert [(each.session_id, each.cash) for each in cash_to_bank([1])] == [(session, 13_950)]
    assert (cash(1), cash(2)) == ({1001: 13_950, 3001: -4_000, 6711: 50}, {3001: 4_000})
    with clock.at(EVENING):
        done = bank_cash(head(), [session], 13_950, "S-1")
    assert (done.state, done.difference) == ("booked", 0)
    # all of it is at the bank of the till's unit, which owes the other what its customer paid
    assert (cash(1), cash(2)) == ({1002: 13_950, 3001: -4_000, 6711: 50}, {3001: 4_000})
    assert cash_to_bank() == []
    assert [each.slip for each in bankings([1], date(2026, 11, 5))] == ["S-1"]
    assert check() == []


def test_another_amount_needs_a_second_person(li: int, till: int) -> None:
    """The bank finds a forged note of 100.00: it books 40.00."""
    session = a_day(li, till)
    with clock.at(EVENING):
        assert code(lambda: bank_cash(head(), [session], 4_000, "S-1")) == "reason_missing"
        asked = bank_cash(head(), [session], 4_000, "S-1", note="a forged note")
        assert asked.state == "proposed"
        assert cash(1) == {1001: 14_000, 3001: -4_000}
        assert cash_to_bank() == []
        assert check() == []
        assert code(lambda: decide_banking(head(), asked.id, approve=True)) == "second_person_needed"
        assert code(lambda: decide_banking(head(91, 2), asked.id, approve=True)) == "unknown_banking"
        assert code(lambda: decide_banking(head(91), asked.id, approve=False)) == "reason_missing"
        decide_banking(head(91), asked.id, approve=False, reason="ask the bank again")
        assert [each.session_id for each in cash_to_bank()] == [session]
        again = bank_cash(head(), [session], 4_000, "S-1", note="a forged note")
        done = decide_banking(head(91), again.id, approve=True)
        assert code(lambda: decide_banking(head(91), again.id, approve=True)) == "wrong_banking_state"
    assert (done.state, done.difference, done.decided_by_name) == ("booked", -10_000, "clerk91")
    # unit 1: 140.00 of cash gone, 40.00 at the bank, 100.00 lost; it owes unit 2 its customer's 40.00
    assert (cash(1), cash(2)) == ({1002: 4_000, 3001: -4_000, 6711: 10_000}, {3001: 4_000})
    assert check() == []


def test_what_cannot_be_banked(li: int, till: int) -> None:
    session = a_day(li, till)
    other = register_till(SYSTEM, 7, 2, "T2", "Till 2", "二号台")
    wang = int(get_user_model().objects.create_user("wang").pk)
    with clock.at(EVENING):
        still_open = open_till(clerk(wang), other)

        def banked(*sessions: int, amount: int = 14_000, slip: str = "S-1", on: date | None = None) -> str:
            return code(lambda: bank_cash(head(), sessions, amount, slip, on))

        assert banked() == "nothing_to_bank"
        assert banked(session, amount=0) == "amount_not_positive"
        assert banked(session, slip=" ") == "slip_missing"
        assert banked(session, 999) == "unknown_till"
        assert banked(session, still_open.id) == "several_units"
        assert banked(still_open.id) == "till_still_open"
        assert banked(session, on=date(2026, 11, 4)) == "bad_banking_day"
        assert banked(session, on=date(2026, 11, 6)) == "bad_banking_day"
        assert code(lambda: bank_cash(head(90, 2), [session], 14_000, "S-1")) == "unknown_till"
        assert code(lambda: bank_cash(clerk(li), [session], 14_000, "S-1")) == "not_allowed"
        bank_cash(head(), [session], 14_000, "S-1")
        assert banked(session, slip="S-2") == "banked_already"
    assert check() == []


def test_a_slip_is_entered_once(li: int, till: int) -> None:
    first = a_day(li, till)
    with clock.at(moment(2026, 11, 6, 9)):
        second = open_till(clerk(li), till).id
        take(li, second, 1, 500)
        close_till(clerk(li), second, 500)
        bank_cash(head(), [first], 14_000, "S-1")
        assert code(lambda: bank_cash(head(), [second], 500, "S-1")) == "slip_used"
        assert [each.session_id for each in cash_to_bank()] == [second]


def broken() -> set[tuple[str, str]]:
    return {(each.check, each.key) for each in check()}


@pytest.mark.parametrize(
    ("harm", "check_name", "key"),
    [
        ("UPDATE payment SET session_id = 0 WHERE account_id = 3", "cash_at_a_till", "0/202611/12/{no}/1"),
        ("DELETE FROM movement WHERE kind = 10", "control_cash", "1001 of unit 1"),
        ("UPDATE payments_tillsession SET banking_id = NULL", "control_cash", "1001 of unit 1"),
        ("UPDATE payments_banking SET amount = amount + 1, counted = counted + 1", "banking_counted", "{banking}"),
        ("UPDATE payments_banking SET state = 'proposed'", "banking_counted", "{banking}"),
        ("UPDATE payments_interunit SET amount = amount + 1", "units_owe", "{no} of unit 2"),
    ],
)
def test_the_check_names_what_is_broken(li: int, till: int, harm: str, check_name: str, key: str) -> None:
    session = a_day(li, till)
    with clock.at(EVENING):
        banked = bank_cash(head(), [session], 14_000, "S-1")
    assert broken() == set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT no FROM payment WHERE account_id = 3")
        (no,) = cursor.fetchone() or (0,)
        cursor.execute(harm)
    assert (check_name, key.format(no=no, banking=banked.id)) in broken()


def test_money_in_transit_is_what_was_paid_by_card(li: int, till: int) -> None:
    (taken,) = receive(SYSTEM, [PaymentIn(700, "api:1", 3)])
    assert isinstance(taken, Receipt)
    assert broken() == set()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE movement SET debit = 1002 WHERE debit = 1012")
    assert broken() == {("control_transit", "1012 of unit 2")}
