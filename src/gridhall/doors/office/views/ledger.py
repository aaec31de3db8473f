"""The books: trial balance by unit and period, and the close of a period."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from gridhall.doors.office import forms, lists, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger


@staff.desk("ledger.see")
def trial(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The trial balance of a unit (or of all, where one sees all) in a period."""
    units = staff.units_of(actor)
    unit_id = _unit(request.GET.get("unit", ""), actor)
    today = clock.today()
    period = _period(request.GET.get("period", "")) or today.year * 100 + today.month
    found = ledger.trial_balance(unit_id, period)
    if request.GET.get("as") == "csv":
        heading = [
            pgettext("ledger", "Account"),
            _("Account name"),
            pgettext("ledger", "Opening"),
            pgettext("ledger", "Debit"),
            pgettext("ledger", "Credit"),
            pgettext("ledger", "Closing"),
        ]
        rows = (
            (row.code, words.of(row), *map(lists.plain_amount, (row.opening, row.debit, row.credit, row.closing)))
            for row in found.rows
        )  # fmt: skip
        return lists.csv_file(f"trial-balance-{unit_id}-{period}", heading, rows)
    shown = {
        "balance": found,
        "units": units,
        "unit_id": unit_id,
        "period": period,
        "sums": {
            "debit": sum(row.debit for row in found.rows),
            "credit": sum(row.credit for row in found.rows),
        },
        "can_close": actor.may("ledger.close")
        and unit_id
        and not found.closed
        and period < today.year * 100 + today.month,
    }
    return screen(request, actor, "office/ledger.html", shown)


def _unit(text: str, actor: Actor) -> int:
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if wanted and not actor.sees_unit(wanted):
        raise Refusal("unknown_unit", "There is no such unit among yours.", "您的范围内没有此核算单元。")
    if wanted or actor.everywhere:
        return wanted
    units = staff.unit_ids_of(actor)
    if not units:
        raise Refusal(
            "unknown_unit", "You have no accounting unit yet: ask your manager.", "您还没有核算单元，请联系主管。"
        )
    return units[0]


def _period(text: str) -> int | None:
    digits = text.replace("-", "")
    good = len(digits) == 6 and digits.isascii() and digits.isdecimal() and 1 <= int(digits[4:]) <= 12
    return int(digits) if good else None


@require_POST
@staff.desk("ledger.close")
def period_close(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Close a period of a unit: nothing is posted into it any more."""
    unit_id, period = _unit(request.POST.get("unit", ""), actor), _period(request.POST.get("period", ""))
    if not unit_id or period is None or period > forms.last_period():
        raise Refusal("bad_period", "Only a month that is over can be closed.", "只能关闭已经结束的月份。")
    ledger.close_period(actor, unit_id, period)
    messages.success(request, _("The period is closed."))
    return redirect(f"/office/ledger?unit={unit_id}&period={period}")
