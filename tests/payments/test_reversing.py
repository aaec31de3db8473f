"""Stories of payments undone, bills cancelled after they were paid, and credit set off. Amounts in fen."""

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, owed, reverse_bills, trial_balance
from gridhall.payments.public import (
    CARD,
    DOOR_COUNTER,
    DOOR_FILE,
    DOOR_PORTAL,
    PaymentIn,
    Receipt,
    payments_of,
    receipt,
    receive,
    reverse,
    set_off_credit,
)
from tests.payments.town import SYSTEM, bill, clerk, make_accounts, moment, partner

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = 202610, 202611


def pay(account: int, amount: int, key: str = "api:test:1", **more: Any) -> Receipt:
    answer = receive(SYSTEM, [PaymentIn(amount=amount, key=key, account_id=account, **more)])[0]
    assert isinstance(answer, Receipt), answer
    return answer


def cancel(account: int, period: int, seq: int = 1) -> list[int]:
    with transaction.atomic():
        return list(reverse_bills(connection.connection, [(account, period, seq)]).tolist())


def refusal_code(*args: Any, actor: Actor = SYSTEM, **more: Any) -> str:
    with pytest.raises(Refusal) as caught:
        reverse(actor, *args, **more)
    return caught.value.code


def test_reversing_opens_the_bill_again_and_takes_its_late_charge_back() -> None:
    """168.00 due 25 March, paid with 2.52 late charge on 9 April, reversed the same day: everything as before."""
    make_accounts(1)
    bill(1, 202602, 16_800, issued=date(2026, 3, 2), due=date(2026, 3, 25))
    with clock.at(moment(2026, 4, 9)):
        before = owed(1)
        paid = pay(1, 17_052)
        assert owed(1).total == 0
        undone = reverse(SYSTEM, 1, paid.payment_no, "paid for the neighbour")
        assert owed(1) == before
        assert (undone.kind, undone.amount, undone.reverses, undone.left_owed) == (2, 17_052, paid.payment_no, 16_800)
        assert check() == []
        books = {row.code: (row.debit, row.credit) for row in trial_balance(1, 202604).rows}
        assert books[1012] == (17_052, 17_052)
        assert books[6051] == (252, 252)
        # and it can be paid again: the late charge takes the next number
        again = pay(1, 17_052, key="again")
    assert [item.seq for item in again.paid] == [1002, 1]
    assert check() == []
    assert [row.reversed_by > 0 for row in payments_of(1)] == [False, False, True]


def test_reversing_takes_credit_back_only_while_it_is_there() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        first = pay(1, 3_000, key="a")
        second = pay(1, 2_000, key="b")
        assert balances([1])[1].credit == 5_000
        reverse(SYSTEM, 1, second.payment_no, "twice")
        assert balances([1])[1].credit == 3_000
        posted = bill(1, OCTOBER, 2_500, issued=date(2026, 11, 5), due=date(2026, 11, 20))
        assert set_off_credit(SYSTEM, posted.to_set_off) == 2_500
        assert refusal_code(1, first.payment_no, "too late") == "credit_used"
    assert balances([1])[1].credit == 500
    assert check() == []


def test_reversing_one_of_two_payments_of_a_day() -> None:
    """Two people pay the same overdue bill; the first is undone. The second stands, and so does the late charge."""
    make_accounts(1)
    bill(1, 202602, 10_000, issued=date(2026, 3, 2), due=date(2026, 3, 25))
    with clock.at(moment(2026, 4, 4)):
        # 10 d × 0.1 % × 100.00 = 1.00: of 60.50, 1.00 and 59.50; of 40.50 the rest
        first = pay(1, 6_050, key="a")
        second = pay(1, 4_050, key="b")
        assert second.left_owed == 0
        reverse(SYSTEM, 1, first.payment_no, "wrong account")
        # the 1.00 stays: it arose on 100.00, of which 40.50 were paid as late as the rest
        assert (owed(1).principal, owed(1).late) == (5_950, 100)
        assert check() == []
    with clock.at(moment(2026, 4, 5)):
        # one day more on 59.50: 0.06
        assert owed(1).late == 106


def test_what_cannot_be_reversed() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        paid = pay(1, 3_000)
        assert refusal_code(1, paid.payment_no, " ") == "reason_missing"
        assert refusal_code(1, 999_999_999, "x") == "unknown_payment"
        undone = reverse(SYSTEM, 1, paid.payment_no, "once")
        assert refusal_code(1, paid.payment_no, "twice") == "already_reversed"
        assert refusal_code(1, undone.no, "undo the undoing") == "not_reversible"
        other = pay(1, 1_000, key="b")
    with clock.at(moment(2026, 11, 6)):
        assert refusal_code(1, other.payment_no, "a day late") == "not_today"
    assert check() == []


def test_a_replay_after_a_reversal_is_still_the_first_answer() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        first = pay(1, 3_000)
        reverse(SYSTEM, 1, first.payment_no, "wrong account")
        again = pay(1, 3_000)
    assert again.replayed
    assert again.payment_no == first.payment_no
    assert balances([1])[1].credit == 0


def test_cancelling_an_unpaid_bill_leaves_no_trace_in_what_is_owed() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        bill(1, OCTOBER, 8_000, issued=date(2026, 11, 5), due=date(2026, 11, 20), by_class={1: 7_000, 3: 1_000})
        assert cancel(1, OCTOBER) == []
        assert owed(1).total == 0
        with pytest.raises(Refusal, match="cancelled already"):
            cancel(1, OCTOBER)
        books = {row.code: (row.debit, row.credit) for row in trial_balance(1, NOVEMBER).rows}
    assert books[1122] == (8_000, 8_000)
    assert books[6001] == (7_000, 7_000)
    assert check() == []


def test_cancelling_a_paid_bill_gives_its_money_to_the_next_one() -> None:
    """A bill of 80.00 was paid 10 days late with 1.00; it was wrong. 81.00 become credit and pay the right one."""
    make_accounts(1)
    bill(1, 202602, 8_000, issued=date(2026, 3, 2), due=date(2026, 3, 25))
    with clock.at(moment(2026, 4, 4)):
        paid = pay(1, 8_100)
        cancel(1, 202602)
        assert (balances([1])[1].owed, balances([1])[1].credit) == (0, 8_100)
        assert check() == []
        posted = bill(1, 202602, 6_000, seq=2, issued=date(2026, 4, 4), due=date(2026, 4, 19))
        assert posted.to_set_off.tolist() == [1]
        assert set_off_credit(SYSTEM, posted.to_set_off) == 6_000
        assert (balances([1])[1].owed, balances([1])[1].credit) == (0, 2_100)
        assert check() == []
        assert [(view.kind, view.amount) for view in payments_of(1)] == [(3, 6_000), (1, 8_100)]
        assert receipt(1, paid.payment_no).late_part == 100
        # the money has moved on, so the payment cannot simply be undone
        assert refusal_code(1, paid.payment_no, "x") == "credit_used"


def test_reversing_a_payment_whose_bill_was_cancelled_takes_the_credit() -> None:
    make_accounts(1)
    bill(1, OCTOBER, 8_000, issued=date(2026, 11, 2), due=date(2026, 11, 20))
    with clock.at(moment(2026, 11, 5)):
        paid = pay(1, 8_000)
        cancel(1, OCTOBER)
        undone = reverse(SYSTEM, 1, paid.payment_no, "paid by mistake")
    assert undone.to_credit == 8_000
    assert (balances([1])[1].owed, balances([1])[1].credit) == (0, 0)
    assert check() == []


def test_a_bill_that_gives_money_back_is_credit_and_pays_what_is_open() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        bill(1, 202609, 5_000, issued=date(2026, 10, 2), due=date(2026, 11, 20))
        back = {1: -3_500, 4: 500}
        posted = bill(1, OCTOBER, -3_000, issued=date(2026, 11, 2), due=date(2026, 11, 20), by_class=back)
        assert (posted.items, posted.movements) == (0, 2)
        assert set_off_credit(SYSTEM, posted.to_set_off) == 3_000
        assert owed(1).total == 2_000
    assert check() == []


def test_cancelling_a_credit_bill_whose_credit_was_used_makes_a_debt() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        bill(1, 202609, 1_000, issued=date(2026, 10, 2), due=date(2026, 11, 20))
        posted = bill(1, OCTOBER, -3_000, issued=date(2026, 11, 2), due=date(2026, 11, 20))
        set_off_credit(SYSTEM, posted.to_set_off)
        cancel(1, OCTOBER)
        # 30.00 were given, 10.00 used: 20.00 are taken back, 10.00 are owed as an item of their own
        assert [(item.kind, item.open) for item in owed(1).items] == [(3, 1_000)]
        assert balances([1])[1].credit == 0
        assert check() == []
        assert pay(1, 1_000).left_owed == 0
    assert check() == []


def test_money_goes_back_only_the_way_it_came() -> None:
    """What was paid online needs the bank's refund; staff undo what came over a counter, a partner its own."""
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        online = pay(1, 100, key="portal:1", door=DOOR_PORTAL).payment_no
        file = pay(1, 200, key="file:1", door=DOOR_FILE).payment_no
        brought = pay(1, 300, key="api:7:1").payment_no
        card = pay(1, 400, key="card", door=DOOR_COUNTER, method=CARD).payment_no
        for actor in (SYSTEM, clerk(3), partner(7)):
            assert refusal_code(1, online, "x", actor=actor) == "refund_needed"
        for payment in (file, brought):
            assert refusal_code(1, payment, "x", actor=clerk(3)) == "another_door"
        assert refusal_code(1, card, "x", actor=clerk(3, units=(2,))) == "another_door"
        for payment in (file, card):
            assert refusal_code(1, payment, "x", actor=partner(7)) == "another_door"
        # 70 is not 7
        assert refusal_code(1, brought, "x", actor=partner(70)) == "another_door"
        assert reverse(partner(7), 1, brought, "twice at the teller").amount == 300
        assert reverse(clerk(3), 1, card, "wrong account").amount == 400
    assert balances([1])[1].credit == 300
    assert check() == []
