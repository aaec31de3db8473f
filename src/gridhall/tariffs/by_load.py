"""A year of a load rated by a tariff book: the windows of the book laid on the steps of the load.

Each month is one bill by the same rules that rate readings. Its energy by register is what the steps inside the
book's windows add up to, its demand the highest of the book's demand windows; a month that a season or another version
begins in is cut there, each side with the energy that was measured in it. Blocks of the year, kWh kept from export and
the minimum of the year go on from January on. A ratchet looks back into the same load: its own year stands for the year
before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from gridhall.rules import layout as at
from gridhall.rules.calendar import add_months
from gridhall.rules.in_time import component_in_time, facts_in_time
from gridhall.rules.plan import CompiledPlan, RatedBill, rate_with
from gridhall.rules.price_series import ALL_PRICED, cost_of_series
from gridhall.rules.seasons import cut_at_season
from gridhall.tariffs.book import Book, Version
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.load_steps import NO_PERIOD, Clock, Days, days_of, year_days, zone_of
from gridhall.tariffs.load_terms import LoadTerms
from gridhall.tariffs.windows import PERIOD_NAMES

# What a component of each kind is told under.
TOLD_AS = {
    "energy": "energy", "blocks": "energy", "levy": "energy", "allowance": "energy", "hourly": "energy",
    "settlement": "energy",
    "sub_supply": "energy", "export": "energy", "paid_out": "energy",
    "capacity": "demand_flat", "demand": "demand_flat", "power_factor": "demand_flat", "reactive": "demand_flat",
    "fixed": "fixed", "minimum": "minimum", "tax": "tax",
}  # fmt: skip
FACT_ENDINGS = ("sharp", "peak", "flat", "valley", "deep")  # of PERIOD_NAMES
MONTHS = 12


@dataclass(frozen=True)
class BookMonth:
    """A month's bill by a book: exact amounts in currency units by what they are for (values of TOLD_AS), their sum,
    the bill in minor units as the book rounds it, and the bill itself."""

    amounts: dict[str, Fraction]
    total: Fraction
    total_minor: int
    bill: RatedBill


@dataclass(frozen=True)
class _Rated:
    """A version made ready: in force from day `first` to before `until` of the load's year."""

    version: Version
    plan: CompiledPlan
    clock: Clock
    first: int
    until: int
    window: int  # steps over which demand is measured


@dataclass
class _Year:
    """What goes on from month to month."""

    used_wh: int = 0
    credit_wh: int = 0
    counted: int = 0


def newest(book: Book) -> Version:
    """The version of a book that began last."""
    return max(book.versions, key=lambda version: version.from_on)


def _made_ready(book: Book, version: Version, steps: int, first: int, until: int) -> _Rated:
    plan = compile_version(book, version)
    minutes = int(str(version.body.get("demand over", f"{60 // steps} minutes")).split()[0])
    if minutes * steps % 60:
        what = f"demand over {minutes} minutes cannot be told from steps of {60 // steps}"
        raise book.error(("versions", version.index, "demand over"), what)
    return _Rated(version, plan, Clock(book, version, plan), first, until, minutes * steps // 60)


def _demands(rated: _Rated, load: Sequence[int], days: Days, span: range) -> tuple[int, list[int]]:
    """(highest demand, highest by period) of some days, W: the mean of each demand window, to the nearest W."""
    whole, parts = 0, [0] * len(PERIOD_NAMES)
    window = rated.window
    for day in span:
        place = day - days.first_day
        periods = rated.clock.periods(day, days.walls[place], days.width)
        start = days.starts[place]
        for step in range(0, len(periods), window):
            wh = sum(load[start + step : start + step + window])
            demand = (2 * wh * 60 + window * days.width) // (2 * window * days.width)
            whole = max(whole, demand)
            if periods[step] != NO_PERIOD:
                parts[periods[step]] = max(parts[periods[step]], demand)
    return whole, parts


def _by_period(rated: _Rated, load: Sequence[int], days: Days, span: range) -> tuple[int, list[int]]:
    """(energy, energy by period) of some days, Wh."""
    whole, parts = 0, [0] * len(PERIOD_NAMES)
    for day in span:
        place = day - days.first_day
        start = days.starts[place]
        for step, period in enumerate(rated.clock.periods(day, days.walls[place], days.width)):
            whole += load[start + step]
            if period != NO_PERIOD:
                parts[period] += load[start + step]
    return whole, parts


def _energy_facts(rated: _Rated, load: Sequence[int], terms: LoadTerms, days: Days, span: range) -> dict[str, int]:
    """The facts that the steps of some days (day numbers) add up to."""
    whole, parts = _by_period(rated, load, days, span)
    demand, demands = _demands(rated, load, days, span)
    facts = {"from_day": span.start, "to_day": span.stop, "wh_total": whole, "demand_w": demand}
    facts |= {f"wh_{name}": wh for name, wh in zip(FACT_ENDINGS, parts, strict=True)}
    facts |= {f"demand_{name}": watts for name, watts in zip(FACT_ENDINGS, demands, strict=True)}
    if terms.export:
        exported, exports = _by_period(rated, terms.export, days, span)
        facts |= {f"export_{name}": wh for name, wh in zip(FACT_ENDINGS, exports, strict=True)}
        facts["export_wh"] = exported
    steps = days.steps_of(span)
    if terms.varh:
        facts["varh"] = sum(terms.varh[steps.start : steps.stop])
    peaks = [load[t] * 60 // days.width for t in terms.system_peaks if t in steps]
    if peaks:
        facts["coincident_w"] = max(peaks)
    return facts


def _hourly_facts(
    book: Book, rated: _Rated, load: Sequence[int], terms: LoadTerms, days: Days, span: range
) -> dict[str, int]:
    """What the energy of some days costs by the price series of the version."""
    stated = rated.version.body.get("hourly", [])
    if not stated:
        return {}
    path = ("versions", rated.version.index, "hourly", 0, "series")
    series = terms.prices.get(stated[0]["series"])
    if series is None:
        raise book.error(path, f"the prices of {stated[0]['series']} are not given")
    if days.width > series.step or series.step % days.width:
        raise book.error(path, f"steps of {days.width} minutes cannot be priced every {series.step} minutes")
    if series.offsets != ("time zone" in rated.version.body):
        what = "moments with an offset need a “time zone” in the version, and a time zone needs moments with an offset"
        raise book.error(path, what)
    steps = days.steps_of(span)
    prices: list[int] = []
    for day in span:
        place = day - days.first_day
        prices += [series.at(days.minutes[place] + k * days.width) for k in range(len(days.walls[place]))]
    wh = list(load[steps.start : steps.stop])
    if terms.export and "net metering" in rated.version.body:
        wh = [used - fed for used, fed in zip(wh, terms.export[steps.start : steps.stop], strict=True)]
    minor, rest, missing = cost_of_series(wh, prices, 0, len(wh), rated.plan.parts)
    if missing != ALL_PRICED:
        raise book.error(path, f"step {steps.start + missing + 1} of the load has no price in the series")
    return {"hourly_minor": minor, "hourly_rest": rest, "hourly_wh": sum(wh)}


def _looked_back(rated: _Rated, month: int, starts: Sequence[int], peaks: Sequence[int]) -> int:
    """The highest demand of the months that the version's ratchet looks back on from a month (0..), W."""
    ratchet = rated.version.body.get("billing demand", {}).get("ratchet")
    if not ratchet:
        return 0
    back = [(month - k) % MONTHS for k in range(1, ratchet.get("months", MONTHS - 1) + 1)]
    names = ratchet.get("of seasons")
    return max((peaks[m] for m in back if names is None or rated.clock.season(starts[m + 1] - 1) in names), default=0)


def _told(plans: Sequence[CompiledPlan], segments: Sequence[Mapping[str, int]], bill: RatedBill) -> BookMonth:
    names = ("energy", "demand_flat", "demand_tou", "fixed", "minimum", "tax")
    amounts = dict.fromkeys(names, Fraction(0))
    for line in bill.lines:
        plan = plans[segments[line.segment]["plan"]]
        exact = (line.amount + Fraction(line.rest, plan.parts)) / int(10**plan.decimals)
        kind = plan.components[line.component].kind
        told = "demand_tou" if kind == "demand" and line.period else TOLD_AS[kind]
        amounts[told] += exact
    return BookMonth(amounts, sum(amounts.values(), Fraction(0)), bill.amount, bill)


def _counted(plans: Sequence[CompiledPlan], segments: Sequence[Mapping[str, int]], bill: RatedBill) -> int:
    """Minor units of a bill that count towards the minimum of its plans."""
    total = 0
    for line in bill.lines:
        table = plans[segments[line.segment]["plan"]].table
        for k in range(table[at.PLAN_COMPONENTS]):
            component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
            start = table[component + at.BASE_AT]
            if table[component + at.KIND] == at.MINIMUM:
                total += line.amount if line.component in table[start : start + table[component + at.BASES]] else 0
    return total


def rate_by_book(
    book: Book, version: Version, load: Sequence[int], year: int, steps: int, terms: LoadTerms | None = None
) -> list[BookMonth]:
    """The twelve bills of a load (whole Wh of each step of the year, `steps` to the hour) by one version. Raises
    BookError for what a load cannot tell, ValueError where the rules find a fault."""
    first, until = year_days(year)
    return _rate(book, [_made_ready(book, version, steps, first, until)], load, year, steps, terms or LoadTerms())


def rate_in_force(
    book: Book, load: Sequence[int], year: int, steps: int, terms: LoadTerms | None = None
) -> list[BookMonth]:
    """The same by the versions that are in force, each for its own days. Raises BookError where a day has none."""
    ready = [_made_ready(book, version, steps, start, end) for version, start, end in versions_of_year(book, year)]
    return _rate(book, ready, load, year, steps, terms or LoadTerms())


def versions_of_year(book: Book, year: int) -> list[tuple[Version, int, int]]:
    """The versions in force in a year, each with its first day in it and the day after its last (day numbers). Raises
    BookError where a day has none."""
    first, until = year_days(year)
    found, day = [], first
    for version in book.versions:
        start = max(first, version.from_on.toordinal())
        end = min(until, until if version.until_on is None else version.until_on.toordinal())
        if start < end:
            if start != day:
                break
            found.append((version, start, end))
            day = end
    if day != until:
        raise book.error(("versions",), f"no version is in force on all days of {year}")
    return found


def _rate(
    book: Book, versions: Sequence[_Rated], load: Sequence[int], year: int, steps: int, terms: LoadTerms
) -> list[BookMonth]:
    first, until = year_days(year)
    days = days_of(first, until, steps, zone_of(book, versions[0].version))
    for values in (load, *(each for each in (terms.export, terms.varh) if each)):
        if len(values) != days.starts[-1]:
            raise ValueError(f"{len(values)} values, but {year} has {days.starts[-1]} steps ({steps} an hour)")
    starts = [add_months(first, month) for month in range(MONTHS + 1)]
    peaks = [
        max(_demands(rated, load, days, range(max(a, rated.first), min(b, rated.until)))[0] for rated in versions)
        for a, b in pairwise(starts)
    ]
    plans = [rated.plan for rated in versions]
    going_on, months = _Year(), []
    for month in range(MONTHS):
        segments = _segments(book, versions, load, terms, days, range(starts[month], starts[month + 1]))
        for segment in segments:
            rated = versions[segment["plan"]]
            segment |= _shared(rated, year, month, going_on, terms)
            segment["period_days"] = starts[month + 1] - starts[month]
            segment["past_demand_w"] = _looked_back(rated, month, starts, peaks)
        _lay_in_time(versions, segments, load, days, starts[month + 1])
        bill = rate_with(plans, segments)
        if bill.fault:
            raise ValueError(f"month {month + 1} has fault {bill.fault}")
        going_on.used_wh += bill.wh
        going_on.credit_wh = bill.credit_wh
        going_on.counted += _counted(plans, segments, bill)
        months.append(_told(plans, segments, bill))
    return months


def _lay_in_time(
    versions: Sequence[_Rated], segments: Sequence[dict[str, int]], load: Sequence[int], days: Days, bill_end: int
) -> None:
    """Add what the pieces of a month have used of each period at the limits of blocks in the order of time."""
    used = 0
    for segment in segments:
        rated = versions[segment["plan"]]
        if component_in_time(rated.plan.table):
            span = range(segment["from_day"], segment["to_day"])
            steps = days.steps_of(span)
            periods: list[int] = []
            for day in span:
                periods += rated.clock.periods(day, days.walls[day - days.first_day], days.width)
            wh = load[steps.start : steps.stop]
            segment |= facts_in_time(rated.plan.table, segment, wh, periods, used, bill_end)
        used += segment["wh_total"]


def _segments(
    book: Book, versions: Sequence[_Rated], load: Sequence[int], terms: LoadTerms, days: Days, month: range
) -> list[dict[str, int]]:
    """The pieces of a month: cut where another version begins, and where a season does."""
    segments = []
    for place, rated in enumerate(versions):
        day, end = max(month.start, rated.first), min(month.stop, rated.until)
        while day < end:
            until = cut_at_season(rated.plan.table, 0, day, end)
            span = range(day, until)
            facts = _energy_facts(rated, load, terms, days, span)
            segments.append(facts | _hourly_facts(book, rated, load, terms, days, span) | {"plan": place})
            day = until
    return segments


def _shared(rated: _Rated, year: int, month: int, going_on: _Year, terms: LoadTerms) -> dict[str, int]:
    """Facts that all pieces of a month share."""
    pay_out = rated.version.body.get("net metering", {}).get("pay out in", MONTHS)
    return {
        "period": year * 100 + month + 1,
        "year_months": MONTHS,
        "year_used_wh": going_on.used_wh,
        "credit_wh": going_on.credit_wh,
        "year_counted": going_on.counted,
        "true_up": int(month + 1 == pay_out),
        "year_ends": int(month + 1 == MONTHS),
        "meters": terms.meters,
        "capacity_va": terms.capacity_va,
        "contract_w": terms.contract_w,
        "persons": terms.persons,
        "allowance_wh": terms.allowance_wh,
        "power_factor_standard": terms.power_factor_standard,
        "sub_share": terms.sub_share,
        "sub_wh": terms.sub_wh,
    }
