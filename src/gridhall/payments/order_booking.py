"""Booking the money of an online order, once: by the gateway's word, by our question, or by its bill of the day."""

from datetime import date

from django.db import connection

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments import models
from gridhall.payments.admitting import value_days
from gridhall.payments.data import PaymentIn, Receipt
from gridhall.payments.models import GatewayOrder
from gridhall.payments.receiving import Request, receive_for
from gridhall.payments.refusals import refusal

# The payments under an order's key, and under those made in its place where one was reversed since.
UNDER_KEY_SQL = """
SELECT count(*), count(*) FILTER (WHERE r.no IS NULL)
FROM payment_key AS k
JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2
WHERE k.account_id = %s AND (k.key = %s OR starts_with(k.key, %s))
"""
NONCE_SQL = """
INSERT INTO payments_gatewaynonce (gateway, nonce, at) VALUES (%s, %s, %s) ON CONFLICT (gateway, nonce) DO NOTHING
"""


def book_order(actor: Actor, found: GatewayOrder, amount: int, serial: str, paid_on: date | None) -> Receipt:
    """Book the money of an order whose row is locked: the payment counts from the gateway's day, where the books are
    open for it, else from today. Raises what the books refuse."""
    first, last = value_days(clock.today())
    days = [paid_on, None] if paid_on is not None and first <= paid_on <= last else [None]
    answer: Receipt | Refusal = refusal("period_closed")
    for day in days:
        payment = PaymentIn(
            amount=amount, key=_key(found), account_id=found.account_id, door=models.DOOR_PORTAL,
            method=models.ONLINE, reference=serial, value_on=day,
        )  # fmt: skip
        (answer,) = receive_for([Request(actor, payment)])
        if not (isinstance(answer, Refusal) and answer.code == "period_closed"):
            break
    if isinstance(answer, Refusal):
        raise answer
    found.state, found.paid_at, found.paid_on = "paid", clock.now(), paid_on or clock.today()
    found.gateway_serial, found.payment_no = serial[:64] or found.gateway_serial, answer.payment_no
    found.save()
    return answer


def _key(found: GatewayOrder) -> str:
    """The key of the order's payment. Where it was reversed since (the gateway's bill did not have it), money that
    comes all the same is booked under the next key."""
    key = f"online:{found.gateway}:{found.order_no}"
    with connection.cursor() as cursor:
        cursor.execute(UNDER_KEY_SQL, [found.account_id, key, f"{key}:"])
        made, standing = cursor.fetchone()
    if not made or standing:
        return key if made < 2 else f"{key}:{made}"
    return f"{key}:{made + 1}"


def use_nonce(gateway: str, nonce: str) -> None:
    """Remember a call-back in the open transaction, so that a refused one is forgotten. Refuses `replayed`."""
    with connection.cursor() as cursor:
        cursor.execute(NONCE_SQL, [gateway, nonce, clock.now()])
        if cursor.rowcount == 0:
            raise refusal("replayed", field="nonce", value=ascii(nonce[:64]))
