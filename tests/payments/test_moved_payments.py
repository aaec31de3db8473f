"""Payments that were moved to the right account, against what still hangs on them: a bank's day, a refund, a cheque.
Amounts in fen."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from gridhall.kernel import clock
from gridhall.ledger.public import balances, check, trial_balance
from gridhall.payments import public as payments
from gridhall.payments.models import GatewayOrder, RefundOrder
from gridhall.payments.partner_models import DayDifference
from gridhall.payments.public import CORRECT, ChequeIn, TheirRow, ask_money_act, decide_money_act, payments_of
from tests.payments.act_town import person
from tests.payments.partner_town import LENIENT, OWED, a_bank, owing_accounts, paid
from tests.payments.test_day_reconciliation import CASHIER, MANAGER, compared
from tests.payments.test_money_acts import refused
from tests.payments.town import SYSTEM, make_accounts

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
HEAD, SECOND = person("cashier", 900), person("manager", 901)


def move(account: int, payment_no: int, amount: int, other: int) -> None:
    told = {"payment_no": payment_no, "to_account": other}
    asked = ask_money_act(HEAD, CORRECT, account, amount, "the wrong account", told)
    if asked.state == "asked":
        decide_money_act(SECOND, asked.id, approve=True)


def credit_and_paid(*accounts: int) -> int:
    """What the books hold for accounts: paid of their debts and in credit, minor units."""
    return sum(balances([each])[each].credit - balances([each])[each].owed for each in accounts)


def test_a_payment_moved_to_the_right_account_is_not_booked_again_by_the_banks_day() -> None:
    numbers, bank = owing_accounts(2), a_bank(LENIENT)
    before = credit_and_paid(1, 2)
    taken = paid(bank, numbers[0], "S1", OWED)
    move(1, taken.receipt.payment_no, OWED, 2)
    day = clock.today()
    with clock.at(clock.now() + DAY):
        made = compared(bank, day, [TheirRow("S1", numbers[0], OWED)])
        assert (made.both_count, made.differences) == (1, 0)
        payments.release_day(MANAGER, made.id)
        assert credit_and_paid(1, 2) == before + OWED
        assert payments.settle_day(CASHIER, made.id, OWED, "T-1").state == "settled"
        rows = {row.code: row.closing for row in trial_balance(0, clock.today().year * 100 + clock.today().month).rows}
        assert (rows[1012], rows[1002]) == (0, OWED)
    assert check() == []


def test_moved_between_the_comparison_and_the_release_it_is_neither_booked_nor_taken_back() -> None:
    numbers, bank = owing_accounts(2), a_bank(LENIENT)
    taken = paid(bank, numbers[0], "S1", OWED)
    day = clock.today()
    with clock.at(clock.now() + DAY):
        missed = compared(bank, day, [])
        move(1, taken.receipt.payment_no, OWED, 2)
        assert payments.release_day(MANAGER, missed.id).open_count == 1
        assert DayDifference.objects.get(serial="S1").said == "bad_act"
        assert len(payments_of(2)) == 1
    assert check() == []


def test_a_payment_whose_refund_is_under_way_is_not_moved_and_a_moved_one_not_refunded() -> None:
    make_accounts(2)
    moment = clock.now()
    order = payments.PaymentIn(8_640, "online:sandbox:1", 1, door=payments.DOOR_PORTAL, method=payments.ONLINE)
    (taken,) = payments.receive(SYSTEM, [order])
    assert isinstance(taken, payments.Receipt)
    GatewayOrder.objects.create(
        order_no="1", gateway="sandbox", account_id=1, amount=8_640, begun_at=moment, expires_at=moment, state="paid",
        payment_no=taken.payment_no, paid_at=moment, paid_on=clock.today(),
    )  # fmt: skip
    refund = payments.ask_refund(HEAD, 1, taken.payment_no, "paid twice").refund_no
    told = {"payment_no": taken.payment_no, "to_account": 2}
    assert refused(lambda: ask_money_act(HEAD, CORRECT, 1, 8_640, "wrong account", told)) == "refund_under_way"
    # asked for at the same moment, so that neither saw the other
    RefundOrder.objects.filter(refund_no=refund).update(state="declined")
    move(1, taken.payment_no, 8_640, 2)
    RefundOrder.objects.filter(refund_no=refund).update(state="asked")
    assert refused(lambda: payments.decide_refund(SECOND, refund, approve=True)) == "already_reversed"
    assert RefundOrder.objects.get(refund_no=refund).state == "asked"
    assert payments.decide_refund(SECOND, refund, approve=False, reason="it was moved").state == "declined"


def test_a_cheque_is_not_moved_before_the_bank_has_paid_it() -> None:
    make_accounts(2)
    till = payments.register_till(SYSTEM, 7, 1, "T1", "Till 1", "一号台")
    li = person("clerk", int(get_user_model().objects.create_user("li").pk), 1)
    session = payments.open_till(li, till, 0).id
    cheque = ChequeIn("中国工商银行", "00112233", "江城五金店", clock.today())
    taken = payments.take_cheque(li, 1, 5_000, "office:1", session, cheque)
    told = {"payment_no": taken.payment_no, "to_account": 2}
    assert refused(lambda: ask_money_act(HEAD, CORRECT, 1, 5_000, "wrong account", told)) == "wrong_cheque_state"
    (held,) = payments.cheques([1], ["held"])
    assert payments.return_cheque(SECOND, held.id, "no cover").state == "returned"
    assert len(payments_of(2)) == 0
    assert check() == []
