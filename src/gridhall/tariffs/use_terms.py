"""What a version says of the use before it is priced: billing demand, losses, net metering."""

from collections.abc import Mapping
from typing import Any

from gridhall.rules import layout as at
from gridhall.tariffs.book import Path
from gridhall.tariffs.draft import Draft
from gridhall.tariffs.numbers import scaled, thousandths

CHANGES = {"days": at.CHANGE_DAYS, "reading": at.CHANGE_READING, "interval": at.CHANGE_INTERVAL}
STEPS = {"1 kWh": 1000, "0.001 kWh": 1}


def _share(draft: Draft, stated: Mapping[str, Any], word: str, path: Path) -> int:
    """A per cent at 10**-6 of the whole."""
    return scaled(draft.book, stated.get(word, 0), 10_000, (*path, word), "a per cent (4 decimals)")


def billing_demand(draft: Draft, stated: Mapping[str, Any], path: Path) -> None:
    """Terms of the billing demand (rules.billing_demand)."""
    ratchet = stated.get("ratchet", {})
    terms = [0] * at.N_DEMAND
    terms[at.DEMAND_PAST] = _share(draft, ratchet, "per cent", (*path, "ratchet"))
    terms[at.DEMAND_LEAST] = thousandths(draft.book, stated.get("at least kW", 0), (*path, "at least kW"))
    terms[at.DEMAND_OF_CONTRACT] = _share(draft, stated, "at least per cent of contract", path)
    terms[at.DEMAND_OF_CAPACITY] = _share(draft, stated, "at least per cent of capacity", path)
    factor = stated.get("power factor", 0)
    terms[at.DEMAND_FACTOR] = scaled(draft.book, factor, 100, (*path, "power factor"), "a power factor (2 decimals)")
    terms[at.DEMAND_STEP] = thousandths(draft.book, stated.get("to kW", 0), (*path, "to kW"))
    if ratchet and "months" not in ratchet and "of seasons" not in ratchet:
        raise draft.book.error(
            (*path, "ratchet"), "say which months the ratchet looks back on: “months” or “of seasons”"
        )
    for k, name in enumerate(ratchet.get("of seasons", [])):
        if name not in draft.seasons.names:
            raise draft.book.error((*path, "ratchet", "of seasons", k), f"there is no season {name}")
    draft.head[at.PLAN_DEMAND_AT] = draft.keep(terms)


def losses(draft: Draft, stated: Mapping[str, Any], path: Path) -> None:
    """Losses behind which the meter hangs (rules.losses)."""
    step = STEPS[stated["rounded to"]]
    sizes = stated.get("no-load", [])
    numbers = [0] * at.LOSS_ROWS
    numbers[at.LOSS_SHARE] = _share(draft, stated, "per cent of kWh", path)
    numbers[at.LOSS_VAR_SHARE] = _share(draft, stated, "kvarh per cent of kWh", path)
    numbers[at.LOSS_STEP], numbers[at.LOSS_SIZES] = step, len(sizes)
    last = 0
    for k, size in enumerate(sizes):
        place = (*path, "no-load", k)
        row = [
            thousandths(draft.book, size.get(word, 0), (*place, word))
            for word in ("kVA", "kWh a month", "kvarh a month")
        ]
        if row[0] <= last:
            raise draft.book.error(place, "the sizes of the transformers must rise")
        last = row[0]
        numbers += row
    draft.use(at.USE_LOSS)
    draft.head[at.PLAN_LOSS_AT] = draft.keep(numbers)


def net_metering(draft: Draft, stated: Mapping[str, Any], path: Path) -> None:
    """Export set off against the use: kWh kept from month to month, or money at the price of the period."""
    keeps_kwh = stated["keep"] == "kWh"
    by_period = any(row[at.PERIODS] > 1 for row in draft.rows if row[at.KIND] == at.ENERGY)
    if keeps_kwh and by_period:
        raise draft.book.error((*path, "keep"), "kWh kept from month to month have no period; use “keep: money”")
    if not keeps_kwh and draft.periods == ():
        raise draft.book.error((*path, "keep"), "“keep: money” is by period; without periods say “keep: kWh”")
    if keeps_kwh != ("pay out per kWh" in stated):
        what = "say what is paid for kWh never set off: “pay out per kWh” (0 for nothing)"
        raise draft.book.error(path, what if keeps_kwh else "nothing is kept, so nothing is paid out")
    draft.use(at.USE_NET)
    if keeps_kwh:
        word = "pay out per kWh"
        row = {at.KIND: at.PAID_OUT, at.PRICE_AT: draft.prices(stated[word], (*path, word))}
        draft.add("paid_out", stated, path, at.CLASS_ENERGY, at.KWH, row)


def combinations(draft: Draft) -> None:
    """Refuse what cannot be rated together, naming why."""
    bits = draft.head.get(at.PLAN_USE, 0)
    if any(row[at.PERIODS] > 1 for row in draft.rows):
        draft.use(at.USE_PARTS | (at.USE_DEEP if len(draft.registers) == at.MAX_PERIODS else 0))
    changed = bits & (at.USE_NET | at.USE_LOSS | at.USE_SUBS)
    for row, path in zip(draft.rows, draft.paths, strict=True):
        if changed and row[at.BLOCKS] > 1 and row.get(at.BLOCK_CYCLE) == at.BLOCK_YEAR:
            what = "blocks of the year cannot stand beside losses, sub-supplies or net metering"
            raise draft.book.error((*path, "blocks"), what)
        if changed and row.get(at.BLOCK_MODE) == at.BLOCKS_BY_WHOLE:
            what = "a rate chosen by the whole use cannot stand beside losses, sub-supplies or net metering"
            raise draft.book.error(path, what)
    if bits & at.USE_NET and bits & (at.USE_LOSS | at.USE_SUBS):
        raise draft.book.error((*draft.path, "net metering"), "net metering cannot stand beside losses or sub-supplies")
