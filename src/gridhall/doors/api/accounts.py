"""Look-ups of an account: what it owes, its bills line by line, its readings, its payments."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.api.access import account_of, caller
from gridhall.doors.api.problems import Problem
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments

router = Router(tags=["accounts"])
ERRORS = frozenset({400, 401, 403, 404, 422})
CLASSES = {customers.RESIDENTIAL: "residential", customers.COMMERCIAL: "commercial", customers.INDUSTRIAL: "industrial"}
ITEM_KINDS = {ledger.ITEM_BILL: "bill", ledger.ITEM_LATE: "late_charge", ledger.ITEM_OTHER: "other"}


class Account(Schema):
    """An account, without what the partner does not need (no phone, no e-mail)."""

    number: str
    name: str
    address: str
    class_: str
    tariff: str | None
    opened_on: date
    closed_on: date | None


class OwedItem(Schema):
    """Something owed. `late_now`: late charge arisen since the last one booked. Minor units."""

    period: int
    kind: str
    seq: int
    amount: int
    open: int
    due_on: date
    days_late: int
    late_now: int


class Owed(Schema):
    """What an account owes now, with late charge up to this moment. Minor units."""

    account: str
    at: datetime
    total: int
    principal: int
    late: int
    credit: int
    items: list[OwedItem]


class BillSummary(Schema):
    """A bill in the list. `wh`: energy in Wh; `amount` in minor units."""

    period: int
    seq: int
    state: str
    from_on: date
    to_on: date
    wh: int
    amount: int
    due_on: date


class Payment(Schema):
    """A payment in the history. Minor units."""

    payment_no: int
    kind: str
    amount: int
    to_credit: int
    received_at: datetime
    value_on: date
    reversed: bool


@router.get("/accounts/{number}", response={200: Account, ERRORS: Problem}, summary="An account")
def account(request: HttpRequest, number: str) -> Account:
    """Who an account is and on which tariff."""
    found = account_of(caller(request, "customers.see"), number)
    return Account(
        number=found.number,
        name=found.name,
        address=found.address,
        class_=CLASSES.get(found.class_code, "other"),
        tariff=found.term.tariff_code if found.term else None,
        opened_on=found.opened_on,
        closed_on=found.closed_on,
    )


@router.get("/accounts/{number}/owed", response={200: Owed, ERRORS: Problem}, summary="What an account owes now")
def owed(request: HttpRequest, number: str) -> Owed:
    """Open items, oldest first, each with its late charge up to this moment."""
    found = account_of(caller(request, "bills.see"), number)
    moment = clock.now()
    answer = ledger.owed(found.account_id, moment)
    return Owed(
        account=found.number,
        at=moment,
        total=answer.total,
        principal=answer.principal,
        late=answer.late,
        credit=answer.credit,
        items=[
            OwedItem(
                period=item.period,
                kind=ITEM_KINDS[item.kind],
                seq=item.seq,
                amount=item.amount,
                open=item.open,
                due_on=item.due_on,
                days_late=item.days_late,
                late_now=item.late_now,
            )
            for item in answer.items
        ],
    )


@router.get(
    "/accounts/{number}/bills", response={200: list[BillSummary], ERRORS: Problem}, summary="Bills, newest first"
)
def bills(request: HttpRequest, number: str, limit: int = 24) -> list[BillSummary]:
    """The last `limit` (1 to 240) bills of an account."""
    found = account_of(caller(request, "bills.see"), number)
    if not 1 <= limit <= 240:
        raise Refusal("bad_input", "limit must be 1 to 240.", "limit 应为 1 至 240。", field="limit", value=str(limit))
    return [
        BillSummary(
            period=bill.period,
            seq=bill.seq,
            state="cancelled" if bill.state == billing.CANCELLED else "issued",
            from_on=bill.from_on,
            to_on=bill.to_on,
            wh=bill.wh,
            amount=bill.amount,
            due_on=bill.due_on,
        )
        for bill in billing.bills_of(found.account_id, limit=limit)
    ]


@router.get(
    "/accounts/{number}/payments", response={200: list[Payment], ERRORS: Problem}, summary="Payments, newest first"
)
def history(request: HttpRequest, number: str) -> list[Payment]:
    """Money received from an account, reversed, or set off from its credit."""
    found = account_of(caller(request, "payments.see"), number)
    names = {1: "received", 2: "reversal", 3: "credit_set_off"}
    return [
        Payment(
            payment_no=row.no,
            kind=names[row.kind],
            amount=row.amount,
            to_credit=row.to_credit,
            received_at=row.received_at,
            value_on=row.value_on,
            reversed=row.reversed_by != 0,
        )
        for row in payments.payments_of(found.account_id)
    ]


@router.get("/accounts/{number}/bills/{period}/{seq}.pdf", summary="The bill document", response={ERRORS: Problem})
def document(request: HttpRequest, number: str, period: int, seq: int, language: str = "zh") -> HttpResponse:
    """The bill as PDF, in `zh` or `en`."""
    found = account_of(caller(request, "bills.see"), number)
    if language not in ("zh", "en"):
        raise Refusal(
            "bad_input", "language is zh or en.", "language 应为 zh 或 en。", field="language", value=language
        )
    pdf = billing.document(found.account_id, period, seq, language)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="bill-{found.number}-{period}-{seq}.pdf"'
    return answer
