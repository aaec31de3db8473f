"""A statement as CSV. Which column is what is data: `columns/*.yaml`, and the supplier's own under
`GRIDHALL_HOME/statement_columns`.

The file says neither whose account it is nor its number; the account is told beside it. The balance after each line
must follow from the one before, so that no line is missing.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from gridhall.kernel.home import home
from gridhall.payments.ports import (
    ROWS_MOST,
    EntryIn,
    StatementIn,
    StatementOptions,
    amount_of,
    bad_statement,
    large_statement,
    printed,
    signed_amount_of,
    unknown_columns,
)

OURS = Path(__file__).with_name("columns")
BYTES_MOST = 60_000_000
_NAME = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True)
class Columns:
    """Which column is what: heading by field; `texts`: headings whose words are joined."""

    encoding: str
    separator: str
    newest_first: bool
    day: str
    point: str
    grouping: str
    headings: Mapping[str, str]
    texts: tuple[str, ...]


def columns_known() -> list[str]:
    """Names of the lists of columns that are there."""
    return sorted({path.stem for folder in (OURS, home() / "statement_columns") for path in folder.glob("*.yaml")})


def columns_of(name: str) -> Columns:
    """The list of that name, the supplier's own first. Refuses unknown_columns."""
    if not _NAME.fullmatch(name):
        raise unknown_columns(name)
    for folder in (home() / "statement_columns", OURS):
        path = folder / f"{name}.yaml"
        if path.is_file():
            return _columns(yaml.safe_load(path.read_text(encoding="utf-8")), name)
    raise unknown_columns(name)


def _columns(data: Mapping[str, Any], name: str) -> Columns:
    given = dict(data.get("columns", {}))
    texts = given.pop("text", [])
    sides = {"amount"} <= set(given) or {"credit", "debit"} <= set(given)
    if not ({"booked_on", "balance"} <= set(given) and sides):
        raise unknown_columns(name)
    return Columns(
        str(data.get("encoding", "utf-8")), str(data.get("separator", ",")), data.get("order") == "newest first",
        str(data.get("day", "%Y-%m-%d")), str(data.get("point", ".")), str(data.get("grouping", "")),
        {field: str(heading) for field, heading in given.items()},
        tuple(str(each) for each in ([texts] if isinstance(texts, str) else texts)),
    )  # fmt: skip


class Reader:
    """Reads CSV by a list of columns."""

    def read(self, data: bytes, options: StatementOptions) -> list[StatementIn]:
        """The one statement of a file. Refuses unknown_columns, bad_statement (line, heading), statement_too_large."""
        if len(data) > BYTES_MOST:
            raise large_statement(len(data))
        how = columns_of(options.columns)
        rows = list(_rows(_decoded(data, how.encoding), how))
        if how.newest_first:
            rows.reverse()
        if not rows:
            return []
        entries = [_entry(row, values, how) for row, values in rows]
        balances = [_signed(values, "balance", how, row) for row, values in rows]
        for place in range(1, len(rows)):
            if balances[place - 1] + entries[place].amount != balances[place]:
                raise bad_statement(how.headings["balance"], rows[place][0], balances[place])
        days = [each.booked_on for each in entries]
        return [
            StatementIn(
                options.account, "", 0, "", balances[0] - entries[0].amount, balances[-1], min(days), max(days),
                tuple(entries), rows[0][0],
            )
        ]  # fmt: skip

    def columns(self) -> list[str]:
        """The lists of columns that are there."""
        return columns_known()


def _decoded(data: bytes, encoding: str) -> str:
    for each in ("utf-8-sig", encoding):
        try:
            return data.decode(each)
        except (UnicodeDecodeError, LookupError):
            continue
    raise bad_statement("encoding", 1, encoding)


def _rows(text: str, how: Columns) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line with its number and its values by heading. Lines before the headings (a bank's words) and lines that
    are empty are passed over."""
    reader = csv.reader(text.splitlines(), delimiter=how.separator, strict=True)
    heads: list[str] | None = None
    needed = {*how.headings.values(), *how.texts}
    try:
        for cells in reader:
            if reader.line_num > ROWS_MOST:
                raise bad_statement("file", reader.line_num)
            plain = [cell.strip() for cell in cells]
            if not any(plain):
                continue
            if heads is None:
                heads = plain if needed <= set(plain) else None
                continue
            if len(plain) != len(heads):
                raise bad_statement("fields", reader.line_num, len(plain))
            yield reader.line_num, dict(zip(heads, plain, strict=True))
    except csv.Error as error:
        raise bad_statement("csv", reader.line_num, error) from error
    if heads is None:
        raise bad_statement("headings", 1, ", ".join(sorted(needed)))


def _entry(row: int, values: Mapping[str, str], how: Columns) -> EntryIn:
    booked = _day(values, "booked_on", how, row)
    value = _day(values, "value_on", how, row) if values.get(how.headings.get("value_on", ""), "") else booked
    return EntryIn(
        row=row, booked_on=booked, value_on=value, amount=_amount(values, how, row),
        bank_ref=_text(values, how, "ref")[:64], payer_name=_text(values, how, "name")[:160],
        payer_account=_text(values, how, "account")[:40], virtual_account=_text(values, how, "virtual")[:40],
        text=" ".join(filter(None, (printed(values[each]) for each in how.texts)))[:700],
    )  # fmt: skip


def _text(values: Mapping[str, str], how: Columns, field: str) -> str:
    return printed(values.get(how.headings.get(field, ""), ""))


def _amount(values: Mapping[str, str], how: Columns, row: int) -> int:
    if "amount" in how.headings:
        return _signed(values, "amount", how, row)
    credit, debit = (_side(values, field, how, row) for field in ("credit", "debit"))
    if (credit == 0) == (debit == 0):
        raise bad_statement(how.headings["credit"], row, f"{credit} / {debit}")
    return credit - debit


def _side(values: Mapping[str, str], field: str, how: Columns, row: int) -> int:
    heading = how.headings[field]
    text = values[heading]
    return amount_of(text, heading, row, point=how.point, grouping=how.grouping) if text not in ("", "-") else 0


def _signed(values: Mapping[str, str], field: str, how: Columns, row: int) -> int:
    heading = how.headings[field]
    return signed_amount_of(values[heading], heading, row, point=how.point, grouping=how.grouping)


def _day(values: Mapping[str, str], field: str, how: Columns, row: int) -> date:
    heading = how.headings[field]
    text = values[heading]
    try:
        return datetime.strptime(text[:10], how.day).date()  # noqa: DTZ007  # a day has no zone
    except ValueError as error:
        raise bad_statement(heading, row, text) from error
