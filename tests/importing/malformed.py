"""Malformed files of readings, made under a seed: each kind of damage with the outcome that is expected of it.

An outcome is the code by which the whole file is refused, or the code of the rows that are refused while the good rows
of the file are taken (`rows_good` of them).
"""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl

HEADER = ["表号", "示数", "抄表日期"]
DAY = "2026-11-01"
Rows = list[list[str]]


@dataclass(frozen=True)
class Expected:
    """`file`: the code by which the file is refused, or "". `row`: the code of refused rows. Counts of rows else."""

    file: str = ""
    row: str = ""
    refused: int = 0
    taken: int = 0


Damage = Callable[[Path, Rows, random.Random], Expected]


def csv_bytes(rows: Rows, encoding: str = "utf-8", header: list[str] | None = None, delimiter: str = ",") -> bytes:
    """A table as the bytes of a CSV file."""
    lines = [delimiter.join(row) for row in [header or HEADER, *rows]]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def _one_bad(column: int, value: Callable[[random.Random], str], code: str) -> Damage:
    """A file in which one row has a bad field; the others are taken."""

    def damage(path: Path, rows: Rows, rng: random.Random) -> Expected:
        rows[rng.randrange(len(rows))][column] = value(rng)
        path.write_bytes(csv_bytes(rows, rng.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])))
        return Expected(row=code, refused=1, taken=len(rows) - 1)

    return damage


def _whole(make: Callable[[Rows, random.Random], bytes], code: str) -> Damage:
    def damage(path: Path, rows: Rows, rng: random.Random) -> Expected:
        path.write_bytes(make(rows, rng))
        return Expected(file=code)

    return damage


def _cut_in_character(rows: Rows, rng: random.Random) -> bytes:
    return csv_bytes(rows, "utf-8", [*HEADER, "备注"]) + "M1,1,2026-11-01,换表".encode()[: -rng.choice([1, 2])]


def _cut_in_row(path: Path, rows: Rows, rng: random.Random) -> Expected:
    data = csv_bytes(rows)
    # the last row breaks off before its second comma
    path.write_bytes(data[: data.rstrip().rfind(b",") - rng.randrange(2)])
    return Expected(row="too_few_columns", refused=1, taken=len(rows) - 1)


def _duplicated(path: Path, rows: Rows, rng: random.Random) -> Expected:
    path.write_bytes(csv_bytes([*rows, rows[rng.randrange(len(rows))]]))
    return Expected(row="duplicate", refused=1, taken=len(rows))


def _bad_byte(rows: Rows, rng: random.Random) -> bytes:
    data = csv_bytes(rows, header=[*HEADER, "现场抄表备注"])
    at = rng.randrange(data.index(b"\r\n"), len(data) - 2)
    return data[:at] + b"\xff" + data[at:]


def _latin(rows: Rows, rng: random.Random) -> bytes:
    rows = [[*row, "Größe übermäßig ändern für Änderung"] for row in rows]
    return csv_bytes(rows, "latin-1", ["meter", "value", "date", "note"])


def _big5(rows: Rows, rng: random.Random) -> bytes:
    rows = [[*row, "電錶讀數異常，請再確認臺灣電力"] for row in rows]
    return csv_bytes(rows, "big5", ["meter", "value", "date", "note"])


def _odd_utf16(rows: Rows, rng: random.Random) -> bytes:
    return csv_bytes(rows, "utf-16")[:-1]


def _open_quote(rows: Rows, rng: random.Random) -> bytes:
    rows[rng.randrange(len(rows))][0] = '"M'
    return csv_bytes(rows)


def _long_open_quote(rows: Rows, rng: random.Random) -> bytes:
    return csv_bytes([['"' + rows[0][0], "1", DAY], *rows * 3000])


def _bom_in_the_middle(path: Path, rows: Rows, rng: random.Random) -> Expected:
    at = rng.randrange(1, len(rows))
    parts = csv_bytes(rows[:at], "utf-8-sig") + csv_bytes(rows[at:], "utf-8-sig")
    path.write_bytes(parts)  # two files with their headers, one after the other
    return Expected(row="bad_character", refused=1, taken=len(rows))


def _thousands(path: Path, rows: Rows, rng: random.Random) -> Expected:
    rows[0][1] = "1,234.5"  # not quoted: a column more
    path.write_bytes(csv_bytes(rows))
    return Expected(row="too_many_columns", refused=1, taken=len(rows) - 1)


def _full_width(path: Path, rows: Rows, rng: random.Random) -> Expected:
    wide = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
    path.write_bytes(csv_bytes([[row[0], row[1].translate(wide), DAY.translate(wide)] for row in rows]))
    return Expected(taken=len(rows))


def _long_line(path: Path, rows: Rows, rng: random.Random, size: int = 1 << 22) -> Expected:
    """One line of `size` bytes, without room on the disk: the file is a hole."""
    with path.open("wb") as file:
        file.write(csv_bytes(rows) + b"M")
        file.truncate(size)
        file.seek(0, io.SEEK_END)
        file.write(b"\n")
    return Expected(file="line_too_long")


def workbook(rows: list[list[object]], path: Path) -> None:
    """A table as a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    book.save(path)


def _as_workbook(rows: Rows) -> list[list[object]]:
    return [list(HEADER), *([row[0], float(row[1]), row[2]] for row in rows)]


def _formula(path: Path, rows: Rows, rng: random.Random) -> Expected:
    table = _as_workbook(rows)
    table[rng.randrange(1, len(table))][1] = "=1000+B2"
    workbook(table, path.with_suffix(".xlsx"))
    return Expected(row="formula_cell", refused=1, taken=len(rows) - 1)


def _formula_text(path: Path, rows: Rows, rng: random.Random) -> Expected:
    rows[0][0] = '=HYPERLINK("http://a.example")'.replace('"', "")
    path.write_bytes(csv_bytes(rows))
    return Expected(row="formula_cell", refused=1, taken=len(rows) - 1)


def _error_cell(path: Path, rows: Rows, rng: random.Random) -> Expected:
    table = _as_workbook(rows)
    table[1][1] = "#N/A"
    workbook(table, path.with_suffix(".xlsx"))
    return Expected(row="error_cell", refused=1, taken=len(rows) - 1)


def _truth_cell(path: Path, rows: Rows, rng: random.Random) -> Expected:
    table = _as_workbook(rows)
    table[1][1] = True
    workbook(table, path.with_suffix(".xlsx"))
    return Expected(row="not_a_number", refused=1, taken=len(rows) - 1)


def _long_serial(path: Path, rows: Rows, rng: random.Random) -> Expected:
    table = _as_workbook(rows)
    table[1][0] = 3302001234567890123
    workbook(table, path.with_suffix(".xlsx"))
    return Expected(row="scientific_notation", refused=1, taken=len(rows) - 1)


def _cut_workbook(path: Path, rows: Rows, rng: random.Random) -> Expected:
    workbook(_as_workbook(rows), path.with_suffix(".xlsx"))
    data = path.with_suffix(".xlsx").read_bytes()
    path.with_suffix(".xlsx").write_bytes(data[: rng.randrange(100, len(data) - 100)])
    return Expected(file="not_a_workbook")


def _bent_workbook(path: Path, rows: Rows, rng: random.Random) -> Expected:
    """A byte of the packed sheet is another: its checksum does not fit, or it does not unpack."""
    workbook(_as_workbook(rows), path.with_suffix(".xlsx"))
    data = bytearray(path.with_suffix(".xlsx").read_bytes())
    with zipfile.ZipFile(path.with_suffix(".xlsx")) as archive:
        member = archive.getinfo("xl/worksheets/sheet1.xml")
    at = member.header_offset + 30 + len(member.filename) + member.compress_size // 2
    data[at] ^= 0xFF
    path.with_suffix(".xlsx").write_bytes(bytes(data))
    return Expected(file="not_a_workbook")


def _bomb(path: Path, rows: Rows, rng: random.Random) -> Expected:
    """A workbook whose sheet unpacks to 300 MB of one cell."""
    workbook(_as_workbook(rows), path.with_suffix(".xlsx"))
    data = path.with_suffix(".xlsx").read_bytes()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(path.with_suffix(".xlsx"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
    ):
        for name in source.namelist():
            if "sheet1" not in name:
                bomb.writestr(name, source.read(name))
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(b'<?xml version="1.0"?><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>')
            for _ in range(300):
                sheet.write(b"A" * (1 << 20))
            sheet.write(b"</t></is></c></row></sheetData></worksheet>")
    return Expected(file="workbook_too_large")


def _lying_bomb(path: Path, rows: Rows, rng: random.Random) -> Expected:
    """The same, but the archive states that the sheet is small."""
    _bomb(path, rows, rng)
    data = bytearray(path.with_suffix(".xlsx").read_bytes())
    with zipfile.ZipFile(path.with_suffix(".xlsx")) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    real, small = size.to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert data.count(real) >= 1
    path.with_suffix(".xlsx").write_bytes(bytes(data).replace(real, small))
    return Expected(file="not_a_workbook")


def _entities(path: Path, rows: Rows, rng: random.Random) -> Expected:
    """A sheet that declares entities that unfold."""
    workbook(_as_workbook(rows), path.with_suffix(".xlsx"))
    data = path.with_suffix(".xlsx").read_bytes()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(path.with_suffix(".xlsx"), "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in source.namelist():
            text = source.read(name)
            if "sheet1" in name:
                text = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + text
            out.writestr(name, text)
    return Expected(file="not_a_workbook")


def _no_workbook(path: Path, rows: Rows, rng: random.Random) -> Expected:
    path.with_suffix(".xlsx").write_bytes(csv_bytes(rows))
    return Expected(file="not_a_workbook")


def _header(header: list[str], code: str) -> Damage:
    return _whole(lambda rows, rng: csv_bytes([row + row[2:] * (len(header) - 3) for row in rows], header=header), code)


NO_NUMBERS = ["abc", "12 34", "0x1F", "1.2.3", "十二", "NaN", "inf", "+5", "½"]
CONTROLS = "\x01\x1b\u202e\ufeff"

KINDS: dict[str, Damage] = {
    "empty": _whole(lambda rows, rng: b"", "empty_file"),
    "blank": _whole(lambda rows, rng: b"\r\n \r\n\r\n" * rng.randrange(1, 5), "empty_file"),
    "only header": _whole(lambda rows, rng: csv_bytes([]), "no_rows"),
    "cut in a character": _whole(_cut_in_character, "cut_off"),
    "cut in a row": _cut_in_row,
    "bad byte": _whole(_bad_byte, "wrong_encoding"),
    "latin": _whole(_latin, "unknown_encoding"),
    "big5": _whole(_big5, "unknown_encoding"),
    "utf-32": _whole(lambda rows, rng: csv_bytes(rows, "utf-32"), "wrong_encoding"),
    "odd utf-16": _whole(_odd_utf16, "cut_off"),
    "duplicated row": _duplicated,
    "one long line": _long_line,
    "quote never closed": _whole(_open_quote, "bad_quoting"),
    "long quote never closed": _whole(_long_open_quote, "bad_quoting"),
    "BOM in the middle": _bom_in_the_middle,
    "thousands not quoted": _thousands,
    "thousands": _one_bad(1, lambda rng: '"1,234.5"', "thousands_separator"),
    "full width": _full_width,
    "formula": _formula,
    "formula as text": _formula_text,
    "error cell": _error_cell,
    "truth cell": _truth_cell,
    "long serial in Excel": _long_serial,
    "workbook cut": _cut_workbook,
    "workbook bent": _bent_workbook,
    "zip bomb": _bomb,
    "zip bomb that lies": _lying_bomb,
    "entities": _entities,
    "no workbook": _no_workbook,
    "wrong columns": _header(["a", "b", "c"], "unknown_columns"),
    "column missing": _header(["表号", "示数", "备注"], "unknown_columns"),
    "column twice": _header(["表号", "示数", "抄表日期", "value"], "column_twice"),
    "future date": _one_bad(2, lambda rng: f"20{rng.randrange(27, 99)}-01-01", "future_date"),
    "date before the meter": _one_bad(2, lambda rng: "2024-02-01", "not_installed"),
    "no day": _one_bad(2, lambda rng: rng.choice(["2026-13-01", "2026-02-30", "0000-01-01"]), "bad_date"),
    "day first": _one_bad(2, lambda rng: rng.choice(["01/11/2026", "11-01-2026", "1.11.26", "46327"]), "bad_date"),
    "no date": _one_bad(2, lambda rng: "", "date_missing"),
    "negative": _one_bad(1, lambda rng: f"{rng.choice('-−')}{rng.randrange(1, 999)}", "negative_value"),
    "scientific": _one_bad(1, lambda rng: rng.choice(["1.2E+05", "3e4", "1.5E-3"]), "scientific_notation"),
    "no number": _one_bad(1, lambda rng: rng.choice(NO_NUMBERS), "not_a_number"),
    "no value": _one_bad(1, lambda rng: rng.choice(["", "  "]), "value_missing"),
    "too long": _one_bad(1, lambda rng: "9" * rng.randrange(6, 19), "too_many_digits"),
    "far too long": _one_bad(1, lambda rng: "9" * rng.randrange(19, 60), "too_many_digits"),
    "too fine": _one_bad(1, lambda rng: "100.05", "too_many_decimals"),
    "NUL": _one_bad(0, lambda rng: "M0000\x0001", "bad_character"),
    "control": _one_bad(0, lambda rng: f"M{rng.choice(CONTROLS)}1", "bad_character"),
    "unknown meter": _one_bad(0, lambda rng: f"X{rng.randrange(999)}", "unknown_meter"),
    "injected": _one_bad(0, lambda rng: "'; DROP TABLE reading; --", "unknown_meter"),
    "huge field": _one_bad(0, lambda rng: "M" * 2000, "text_too_long"),
}  # fmt: skip
