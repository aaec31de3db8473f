"""Payments: taken once by Idempotency-Key, answered with what was paid; reversed on the same day."""

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Header, Router, Schema

from gridhall.doors.api.access import PRINTABLE, account_of, caller, payee_of
from gridhall.doors.api.accounts import ITEM_KINDS
from gridhall.doors.api.problems import Problem
from gridhall.kernel import clock, idempotency
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

router = Router(tags=["payments"])

METHODS = {"online": payments.ONLINE, "transfer": payments.TRANSFER, "card": payments.CARD}  # cash has its till
# 10¹⁵ minor units: no payment is larger, and sums of a unit stay far inside 64 bits
AMOUNT_MAX = 10**15


class PaymentAsked(Schema):
    """A payment. `amount` in minor units (fen)."""

    account: Annotated[str, Field(min_length=2, max_length=16, pattern=r"^\d+$")]
    amount: Annotated[int, Field(gt=0, le=AMOUNT_MAX, strict=True)]
    method: Annotated[str, Field(pattern=r"^(online|transfer|card)$")] = "online"
    value_on: date | None = None
    reference: Annotated[str, Field(max_length=80, pattern=PRINTABLE)] = ""


class PaidPart(Schema):
    """What part of the payment paid which item: a bill or a late charge of a period."""

    period: int
    kind: str
    seq: int
    amount: int


class Done(Schema):
    """What a payment did, minor units. `replayed`: it had come before; nothing was done again."""

    payment_no: int
    amount: int
    paid: list[PaidPart]
    late_part: int
    to_credit: int
    left_owed: int
    received_at: datetime
    replayed: bool


class PaymentAnswer(Done):
    """What was done. All amounts in minor units. `replayed`: this key had come before; nothing was done again."""

    account: str


class ReversalAnswer(Schema):
    """The reversal: its own number, the payment it undoes, and what is owed after it. Minor units."""

    account: str
    payment_no: int
    reverses: int
    amount: int
    left_owed: int
    received_at: datetime


class ReversalAsked(Schema):
    """Why a payment is taken back."""

    reason: Annotated[str, Field(min_length=3, max_length=200, pattern=PRINTABLE)]


def done_of(receipt: payments.Receipt) -> Done:
    """A receipt as every door of the API tells it."""
    parts = [
        PaidPart(period=item.period, kind=ITEM_KINDS[item.kind], seq=item.seq, amount=item.amount)
        for item in receipt.paid
    ]
    return Done(
        payment_no=receipt.payment_no, amount=receipt.amount, paid=parts, late_part=receipt.late_part,
        to_credit=receipt.to_credit, left_owed=receipt.left_owed,
        received_at=receipt.received_at.astimezone(clock.zone()), replayed=receipt.replayed,
    )  # fmt: skip


def _answer(number: str, receipt: payments.Receipt) -> PaymentAnswer:
    return PaymentAnswer(account=number, **dict(done_of(receipt)))


@router.post(
    "/payments",
    response={201: PaymentAnswer, 200: PaymentAnswer, frozenset({400, 401, 403, 404, 409, 422}): Problem},
    summary="Take a payment",
)
def take(
    request: HttpRequest,
    asked: PaymentAsked,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=100)],
) -> tuple[int, PaymentAnswer]:
    """Book money for an account at once. The same `Idempotency-Key` gives the first answer again (200)."""
    actor = caller(request, "payments.take")
    account_id = payee_of(actor, asked.account)
    idempotency.claim(f"api:{actor.id}", idempotency_key, request.body)
    answer = payments.receive_one(
        actor,
        payments.PaymentIn(
            account_id=account_id,
            amount=asked.amount,
            key=payments.partner_key(actor, idempotency_key),
            door=payments.DOOR_API,
            method=METHODS[asked.method],
            value_on=asked.value_on,
            reference=asked.reference,
        ),
    )
    if isinstance(answer, Refusal):
        raise answer
    return (200 if answer.replayed else 201), _answer(asked.account, answer)


@router.post(
    "/payments/{account}/{payment_no}/reversal",
    response={200: ReversalAnswer, frozenset({400, 401, 403, 404, 409, 422}): Problem},
    summary="Reverse a payment of today",
)
def reverse(request: HttpRequest, account: str, payment_no: int, asked: ReversalAsked) -> ReversalAnswer:
    """Take back a payment of the same day that came with this key. It takes no `Idempotency-Key`: a payment can be
    reversed once only, so that sending it again changes nothing and is refused as `already_reversed`."""
    actor = caller(request, "payments.reverse")
    found = account_of(actor, account)
    done = payments.reverse(actor, found.account_id, payment_no, asked.reason)
    return ReversalAnswer(
        account=found.number,
        payment_no=done.no,
        reverses=done.reverses,
        amount=done.amount,
        left_owed=done.left_owed,
        received_at=done.received_at.astimezone(clock.zone()),
    )
