"""From a version of a tariff book to the integer tables that the rules rate by.

The compiler refuses what it cannot rate, naming the place. Components are rated in this order: energy, levies,
fixed, capacity, demand, power factor, minimum, allowance, taxes; a percentage is taken on components that stand
before it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gridhall.rules import layout as at
from gridhall.rules.plan import CompiledPlan, ComponentWords
from gridhall.rules.units import DOWN, HALF_EVEN, HALF_UP
from gridhall.tariffs.book import Book, Path, Version, words
from gridhall.tariffs.factors import factor_table
from gridhall.tariffs.numbers import decimals_of, price_of, price_table, scaled, thousandths
from gridhall.tariffs.windows import REGISTERS, Seasons, read_periods, read_seasons

ROUND_HOW = {"half up": HALF_UP, "half even": HALF_EVEN, "down": DOWN}
SHARES = {"once a bill": at.WHOLE, "1/30 a day": at.THIRTIETHS, "by days of the period": at.PERIOD_SHARE}
CLASS_NAMES = {"tax": at.CLASS_TAX, "levy": at.CLASS_LEVY, "energy": at.CLASS_ENERGY, "basic": at.CLASS_BASIC}
UNIT_NAMES = {at.KWH: "kWh", at.KW: "kW", at.KVA: "kVA", at.MONTH: "month", at.DAY: "day", at.PER_CENT: "%"}
USUAL_NAMES = {
    "energy": ("电度电费", "Energy"),
    "blocks": ("阶梯加价", "Block supplement"),
    "levy": ("附加费", "Levy"),
    "fixed": ("固定费用", "Fixed charge"),
    "capacity": ("容量电费", "Capacity charge"),
    "demand": ("需量电费", "Demand charge"),
    "power_factor": ("力调电费", "Power-factor adjustment"),
    "minimum": ("最低消费", "Minimum charge"),
    "allowance": ("免费电量", "Free energy"),
    "tax": ("税费", "Tax"),
}
SEASON_BY = {
    "days": at.BY_DAYS,
    "the period's month": at.BY_PERIOD,
    "last day": at.BY_LAST_DAY,
    "first day": at.BY_FIRST_DAY,
}
GROUPS = {
    "energy": {"energy", "blocks"},
    "levies": {"levy"},
    "fixed": {"fixed"},
    "capacity": {"capacity"},
    "demand": {"demand"},
    "power factor": {"power_factor"},
    "minimum": {"minimum"},
    "allowance": {"allowance"},
    "taxes": {"tax"},
}


@dataclass
class Draft:
    """A plan while it is put together: rows of components, the data they point at, and their words."""

    book: Book
    version: Version
    path: Path
    decimals: int
    seasons: Seasons
    periods: tuple[str, ...]
    rows: list[dict[int, int]] = field(default_factory=list)
    data: list[int] = field(default_factory=list)
    words: list[ComponentWords] = field(default_factory=list)

    def keep(self, values: list[int]) -> int:
        """Put numbers into the data of the plan; returns their place in it (made relative to the plan at the end)."""
        self.data.extend(values)
        return len(self.data) - len(values)

    def add(
        self, kind: str, item: Mapping[str, Any], path: Path, ledger_class: int, unit: int, row: dict[int, int]
    ) -> None:
        """Append a component. Keys are unique in a version: a kind's second component is called kind_2."""
        if len(self.rows) == at.MAX_COMPONENTS:
            raise self.book.error(path, f"a version has at most {at.MAX_COMPONENTS} components")
        taken = {component.key for component in self.words}
        key = item.get("key", kind)
        if "key" in item and key in taken:
            raise self.book.error((*path, "key"), f"there are two components with the key {key}")
        number = 2
        while key in taken:
            key = f"{kind}_{number}"
            number += 1
        name, clause = words(item.get("name")), words(item.get("clause"))
        zh, en = USUAL_NAMES[kind]
        self.words.append(
            ComponentWords(
                key, kind, name.zh or zh, name.en or en, clause.zh, clause.en, ledger_class, UNIT_NAMES[unit]
            )
        )
        rounding = 1 if item.get("round") == "this line" else 0
        usual = {at.PERIODS: 1, at.BLOCKS: 1, at.CLASS: ledger_class, at.UNIT: unit, at.OWN_ROUNDING: rounding}
        self.rows.append(usual | row)

    def prices(
        self, value: Any, path: Path, blocks: int = 1, less: tuple[int, ...] = (), by_period: bool = False
    ) -> int:
        """Place of the prices season × register × block in the data."""
        registers = REGISTERS if by_period else ("",)
        periods = self.periods if by_period else ()
        table = price_table(
            self.book, value, self.seasons.names, periods, registers, blocks, less, self.decimals, path
        )  # fmt: skip
        return self.keep(table)

    def bases(self, names: list[str], path: Path) -> tuple[int, int]:
        """(place, number) of the components that the names mean: keys, groups, or everything so far."""
        chosen: list[int] = []
        for k, name in enumerate(names):
            kinds = GROUPS.get(name, set())
            found = [
                n
                for n, component in enumerate(self.words)
                if name == "everything" or component.key == name or component.kind in kinds
            ]
            if not found and name != "everything" and name not in GROUPS:
                raise self.book.error((*path, k), f"no component before this one is called {name}")
            chosen += [n for n in found if n not in chosen]
        return self.keep(sorted(chosen)), len(chosen)


def _depends_on(value: Any, names: tuple[str, ...]) -> bool:
    """True when prices differ by any of these names at some depth."""
    if not isinstance(value, Mapping):
        return False
    return any(key in names or _depends_on(inner, names) for key, inner in value.items())


def _limits(draft: Draft, stated: Any, season: str, cycle: int, path: Path) -> list[int]:
    """Limits of one season in Wh per month, checked to rise."""
    if isinstance(stated, Mapping):
        for key in stated:
            if key not in draft.seasons.names:
                raise draft.book.error((*path, key), f"there is no season {key}")
        if season not in stated:
            raise draft.book.error(path, f"no limits for {season}")
        stated, path = stated[season], (*path, season)
    result: list[int] = []
    for k, limit in enumerate(stated):
        place = (*path, k)
        if isinstance(limit, str):
            number, _, unit = limit.partition(" a ")
            if unit == "year" and cycle != at.BLOCK_YEAR:
                raise draft.book.error(place, "a limit a year needs “count: the year's kWh”")
            wh = thousandths(draft.book, Decimal(number), place)
            if unit == "year":
                if wh % 12:
                    raise draft.book.error(place, f"{limit} is no whole number of Wh a month")
                wh //= 12
        elif cycle == at.BLOCK_YEAR:
            raise draft.book.error(place, "say whether this is “a month” or “a year”")
        else:
            wh = thousandths(draft.book, limit, place)
        if result and wh <= result[-1]:
            raise draft.book.error(place, "limits must rise from block to block")
        result.append(wh)
    return result


def _block_row(draft: Draft, blocks: Mapping[str, Any], path: Path) -> dict[int, int]:
    """The numbers of a component that say how its blocks are counted and where they end."""
    by_days = blocks.get("widths") == "by days / 30"
    yearly = blocks["count"] == "the year's kWh"
    if by_days and yearly:
        raise draft.book.error((*path, "widths"), "blocks of the year go by months, not by days")
    cycle = at.BLOCK_YEAR if yearly else at.BLOCK_DAYS if by_days else at.BLOCK_MONTH
    households = blocks.get("large household", [])
    households = [households] if isinstance(households, Mapping) else households
    sets: list[tuple[Any, Path]] = [(blocks["limits"], (*path, "limits"))]
    sets += [(variant["limits"], (*path, "large household", "limits")) for variant in households]
    persons = [variant["from persons"] for variant in households]
    if persons != sorted(set(persons)):
        raise draft.book.error((*path, "large household"), "numbers of persons must rise")
    rows = [_limits(draft, stated, name, cycle, place) for stated, place in sets for name in draft.seasons.names]
    if len({len(row) for row in rows}) != 1:
        raise draft.book.error((*path, "limits"), "every season and household needs the same number of limits")
    return {
        at.BLOCKS: len(rows[0]) + 1,
        at.BLOCK_CYCLE: cycle,
        at.LIMIT_AT: draft.keep([limit for row in rows for limit in row]),
        at.VARIANTS: len(persons),
        at.VARIANT_AT: draft.keep(persons),
    }


def _energy(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """Energy prices, and the parts of the printed price that are shown as lines of their own."""
    blocks = item.get("blocks")
    row: dict[int, int] = {at.KIND: at.ENERGY, at.SOURCE: at.WH_TOTAL}
    if blocks is not None:
        row |= _block_row(draft, blocks, (*path, "blocks"))
    adds = blocks is not None and "add per kWh" in blocks
    if adds == ("price per kWh" in item):
        raise draft.book.error(path, "energy needs either “price per kWh” or blocks with “add per kWh”")
    value = blocks["add per kWh"] if blocks is not None and adds else item["price per kWh"]
    place = (*path, "blocks", "add per kWh") if adds else (*path, "price per kWh")
    by_period = _depends_on(value, draft.periods)
    meeting = (blocks or {}).get("with periods")
    if by_period and blocks is not None:
        if meeting is None:
            raise draft.book.error(
                (*path, "blocks"), "say how blocks meet periods: “with periods: prorata” or “per_period”"
            )
        if meeting == "per_period" and row[at.BLOCK_CYCLE] == at.BLOCK_YEAR:
            raise draft.book.error((*path, "blocks", "with periods"), "blocks of the year cannot be counted per period")
        row[at.BLOCK_MODE] = at.BLOCKS_PRO_RATA if meeting == "prorata" else at.BLOCKS_PER_PERIOD
    elif meeting is not None:
        raise draft.book.error((*path, "blocks", "with periods"), "these prices do not differ by period")
    parts = item.get("of which", [])
    less = tuple(
        price_of(draft.book, part["price per kWh"], draft.decimals, (*path, "of which", k, "price per kWh"))
        for k, part in enumerate(parts)
    )
    row[at.PRICE_AT] = draft.prices(value, place, row.get(at.BLOCKS, 1), less, by_period)
    row[at.PERIODS] = len(REGISTERS) if by_period else 1
    draft.add("blocks" if adds else "energy", item, path, at.CLASS_ENERGY, at.KWH, row)
    for k, part in enumerate(parts):
        _levy(draft, part, (*path, "of which", k))


def _levy(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    value, place = item["price per kWh"], (*path, "price per kWh")
    by_period = _depends_on(value, draft.periods)
    row = {
        at.KIND: at.ENERGY,
        at.SOURCE: at.WH_TOTAL,
        at.PERIODS: len(REGISTERS) if by_period else 1,
        at.PRICE_AT: draft.prices(value, place, by_period=by_period),
    }
    draft.add("levy", item, path, at.CLASS_LEVY, at.KWH, row)


def _fixed(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    monthly = "price per month" in item
    if monthly == ("price per day" in item):
        raise draft.book.error(path, "a fixed charge needs either “price per month” or “price per day”")
    if monthly and "divided" not in item:
        raise draft.book.error(path, "say how the month is divided over days (divided: …)")
    word = "price per month" if monthly else "price per day"
    row = {
        at.KIND: at.CHARGE,
        at.SOURCE: at.SOURCE_ONE,
        at.SHARE: SHARES[item["divided"]] if monthly else at.DAILY,
        at.PRICE_AT: draft.prices(item[word], (*path, word)),
    }
    draft.add("fixed", item, path, at.CLASS_BASIC, at.MONTH if monthly else at.DAY, row)


def _capacity(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    word = "price per kVA a month"
    row = {
        at.KIND: at.CHARGE,
        at.SOURCE: at.CAPACITY_VA,
        at.SHARE: SHARES[item["divided"]],
        at.PRICE_AT: draft.prices(item[word], (*path, word)),
    }
    draft.add("capacity", item, path, at.CLASS_BASIC, at.KVA, row)


def _demand(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    word = "price per kW a month"
    row = {
        at.KIND: at.CHARGE,
        at.SOURCE: at.DEMAND_W,
        at.SHARE: SHARES[item["divided"]],
        at.PRICE_AT: draft.prices(item[word], (*path, word)),
    }
    over, least = item.get("over contract"), item.get("at least per cent of capacity", 0)
    if item["billed"] == "contract":
        if over is None:
            raise draft.book.error(path, "contract demand needs “over contract”")
        place = (*path, "over contract")
        row[at.KIND] = at.CONTRACT_DEMAND
        row[at.OVER_PRICE] = price_of(draft.book, over[word], draft.decimals, (*place, word))
        row[at.BAND] = scaled(draft.book, over["beyond per cent"], 10, (*place, "beyond per cent"), "a per cent")
        row[at.LEAST] = scaled(draft.book, least, 10, (*path, "at least per cent of capacity"), "a per cent")
    elif over is not None or least:
        raise draft.book.error(path, "“over contract” and “at least” belong to “billed: contract”")
    draft.add("demand", item, path, at.CLASS_BASIC, at.KW, row)


def _power_factor(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    place, number = draft.bases(item["on"], (*path, "on"))
    try:
        factors = factor_table(item["table"])
    except FileNotFoundError:
        raise draft.book.error((*path, "table"), f"there is no table {item['table']}") from None
    row = {at.KIND: at.POWER_FACTOR, at.BASE_AT: place, at.BASES: number, at.FACTOR_AT: draft.keep(list(factors))}
    draft.add("power_factor", item, path, at.CLASS_BASIC, at.PER_CENT, row)


def _minimum(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    if any(component.kind == "minimum" for component in draft.words):
        raise draft.book.error(path, "a version has at most one minimum")
    place, number = draft.bases(item["counts"], (*path, "counts"))
    row = {
        at.KIND: at.MINIMUM,
        at.SHARE: SHARES[item["divided"]],
        at.BASE_AT: place,
        at.BASES: number,
        at.PRICE_AT: draft.prices(item["price per month"], (*path, "price per month")),
    }
    draft.add("minimum", item, path, at.CLASS_BASIC, at.MONTH, row)


def _allowance(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    row = {at.KIND: at.ALLOWANCE, at.SOURCE: at.ALLOWANCE_WH, at.PRICE_AT: draft.prices(item["at"], (*path, "at"))}
    draft.add("allowance", item, path, at.CLASS_ALLOWANCE, at.KWH, row)


def _tax(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    place, number = draft.bases(item["on"], (*path, "on"))
    prices = draft.prices(item["per cent"], (*path, "per cent"))
    for k in range(prices, prices + len(draft.seasons.names)):
        if draft.data[k] % 100:
            raise draft.book.error((*path, "per cent"), "a per cent can have 8 decimals")
        draft.data[k] //= 100  # 13 per cent is 0.13
        if abs(draft.data[k]) > 10**11:
            raise draft.book.error((*path, "per cent"), "a percentage is at most 1000 per cent")
    row = {at.KIND: at.PERCENT, at.PRICE_AT: prices, at.BASE_AT: place, at.BASES: number}
    draft.add("tax", item, path, CLASS_NAMES[item.get("as", "tax")], at.PER_CENT, row)


ORDER: tuple[tuple[str, Callable[[Draft, Mapping[str, Any], Path], None]], ...] = (
    ("energy", _energy),
    ("levies", _levy),
    ("fixed", _fixed),
    ("capacity", _capacity),
    ("demand", _demand),
    ("power factor", _power_factor),
    ("minimum", _minimum),
    ("allowance", _allowance),
    ("taxes", _tax),
)
PLACES = (at.PRICE_AT, at.LIMIT_AT, at.VARIANT_AT, at.BASE_AT, at.FACTOR_AT)


def _table(draft: Draft, round_at: int, round_how: int) -> tuple[int, ...]:
    """Head, components and data in one; places in the data become places in the plan."""
    season_at = draft.keep(list(draft.seasons.table))
    data_at = at.PLAN_HEAD + at.COMPONENT_SIZE * len(draft.rows)
    head = [0] * at.PLAN_HEAD
    head[at.PLAN_SIZE] = data_at + len(draft.data)
    head[at.PLAN_PARTS] = 10 ** (13 - draft.decimals)
    head[at.PLAN_DECIMALS] = draft.decimals
    head[at.PLAN_ROUND_AT] = round_at
    head[at.PLAN_ROUND_HOW] = round_how
    head[at.PLAN_SEASONS] = len(draft.seasons.names)
    head[at.PLAN_SEASON_BY] = SEASON_BY[draft.version.body.get("season by", "days")]
    head[at.PLAN_SEASON_AT] = season_at + data_at
    head[at.PLAN_COMPONENTS] = len(draft.rows)
    table = head
    for row in draft.rows:
        table += [row[k] + data_at if k in PLACES and k in row else row.get(k, 0) for k in range(at.COMPONENT_SIZE)]
    return (*table, *draft.data)


def compile_version(book: Book, version: Version) -> CompiledPlan:
    """The integer tables of a version. Raises BookError where the book states what cannot be rated."""
    path: Path = ("versions", version.index)
    body = version.body
    decimals = decimals_of(book.currency)
    round_at, round_how, step = (part.strip() for part in body["rounding"].split(","))
    if step != "to " + ("1" if decimals == 0 else "0." + "0" * (decimals - 1) + "1"):
        raise book.error((*path, "rounding"), f"amounts in {book.currency} have {decimals} decimals")
    seasons = read_seasons(book, body, path)
    draft = Draft(book, version, path, decimals, seasons, read_periods(book, body, seasons, path))
    if body.get("season by") == "the period's month" and not seasons.by_months:
        raise book.error((*path, "season by"), "a season begins inside a month, so the period's month cannot decide")
    for section, build in ORDER:
        for k, item in enumerate(body.get(section, [])):
            build(draft, item, (*path, section, k))
    if not draft.rows:
        raise book.error(path, "the version has nothing to rate")
    table = _table(draft, at.PER_LINE if round_at == "per line" else at.ONCE_PER_BILL, ROUND_HOW[round_how])
    return CompiledPlan(book.code, book.currency, decimals, table, tuple(draft.words))
