"""The API of banks and agents, version 1: `/api/partner/v1/`. Its OpenAPI document: `/api/partner/v1/openapi.json`."""

from datetime import date, datetime
from typing import Annotated, Any, cast

from django.http import HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Router, Schema

from gridhall.doors.api import problems
from gridhall.doors.api.access import PRINTABLE
from gridhall.doors.api.accounts import ITEM_KINDS
from gridhall.doors.api.partner_signing import SignedRequest, signed
from gridhall.doors.api.payments import AMOUNT_MAX, Done, done_of
from gridhall.doors.api.problems import Problem
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

ERRORS = frozenset({400, 401, 403, 404, 409, 422})
SIGN = """
Banks and agents ask what an account owes, pay it, ask for the last response, and reverse. Amounts are whole minor
units (fen).

**Signing.** Each request carries `X-Gridhall-Key`, `X-Gridhall-Timestamp` (ISO 8601 with offset, within 300 seconds of
our clock), `X-Gridhall-Nonce` (16–64 letters and digits, never used twice) and `X-Gridhall-Signature`: Base64 of the
signature over these six lines joined by line feeds:

    GRIDHALL-1
    POST
    /api/partner/v1/query
    2026-11-25T10:00:00+08:00
    5f0c2a9be1d34c7f
    <SHA-256 of the body, hex>

by HMAC-SHA256 or HMAC-SM3 with the shared secret, or by RSA-SHA256 (PKCS #1 v1.5) with your private key. Answers are
signed in the same way over `GRIDHALL-1`, `ANSWER`, the status, our time stamp, the nonce of the request, and SHA-256 of
the body. The answer to a request that is refused for its signature, time or nonce (status 401) is not signed: believe
nothing of it about a payment, and ask `last`.

**Worked example.** Secret (Base64) `MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=`, HMAC-SHA256, the six lines above
with the body `{"account": "3102001016"}`: the signature is `{EXAMPLE}`.

**After a time-out** ask `last` before anything is sent again, or send the very same message again: a serial pays once.
"""
EXAMPLE_SIGNATURE = "3YlgTStZZxWLpvH/yTPQhWqpyhqFbGpT1zpSGqF6N/M="

Number = Annotated[str, Field(min_length=2, max_length=16, pattern=r"^\d+$")]
Serial = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[!-~]+$")]


class _PartnerApi(NinjaAPI):
    """Signs every answer to a partner's own request, refusals too, and says so in its document."""

    def create_response(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return signed(request, super().create_response(request, *args, **kwargs))

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        return signed(request, super().on_exception(request, exc))

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> Any:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    content = response.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
        return document


router = Router(tags=["teller"])


class QueryAsked(Schema):
    """Which account."""

    account: Number


class OwedPart(Schema):
    """Something owed: `late_now` is late charge that has arisen since the last one booked. Minor units."""

    period: int
    kind: str
    seq: int
    open: int
    late_now: int
    due_on: date


class QueryAnswer(Schema):
    """What the account owes now, and the batch number that a payment must name until `good_until`. Minor units."""

    account: str
    name: str
    address: str
    unit: int
    batch_no: str
    good_until: datetime
    total: int
    principal: int
    late: int
    credit: int
    items: list[OwedPart]


class PayAsked(Schema):
    """A payment. `serial`: your own, which makes it single; `bank_on`: the day of your books."""

    serial: Serial
    account: Number
    batch_no: Annotated[str, Field(min_length=40, max_length=40, pattern=r"^[A-Z2-7]+$")]
    amount: Annotated[int, Field(gt=0, le=AMOUNT_MAX, strict=True)]
    bank_on: date | None = None
    outlet: Annotated[str, Field(max_length=40, pattern=PRINTABLE)] = ""
    operator: Annotated[str, Field(max_length=20, pattern=PRINTABLE)] = ""


class PayAnswer(Done):
    """What was done. `replayed`: this serial had come before, nothing was done again; `reversal_no`: 0, or the number
    of the reversal by which it was undone since. Minor units."""

    serial: str
    reversal_no: int


class LastAsked(Schema):
    """The serial of the payment whose answer was not heard."""

    serial: Serial


class ReverseAsked(Schema):
    """`original`: the serial of the payment of today; `serial`: that of the reversal itself."""

    original: Serial
    serial: Serial


class ReverseAnswer(Schema):
    """The reversal and what is owed after it. Minor units."""

    original: str
    reversal_no: int
    payment_no: int
    amount: int
    left_owed: int
    received_at: datetime


def _partner(request: HttpRequest) -> payments.PartnerView:
    return cast(payments.PartnerView, request.auth)  # type: ignore[attr-defined]  # django-ninja puts it there


def _paid(answer: payments.Paid | Refusal) -> PayAnswer:
    if isinstance(answer, Refusal):
        raise Refusal(answer.code, answer.en, answer.zh, field=answer.field, value=answer.value)
    return PayAnswer(serial=answer.serial, reversal_no=answer.reversal_no, **dict(done_of(answer.receipt)))


@router.post("/query", response={200: QueryAnswer, ERRORS: Problem}, summary="What an account owes")
def query(request: HttpRequest, asked: QueryAsked) -> QueryAnswer:
    """What is owed to this moment, late charge included, with the batch number for the payment."""
    (found,) = payments.query([(_partner(request), asked.account)])
    if isinstance(found, Refusal):
        raise Refusal(found.code, found.en, found.zh, field=found.field, value=found.value)
    items = [
        OwedPart(
            period=item.period, kind=ITEM_KINDS[item.kind], seq=item.seq, open=item.open, late_now=item.late_now,
            due_on=item.due_on,
        )
        for item in found.items
    ]  # fmt: skip
    return QueryAnswer(
        account=found.account_number, name=found.name, address=found.address, unit=found.unit_id,
        batch_no=found.batch_no, good_until=found.good_until.astimezone(clock.zone()), total=found.total,
        principal=found.principal, late=found.late, credit=found.credit, items=items,
    )  # fmt: skip


@router.post("/pay", response={200: PayAnswer, ERRORS: Problem}, summary="Pay")
def pay(request: HttpRequest, asked: PayAsked) -> PayAnswer:
    """Book a payment, once by its serial; the whole or a part, as the contract allows."""
    payment = payments.Pay(
        asked.serial, asked.account, asked.batch_no, asked.amount, asked.bank_on, asked.outlet, asked.operator
    )
    return _paid(payments.pay([(_partner(request), payment)])[0])


@router.post("/last", response={200: PayAnswer, ERRORS: Problem}, summary="The last response")
def last(request: HttpRequest, asked: LastAsked) -> PayAnswer:
    """The answer that a payment had; `unknown_serial`: nothing is booked, `in_progress`: ask again."""
    return _paid(payments.last([(_partner(request), asked.serial)])[0])


@router.post("/reverse", response={200: ReverseAnswer, ERRORS: Problem}, summary="Reverse a payment of today")
def reverse(request: HttpRequest, asked: ReverseAsked) -> ReverseAnswer:
    """Take a payment of today back by its serial; sent again under the same `serial` it is the same reversal."""
    done = payments.reverse_by_serial(_partner(request), asked.original, asked.serial)
    return ReverseAnswer(
        original=asked.original, reversal_no=done.no, payment_no=done.reverses, amount=done.amount,
        left_owed=done.left_owed, received_at=done.received_at.astimezone(clock.zone()),
    )  # fmt: skip


partner_api = _PartnerApi(
    title="Gridhall for banks and agents",
    version="1",
    description=SIGN.replace("{EXAMPLE}", EXAMPLE_SIGNATURE),
    urls_namespace="partner-api-1",
    auth=SignedRequest(),
)
problems.install(partner_api)
partner_api.add_router("", router)
