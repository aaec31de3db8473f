"""Bills written down: rows by binary COPY straight into the period's partitions, posted to the ledger, holds kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from psycopg.types.json import Jsonb

from gridhall.billing.deciding import Decided, Held
from gridhall.billing.facts import Stretch
from gridhall.billing.models import ISSUED
from gridhall.columns.copy import BOOL, DATE, INT2, INT4, INT8, copy_in
from gridhall.kernel import outbox, partitions
from gridhall.kernel.access import system
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments

Ints = npt.NDArray[np.int64]

BILL_SHAPE = {
    "account_id": INT8, "period": INT4, "seq": INT2, "agreement_id": INT8, "unit_id": INT4, "area_id": INT4,
    "run_id": INT4, "kind": INT2, "state": INT2, "class_code": INT2, "estimated": BOOL, "plan_id": INT4,
    "from_on": DATE, "to_on": DATE, "wh": INT8, "year_used_wh": INT8, "year_months": INT2, "amount": INT8,
    "issued_on": DATE, "due_on": DATE,
}  # fmt: skip
LINE_SHAPE = {
    "account_id": INT8, "period": INT4, "seq": INT2, "n": INT2, "component": INT4, "block": INT2, "tou": INT2,
    "segment": INT2, "unit": INT2, "quantity": INT8, "price": INT8, "base": INT8, "amount": INT8, "rest": INT8,
}  # fmt: skip
USE_SHAPE = {
    "account_id": INT8, "period": INT4, "seq": INT2, "n": INT2, "register_id": INT8, "tou": INT2, "kind": INT2,
    "previous_on": DATE, "previous_value": INT8, "current_on": DATE, "current_value": INT8, "multiplier": INT4,
    "decimals": INT2, "wh": INT8,
}  # fmt: skip
SEGMENT_SHAPE = {
    "account_id": INT8, "period": INT4, "seq": INT2, "n": INT2, "plan_id": INT4, "from_on": DATE, "to_on": DATE,
    "period_days": INT4, "period_months": INT2, "wh_total": INT8, "wh_sharp": INT8, "wh_peak": INT8, "wh_flat": INT8,
    "wh_valley": INT8, "varh": INT8, "demand_w": INT8, "capacity_va": INT8, "contract_w": INT8, "persons": INT2,
    "allowance_wh": INT8, "power_factor_standard": INT2, "year_used_wh": INT8, "year_months": INT2,
}  # fmt: skip
FACT_SHAPE = {
    "account_id": INT8, "period": INT4, "seq": INT2, "n": INT2, "fact": INT2, "value": INT8,
}  # fmt: skip
TABLES = ("bill", "bill_line", "bill_use", "bill_segment", "bill_fact")

HOLD = """
INSERT INTO billing_billhold
    (account_id, agreement_id, unit_id, run_id, period, reason, detail, held_at, released_by, outcome)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '', '')
ON CONFLICT (agreement_id, period) WHERE released_at IS NULL
DO UPDATE SET reason = excluded.reason, detail = excluded.detail, run_id = excluded.run_id
"""

# A bill ends the waiting for its period, and for earlier periods that its days cover.
SETTLE_HOLDS = """
UPDATE billing_billhold
SET released_at = %(moment)s, released_by = 'bill',
    outcome = CASE WHEN period = %(period)s THEN 'billed' ELSE 'covered' END
WHERE released_at IS NULL AND period <= %(period)s AND unit_id = %(unit)s
    AND account_id BETWEEN %(first)s AND %(last)s AND agreement_id = ANY(%(agreements)s)
"""
WAITING_NOW = """
SELECT agreement_id FROM billing_billhold
WHERE released_at IS NULL AND period <= %(period)s AND unit_id = %(unit)s AND account_id BETWEEN %(first)s AND %(last)s
"""


def prepare(period: int, issued_on: Any) -> None:
    """Make the partitions that bills of a period go to; once, before the transactions of its slices."""
    partitions.ensure(TABLES, period)
    ledger.prepare(period, issued_on)


def record(stretch: Stretch, decided: Decided, moment: datetime) -> None:
    """Write the bills with everything that hangs on them, in the caller's transaction."""
    with connection.cursor() as cursor:
        if len(decided):
            _copy(cursor, stretch, decided)
            _settle_holds(cursor, stretch, decided, moment)
        _keep_holds(cursor, stretch, decided.held, moment)
    if len(decided):
        _post(stretch, decided)
        _tell(stretch, decided)


def _tell(stretch: Stretch, decided: Decided) -> None:
    """One fact for the stretch, told while its accounts are held."""
    accounts = decided.bills["account_id"]
    told = {
        "run": stretch.run_id, "period": stretch.period, "unit": stretch.unit_id, "bills": len(decided),
        "amount": int(decided.bills["amount"].sum()),
    }  # fmt: skip
    outbox.publish("bill_issued", told, (int(accounts.min()), int(accounts.max())))


def _copy(cursor: Any, stretch: Stretch, decided: Decided) -> None:
    same: Mapping[str, int] = {
        "period": stretch.period, "unit_id": stretch.unit_id, "run_id": stretch.run_id, "state": ISSUED,
        "issued_on": stretch.issued_on.toordinal(),
    }  # fmt: skip
    for table, shape, rows in (
        ("bill", BILL_SHAPE, decided.bills), ("bill_line", LINE_SHAPE, decided.lines),
        ("bill_use", USE_SHAPE, decided.uses), ("bill_segment", SEGMENT_SHAPE, decided.segments),
        ("bill_fact", FACT_SHAPE, decided.further),
    ):  # fmt: skip
        copy_in(cursor, f"{table}_{stretch.period}", shape, {**same, **rows})


def _post(stretch: Stretch, decided: Decided) -> None:
    bills = decided.bills
    n = len(decided)
    posted = ledger.post_bills(
        connection.connection,
        ledger.BillsToPost(
            account_id=bills["account_id"],
            period=stretch.period,
            seq=bills["seq"],
            unit_id=np.full(n, stretch.unit_id, np.int64),
            class_code=bills["class_code"],
            by_class=decided.by_class,
            issued_on=np.full(n, stretch.issued_on.toordinal(), np.int64),
            due_on=bills["due_on"],
        ),
    )
    if len(posted.to_set_off):
        payments.set_off_credit(system("billing"), posted.to_set_off, connection.connection)


def _settle_holds(cursor: Any, stretch: Stretch, decided: Decided, moment: datetime) -> None:
    cursor.execute(WAITING_NOW, stretch.parameters())
    waiting = np.array([row[0] for row in cursor.fetchall()], np.int64)
    billed = np.intersect1d(waiting, decided.bills["agreement_id"])
    if len(billed):
        cursor.execute(SETTLE_HOLDS, stretch.parameters() | {"moment": moment, "agreements": billed.tolist()})


def _keep_holds(cursor: Any, stretch: Stretch, held: Sequence[Held], moment: datetime) -> None:
    if held:
        cursor.executemany(
            HOLD,
            [
                (
                    each.account_id, each.agreement_id, stretch.unit_id, stretch.run_id, stretch.period, each.reason,
                    Jsonb(each.detail), moment,
                )
                for each in held
            ],
        )  # fmt: skip
