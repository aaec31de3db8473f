"""A counterparty's file of a day: text in a layout that is data (`day_layouts/*.yaml`, and the supplier's own under
`GRIDHALL_HOME/day_layouts`). Read whole or refused with the row, counted from 1 as in an editor, and the field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from gridhall.kernel.home import home
from gridhall.payments.day_comparing import TheirRow
from gridhall.payments.refusals import refusal

OURS = Path(__file__).with_name("day_layouts")
BYTES_MOST = 200_000_000
AMOUNT_MOST = 10**15
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_SERIAL = re.compile(r"[!-~]{1,40}")
_ACCOUNT = re.compile(r"[0-9A-Za-z]{2,16}")


@dataclass(frozen=True)
class _Record:
    """A kind of line: the fields in their order, their widths in bytes (empty where a separator cuts), its mark."""

    fields: tuple[str, ...]
    widths: tuple[int, ...]
    mark: str


@dataclass(frozen=True)
class Layout:
    encoding: str
    separator: str
    in_yuan: bool
    total_first: bool
    total: _Record
    row: _Record


@dataclass(frozen=True)
class DayFile:
    """What a file says: whose, of which day, and its payments, which come to its totals."""

    partner: str
    on: date
    rows: tuple[TheirRow, ...]


def day_layouts() -> list[str]:
    """Names of the layouts that are there."""
    return sorted({path.stem for folder in (OURS, home() / "day_layouts") for path in folder.glob("*.yaml")})


def layout(name: str) -> Layout:
    """The layout of that name, the supplier's own first. Refuses unknown_layout."""
    if not _NAME.fullmatch(name):
        raise refusal("unknown_layout", field="layout", value=name[:40])
    for folder in (home() / "day_layouts", OURS):
        path = folder / f"{name}.yaml"
        if path.is_file():
            return _layout(yaml.safe_load(path.read_text(encoding="utf-8")))
    raise refusal("unknown_layout", field="layout", value=name)


def _layout(data: Mapping[str, Any]) -> Layout:
    return Layout(
        str(data.get("encoding", "gb18030")), str(data.get("separator", "")), data.get("amount") == "yuan.fen",
        data["total"].get("place", "first") == "first", _record(data["total"]), _record(data["row"]),
    )  # fmt: skip


def _record(data: Mapping[str, Any]) -> _Record:
    return _Record(tuple(data["fields"]), tuple(data.get("widths", ())), str(data.get("mark", "")))


def read_day_file(data: bytes, layout_name: str, partner: str, on: date) -> DayFile:
    """Read a file of a partner's day; all of it or nothing.

    Refuses: unknown_layout, bad_day_file (row, field), day_file_double (row), day_file_altered (its totals are not what
    its rows come to: cut short, or changed), day_file_other (another partner or day).
    """
    how = layout(layout_name)
    if len(data) > BYTES_MOST:
        raise refusal("bad_day_file", field="file", value=len(data))
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise refusal("day_file_altered", field="file")
    place = 0 if how.total_first else len(lines) - 1
    total = _fields(lines[place], how, how.total, place + 1)
    rows: list[TheirRow] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if number - 1 == place:
            continue
        row = _payment(_fields(line, how, how.row, number), how, number)
        if row.serial in seen:
            raise refusal("day_file_double", field="serial", row=number, value=row.serial)
        seen.add(row.serial)
        rows.append(row)
    day = _day(total["day"], place + 1)
    if (total["partner"], day) != (partner, on):
        raise refusal("day_file_other", field="partner", row=place + 1, value=ascii(total["partner"][:24]))
    said = (_whole(total["count"], "count", place + 1), _amount(total["amount"], how, place + 1))
    if said != (len(rows), sum(row.amount for row in rows)):
        raise refusal("day_file_altered", field="total", row=place + 1, value=f"{said[0]} / {said[1]}")
    return DayFile(partner, on, tuple(rows))


def _fields(line: bytes, how: Layout, record: _Record, number: int) -> dict[str, str]:
    """The fields of a line as text without the blanks that fill them."""
    mark = record.mark.encode()
    if not line.startswith(mark):
        raise refusal("bad_day_file", field="mark", row=number)
    line = line[len(mark) :]
    try:
        if how.separator:
            parts = line.decode(how.encoding).split(how.separator)
        else:
            parts = [piece.decode(how.encoding) for piece in _cut(line, record.widths)]
    except UnicodeDecodeError as error:
        raise refusal("bad_day_file", field="encoding", row=number) from error
    if len(parts) != len(record.fields):
        raise refusal("bad_day_file", field="fields", row=number, value=len(parts))
    return dict(zip(record.fields, (part.strip(" ") for part in parts), strict=True))


def _cut(line: bytes, widths: Sequence[int]) -> list[bytes]:
    if len(line) != sum(widths):
        return []
    pieces, at = [], 0
    for width in widths:
        pieces.append(line[at : at + width])
        at += width
    return pieces


def _payment(fields: Mapping[str, str], how: Layout, number: int) -> TheirRow:
    if not _SERIAL.fullmatch(fields["serial"]):
        raise refusal("bad_day_file", field="serial", row=number, value=ascii(fields["serial"][:40]))
    if not _ACCOUNT.fullmatch(fields["account"]):
        raise refusal("bad_day_file", field="account", row=number, value=ascii(fields["account"][:16]))
    amount = _amount(fields["amount"], how, number)
    if amount <= 0:
        raise refusal("bad_day_file", field="amount", row=number, value=amount)
    return TheirRow(fields["serial"], fields["account"], amount)


def _amount(text: str, how: Layout, number: int) -> int:
    if not how.in_yuan:
        return _whole(text, "amount", number)
    whole, point, part = text.partition(".")
    if not point or len(part) != 2:
        raise refusal("bad_day_file", field="amount", row=number, value=ascii(text[:20]))
    return _whole(whole, "amount", number) * 100 + _whole(part, "amount", number)


def _whole(text: str, field: str, number: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and int(text) <= AMOUNT_MOST):
        raise refusal("bad_day_file", field=field, row=number, value=ascii(text[:20]))
    return int(text)


def _day(text: str, number: int) -> date:
    try:
        if not (text.isascii() and text.isdecimal() and len(text) == 8):
            raise ValueError
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError as error:
        raise refusal("bad_day_file", field="day", row=number, value=ascii(text[:20])) from error


def write_day_file(layout_name: str, partner: str, on: date, rows: Sequence[TheirRow]) -> bytes:
    """The file that a partner would send of these payments: for trying out, and for banks that take ours."""
    how = layout(layout_name)
    told = {
        "partner": partner, "day": f"{on:%Y%m%d}", "count": str(len(rows)),
        "amount": _written(sum(row.amount for row in rows), how),
    }  # fmt: skip
    lines = [
        _line({"serial": row.serial, "account": row.account_number, "amount": _written(row.amount, how)}, how, how.row)
        for row in rows
    ]
    lines.insert(0 if how.total_first else len(lines), _line(told, how, how.total))
    return b"".join(line + b"\n" for line in lines)


def _written(amount: int, how: Layout) -> str:
    return f"{amount // 100}.{amount % 100:02d}" if how.in_yuan else str(amount)


def _line(values: Mapping[str, str], how: Layout, record: _Record) -> bytes:
    texts = [values.get(field, "") for field in record.fields]
    if how.separator:
        return (record.mark + how.separator.join(texts)).encode(how.encoding)
    filled = [
        text.rjust(width, "0") if field in ("count", "amount") else text.ljust(width)
        for field, text, width in zip(record.fields, texts, record.widths, strict=True)
    ]
    return (record.mark + "".join(filled)).encode(how.encoding)
