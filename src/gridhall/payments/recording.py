"""A batch of payments from checked columns to committed rows: lock → replay or new → settle → write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection

from gridhall.columns.arrays import Days, Int2, Int4, Int8, Statement, Texts, column_cursor, tell
from gridhall.columns.copy import DATE, INT2, INT4, INT8, MOMENT, TEXT, copy_in
from gridhall.kernel import outbox
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import (
    CLEARING,
    PAYMENT,
    Facts,
    Moved,
    Parts,
    Settlements,
    copy_entries,
    read_facts,
    refuse_new,
    settle,
    writing,
)
from gridhall.payments import models
from gridhall.payments.across_units import taken_across, taking_units
from gridhall.payments.admitting import CLAIMS_SQL, DEBIT_OF_METHOD, SESSIONS_SQL, Batch, refusals_of

Ints = npt.NDArray[np.int64]
Cursor = psycopg.Cursor[Any]

KNOWN_KEYS_SQL = """
SELECT array_agg(k.row - 1), array_agg(known.payment_no)
FROM unnest(%s, %s) WITH ORDINALITY AS k (account_id, key, row)
JOIN payment_key AS known ON known.account_id = k.account_id AND known.key = k.key
"""

# For many: the stretch of accounts is read in its order, however large the table has become.
KNOWN_KEYS_OF_MANY_SQL = KNOWN_KEYS_SQL + "WHERE known.account_id BETWEEN %s AND %s"

# Numbers of refused and replayed rows are not used again: a gap says nothing.
NUMBERS_SQL = "SELECT ARRAY[gridhall_take_numbers('payment_no', %s)]"

REFERENCE_SQL = "INSERT INTO payment_reference (account_id, no, reference) VALUES (%s, %s, %s)"

KEY_SHAPE = {"account_id": INT8, "key": TEXT, "payment_no": INT8}
PAYMENT_SHAPE = {
    "account_id": INT8, "no": INT8, "kind": INT2, "unit_id": INT4, "door": INT2, "method": INT2, "amount": INT8,
    "to_credit": INT8, "left_owed": INT8, "session_id": INT8, "reverses": INT8, "received_at": MOMENT, "value_on": DATE,
}  # fmt: skip

MANY = 2_000  # payments from which a batch goes by COPY

WRITE_SQL = Path(__file__).with_name("sql").joinpath("write.sql").read_text()


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


Accounting = Callable[[Taken], Sequence[Statement]]


def take(batch: Batch, received_at: datetime, accounts_for: Accounting) -> Taken:
    """Book a batch in the open transaction of Django's connection, on which all of it depends: `ledger.in_order`.

    Every account is locked first; so whoever comes at the same time with the same key finds it used, and whoever pays
    the same account finds the items as they are after us. `accounts_for` makes the statements of the audit from what
    is booked; they go to the database with the rest. Two round trips, whatever the size (large ones by COPY).
    """
    raw = connection.connection
    facts, first, known = _read(raw, batch)
    number = np.zeros(len(batch.amount), np.int64)
    number[known[0]] = known[1]
    refused = refusals_of(batch, facts, number > 0, received_at)
    new = _first_of_each_key(batch, number, refused)
    to_credit, left_owed = np.zeros_like(number), np.zeros_like(number)
    if not len(new):
        return Taken(number, new, to_credit, left_owed, Parts.of(), refused)
    number[new] = np.arange(first, first + len(new))
    unit = facts.held.unit_id[np.searchsorted(facts.held.account_id, batch.account_id[new])]
    holder = taking_units(facts.more, batch, new, unit)
    crossing = np.flatnonzero(holder != unit)  # taken in one unit for an account of another
    what = Settlements(
        number=number[new], account_id=batch.account_id[new], amount=batch.amount[new], value_on=batch.value_on[new],
        debit=_debits(batch.method[new]),
    )  # fmt: skip
    if len(crossing):
        what.debit[crossing] = CLEARING
    settled = settle(facts.held, facts.items, what, PAYMENT)
    to_credit[new], left_owed[new] = settled.left, settled.left_owed
    taken = Taken(number, new, to_credit, left_owed, settled.entries.parts, refused)
    rows = _rows(batch.take(new), what.number, unit, settled.left, settled.left_owed)
    after = [*accounts_for(taken), _fact(what)]
    entries = settled.entries
    if len(crossing):
        moved, owes = taken_across(what, holder, unit, _debits(batch.method[new]), crossing, received_at)
        entries = replace(entries, moved=Moved.joined([entries.moved, moved]))
        after.append(owes)
    if len(new) > MANY:
        copy_entries(raw, entries, received_at)
        _copy_payments(raw, rows, received_at)
        tell(raw, after)
    else:
        tell(raw, [writing(entries, received_at), (WRITE_SQL, _parameters(rows, received_at)), *after])
    _same_batch_replays(batch, number, new, refused)
    return taken


def _fact(what: Settlements) -> Statement:
    """One fact for the batch: the numbers and the accounts between which its payments lie."""
    told = {
        "first": int(what.number[0]), "last": int(what.number[-1]), "count": len(what.number),
        "amount": int(what.amount.sum()),
    }  # fmt: skip
    return outbox.statement("payment_received", (int(what.account_id.min()), int(what.account_id.max())), told)


def _read(raw: psycopg.Connection[Any], batch: Batch) -> tuple[Facts, int, tuple[Ints, Ints]]:
    """Lock and read all in one round trip: the facts, the first of the new numbers, rows whose key is known with the
    number of its payment. Without accounts there is nothing to lock."""
    tills = np.unique(batch.session_id[batch.session_id > 0])
    before: list[Statement] = [(SESSIONS_SQL, [Int8(tills)])] if len(tills) else []
    brought = np.flatnonzero(batch.partner)
    if len(brought):
        before.append((CLAIMS_SQL, [Int8(batch.partner[brought]), Texts(_serials(batch, brought))]))
    accounts = np.unique(batch.account_id)
    keys: Statement = (KNOWN_KEYS_SQL, [Int8(batch.account_id), Texts(batch.key)])
    if len(accounts) > MANY:
        keys = (KNOWN_KEYS_OF_MANY_SQL, [*keys[1], int(accounts[0]), int(accounts[-1])])
    facts = read_facts(raw, accounts, before, [keys, (NUMBERS_SQL, [len(batch.key)])])
    refuse_new(raw, accounts, facts.held)
    rows, numbers = facts.more[-2]
    return facts, int(facts.more[-1][0][0]), (rows, numbers)


def _serials(batch: Batch, places: Ints) -> list[str]:
    """The partners' own serials within the keys (`partner_key`)."""
    return [batch.key[row].split(":", 2)[-1] for row in places.tolist()]


def _debits(method: Ints) -> Ints:
    table = np.zeros(max(DEBIT_OF_METHOD) + 1, np.int64)
    for each, debit in DEBIT_OF_METHOD.items():
        table[each] = debit
    return table[method]


def _first_of_each_key(batch: Batch, number: Ints, refused: dict[int, Refusal]) -> Ints:
    """The rows to book: neither known (they have their `number`) nor refused, the first of each key only."""
    fresh = number == 0
    fresh[list(refused)] = False
    places = np.flatnonzero(fresh)
    if len(set(batch.key)) == len(batch.key):
        return places
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


def _rows(batch: Batch, number: Ints, unit: Ints, to_credit: Ints, left_owed: Ints) -> dict[str, Any]:
    """The new payment rows as columns."""
    return {
        "account_id": batch.account_id, "no": number, "key": batch.key, "unit_id": unit, "door": batch.door,
        "method": batch.method, "amount": batch.amount, "to_credit": to_credit, "left_owed": left_owed,
        "session_id": batch.session_id, "value_on": batch.value_on, "reference": batch.reference,
    }  # fmt: skip


def _parameters(rows: dict[str, Any], received_at: datetime) -> dict[str, Any]:
    told = [row for row, reference in enumerate(rows["reference"]) if reference]
    return {
        "account": Int8(rows["account_id"]), "no": Int8(rows["no"]), "key": Texts(rows["key"]),
        "unit": Int4(rows["unit_id"]), "door": Int2(rows["door"]), "method": Int2(rows["method"]),
        "amount": Int8(rows["amount"]), "credit": Int8(rows["to_credit"]), "left": Int8(rows["left_owed"]),
        "session": Int8(rows["session_id"]), "value": Days(rows["value_on"]), "received_at": received_at,
        "r_account": Int8(rows["account_id"][told]), "r_no": Int8(rows["no"][told]),
        "r_text": Texts([rows["reference"][row] for row in told]),
    }  # fmt: skip


def _copy_payments(raw: psycopg.Connection[Any], rows: dict[str, Any], received_at: datetime) -> None:
    """The same for many, by COPY. References come with single payments only; those there are go the short way."""
    cursor = column_cursor(raw)
    moment = int(received_at.timestamp() * 1_000_000)
    copy_in(cursor, "payment_key", KEY_SHAPE, {**rows, "payment_no": rows["no"]})
    copy_in(cursor, "payment", PAYMENT_SHAPE, {**rows, "kind": models.RECEIVED, "reverses": 0, "received_at": moment})
    for row, reference in enumerate(rows["reference"]):
        if reference:
            cursor.execute(REFERENCE_SQL, [int(rows["account_id"][row]), int(rows["no"][row]), reference])
