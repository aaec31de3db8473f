"""Two versions side by side: component by component, price by price, and as texts."""

import difflib
from dataclasses import dataclass

from gridhall.rules.plan import ComponentWords
from gridhall.tariffs.views import PriceRow, VersionView

Place = tuple[str, int, int]  # season, register, block
CONTEXT_LINES = 3


@dataclass(frozen=True)
class PriceDifference:
    """A price in both versions; a side is None where it has no such price. `before` and `after` may differ in the price
    or in the bounds of the block."""

    season: str
    before: PriceRow | None
    after: PriceRow | None

    @property
    def some(self) -> PriceRow:
        """Either side that is there."""
        found = self.after if self.after is not None else self.before
        assert found is not None, "a difference has a side"
        return found

    @property
    def change_permille(self) -> int | None:
        """The change in thousandths of the price before, rounded down; None where there was none."""
        if self.before is None or self.after is None or self.before.price == 0:
            return None
        return (self.after.price - self.before.price) * 1000 // self.before.price


@dataclass(frozen=True)
class ComponentDifference:
    """A component of two versions, found by its key. `kind`: added | removed | changed | same.

    `clause_changed`: what the bill says about it is worded otherwise. `prices`: those that differ.
    """

    kind: str
    key: str
    before: ComponentWords | None
    after: ComponentWords | None
    clause_changed: bool
    prices: tuple[PriceDifference, ...]

    @property
    def name_en(self) -> str:
        found = self.after or self.before
        return found.name_en if found else self.key

    @property
    def name_zh(self) -> str:
        found = self.after or self.before
        return found.name_zh if found else self.key


@dataclass(frozen=True)
class TextLine:
    """A line of a comparison of texts. `kind`: same | added | removed | gap (lines left out between)."""

    kind: str
    text: str


def compare(before: VersionView, after: VersionView) -> list[ComponentDifference]:
    """The components of both versions, those of the later one first, in the order of the book."""
    old = {words.key: place for place, words in enumerate(before.components)}
    new = {words.key: place for place, words in enumerate(after.components)}
    return [_component(before, after, key, old.get(key), new.get(key)) for key in dict.fromkeys([*new, *old])]


def _component(
    before: VersionView, after: VersionView, key: str, old: int | None, new: int | None
) -> ComponentDifference:
    words_before = None if old is None else before.components[old]
    words_after = None if new is None else after.components[new]
    prices = tuple(_prices(_rows(before, old), _rows(after, new)))
    clause = (
        words_before is not None
        and words_after is not None
        and (words_before.clause_zh, words_before.clause_en, words_before.name_zh, words_before.name_en)
        != (words_after.clause_zh, words_after.clause_en, words_after.name_zh, words_after.name_en)
    )
    kind = "added" if old is None else "removed" if new is None else "changed" if prices or clause else "same"
    return ComponentDifference(kind, key, words_before, words_after, clause, prices)


def _rows(version: VersionView, component: int | None) -> dict[Place, PriceRow]:
    """Prices by season (its name), register and block."""
    return {
        (version.seasons[row.season] if row.season < len(version.seasons) else "", row.tou, row.block): row
        for row in version.prices
        if row.component == component
    }


def _prices(old: dict[Place, PriceRow], new: dict[Place, PriceRow]) -> list[PriceDifference]:
    found = []
    for place in dict.fromkeys([*new, *old]):
        before, after = old.get(place), new.get(place)
        if before is None or after is None or _told(before) != _told(after):
            found.append(PriceDifference(place[0], before, after))
    return found


def _told(row: PriceRow) -> tuple[int, int, int | None, bool, int]:
    return row.price, row.above_wh, row.upto_wh, row.yearly, row.unit


def compare_texts(before: str, after: str) -> list[TextLine]:
    """The lines of both texts that differ, with some around them."""
    found: list[TextLine] = []
    old, new = before.splitlines(), after.splitlines()
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES):
        if found or group[0][1] > 0:
            found.append(TextLine("gap", ""))
        for kind, first, last, start, end in group:
            if kind == "equal":
                found += [TextLine("same", line) for line in old[first:last]]
                continue
            found += [TextLine("removed", line) for line in old[first:last]]
            found += [TextLine("added", line) for line in new[start:end]]
    return found
