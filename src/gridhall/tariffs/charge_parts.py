"""Components that are charged by time, by demand, by capacity or by reactive energy."""

from collections.abc import Mapping
from typing import Any

from gridhall.rules import layout as at
from gridhall.tariffs.book import Path
from gridhall.tariffs.draft import Draft
from gridhall.tariffs.limits import block_row, quantity_row
from gridhall.tariffs.numbers import price_of, scaled

SHARES = {"once a bill": at.WHOLE, "1/30 a day": at.THIRTIETHS, "by days of the period": at.PERIOD_SHARE}
BY_TIME = {"price per month": at.MONTH, "price per day": at.DAY, "price per year": at.YEAR}
METERS = {
    "the premises": at.SOURCE_ONE, "each meter": at.SOURCE_METERS, "each further meter": at.SOURCE_FURTHER,
}  # fmt: skip
BILLED = {"measured": at.DEMAND_W, "billing demand": at.SOURCE_BILLING, "coincident": at.COINCIDENT_W}


def by_time(draft: Draft, item: Mapping[str, Any], path: Path, what: str) -> tuple[str, dict[int, int]]:
    """(the word of the price, share and unit) of a charge that is priced per month, day or year."""
    found = [word for word in BY_TIME if word in item]
    if len(found) != 1:
        raise draft.book.error(path, f"{what} needs one of “price per month”, “price per day”, “price per year”")
    [word] = found
    if word != "price per month":
        if "divided" in item:
            raise draft.book.error((*path, "divided"), "only a price per month is divided; this one goes by days")
        return word, {at.SHARE: at.DAILY if word == "price per day" else at.YEAR_SHARE, at.UNIT: BY_TIME[word]}
    if "divided" not in item:
        raise draft.book.error(path, "say how the month is divided over days (divided: …)")
    return word, {at.SHARE: SHARES[item["divided"]], at.UNIT: at.MONTH}


def fixed(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """A charge for being connected; it may be chosen by the whole use of the month."""
    word, row = by_time(draft, item, path, "a fixed charge")
    row |= {at.KIND: at.CHARGE, at.SOURCE: METERS[item.get("for", "the premises")]}
    if "by use" in item:
        row |= block_row(draft, {"count": "the month's kWh", "price of": "the whole use"} | item["by use"], path)
    row[at.PRICE_AT] = draft.prices(item[word], (*path, word), row.get(at.BLOCKS, 1))
    draft.add("fixed", item, path, at.CLASS_BASIC, row[at.UNIT], row)


def capacity(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """A charge by the kVA of the connection."""
    word = "price per kVA a month"
    row = {at.KIND: at.CHARGE, at.SOURCE: at.CAPACITY_VA, at.SHARE: SHARES[item["divided"]]}
    if "limits" in item:
        row |= quantity_row(draft, item["limits"], (*path, "limits"))
    row[at.PRICE_AT] = draft.prices(item[word], (*path, word), row.get(at.BLOCKS, 1))
    draft.add("capacity", item, path, at.CLASS_BASIC, at.KVA, row)


def demand(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """A charge by kW: as measured (in the whole month or in each period), by contract, as the terms of the billing
    demand have it, or at the time of the system's peak."""
    word = "price per kW a month"
    row = {at.KIND: at.CHARGE, at.SHARE: SHARES[item["divided"]]}
    over, least = item.get("over contract"), item.get("at least per cent of capacity", 0)
    by_period = draft.by_period(item[word])
    if item["billed"] == "contract":
        _contract(draft, item, row, path)
    else:
        if over is not None or least:
            raise draft.book.error(path, "“over contract” and “at least” belong to “billed: contract”")
        row[at.SOURCE] = BILLED[item["billed"]]
        if by_period:
            if item["billed"] != "measured":
                raise draft.book.error((*path, "billed"), "a demand by period is billed as measured")
            row[at.SOURCE] = at.DEMAND_SHARP
            row[at.PERIODS] = len(draft.registers)
        if "limits" in item:
            row |= quantity_row(draft, item["limits"], (*path, "limits"))
    row[at.PRICE_AT] = draft.prices(item[word], (*path, word), row.get(at.BLOCKS, 1), by_period=by_period)
    draft.add("demand", item, path, at.CLASS_BASIC, at.KW, row)


def _contract(draft: Draft, item: Mapping[str, Any], row: dict[int, int], path: Path) -> None:
    over = item.get("over contract")
    if over is None:
        raise draft.book.error(path, "contract demand needs “over contract”")
    if "limits" in item or draft.by_period(item["price per kW a month"]):
        raise draft.book.error(path, "a contract demand has neither blocks nor periods")
    place = (*path, "over contract")
    word = "price per kW a month"
    row |= {at.KIND: at.CONTRACT_DEMAND, at.SOURCE: at.DEMAND_W}
    row[at.OVER_PRICE] = price_of(draft.book, over[word], draft.decimals, (*place, word))
    row[at.BAND] = scaled(draft.book, over["beyond per cent"], 10, (*place, "beyond per cent"), "a per cent")
    least = item.get("at least per cent of capacity", 0)
    row[at.LEAST] = scaled(draft.book, least, 10, (*path, "at least per cent of capacity"), "a per cent")


def reactive(draft: Draft, item: Mapping[str, Any], path: Path) -> None:
    """A charge by kvarh beyond a share of the kWh."""
    word, free = "price per kvarh", "beyond per cent of kWh"
    row = {
        at.KIND: at.REACTIVE,
        at.LEAST: scaled(draft.book, item.get(free, 0), 10_000, (*path, free), "a per cent (4 decimals)"),
        at.PRICE_AT: draft.prices(item[word], (*path, word)),
    }
    draft.add("reactive", item, path, at.CLASS_BASIC, at.KVARH, row)
