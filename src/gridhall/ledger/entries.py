"""What is written into the ledger: columns of items, late charges, allocations, movements and balances."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import psycopg

from gridhall.columns.arrays import Days, Int2, Int4, Int8
from gridhall.rules.calendar import date_of

Ints = npt.NDArray[np.int64]
Cursor = psycopg.Cursor[Any]
T = TypeVar("T", bound="Columns")

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


def write(cursor: Cursor, entries: Entries, posted_at: datetime) -> None:
    """Write the entries in one statement. The caller holds the balance rows."""
    fresh, changed, late = entries.fresh, entries.changed, entries.late
    parts, moved, after = entries.parts, entries.moved, entries.after
    cursor.execute(
        WRITE_SQL,
        {
            "f_account": Int8(fresh.account_id), "f_period": Int4(fresh.period), "f_kind": Int2(fresh.kind),
            "f_seq": Int2(fresh.seq), "f_unit": Int4(fresh.unit_id), "f_class": Int2(fresh.class_code),
            "f_amount": Int8(fresh.amount), "f_open": Int8(fresh.open), "f_issued": Days(fresh.issued_on),
            "f_due": Days(fresh.due_on),
            "c_account": Int8(changed.account_id), "c_period": Int4(changed.period), "c_kind": Int2(changed.kind),
            "c_seq": Int2(changed.seq), "c_amount": Int8(changed.amount), "c_open": Int8(changed.open),
            "c_upto": Days(changed.late_upto), "c_charged": Int8(changed.late_charged), "c_n": Int2(changed.late_n),
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
