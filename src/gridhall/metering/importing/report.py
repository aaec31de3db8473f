"""What an import did, row by row where it did not; and the file of refused rows, to be corrected and fed back."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from openpyxl.cell import WriteOnlyCell

from gridhall.kernel.refusal import Refusal
from gridhall.metering.importing.kinds import COLUMN_OF
from gridhall.metering.importing.table import REFUSED_COLUMNS, Table


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken: its line in the file, the field at fault, why, and what stood there.

    `field`: our name of the column (or "row"); `heading`: what the file itself calls it, empty where it has none.
    """

    row: int
    field: str
    code: str
    en: str
    zh: str
    value: str
    heading: str = ""

    @property
    def where(self) -> str:
        """The field as people find it: our name with the file's own heading beside it."""
        return f"{self.field} ({self.heading})" if self.heading not in ("", self.field) else self.field


@dataclass(frozen=True)
class HeldRow:
    """A reading that was taken and waits for a person: its line in the file, the meter, the code of the reason."""

    row: int
    meter: str
    reason: int


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or (dry run) would do.

    `kind`: customers | meters | readings. `rows` = accepted + held + refused. `reasons`: held rows by reason code.
    `held_rows`: the held rows one by one; fewer than `held` where they are very many (intake.HELD_KEPT).
    `imported`: whether anything was written. `notes`: things to know, as (English, Chinese). `refused_file`: where the
    refused rows were written, if they were.
    """

    kind: str
    file: str
    recognised: str
    rows: int
    accepted: int
    held: int
    refused: tuple[RefusedRow, ...]
    imported: bool
    dry_run: bool
    reasons: Mapping[int, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    refused_file: Path | None = None
    held_rows: tuple[HeldRow, ...] = ()

    @property
    def by_code(self) -> dict[str, int]:
        """How many rows were refused for each code, the most frequent first."""
        return dict(Counter(each.code for each in self.refused).most_common())


def refused_row(refusal: Refusal, row: int, table: Table) -> RefusedRow:
    """The refusal of a row, `row` its line in the file."""
    column = COLUMN_OF.get(refusal.field, refusal.field)
    place = table.columns.get(column)
    heading = "" if place is None else table.header[place].strip()[:80]
    return RefusedRow(row, column, refusal.code, refusal.en, refusal.zh, refusal.value, heading)


def write_refused(table: Table, refused: tuple[RefusedRow, ...], path: Path, language: str = "en") -> Path:
    """Write the refused rows in the form of the file they came from, with four columns more: row, field, reason, value.

    CSV in the same encoding and with the same delimiter, or a workbook where it was one. Those columns are passed over
    when the corrected file is imported. Reads the first file once more; written beside and then renamed, never in part.
    """
    if table.encoding == "xlsx":
        path = path.with_suffix(".xlsx")
    part = path.with_name(path.name + ".part")
    rows = _rows(table, refused, language)
    if table.encoding == "xlsx":
        _write_workbook(part, rows)
    else:
        codec = "utf-8-sig" if table.encoding == "utf-8" and table.mark else table.encoding
        with part.open("w", encoding="utf-16" if table.mark == 2 else codec, newline="") as file:
            csv.writer(file, delimiter=table.delimiter).writerows(rows)
    part.replace(path)
    return path


def _rows(table: Table, refused: tuple[RefusedRow, ...], language: str) -> Iterator[list[str]]:
    width = len(table.header)
    first: dict[int, RefusedRow] = {}
    for each in refused:
        first.setdefault(each.row, each)
    keep = [place for place in range(width) if table.header[place].strip() not in REFUSED_COLUMNS]
    yield [table.header[place] for place in keep] + list(REFUSED_COLUMNS)
    for number, cells in table.rows():
        found = first.get(number)
        if found is None:
            continue
        cells = [*cells, *[""] * (width - len(cells))]
        # what a row has beyond the header stands after the header's columns, or it could not be put right
        own = [cells[place] for place in keep] + cells[width:]
        reason = found.zh if language.startswith("zh") else found.en
        yield [*own, str(found.row), found.where, f"{found.code}: {reason}", found.value]


def _write_workbook(path: Path, rows: Iterator[list[str]]) -> None:
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("refused")
    for row in rows:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=_storable(text))
            cell.data_type = "s"  # a text that begins with = stays a text
            cells.append(cell)
        sheet.append(cells)
    workbook.save(path)


def _storable(text: str) -> str:
    """Text without the control characters that a workbook cannot hold."""
    return "".join(each if each >= " " or each in "\t\n\r" else "\ufffd" for each in text)
