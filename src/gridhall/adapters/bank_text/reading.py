"""Result files of banks as columns: nothing of a file counts unless its totals record is there and is right.

Parted files go through Arrow, files of fixed width through one array of bytes: a million rows in about a second.
"""

import contextlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from gridhall.adapters.bank_text.layout import Field, Layout
from gridhall.debits.ports import BYTES_MOST, CODE_UNKNOWN, OK, ResultRows, refusal

Ints = npt.NDArray[np.int64]
BOM = b"\xef\xbb\xbf"
BAD_MOST = 10_000  # a file with more rows that cannot be read is no result file
DIGITS_MOST = 18  # of an amount or a sum in minor units: all of them fit 64 bits


def results(data: bytes, layout: Layout, decimals: int) -> ResultRows:
    """The results in a file of a layout. Refuses: result_too_large, result_unreadable (row, field), result_truncated,
    result_altered (field)."""
    if len(data) > BYTES_MOST:
        raise refusal("result_too_large", field="file", value=len(data))
    lines = _lines(data.removeprefix(BOM), layout)
    head = _single(layout, "head", lines[0], 1) if "head" in layout.into else {}
    first = 1 if "head" in layout.into else 0
    totals = _single(layout, "totals", lines[-1], len(lines))
    frame, good, bad = _frame(lines[first:-1], layout, first + 1)
    rows = _columns(frame, good, bad, layout, decimals, head, len(lines))
    _refuse_totals(rows, totals, layout, decimals, len(lines) - first - 1)
    return rows


def _lines(data: bytes, layout: Layout) -> list[bytes]:
    """The records. A last one without its line end was cut off."""
    end = layout.line_end.encode()
    if not data.endswith(end):
        raise refusal("result_truncated", field="line_end")
    lines = data[: -len(end)].split(end)
    if len(lines) < 2 or len(lines) > layout.rows_most + 2:
        raise refusal("result_truncated" if len(lines) < 2 else "result_too_large", field="rows", value=len(lines))
    return lines


def _single(layout: Layout, record: str, line: bytes, row: int) -> dict[str, str]:
    """The fields of head or totals. A file that does not end with its totals was cut off."""
    fields = layout.into[record]
    found = _parted(line, fields, layout) if layout.delimiter else _cut(line, fields)
    code = "result_truncated" if record == "totals" else "result_unreadable"
    if found is None or found[0].strip() != fields[0].const.encode():
        raise refusal(code, field=record, row=row, value=ascii(line[:40]))
    try:
        texts = [each.decode(layout.encoding).strip() for each in found]
    except UnicodeDecodeError as wrong:
        raise refusal("result_unreadable", field=record, row=row) from wrong
    return {field.name: text for field, text in zip(fields, texts, strict=True) if field.name}


def _parted(line: bytes, fields: Sequence[Field], layout: Layout) -> list[bytes] | None:
    # a byte of a character of GB18030 may look like the delimiter: text is parted, not bytes
    try:
        found = line.decode(layout.encoding).split(layout.delimiter)
    except UnicodeDecodeError:
        return None
    return [each.encode(layout.encoding) for each in found] if len(found) == len(fields) else None


def _cut(line: bytes, fields: Sequence[Field]) -> list[bytes] | None:
    if len(line) != sum(field.width for field in fields):
        return None
    found, start = [], 0
    for field in fields:
        found.append(line[start : start + field.width])
        start += field.width
    return found


def _frame(lines: list[bytes], layout: Layout, first: int) -> tuple[pl.DataFrame, Ints, list[tuple[int, str, str]]]:
    """The rows' fields as text columns, each row's place in the file (from 1), and rows that have not these fields."""
    fields = layout.into["row"]
    names = [field.name or f"#{k}" for k, field in enumerate(fields)]
    place = np.arange(first, first + len(lines))
    bad: list[tuple[int, str, str]] = []
    texts = _decoded(lines, layout, place, bad)
    if not layout.delimiter:
        return _fixed(lines, layout, place, bad, names)
    frame = pl.DataFrame({"text": texts})
    parts = frame.select(pl.col("text").str.split(layout.delimiter).alias("parts"))
    right = parts.select((pl.col("parts").list.len() == len(fields)).fill_null(value=False).alias("right"))
    keep = right["right"].to_numpy()
    for k in np.flatnonzero(~keep).tolist():
        if texts[k] is not None:
            bad.append((int(place[k]), "fields", ascii(lines[k][:40])))
    parts = parts.filter(pl.Series(keep))
    columns = [pl.col("parts").list.get(k).str.strip_chars(" ").alias(name) for k, name in enumerate(names)]
    return parts.select(columns), place[keep], bad


def _decoded(
    lines: list[bytes], layout: Layout, place: Ints, bad: list[tuple[int, str, str]]
) -> list[str | None]:  # fmt: skip
    """The lines as text; where one cannot be, None."""
    if not layout.delimiter:
        return []
    # whole at once where it can be: a line end is never part of a character
    with contextlib.suppress(UnicodeDecodeError):
        whole = b"\n".join(lines).decode(layout.encoding).split("\n")
        if len(whole) == len(lines):
            return list(whole)
    texts: list[str | None] = []
    for at, line in zip(place.tolist(), lines, strict=True):
        try:
            texts.append(line.decode(layout.encoding))
        except UnicodeDecodeError:
            texts.append(None)
            bad.append((at, "encoding", ascii(line[:40])))
    return texts


def _fixed(
    lines: list[bytes], layout: Layout, place: Ints, bad: list[tuple[int, str, str]], names: list[str]
) -> tuple[pl.DataFrame, Ints, list[tuple[int, str, str]]]:
    fields = layout.into["row"]
    width = sum(field.width for field in fields)
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    for k in np.flatnonzero(sizes != width).tolist():
        bad.append((int(place[k]), "width", ascii(lines[k][:40])))
    keep = sizes == width
    raw = np.frombuffer(b"".join(line for line in lines if len(line) == width), np.uint8).reshape(-1, width)
    columns: dict[str, Any] = {}
    start = 0
    for name, field in zip(names, fields, strict=True):
        part = np.ascontiguousarray(raw[:, start : start + field.width]).view(f"S{field.width}").ravel()
        columns[name] = _texts(part, layout.encoding)
        start += field.width
    return pl.DataFrame(columns), place[keep], bad


def _texts(part: Any, encoding: str) -> list[str]:
    """Bytes of a column as text without the blanks that fill it; what is no text becomes one that is no value."""
    return [each.decode(encoding, "replace").strip(" ") for each in part.tolist()]


def _columns(
    frame: pl.DataFrame, place: Ints, bad: list[tuple[int, str, str]], layout: Layout, decimals: int,
    head: dict[str, str], last: int,
) -> ResultRows:  # fmt: skip
    keep = np.ones(len(place), bool)

    def lack(field: str, wrong: "npt.NDArray[np.bool_]", values: pl.Series) -> None:
        nonlocal keep
        for k in np.flatnonzero(wrong & keep).tolist():
            bad.append((int(place[k]), field, ascii(str(values[k]))[:60]))
        keep = keep & ~wrong

    fields = layout.into["row"]
    for k, field in enumerate(fields):
        if field.const:
            column = frame[field.name or f"#{k}"]
            lack("record", (column != field.const).to_numpy(), column)
    amount = _minor(frame["amount"], layout, decimals)
    lack("amount", amount < 0, frame["amount"])
    line = _whole(frame["line"], 7)
    lack("line", line < 1, frame["line"])
    file_id = _of_head_or_row(frame, head, "file", len(place), lack)
    on = _days(frame, head, len(place), lack)
    codes = layout.codes
    outcome = (
        frame["code"].replace_strict(list(codes), list(codes.values()), default=CODE_UNKNOWN, return_dtype=pl.Int64)
    ).to_numpy()
    if len(bad) > BAD_MOST or (not keep.any() and last > 2):
        row, name, value = min(bad, default=(0, "rows", ""))
        raise refusal("result_unreadable", field=name, row=row, value=value)
    at = np.flatnonzero(keep)
    told = {name: frame[name].gather(at).to_list() for name in ("number", "holder") if name in frame.columns}
    return ResultRows(
        place[at], file_id[at], line[at], amount[at], outcome[at].astype(np.int64), on[at], told.get("number"),
        told.get("holder"), tuple(sorted(bad)),
    )  # fmt: skip


def _of_head_or_row(frame: pl.DataFrame, head: dict[str, str], name: str, count: int, lack: Any) -> Ints:
    if name in frame.columns:
        found = _whole(frame[name], 8)
        lack(name, found < 1, frame[name])
        return found
    told = head.get(name, "")
    if not (told.isascii() and told.isdecimal() and len(told) <= 8):
        raise refusal("result_unreadable", field=name, row=1, value=ascii(told)[:40])
    return np.full(count, int(told), np.int64)


def _days(frame: pl.DataFrame, head: dict[str, str], count: int, lack: Any) -> Ints:
    if "day" in frame.columns:
        found = np.array([_day(text) for text in frame["day"].to_list()], np.int64)
        lack("day", found < 0, frame["day"])
        return found
    if "day" not in head:
        return np.zeros(count, np.int64)
    day = _day(head["day"])
    if day < 0:
        raise refusal("result_unreadable", field="day", row=1, value=ascii(head["day"])[:40])
    return np.full(count, day, np.int64)


def _day(text: str) -> int:
    """The day number of YYYYMMDD; -1 where it is none."""
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return -1
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()
    except ValueError:
        return -1


def _whole(column: pl.Series, digits: int) -> Ints:
    """A column of digits as whole numbers; -1 where it is none."""
    right = column.str.contains(rf"^[0-9]{{1,{digits}}}$").fill_null(value=False)
    return column.set(~right, "-1").cast(pl.Int64).to_numpy().copy()


def _minor(column: pl.Series, layout: Layout, decimals: int) -> Ints:
    if layout.minor or decimals == 0:
        return _whole(column, DIGITS_MOST)
    right = column.str.contains(rf"^[0-9]{{1,16}}\.[0-9]{{{decimals}}}$").fill_null(value=False)
    return column.str.replace(".", "", literal=True).set(~right, "-1").cast(pl.Int64).to_numpy().copy()


def _refuse_totals(rows: ResultRows, totals: dict[str, str], layout: Layout, decimals: int, count: int) -> None:
    """The totals record must tell how many rows there are, and what they come to."""
    made = rows.outcome == OK
    sums = {
        "count": count, "total": int(rows.amount.sum()), "ok_count": int(made.sum()),
        "ok_total": int(rows.amount[made].sum()),
    }  # fmt: skip
    for field, text in totals.items():
        is_money = field.endswith("total")
        told = _minor(pl.Series([text]), layout, decimals)[0] if is_money else _whole(pl.Series([text]), 9)[0]
        if told < 0:
            raise refusal("result_unreadable", field=field, value=ascii(text)[:40])
        if int(told) != sums[field]:
            short = field == "count" and int(told) > sums[field]
            raise refusal("result_truncated" if short else "result_altered", field=field, value=text)
