"""A file as a table: what was recognised of it, its columns by our names, and its rows one after the other."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from gridhall.kernel.refusal import Refusal
from gridhall.metering.importing import encodings, workbook

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "，": "full-width comma"}
WORKBOOK_ENDINGS = (".xlsx", ".xlsm")
FIELD_MOST = 1 << 16
HEADER_WITHIN = 20  # lines in which the header is looked for

# Columns that a file of refused rows has beside its own; they are passed over when it is fed back.
REFUSED_COLUMNS = ("refused_row", "refused_field", "refused_reason", "refused_value")


@dataclass(frozen=True)
class Column:
    """A column that a kind of file has: our name, and the names by which people call it."""

    name: str
    names: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A recognised file. `columns`: our name → place in a row. `ignored`: headings that are not ours."""

    path: Path
    digest: str
    encoding: str  # a codec, or "xlsx"
    mark: int
    delimiter: str  # of text; the sheet of a workbook
    header: tuple[str, ...]
    header_row: int
    columns: Mapping[str, int]
    ignored: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = field(default=())

    @property
    def recognised(self) -> str:
        """What was recognised, for people: "UTF-8 with BOM, semicolon"."""
        if self.encoding == "xlsx":
            return f"Excel workbook, sheet {self.delimiter}"
        found = encodings.Recognised(self.encoding, self.mark, self.digest)
        return f"{found.name}, {DELIMITERS[self.delimiter]}"

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line number, fields) of each row below the header; blank rows are passed over."""
        lines = _sheet_rows(self.path) if self.encoding == "xlsx" else _text_rows(self)
        for number, cells in lines:
            if number > self.header_row and any(each.strip() or isinstance(each, workbook.OddCell) for each in cells):
                yield number, cells


def open_table(path: Path, columns: tuple[Column, ...], encoding: str = "") -> Table:
    """Recognise a file and its header. Refuses: no_file, empty_file, unknown_columns, column_twice, no_rows, and what
    encodings.recognise and workbook.rows refuse."""
    if not path.is_file():
        raise Refusal("no_file", f"There is no file {path}.", f"找不到文件 {path}。", field="file", value=str(path))
    if path.suffix.lower() in WORKBOOK_ENDINGS or _starts_as_zip(path):
        table = _open_workbook(path, columns)
    else:
        table = _open_text(path, columns, encoding)
    if next(table.rows(), None) is None:
        raise Refusal(
            "no_rows", "The file has a header and no rows.", "文件只有表头，没有数据行。", field="file", value=path.name
        )
    return table


def _starts_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _open_workbook(path: Path, columns: tuple[Column, ...]) -> Table:
    if path.stat().st_size == 0:
        raise Refusal("empty_file", "The file is empty.", "文件为空。", field="file", value=path.name)
    digest = encodings.digest_of(path)
    sheet, others, lines = workbook.rows(path)
    number, header = _header(lines, path)
    found, ignored = _columns(header, columns, path)
    notes = []
    if others:
        notes.append(
            (
                f"Only the sheet “{sheet}” was read; {others} more hold something.",
                f"只读取工作表“{sheet}”，另有 {others} 个非空工作表未读。",
            )
        )
    return Table(path, digest, "xlsx", 0, sheet, tuple(header), number, found, ignored, tuple(notes))


def _open_text(path: Path, columns: tuple[Column, ...], encoding: str) -> Table:
    recognised = encodings.recognise(path, encoding)
    best: tuple[int, str] = (-1, ",")
    for delimiter in DELIMITERS:
        number, header = _header(_plain_rows(path, recognised.codec, recognised.mark, delimiter), path)
        known = sum(1 for heading in header if _named(heading, columns))
        best = max(best, (known, delimiter), key=lambda each: each[0])
    delimiter = best[1]
    number, header = _header(_plain_rows(path, recognised.codec, recognised.mark, delimiter), path)
    found, ignored = _columns(header, columns, path)
    notes = []
    if not _ends_a_line(path, recognised.codec):
        notes.append(
            ("The last line has no line end: look whether the file is whole.", "末行没有换行符，请确认文件是否完整。")
        )
    return Table(
        path, recognised.digest, recognised.codec, recognised.mark, delimiter, tuple(header), number, found, ignored,
        tuple(notes),
    )  # fmt: skip


def _header(lines: Iterator[tuple[int, list[str]]], path: Path) -> tuple[int, list[str]]:
    for number, cells in islice(lines, HEADER_WITHIN):
        if any(each.strip() for each in cells):
            while cells and not cells[-1].strip():
                cells = cells[:-1]
            return number, cells
    raise Refusal("empty_file", "The file holds no table.", "文件中没有数据表。", field="file", value=path.name)


def _plain(heading: str) -> str:
    """A heading without what people write differently: width, case, blanks, units in brackets."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"\(.*?\)|[\s_*-]", "", plain)


def _named(heading: str, columns: tuple[Column, ...]) -> str:
    plain = _plain(heading)
    for column in columns:
        if plain in {_plain(name) for name in (column.name, *column.names)}:
            return column.name
    return ""


def _columns(header: list[str], columns: tuple[Column, ...], path: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    found: dict[str, int] = {}
    ignored = []
    for place, heading in enumerate(header):
        name = _named(heading, columns)
        if name in found:
            raise Refusal(
                "column_twice", f"The column {name} stands twice: “{header[found[name]]}” and “{heading}”.",
                f"列重复：“{header[found[name]]}”与“{heading}”。", field=name, value=heading[:80],
            )  # fmt: skip
        if name:
            found[name] = place
        elif heading.strip() and heading.strip() not in REFUSED_COLUMNS:
            ignored.append(heading.strip()[:80])
    missing = [column for column in columns if column.required and column.name not in found]
    if missing:
        wanted = ", ".join(f"{column.name} ({column.names[0]})" for column in missing)
        shown = " | ".join(heading[:20] for heading in header[:10])
        raise Refusal(
            "unknown_columns", f"Columns are missing: {wanted}. The header reads: {shown}",
            f"缺少列：{wanted}。表头为：{shown}", field=missing[0].name, value=path.name,
        )  # fmt: skip
    return found, tuple(ignored)


def _sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    return workbook.rows(path)[2]


def _text_rows(table: Table) -> Iterator[tuple[int, list[str]]]:
    return _plain_rows(table.path, table.encoding, table.mark, table.delimiter)


def _plain_rows(path: Path, codec: str, mark: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of a text file. Lines are bounded (encodings.recognise saw to it), and so are fields over many lines."""
    csv.field_size_limit(FIELD_MOST)
    with path.open("rb") as binary:
        binary.seek(mark)
        with io.TextIOWrapper(binary, encoding=codec, newline="") as text:
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            try:
                for cells in reader:
                    yield reader.line_num, cells
            except csv.Error as error:
                raise Refusal(
                    "bad_quoting", f"Quotation marks do not close, near line {reader.line_num}.",
                    f"第 {reader.line_num} 行附近引号不配对。", field="file", row=reader.line_num, value=path.name,
                ) from error  # fmt: skip
            except UnicodeDecodeError as error:
                raise Refusal(
                    "wrong_encoding",
                    "The file changed while it was read.",
                    "读取过程中文件发生变化。",
                    field="file",
                    value=path.name,
                ) from error


def _ends_a_line(path: Path, codec: str) -> bool:
    end = "\n".encode(codec)
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - len(end), 0))
        return file.read() in (end, "\r".encode(codec))
