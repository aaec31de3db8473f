"""From a version of a tariff book to the integer tables that the rules rate by.

The compiler refuses what it cannot rate, naming the place, and tells everything that is wrong at once. Components are
rated in this order: sub-supplies, energy, what is settled on leaving, by the hour, levies, fixed, capacity, demand,
reactive energy, power factor, minimum, allowance, export, taxes; a percentage is taken on components that stand before
it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gridhall.rules import layout as at
from gridhall.rules.plan import CompiledPlan
from gridhall.rules.units import DOWN, HALF_EVEN, HALF_UP
from gridhall.tariffs import base_parts, charge_parts, energy_parts, use_terms
from gridhall.tariffs.book import RIDER_PLACE, Book, Faults, Path, Version
from gridhall.tariffs.bounds import check_bounds
from gridhall.tariffs.draft import Draft
from gridhall.tariffs.monotone import check_monotone
from gridhall.tariffs.numbers import decimals_of
from gridhall.tariffs.windows import PERIOD_NAMES, read_periods, read_seasons

ROUND_HOW = {"half up": HALF_UP, "half even": HALF_EVEN, "down": DOWN}
SEASON_BY = {
    "days": at.BY_DAYS,
    "the period's month": at.BY_PERIOD,
    "last day": at.BY_LAST_DAY,
    "first day": at.BY_FIRST_DAY,
}
Build = Callable[[Draft, Mapping[str, Any], Path], None]
TERMS: tuple[tuple[str, Build], ...] = (("billing demand", use_terms.billing_demand), ("losses", use_terms.losses))
ORDER: tuple[tuple[str, Build], ...] = (
    ("sub-supplies", energy_parts.sub_supply),
    ("energy", energy_parts.energy),
    ("on leaving", energy_parts.settlement),
    ("hourly", energy_parts.hourly),
    ("levies", energy_parts.levy),
    ("fixed", charge_parts.fixed),
    ("capacity", charge_parts.capacity),
    ("demand", charge_parts.demand),
    ("reactive", charge_parts.reactive),
    ("power factor", base_parts.power_factor),
    ("minimum", base_parts.minimum),
    ("allowance", energy_parts.allowance),
    ("export", energy_parts.export),
    ("net metering", use_terms.net_metering),
    ("taxes", base_parts.tax),
)
PLACES = (at.PRICE_AT, at.LIMIT_AT, at.VARIANT_AT, at.BASE_AT, at.FACTOR_AT, at.KW_LIMIT_AT)
HEAD_PLACES = (at.PLAN_DEMAND_AT, at.PLAN_LOSS_AT)


def _table(draft: Draft) -> tuple[int, ...]:
    """Head, components and data in one; places in the data become places in the plan."""
    season_at = draft.keep(list(draft.seasons.table))
    data_at = at.PLAN_HEAD + at.COMPONENT_SIZE * len(draft.rows)
    head = [0] * at.PLAN_HEAD
    for k, value in draft.head.items():
        head[k] = value + data_at if k in HEAD_PLACES else value
    head[at.PLAN_SIZE] = data_at + len(draft.data)
    head[at.PLAN_PARTS] = 10 ** (13 - draft.decimals)
    head[at.PLAN_DECIMALS] = draft.decimals
    head[at.PLAN_SEASONS] = len(draft.seasons.names)
    head[at.PLAN_SEASON_BY] = SEASON_BY[draft.version.body.get("season by", "days")]
    head[at.PLAN_SEASON_AT] = season_at + data_at
    head[at.PLAN_COMPONENTS] = len(draft.rows)
    head[at.PLAN_LAYOUT] = at.LAYOUT
    head[at.PLAN_CHANGE] = use_terms.CHANGES[draft.version.body.get("change by", "days")]
    table = head
    for row in draft.rows:
        table += [row[k] + data_at if k in PLACES and k in row else row.get(k, 0) for k in range(at.COMPONENT_SIZE)]
    return (*table, *draft.data)


def _begin(book: Book, version: Version, path: Path, faults: Faults) -> Draft:
    """The draft of a version with its rounding, seasons and periods."""
    body = version.body
    decimals = decimals_of(book.currency)
    round_at, round_how, step = (part.strip() for part in body["rounding"].split(","))
    with faults.kept():
        if step != "to " + ("1" if decimals == 0 else "0." + "0" * (decimals - 1) + "1"):
            raise book.error((*path, "rounding"), f"amounts in {book.currency} have {decimals} decimals")
    seasons = read_seasons(book, body, path)
    names = tuple(name for name in PERIOD_NAMES if name in body.get("periods", {}))
    with faults.kept():
        names = read_periods(book, body, seasons, path)
    with faults.kept():
        if body.get("season by") == "the period's month" and not seasons.by_months:
            what = "a season begins inside a month, so the period's month cannot decide"
            raise book.error((*path, "season by"), what)
    draft = Draft(book, version, path, decimals, seasons, names)
    draft.head[at.PLAN_ROUND_AT] = at.PER_LINE if round_at == "per line" else at.ONCE_PER_BILL
    draft.head[at.PLAN_ROUND_HOW] = ROUND_HOW[round_how]
    return draft


def compile_version(book: Book, version: Version) -> CompiledPlan:
    """The integer tables of a version. Raises BookError where the book states what cannot be rated; its `all` names
    every place."""
    path: Path = ("versions", version.index)
    body = version.body
    faults = Faults()
    draft = _begin(book, version, path, faults)
    for term, state in TERMS:
        if term in body:
            with faults.kept():
                state(draft, body[term], (*path, term))
    for section, build in ORDER:
        stated = body.get(section, [])
        for k, item in enumerate([stated] if isinstance(stated, Mapping) else stated):
            place = (*path, section) if isinstance(stated, Mapping) else (*path, section, k)
            with faults.kept():
                build(draft, item, item.get(RIDER_PLACE, place))
    with faults.kept():
        if not draft.rows and not faults.found:
            raise book.error(path, "the version has nothing to rate")
        use_terms.combinations(draft)
    faults.settle()
    plan = CompiledPlan(book.code, book.currency, draft.decimals, _table(draft), tuple(draft.words))
    check_bounds(draft, plan)
    if body.get("monotone", False):
        check_monotone(draft, plan)
    return plan
