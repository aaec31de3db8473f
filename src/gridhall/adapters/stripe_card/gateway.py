"""Stripe Checkout as a payment gateway. Card numbers never come to us: the customer types them on Stripe's page."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import stripe
from django.conf import settings

from gridhall.adapters.gateway_setup import files
from gridhall.adapters.gateway_setup.refusing import refused
from gridhall.adapters.stripe_card.bill import read_bill
from gridhall.payments.ports import (
    FAILED,
    PAID,
    WAITING,
    Begun,
    BillRow,
    Notice,
    Order,
    Refund,
    RefundNotice,
)

NEEDS = files.Needs(
    "stripe", required=(), optional={"address": "https://api.stripe.com"},
    keys={"secret_key.txt": files.SECRET, "webhook_secret.txt": files.SECRET},
)  # fmt: skip
AGE_MOST_S = 300  # Stripe signs a call-back anew each time that it calls
ANSWER_WITHIN_S = 8
LIFE_LEAST = timedelta(minutes=31)  # Stripe takes no session that ends within half an hour
PAGE = 100
REFUND_STATES = {
    "succeeded": PAID, "pending": WAITING, "requires_action": WAITING, "failed": FAILED, "canceled": FAILED,
}  # fmt: skip

Said = TypeVar("Said")


class StripeGateway:
    """Questions go over TLS under our secret key; call-backs are signed under the secret of the endpoint (HMAC)."""

    def begin(self, order: Order) -> Begun:
        client = _client()
        name = f"电费 {order.subject}" if order.language == "zh" else f"Electricity {order.subject}"
        # Stripe's clock is the world's, also where ours is set to another day
        ends = int(time.time() + max(order.expires_at - order.begun_at, LIFE_LEAST).total_seconds())
        made = _ask(lambda: client.v1.checkout.sessions.create(
            {
                "mode": "payment", "client_reference_id": order.order_no, "success_url": order.return_url,
                "cancel_url": order.return_url, "locale": "zh" if order.language == "zh" else "en",
                "expires_at": ends,
                "line_items": [{
                    "quantity": 1,
                    "price_data": {
                        "currency": order.currency.lower(), "unit_amount": order.amount, "product_data": {"name": name},
                    },
                }],
                "payment_intent_data": {"metadata": {"order_no": order.order_no}},
            },
            {"idempotency_key": order.order_no},
        ))  # fmt: skip
        if not made.url:
            raise refused("bad_message", field="url")
        return Begun(made.url, made.id)

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        set_up = files.read(NEEDS)
        signature = {name.lower(): value for name, value in headers.items()}.get("stripe-signature", "")
        try:
            text = body.decode("utf-8")
            stripe.WebhookSignature.verify_header(text, signature, set_up.keys["webhook_secret.txt"], AGE_MOST_S)
            event = json.loads(text)
        except stripe.SignatureVerificationError as error:
            stale = "outside the tolerance" in str(error)
            raise refused("stale" if stale else "tampered", field="stripe-signature") from error
        except (UnicodeDecodeError, ValueError) as error:
            raise refused("bad_message") from error
        try:
            session, kind, at = event["data"]["object"], str(event["type"]), int(event["created"])
        except (KeyError, TypeError, ValueError) as error:
            raise refused("bad_message", field="type") from error
        if not kind.startswith("checkout.session.") or not isinstance(session, dict):
            raise refused("bad_message", field="type", value=ascii(kind[:60]))
        failed = kind.endswith(("async_payment_failed", "expired"))
        return _notice(session, datetime.fromtimestamp(at, UTC).date(), failed=failed)

    def acknowledge(self, accepted: bool) -> tuple[str, bytes]:
        return "application/json", json.dumps({"received": accepted}).encode()

    def query(self, order_no: str, reference: str = "") -> Notice | None:
        if not reference:
            return None
        client = _client()
        try:
            said = _asked_once(
                lambda: client.v1.checkout.sessions.retrieve(reference, {"expand": ["payment_intent.latest_charge"]})
            )
        except _LastWordError as no:
            if no.code == "resource_missing":
                return None
            raise refused("gateway_unreachable", field="code", value=ascii(no.code)) from no
        session = said.to_dict()
        if session.get("client_reference_id") != order_no:
            raise refused("tampered", field="order_no", value=order_no)
        intent = session.get("payment_intent")
        charge = intent.get("latest_charge") if isinstance(intent, dict) else None
        at = charge.get("created") if isinstance(charge, dict) else None
        return _notice(session, datetime.fromtimestamp(at, UTC).date() if isinstance(at, int) else None)

    def refund(self, refund: Refund) -> RefundNotice:
        """Stripe forgets a key after a day, so what was given back under it is looked for first."""
        client = _client()
        session = _ask(lambda: client.v1.checkout.sessions.retrieve(refund.reference)).to_dict()
        intent = session.get("payment_intent")
        if session.get("client_reference_id") != refund.order_no or not isinstance(intent, str):
            return RefundNotice(refund.refund_no, FAILED, refund.amount, "", "no payment of this order")
        before = _ask(lambda: client.v1.refunds.list({"payment_intent": intent, "limit": PAGE}))
        told = [each.to_dict() for each in before.data]
        found = [each for each in told if (each.get("metadata") or {}).get("refund_no") == refund.refund_no]
        if not found:
            try:
                made = _asked_once(lambda: client.v1.refunds.create(
                    {"payment_intent": intent, "amount": refund.amount, "metadata": {"refund_no": refund.refund_no}},
                    {"idempotency_key": refund.refund_no},
                ))  # fmt: skip
            except _LastWordError as no:
                return RefundNotice(refund.refund_no, FAILED, refund.amount, "", str(no)[:160])
            found = [made.to_dict()]
        said = found[0]
        state = REFUND_STATES.get(str(said.get("status")))
        if state is None or type(said.get("amount")) is not int:
            raise refused("bad_message", field="status")
        paid_on = datetime.fromtimestamp(int(said["created"]), UTC).date()
        return RefundNotice(refund.refund_no, state, said["amount"], str(said["id"]), str(said["status"]), paid_on)

    def fetch_bill(self, on: date) -> bytes:
        """The movements of a day (UTC, as in Stripe's reports): its balance transactions, as one list."""
        client = _client()
        start = datetime(on.year, on.month, on.day, tzinfo=UTC)
        asked: dict[str, Any] = {
            "created": {"gte": int(start.timestamp()), "lt": int((start + timedelta(days=1)).timestamp())},
            "limit": PAGE, "expand": ["data.source"],
        }  # fmt: skip
        rows: list[dict[str, Any]] = []
        while True:
            page = _ask(lambda: client.v1.balance_transactions.list(asked))  # type: ignore[arg-type]  # grows by pages
            rows += [each.to_dict() for each in page.data]
            if not page.has_more or not page.data:
                return json.dumps(rows).encode()
            asked["starting_after"] = page.data[-1].id

    def read_bill(self, data: bytes, on: date) -> list[BillRow]:
        return read_bill(data, on)

    def lacking(self) -> list[str]:
        return files.lacking(NEEDS)


class _LastWordError(Exception):
    """Stripe will not do what was asked, however often it is asked. `code`: Stripe's word for why."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code} {words}".strip())
        self.code = code


def _client() -> stripe.StripeClient:
    set_up = files.read(NEEDS)
    return stripe.StripeClient(
        set_up.keys["secret_key.txt"], base_addresses={"api": set_up.values["address"].rstrip("/")},
        http_client=stripe.RequestsClient(timeout=ANSWER_WITHIN_S), max_network_retries=0,
    )  # fmt: skip


def _ask(question: Callable[[], Said]) -> Said:
    """A question's answer. Refuses gateway_unreachable, also where Stripe says no: whoever goes through many orders
    must not be stopped by one."""
    try:
        return _asked_once(question)
    except _LastWordError as no:
        raise refused("gateway_unreachable", field="code", value=ascii(no.code)) from no


def _asked_once(question: Callable[[], Said]) -> Said:
    """A question's answer. Refuses gateway_unreachable; raises _LastWordError where Stripe says no."""
    try:
        return question()
    except stripe.InvalidRequestError as error:
        raise _LastWordError(error.code or "", error.user_message or "") from error
    except stripe.StripeError as error:
        raise refused("gateway_unreachable", field="code", value=ascii(error.code or type(error).__name__)) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise refused("bad_message") from error


def _notice(session: Mapping[str, Any], paid_on: date | None, *, failed: bool = False) -> Notice:
    order_no, amount = session.get("client_reference_id"), session.get("amount_total")
    currency = str(session.get("currency", "")).upper()
    if not isinstance(order_no, str) or type(amount) is not int:
        raise refused("bad_message", field="client_reference_id")
    if session.get("payment_status") == "paid":
        if currency != settings.CURRENCY:
            raise refused("wrong_amount", field="currency", value=ascii(currency[:8]))
        intent = session.get("payment_intent")
        serial = intent.get("id") if isinstance(intent, Mapping) else intent
        return Notice(order_no, PAID, amount, str(serial or session.get("id", "")), paid_on)
    state = FAILED if failed or session.get("status") == "expired" else WAITING
    return Notice(order_no, state, amount, "")
