"""A batch of payments from checked columns to committed rows: lock → replay or new → settle → write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection

from gridhall.columns.arrays import Days, Int2, Int4, Int8, column_cursor, fetch
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import (
    BANK,
    CASH,
    IN_TRANSIT,
    PAYMENT,
    Parts,
    Settlements,
    guard_periods,
    lock,
    posting_periods,
    read_items,
    settle,
    take_number,
    write,
)
from gridhall.payments import models
from gridhall.payments.refusals import refusal

Ints = npt.NDArray[np.int64]
Cursor = psycopg.Cursor[Any]

# Where the money of each method lies until it is banked.
DEBIT_OF_METHOD = {models.CASH: CASH, models.CARD: IN_TRANSIT, models.ONLINE: IN_TRANSIT, models.TRANSFER: BANK}

# A clerk cannot close a till while money is being put into it.
SESSIONS_SQL = """
SELECT id, clerk_id, closed_at IS NULL FROM payments_tillsession WHERE id = ANY(%s) ORDER BY id FOR SHARE
"""

KNOWN_KEYS_SQL = """
SELECT array_agg(k.row - 1), array_agg(known.payment_no)
FROM unnest(%s, %s::text[]) WITH ORDINALITY AS k (account_id, key, row)
JOIN payment_key AS known ON known.account_id = k.account_id AND known.key = k.key
"""

WRITE_SQL = Path(__file__).with_name("sql").joinpath("write.sql").read_text()


@dataclass(frozen=True)
class Batch:
    """Payments as checked columns; `value_on` day numbers; `clerk`: the staff user who brings it, 0 for others."""

    account_id: Ints
    amount: Ints
    value_on: Ints
    door: Ints
    method: Ints
    session_id: Ints
    clerk: Ints
    key: Sequence[str]
    reference: Sequence[str]

    def take(self, places: Ints) -> "Batch":
        rows = places.tolist()
        return Batch(
            self.account_id[places], self.amount[places], self.value_on[places], self.door[places],
            self.method[places], self.session_id[places], self.clerk[places],
            [self.key[row] for row in rows], [self.reference[row] for row in rows],
        )  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What became of a batch, row by row. `number` is 0 where refused; `new`: rows booked now, whose `to_credit` and
    `left_owed` stand at their place, and whose allocations are in `parts` (sorted by number)."""

    number: Ints
    new: Ints
    to_credit: Ints
    left_owed: Ints
    parts: Parts
    refused: dict[int, Refusal]


def take(batch: Batch, received_at: datetime) -> Taken:
    """Book a batch in the open transaction of Django's connection, on which all of it depends.

    Every account is locked first; so whoever comes at the same time with the same key finds it used, and whoever pays
    the same account finds the items as they are after us.
    """
    cursor = column_cursor(connection.connection)
    refused: dict[int, Refusal] = {}
    closed = guard_periods(cursor)
    _refuse_tills(cursor, batch, refused)
    held = lock(cursor, np.unique(batch.account_id))
    _refuse_unknown(batch, held.account_id, refused)
    _refuse_closed(batch, held, closed, refused)
    number = np.zeros(len(batch.amount), np.int64)
    new = _replays(cursor, batch, number, refused)
    to_credit, left_owed = np.zeros_like(number), np.zeros_like(number)
    if not len(new):
        return Taken(number, new, to_credit, left_owed, Parts.of(), refused)
    first = take_number(cursor, len(new))
    number[new] = np.arange(first, first + len(new))
    what = Settlements(
        number=number[new], account_id=batch.account_id[new], amount=batch.amount[new], value_on=batch.value_on[new],
        debit=_debits(batch.method[new]),
    )  # fmt: skip
    settled = settle(held, read_items(cursor, held), what, PAYMENT)
    to_credit[new], left_owed[new] = settled.left, settled.left_owed
    write(cursor, settled.entries, received_at)
    unit = held.unit_id[np.searchsorted(held.account_id, what.account_id)]
    _write_payments(cursor, batch.take(new), what.number, unit, settled.left, settled.left_owed, received_at)
    _same_batch_replays(batch, number, new, refused)
    return Taken(number, new, to_credit, left_owed, settled.entries.parts, refused)


def _debits(method: Ints) -> Ints:
    table = np.zeros(max(DEBIT_OF_METHOD) + 1, np.int64)
    for each, debit in DEBIT_OF_METHOD.items():
        table[each] = debit
    return table[method]


def _refuse_tills(cursor: Cursor, batch: Batch, refused: dict[int, Refusal]) -> None:
    """Lock the till sessions of the batch against closing; refuse rows whose session is not there, closed or not the
    clerk's own."""
    at_till = np.flatnonzero(batch.session_id > 0)
    if not len(at_till):
        return
    cursor.execute(SESSIONS_SQL, [np.unique(batch.session_id[at_till]).tolist()])
    sessions = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    for row in at_till.tolist():
        session, clerk = int(batch.session_id[row]), int(batch.clerk[row])
        owner, is_open = sessions.get(session, (0, False))
        if session not in sessions:
            refused[row] = refusal("unknown_till", field="session_id", row=row, value=session)
        elif not is_open:
            refused[row] = refusal("till_closed", field="session_id", row=row, value=session)
        elif clerk not in (0, owner):
            refused[row] = refusal("not_your_till", field="session_id", row=row, value=session)


def _refuse_unknown(batch: Batch, known: Ints, refused: dict[int, Refusal]) -> None:
    for row in np.flatnonzero(~np.isin(batch.account_id, known)).tolist():
        refused[row] = refusal("unknown_account", field="account_id", row=row, value=int(batch.account_id[row]))


def _refuse_closed(batch: Batch, held: Any, closed: dict[int, int], refused: dict[int, Refusal]) -> None:
    if not closed or not len(held.account_id):
        return
    last = np.array([closed.get(unit, 0) for unit in held.unit_id.tolist()], np.int64)
    at = np.minimum(np.searchsorted(held.account_id, batch.account_id), len(last) - 1)
    periods = posting_periods(batch.value_on)
    for row in np.flatnonzero(periods <= last[at]).tolist():
        refused.setdefault(row, refusal("period_closed", field="value_on", row=row, value=int(periods[row])))


def _replays(cursor: Cursor, batch: Batch, number: Ints, refused: dict[int, Refusal]) -> Ints:
    """Set `number` where the key has come before; answers the rows that are new, the first of each key only."""
    rows, numbers = fetch(cursor, KNOWN_KEYS_SQL, [Int8(batch.account_id), list(batch.key)])
    number[rows] = numbers
    fresh = number == 0
    fresh[list(refused)] = False
    number[list(refused)] = 0
    places = np.flatnonzero(fresh)
    seen = set()
    first = []
    for row, account in zip(places.tolist(), batch.account_id[places].tolist(), strict=True):
        key = (account, batch.key[row])
        if key not in seen:
            seen.add(key)
            first.append(row)
    return np.array(first, np.int64)


def _same_batch_replays(batch: Batch, number: Ints, new: Ints, refused: dict[int, Refusal]) -> None:
    """Rows whose key came earlier in the same batch take the number of that row."""
    waiting = [row for row in np.flatnonzero(number == 0).tolist() if row not in refused]
    if not waiting:
        return
    of_key = {(int(batch.account_id[row]), batch.key[row]): int(number[row]) for row in new.tolist()}
    for row in waiting:
        number[row] = of_key[int(batch.account_id[row]), batch.key[row]]


def _write_payments(
    cursor: Cursor, batch: Batch, number: Ints, unit: Ints, to_credit: Ints, left_owed: Ints, received_at: datetime
) -> None:
    told = [row for row, reference in enumerate(batch.reference) if reference]
    cursor.execute(
        WRITE_SQL,
        {
            "account": Int8(batch.account_id), "no": Int8(number), "key": list(batch.key), "unit": Int4(unit),
            "door": Int2(batch.door), "method": Int2(batch.method), "amount": Int8(batch.amount),
            "credit": Int8(to_credit), "left": Int8(left_owed), "session": Int8(batch.session_id),
            "value": Days(batch.value_on), "received_at": received_at,
            "r_account": Int8(batch.account_id[told]), "r_no": Int8(number[told]),
            "r_text": [batch.reference[row] for row in told],
        },
    )  # fmt: skip
