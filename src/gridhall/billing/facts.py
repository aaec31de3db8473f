"""The facts of a stretch of accounts, gathered before anything is decided: terms, tariffs, use, and what was billed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from gridhall.billing.by_interval import Intervals, gather_intervals
from gridhall.billing.further import Further, gather_further
from gridhall.columns.answer import answer
from gridhall.columns.copy import DATE, INT2, INT4, INT8
from gridhall.columns.rating import PlanTables, pack
from gridhall.customers import public as customers
from gridhall.metering import public as metering
from gridhall.tariffs import public as tariffs

Ints = npt.NDArray[np.int64]
Columns = dict[str, Ints]

# What was billed for the period already, cancelled bills too: their numbers are taken.
TAKEN = """
SELECT account_id, agreement_id, seq, state FROM bill
WHERE period = %(period)s AND account_id BETWEEN %(first)s AND %(last)s AND unit_id = %(unit)s
"""
TAKEN_SHAPE = {"account_id": INT8, "agreement_id": INT8, "seq": INT2, "state": INT2}

# Bills of one earlier period.
PAST = """
SELECT account_id, agreement_id, period, from_on, to_on, wh, amount, year_used_wh FROM bill
WHERE period = %(period)s AND account_id BETWEEN %(first)s AND %(last)s AND unit_id = %(unit)s AND state = 1
"""
PAST_SHAPE = {
    "account_id": INT8, "agreement_id": INT8, "period": INT4, "from_on": DATE, "to_on": DATE,
    "wh": INT8, "amount": INT8, "year_used_wh": INT8,
}  # fmt: skip
# Of the bills of the same month a year ago only what is told beside the new ones.
YEAR_AGO = """
SELECT agreement_id, from_on, to_on, wh, amount FROM bill
WHERE period = %(period)s AND account_id BETWEEN %(first)s AND %(last)s AND unit_id = %(unit)s AND state = 1
"""
YEAR_AGO_SHAPE = {"agreement_id": INT8, "from_on": DATE, "to_on": DATE, "wh": INT8, "amount": INT8}

# The registers of those bills: where each ended.
PAST_USE = """
SELECT b.agreement_id, u.register_id, u.period, u.n, u.current_on, u.current_value, u.kind
FROM bill b JOIN bill_use u ON u.account_id = b.account_id AND u.seq = b.seq AND u.period = %(period)s
    AND u.account_id BETWEEN %(first)s AND %(last)s
WHERE b.period = %(period)s AND b.account_id BETWEEN %(first)s AND %(last)s AND b.unit_id = %(unit)s AND b.state = 1
"""
NEWEST_USE = """
SELECT b.agreement_id, u.register_id, u.period, u.n, u.current_on, u.current_value, u.kind
FROM unnest(%(accounts)s::bigint[], %(agreements)s::bigint[], %(periods)s::int[])
    AS w (account_id, agreement_id, period)
JOIN bill b ON b.account_id = w.account_id AND b.agreement_id = w.agreement_id AND b.period = w.period AND b.state = 1
JOIN bill_use u ON u.account_id = b.account_id AND u.period = b.period AND u.seq = b.seq
"""
USE_SHAPE = {
    "agreement_id": INT8, "register_id": INT8, "period": INT4, "n": INT2, "current_on": DATE, "current_value": INT8,
    "kind": INT2,
}  # fmt: skip

# The newest bill before a period of those agreements that have none in the month before it. Few: no reading last month,
# held, or moved in since.
NEWEST = """
SELECT DISTINCT ON (account_id, agreement_id)
       account_id, agreement_id, period, from_on, to_on, wh, amount, year_used_wh FROM bill
WHERE period < %(period)s AND account_id = ANY(%(accounts)s) AND agreement_id = ANY(%(agreements)s) AND state = 1
ORDER BY account_id, agreement_id, period DESC, seq DESC
"""

# Agreements with a cancelled bill this block year: what they used is summed, since a rebill may have changed it. Of a
# bill that began in the year before, what lies in its period's year counts: `year_used_wh` takes off the rest. In
# January the year before is summed too.
SUMMED = """
SELECT agreement_id, period / 100 AS year,
    sum(CASE WHEN from_on < make_date(period / 100, 1, 1) THEN wh + year_used_wh ELSE wh END)::bigint AS wh
FROM bill
WHERE account_id IN (
        SELECT account_id FROM bill
        WHERE period BETWEEN %(year)s AND %(period)s AND account_id BETWEEN %(first)s AND %(last)s AND state = 2
    )
    AND period >= %(year)s AND period < %(period)s AND state = 1 AND unit_id = %(unit)s
GROUP BY agreement_id, year
"""

# Where a later bill of an agreement begins; only when a month is billed after its successor.
LATER = """
SELECT agreement_id, min(from_on) AS from_on FROM bill
WHERE period > %(period)s AND account_id BETWEEN %(first)s AND %(last)s AND unit_id = %(unit)s AND state = 1
GROUP BY agreement_id
"""
LATER_SHAPE = {"agreement_id": INT8, "from_on": DATE}


@dataclass(frozen=True)
class Stretch:
    """Accounts of a unit, ids `first` to `last` included, to be billed for a period under a run.

    `only`: agreements to bill, all when None. `issued_on`: the day on the bills. `accept`: a person has looked, so that
    the use is not doubted any more.
    """

    run_id: int
    period: int
    unit_id: int
    first: int
    last: int
    issued_on: date
    only: tuple[int, ...] | None = None
    accept: bool = False

    def parameters(self, period: int = 0) -> dict[str, Any]:
        """For the statements above, of this period or another."""
        return {
            "period": period or self.period, "unit": self.unit_id, "first": self.first, "last": self.last,
        }  # fmt: skip


@dataclass(frozen=True)
class Book:
    """The tariff versions that the stretch may need.

    Version `v` (a place) has id `ids[v]`; those of tariff `t` stand from `firsts[t]` to before `firsts[t + 1]`.
    Component `k` of version `v` has id `components[component_starts[v] + k]`.
    """

    plans: PlanTables
    ids: Ints
    days: Ints  # 2 × versions: from, until (day numbers)
    firsts: Ints
    components: Ints
    component_starts: Ints


@dataclass(frozen=True)
class Facts:
    """Everything that bills of a stretch are decided from; `readings` as metering gives them."""

    stretch: Stretch
    terms: customers.TermColumns
    readings: metering.ReadingColumns
    book: Book
    taken: Columns
    last_bill: Columns
    last_use: Columns
    last_month: Columns
    last_year: Columns
    later: Columns
    summed: dict[tuple[int, int], int]  # by agreement and block year
    further: Further = field(default_factory=Further)  # what only some tariffs ask for
    intervals: Intervals = field(default_factory=Intervals)  # of those that ask when energy is taken


def month_before(period: int, months: int = 1) -> int:
    """The period so many months before."""
    index = period // 100 * 12 + period % 100 - 1 - months
    return index // 12 * 100 + index % 12 + 1


def period_days(period: int) -> tuple[date, date]:
    """First day of the period's month, and of the next."""
    after = month_before(period, -1)
    return date(period // 100, period % 100, 1), date(after // 100, after % 100, 1)


def gather(stretch: Stretch) -> Facts:
    """Read the facts of a stretch: about ten statements, however many accounts."""
    with _in_stretches():
        return _gather(stretch)


@contextmanager
def _in_stretches() -> Iterator[None]:
    """Tables are read as stretches of their keys and merged. The planner takes two bounds on the account for two
    independent wishes, expects a handful of rows, and would look them up one by one, or hash and sort what its index
    gives in order (the terms took twice as long)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL enable_hashjoin = on")


def _gather(stretch: Stretch) -> Facts:
    readings = metering.usable_readings(stretch.unit_id, stretch.first, stretch.last, stretch.period)
    since, until = period_days(stretch.period)
    if len(readings.previous_on):
        since = min(since, date.fromordinal(int(readings.previous_on.min())))
        until = max(until, date.fromordinal(int(readings.current_on.max())))
    terms = customers.agreements_for_period(stretch.unit_id, since, until, stretch.first, stretch.last)
    with connection.cursor() as cursor:
        taken = answer(cursor, TAKEN, TAKEN_SHAPE, stretch.parameters())
        last_month = answer(cursor, PAST, PAST_SHAPE, stretch.parameters(month_before(stretch.period)))
        last_year = answer(cursor, YEAR_AGO, YEAR_AGO_SHAPE, stretch.parameters(month_before(stretch.period, 12)))
        newest = _newest(cursor, stretch, readings, last_month)
        last_bill = _joined(last_month, newest)
        last_use = answer(cursor, PAST_USE, USE_SHAPE, stretch.parameters(month_before(stretch.period)))
        if len(newest["period"]):
            last_use = _joined(last_use, _newest_uses(cursor, newest))
        later = answer(cursor, LATER, LATER_SHAPE, stretch.parameters())
        year = (since - timedelta(days=31)).year * 100 + 1
        cursor.execute(SUMMED, stretch.parameters() | {"year": year})
        summed = {(agreement, in_year): wh for agreement, in_year, wh in cursor.fetchall()}
    book = _book(tuple(tariffs.versions_in_force(terms.tariff_codes, since, until)), terms.tariff_codes)
    further = gather_further(stretch.parameters(), book.ids, terms.tariff_codes, since)
    intervals = gather_intervals(
        stretch.unit_id, readings, book.ids, book.firsts, terms.agreement_id, terms.tariff
    )  # fmt: skip
    return Facts(
        stretch, terms, readings, book, taken, last_bill, last_use, last_month, last_year, later, summed, further,
        intervals,
    )  # fmt: skip


def _newest(cursor: Any, stretch: Stretch, readings: metering.ReadingColumns, last_month: Columns) -> Columns:
    """The newest bills of those who have readings now and had no bill last month."""
    waiting = ~np.isin(readings.agreement_id, last_month["agreement_id"])
    parameters = {
        "period": stretch.period,
        "accounts": np.unique(readings.account_id[waiting]).tolist(),
        "agreements": np.unique(readings.agreement_id[waiting]).tolist(),
    }
    if not parameters["accounts"]:
        return {name: np.zeros(0, np.int64) for name in PAST_SHAPE}
    return answer(cursor, NEWEST, PAST_SHAPE, parameters)


def _newest_uses(cursor: Any, newest: Columns) -> Columns:
    parameters = {
        "accounts": newest["account_id"].tolist(), "agreements": newest["agreement_id"].tolist(),
        "periods": newest["period"].tolist(),
    }  # fmt: skip
    return answer(cursor, NEWEST_USE, USE_SHAPE, parameters)


def _joined(one: Columns, other: Columns) -> Columns:
    return {name: np.concatenate([one[name], other[name]]) for name in one}


def _book(versions: tuple[tariffs.VersionInForce, ...], codes: tuple[str, ...]) -> Book:
    """The versions as tables, sorted by the place of their tariff in `codes` and by day."""
    places = {code: place for place, code in enumerate(codes)}
    ordered = sorted(versions, key=lambda each: (places[each.tariff_code], each.from_on))
    components = [tariffs.component_ids(each.version_id) for each in ordered]
    owners = np.array([places[each.tariff_code] for each in ordered], np.int64)
    open_day = customers.OPEN_DAY
    return Book(
        plans=pack([each.plan for each in ordered]),
        ids=np.array([each.version_id for each in ordered], np.int64),
        days=np.array(
            [
                [each.from_on.toordinal() for each in ordered],
                [each.until_on.toordinal() if each.until_on else open_day for each in ordered],
            ],
            np.int64,
        ).reshape(2, -1),
        firsts=np.searchsorted(owners, np.arange(len(codes) + 1)).astype(np.int64),
        components=np.array([component for each in components for component in each], np.int64),
        component_starts=np.cumsum([0, *(len(each) for each in components)], dtype=np.int64)[: len(ordered)],
    )
