"""What is written into the ledger: columns of items, late charges, allocations, movements and balances."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import psycopg

from gridhall.columns.arrays import Days, Int2, Int4, Int8, Statement, column_cursor
from gridhall.columns.copy import DATE, INT2, INT4, INT8, MOMENT, copy_in
from gridhall.rules.calendar import date_of

Ints = npt.NDArray[np.int64]
Cursor = psycopg.Cursor[Any]
Connection = psycopg.Connection[Any]
T = TypeVar("T", bound="Columns")

ITEM_SHAPE = {
    "account_id": INT8, "period": INT4, "kind": INT2, "seq": INT2, "unit_id": INT4, "class_code": INT2, "amount": INT8,
    "open": INT8, "issued_on": DATE, "due_on": DATE, "late_upto": DATE, "late_charged": INT8, "late_n": INT2,
    "late_accrued": INT8,
}  # fmt: skip
MOVEMENT_SHAPE = {
    "account_id": INT8, "period": INT4, "kind": INT2, "source": INT8, "n": INT2, "unit_id": INT4, "debit": INT2,
    "credit": INT2, "amount": INT8, "value_on": DATE, "posted_at": MOMENT,
}  # fmt: skip

# The bounds say no more than the join does, but they let the planner read a stretch of the table in its order.
CHANGE_ITEMS_SQL = """
UPDATE open_item AS item
SET amount = c.amount, open = c.open, late_upto = c.late_upto, late_charged = c.late_charged, late_n = c.late_n,
    late_accrued = c.late_accrued
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s)
    AS c (account_id, kind, seq, amount, open, late_upto, late_charged, late_n, late_accrued)
WHERE item.account_id = c.account_id AND item.period = %s AND item.kind = c.kind AND item.seq = c.seq
    AND item.account_id BETWEEN %s AND %s
"""

CHANGE_BALANCES_SQL = """
UPDATE balance SET owed = b.owed, credit = b.credit, open_from = b.open_from
FROM unnest(%s, %s, %s, %s) AS b (account_id, owed, credit, open_from)
WHERE balance.account_id = b.account_id AND balance.account_id BETWEEN %s AND %s
"""

WRITE_SQL = Path(__file__).with_name("sql").joinpath("write.sql").read_text()


@dataclass
class Columns:
    """Rows as int64 columns of equal length; dates are day numbers."""

    @classmethod
    def of(cls: type[T], rows: Sequence[Sequence[int]] = ()) -> T:
        """From rows, each with the fields in their order."""
        width = len(fields(cls))
        table = np.array(rows, np.int64).reshape(len(rows), width)
        return cls(*(np.ascontiguousarray(table[:, k]) for k in range(width)))

    @classmethod
    def joined(cls: type[T], pieces: Sequence[T]) -> T:
        if not pieces:
            return cls.of()
        return cls(*(np.concatenate([getattr(piece, field.name) for piece in pieces]) for field in fields(cls)))

    def take(self: T, places: Ints) -> T:
        """A copy of some rows."""
        return type(self)(*(getattr(self, field.name)[places] for field in fields(self)))

    def rows(self) -> list[tuple[int, ...]]:
        return list(zip(*(getattr(self, field.name).tolist() for field in fields(self)), strict=True))


@dataclass
class Locked(Columns):
    """Balance rows that we hold, sorted by account."""

    account_id: Ints
    unit_id: Ints
    owed: Ints
    credit: Ints
    open_from: Ints


@dataclass
class Items(Columns):
    """Open items, sorted by account, period, kind, seq where they come from the database."""

    account_id: Ints
    period: Ints
    kind: Ints
    seq: Ints
    unit_id: Ints
    class_code: Ints
    amount: Ints
    open: Ints
    issued_on: Ints
    due_on: Ints
    late_upto: Ints
    late_charged: Ints
    late_n: Ints
    late_accrued: Ints


@dataclass
class LateRows(Columns):
    """How late charges arose (or were taken back: negative amount), by settlement number."""

    account_id: Ints
    number: Ints
    n: Ints
    period: Ints
    seq: Ints
    principal: Ints
    from_on: Ints
    upto_on: Ints
    amount: Ints


@dataclass
class Parts(Columns):
    """Allocations: what part of a settlement number paid which item."""

    account_id: Ints
    number: Ints
    n: Ints
    period: Ints
    kind: Ints
    seq: Ints
    amount: Ints


@dataclass
class Moved(Columns):
    """Movements."""

    account_id: Ints
    period: Ints
    kind: Ints
    source: Ints
    n: Ints
    unit_id: Ints
    debit: Ints
    credit: Ints
    amount: Ints
    value_on: Ints


@dataclass(frozen=True)
class Entries:
    """All that one act writes: `fresh` items are new, `changed` ones stood before; `after`: balances to be."""

    fresh: Items
    changed: Items
    late: LateRows
    parts: Parts
    moved: Moved
    after: Locked


def writing(entries: Entries, posted_at: datetime) -> Statement:
    """The statement that writes the entries. Whoever runs it holds the balance rows."""
    fresh, changed, late = entries.fresh, entries.changed, entries.late
    parts, moved, after = entries.parts, entries.moved, entries.after
    return (
        WRITE_SQL,
        {
            "f_account": Int8(fresh.account_id), "f_period": Int4(fresh.period), "f_kind": Int2(fresh.kind),
            "f_seq": Int2(fresh.seq), "f_unit": Int4(fresh.unit_id), "f_class": Int2(fresh.class_code),
            "f_amount": Int8(fresh.amount), "f_open": Int8(fresh.open), "f_issued": Days(fresh.issued_on),
            "f_due": Days(fresh.due_on),
            "c_account": Int8(changed.account_id), "c_period": Int4(changed.period), "c_kind": Int2(changed.kind),
            "c_seq": Int2(changed.seq), "c_amount": Int8(changed.amount), "c_open": Int8(changed.open),
            "c_upto": Days(changed.late_upto), "c_charged": Int8(changed.late_charged), "c_n": Int2(changed.late_n),
            "c_accrued": Int8(changed.late_accrued),
            "l_account": Int8(late.account_id), "l_no": Int8(late.number), "l_n": Int2(late.n),
            "l_period": Int4(late.period), "l_seq": Int2(late.seq), "l_principal": Int8(late.principal),
            "l_from": Days(late.from_on), "l_upto": Days(late.upto_on), "l_amount": Int8(late.amount),
            "a_account": Int8(parts.account_id), "a_no": Int8(parts.number), "a_n": Int2(parts.n),
            "a_period": Int4(parts.period), "a_kind": Int2(parts.kind), "a_seq": Int2(parts.seq),
            "a_amount": Int8(parts.amount),
            "m_account": Int8(moved.account_id), "m_period": Int4(moved.period), "m_kind": Int2(moved.kind),
            "m_source": Int8(moved.source), "m_n": Int2(moved.n), "m_unit": Int4(moved.unit_id),
            "m_debit": Int2(moved.debit), "m_credit": Int2(moved.credit), "m_amount": Int8(moved.amount),
            "m_value": Days(moved.value_on), "posted_at": posted_at,
            "b_account": Int8(after.account_id), "b_owed": Int8(after.owed), "b_credit": Int8(after.credit),
            "b_from": Int4(after.open_from),
        },
    )  # fmt: skip


LATE_SHAPE = {
    "account_id": INT8, "payment_no": INT8, "n": INT2, "item_period": INT4, "item_seq": INT2, "principal": INT8,
    "from_on": DATE, "upto_on": DATE, "amount": INT8,
}  # fmt: skip
PART_SHAPE = {
    "account_id": INT8, "payment_no": INT8, "n": INT2, "item_period": INT4, "item_kind": INT2, "item_seq": INT2,
    "amount": INT8,
}  # fmt: skip


def copy_entries(raw: Connection, entries: Entries, posted_at: datetime) -> None:
    """`writing` for many: what is new by COPY, what is changed by one statement each."""
    cursor = column_cursor(raw)
    changed, after = entries.changed, entries.after
    copy_in(cursor, "open_item", ITEM_SHAPE, vars(entries.fresh))
    late = {**vars(entries.late), "payment_no": entries.late.number, "item_period": entries.late.period,
            "item_seq": entries.late.seq}  # fmt: skip
    copy_in(cursor, "late_charge", LATE_SHAPE, late)
    parts = {**vars(entries.parts), "payment_no": entries.parts.number, "item_period": entries.parts.period,
             "item_kind": entries.parts.kind, "item_seq": entries.parts.seq}  # fmt: skip
    copy_in(cursor, "allocation", PART_SHAPE, parts)
    moment = int(posted_at.timestamp() * 1_000_000)
    copy_in(cursor, "movement", MOVEMENT_SHAPE, {**vars(entries.moved), "posted_at": moment})
    for period in np.unique(changed.period).tolist():
        here = changed.take(np.flatnonzero(changed.period == period))
        parameters = [
            Int8(here.account_id), Int2(here.kind), Int2(here.seq), Int8(here.amount), Int8(here.open),
            Days(here.late_upto), Int8(here.late_charged), Int2(here.late_n), Int8(here.late_accrued), period,
            *_bounds(here.account_id),
        ]  # fmt: skip
        cursor.execute(CHANGE_ITEMS_SQL, parameters)
    columns = [Int8(after.account_id), Int8(after.owed), Int8(after.credit), Int4(after.open_from)]
    cursor.execute(CHANGE_BALANCES_SQL, [*columns, *_bounds(after.account_id)])


def _bounds(account_id: Ints) -> tuple[int, int]:
    """The stretch of accounts in which the rows lie: the planner then reads that stretch, not the table."""
    return (int(account_id.min()), int(account_id.max())) if len(account_id) else (0, 0)


def posting_period(day: int) -> int:
    """The posting period (YYYYMM) of a day number."""
    year, month, _ = date_of(day)
    return year * 100 + month


def posting_periods(days: Ints) -> Ints:
    """The posting period of each day number."""
    unique, inverse = np.unique(days, return_inverse=True)
    return np.array([posting_period(day) for day in unique.tolist()], np.int64)[inverse.reshape(-1)]


def count_within(groups: Ints) -> Ints:
    """0, 1, 2… within each run of equal values."""
    if not len(groups):
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate(([True], groups[1:] != groups[:-1])))
    lengths = np.diff(np.concatenate((starts, [len(groups)])))
    return np.arange(len(groups)) - np.repeat(starts, lengths)
