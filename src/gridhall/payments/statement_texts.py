"""Texts of statements as numbers: exact, bounded, refused with the line and the field. For the readers of forms."""

import re
from datetime import date

from django.conf import settings

from gridhall.kernel.refusal import Refusal
from gridhall.payments.refusals import refusal

WHOLE_MOST = 13  # digits before the point
ROWS_MOST = 500_000  # lines of one file


def bad_statement(field: str, row: int, value: object = "") -> Refusal:
    """The refusal of a line that cannot be read; the value is shown as far as it is short and printable."""
    return refusal("bad_statement", field=field, row=row, value=ascii(str(value)[:40]))


def unsafe_statement() -> Refusal:
    """The refusal of a file with a document type (entities) of its own."""
    return refusal("statement_unsafe", field="file")


def large_statement(size: int) -> Refusal:
    """The refusal of a file that is too large to be read whole."""
    return refusal("statement_too_large", field="file", value=size)


def unknown_columns(name: str) -> Refusal:
    """The refusal of a list of columns that is not there."""
    return refusal("unknown_columns", field="columns", value=ascii(name[:40]))


def amount_of(text: str, field: str, row: int, *, point: str = ".", grouping: str = "") -> int:
    """A positive decimal as minor units; no more decimals than the currency has, but for zeros. `grouping`: what may
    stand between thousands. Refuses bad_statement."""
    plain = text.strip()
    if grouping:
        plain = plain.replace(grouping, "")
    decimals = settings.CURRENCY_DECIMALS
    found = re.fullmatch(rf"([0-9]{{1,{WHOLE_MOST}}})(?:{re.escape(point)}([0-9]{{0,10}}))?", plain)
    if not found:
        raise bad_statement(field, row, text)
    whole, part = found[1], (found[2] or "").rstrip("0")
    if len(part) > decimals:
        raise bad_statement(field, row, text)
    return int(whole) * int(10**decimals) + int(part.ljust(decimals, "0") or "0")


def signed_amount_of(text: str, field: str, row: int, *, point: str = ".", grouping: str = "") -> int:
    """`amount_of` with a sign before it."""
    plain = text.strip()
    sign = -1 if plain.startswith("-") else 1
    bare = plain[1:] if plain[:1] in ("+", "-") else plain
    return sign * amount_of(bare, field, row, point=point, grouping=grouping)


def day_of(year: int, month: int, day: int, field: str, row: int) -> date:
    """A day of the calendar. Refuses bad_statement."""
    try:
        return date(year, month, day)
    except ValueError as error:
        raise bad_statement(field, row, f"{year}-{month}-{day}") from error


def printed(text: str) -> str:
    """Text on one line: what cannot be printed, and stretches of blanks, are one blank."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
