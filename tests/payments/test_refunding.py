"""Refunds of online payments at the sandbox bank, in its good and its bad manners. Amounts in fen."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from gridhall.adapters.sandbox_bank.server import BankServer
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, close_period, owed
from gridhall.payments.models import RefundOrder
from gridhall.payments.public import (
    PaymentIn,
    Receipt,
    RefundView,
    ask_refund,
    begin_online,
    decide_refund,
    payments_of,
    pursue_refund,
    pursue_refunds,
    receive,
    refunds,
    reverse,
    set_off_credit,
)
from tests.payments import test_online
from tests.payments.test_online import CUSTOMER, Platform, customer_pays, misbehave, until
from tests.payments.town import SYSTEM, bill, clerk, make_accounts

pytestmark = pytest.mark.django_db(transaction=True)

platform, bank = test_online.platform, test_online.bank
ASKS, DECIDES = clerk(1), clerk(2, "refunds.approve")


def paid_online(bank: BankServer, platform: Platform) -> int:
    """A bill of 86.40, paid at the bank: the number of the payment."""
    misbehave(bank, "well")
    make_accounts(1)
    bill(1, 202610, 8_640, issued=clock.today(), due=clock.today() + timedelta(days=15))
    begun = begin_online(CUSTOMER, 1, 8_640)
    customer_pays(begun)
    until(platform, 1)
    return payments_of(1)[0].no


def refunded(bank: BankServer, order_no: str) -> int:
    """What the bank has given back for an order."""
    found = bank.bank.order(order_no)
    assert found is not None
    return int(found["refunded"])


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def approved(bank: BankServer, platform: Platform, mode: str) -> RefundView:
    payment_no = paid_online(bank, platform)
    misbehave(bank, mode)
    asked = ask_refund(ASKS, 1, payment_no, "paid twice")
    return decide_refund(DECIDES, asked.refund_no, approve=True)


def test_asked_approved_given_back_booked(bank: BankServer, platform: Platform) -> None:
    payment_no = paid_online(bank, platform)
    assert code(lambda: reverse(SYSTEM, 1, payment_no, "x")) == "refund_needed"
    asked = ask_refund(ASKS, 1, payment_no, "paid twice")
    assert (asked.state, asked.amount) == ("asked", 8_640)
    assert (refunded(bank, asked.order_no), balances([1])[1].owed) == (0, 0)
    done = decide_refund(DECIDES, asked.refund_no, approve=True)
    assert (done.state, done.decided_by_name) == ("booked", "clerk2")
    assert refunded(bank, asked.order_no) == 8_640
    assert owed(1).total == 8_640  # the bill is open again
    back, first = payments_of(1)
    assert (back.kind, back.amount, back.reverses, back.no) == (2, 8_640, payment_no, done.reversal_no)
    assert first.reversed_by == back.no
    assert check() == []
    assert pursue_refund(asked.refund_no).state == "booked"
    assert pursue_refunds() == []
    assert code(lambda: ask_refund(ASKS, 1, payment_no, "again")) == "already_reversed"


def test_a_second_person_decides(bank: BankServer, platform: Platform) -> None:
    payment_no = paid_online(bank, platform)
    both = clerk(1, "refunds.approve")
    asked = ask_refund(both, 1, payment_no, "paid twice").refund_no
    assert code(lambda: ask_refund(clerk(3), 1, payment_no, "me too")) == "refund_under_way"
    assert code(lambda: decide_refund(both, asked, approve=True)) == "second_person_needed"
    assert code(lambda: decide_refund(clerk(3), asked, approve=True)) == "not_allowed"
    assert code(lambda: decide_refund(clerk(3, "refunds.approve", units=(2,)), asked, approve=True)) == "unknown_refund"
    assert code(lambda: decide_refund(DECIDES, asked, approve=False)) == "reason_missing"
    assert decide_refund(DECIDES, asked, approve=False, reason="it was right").state == "declined"
    assert code(lambda: decide_refund(DECIDES, asked, approve=True)) == "wrong_refund_state"
    assert len(payments_of(1)) == 1
    assert check() == []
    # declined is not for ever
    again = ask_refund(ASKS, 1, payment_no, "it was not")
    assert [each.state for each in refunds([1])] == ["asked", "declined"]
    assert decide_refund(DECIDES, again.refund_no, approve=True).state == "booked"


def test_an_answer_that_never_comes_is_asked_for_again(bank: BankServer, platform: Platform) -> None:
    """The bank gave the money back and fell silent: nothing is booked until it is heard, and it gives back once."""
    waiting = approved(bank, platform, "refund_lost")
    assert (waiting.state, waiting.said, waiting.tries) == ("approved", "gateway_unreachable", 1)
    assert refunded(bank, waiting.order_no) == 8_640
    assert len(payments_of(1)) == 1
    assert check() == []
    assert pursue_refunds() == []  # too soon
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert [each.state for each in pursue_refunds()] == ["approved"]
    misbehave(bank, "well")
    with clock.at(clock.now() + timedelta(minutes=30)):
        assert [each.state for each in pursue_refunds()] == ["booked"]
    assert refunded(bank, waiting.order_no) == 8_640
    assert [each.kind for each in payments_of(1)] == [2, 1]
    assert check() == []


@pytest.mark.parametrize(
    ("mode", "said"),
    [("refund_tampered", "tampered"), ("refund_wrong_amount", "wrong_amount"), ("refund_late", "waiting")],
)
def test_only_a_signed_yes_is_booked(bank: BankServer, platform: Platform, mode: str, said: str) -> None:
    waiting = approved(bank, platform, mode)
    assert (waiting.state, waiting.said) == ("approved", said)
    assert len(payments_of(1)) == 1
    misbehave(bank, "well")
    assert pursue_refund(waiting.refund_no).state == "booked"
    assert refunded(bank, waiting.order_no) == 8_640
    assert check() == []


def test_the_banks_no_ends_it(bank: BankServer, platform: Platform) -> None:
    done = approved(bank, platform, "refund_refused")
    assert done.state == "failed"
    assert (len(payments_of(1)), refunded(bank, done.order_no)) == (1, 0)
    misbehave(bank, "well")
    assert pursue_refund(done.refund_no).state == "failed"
    assert check() == []
    # another try is another refund
    again = ask_refund(ASKS, 1, done.payment_no, "ask once more")
    assert decide_refund(DECIDES, again.refund_no, approve=True).state == "booked"


def test_killed_between_the_banks_yes_and_the_books(bank: BankServer, platform: Platform) -> None:
    done = approved(bank, platform, "refund_lost")
    RefundOrder.objects.update(state="confirmed")
    with clock.at(clock.now() + timedelta(hours=2)):
        assert [each.state for each in pursue_refunds()] == ["booked"]
        assert pursue_refund(done.refund_no).state == "booked"
    assert [each.kind for each in payments_of(1)] == [2, 1]
    assert check() == []


def test_what_the_books_refuse_waits_and_says_why(bank: BankServer, platform: Platform) -> None:
    """The bank gave the money back on a day whose month was closed since: booked in the first month that is open."""
    done = approved(bank, platform, "refund_lost")
    RefundOrder.objects.update(state="confirmed")
    today = clock.today()
    next_month = clock.now() + timedelta(days=32)
    with clock.at(next_month):
        close_period(SYSTEM, 1, today.year * 100 + today.month)
    waits = pursue_refund(done.refund_no)
    assert (waits.state, waits.said, waits.tries) == ("confirmed", "period_closed", done.tries + 1)
    assert [each.kind for each in payments_of(1)] == [1]
    with clock.at(next_month):
        assert [each.state for each in pursue_refunds()] == ["booked"]
    assert [each.kind for each in payments_of(1)] == [2, 1]
    assert check() == []


def test_credit_that_was_used_meanwhile_is_owed(bank: BankServer, platform: Platform) -> None:
    """86.40 + 10.00 were paid online; the 10.00 in credit then paid the next bill of 25.00. The refund gives all back:
    the old bill is open again (86.40), 15.00 of the new one are left, and the 10.00 are owed as an item."""
    make_accounts(1)
    today = clock.today()
    later = today + timedelta(days=15)
    bill(1, 202610, 8_640, issued=today, due=later)
    begun = begin_online(CUSTOMER, 1, 9_640)
    bank.bank.place(
        {
            "order_no": begun.order_no, "amount": 9_640, "currency": "CNY", "subject": "", "return_url": "",
            "notify_url": f"http://127.0.0.1:{platform.server_address[1]}/", "language": "en", "valid_until": 1 << 40,
        }
    )  # fmt: skip
    bank.bank.decide(begun.order_no, "paid")
    until(platform, 1)
    bill(1, 202611, 2_500, issued=today, due=later)
    set_off_credit(SYSTEM, [1])
    assert owed(1).total == 1_500
    (payment_no,) = [each.no for each in payments_of(1) if each.kind == 1]
    asked = ask_refund(ASKS, 1, payment_no, "wrong account")
    assert decide_refund(DECIDES, asked.refund_no, approve=True).state == "booked"
    assert sorted((item.kind, item.open) for item in owed(1).items) == [(1, 1_500), (1, 8_640), (3, 1_000)]
    assert (balances([1])[1].owed, balances([1])[1].credit) == (11_140, 0)
    assert check() == []


def test_what_no_gateway_brought_is_not_refunded(bank: BankServer, platform: Platform) -> None:
    payment_no = paid_online(bank, platform)
    assert code(lambda: ask_refund(ASKS, 1, 999, "x")) == "unknown_payment"
    assert code(lambda: ask_refund(clerk(1, units=(2,)), 1, payment_no, "x")) == "unknown_payment"
    assert code(lambda: ask_refund(ASKS, 1, payment_no, " ")) == "reason_missing"
    (other,) = receive(SYSTEM, [PaymentIn(100, "api:1", 1)])
    assert isinstance(other, Receipt)
    assert code(lambda: ask_refund(ASKS, 1, other.payment_no, "x")) == "not_online"
