"""A plan while it is put together from a version of a tariff book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gridhall.rules import layout as at
from gridhall.rules.plan import ComponentWords
from gridhall.tariffs.book import Book, Path, Version, words
from gridhall.tariffs.numbers import price_table
from gridhall.tariffs.windows import DEEP_VALLEY, PERIOD_NAMES, REGISTERS, Seasons

UNIT_NAMES = {
    at.KWH: "kWh", at.KW: "kW", at.KVA: "kVA", at.MONTH: "month", at.DAY: "day", at.PER_CENT: "%", at.KVARH: "kvarh",
    at.YEAR: "year",
}  # fmt: skip
USUAL_NAMES = {
    "sub_supply": ("定比定量电费", "Sub-supply"),
    "energy": ("电度电费", "Energy"),
    "blocks": ("阶梯加价", "Block supplement"),
    "settlement": ("按用电月数清算", "Settled by months of supply"),
    "hourly": ("小时电价电费", "Energy by the hour"),
    "levy": ("附加费", "Levy"),
    "fixed": ("固定费用", "Fixed charge"),
    "capacity": ("容量电费", "Capacity charge"),
    "demand": ("需量电费", "Demand charge"),
    "reactive": ("无功电费", "Reactive energy"),
    "power_factor": ("力调电费", "Power-factor adjustment"),
    "minimum": ("最低消费", "Minimum charge"),
    "allowance": ("免费电量", "Free energy"),
    "export": ("上网电费", "Energy fed in"),
    "paid_out": ("结余电量结算", "Unused export paid out"),
    "tax": ("税费", "Tax"),
}
GROUPS = {
    "sub-supplies": {"sub_supply"},
    "energy": {"energy", "blocks", "hourly", "settlement"},
    "levies": {"levy"},
    "fixed": {"fixed"},
    "capacity": {"capacity"},
    "demand": {"demand"},
    "reactive": {"reactive"},
    "power factor": {"power_factor"},
    "minimum": {"minimum"},
    "allowance": {"allowance"},
    "export": {"export", "paid_out"},
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
    paths: list[Path] = field(default_factory=list)
    head: dict[int, int] = field(default_factory=dict)

    @property
    def registers(self) -> tuple[str, ...]:
        """The registers that a price by period has a column for: four, and the deep valley where the version has
        one."""
        return PERIOD_NAMES if DEEP_VALLEY in self.periods else REGISTERS

    def keep(self, values: list[int]) -> int:
        """Put numbers into the data of the plan; returns their place in it (made relative to the plan at the end)."""
        self.data.extend(values)
        return len(self.data) - len(values)

    def use(self, bits: int) -> None:
        """Note what has to be done to the metered use before it is priced (layout.USE_…)."""
        self.head[at.PLAN_USE] = self.head.get(at.PLAN_USE, 0) | bits

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
        self.paths.append(path)
        rounding = 1 if item.get("round") == "this line" else 0
        usual = {at.PERIODS: 1, at.BLOCKS: 1, at.CLASS: ledger_class, at.UNIT: unit, at.OWN_ROUNDING: rounding}
        self.rows.append(usual | row)

    def prices(
        self, value: Any, path: Path, blocks: int = 1, less: tuple[int, ...] = (), by_period: bool = False
    ) -> int:
        """Place of the prices season × register × block in the data."""
        registers = self.registers if by_period else ("",)
        periods = self.periods if by_period else ()
        table = price_table(
            self.book, value, self.seasons.names, periods, registers, blocks, less, self.decimals, path,
            self.version.body,
        )  # fmt: skip
        return self.keep(table)

    def by_period(self, value: Any) -> bool:
        """True when prices differ by period at some depth."""
        return _depends_on(value, self.periods)

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
    if not isinstance(value, Mapping):
        return False
    return any(key in names or _depends_on(inner, names) for key, inner in value.items())
