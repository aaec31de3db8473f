"""Whole columns as query parameters and as answers: numpy arrays to and from PostgreSQL's binary arrays.

A statement takes `unnest(%s, %s)` of arrays and answers with `array_agg`; so a batch of any size is one round trip
and no row passes through Python one by one. Dates are day numbers (`date.toordinal`) on this side.
"""

import struct
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from gridhall.columns.copy import same_length

Ints = npt.NDArray[np.int64]
Statement = tuple[str, Any]  # text and parameters

FIRST_DAY = date(2000, 1, 1).toordinal()  # PostgreSQL counts days from here
_HEAD = struct.Struct(">iiIii")  # dimensions, flags, element type, length, first index
_EMPTY = struct.Struct(">iiI")


class _Column:
    """A column to send; the subclasses name the type it has in the database."""

    element_oid = 0
    size = 8
    layout = np.dtype([("size", ">i4"), ("value", ">i8")])

    def __init__(self, values: npt.ArrayLike) -> None:
        self.values = np.asarray(values, np.int64)

    def payload(self) -> bytes:
        count = len(self.values)
        if count == 0:
            return _EMPTY.pack(0, 0, self.element_oid)
        body = np.empty(count, self.layout)
        body["size"] = self.size
        body["value"] = self.checked()
        return _HEAD.pack(1, 0, self.element_oid, count, 1) + body.tobytes()

    def checked(self) -> Ints:
        """The values as they are sent. Raises ValueError where one does not fit: nothing wraps around."""
        return self.values


def _fitting(values: Ints, bits: int) -> Ints:
    if values.min() < -(1 << (bits - 1)) or values.max() >= 1 << (bits - 1):
        raise ValueError(f"{values.min()}..{values.max()} does not fit {bits} bits")
    return values


class Int8(_Column):
    """bigint[]"""

    element_oid = 20


class Int4(_Column):
    """integer[]"""

    element_oid = 23
    size = 4
    layout = np.dtype([("size", ">i4"), ("value", ">i4")])

    def checked(self) -> Ints:
        return _fitting(self.values, 32)


class Int2(_Column):
    """smallint[]"""

    element_oid = 21
    size = 2
    layout = np.dtype([("size", ">i4"), ("value", ">i2")])

    def checked(self) -> Ints:
        return _fitting(self.values, 16)


class Days(_Column):
    """date[], from day numbers"""

    element_oid = 1082
    size = 4
    layout = np.dtype([("size", ">i4"), ("value", ">i4")])

    def checked(self) -> Ints:
        return _fitting(self.values - FIRST_DAY, 32)


class Texts:
    """text[]"""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = values

    def payload(self) -> bytes:
        if not self.values:
            return _EMPTY.pack(0, 0, 25)
        texts = same_length(self.values)
        if isinstance(texts, np.ndarray):
            body = np.empty(len(texts), [("size", ">i4"), ("value", texts.dtype)])
            body["size"], body["value"] = texts.itemsize, texts
            return _HEAD.pack(1, 0, 25, len(texts), 1) + body.tobytes()
        pieces = [_HEAD.pack(1, 0, 25, len(self.values), 1)]
        for value in self.values:
            raw = value.encode()
            pieces += (len(raw).to_bytes(4, "big"), raw)
        return b"".join(pieces)


class _ColumnDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> bytes:
        column: _Column | Texts = obj
        return column.payload()


class _Int8Dumper(_ColumnDumper):
    oid = 1016


class _Int4Dumper(_ColumnDumper):
    oid = 1007


class _Int2Dumper(_ColumnDumper):
    oid = 1005


class _DaysDumper(_ColumnDumper):
    oid = 1182


class _TextsDumper(_ColumnDumper):
    oid = 1009


_DUMPERS: tuple[tuple[type, type[Dumper]], ...] = (
    (Int8, _Int8Dumper), (Int4, _Int4Dumper), (Int2, _Int2Dumper), (Days, _DaysDumper), (Texts, _TextsDumper),
)  # fmt: skip


def column_cursor(connection: psycopg.Connection[Any]) -> psycopg.Cursor[Any]:
    """A server-side-binding cursor of the connection that understands the columns above as parameters."""
    if not getattr(connection, "gridhall_columns", False):
        for column, dumper in _DUMPERS:
            connection.adapters.register_dumper(column, dumper)
        connection.gridhall_columns = True  # type: ignore[attr-defined]  # marks this connection as prepared for it
    return psycopg.Cursor(connection)


def fetch(cursor: psycopg.Cursor[Any], query: str, parameters: Any) -> list[Ints]:
    """Run a query that answers with one row of arrays (`array_agg`; whole numbers or dates, no NULL inside): the
    columns as int64, empty where the answer is NULL."""
    cursor.execute(query, parameters, binary=True)
    return _columns(cursor)


def ask(connection: psycopg.Connection[Any], questions: Sequence[Statement]) -> list[list[Ints]]:
    """`fetch` several questions in their order with one round trip (pipeline); each sees what those before it did."""
    return [_columns(cursor) for cursor in _piped(connection, questions)]


def tell(connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> None:
    """Run several statements in their order with one round trip; raises what the first failing one raises."""
    _piped(connection, statements)


def _piped(connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> list[psycopg.Cursor[Any]]:
    cursors = []
    with connection.pipeline():
        for query, parameters in statements:
            cursor = column_cursor(connection)
            cursor.execute(query, parameters, binary=True)
            cursors.append(cursor)
    return cursors


def _columns(cursor: psycopg.Cursor[Any]) -> list[Ints]:
    result = cursor.pgresult
    if result is None or result.ntuples != 1:
        raise ValueError("the query must answer with exactly one row of arrays")
    return [_column(result.get_value(0, i)) for i in range(result.nfields)]


_LAYOUTS = {each.size: each.layout for each in (Int8, Int4, Int2)}


def _column(raw: bytes | None) -> Ints:
    if raw is None:
        return np.zeros(0, np.int64)
    if len(raw) <= _EMPTY.size:
        return np.zeros(0, np.int64)
    _, has_null, element_oid, count, _ = _HEAD.unpack_from(raw)
    if has_null:
        raise ValueError("an array with NULL inside is not a column")
    body = np.frombuffer(raw, _LAYOUTS[(len(raw) - _HEAD.size) // count - 4], offset=_HEAD.size)
    values = body["value"].astype(np.int64)
    return values + FIRST_DAY if element_oid == Days.element_oid else values
