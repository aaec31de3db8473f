"""Facts that only some tariffs ask for: what is kept of energy fed in, the highest demand of earlier months, the
minimum of a year, the number of meters. A stretch whose tariffs need none of them pays for none of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from gridhall.columns.answer import answer
from gridhall.columns.copy import INT4, INT8
from gridhall.columns.rating import Segments
from gridhall.metering import public as metering
from gridhall.rules import layout as at
from gridhall.rules.facts_needed import DEMANDS, IN_TIME
from gridhall.rules.plan import FACT_NAMES
from gridhall.tariffs import public as tariffs

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Columns = dict[str, Ints]

MONTHS, DECEMBER = 12, 12
# Facts of BillFact by their numbers, which never change; months of supply, behind the first of them, are derived.
FACTS: dict[int, str] = dict(enumerate(FACT_NAMES[at.WH_DEEP : at.SUPPLIED_MONTHS], 1)) | dict(enumerate(IN_TIME, 121))
_NUMBERS = np.array(list(FACTS), np.int64)
_ROWS = [k for k in range(at.WH_DEEP, at.N_FACTS) if k != at.SUPPLIED_MONTHS]  # of the facts, in that order
KEPT_WH = 100  # energy fed in and not set off yet, after the bill
FROM_BEFORE = frozenset({"past_demand_w", "true_up", "year_counted", "meters", *DEMANDS})

KEPT = """
SELECT DISTINCT ON (b.agreement_id) b.agreement_id, f.value
FROM bill_fact f JOIN bill b ON b.account_id = f.account_id AND b.period = f.period AND b.seq = f.seq
WHERE f.fact = 100 AND f.n = 0 AND f.period < %(period)s AND b.state = 1
    AND f.account_id BETWEEN %(first)s AND %(last)s AND b.account_id BETWEEN %(first)s AND %(last)s
ORDER BY b.agreement_id, f.period DESC, f.seq DESC
"""
# The highest demand of earlier months as they were billed, by registers or by intervals.
DEMANDS_BEFORE = """
SELECT b.agreement_id, s.period, max(s.demand_w)
FROM bill_segment s JOIN bill b ON b.account_id = s.account_id AND b.period = s.period AND b.seq = s.seq
WHERE s.period >= %(since)s AND s.period < %(period)s AND s.demand_w > 0 AND b.state = 1
    AND s.account_id BETWEEN %(first)s AND %(last)s AND b.account_id BETWEEN %(first)s AND %(last)s
    AND b.period >= %(since)s AND b.period < %(period)s
GROUP BY b.agreement_id, s.period
"""
COUNTED = """
SELECT b.agreement_id, b.period / 100, sum(l.amount)::bigint
FROM bill_line l JOIN bill b ON b.account_id = l.account_id AND b.period = l.period AND b.seq = l.seq
WHERE l.period >= %(year)s AND l.period < %(period)s AND l.component = ANY(%(components)s) AND b.state = 1
    AND l.account_id BETWEEN %(first)s AND %(last)s AND b.account_id BETWEEN %(first)s AND %(last)s
    AND b.period >= %(year)s AND b.period < %(period)s
GROUP BY b.agreement_id, b.period / 100
"""


def _none(*names: str) -> Columns:
    return {name: np.zeros(0, np.int64) for name in names}


@dataclass(frozen=True)
class Further:
    """`looks`: what each version of the stretch's book asks for, by its place. Columns: energy kept by agreement;
    highest demand (W) by agreement and period; minor units that count by agreement and year; days (since, until) of
    each meter by agreement. All empty where no version asks."""

    looks: tuple[tariffs.LooksBack, ...] = ()
    kept: Columns = field(default_factory=lambda: _none("agreement_id", "wh"))
    demands: Columns = field(default_factory=lambda: _none("agreement_id", "period", "watt"))
    counted: Columns = field(default_factory=lambda: _none("agreement_id", "year", "amount"))
    meters: Columns = field(default_factory=lambda: _none("agreement_id", "meter_id", "since", "until"))


def gather_further(stretch: Mapping[str, Any], version_ids: Ints, codes: Iterable[str], since: date) -> Further:
    """Read what the versions ask for; nothing where they ask for nothing. `stretch`: period, unit, first, last."""
    looks = tuple(tariffs.looks_back(version) for version in version_ids.tolist())
    needed = frozenset().union(*(each.needed for each in looks)) & FROM_BEFORE
    if not needed:
        return Further()
    period = int(stretch["period"])
    year = min(period // 100, since.year) * 100 - 99  # January of the year before: December may have been missed
    found: dict[str, Columns] = {}
    with connection.cursor() as cursor:
        if "true_up" in needed:
            found["kept"] = answer(cursor, KEPT, {"agreement_id": INT8, "wh": INT8}, stretch)
        if "past_demand_w" in needed:
            most = max(each.ratchet_months for each in looks)
            shape = {"agreement_id": INT8, "period": INT4, "watt": INT8}
            asked = {**stretch, "since": _period(_month(period) - most)}
            found["demands"] = answer(cursor, DEMANDS_BEFORE, shape, asked)
        if "year_counted" in needed:
            counting = {**stretch, "year": year, "components": _counting(codes, year, period)}
            shape = {"agreement_id": INT8, "year": INT4, "amount": INT8}
            found["counted"] = answer(cursor, COUNTED, shape, counting)
    if "meters" in needed:
        found["meters"] = metering.meters_hung(stretch["unit"], stretch["first"], stretch["last"], period)
    return Further(looks, **found)


def _counting(codes: Iterable[str], year: int, period: int) -> list[int]:
    """Ids of the components that count towards a minimum of the year, of all versions since its January."""
    after = _period(_month(period) + 1)
    versions = tariffs.versions_in_force(codes, date(year // 100, 1, 1), date(after // 100, after % 100, 1))
    return [
        tariffs.component_ids(each.version_id)[place]
        for each in versions
        for place in tariffs.looks_back(each.version_id).counted
    ]


def _month(period: int) -> int:
    return period // 100 * MONTHS + period % 100 - 1


def _period(month: int) -> int:
    return month // MONTHS * 100 + month % MONTHS + 1


def lay_further(further: Further, period: int, bills: Columns, segments: Segments) -> None:
    """Lay these facts on the segments, in place. `bills`: agreement_id, until, to_day, and last_period (of the bill
    before, 0 none) by bill."""
    if not further.looks or not len(segments):
        return
    agreement = bills["agreement_id"][segments.bill]
    for place, look in enumerate(further.looks):
        mine = segments.plan == place
        if not look.needed & FROM_BEFORE or not bool(mine.any()):
            continue
        owner = segments.bill[mine]
        if look.pay_out_in:
            segments.credit_wh[mine] = _of(further.kept["agreement_id"], further.kept["wh"], agreement[mine])
            closes, _ = _closes(period, look.pay_out_in, bills, owner)
            segments.true_up[mine] = closes
        if look.ratchet_months:
            segments.past_demand_w[mine] = _looked_back(further.demands, look, period, agreement[mine])
        if look.counted:
            closes, year = _closes(period, DECEMBER, bills, owner)
            segments.year_ends[mine] = closes
            segments.year_counted[mine] = np.where(closes == 1, _counted(further.counted, agreement[mine], year), 0)
        if "meters" in look.needed:
            segments.meters[mine] = _meters(further.meters, agreement[mine], bills["to_day"][owner])


def _closes(period: int, month: int, bills: Columns, owner: Ints) -> tuple[Ints, Ints]:
    """Whether each bill closes a year that ends in a month (it is of that month, was to have been made with it since
    the bill before, or is the last of all), and the calendar year that it closes."""
    now = _month(period)
    turn = now - (now + 1 - month) % MONTHS
    last = bills["last_period"][owner]
    before = np.where(last > 0, last // 100 * MONTHS + last % 100 - 1, now - 1)
    inside = turn > before
    leaves = bills["until"][owner] <= bills["to_day"][owner]
    year = np.where(inside, turn // MONTHS, period // 100)
    return (inside | leaves).astype(np.int64), year.astype(np.int64)


def _of(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    """The value of each wanted key, 0 where it has none; keys once each, in any order."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    order = np.argsort(keys)
    found = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    return np.where(keys[found] == wanted, values[found], 0).astype(np.int64)


def _looked_back(demands: Columns, look: tariffs.LooksBack, period: int, agreement: Ints) -> Ints:
    """The highest demand of each agreement in the months that the ratchet looks back on, W."""
    months = demands["period"] // 100 * MONTHS + demands["period"] % 100 - 1
    inside = (months >= _month(period) - look.ratchet_months) & np.isin(months % MONTHS + 1, sorted(look.ratchet_in))
    keys, place = np.unique(demands["agreement_id"][inside], return_inverse=True)
    highest = np.zeros(len(keys), np.int64)
    np.maximum.at(highest, place.reshape(-1), demands["watt"][inside])
    return _of(keys, highest, agreement)


def _counted(counted: Columns, agreement: Ints, year: Ints) -> Ints:
    """Minor units that count towards the minimum of the year that each bill closes."""
    amounts = np.zeros(len(agreement), np.int64)
    for closed in np.unique(year).tolist():
        mine, rows = year == closed, counted["year"] == closed
        amounts[mine] = _of(counted["agreement_id"][rows], counted["amount"][rows], agreement[mine])
    return amounts


def _meters(meters: Columns, agreement: Ints, to_day: Ints) -> Ints:
    """How many meters hung at each agreement on the last day of its bill; an exchanged one counts once."""
    counts = np.zeros(len(agreement), np.int64)
    order = np.argsort(meters["agreement_id"], kind="stable")
    keys = meters["agreement_id"][order]
    first, last = np.searchsorted(keys, agreement), np.searchsorted(keys, agreement, side="right")
    for k in range(len(agreement)):
        rows = order[first[k] : last[k]]
        hangs = (meters["since"][rows] < to_day[k]) & (meters["until"][rows] >= to_day[k])
        counts[k] = len(np.unique(meters["meter_id"][rows][hangs]))
    return counts


def without_demands(further: Further, segments: Segments, pieces: Columns, n_bills: int) -> Mask:
    """Bills whose tariff prices the demand of periods, but which have no register of it: they would cost too little."""
    missing = np.zeros(n_bills, np.bool_)
    asking = [place for place, look in enumerate(further.looks) if not look.needed.isdisjoint(DEMANDS)]
    if asking:
        missing[segments.bill[np.isin(segments.plan, asking)]] = True
        missing[pieces["draft"][metering.is_demand(pieces["tou"]) & (pieces["tou"] != metering.DEMAND)]] = False
    return missing


def _block(segments: Segments) -> Ints:
    """The facts of FACTS, one row each."""
    return segments.facts().reshape(len(FACT_NAMES), -1)[_ROWS]


def has_further(segments: Segments) -> Mask:
    """Segments with a fact of FACTS."""
    if not _any(segments):
        return np.zeros(len(segments), np.bool_)
    return np.asarray((_block(segments) != 0).any(axis=0), np.bool_)


def _any(segments: Segments) -> bool:
    """Whether there are such facts at all; looked at without a copy."""
    rows = segments.facts().reshape(len(FACT_NAMES), -1)
    return bool(rows[at.WH_DEEP : at.SUPPLIED_MONTHS].any() or rows[at.IN_TIME :].any())


def told_further(segments: Segments, counts: Ints, credit_wh: Ints, good: Mask, places: Ints, rows: Columns) -> Columns:
    """The rows of BillFact of the good bills."""
    carried = np.zeros(len(counts), np.int64)
    first = np.cumsum(counts) - counts
    there = counts > 0
    if len(segments):
        carried[there] = segments.credit_wh[first[there]]
    keeps = np.flatnonzero(good & ((credit_wh != 0) | (carried != 0)))
    none = np.zeros(0, np.int64)
    block = _block(segments) if _any(segments) else none.reshape(len(FACTS), 0)
    fact, segment = np.nonzero(block)
    mine = good[segments.bill[segment]]
    fact, segment = fact[mine], segment[mine]
    owner = places[np.concatenate([segments.bill[segment], keeps])]
    return {
        "account_id": rows["account_id"][owner],
        "seq": rows["seq"][owner],
        "n": np.concatenate([segment - first[segments.bill[segment]] + 1, np.zeros(len(keeps), np.int64)]),
        "fact": np.concatenate([_NUMBERS[fact], np.full(len(keeps), KEPT_WH, np.int64)]),
        "value": np.concatenate([block[fact, segment], credit_wh[keeps]]),
    }
