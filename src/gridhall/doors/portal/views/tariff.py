"""The tariff in force, with its prices, clauses and the policy behind it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from gridhall.customers import public as customers
from gridhall.doors.look import formats
from gridhall.doors.look.prices import prices_shown
from gridhall.doors.portal import figures
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock
from gridhall.rules import layout
from gridhall.tariffs import public as tariffs
from gridhall.tariffs.public import PriceRow, VersionView


@dataclass(frozen=True)
class PriceShown:
    """A price as it is read: for what (period of the day, block), how much, for which unit; `season`: "" all year."""

    season: str
    what: str
    price: str
    unit: str


@dataclass(frozen=True)
class ComponentShown:
    """A part of the tariff: its name and clause in the reader's language, and its prices."""

    name: str
    clause: str
    kind: str
    prices: tuple[PriceShown, ...]
    seasons: bool


@require_safe
@customer_page
def tariff(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """What the customer is charged by today."""
    account = customers.account(customer.account_id)
    term = account.term if account else None
    view = tariffs.tariff_in_force(term.tariff_code, clock.today()) if term else None
    version = view.version if view else None
    context = {
        "term": term,
        "tariff": view,
        "version": version,
        "components": components(version, language_of_reader()) if version else [],
    }
    return page(request, customer, "portal/tariff.html", context, place="use")


def unit_name(unit: int) -> str:
    """The priced unit of a component in words."""
    names = {
        layout.KWH: gettext("kWh"),
        layout.KW: gettext("kW a month"),
        layout.KVA: gettext("kVA a month"),
        layout.MONTH: gettext("month"),
        layout.DAY: gettext("day"),
        layout.PER_CENT: "%",
    }
    return names.get(unit, "")


def components(version: VersionView, language: str) -> list[ComponentShown]:
    """The components of a version with their prices, in the order of the tariff book."""
    chinese = language == "zh"
    shown = []
    for place, words in enumerate(version.components):
        prices = tuple(_price(row, season) for season, row in prices_shown(version, place))
        shown.append(
            ComponentShown(
                words.name_zh if chinese else words.name_en,
                words.clause_zh if chinese else words.clause_en,
                words.kind,
                prices,
                len({row.season for row in prices}) > 1,
            )
        )
    return shown


def _price(row: PriceRow, season: str) -> PriceShown:
    percent = row.unit == layout.PER_CENT
    sign = formats.sign(settings.CURRENCY)
    return PriceShown(
        season,
        _what(row),
        formats.price(row.price * 100) if percent else formats.price(row.price),
        "%" if percent else f"{sign}/{unit_name(row.unit)}",
    )


def _what(row: PriceRow) -> str:
    parts = [figures.register_name(row.tou)] if row.tou else []
    if row.block:
        parts.append(gettext("block %(n)s") % {"n": row.block} + f" ({_bounds(row)})")
    return " · ".join(parts) or gettext("all")


def _bounds(row: PriceRow) -> str:
    cycle = gettext("kWh a year") if row.yearly else gettext("kWh a month")
    if row.upto_wh is None:
        return gettext("above %(low)s %(unit)s") % {"low": formats.energy(row.above_wh), "unit": cycle}
    return gettext("%(low)s to %(high)s %(unit)s") % {
        "low": formats.energy(row.above_wh),
        "high": formats.energy(row.upto_wh),
        "unit": cycle,
    }
