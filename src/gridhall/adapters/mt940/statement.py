"""MT940 (SWIFT): fields by their tags, strictly; what is not of the form is refused with its line and tag.

Read by hand and not by the `mt-940` package, which passes over what it does not know and tells no line; the tests hold
this reader against it. Field 86 is taken as text, its sub-fields ?20 to ?63 taken apart where it has them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gridhall.payments.ports import (
    ROWS_MOST,
    EntryIn,
    StatementIn,
    StatementOptions,
    amount_of,
    bad_statement,
    day_of,
    large_statement,
    printed,
)

BYTES_MOST = 60_000_000
_TAG = re.compile(r":([0-9]{2}[A-Z]?):(.*)", re.DOTALL)
_BALANCE = re.compile(r"([CD])([0-9]{2})([0-9]{2})([0-9]{2})([A-Z]{3})([0-9]{1,15},[0-9]{0,10})")
_LINE = re.compile(
    r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{4})?(R?[CD])([A-Z])?([0-9]{1,15},[0-9]{0,10})([A-Z][A-Z0-9]{3})([^\n/]{0,34})"
    r"(?://([^\n]{0,34}))?(?:\n(.*))?",
    re.DOTALL,
)
_SUB = re.compile(r"\?([0-9]{2})")
NAMES, ACCOUNTS = ("32", "33"), ("31", "38")
TEXTS = ("20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "60", "61", "62", "63")


@dataclass(frozen=True)
class _Field:
    """A field: its tag, its text over its lines, and the line of the file where it begins."""

    tag: str
    text: str
    row: int


class Reader:
    """Reads MT940."""

    def read(self, data: bytes, options: StatementOptions) -> list[StatementIn]:
        """The statements of a file: each message from its field 20 on. Refuses bad_statement (line, tag),
        statement_too_large."""
        del options  # a statement says itself whose account it is of
        if len(data) > BYTES_MOST:
            raise large_statement(len(data))
        messages: list[list[_Field]] = []
        for each in _fields(_decoded(data)):
            if each.tag == "20":
                messages.append([])
            elif not messages:
                raise bad_statement("20", each.row, each.tag)
            messages[-1].append(each)
        return [_statement(fields) for fields in messages]

    def columns(self) -> list[str]:
        """None: a message says itself what is what."""
        return []


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise bad_statement("encoding", 1)


def _fields(text: str) -> Iterator[_Field]:
    """The fields in their order. The envelope of SWIFT ({1:…}{4: and -}) is left out; any other line belongs to the
    field above it."""
    tag, parts, row = "", [""], 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if number > ROWS_MOST:
            raise bad_statement("file", number)
        found = _TAG.fullmatch(line.removeprefix("{4:") if line.startswith("{4::") else line)
        if found:
            if tag:
                yield _Field(tag, "\n".join(parts).rstrip("\n"), row)
            tag, parts, row = found[1], [found[2]], number
        elif _is_envelope(line):
            continue
        elif not tag:
            raise bad_statement("tag", number, line)
        else:
            parts.append(line)
    if tag:
        yield _Field(tag, "\n".join(parts).rstrip("\n"), row)


def _is_envelope(line: str) -> bool:
    return not line.strip() or line.strip() in ("-", "-}") or re.match(r"-?\}?\{[1-5S]:", line) is not None


# The fields of a message in their order: what may come next after each.
_NEXT = {
    "": ("20",), "20": ("21", "25", "25P"), "21": ("25", "25P"), "25": ("28C", "28"), "25P": ("28C", "28"),
    "28C": ("60F", "60M"), "28": ("60F", "60M"), "60F": ("61", "62F", "62M"), "60M": ("61", "62F", "62M"),
    "61": ("61", "86", "62F", "62M"), "86": ("61", "62F", "62M"), "62F": ("64", "65", "86 of all"),
    "62M": ("64", "65", "86 of all"), "64": ("65", "86 of all"), "65": ("65", "86 of all"), "86 of all": (),
}  # fmt: skip


def _in_order(fields: list[_Field]) -> None:
    """Refuse a message whose fields are not those of a statement in their order."""
    at, closed = "", False
    for each in fields:
        tag = "86 of all" if each.tag == "86" and closed else each.tag
        if tag not in _NEXT[at]:
            raise bad_statement(each.tag, each.row, each.text[:20])
        at, closed = tag, closed or tag in ("62F", "62M")
    if not closed:
        raise bad_statement("62F", fields[-1].row)


def _statement(fields: list[_Field]) -> StatementIn:
    _in_order(fields)
    by_tag = {each.tag[:2]: each for each in reversed(fields)}
    reference, number = printed(by_tag["20"].text), by_tag["28"]
    account = printed(by_tag["25"].text.split("\n")[0])
    found = re.fullmatch(r"([0-9]{1,5})(?:/([0-9]{1,5}))?", number.text.strip())
    if not found:
        raise bad_statement("28C", number.row, number.text)
    opening, opening_on, currency = _balance(by_tag["60"])
    closing, closing_on, other = _balance(by_tag["62"])
    if currency != other:
        raise bad_statement("62F", by_tag["62"].row, other)
    entries = tuple(_entries(fields, closing_on))
    # the numbers of statements begin anew each year at the latest, so the day belongs to the name
    ident = f"{found[1]} {closing_on:%Y%m%d} {reference}"[:80]
    first = min((each.booked_on for each in entries), default=opening_on)
    return StatementIn(
        # a bank's code may stand before the account, and a currency after it
        account.rpartition("/")[2].removesuffix(currency), ident, int(found[2] or 0), currency, opening, closing,
        min(first, closing_on), closing_on, entries, fields[0].row,
    )  # fmt: skip


def _balance(each: _Field) -> tuple[int, date, str]:
    found = _BALANCE.fullmatch(each.text.strip())
    if not found:
        raise bad_statement(each.tag, each.row, each.text)
    mark, year, month, day, currency, amount = found.groups()
    on = day_of(2000 + int(year), int(month), int(day), each.tag, each.row)
    return (1 if mark == "C" else -1) * amount_of(amount, each.tag, each.row, point=","), on, currency


def _entries(fields: list[_Field], closing_on: date) -> Iterator[EntryIn]:
    for place, each in enumerate(fields):
        if each.tag == "61":
            after = fields[place + 1]
            yield _entry(each, after.text if after.tag == "86" else "", closing_on)


def _entry(each: _Field, told: str, closing_on: date) -> EntryIn:
    found = _LINE.fullmatch(each.text)
    if not found:
        raise bad_statement("61", each.row, each.text)
    year, month, day, entry_day, mark, _, amount, _, reference, bank_ref, more = found.groups()
    value_on = day_of(2000 + int(year), int(month), int(day), "61", each.row)
    sign = {"C": 1, "D": -1, "RC": -1, "RD": 1}[mark]
    name, account, text = _told(told)
    owner = printed(reference)
    texts = [text, owner if owner != "NONREF" else "", printed(more or "")]
    return EntryIn(
        row=each.row, booked_on=_booked_on(entry_day, value_on, closing_on, each.row), value_on=value_on,
        amount=sign * amount_of(amount, "61", each.row, point=","), bank_ref=printed(bank_ref or ""),
        payer_name=name[:160], payer_account=account[:40], text=" ".join(filter(None, texts))[:700],
    )  # fmt: skip


def _booked_on(entry_day: str | None, value_on: date, closing_on: date, row: int) -> date:
    """The day of the entry: month and day are told, the year is that in which it lies nearest to the value day."""
    if not entry_day:
        return min(value_on, closing_on)
    month, day = int(entry_day[:2]), int(entry_day[2:])
    years = [value_on.year + step for step in (0, -1, 1) if date.min.year < value_on.year + step < date.max.year]
    days = [day_of(year, month, day, "61", row) for year in years if (month, day) != (2, 29) or _leap(year)]
    if not days:
        raise bad_statement("61", row, entry_day)
    return min(days, key=lambda each: abs((each - value_on).days))


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _told(text: str) -> tuple[str, str, str]:
    """Name, account and words of field 86: by its sub-fields where it has them, else all of it as words."""
    whole = text.replace("\n", "")
    if not _SUB.search(whole[:8]):
        return "", "", printed(text)
    pieces = _SUB.split(whole)
    by_code: dict[str, str] = {}
    for code, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        by_code[code] = by_code.get(code, "") + piece
    words = "".join(by_code.get(code, "") for code in TEXTS)
    name = printed("".join(by_code.get(code, "") for code in NAMES))
    account = next((printed(by_code[code]) for code in ACCOUNTS if by_code.get(code)), "")
    return name, account, printed(words)
