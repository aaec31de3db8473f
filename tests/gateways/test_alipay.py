"""Paying by Alipay: the client library on our side, a simulator with its own reading of the protocol on the other."""

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from gridhall.adapters.alipay.gateway import AlipayGateway
from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_simulator.book import PAID, Trade
from gridhall.adapters.gateway_simulator.serving import Simulator
from gridhall.kernel import clock
from gridhall.ledger.public import balances, check
from gridhall.payments import public as payments
from gridhall.payments.ports import Refund
from gridhall.payments.public import notify, order, payments_of, resolve_order, resolve_waiting
from tests.gateways.platform import CASHIER, MANAGER, OWED, Platform, begin, customer_decides, misbehave, refused, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("device", "product"), [("desk", "FAST_INSTANT_TRADE_PAY"), ("phone", "QUICK_WAP_PAY")])
def test_paid_by_page_and_by_phone(alipay: Simulator, platform: Platform, device: str, product: str) -> None:
    begun = begin("alipay", device=device)
    back = customer_decides(alipay, begun)
    assert back.endswith(f"/pay/return?order={begun.order_no}")
    assert until(platform, 1) == [200]
    trade = alipay.service.book.trade(begun.order_no)
    assert trade is not None
    assert trade.more["product"] == product
    done = order(begun.order_no)
    assert (done.state, done.amount) == ("paid", OWED)
    (paid,) = payments_of(1)
    assert (paid.amount, paid.value_on) == (OWED, wire.beijing().date())
    assert balances([1])[1].owed == 0
    assert resolve_order(begun.order_no).absorbed
    assert check() == []


@pytest.mark.parametrize("mode", ["twice", "replay", "late", "out_of_order"])
def test_told_often_late_or_out_of_order_is_booked_once(alipay: Simulator, platform: Platform, mode: str) -> None:
    misbehave(alipay, mode)
    begun = begin("alipay")
    customer_decides(alipay, begun)
    calls = 1 if mode == "late" else 2
    assert until(platform, calls) == [200] * calls
    assert order(begun.order_no).state == "paid"
    assert len(payments_of(1)) == 1
    assert check() == []


@pytest.mark.parametrize("mode", ["tampered", "wrong_amount", "stranger"])
def test_a_bad_call_books_nothing_and_the_question_finds_the_truth(
    alipay: Simulator, platform: Platform, mode: str
) -> None:
    misbehave(alipay, mode)
    begun = begin("alipay")
    customer_decides(alipay, begun)
    assert until(platform, 3) == [400, 400, 400]
    assert payments_of(1) == []
    misbehave(alipay, "well")
    assert resolve_order(begun.order_no).state == "paid"
    assert [each.amount for each in payments_of(1)] == [OWED]


def test_lost_word_is_asked_for(alipay: Simulator, platform: Platform) -> None:
    misbehave(alipay, "lost")
    begun = begin("alipay")
    customer_decides(alipay, begun)
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert [(each.order_no, each.state) for each in resolve_waiting()] == [(begun.order_no, "paid")]
    assert len(payments_of(1)) == 1


def test_a_tampered_or_missing_answer_proves_nothing(alipay: Simulator, platform: Platform) -> None:
    misbehave(alipay, "lost")
    begun = begin("alipay")
    customer_decides(alipay, begun)
    misbehave(alipay, "answer_tampered")
    assert refused(lambda: resolve_order(begun.order_no)) == "tampered"
    misbehave(alipay, "silent")
    assert refused(lambda: resolve_order(begun.order_no)) == "gateway_unreachable"
    assert payments_of(1) == []


def test_left_by_the_customer_and_never_heard_of(alipay: Simulator, platform: Platform) -> None:
    begun = begin("alipay")
    assert AlipayGateway().query(begun.order_no) is None  # nobody has opened the page yet
    customer_decides(alipay, begun, "closed")
    assert until(platform, 1) == [200]
    assert order(begun.order_no).state == "failed"
    assert payments_of(1) == []


def test_the_order_is_signed(alipay: Simulator, platform: Platform) -> None:
    """Nobody pays a fen for a bill: an order that was changed on its way is not shown."""
    begun = begin("alipay")
    assert "86.40" in begun.redirect_url
    answer = httpx.get(begun.redirect_url.replace("86.40", "00.01"), trust_env=False)
    assert "invalid-signature" in answer.text


def test_a_call_signed_for_another_field_set_or_long_ago(alipay: Simulator, platform: Platform) -> None:
    begun = begin("alipay")
    trade = alipay.service.book.place(
        Trade(begun.order_no, OWED, "x", "", "", time.time() + 60, state=PAID, paid_at=time.time())
    )
    good = alipay.service.call_back(trade, "well").body
    fields = {name: values[0] for name, values in parse_qs(good.decode(), keep_blank_values=True).items()}

    def status(body: bytes) -> int:
        return notify("alipay", {}, body).status

    assert status(b"") == 400
    assert status(b"\xff\xfe") == 400
    assert status(urlencode(fields | {"sign_type": "RSA"}).encode()) == 400
    assert status(urlencode(fields | {"sign": "!!"}).encode()) == 400
    assert status(good + b"&total_amount=0.01") == 400  # a second amount beside the signed one
    assert status(urlencode(fields | {"out_trade_no": "1"}).encode()) == 400
    assert payments_of(1) == []
    long_ago = wire.beijing

    def signed_at(hours: int) -> bytes:
        service = alipay.service
        fields["notify_time"] = f"{long_ago() - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"
        plain = {name: value for name, value in fields.items() if name not in ("sign", "sign_type")}
        return urlencode(fields | {"sign": service._sign(plain)}).encode()  # type: ignore[attr-defined]

    assert status(signed_at(27)) == 400
    assert status(signed_at(-1)) == 400
    assert status(signed_at(25)) == 200  # the last call of a day of trying
    assert len(payments_of(1)) == 1


def paid_order(alipay: Simulator, platform: Platform) -> str:
    begun = begin("alipay")
    customer_decides(alipay, begun)
    assert until(platform, 1) == [200]
    return begun.order_no


def test_a_refund_goes_back_once_and_is_booked(alipay: Simulator, platform: Platform) -> None:
    order_no = paid_order(alipay, platform)
    (paid,) = payments_of(1)
    asked = payments.ask_refund(CASHIER, 1, paid.no, "paid twice")
    misbehave(alipay, "refund_lost")
    waiting = payments.decide_refund(MANAGER, asked.refund_no, approve=True)
    assert (waiting.state, waiting.said) == ("approved", "gateway_unreachable")
    misbehave(alipay, "refund_waits")
    assert payments.pursue_refund(asked.refund_no).state == "approved"
    misbehave(alipay, "well")
    assert payments.pursue_refund(asked.refund_no).state == "booked"
    trade = alipay.service.book.trade(order_no)
    assert trade is not None
    assert [each.amount for each in trade.refunds] == [OWED]
    assert balances([1])[1].owed == OWED
    assert check() == []


def test_a_refused_refund_is_the_last_word(alipay: Simulator, platform: Platform) -> None:
    paid_order(alipay, platform)
    (paid,) = payments_of(1)
    asked = payments.ask_refund(CASHIER, 1, paid.no, "paid twice")
    misbehave(alipay, "refund_refused")
    failed = payments.decide_refund(MANAGER, asked.refund_no, approve=True)
    assert failed.state == "failed"
    assert "ACQ.SELLER_BALANCE_NOT_ENOUGH" in failed.said


def test_never_more_goes_back_than_was_paid(alipay: Simulator, platform: Platform) -> None:
    order_no = paid_order(alipay, platform)

    def refund(key: str, amount: int) -> str:
        return AlipayGateway().refund(Refund(key, order_no, amount, "test", OWED)).state

    assert refund("R1", 8_000) == "paid"
    assert refund("R1", 8_000) == "paid"  # the same refund
    assert refund("R2", 641) == "failed"
    assert refund("R3", 640) == "paid"
