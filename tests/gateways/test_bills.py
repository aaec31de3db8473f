"""Alipay's bill of a day against our books: what is compared, released by a second person, and settled."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.conf import LazySettings

from gridhall.adapters.alipay.bill import read_bill
from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_simulator.serving import Simulator
from gridhall.kernel import clock
from gridhall.ledger.public import balances, check, trial_balance
from gridhall.payments import public as payments
from gridhall.payments.models import GatewayOrder
from gridhall.payments.public import order, payments_of, resolve_order
from tests.gateways.platform import CASHIER, MANAGER, OWED, Platform, begin, customer_decides, misbehave, refused, until
from tests.payments.town import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def paid(alipay: Simulator, platform: Platform) -> str:
    begun = begin("alipay")
    customer_decides(alipay, begun)
    assert until(platform, 1)[-1] == 200
    return begun.order_no


def today() -> date:
    return wire.beijing().date()


def closing_balances() -> dict[int, int]:
    """The books of the month at its end, by account."""
    day = clock.today()
    return {row.code: row.closing for row in trial_balance(1, day.year * 100 + day.month).rows}


def bring_in(alipay: Simulator, mode: str = "bill_whole") -> payments.ReconciliationView:
    """The day's bill, which the simulator gives at once where it is told to misbehave."""
    alipay.service.mode = mode
    return payments.reconcile_gateway_day(CASHIER, "alipay", today())


def test_a_day_that_agrees_is_settled_less_the_fee(alipay: Simulator, platform: Platform) -> None:
    paid(alipay, platform)
    assert refused(lambda: payments.reconcile_gateway_day(CASHIER, "alipay", today())) == "bill_not_ready"
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay)
        # 86.40 at 0.6 %: 51 fen are kept
        assert (made.counterparty, made.their_amount, made.their_fee, made.both_amount) == (
            "online:alipay", OWED, 51, OWED,
        )  # fmt: skip
        assert made.differences == 0
        payments.release_day(MANAGER, made.id)
        assert refused(lambda: payments.settle_day(CASHIER, made.id, OWED - 50, "T-1")) == "transfer_differs"
        assert payments.settle_day(CASHIER, made.id, OWED - 51, "T-1").state == "settled"
        closing = closing_balances()
        # 1002 bank: 86.40 - 0.51 = 85.89; 6603 bank charges: 0.51; nothing is in transit any more
        assert (closing[1002], closing[6603], closing[1012]) == (8_589, 51, 0)
    assert check() == []


def test_a_whole_transfer_has_no_charges(alipay: Simulator, platform: Platform) -> None:
    paid(alipay, platform)
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay)
        payments.release_day(MANAGER, made.id)
        payments.settle_day(CASHIER, made.id, OWED, "T-1")
        closing = closing_balances()
        assert (closing[1002], closing.get(6603, 0), closing[1012]) == (OWED, 0, 0)


def test_money_that_nobody_told_us_of_is_booked_from_the_bill(alipay: Simulator, platform: Platform) -> None:
    misbehave(alipay, "lost")
    begun = begin("alipay")
    customer_decides(alipay, begun)
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay)
        _, (difference,) = payments.reconciliation(made.id)
        assert (difference.kind, difference.serial, difference.act) == ("theirs_only", begun.order_no, "book")
        assert payments_of(1) == []
        assert payments.release_day(MANAGER, made.id).open_count == 0
        (booked,) = payments_of(1)
        assert (booked.amount, booked.value_on) == (OWED, today())
        # the word that comes at last is absorbed
        assert resolve_order(begun.order_no).absorbed
        assert len(payments_of(1)) == 1
    assert check() == []


def test_a_payment_that_the_bill_lacks_is_taken_back_and_booked_afresh_if_it_comes(
    alipay: Simulator, platform: Platform
) -> None:
    order_no = paid(alipay, platform)
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay, "bill_gap")
        _, (difference,) = payments.reconciliation(made.id)
        assert (difference.kind, difference.act) == ("ours_only", "reverse")
        payments.release_day(MANAGER, made.id)
        assert balances([1])[1].owed == OWED
        assert order(order_no).state == "failed"
        misbehave(alipay, "well")
        assert resolve_order(order_no).state == "paid"  # Alipay had it after all
        assert balances([1])[1].owed == 0
        assert resolve_order(order_no).absorbed
    assert check() == []


def test_another_amount_is_corrected(alipay: Simulator, platform: Platform) -> None:
    paid(alipay, platform)
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay, "bill_differs")
        _, (difference,) = payments.reconciliation(made.id)
        assert (difference.kind, difference.their_amount, difference.our_amount) == ("amount_differs", OWED - 1, OWED)
        payments.release_day(MANAGER, made.id)
        assert balances([1])[1].owed == 1
        payments.settle_day(CASHIER, made.id, OWED - 1 - 51, "T-1")
    assert check() == []


def test_a_payment_of_another_day_is_counted_on_the_bills(alipay: Simulator, platform: Platform) -> None:
    """Paid at 23:59:59 there, booked at 00:00:03 here without their time."""
    order_no = paid(alipay, platform)
    GatewayOrder.objects.update(paid_on=today() + DAY)
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay)
        _, (difference,) = payments.reconciliation(made.id)
        assert (difference.kind, difference.act) == ("other_day", "move")
        payments.release_day(MANAGER, made.id)
        assert GatewayOrder.objects.get(order_no=order_no).paid_on == today()
        assert payments.settle_day(CASHIER, made.id, OWED, "T-1").state == "settled"
    assert check() == []


def test_a_refund_is_a_row_of_its_own_below_zero(alipay: Simulator, platform: Platform) -> None:
    paid(alipay, platform)
    (payment,) = payments_of(1)
    asked = payments.ask_refund(CASHIER, 1, payment.no, "paid twice")
    assert payments.decide_refund(MANAGER, asked.refund_no, approve=True).state == "booked"
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay)
        assert (made.their_count, made.their_amount, made.both_count, made.differences) == (2, 0, 2, 0)
        payments.release_day(MANAGER, made.id)
        assert payments.settle_day(CASHIER, made.id, 0, "T-1").state == "settled"
    assert check() == []


def test_a_refund_of_which_only_the_bill_tells_is_booked(alipay: Simulator, platform: Platform) -> None:
    """One was made in Alipay's own console, of the whole; a part of one must be settled by hand."""
    order_no = paid(alipay, platform)
    alipay.service.book.refund(order_no, "CONSOLE1", OWED)
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay)
        _, (difference,) = payments.reconciliation(made.id)
        assert (difference.serial, difference.kind, difference.their_amount) == ("CONSOLE1", "theirs_only", -OWED)
        assert payments.release_day(MANAGER, made.id).open_count == 0
        assert balances([1])[1].owed == OWED
    assert check() == []


def test_a_part_given_back_at_the_console_stays_open(alipay: Simulator, platform: Platform) -> None:
    order_no = paid(alipay, platform)
    alipay.service.book.refund(order_no, "CONSOLE1", 100)
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay)
        payments.release_day(MANAGER, made.id)
        _, (difference,) = payments.reconciliation(made.id)
        assert (difference.state, difference.said) == ("open", "part_refunded")


def test_an_order_that_is_not_ours_is_left_to_ask_about(alipay: Simulator, platform: Platform) -> None:
    order_no = paid(alipay, platform)
    GatewayOrder.objects.filter(order_no=order_no).update(gateway="another")
    with clock.at(clock.now() + DAY):
        made = bring_in(alipay)
        _, (difference,) = payments.reconciliation(made.id)
        assert (difference.kind, difference.act) == ("theirs_only", "leave")


def altered(data: bytes, old: str, new: str) -> bytes:
    """The bill with one text in its details replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        texts = {each.filename: packed.read(each).decode("gb18030") for each in packed.infolist()}
    assert any(old in text for text in texts.values())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, text in texts.items():
            packed.writestr(name, text.replace(old, new).encode("gb18030"))
    return made.getvalue()


def test_a_file_that_is_cut_short_or_changed_is_refused(alipay: Simulator, platform: Platform) -> None:
    order_no = paid(alipay, platform)
    alipay.service.mode = "bill_whole"
    from gridhall.adapters.alipay.gateway import AlipayGateway

    data = AlipayGateway().fetch_bill(today())
    (row,) = read_bill(data, today())
    assert (row.serial, row.order_no, row.amount, row.fee) == (order_no, order_no, OWED, 51)

    def code(old: str, new: str) -> str:
        return refused(lambda: read_bill(altered(data, old, new), today()))

    assert refused(lambda: read_bill(data[: len(data) // 2], today())) == "bad_day_file"
    assert refused(lambda: read_bill(b"", today())) == "bad_day_file"
    assert refused(lambda: read_bill(data, today() - DAY)) == "day_file_other"
    assert code("86.40,86.40", "86.41,86.41") == "day_file_altered"
    assert code("#交易合计：1笔", "#交易合计：2笔") == "day_file_altered"
    assert code("#退款合计", "#x") == "day_file_altered"
    assert code("86.40,86.40", "86.4O,86.40") == "bad_day_file"
    assert code("订单金额（元）", "金额") == "bad_day_file"
    assert code(",交易\t", ",转账\t") == "bad_day_file"
    assert code("支付宝业务明细查询", "支付宝") == "bad_day_file"
    misbehave(alipay, "bill_broken")
    assert refused(lambda: payments.reconcile_gateway_day(CASHIER, "alipay", today() - DAY)) == "bad_day_file"


def test_who_may_and_which_gateways(alipay: Simulator, platform: Platform, settings: LazySettings) -> None:
    from tests.payments.town import clerk

    settings.PAYMENT_GATEWAYS = settings.PAYMENT_GATEWAYS | {
        "sandbox": "gridhall.adapters.sandbox_bank.gateway.SandboxGateway"
    }
    day = today() - DAY
    assert refused(lambda: payments.reconcile_gateway_day(SYSTEM, "sandbox", day)) == "no_bills"
    assert refused(lambda: payments.reconcile_gateway_day(SYSTEM, "nobody", day)) == "unknown_gateway"
    assert refused(lambda: payments.reconcile_gateway_day(clerk(3), "alipay", day)) == "not_allowed"
    # a gateway's money is of all units: whoever sees a few only does not see it
    few = clerk(4, "tills.all", "refunds.approve", units=(1,))
    assert refused(lambda: payments.reconcile_gateway_day(few, "alipay", day)) == "unknown_partner"
