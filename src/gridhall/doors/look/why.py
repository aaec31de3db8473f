"""Why a bill is more than another, as it is shown: a chart that leads from the one to the other, and sentences."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext

from gridhall.billing.public import Comparison, Explained, Part
from gridhall.doors.look import formats, waterfall


@dataclass(frozen=True)
class Cause:
    """One cause: its name, what it did to the bill (minor units), and a sentence."""

    name: str
    amount: int
    sentence: str


@dataclass(frozen=True)
class WhyShown:
    """Ready for look/why.html. `kind`: last | year; `less`: the change with its sign turned."""

    kind: str
    comparison: Comparison
    causes: tuple[Cause, ...]
    notes: tuple[str, ...]
    chart: waterfall.Waterfall

    @property
    def change(self) -> int:
        return self.comparison.change

    @property
    def less(self) -> int:
        return -self.comparison.change


def shown(explained: Explained, language: str) -> tuple[WhyShown, ...]:
    """The comparisons that there are: with the last bill, with the same month last year (once, where they are one)."""
    found = []
    for kind, each in (("last", explained.last), ("year", explained.year)):
        if each is not None:
            found.append(_shown(kind, each, language))
    return tuple(found)


def _shown(kind: str, compared: Comparison, language: str) -> WhyShown:
    parts = [part for part in compared.parts if part.amount]
    causes = tuple(Cause(_name(part.name), part.amount, _SENTENCES[part.name](compared)) for part in parts)
    return WhyShown(kind, compared, causes, tuple(_notes(compared)), _chart(compared, parts, language))


def _chart(compared: Comparison, parts: list[Part], language: str) -> waterfall.Waterfall:
    decimals = settings.CURRENCY_DECIMALS

    def side(period: int, amount: int) -> waterfall.Step:
        # months of two years apart are told apart by the year
        same = compared.before.period % 100 == compared.now.period % 100
        label = str(period // 100) if same else formats.month_short(period, language)
        return waterfall.Step(label, formats.month(period, language), amount, formats.money(amount, decimals))

    def signed(amount: int) -> str:
        return ("+" if amount > 0 else "") + formats.money(amount, decimals)

    return waterfall.waterfall(
        gettext("From the one bill to the other"),
        formats.sign(settings.CURRENCY),
        side(compared.before.period, compared.before.amount),
        [waterfall.Step(_short(part.name), _name(part.name), part.amount, signed(part.amount)) for part in parts],
        side(compared.now.period, compared.now.amount),
        lambda value: formats.decimal(value // 10**decimals, 0),
    )


def _name(part: str) -> str:
    return {
        "days": gettext("Number of days"),
        "weather": gettext("Weather"),
        "use": gettext("Your own use"),
        "demand": gettext("Demand and power factor"),
        "terms": gettext("Household and free energy"),
        "position": gettext("Place in the year's blocks"),
        "price": gettext("Prices"),
        "other": gettext("Corrections"),
    }[part]


def _short(part: str) -> str:
    """As it stands below a column: one short word."""
    return {
        "days": gettext("days"),
        "weather": gettext("weather"),
        "use": gettext("use"),
        "demand": gettext("demand"),
        "terms": gettext("terms"),
        "position": gettext("blocks"),
        "price": gettext("prices"),
        "other": gettext("other"),
    }[part]


def _kwh(wh: int) -> str:
    """Whole kWh with its sign: finer would only pretend. Of less than half a one a tenth, and never "−0"."""
    whole, tenths = (2 * abs(wh) + 1000) // 2000, (2 * abs(wh) + 100) // 200
    mark = "" if not tenths else "+" if wh > 0 else formats.MINUS
    return f"{mark}{formats.decimal(whole, 0) if whole else formats.decimal(tenths, 1)}"


def _degrees(tenths: int | None) -> str:
    return "" if tenths is None else formats.decimal(tenths, 1, 1)


def _days(compared: Comparison) -> str:
    said = gettext("%(now)s days instead of %(before)s: %(kwh)s kWh at the same use a day.")
    return said % {"now": compared.now.days, "before": compared.before.days, "kwh": _kwh(compared.days_wh)}


def _weather(compared: Comparison) -> str:
    said = gettext(
        "%(now)s °C on average instead of %(before)s °C. As your use has followed the weather so far, that is "
        "%(kwh)s kWh."
    )
    return said % {
        "now": _degrees(compared.now.mean_tenths),
        "before": _degrees(compared.before.mean_tenths),
        "kwh": _kwh(compared.weather_wh or 0),
    }


def _use(compared: Comparison) -> str:
    if compared.weather_wh is None:
        said = gettext("%(kwh)s kWh beside what the number of days explains, at the prices of the earlier bill.")
    else:
        said = gettext("%(kwh)s kWh that neither days nor weather explain, at the prices of the earlier bill.")
    return said % {"kwh": _kwh(compared.own_wh)}


def _demand(_compared: Comparison) -> str:
    return gettext("Another highest demand, reactive energy, capacity or contract demand.")


def _terms(_compared: Comparison) -> str:
    return gettext("Another size of the household or another free allowance.")


def _position(_compared: Comparison) -> str:
    return gettext("What was used earlier in the year decides in which blocks this month's energy lies.")


def _price(compared: Comparison) -> str:
    if compared.before.tariff_code != compared.now.tariff_code:
        return gettext("You are on another tariff than then.")
    if compared.before.plan_id != compared.now.plan_id:
        return gettext("The tariff has changed: another version of it is in force.")
    return gettext("The tariff is the same; another season has other prices.")


def _other(_compared: Comparison) -> str:
    return gettext("Settled or put right outside the prices of the tariff.")


_SENTENCES: dict[str, Callable[[Comparison], str]] = {
    "days": _days,
    "weather": _weather,
    "use": _use,
    "demand": _demand,
    "terms": _terms,
    "position": _position,
    "price": _price,
    "other": _other,
}


def _notes(compared: Comparison) -> list[str]:
    notes = []
    if compared.weather == "no_weather":
        notes.append(gettext("No temperatures are known for all these days, so the weather is not told apart."))
    elif compared.weather == "does_not_follow":
        notes.append(
            gettext("Your bills so far do not show how your use follows the weather, so it is not told apart.")
        )
    if compared.before.estimated or compared.now.estimated:
        notes.append(gettext("One of the two bills is partly estimated: what was estimated counts as use."))
    if any(not part.known and part.name not in ("weather",) for part in compared.parts):
        notes.append(gettext("The meters of the two bills differ, so some causes could not be told apart."))
    return notes
