"""Whole columns into and out of a table by PostgreSQL's binary COPY: no row passes through Python when written.

A shape names the columns and their kinds: `{"account_id": INT8, "read_on": DATE}`. On this side every fixed-width
column is an int64 array (BOOL: bool): a date is its day number (`date.toordinal()`), a moment its microseconds
since 1970 in UTC. A value that does not fit its column is refused before anything is sent: nothing wraps around.
Seen on two cores of 2026: about 3 million rows a second of eight columns to the socket, 1.5 million back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql

INT2, INT4, INT8, BOOL, DATE, MOMENT, TEXT = "int2", "int4", "int8", "bool", "date", "timestamptz", "text"

# Rows that are laid out in memory at once on the way in, and joined at once on the way out.
ROWS_AT_ONCE = 1 << 16

FIRST_DAY = 730_120  # date(2000, 1, 1).toordinal(): PostgreSQL counts days from here
FIRST_MOMENT = 946_684_800_000_000  # 2000-01-01T00:00Z in microseconds since 1970
_LAST_DAY = 3_652_059  # date.max

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"

Column = npt.NDArray[Any]
Given = Mapping[str, Any]


@dataclass(frozen=True)
class _Kind:
    """How a kind lies in the stream: `wire` as sent, `shift` added on the way in, and what may come in."""

    wire: str
    shift: int
    least: int
    most: int


_KINDS = {
    INT2: _Kind(">i2", 0, -(1 << 15), (1 << 15) - 1),
    INT4: _Kind(">i4", 0, -(1 << 31), (1 << 31) - 1),
    INT8: _Kind(">i8", 0, -(1 << 63), (1 << 63) - 1),
    BOOL: _Kind(">u1", 0, 0, 1),
    DATE: _Kind(">i4", -FIRST_DAY, 1, _LAST_DAY),
    MOMENT: _Kind(">i8", -FIRST_MOMENT, -62_135_596_800_000_000, 253_402_300_799_999_999),
}


def copy_in(cursor: Any, table: str, shape: Mapping[str, str], columns: Given) -> int:
    """Append rows to `table` in the transaction that is open; returns how many.

    `cursor`: Django's or psycopg's. `shape`: column → kind, in any order of the table's columns. `columns`: for each
    name in it an array of equal length, or one value for every row. TEXT columns take a sequence of str (None is NULL)
    and go by a slower path, unless all are ASCII of one length. Raises ValueError where lengths differ or a value does
    not fit its column.
    """
    count = _count(shape, columns)
    if count == 0:
        return 0
    names = sql.SQL(", ").join(sql.Identifier(name) for name in shape)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
    ready = {name: _checked(name, kind, columns[name]) for name, kind in shape.items()}
    texts = [name for name, kind in shape.items() if kind == TEXT]
    is_fixed = all(isinstance(ready[name], np.ndarray) for name in texts)
    if not is_fixed:
        ready |= {name: columns[name] for name in texts}
    with cursor.copy(statement) as copy:
        copy.write(_SIGNATURE)
        for start in range(0, count, ROWS_AT_ONCE):
            part = slice(start, min(start + ROWS_AT_ONCE, count))
            copy.write(_fixed_rows(shape, ready, part) if is_fixed else _mixed_rows(shape, ready, part))
        copy.write(_END)
    return count


def _count(shape: Mapping[str, str], columns: Given) -> int:
    """How many rows the columns hold; a column that is one value for all rows says nothing about it."""
    counts = {name: len(columns[name]) for name in shape if _is_many(columns[name])}
    if len(set(counts.values())) != 1:
        raise ValueError(f"columns differ in length: {counts}" if counts else "at least one column must be an array")
    return next(iter(counts.values()))


def _is_many(given: Any) -> bool:
    return not isinstance(given, str) and (isinstance(given, Sequence) or getattr(given, "ndim", 0) == 1)


def _checked(name: str, kind: str, given: Any) -> Any:
    """The column as an array of whole numbers that fit, as one value, or as it is where it is text."""
    if kind == TEXT:
        return same_length(given)
    rule = _KINDS[kind]
    values = np.asarray(given)
    if values.dtype.kind not in "iub":
        raise ValueError(f"{name} takes whole numbers, not {values.dtype}")
    if values.size:
        least, most = int(values.min()), int(values.max())
        if least < rule.least or most > rule.most:
            raise ValueError(f"{name}: {least}..{most} does not fit {kind}")
    return values if values.ndim else values[()]


def same_length(given: Any) -> Any:
    """Texts of plain ASCII that are all of one length (keys, numbers), as an array of bytes: such a column is of fixed
    width like the others. Any other column as it is."""
    if not _is_many(given) or not len(given) or not all(isinstance(each, str) for each in given):
        return given
    try:
        texts = np.array(given, np.bytes_)
    except UnicodeEncodeError:
        return given
    return texts if texts.itemsize and (np.char.str_len(texts) == texts.itemsize).all() else given


def _layout(shape: Mapping[str, str], columns: Given | None = None) -> np.dtype[Any]:
    """One row as it lies in the stream: the number of columns, then a length and a value each."""
    fields: list[tuple[str, str]] = [("#", ">i2")]
    for name, kind in shape.items():
        wire = columns[name].dtype.str if kind == TEXT and columns else _KINDS[kind].wire
        fields += [(f"{name}#", ">i4"), (name, wire)]
    return np.dtype(fields)


def _fill(rows: Column, name: str, kind: str, values: Any, part: slice) -> None:
    if kind == TEXT:
        rows[f"{name}#"], rows[name] = values.itemsize, values[part]
        return
    rule = _KINDS[kind]
    chunk = values[part] if getattr(values, "ndim", 0) else values
    rows[f"{name}#"] = np.dtype(rule.wire).itemsize
    rows[name] = np.asarray(chunk, np.int64) + rule.shift if rule.shift else chunk


def _fixed_rows(shape: Mapping[str, str], columns: Given, part: slice) -> bytes:
    """The rows as they lie in the stream. One row with all that is the same in each is made first and repeated, so that
    only what differs is written row by row."""
    layout = _layout(shape, columns)
    pattern = np.zeros(1, layout)
    pattern["#"] = len(shape)
    varying = []
    for name, kind in shape.items():
        if getattr(columns[name], "ndim", 0):
            pattern[f"{name}#"] = layout[name].itemsize
            varying.append((name, kind))
        else:
            _fill(pattern, name, kind, columns[name], slice(0, 1))
    raw = bytearray(pattern.tobytes() * (part.stop - part.start))
    rows = np.frombuffer(raw, layout)
    for name, kind in varying:
        shift = 0 if kind == TEXT else _KINDS[kind].shift
        chunk = columns[name][part]
        rows[name] = np.asarray(chunk, np.int64) + shift if shift else chunk
    return bytes(raw)


def _mixed_rows(shape: Mapping[str, str], columns: Given, part: slice) -> bytes:
    """Rows with text: stretches of fixed columns as ready bytes, the texts between them, joined row by row."""
    count = part.stop - part.start
    stretches: list[list[bytes]] = [[len(shape).to_bytes(2, "big")] * count]
    for name, kind in shape.items():
        if kind == TEXT:
            given = columns[name]
            texts = given[part] if _is_many(given) else [given] * count
            stretches.append([_text(each) for each in texts])
            continue
        piece = np.empty(count, np.dtype([(f"{name}#", ">i4"), (name, _KINDS[kind].wire)]))
        _fill(piece, name, kind, columns[name], part)
        width, flat = piece.itemsize, piece.tobytes()
        stretches.append([flat[k : k + width] for k in range(0, len(flat), width)])
    return b"".join([piece for row in zip(*stretches, strict=True) for piece in row])


def _text(text: str | None) -> bytes:
    if text is None:
        return b"\xff\xff\xff\xff"
    raw = text.encode()
    return len(raw).to_bytes(4, "big") + raw


def array_text(values: npt.NDArray[np.int64]) -> str:
    """A column as the text of an array parameter: `unnest(%(ids)s::bigint[])`. Several times quicker than a list."""
    return "{" + ",".join(map(str, values.tolist())) + "}"


def copy_out(cursor: Any, query: str, shape: Mapping[str, str], parameters: Any = None) -> dict[str, Column]:
    """Run a query and return its columns as arrays: int64 each, BOOL as bool.

    The query must answer with exactly the columns of `shape`, in its order and of its kinds, never NULL and no text:
    cast (`::bigint`) and COALESCE in the query. Raises ValueError where the answer has another shape.
    `parameters` as in `cursor.execute`.
    """
    width = _layout(shape).itemsize
    parts = [np.frombuffer(chunk, _layout(shape)) for chunk in _chunks(cursor, query, parameters, width)]
    return {name: _joined(parts, name, kind) for name, kind in shape.items()}


def _chunks(cursor: Any, query: str, parameters: Any, width: int) -> Iterator[bytes]:
    """The rows of a COPY, many joined at a time.

    A message is a row. Those that have arrived are taken from libpq directly: psycopg's own loop, which can wait, costs
    five times as much a row and is entered only where nothing is there yet.
    """
    rows: list[Any] = []
    # Django's wrapper that notes queries (in debug mode) takes no parameters for COPY; what it wraps does
    cursor = getattr(cursor, "cursor", cursor)
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", parameters) as copy:
        connection = cast("psycopg.Connection[Any]", cursor.connection).pgconn
        take, append = connection.get_copy_data, rows.append
        # the signature comes with the first row, or by itself where there is no row
        message: Any = bytes(copy.read())[len(_SIGNATURE) :]
        size = len(message)
        while size >= 0:
            if size == width:
                append(message)
            elif size > 0 and bytes(message) != _END:
                raise ValueError(f"the answer has another shape: a row of {size} bytes, not {width}")
            for _ in range(ROWS_AT_ONCE - len(rows)):
                size, message = take(1)
                if size != width:
                    break
                append(message)
            else:
                yield b"".join(rows)
                rows.clear()
                size = 0
            if size == 0:
                message = copy.read()
                size = len(message) or -2  # nothing more: psycopg has seen the end
        while size == -1 and (result := connection.get_result()) is not None:
            if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
                raise psycopg.errors.error_from_result(result)
    yield b"".join(rows)


def _joined(parts: list[Column], name: str, kind: str) -> Column:
    rule = _KINDS[kind]
    dtype = np.bool_ if kind == BOOL else np.int64
    size = np.dtype(rule.wire).itemsize
    for part in parts:
        if not (part[f"{name}#"] == size).all():
            raise ValueError(f"{name} holds NULL or is not {kind}")
    out: Column = np.empty(sum(len(part) for part in parts), dtype)
    start = 0
    for part in parts:
        out[start : start + len(part)] = part[name]
        start += len(part)
    if rule.shift:
        out -= rule.shift
    return out
