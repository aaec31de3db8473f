"""Bills: the list, one bill explained line by line, its PDF."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gridhall.billing import public as billing
from gridhall.doors.look import why
from gridhall.doors.portal import figures
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.ledger.public import ITEM_BILL, ITEM_LATE, ItemView

A_PAGE = 24


@dataclass(frozen=True)
class BillRow:
    """A bill of the list with what is still open of it. `standing`: see _standing.html."""

    bill: billing.BillSummary
    open: int
    late: int
    standing: str


@require_safe
@customer_page
def bills(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """All bills, the newest first."""
    items = _by_bill(ledger.open_items(customer.account_id))
    shown = Paginator(billing.bills_of(customer.account_id, account_number=customer.number), A_PAGE).get_page(
        request.GET.get("page")
    )
    rows = [_row(each, items.get((each.period, each.seq), ())) for each in shown]
    return page(request, customer, "portal/bills.html", {"rows": rows, "page": shown}, place="bills")


@require_safe
@customer_page
def bill(request: HttpRequest, customer: SignedIn, period: int, seq: int) -> HttpResponse:
    """One bill: every line with its sentence, clause and readings; `?check` rates it again from what it stores.

    The code on a printed bill leads here with `?number`: whose bill it is. Somebody else's is not shown, nor one's own
    instead of it.
    """
    if request.GET.get("number", customer.number) != customer.number:
        return page(request, customer, "portal/other_bill.html", {}, place="bills", status=404)
    try:
        view, explained = billing.bill_explained(customer.account_id, period, seq, customer.number)
    except Refusal as missing:
        raise Http404 from missing
    items = _by_bill(ledger.open_items(customer.account_id)).get((period, seq), ())
    language = language_of_reader()
    rated = billing.rate_again(customer.account_id, period, seq) if "check" in request.GET else None
    context = {
        "bill": view,
        "open": sum(item.open for item in items),
        "late": sum(item.late_now for item in items),
        "standing": _standing(view, items),
        "lines": [_Line(line, language) for line in view.lines],
        "rounding": view.amount - sum(line.amount for line in view.lines),
        "uses": [_Use(use, figures.register_name(use.tou)) for use in view.uses],
        "serial": view.uses[0].meter_serial if len({use.meter_serial for use in view.uses}) == 1 else "",
        "blocks": figures.blocks(view.blocks),
        "sentence": view.sentence(language),
        "whys": why.shown(explained, language),
        "rated": rated,
        "agrees": rated == view.amount,
    }
    return page(request, customer, "portal/bill.html", context, place="bills")


@require_safe
@customer_page
def document(request: HttpRequest, customer: SignedIn, period: int, seq: int) -> HttpResponse:
    """The bill as a PDF, in the language asked for or the reader's."""
    language = request.GET.get("language", language_of_reader())
    if language not in ("zh", "en"):
        raise Http404
    try:
        pdf = billing.document(customer.account_id, period, seq, language)
    except Refusal as missing:
        raise Http404 from missing
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="bill-{customer.number}-{period}-{seq}-{language}.pdf"'
    return answer


@dataclass(frozen=True)
class _Line:
    line: billing.BillLineView
    language: str

    @property
    def name(self) -> str:
        return self.line.name(self.language)

    @property
    def sentence(self) -> str:
        return self.line.sentence(self.language)

    @property
    def clause(self) -> str:
        return self.line.clause(self.language)


@dataclass(frozen=True)
class _Use:
    use: billing.BillUseView
    name: str


def _by_bill(items: list[ItemView]) -> dict[tuple[int, int], tuple[ItemView, ...]]:
    found: dict[tuple[int, int], tuple[ItemView, ...]] = {}
    for item in items:
        if item.kind in (ITEM_BILL, ITEM_LATE):
            key = (item.period, item.bill_seq)
            found[key] = (*found.get(key, ()), item)
    return found


def _row(bill: billing.BillSummary, items: tuple[ItemView, ...]) -> BillRow:
    return BillRow(bill, sum(item.open for item in items), sum(item.late_now for item in items), _standing(bill, items))


def _standing(bill: billing.BillSummary | billing.BillView, items: tuple[ItemView, ...]) -> str:
    if bill.state == billing.CANCELLED:
        return "cancelled"
    if bill.amount <= 0:
        return "credit"
    left = sum(item.open for item in items)
    if left == 0:
        return "paid"
    if bill.due_on < clock.today():
        return "overdue"
    return "part" if left < bill.amount else "open"
