"""Components that price energy: by block, period and hour; levies, sub-supplies, allowances and what is fed in."""

from collections.abc import Mapping
from typing import Any

from gridhall.rules import layout as at
from gridhall.tariffs.book import Path
from gridhall.tariffs.draft import Draft
from gridhall.tariffs.limits import block_row
from gridhall.tariffs.numbers import price_of, scaled, thousandths

MEETINGS = {"prorata": at.BLOCKS_PRO_RATA, "per_period": at.BLOCKS_PER_PERIOD, "in time": at.BLOCKS_IN_TIME}
OF_USE = {"priced kWh": at.OF_PRICED, "metered kWh": at.OF_METERED}


def _meeting(draft: Draft, row: dict[int, int], blocks: Mapping[str, Any] | None, by_period: bool, path: Path) -> None:
    """How blocks meet periods, as the tariff has to say where its prices differ by both."""
    meeting = (blocks or {}).get("with periods")
    by_whole = row.get(at.BLOCK_MODE) == at.BLOCKS_BY_WHOLE
    if blocks is None or not by_period or by_whole:
        if meeting is not None:
            what = "the whole use decides, so nothing meets" if by_whole else "these prices do not differ by period"
            raise draft.book.error((*path, "blocks", "with periods"), what)
        return
    if meeting is None:
        raise draft.book.error(
            (*path, "blocks"), "say how blocks meet periods: “with periods: prorata”, “per_period” or “in time”"
        )
    if meeting == "per_period" and row[at.BLOCK_CYCLE] == at.BLOCK_YEAR:
        raise draft.book.error((*path, "blocks", "with periods"), "blocks of the year cannot be counted per period")
    row[at.BLOCK_MODE] = MEETINGS[meeting]
    if meeting == "in time":
        _in_time(draft, row, path)


def _in_time(draft: Draft, row: Mapping[int, int], path: Path) -> None:
    """What blocks in the order of time cannot be: more than the facts have room for, of a second list, or of a use that
    is not what the intervals measured."""
    place = (*path, "blocks", "with periods")
    if row[at.BLOCKS] - 1 > at.LIMITS_IN_TIME:
        raise draft.book.error(
            (*path, "blocks", "limits"), f"blocks in the order of time have at most {at.LIMITS_IN_TIME} limits"
        )
    if any(other.get(at.BLOCK_MODE) == at.BLOCKS_IN_TIME for other in draft.rows):
        raise draft.book.error(place, "only one list of blocks of a version can be filled in the order of time")
    if any(name in draft.version.body for name in ("losses", "sub-supplies", "net metering")):
        what = "blocks in the order of time cannot stand beside losses, sub-supplies or net metering"
        raise draft.book.error(place, what)


def energy(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """Energy prices, and the parts of the printed price that are shown as lines of their own."""
    blocks = item.get("blocks")
    row: dict[int, int] = {at.KIND: at.ENERGY, at.SOURCE: at.WH_TOTAL}
    if blocks is not None:
        row |= block_row(draft, blocks, (*path, "blocks"))
    adds = blocks is not None and "add per kWh" in blocks
    if adds == ("price per kWh" in item):
        raise draft.book.error(path, "energy needs either “price per kWh” or blocks with “add per kWh”")
    value = blocks["add per kWh"] if blocks is not None and adds else item["price per kWh"]
    place = (*path, "blocks", "add per kWh") if adds else (*path, "price per kWh")
    by_period = draft.by_period(value)
    _meeting(draft, row, blocks, by_period, path)
    row[at.OF_USE] = OF_USE[item.get("of", "priced kWh")]
    parts = item.get("of which", [])
    less = tuple(
        price_of(draft.book, part["price per kWh"], draft.decimals, (*path, "of which", k, "price per kWh"))
        for k, part in enumerate(parts)
    )
    row[at.PRICE_AT] = draft.prices(value, place, row.get(at.BLOCKS, 1), less, by_period)
    row[at.PERIODS] = len(draft.registers) if by_period else 1
    draft.add("blocks" if adds else "energy", item, path, at.CLASS_ENERGY, at.KWH, row)
    for k, part in enumerate(parts):
        levy(draft, part, (*path, "of which", k))


def levy(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """A price per kWh that is booked as a levy."""
    value, place = item["price per kWh"], (*path, "price per kWh")
    by_period = draft.by_period(value)
    row = {
        at.KIND: at.ENERGY,
        at.SOURCE: at.WH_TOTAL,
        at.PERIODS: len(draft.registers) if by_period else 1,
        at.PRICE_AT: draft.prices(value, place, by_period=by_period),
    }
    row[at.OF_USE] = OF_USE[item.get("of", "priced kWh")]
    draft.add("levy", item, path, at.CLASS_LEVY, at.KWH, row)


def settlement(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """Who leaves is settled by the months of supply: everything before it that has blocks of the year."""
    of_year = [k for k, row in enumerate(draft.rows) if row.get(at.BLOCK_CYCLE) == at.BLOCK_YEAR]
    if not of_year:
        raise draft.book.error(path, "nothing here has blocks of the year to be settled on leaving")
    if any(draft.rows[k][at.PERIODS] > 1 for k in of_year):
        what = (
            "blocks of the year whose prices differ by period cannot be settled: the year's use by period is not kept"
        )
        raise draft.book.error(path, what)
    row = {at.KIND: at.SETTLEMENT, at.BASE_AT: draft.keep(of_year), at.BASES: len(of_year)}
    draft.add("settlement", item, path, at.CLASS_ENERGY, at.KWH, row)


def hourly(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """Energy at the prices of a series: the sum comes with the intervals, as a fact."""
    if draft.version.body.get("net metering", {}).get("keep") == "kWh":
        raise draft.book.error(path, "kWh kept from month to month have no hour; use “keep: money”")
    draft.add("hourly", item, path, at.CLASS_ENERGY, at.KWH, {at.KIND: at.HOURLY, at.PRICE_AT: draft.keep([0])})


def export(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """What is paid for energy fed in: a price that counts against the bill."""
    value, place = item["price per kWh"], (*path, "price per kWh")
    by_period = draft.by_period(value)
    start = draft.prices(value, place, by_period=by_period)
    for k in range(start, len(draft.data)):
        if draft.data[k] != at.UNPRICED:
            draft.data[k] = -draft.data[k]
    row = {
        at.KIND: at.ENERGY,
        at.SOURCE: at.EXPORT_WH,
        at.OF_USE: at.OF_EXPORT,
        at.PERIODS: len(draft.registers) if by_period else 1,
        at.PRICE_AT: start,
    }
    draft.add("export", item, path, at.CLASS_ENERGY, at.KWH, row)


def sub_supply(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """A part of the use at a price of its own: a share, a fixed quantity a month, both, or as agreed."""
    agreed = item.get("as agreed", False)
    if agreed == ("per cent of kWh" in item or "kWh a month" in item):
        what = "a sub-supply needs “per cent of kWh”, “kWh a month”, both of them, or “as agreed: true” alone"
        raise draft.book.error(path, what)
    row = {
        at.KIND: at.SUB_SUPPLY,
        at.SUB_PART: at.AS_AGREED,
        at.PRICE_AT: draft.prices(item["price per kWh"], (*path, "price per kWh")),
    }
    if not agreed:
        share = item.get("per cent of kWh", 0)
        row[at.SUB_PART] = scaled(draft.book, share, 100, (*path, "per cent of kWh"), "a per cent (2 decimals)")
        row[at.SUB_MONTH] = thousandths(draft.book, item.get("kWh a month", 0), (*path, "kWh a month"))
    draft.use(at.USE_SUBS)
    draft.add("sub_supply", item, path, at.CLASS_ENERGY, at.KWH, row)


def allowance(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """Free energy, as a credit at a price of its own."""
    row = {at.KIND: at.ALLOWANCE, at.SOURCE: at.ALLOWANCE_WH, at.PRICE_AT: draft.prices(item["at"], (*path, "at"))}
    draft.add("allowance", item, path, at.CLASS_ALLOWANCE, at.KWH, row)
