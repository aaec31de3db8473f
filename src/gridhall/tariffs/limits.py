"""Blocks as a book states them: where each ends, and what is counted against it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gridhall.rules import layout as at
from gridhall.tariffs.book import Path
from gridhall.tariffs.draft import Draft
from gridhall.tariffs.numbers import thousandths

_LIMIT = re.compile(r"([0-9]+(?:\.[0-9]+)?) (a month|a year|a day|per kW)(?: \+ ([0-9]+(?:\.[0-9]+)?))?")
WIDTHS = {"by months": at.BLOCK_MONTH, "by days / 30": at.BLOCK_DAYS, "by days × 12 / 365": at.BLOCK_YEAR_DAYS}
PER_KW_MAX = 10_000_000  # Wh for each kW: more hours than a year has


@dataclass(frozen=True)
class Limit:
    """A limit in Wh a month, and in Wh for each kW of billing demand besides."""

    wh: int
    per_kw: int


def _limit(draft: Draft, stated: Any, cycle: int, path: Path) -> Limit:
    if not isinstance(stated, str):
        if cycle == at.BLOCK_YEAR:
            raise draft.book.error(path, "say whether this is “a month” or “a year”")
        return Limit(thousandths(draft.book, stated, path), 0)
    match = _LIMIT.fullmatch(stated)
    if match is None:
        raise draft.book.error(path, f"“{stated}” is not a limit (write 210, 210 a month, 7 a day or 200 per kW + 600)")
    number, unit, more = match.groups()
    wh = thousandths(draft.book, Decimal(number), path)
    if more is not None and unit != "per kW":
        raise draft.book.error(path, "only a limit per kW can have a fixed part besides")
    if unit == "a year":
        if cycle != at.BLOCK_YEAR:
            raise draft.book.error(path, "a limit a year needs “count: the year's kWh”")
        if wh % 12:
            raise draft.book.error(path, f"{stated} is no whole number of Wh a month")
        return Limit(wh // 12, 0)
    if unit == "a day":
        if cycle != at.BLOCK_DAYS:
            raise draft.book.error(path, "a limit a day needs “widths: by days / 30”")
        return Limit(30 * wh, 0)
    if unit == "per kW":
        if cycle == at.BLOCK_YEAR:
            raise draft.book.error(path, "blocks of the year have no limits per kW")
        if wh > PER_KW_MAX:
            raise draft.book.error(path, f"{number} kWh for each kW are more hours than a year has")
        fixed = 0 if more is None else thousandths(draft.book, Decimal(more), path)
        return Limit(fixed, wh)
    return Limit(wh, 0)


def _of_season(draft: Draft, stated: Any, season: str, cycle: int, path: Path) -> list[Limit]:
    """The limits of one season, checked to rise whatever the demand."""
    if isinstance(stated, Mapping):
        for key in stated:
            if key not in draft.seasons.names:
                raise draft.book.error((*path, key), f"there is no season {key}")
        if season not in stated:
            raise draft.book.error(path, f"no limits for {season}")
        stated, path = stated[season], (*path, season)
    result: list[Limit] = []
    for k, value in enumerate(stated):
        limit = _limit(draft, value, cycle, (*path, k))
        if result:
            below = result[-1]
            if limit.wh <= below.wh and limit.per_kw <= below.per_kw:
                raise draft.book.error((*path, k), "limits must rise from block to block")
            if limit.wh < below.wh or limit.per_kw < below.per_kw:
                what = (
                    "whether this limit is above the one before it depends on the demand; write it as 200 per kW + 600"
                )
                raise draft.book.error((*path, k), what)
        result.append(limit)
    return result


def block_row(draft: Draft, blocks: Mapping[str, Any], path: Path) -> dict[int, int]:
    """The numbers of a component that say how its blocks are counted and where they end."""
    yearly = blocks["count"] == "the year's kWh"
    widths = WIDTHS[blocks.get("widths", "by months")]
    if yearly and widths != at.BLOCK_MONTH:
        raise draft.book.error((*path, "widths"), "blocks of the year go by months, not by days")
    cycle = at.BLOCK_YEAR if yearly else widths
    households = blocks.get("large household", [])
    households = [households] if isinstance(households, Mapping) else households
    sets: list[tuple[Any, Path]] = [(blocks["limits"], (*path, "limits"))]
    sets += [(variant["limits"], (*path, "large household", "limits")) for variant in households]
    persons = [variant["from persons"] for variant in households]
    if persons != sorted(set(persons)):
        raise draft.book.error((*path, "large household"), "numbers of persons must rise")
    rows = [_of_season(draft, stated, name, cycle, place) for stated, place in sets for name in draft.seasons.names]
    if len({len(row) for row in rows}) != 1:
        raise draft.book.error((*path, "limits"), "every season and household needs the same number of limits")
    row = {
        at.BLOCKS: len(rows[0]) + 1,
        at.BLOCK_CYCLE: cycle,
        at.LIMIT_AT: draft.keep([limit.wh for row in rows for limit in row]),
        at.VARIANTS: len(persons),
        at.VARIANT_AT: draft.keep(persons),
    }
    if any(limit.per_kw for each in rows for limit in each):
        row[at.KW_LIMIT_AT] = draft.keep([limit.per_kw for each in rows for limit in each])
    if blocks.get("price of") == "the whole use":
        if yearly:
            raise draft.book.error((*path, "price of"), "a rate chosen by the whole use needs “the month's kWh”")
        row[at.BLOCK_MODE] = at.BLOCKS_BY_WHOLE
        draft.use(at.USE_WHOLE)
    return row


def quantity_row(draft: Draft, stated: list[Any], path: Path) -> dict[int, int]:
    """Blocks of a demand or capacity: limits in kW or kVA as they stand."""
    limits: list[int] = []
    for k, value in enumerate(stated):
        limit = thousandths(draft.book, value, (*path, k))
        if limit <= (limits[-1] if limits else 0):
            raise draft.book.error((*path, k), "limits must rise from block to block")
        limits.append(limit)
    return {
        at.BLOCKS: len(limits) + 1,
        at.BLOCK_CYCLE: at.BLOCK_PLAIN,
        at.LIMIT_AT: draft.keep(limits * len(draft.seasons.names)),
    }
