"""Everything that is wrong in a tariff book, at once, and what an officer wants to know of one that is right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridhall.rules import layout as at
from gridhall.rules.calendar import season_of
from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs.book import Book, BookError, Faults, Version, book_of, read_yaml, shape_faults
from gridhall.tariffs.bounds import WORST_MAX, worst_case
from gridhall.tariffs.cautions import cautions_of
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.examples import run_version
from gridhall.tariffs.load_steps import NO_PERIOD, Clock, days_of, year_days, zone_of
from gridhall.tariffs.windows import AS_METERED, PERIOD_NAMES

STEPS = 60  # a minute each
OF_BOOK = ("from", "until", "sample", "note", "source")  # what of a version the book itself reads


@dataclass(frozen=True)
class VersionChecked:
    """A version that is right: its plan, how many examples came to what they state, the minutes of its first year in
    each period ({} without windows), and the most minor units that a segment could come to."""

    version: Version
    plan: CompiledPlan
    examples: int
    minutes: Mapping[str, int]
    worst: int

    @property
    def room(self) -> int:
        """How many times the worst case fits into what can be counted."""
        return WORST_MAX // max(self.worst, 1)


@dataclass(frozen=True)
class Checked:
    """A book that was checked: its versions as far as they are right, all faults in the order of lines, and what is
    allowed but seldom meant."""

    versions: tuple[VersionChecked, ...]
    faults: tuple[BookError, ...]
    cautions: tuple[BookError, ...] = ()


def check_text(text: str) -> Checked:
    """Read, compile and try a book. Never raises BookError: what is wrong is in `faults`."""
    faults = Faults()
    versions: list[VersionChecked] = []
    cautions: tuple[BookError, ...] = ()
    with faults.kept():
        document, lines = read_yaml(text)
        faults.found += shape_faults(document, lines)
        document = _of_right_shape(document, faults.found)
        if document is not None:
            of_shape = list(faults.found)
            book = book_of(document, lines, faults)
            cautions = cautions_of(book)
            for version in book.versions:
                if not any(_inside(fault, version) for fault in of_shape):
                    with faults.kept():
                        versions.append(_checked(book, version))
    first, *more = faults.found or [BookError((), 0, "")]
    found = BookError(tuple(first.path.split("/")), first.line, first.what, tuple(more)).all if faults.found else ()
    return Checked(tuple(versions), found, cautions)


def _of_right_shape(document: Any, found: list[BookError]) -> Any:
    """The document where its shape is right outside of what versions state, so that the other versions can be tried;
    else None."""
    if any(len(fault.path.split("/")) < 3 or not fault.path.startswith("versions/") for fault in found):
        return None
    if any(fault.path.split("/")[2] in OF_BOOK for fault in found):
        return None
    return document


def _inside(fault: BookError, version: Version) -> bool:
    return fault.path.startswith(f"versions/{version.index}/")


def _checked(book: Book, version: Version) -> VersionChecked:
    plan = compile_version(book, version)
    faults = Faults()
    count = 0
    for result in run_version(book, version, plan):
        count += 1
        if not result.holds:
            path = tuple(int(part) if part.isdigit() else part for part in result.path.split("/"))
            faults.found.append(book.error(path, _told(result.title, result, plan.decimals, book.currency)))
    faults.settle()
    return VersionChecked(version, plan, count, minutes_of_year(book, version, plan), worst_case(plan).total)


def _told(title: str, result: Any, decimals: int, currency: str) -> str:
    """What an example states and what it comes to, in the main unit of the currency."""

    def amount(minor: int) -> str:
        digits = f"{abs(minor):0{decimals + 1}d}"
        whole, part = (digits[:-decimals], digits[-decimals:]) if decimals else (digits, "")
        return ("-" if minor < 0 else "") + whole + (f".{part}" if part else "") + f" {currency}"

    if result.fault:
        return f"example “{title}” cannot be rated: its quantities have fault {result.fault}"
    what = f"example “{title}” does not come out, {amount(result.stated)} stated, {amount(result.rated)} rated"
    for key, stated in result.lines_stated.items():
        rated = result.lines_rated.get(key, 0)
        if rated != stated:
            what += f"; {key}: {amount(stated)} stated, {amount(rated)} rated"
    if result.kept is not None and result.kept[0] != result.kept[1]:
        what += f"; keeps {result.kept[0]} Wh, comes to {result.kept[1]}"
    return what


def minutes_of_year(book: Book, version: Version, plan: CompiledPlan, year: int = 0) -> dict[str, int]:
    """How many minutes of a year (the version's first unless said) lie in each period, each counted once: holidays and
    special days as they fall, days of 23 or 25 hours as they are lived. {} where no window tells.

    Raises BookError for a minute in a period that has no price in its season.
    """
    stated = version.body.get("periods", {})
    zone = zone_of(book, version)
    if not stated or AS_METERED in stated.values():
        return {}
    first, until = year_days(year or version.from_on.year)
    days, clock = days_of(first, until, STEPS, zone), Clock(book, version, plan)
    minutes: dict[str, int] = dict.fromkeys((name for name in PERIOD_NAMES if name in stated), 0)
    for day, walls in enumerate(days.walls, first):
        periods = clock.periods(day, walls, days.width)
        for period in sorted(set(periods)):
            if period == NO_PERIOD or not _is_priced(plan.table, day, period):
                what = f"{PERIOD_NAMES[period]} has no price in {clock.season(day) or 'the year'}"
                raise book.error(("versions", version.index, "periods"), what)
            minutes[PERIOD_NAMES[period]] += periods.count(period)
    return minutes


def _is_priced(table: tuple[int, ...], day: int, period: int) -> bool:
    """Whether every component that prices energy by period has a price for this one in the season of a day."""
    season = season_of(table, table[at.PLAN_SEASON_AT], day) if table[at.PLAN_SEASONS] > 1 else 0
    for k in range(table[at.PLAN_COMPONENTS]):
        component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
        periods, blocks = table[component + at.PERIODS], table[component + at.BLOCKS]
        if table[component + at.KIND] == at.ENERGY and periods > 1:
            price = table[table[component + at.PRICE_AT] + (season * periods + period) * blocks]
            if price == at.UNPRICED:
                return False
    return True
