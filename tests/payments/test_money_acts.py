"""Stories of acts on a customer's money that need limits and a second person. Amounts in fen."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, open_items, owed, reverse_bills, written_off
from gridhall.payments.public import (
    CORRECT,
    RECOVER,
    REFUND,
    REVERSE,
    TRANSFER_CREDIT,
    WRITE_OFF,
    MoneyActView,
    ask_money_act,
    close_till,
    decide_money_act,
    enter_limit,
    limits,
    money_acts,
    money_acts_of,
    payments_of,
    receipt,
    reverse,
    session,
)
from tests.payments.act_town import MORNING, NOVEMBER, OCTOBER, broken, closing, open_office, pay, person
from tests.payments.town import SYSTEM, bill, moment

pytestmark = pytest.mark.django_db


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def ask(who: Actor, act: str, account: int, amount: int, **told: Any) -> MoneyActView:
    return ask_money_act(who, act, account, amount, "as agreed", told)


def test_a_reversal_beyond_the_clerks_limit_needs_a_second_signature() -> None:
    """A clerk alone undoes up to 1,000.00; 1,500.00 waits for the head cashier, then leaves the clerk's till."""
    office = open_office()
    with clock.at(MORNING):
        taken = pay(office.li, office.tills[0], 1, 150_000)
        assert refused(lambda: reverse(office.li, 1, taken.payment_no, "typed wrong")) == "over_limit"
        assert refused(lambda: ask(office.li, REVERSE, 1, 10, payment_no=taken.payment_no)) == "bad_money_act"
        asked = ask(office.li, REVERSE, 1, 150_000, payment_no=taken.payment_no)
        assert (asked.state, session(office.tills[0]).cash_out) == ("asked", 0)
        assert refused(lambda: decide_money_act(office.li, asked.id, approve=True)) == "not_allowed"
        done = decide_money_act(office.cashier, asked.id, approve=True)
        assert (done.state, done.decided_by_name) == ("done", "cashier900")
        assert session(office.tills[0]).cash_out == 150_000
        assert refused(lambda: decide_money_act(office.cashier, asked.id, approve=True)) == "wrong_act_state"
        small = pay(office.li, office.tills[0], 1, 100_000, key="small")
        assert ask(office.li, REVERSE, 1, 100_000, payment_no=small.payment_no).state == "done"
    assert broken() == []


def test_limits_are_data_with_a_day() -> None:
    office = open_office()
    boss = person("manager", 5)
    with clock.at(MORNING):
        assert refused(lambda: enter_limit(office.li, REVERSE, "clerk", date(2026, 11, 6), 0, 0)) == "not_allowed"
        assert refused(lambda: enter_limit(boss, "dance", "clerk", date(2026, 11, 6), 0, 0)) == "bad_money_act"
        assert refused(lambda: enter_limit(boss, REVERSE, "clerk", date(2026, 11, 6), 2, 1)) == "bad_money_act"
        assert refused(lambda: enter_limit(boss, REVERSE, "clerk", date(2026, 11, 4), 0, 1)) == "value_too_early"
        enter_limit(boss, REVERSE, "clerk", date(2026, 11, 6), 0, 10_000)
        assert refused(lambda: enter_limit(boss, REVERSE, "clerk", date(2026, 11, 6), 0, 1)) == "bad_money_act"
        taken = pay(office.li, office.tills[0], 1, 5_000)
        reverse(office.li, 1, taken.payment_no, "still the old limit")
    with clock.at(moment(2026, 11, 6, 9)):
        taken = pay(office.li, office.tills[0], 1, 5_000, key="next day")
        assert refused(lambda: reverse(office.li, 1, taken.payment_no, "the new limit")) == "over_limit"
        assert [each.most for each in limits(date(2026, 11, 6)) if (each.act, each.role) == (REVERSE, "clerk")] == [
            10_000
        ]
    assert next(each.since for each in limits() if (each.act, each.role) == (REVERSE, "clerk")) == date(2026, 11, 6)


def test_credit_is_refunded_in_cash_by_two_persons() -> None:
    """150.00 on a bill of 100.00 leaves 50.00 in credit; 30.00 of it go back out of the drawer: 200 + 150 − 30."""
    office = open_office()
    with clock.at(MORNING):
        pay(office.li, office.tills[0], 1, 15_000)
        assert refused(lambda: ask(office.wang, REFUND, 1, 3_000, session_id=office.tills[1])) == "account_not_yours"
        assert refused(lambda: ask(office.li, REFUND, 1, 600_000, session_id=office.tills[0])) == "over_limit"
        asked = ask(office.li, REFUND, 1, 3_000, session_id=office.tills[0])
        assert [each.id for each in money_acts([1], waiting=True)] == [asked.id]
        assert money_acts([2], waiting=True) == []
        decide_money_act(office.cashier, asked.id, approve=True)
        assert balances([1])[1].credit == 2_000
        assert session(office.tills[0]).expected == 32_000
        assert payments_of(1)[0].kind == 4
        too_much = ask(office.li, REFUND, 1, 2_001, session_id=office.tills[0])
        assert refused(lambda: decide_money_act(office.cashier, too_much.id, approve=True)) == "credit_too_small"
        assert decide_money_act(office.cashier, too_much.id, approve=False, reason="no credit").state == "declined"
        close_till(office.li, office.tills[0], 32_000)
    assert closing(1) == {1001: 12_000, 1122: 10_000, 2203: -2_000}
    assert broken() == []


def test_credit_is_refunded_to_a_bank_account_and_its_number_is_sealed() -> None:
    office = open_office()
    with clock.at(MORNING):
        pay(office.wang, office.tills[1], 3, 15_000)
        pay(office.li, office.tills[0], 1, 100)
        assert refused(lambda: ask(office.cashier, REFUND, 3, 100, bank_account="6222")) == "bank_account_missing"
        asked = ask(office.cashier, REFUND, 3, 5_000, bank_account="6222020200112233445", bank_holder="王小明")
        assert asked.told == {"session_id": 0, "bank_end": "3445", "bank_holder": "王小明"}
        decide_money_act(office.manager, asked.id, approve=True)
        # cash out of a drawer of unit 1 for unit 2's customer
        pay(office.wang, office.tills[1], 4, 10_800)
        away = ask(office.cashier, REFUND, 4, 800, session_id=office.tills[0])
        assert refused(lambda: decide_money_act(office.cashier, away.id, approve=True)) == "second_person_needed"
        decide_money_act(office.manager, away.id, approve=True)
    assert closing(2) == {1001: 25_800, 1002: -5_000, 3001: -800}
    assert closing(1) == {1001: -700, 1122: 19_900, 3001: 800}
    assert broken() == []


def test_credit_goes_to_another_account_and_pays_there() -> None:
    """Account 1 has 120.00 in credit after its bill; 110.00 go to account 3 of unit 2: its 100.00 are paid, 10.00 stay
    in its credit. Unit 1 owes unit 2 110.00."""
    office = open_office()
    with clock.at(MORNING):
        pay(office.li, office.tills[0], 1, 22_000)
        assert refused(lambda: ask(office.cashier, TRANSFER_CREDIT, 1, 1, to_account=1)) == "same_account"
        assert refused(lambda: ask(office.cashier, TRANSFER_CREDIT, 1, 1, to_account=99)) == "unknown_account"
        assert refused(lambda: ask(office.li, TRANSFER_CREDIT, 1, 1, to_account=3)) == "account_not_yours"
        assert refused(lambda: ask(office.cashier, TRANSFER_CREDIT, 1, 1)) == "bad_money_act"
        asked = ask(office.cashier, TRANSFER_CREDIT, 1, 11_000, to_account=3)
        decide_money_act(office.manager, asked.id, approve=True)
        assert (balances([1])[1].credit, balances([3])[3].credit, balances([3])[3].owed) == (1_000, 1_000, 0)
        # within a unit nothing is left between units
        asked = ask(office.cashier, TRANSFER_CREDIT, 1, 1_000, to_account=2)
        decide_money_act(office.manager, asked.id, approve=True)
        assert [each.kind for each in payments_of(1)] == [5, 5, 1]
        assert {each.kind for each in payments_of(2)} == {6, 3}
    assert closing(1) == {1001: 22_000, 1122: 9_000, 3001: -11_000}
    assert closing(2) == {1122: 10_000, 2203: -1_000, 3001: 11_000}
    assert broken() == []


def test_a_payment_on_the_wrong_account_is_moved_as_of_its_day() -> None:
    """120.00 paid on account 1 were meant for account 3: 100.00 of account 1 is open again, its credit is gone, and
    account 3 is paid with 20.00 in credit, as of 5 November, though it is found on the 25th after the due day."""
    office = open_office()
    with clock.at(MORNING):
        taken = pay(office.li, office.tills[0], 1, 12_000)
    with clock.at(moment(2026, 11, 25)):
        asked = ask(office.cashier, CORRECT, 1, 12_000, payment_no=taken.payment_no, to_account=3)
        done = decide_money_act(office.manager, asked.id, approve=True)
        assert (owed(1).principal, balances([1])[1].credit) == (10_000, 0)
        assert (owed(3).total, balances([3])[3].credit) == (0, 2_000)
        moved = receipt(3, done.done_no)
        assert (moved.payment.value_on, moved.late_part, moved.payment.method) == (date(2026, 11, 5), 0, 6)
        assert refused(lambda: reverse(SYSTEM, 3, done.done_no, "again")) == "not_reversible"
        again = {"payment_no": taken.payment_no, "to_account": 3}
        assert refused(lambda: ask(office.cashier, CORRECT, 1, 12_000, **again)) == "not_reversible"
        assert session(office.tills[0]).expected == 32_000  # the cash is where it was
    assert closing(1) == {1001: 12_000, 1122: 20_000, 3001: -12_000}
    assert closing(2) == {1122: 10_000, 2203: -2_000, 3001: 12_000}
    assert broken() == []


def test_what_a_payment_pays_is_moved_to_another_bill() -> None:
    """A payment of 100.00 paid October; 40.00 of it were meant for November. Undone afterwards, both are open."""
    office = open_office()
    bill(1, NOVEMBER, 7_000, issued=date(2026, 11, 4), due=date(2026, 12, 20))
    october, november = [OCTOBER, 1, 1], [NOVEMBER, 1, 1]
    with clock.at(MORNING):
        taken = pay(office.li, office.tills[0], 1, 10_000)
        told = {"payment_no": taken.payment_no, "from_item": october, "to_item": november}
        asked = ask(office.cashier, CORRECT, 1, 4_000, **told)
        much = ask(office.cashier, CORRECT, 1, 7_001, **told)
        decide_money_act(office.manager, asked.id, approve=True)
        assert refused(lambda: decide_money_act(office.manager, much.id, approve=True)) == "not_that_much"
        assert [(item.period, item.open) for item in open_items(1)] == [(OCTOBER, 4_000), (NOVEMBER, 3_000)]
        assert [(item.period, item.amount) for item in receipt(1, taken.payment_no).paid] == [
            (OCTOBER, 6_000), (NOVEMBER, 4_000),
        ]  # fmt: skip
        assert broken() == []
        reverse(office.li, 1, taken.payment_no, "all wrong")
        assert [(item.period, item.open) for item in open_items(1)] == [(OCTOBER, 10_000), (NOVEMBER, 7_000)]
    assert broken() == []


def test_a_bad_debt_is_written_off_and_recovered() -> None:
    """100.00 of October are given up; later the customer pays 60.00, which is recovered: 40.00 stay written off."""
    office = open_office()
    item = [OCTOBER, 1, 1]
    with clock.at(MORNING):
        assert refused(lambda: ask(office.li, WRITE_OFF, 1, 10_000, items=[item])) == "over_limit"
        assert refused(lambda: ask(office.cashier, WRITE_OFF, 1, 10_000, items=[])) == "nothing_owed"
        asked = ask(office.cashier, WRITE_OFF, 1, 10_000, items=[item])
        decide_money_act(office.manager, asked.id, approve=True)
        assert (owed(1).total, written_off([1])) == (0, {1: 10_000})
        assert closing(1) == {1122: 10_000, 6702: 10_000}
        assert broken() == []
        assert refused(lambda: reverse_bills_now(1)) == "bill_written_off"
    with clock.at(moment(2026, 12, 9)):
        pay(office.li, office.tills[0], 1, 6_000)
        assert balances([1])[1].credit == 6_000
        much = ask(office.cashier, RECOVER, 1, 10_001)
        assert refused(lambda: decide_money_act(office.manager, much.id, approve=True)) == "not_written_off"
        asked = ask(office.cashier, RECOVER, 1, 6_000)
        decide_money_act(office.manager, asked.id, approve=True)
        assert (written_off([1]), balances([1])[1].credit, owed(1).total) == ({1: 4_000}, 0, 0)
        assert [each.act for each in money_acts_of(1)] == ["recover", "recover", "write_off"]
    assert closing(1, 202612) == {1001: 6_000, 1122: 10_000, 6702: 4_000}
    assert broken() == []


def reverse_bills_now(account: int) -> None:
    from django.db import connection, transaction

    with transaction.atomic():
        reverse_bills(connection.connection, [(account, OCTOBER, 1)])


def test_a_payment_before_the_decision_stops_a_write_off() -> None:
    office = open_office()
    with clock.at(MORNING):
        asked = ask(office.cashier, WRITE_OFF, 1, 10_000, items=[[OCTOBER, 1, 1]])
        pay(office.li, office.tills[0], 1, 1)
        assert refused(lambda: decide_money_act(office.manager, asked.id, approve=True)) == "changed_since"
        assert money_acts_of(1)[0].state == "asked"
    assert (written_off([1]), broken()) == ({}, [])


def test_who_is_no_staff_asks_for_nothing() -> None:
    open_office()
    customer = Actor("customer", "A0000001", "portal", id=1)
    with clock.at(MORNING):
        assert refused(lambda: ask(customer, REFUND, 1, 1)) == "not_allowed"
        assert refused(lambda: ask_money_act(SYSTEM, REFUND, 1, 1, " ", {})) == "reason_missing"
        assert refused(lambda: ask(SYSTEM, "dance", 1, 1)) == "bad_money_act"
        assert refused(lambda: ask(SYSTEM, REFUND, 1, 0)) == "amount_not_positive"
        assert refused(lambda: ask(SYSTEM, REFUND, 99, 1)) == "unknown_account"
        assert refused(lambda: decide_money_act(SYSTEM, 99, approve=True)) == "unknown_money_act"
