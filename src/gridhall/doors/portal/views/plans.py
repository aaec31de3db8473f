"""Which plan suits me: the same use on every tariff that is open to the customer."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.look import charts, formats
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock

SHARES = (20, 30, 40, 50, 60, 70)  # per cent of the use in the valley, to choose from
USUAL = 40


@dataclass(frozen=True)
class PlanShown:
    """A plan beside the customer's own: `more` what it costs more in the months shown (minor units, negative less)."""

    plan: billing.PlanYear
    more: int | None
    best: bool
    even: str  # from which per cent in the valley on it costs no more; "" where that says nothing
    cannot: str

    @property
    def less(self) -> int:
        return -(self.more or 0)


@require_safe
@customer_page
def plans(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """The last twelve bills on every tariff open to the customer, at today's prices."""
    account = customers.account(customer.account_id)
    term = account.term if account else None
    share = _share(request)
    found = billing.plans_for(customer.account_id, term.tariff_code, clock.today(), share * 10) if term else None
    context: dict[str, object] = {"found": found, "share": share, "share_text": f"{share} %", "shares": SHARES}
    if found is not None:
        shown = _shown(found)
        context |= {
            "plans": shown,
            "count": len(found.periods),
            "first": found.periods[0],
            "last": found.periods[-1],
            "total_wh": sum(found.wh),
            "assumed": any(each.plan.assumed for each in shown),
            "chart": _chart(found, shown, language_of_reader()),
        }
    return page(request, customer, "portal/plans.html", context, place="use")


def _share(request: HttpRequest) -> int:
    asked = request.GET.get("valley", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and int(asked) in SHARES else USUAL


def _shown(found: billing.PlansCompared) -> list[PlanShown]:
    own = found.own
    best = found.plans[0] if found.plans and not found.plans[0].cannot else None
    return [
        PlanShown(
            plan,
            None if plan.cannot or own is None or plan.own else plan.total - own.total,
            plan is best and not plan.own,
            _even(plan),
            _cannot(plan.cannot),
        )
        for plan in found.plans
    ]


def _even(plan: billing.PlanYear) -> str:
    if not plan.assumed:
        return ""
    if plan.even_permille is None:
        return gettext("It would cost more however much of your use lay in the valley.")
    if plan.even_permille == 0:
        return gettext("It would not cost more, however little of your use lay in the valley.")
    said = gettext("It costs no more than your plan once %(share)s of your use lies in the valley.")
    return said % {"share": f"{formats.decimal(plan.even_permille, 1)} %"}


def _cannot(why: str) -> str:
    return {
        "": "",
        "registers": gettext("Your meter does not count the periods of the day that this plan prices."),
        "demand": gettext("This plan prices the highest demand, which your meter does not show."),
        "capacity": gettext("This plan prices the capacity, which is not agreed for your supply."),
        "further": gettext("This plan charges by what your bills do not tell."),
    }[why]


def _chart(found: billing.PlansCompared, shown: list[PlanShown], language: str) -> charts.ColumnChart | None:
    """What the cheapest other plan would save, or cost more where it is no cheaper, month by month."""
    own = found.own
    other = next((each.plan for each in shown if not each.plan.own and not each.plan.cannot), None)
    if own is None or other is None:
        return None
    decimals = settings.CURRENCY_DECIMALS
    saves = other.total <= own.total
    columns = []
    for period, here, there in zip(found.periods, own.months, other.months, strict=True):
        value = here - there if saves else there - here
        text = formats.money(value, decimals)
        columns.append(
            charts.Column(
                label=formats.month_short(period, language), name=formats.month(period, language),
                values=(value,), texts=(text,), text=text,
            )
        )  # fmt: skip
    name = other.name_zh if language == "zh" else other.name_en
    title, series = gettext("What “%(name)s” would save, month by month"), charts.Series(gettext("saved"), "good")
    if not saves:
        title = gettext("What “%(name)s” would cost more, month by month")
        series = charts.Series(gettext("more"), "cost")
    return charts.columns(
        title % {"name": name},
        formats.sign(settings.CURRENCY),
        [series],
        columns,
        lambda value: formats.decimal(value // 10**decimals, 0),
        10**decimals,
        sign_first=True,
    )
