"""The bills of a year read out of what was rated, and a year rated by plain Python."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gridhall.rules import interval_layout as at
from gridhall.rules.exact import BASE, MONTHS_A_YEAR, PLACES
from gridhall.rules.interval_rating import gather_load, rate_year
from gridhall.rules.interval_tariff import MEETINGS, IntervalTariff
from gridhall.rules.intervals import MONTHS

UNIT = MONTHS_A_YEAR * (10**45)  # of an amount's lowest place in the currency unit
DOLLAR_DECIMALS = 2
FAULTS = {
    at.FAULT_BEYOND: ("record", "an amount is beyond what can be counted"),
    at.FAULT_NET_IN_TIME: ("dgrules", "net metering nets a month; its blocks cannot fill in the order of time"),
}


class CannotRate(ValueError):
    """A load that a tariff cannot rate: the field that states it and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


@dataclass(frozen=True)
class MonthBill:
    """A month by an interval tariff, in currency units, exact; the sum of the parts is the total. `total_minor`: the
    total in minor units, rounded once, halves away from zero."""

    energy: Fraction
    demand_flat: Fraction
    demand_tou: Fraction
    fixed: Fraction
    minimum: Fraction
    total: Fraction
    total_minor: int
    coincident: Fraction = Fraction(0)
    reactive: Fraction = Fraction(0)
    fed_in: Fraction = Fraction(0)


def number_at(places: Sequence[int], first: int, count: int) -> int:
    """A number of some places, as one."""
    value = 0
    for k in range(first + count - 1, first - 1, -1):
        value = value * BASE + int(places[k])
    return value


def bills_of(bill: Sequence[int]) -> list[MonthBill]:
    """The twelve bills in what `rate_year` left on its desk. Raises CannotRate where it is a fault."""
    if bill[at.FAULT] != at.FAULT_NONE:
        raise CannotRate(*FAULTS[int(bill[at.FAULT])])
    result = []
    for month in range(MONTHS):
        first = month * at.MONTH_SIZE
        divisor = int(bill[first + at.DIVISOR])
        amounts = [
            Fraction(number, UNIT * (divisor if kind in at.DIVIDED else 1)) if number else Fraction(0)
            for kind in range(at.KINDS)
            for number in (number_at(bill, first + kind * PLACES, PLACES),)
        ]
        if month == MONTHS - 1 and bill[at.YEAR_OPEN]:
            year = number_at(bill, at.YEAR_DIVISOR, at.YEAR_PLACES)
            total = Fraction(number_at(bill, at.YEAR_SUM, at.YEAR_PLACES), UNIT * year)
            others = sum(amounts[: at.PAY_MINIMUM], Fraction(0))
            amounts[at.PAY_MINIMUM], amounts[at.PAY_TOTAL] = total - others, total
        result.append(
            MonthBill(
                energy=amounts[at.PAY_ENERGY],
                demand_flat=amounts[at.PAY_FLAT],
                demand_tou=amounts[at.PAY_DEMAND],
                fixed=amounts[at.PAY_FIXED],
                minimum=amounts[at.PAY_MINIMUM],
                total=amounts[at.PAY_TOTAL],
                total_minor=int(bill[first + at.MINOR]),
                coincident=amounts[at.PAY_COINCIDENT],
                reactive=amounts[at.PAY_REACTIVE],
                fed_in=amounts[at.PAY_FED_IN],
            )
        )
    return result


def window_steps(window: int, steps: int) -> int:
    """Steps in a demand window of some minutes, 1 where it is no longer than a step. Raises CannotRate where the
    window is not a part of an hour made of whole steps."""
    if window * steps <= 60:
        return 1
    width = window * steps // 60
    if window * steps % 60 or steps % width:
        raise CannotRate("demandwindow", f"windows of {window} minutes are not made of {steps} steps an hour")
    return width


@dataclass(frozen=True)
class PlainLoad:
    """A load for `rate_plain`: whole Wh of each step of a year (and what was fed in, the supplier's system, VA-hours,
    if known), the highest reactive power of each month (var; -1 where not known), and how many meters measured it."""

    wh: Sequence[int]
    year: int
    first_weekday: int
    steps: int
    meters: int = 1
    fed: Sequence[int] = ()
    system: Sequence[int] = ()
    vah: Sequence[int] = ()
    month_var: Sequence[int] = (-1,) * MONTHS


def rate_plain(tariff: IntervalTariff, load: PlainLoad, meeting: str) -> list[MonthBill]:
    """The twelve bills of a load, by plain Python throughout. Raises CannotRate."""
    width = window_steps(tariff.window, load.steps)
    slots = [0] * at.GATHERED
    gather_load(load.wh, load.vah, load.fed, (load.year, load.first_weekday, load.steps), width, slots)
    slots[at.MONTH_VAR : at.MONTH_VAR + MONTHS] = load.month_var
    steps = at.LoadSteps(load.wh, load.vah or load.wh, load.system, slots)
    desk = desk_of(tariff.table, lambda size: [0] * size)
    calendar = (load.year, load.first_weekday, load.steps)
    facts = (*calendar, load.meters, MEETINGS.index(meeting), DOLLAR_DECIMALS, int(len(load.fed) > 0))
    rate_year(tariff.table, 0, facts, steps, desk)
    return bills_of(desk.bill)


def not_measured(tariff: IntervalTariff, *, fed: bool, system: bool, reactive: bool) -> list[str]:
    """What the tariff charges or pays and a load does not show, as "field: reason": energy fed in, the supplier's
    system, reactive energy."""
    told = []
    if tariff.coincident and not system:
        told.append("coincidentratestructure: the hours of the system's peak are not in the load")
    if tariff.reactive and not reactive:
        told.append("demandreactivepowercharge: the load has no reactive energy")
    if tariff.fed_in and not fed:
        told.append("dgrules: nothing is fed in")
    return told


def desk_of(table: Sequence[int], zeros: Callable[[int], list[int]]) -> at.Desk:
    """A desk for one tariff, of what `zeros` makes."""
    return at.Desk(*map(zeros, at.desk_sizes(MONTHS * table[at.ENERGY] * table[at.ENERGY_BLOCKS])))


def half_up(amount: Fraction, decimals: int) -> int:
    """Whole minor units, halves away from zero."""
    scaled = abs(amount) * int(10**decimals)
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return -whole if amount < 0 else whole
