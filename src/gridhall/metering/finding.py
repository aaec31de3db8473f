"""Finding the registers that readings name: where each hangs on its day, or why the row cannot be taken."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from gridhall.columns.copy import DATE, INT2, INT4, INT8, TEXT, copy_in, copy_out
from gridhall.kernel.refusal import Refusal
from gridhall.metering.given import Ints
from gridhall.metering.registers import is_part

INCOMING = """
CREATE TEMPORARY TABLE reading_incoming (
    n bigint NOT NULL, register_id bigint NOT NULL, serial text NOT NULL, tou smallint NOT NULL, read_on date NOT NULL
)
"""

BY_SERIAL = """
UPDATE reading_incoming incoming SET register_id = register.id
FROM metering_meter meter JOIN metering_register register ON register.meter_id = meter.id
WHERE meter.serial = incoming.serial AND register.tou = incoming.tou
"""

# A reading on the day on which a register was hung or taken away belongs to what ended on it.
WHERE_IT_HANGS = """
SELECT incoming.n, place.account_id, place.register_id, place.agreement_id, place.unit_id, place.meter_id, place.tou,
       place.digits, place.decimals, place.multiplier
FROM reading_incoming incoming
JOIN register_place place ON place.register_id = incoming.register_id
WHERE incoming.read_on > place.since AND incoming.read_on <= place.until
"""

KNOWN = "SELECT n FROM reading_incoming incoming JOIN metering_register register ON register.id = incoming.register_id"

# How many registers of one period (SHARP to VALLEY, DEEP_VALLEY) a meter has; asked only for meters with one.
PARTS = """
SELECT meter_id, count(*) FROM metering_register
WHERE meter_id = ANY(%(meters)s::bigint[]) AND (tou BETWEEN 1 AND 4 OR tou = 7) GROUP BY meter_id
"""

PLACED = {
    "n": INT8, "account_id": INT8, "register_id": INT8, "agreement_id": INT8, "unit_id": INT4, "meter_id": INT8,
    "tou": INT2, "digits": INT2, "decimals": INT2, "multiplier": INT4,
}  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Where the register of each row hangs, int64 columns; all 0 in the rows that `found` leaves out."""

    found: np.ndarray
    account_id: Ints
    register_id: Ints
    agreement_id: Ints
    unit_id: Ints
    meter_id: Ints
    tou: Ints
    digits: Ints
    decimals: Ints
    multiplier: Ints
    parts: Ints


def find(
    register_id: Ints, serial: list[str], tou: Ints, read_on: Ints, account_id: Ints
) -> tuple[Places, list[Refusal]]:
    """Places by row, and a refusal for each row without one: unknown_meter, not_installed or wrong_account."""
    count = len(read_on)
    with connection.cursor() as cursor:
        cursor.execute(INCOMING)
        shape = {"n": INT8, "register_id": INT8, "serial": TEXT, "tou": INT2, "read_on": DATE}
        rows: dict[str, Any] = {
            "n": np.arange(count), "register_id": register_id, "serial": "", "tou": tou, "read_on": read_on,
        }  # fmt: skip
        if serial:
            # what no database text can hold is no serial of ours either
            rows["serial"] = [each.replace("\0", "?").encode("utf-8", "replace").decode() for each in serial]
        copy_in(cursor, "reading_incoming", shape, rows)
        if serial:
            cursor.execute("ANALYZE reading_incoming")
            cursor.execute(BY_SERIAL)
        cursor.execute("ANALYZE reading_incoming")
        placed = copy_out(cursor, WHERE_IT_HANGS, PLACED)
        known = np.zeros(count, np.bool_)
        if len(placed["n"]) < count:
            known[copy_out(cursor, KNOWN, {"n": INT8})["n"]] = True
        cursor.execute("DROP TABLE reading_incoming")
    at = placed.pop("n")
    columns = {name: np.zeros(count, np.int64) for name in placed}
    for name, values in placed.items():
        columns[name][at] = values
    found = np.zeros(count, np.bool_)
    found[at] = True
    other = found & (account_id != 0) & (columns["account_id"] != account_id)
    refused = _refusals(found, known, other, register_id, serial, account_id)
    return Places(found & ~other, **columns, parts=_parts(columns["meter_id"], columns["tou"])), refused


def _parts(meter_id: Ints, tou: Ints) -> Ints:
    parts = np.zeros(len(meter_id), np.int64)
    meters = np.unique(meter_id[is_part(tou)])
    if len(meters):
        with connection.cursor() as cursor:
            counted = copy_out(cursor, PARTS, {"meter_id": INT8, "parts": INT8}, {"meters": meters.tolist()})
        order = np.argsort(counted["meter_id"])
        keys, values = counted["meter_id"][order], counted["parts"][order]
        places = np.minimum(np.searchsorted(keys, meter_id), len(keys) - 1)
        parts = np.where(keys[places] == meter_id, values[places], 0)
    return parts


def _refusals(
    found: np.ndarray, known: np.ndarray, other: np.ndarray, register_id: Ints, serial: list[str], account_id: Ints
) -> list[Refusal]:
    refused = []
    for row in np.flatnonzero(~found | other).tolist():
        name = serial[row] if serial else str(register_id[row])
        if other[row]:
            refused.append(Refusal(
                "wrong_account", f"Meter {name} hangs at another account.", f"表号 {name} 不属于该户号。",
                field="account_id", row=row, value=str(account_id[row]),
            ))  # fmt: skip
        elif known[row]:
            refused.append(Refusal(
                "not_installed", f"Meter {name} hung nowhere before that day.", f"表号 {name} 在该日之前未在装。",
                field="read_on", row=row, value=name,
            ))  # fmt: skip
        elif not name:
            refused.append(Refusal(
                "serial_missing", "The meter number is missing.", "缺少表号。", field="serial", row=row, value="",
            ))  # fmt: skip
        else:
            refused.append(Refusal(
                "unknown_meter", f"There is no meter {name} with this register.", f"没有表号 {name} 或无此示数类型。",
                field="serial", row=row, value=name,
            ))  # fmt: skip
    return refused
