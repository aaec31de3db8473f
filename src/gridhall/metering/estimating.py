"""Estimating readings that nobody could take: by the customer's own past, else by the neighbours."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from gridhall.columns.copy import INT2, INT4, INT8, copy_in, copy_out
from gridhall.columns.use import advances, estimated_uses
from gridhall.customers import public as customers
from gridhall.kernel import audit, clock, partitions
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import given, history, models
from gridhall.metering.gathering import kept_neighbours
from gridhall.metering.given import Ints
from gridhall.metering.hanging import READING
from gridhall.metering.intake import LOCK_PERIOD
from gridhall.metering.registers import is_demand
from gridhall.metering.views import EstimatesMade

# Registers of a unit that hang when the period ends and have no reading of it, neither accepted nor held.
MISSING = """
SELECT place.account_id, place.register_id, place.tou, place.digits, place.decimals, place.multiplier,
       COALESCE((SELECT max(seq) FROM reading WHERE reading.account_id = place.account_id
                 AND reading.register_id = place.register_id AND reading.period = %(period)s), 0::smallint)
FROM register_place place
WHERE place.unit_id = %(unit)s AND (%(account)s = 0 OR place.account_id = %(account)s)
  AND place.since < %(ends)s AND place.until >= %(ends)s
  -- a scalar with a limit is looked up by the key for each register; as NOT EXISTS the planner may scan the whole
  -- partition for each, while it has no statistics of a month that has just come in
  AND (
    SELECT 1 FROM reading
    WHERE reading.account_id = place.account_id AND reading.register_id = place.register_id
      AND reading.period = %(period)s AND reading.state IN (1, 2) AND reading.kind <> 4
      AND reading.read_on > place.since
    LIMIT 1) IS NULL
"""

SHAPE = {
    "account_id": INT8, "register_id": INT8, "tou": INT2, "digits": INT2, "decimals": INT2, "multiplier": INT4,
    "seq": INT2,
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Registers to estimate, int64 columns; `read_on` is the day (number) for which the value is wanted."""

    account_id: Ints
    register_id: Ints
    tou: Ints
    digits: Ints
    decimals: Ints
    multiplier: Ints
    read_on: Ints


def estimate(wanted: Wanted, period: int) -> tuple[Ints, np.ndarray]:
    """Estimated values, and where there is anything to estimate from.

    The same month of last year; else the three months before; else the neighbours' median, each as use a day.
    """
    account, register = wanted.account_id, wanted.register_id
    previous = _previous(account, register, period, wanted.read_on)
    days = wanted.read_on - previous.on
    known, known_days = _own_past(wanted, period, previous)
    per_day = _neighbours(wanted, period)
    by_neighbours = (known_days == 0) & (per_day >= 0)
    units = per_day * 10**wanted.decimals // (1000 * wanted.multiplier)
    known = np.where(by_neighbours, units, known)
    known_days = np.where(by_neighbours, 1, known_days)
    able = previous.known & (days >= 0) & ((known_days > 0) | is_demand(wanted.tou))
    grown = previous.value + np.where(able, estimated_uses(known, known_days, np.maximum(days, 0)), 0)
    value = grown % 10 ** (wanted.digits + wanted.decimals)
    # the demand of a month that was not read is taken to be that of the last
    return np.where(is_demand(wanted.tou), previous.value, value), able


def _previous(account: Ints, register: Ints, period: int, read_on: Ints) -> history.Values:
    """The last real stretch begins here: what was accepted before the day that is estimated."""
    here = history.in_period(account, register, period)
    usable = here.known & (here.on < read_on) & (here.kind != models.ESTIMATED)
    before = history.latest(account, register, given.shifted(period, -1))
    return history.Values(*(np.where(usable, getattr(here, n), getattr(before, n)) for n in ("on", "value", "kind")))


def _own_past(wanted: Wanted, period: int, previous: history.Values) -> tuple[Ints, Ints]:
    """Advance in units of the last decimal, and its days (0 unknown): of last year's month, or of the last months."""
    account, register = wanted.account_id, wanted.register_id
    year_from = history.latest_of(account, register, (given.shifted(period, -13),))
    year_to = history.latest_of(account, register, (given.shifted(period, -12),))
    months = history.start_of_past(account, register, period)
    year_days = np.where(year_from.known & year_to.known, year_to.on - year_from.on, 0)
    past_days = np.where(months.known, previous.on - months.on, 0)
    of_year = advances(year_from.value, year_to.value, wanted.digits, wanted.decimals)
    of_past = advances(months.value, previous.value, wanted.digits, wanted.decimals)
    by_year = year_days > 0
    return np.where(by_year, of_year, of_past), np.where(by_year, year_days, np.maximum(past_days, 0))


def _neighbours(wanted: Wanted, period: int) -> Ints:
    facts = customers.account_columns(wanted.account_id)
    at = np.searchsorted(facts.account_id, wanted.account_id)
    for each in (period, given.shifted(period, -1)):
        found = kept_neighbours(each, facts.area_id[at], facts.class_code[at], wanted.tou)
        if (found >= 0).any():
            return found
    return found


def estimate_missing(actor: Actor, period: int, unit_id: int, account_id: int = 0) -> EstimatesMade:
    """See public.estimate_missing."""
    actor.require("readings.take")
    if not actor.sees_unit(unit_id):
        raise Refusal(
            "not_allowed", "This unit is not yours.", "您无权处理该核算单元。", field="unit_id", value=str(unit_id)
        )
    ends = given.first_day(given.shifted(period, 1))
    if ends > clock.today():
        raise Refusal(
            "period_not_over", f"The period {period} is not over.", f"账期 {period} 尚未结束。",
            field="period", value=str(period),
        )  # fmt: skip
    with transaction.atomic():
        partitions.ensure(["reading"], period)
        with connection.cursor() as cursor:
            cursor.execute(LOCK_PERIOD, [period])
            rows = copy_out(cursor, MISSING, SHAPE, _of(unit_id, account_id, period))
        seq = rows.pop("seq")
        wanted = Wanted(**rows, read_on=np.full(len(seq), ends.toordinal(), np.int64))
        value, able = estimate(wanted, period)
        made = int(able.sum())
        if made:
            _write(wanted, period, value, able, seq + 1)
            audit.record(actor, "metering.estimate", f"unit:{unit_id}:{period}", after={"estimated": made})
    return EstimatesMade(period, unit_id, made, len(able) - made)


def missing_registers(account_id: int, unit_id: int, period: int) -> list[int]:
    """See public.missing_registers."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING, _of(unit_id, account_id, period))
        return sorted(row[1] for row in cursor.fetchall())


def _of(unit_id: int, account_id: int, period: int) -> dict[str, Any]:
    ends = given.first_day(given.shifted(period, 1))
    return {"unit": unit_id, "account": account_id, "period": period, "ends": ends}


def _write(wanted: Wanted, period: int, value: Ints, able: np.ndarray, seq: Ints) -> None:
    count = int(able.sum())
    batch = models.ReadingBatch.objects.create(at=clock.now(), source="estimate", rows=count, accepted=count)
    columns: dict[str, Any] = {
        "account_id": wanted.account_id[able], "period": period, "register_id": wanted.register_id[able],
        "seq": seq[able], "read_on": wanted.read_on[able], "value": value[able], "kind": models.ESTIMATED,
        "state": models.ACCEPTED, "reason": 0, "batch_id": batch.id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        copy_in(cursor, "reading", READING, columns)
