"""Paying by card: Stripe's client library on our side, a simulator of its own on the other."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from gridhall.adapters.gateway_simulator.serving import Simulator
from gridhall.adapters.stripe_card.bill import read_bill
from gridhall.adapters.stripe_card.gateway import StripeGateway
from gridhall.adapters.stripe_card.simulator import StripeService
from gridhall.kernel import clock
from gridhall.ledger.public import balances, check
from gridhall.payments import public as payments
from gridhall.payments.models import GatewayOrder
from gridhall.payments.ports import Refund
from gridhall.payments.public import notify, order, payments_of, resolve_order
from tests.gateways.platform import (
    CASHIER,
    CUSTOMER,
    MANAGER,
    OWED,
    Platform,
    begin,
    customer_decides,
    misbehave,
    refused,
    until,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_paid_on_its_page(stripe: Simulator, platform: Platform) -> None:
    begun = begin("stripe")
    customer_decides(stripe, begun)
    assert until(platform, 1) == [200]
    assert order(begun.order_no).state == "paid"
    assert len(payments_of(1)) == 1
    assert balances([1])[1].owed == 0
    assert resolve_order(begun.order_no).absorbed
    assert check() == []


@pytest.mark.parametrize("mode", ["twice", "replay", "late", "out_of_order"])
def test_told_often_late_or_out_of_order_is_booked_once(stripe: Simulator, platform: Platform, mode: str) -> None:
    misbehave(stripe, mode)
    begun = begin("stripe")
    customer_decides(stripe, begun)
    calls = 1 if mode == "late" else 2
    assert until(platform, calls) == [200] * calls
    assert order(begun.order_no).state == "paid"
    assert len(payments_of(1)) == 1


@pytest.mark.parametrize("mode", ["tampered", "wrong_amount", "stranger"])
def test_a_bad_call_books_nothing_and_the_question_finds_the_truth(
    stripe: Simulator, platform: Platform, mode: str
) -> None:
    misbehave(stripe, mode)
    begun = begin("stripe")
    customer_decides(stripe, begun)
    assert until(platform, 3) == [400, 400, 400]
    assert payments_of(1) == []
    misbehave(stripe, "silent")
    assert refused(lambda: resolve_order(begun.order_no)) == "gateway_unreachable"
    misbehave(stripe, "well")
    assert resolve_order(begun.order_no).state == "paid"
    assert [each.amount for each in payments_of(1)] == [OWED]


def test_left_by_the_customer_and_old_calls(stripe: Simulator, platform: Platform) -> None:
    begun = begin("stripe")
    customer_decides(stripe, begun, "closed")
    assert until(platform, 1) == [200]
    assert order(begun.order_no).state == "failed"
    service = stripe.service
    assert isinstance(service, StripeService)
    body = b'{"type": "payment_intent.created", "created": 1, "data": {"object": {}}}'
    assert notify("stripe", service.signed(body), body).status == 400  # nothing that we asked to be told
    assert notify("stripe", service.signed(body, at=time.time() - 301), body).status == 400
    assert notify("stripe", {}, body).status == 400


def test_another_currency_is_not_our_money(stripe: Simulator, platform: Platform) -> None:
    begun = begin("stripe")
    service = stripe.service
    assert isinstance(service, StripeService)
    trade, _ = service.book.decide(begun.order_no, "paid")
    assert trade is not None
    body = service.call_back(trade, "well").body.replace(b'"cny"', b'"jpy"')
    assert notify("stripe", service.signed(body), body).status == 400
    assert payments_of(1) == []


def test_a_refund_goes_back_once_even_after_its_key_is_forgotten(stripe: Simulator, platform: Platform) -> None:
    begun = begin("stripe")
    customer_decides(stripe, begun)
    until(platform, 1)
    asked = payments.ask_refund(CASHIER, 1, payments_of(1)[0].no, "paid twice")
    misbehave(stripe, "refund_lost")
    waiting = payments.decide_refund(MANAGER, asked.refund_no, approve=True)
    assert (waiting.state, waiting.said) == ("approved", "gateway_unreachable")
    misbehave(stripe, "refund_waits")
    assert payments.pursue_refund(asked.refund_no).said == "pending"
    misbehave(stripe, "well")
    assert payments.pursue_refund(asked.refund_no).state == "booked"
    trade = stripe.service.book.trade(begun.order_no)
    assert trade is not None
    assert [each.amount for each in trade.refunds] == [OWED]
    reference = f"cs_test_{begun.order_no}"
    more = StripeGateway().refund(Refund("R9", begun.order_no, 1, "more", OWED, reference))
    assert (more.state, more.why) == ("failed", "amount_too_large amount too large")
    assert check() == []


def test_its_movements_are_compared_and_settled(stripe: Simulator, platform: Platform) -> None:
    begun = begin("stripe")
    customer_decides(stripe, begun)
    until(platform, 1)
    day = datetime.now(UTC).date()  # noqa: TID251  # Stripe's day is that of the world's clock
    with clock.at(clock.now() + timedelta(days=2)):
        made = payments.reconcile_gateway_day(CASHIER, "stripe", day)
        # 86.40 at 2.9 %: 250 are kept
        assert (made.their_count, made.their_amount, made.their_fee, made.differences) == (1, OWED, 250, 0)
        payments.release_day(MANAGER, made.id)
        assert payments.settle_day(CASHIER, made.id, OWED - 250, "po_1").state == "settled"
    assert check() == []


def test_movements_that_cannot_be_read_are_refused() -> None:
    day = datetime(2026, 11, 24, tzinfo=UTC)
    good = {
        "type": "charge", "amount": 100, "fee": 3, "created": int(day.timestamp()),
        "source": {"id": "ch_1", "metadata": {"order_no": "A"}},
    }  # fmt: skip

    def code(*rows: object) -> str:
        return refused(lambda: read_bill(json.dumps(rows).encode(), day.date()))

    assert [each.serial for each in read_bill(json.dumps([good]).encode(), day.date())] == ["A"]
    assert code(good, good) == "day_file_double"
    assert code({**good, "created": good["created"] - 1}) == "day_file_other"  # type: ignore[operator]
    assert code({**good, "amount": 1.5}) == "bad_day_file"
    assert code({**good, "amount": -100}) == "bad_day_file"
    assert code({**good, "source": None}) == "bad_day_file"
    assert code(1) == "bad_day_file"
    assert refused(lambda: read_bill(b"{", day.date())) == "bad_day_file"
    assert refused(lambda: read_bill(b"{}", day.date())) == "bad_day_file"


def test_an_order_that_stripe_does_not_know_keeps_no_other_from_being_asked_about(
    stripe: Simulator, platform: Platform
) -> None:
    """Stripe's no to one question was once raised through the work of all orders: money of the others waited."""
    misbehave(stripe, "lost")
    begun = begin("stripe")
    customer_decides(stripe, begun)
    stranger = payments.begin_online(CUSTOMER, 1, OWED, gateway_name="stripe")
    GatewayOrder.objects.filter(order_no=stranger.order_no).update(reference="cs_test_unknown")
    outcomes = {each.order_no: each.state for each in payments.resolve_waiting(timedelta(0))}
    assert outcomes == {begun.order_no: "paid", stranger.order_no: "begun"}
    assert StripeGateway().query(stranger.order_no, "cs_test_unknown") is None
    lost = Refund("R1", stranger.order_no, OWED, "why", OWED, "cs_test_unknown")
    assert refused(lambda: StripeGateway().refund(lost)) == "gateway_unreachable"
    assert [each.amount for each in payments_of(1)] == [OWED]
