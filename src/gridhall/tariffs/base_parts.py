"""Components taken on others: the power-factor adjustment, the minimum, percentages."""

from collections.abc import Mapping
from typing import Any

from gridhall.rules import layout as at
from gridhall.tariffs.book import BookError, Path
from gridhall.tariffs.charge_parts import BILLED, SHARES, by_time
from gridhall.tariffs.draft import Draft
from gridhall.tariffs.factors import factor_row, factor_table

CLASS_NAMES = {"tax": at.CLASS_TAX, "levy": at.CLASS_LEVY, "energy": at.CLASS_ENERGY, "basic": at.CLASS_BASIC}
BY_SIZE = {"price per kW a month": at.KW, "price per kVA a month": at.KVA}


def power_factor(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """Per cents by power factor: of a table that comes with Gridhall, by the customer's standard, or of a table in the
    book, for everybody."""
    place, number = draft.bases(item["on"], (*path, "on"))
    row = {at.KIND: at.POWER_FACTOR, at.BASE_AT: place, at.BASES: number}
    stated = item["table"]
    if isinstance(stated, Mapping):
        try:
            rates = factor_row(stated, "table")
        except BookError as fault:
            raise draft.book.error((*path, "table"), fault.what) from None
        row |= {at.YEARLY: 1, at.FACTOR_AT: draft.keep([*rates, *rates, *rates])}
    else:
        try:
            row[at.FACTOR_AT] = draft.keep(list(factor_table(stated)))
        except FileNotFoundError:
            raise draft.book.error((*path, "table"), f"there is no table {stated}") from None
    draft.add("power_factor", item, path, at.CLASS_BASIC, at.PER_CENT, row)


def minimum(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """The least that some components come to: per month, day or year, or by the size of the connection."""
    if any(component.kind == "minimum" for component in draft.words):
        raise draft.book.error(path, "a version has at most one minimum")
    place, number = draft.bases(item["counts"], (*path, "counts"))
    row = {at.KIND: at.MINIMUM, at.SOURCE: at.SOURCE_ONE, at.BASE_AT: place, at.BASES: number}
    sizes = [word for word in BY_SIZE if word in item]
    if sizes:
        word = sizes[0]
        if (
            len(sizes) > 1
            or "divided" not in item
            or any(other.startswith("price per") for other in item if other != word)
        ):
            raise draft.book.error(path, f"a minimum by “{word}” needs “divided” and no other price")
        row |= {at.SHARE: SHARES[item["divided"]], at.UNIT: BY_SIZE[word]}
        row[at.SOURCE] = at.CAPACITY_VA if word == "price per kVA a month" else BILLED[item.get("billed", "measured")]
    else:
        word, more = by_time(draft, item, path, "a minimum")
        row |= more
        row[at.YEARLY] = 1 if word == "price per year" else 0
    row[at.PRICE_AT] = draft.prices(item[word], (*path, word))
    draft.add("minimum", item, path, at.CLASS_BASIC, row[at.UNIT], row)


def tax(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """A percentage on named components."""
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
