"""Taking meters down, and exchanging them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction

from gridhall.columns.copy import INT2, INT8, TEXT, copy_in
from gridhall.columns.law import law
from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import given, history, models
from gridhall.metering.given import Ints
from gridhall.metering.hanging import register_meters, write_readings
from gridhall.metering.views import MetersRegistered, NewMeters, RemovedMeters

# What hangs of the meters that are named, by row; a register of the meter that no row names comes with n = 0.
HANGING = """
SELECT COALESCE(wanted.n, 0)::bigint, place.account_id, place.register_id, place.since, place.digits::bigint,
       place.decimals::bigint, COALESCE(any_row.n, 0)::bigint, place.unit_id
FROM register_place place
JOIN metering_meter meter ON meter.id = place.meter_id
JOIN (SELECT serial, min(n) AS n FROM meter_removed GROUP BY serial) any_row ON any_row.serial = meter.serial
LEFT JOIN meter_removed wanted ON wanted.serial = meter.serial AND wanted.tou = place.tou
WHERE place.until = '9999-12-31'
FOR UPDATE OF place
"""

END_PLACES = """
UPDATE register_place place SET until = date '0001-01-01' + (u.day - 1)::integer
FROM unnest(%(account)s::bigint[], %(register)s::bigint[], %(day)s::bigint[]) AS u (account_id, register_id, day)
WHERE place.account_id = u.account_id AND place.register_id = u.register_id AND place.until = '9999-12-31'
"""


@dataclass(frozen=True)
class _Down:
    account_id: Ints
    register_id: Ints
    since: Ints
    digits: Ints
    decimals: Ints


def remove_meters(actor: Actor, removed: RemovedMeters) -> None:
    """See public.remove_meters."""
    actor.require("readings.take")
    count = len(removed)
    if count == 0:
        return
    serial = [each.strip() for each in removed.serial]
    on = given.days("on", removed.on, count)
    value = given.numbers("value", removed.value, count, 0)
    tou = given.numbers("tou", removed.tou, count, models.TOTAL)
    period = given.numbers("period", removed.period, count, 0)
    period = np.where(period == 0, given.period_of(on - 1), period)
    with transaction.atomic():
        down = _hanging(actor, serial, tou)
        _check(serial, on, value, down)
        with connection.cursor() as cursor:
            cursor.execute(
                END_PLACES,
                {"account": down.account_id.tolist(), "register": down.register_id.tolist(), "day": on.tolist()},
            )
            write_readings(
                cursor, account_id=down.account_id, period=period, register_id=down.register_id, read_on=on,
                value=value, kind=models.REMOVED, name="remove",
            )  # fmt: skip
        audit.record_many(
            actor, "metering.remove",
            [(f"meter:{each}", None, {"until": _shown(int(on[row]))}, "") for each, row in _firsts(serial).items()],
        )  # fmt: skip


def exchange_meters(actor: Actor, removed: RemovedMeters, new: NewMeters) -> MetersRegistered:
    """See public.exchange_meters."""
    with transaction.atomic():
        remove_meters(actor, removed)
        done = register_meters(actor, new)
        if done.refused:
            # the old meters hang again: neither half is done alone
            raise done.refused[0]
        return done


def _firsts(serial: list[str]) -> dict[str, int]:
    """The first row of each meter."""
    return {each: row for row, each in reversed(list(enumerate(serial)))}


def _shown(day: int) -> str:
    return date.fromordinal(int(day)).isoformat()


def _hanging(actor: Actor, serial: list[str], tou: Ints) -> _Down:
    """Where the named registers hang, by row. Refuses unknown ones, and meters of which a register is left out."""
    count = len(serial)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE meter_removed (n bigint NOT NULL, serial text NOT NULL, tou smallint NOT NULL)"
        )
        copy_in(
            cursor, "meter_removed", {"n": INT8, "serial": TEXT, "tou": INT2},
            {"n": np.arange(1, count + 1), "serial": serial, "tou": tou},
        )  # fmt: skip
        cursor.execute("ANALYZE meter_removed")
        cursor.execute(HANGING)
        rows = cursor.fetchall()
        cursor.execute("DROP TABLE meter_removed")
    down = _Down(*(np.zeros(count, np.int64) for _ in range(5)))
    for n, account_id, register_id, since, digits, decimals, any_row, unit_id in rows:
        if not actor.sees_unit(unit_id):
            raise Refusal(
                "not_your_unit", "The meter hangs in a unit that is not yours.", "该表不在您负责的核算单元。",
                field="serial", row=any_row - 1, value=serial[any_row - 1],
            )  # fmt: skip
        if n == 0:
            raise Refusal(
                "register_missing", f"Meter {serial[any_row - 1]} has a register that no row names.",
                f"表号 {serial[any_row - 1]} 有示数类型未填写。",
                field="tou", row=any_row - 1, value=serial[any_row - 1],
            )  # fmt: skip
        down.account_id[n - 1], down.register_id[n - 1], down.since[n - 1] = account_id, register_id, since.toordinal()
        down.digits[n - 1], down.decimals[n - 1] = digits, decimals
    for row in np.flatnonzero(down.register_id == 0):
        raise Refusal(
            "not_hanging", f"Meter {serial[row]} does not hang anywhere with this register.",
            f"表号 {serial[row]} 未在装或无此示数类型。", field="serial", row=int(row), value=serial[row],
        )  # fmt: skip
    return down


def _check(serial: list[str], on: Ints, value: Ints, down: _Down) -> None:
    """The day is not before it was hung or last read; the value can be shown and does not go back."""
    # an estimate may have been too high: only what was really read is a bound
    before = history.latest(down.account_id, down.register_id, 999912, real=True)
    steps_back, span_of = law("usage").steps_back, law("usage").span_of
    for row, name in enumerate(serial):
        digits, decimals = int(down.digits[row]), int(down.decimals[row])
        if on[row] < max(down.since[row], before.on[row]):
            raise Refusal(
                "day_too_early", f"Meter {name}: before it was hung or last read.",
                f"表号 {name}：早于装表日或上次抄表日。",
                field="on", row=row, value=_shown(int(on[row])),
            )  # fmt: skip
        if not 0 <= value[row] < span_of(digits, decimals):
            raise Refusal(
                "value_too_long", f"Meter {name} cannot show this value.", f"表号 {name}：示数超出表计量程。",
                field="value", row=row, value=str(value[row]),
            )  # fmt: skip
        if steps_back(int(before.value[row]), int(value[row]), digits, decimals):
            raise Refusal(
                "below_previous", f"Meter {name}: below its last value {before.value[row]}.",
                f"表号 {name}：低于上次示数 {before.value[row]}。", field="value", row=row, value=str(value[row]),
            )  # fmt: skip
