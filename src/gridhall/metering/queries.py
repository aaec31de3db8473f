"""Reading metering: what waits for a person, the values of an account, where meters hang, how far a period has come."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection

from gridhall.metering import checks, given, models
from gridhall.metering.views import HeldCount, HeldView, MeterView, ReadingProgress, RegisterValue, RegisterView
from gridhall.rules.usage import register_use

HELD = """
SELECT held.id, held.account_id, held.unit_id, held.period, held.register_id, held.seq, meter.serial, register.tou,
       register.decimals, held.reason, reading.kind, reading.read_on, reading.value, held.detail, held.held_at,
       held.settled_at, held.settled_by, held.outcome
FROM metering_heldreading held
JOIN metering_register register ON register.id = held.register_id
JOIN metering_meter meter ON meter.id = register.meter_id
JOIN reading ON reading.account_id = held.account_id AND reading.period = held.period
    AND reading.register_id = held.register_id AND reading.seq = held.seq
WHERE (%(units)s::integer[] IS NULL OR held.unit_id = ANY(%(units)s::integer[]))
  AND (%(period)s::integer IS NULL OR held.period = %(period)s)
  AND (%(account)s::bigint IS NULL OR held.account_id = %(account)s)
  AND (%(reason)s::smallint IS NULL OR held.reason = %(reason)s)
  AND (NOT %(open)s OR held.settled_at IS NULL)
ORDER BY held.held_at, held.id LIMIT %(limit)s OFFSET %(offset)s
"""

HELD_COUNTS = """
SELECT unit_id, period, reason, count(*) FROM metering_heldreading
WHERE settled_at IS NULL AND (%(units)s::integer[] IS NULL OR unit_id = ANY(%(units)s::integer[]))
  AND (%(period)s::integer IS NULL OR period = %(period)s)
GROUP BY unit_id, period, reason ORDER BY unit_id, period, reason
"""

VALUES = """
SELECT reading.period, meter.serial, reading.register_id, register.tou, register.digits, register.decimals,
       register.multiplier, reading.read_on, reading.value, reading.kind, reading.state
FROM reading
JOIN metering_register register ON register.id = reading.register_id
JOIN metering_meter meter ON meter.id = register.meter_id
WHERE reading.account_id = %(account)s AND reading.period BETWEEN %(least)s AND %(most)s AND reading.state = 1
ORDER BY reading.register_id, reading.read_on, reading.kind = 4, reading.period, reading.seq
"""

NEWEST_PERIOD = "SELECT max(period) FROM reading WHERE account_id = %(account)s AND period <= %(most)s"

ACCOUNTS_OF_METER = """
SELECT place.account_id FROM metering_meter meter
JOIN metering_register register ON register.meter_id = meter.id
JOIN register_place place ON place.register_id = register.id
WHERE meter.serial = %s GROUP BY place.account_id ORDER BY max(place.until) DESC, max(place.since) DESC
"""

METERS_OF = """
SELECT meter.id, meter.serial, meter.model, meter.phases, place.account_id, place.agreement_id, place.since,
       place.until, place.register_id, place.tou, place.digits, place.decimals, place.multiplier
FROM register_place place JOIN metering_meter meter ON meter.id = place.meter_id
WHERE place.account_id = %s ORDER BY place.until DESC, place.since DESC, meter.id, place.tou
"""

SERIALS = """
SELECT register.id, meter.serial FROM metering_register register
JOIN metering_meter meter ON meter.id = register.meter_id WHERE register.id = ANY(%s)
"""

PROGRESS = """
SELECT place.unit_id, count(*),
       count(*) FILTER (WHERE best.held IS NOT TRUE AND best.kind IS NOT NULL AND best.kind <> 2),
       count(*) FILTER (WHERE best.held IS NOT TRUE AND best.kind = 2),
       count(*) FILTER (WHERE best.held)
FROM register_place place
LEFT JOIN (
    SELECT account_id, register_id, max(kind) FILTER (WHERE state = 1) AS kind, bool_or(state = 2) AS held
    FROM reading WHERE period = %(period)s AND state IN (1, 2) AND kind <> 4 GROUP BY account_id, register_id
) best ON best.account_id = place.account_id AND best.register_id = place.register_id
WHERE place.since < %(ends)s AND place.until >= %(ends)s
  AND (%(units)s::integer[] IS NULL OR place.unit_id = ANY(%(units)s::integer[]))
GROUP BY place.unit_id ORDER BY place.unit_id
"""


def _rows(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def held(
    unit_ids: Sequence[int] | None = None, period: int | None = None, account_id: int | None = None,
    reason: int | None = None, open_only: bool = True, limit: int = 200, offset: int = 0,
) -> list[HeldView]:  # fmt: skip
    """See public.held."""
    parameters = {
        "units": None if unit_ids is None else list(unit_ids), "period": period, "account": account_id,
        "reason": reason, "open": open_only, "limit": limit, "offset": offset,
    }  # fmt: skip
    return [_held_view(row) for row in _rows(HELD, parameters)]


def _held_view(row: tuple[Any, ...]) -> HeldView:
    (
        held_id, account_id, unit_id, period, register_id, seq, serial, tou, decimals, reason, kind, read_on, value,
        detail, held_at, settled_at, settled_by, outcome,
    ) = row  # fmt: skip
    known: dict[str, Any] = json.loads(detail) if isinstance(detail, str) else detail
    words = checks.REASONS[reason]
    previous_on = known.get("previous_on")
    return HeldView(
        held_id, account_id, unit_id, period, register_id, seq, serial, tou, decimals, reason, words.code, words.en,
        words.zh, kind, read_on, value, date.fromisoformat(previous_on) if previous_on else None,
        known.get("previous_value"), known, held_at, settled_at, settled_by, outcome,
    )  # fmt: skip


def held_counts(unit_ids: Sequence[int] | None = None, period: int | None = None) -> list[HeldCount]:
    """See public.held_counts."""
    parameters = {"units": None if unit_ids is None else list(unit_ids), "period": period}
    return [
        HeldCount(unit, each, reason, *checks.REASONS[reason], count)
        for unit, each, reason, count in _rows(HELD_COUNTS, parameters)
    ]


def register_values(account_id: int, months: int = 24, until_period: int = 999912) -> list[RegisterValue]:
    """See public.register_values."""
    newest = _rows(NEWEST_PERIOD, {"account": account_id, "most": until_period})[0][0]
    if newest is None:
        return []
    # one month more, for the value that the first one goes on from
    least = given.shifted(newest, -months)
    rows = _rows(VALUES, {"account": account_id, "least": least, "most": newest})
    values, before = [], None
    for row in rows:
        period, serial, register_id, tou, digits, decimals, multiplier, read_on, value, kind, state = row
        known = before is not None and before[2] == register_id and kind != models.INSTALLED
        previous_on, previous_value = (before[7], before[8]) if known and before is not None else (None, None)
        wh = 0
        if known and before is not None:
            begin = 0 if tou in models.DEMANDS else before[8]
            wh = register_use(begin, value, digits, decimals, multiplier, int(before[9] == models.ESTIMATED))
        before = row
        if period > least:
            values.append(RegisterValue(
                period, serial, register_id, tou, decimals, multiplier, previous_on, previous_value, read_on, value,
                kind, state, wh,
            ))  # fmt: skip
    return sorted(values, key=lambda each: (-each.period, -each.read_on.toordinal(), each.serial, each.tou))


def accounts_of_meter(serial: str) -> list[int]:
    """See public.accounts_of_meter."""
    if "\0" in serial:
        return []
    return [row[0] for row in _rows(ACCOUNTS_OF_METER, [serial])]


def meters_of(account_id: int) -> list[MeterView]:
    """See public.meters_of."""
    found: dict[tuple[int, date], list[tuple[Any, ...]]] = {}
    for row in _rows(METERS_OF, [account_id]):
        found.setdefault((row[0], row[6]), []).append(row)
    return [
        MeterView(
            meter_id, serial, model, phases, account, agreement, since, None if until == models.OPEN_END else until,
            tuple(RegisterView(*row[8:]) for row in group),
        )
        for group in found.values()
        for meter_id, serial, model, phases, account, agreement, since, until, *_ in group[:1]
    ]  # fmt: skip


def serials_of(register_ids: Iterable[int]) -> dict[int, str]:
    """See public.serials_of."""
    return {row[0]: row[1] for row in _rows(SERIALS, [list(register_ids)])}


def reading_progress(period: int, unit_ids: Sequence[int] | None = None) -> list[ReadingProgress]:
    """See public.reading_progress."""
    ends = given.first_day(given.shifted(period, 1))
    parameters = {"period": period, "ends": ends, "units": None if unit_ids is None else list(unit_ids)}
    return [ReadingProgress(unit, period, *counts) for unit, *counts in _rows(PROGRESS, parameters)]
