"""Excel workbooks (.xlsx): values as they stand, bounded before anything is unpacked. No formula is ever worked out.

A cell with a formula is given as `FormulaCell`: what Excel last worked out is not trusted as a reading, and the row is
refused; so it is with a cell that shows an error. Copy the column and paste it as values.
"""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from gridhall.kernel.refusal import Refusal

UNPACKED_BYTES_MOST = 256 << 20
MEMBERS_MOST = 5_000
ODD_MOST = 100_000
CHUNK = 1 << 16
EXACT_MOST = 10**15  # a whole number beyond it has lost digits in Excel


# What reading a damaged, protected or false archive raises, and a part of it that is not there.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, CalamineError, expat.ExpatError, KeyError, ValueError,
    RuntimeError, OSError,
)  # fmt: skip


class OddCell(str):
    """A cell that is no plain value; its text is what the workbook last showed."""

    __slots__ = ()


class FormulaCell(OddCell):
    """A cell that holds a formula."""

    __slots__ = ()


class ErrorCell(OddCell):
    """A cell in which Excel shows an error such as #N/A."""

    __slots__ = ()


Odd = dict[int, dict[int, type[OddCell]]]  # row → column (from 1) → what is odd about it


def rows(path: Path) -> tuple[str, int, Iterator[tuple[int, list[str]]]]:
    """(name of the sheet that is read, how many other sheets hold something, rows as (row number, texts)).

    The first visible sheet is read. Refuses: not_a_workbook, workbook_too_large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_size(archive, path)
            workbook = CalamineWorkbook.from_path(str(path))
            visible = [each.name for each in workbook.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
            if not visible:
                raise _not_a_workbook(path)
            odd = _odd_cells(archive, visible[0], path)
        sheet = workbook.get_sheet_by_name(visible[0])
        others = sum(1 for name in visible[1:] if workbook.get_sheet_by_name(name).height)
    except DAMAGE as error:
        raise _not_a_workbook(path) from error
    return visible[0], others, _texts(sheet, odd)


def _not_a_workbook(path: Path) -> Refusal:
    return Refusal(
        "not_a_workbook", "This is no Excel workbook (.xlsx), or it is damaged or protected by a password.",
        "不是有效的 Excel 工作簿（.xlsx），或已损坏、加密。", field="file", value=path.name,
    )  # fmt: skip


def _too_large(path: Path) -> Refusal:
    return Refusal(
        "workbook_too_large", f"The workbook unpacks to more than {UNPACKED_BYTES_MOST >> 20} MiB; save it as CSV.",
        f"工作簿解压后超过 {UNPACKED_BYTES_MOST >> 20} MiB，请另存为 CSV。", field="file", value=path.name,
    )  # fmt: skip


def _check_size(archive: zipfile.ZipFile, path: Path) -> None:
    """The stated sizes. `zipfile` reads no member beyond its stated size, and its checksum must fit."""
    members = archive.infolist()
    if len(members) > MEMBERS_MOST or sum(member.file_size for member in members) > UNPACKED_BYTES_MOST:
        raise _too_large(path)
    for member in members:
        # unpack once in small pieces: what lies about its size fails here, before the whole is in memory
        with archive.open(member) as file:
            while file.read(CHUNK):
                pass


def _odd_cells(archive: zipfile.ZipFile, sheet: str, path: Path) -> Odd:
    """The cells of a sheet that hold a formula or show an error."""
    found: Odd = {}
    place = [0, 0]
    count = 0

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal count
        tag = name.rpartition(":")[2]
        if tag == "row":
            place[0], place[1] = int(given.get("r", place[0] + 1)), 0
        elif tag == "c":
            place[1] = _column(given["r"]) if "r" in given else place[1] + 1
        if tag == "f" or (tag == "c" and given.get("t") == "e"):
            found.setdefault(place[0], {})[place[1]] = FormulaCell if tag == "f" else ErrorCell
            count += 1
            if count > ODD_MOST:
                raise Refusal(
                    "formula_cell", f"More than {ODD_MOST:,} cells hold formulas or errors; paste them as values.",
                    f"公式或错误单元格超过 {ODD_MOST:,} 个，请先粘贴为数值。", field="file", value=path.name,
                )  # fmt: skip

    _parse(archive, _part_of(archive, sheet), start)
    return found


def _parse(archive: zipfile.ZipFile, part: str, start: Any) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    # a workbook declares no document type: entities that unfold into gigabytes would stand in one
    parser.StartDoctypeDeclHandler = _no_doctype
    with archive.open(part) as file:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _no_doctype(*_: object) -> None:
    raise KeyError("document type")


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The member of the archive that holds a sheet."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheets(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            key = next((value for each, value in given.items() if each.rpartition(":")[2] == "id"), "")
            ids[given["name"]] = key

    def relations(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[given["Id"]] = given["Target"]

    _parse(archive, "xl/workbook.xml", sheets)
    _parse(archive, "xl/_rels/workbook.xml.rels", relations)
    target = targets[ids[sheet]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _column(reference: str) -> int:
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


def _texts(sheet: Any, odd: Odd) -> Iterator[tuple[int, list[str]]]:
    # calamine gives the empty rows above the table, but not the empty columns on its left
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = left + [text_of(cell) for cell in cells]
        for column, kind in odd.get(number, {}).items():
            texts += [""] * (column - len(texts))
            texts[column - 1] = kind(texts[column - 1])
        yield number, texts


def text_of(cell: object) -> str:
    """A cell as the text of it: a number with all the digits that Excel kept, a day as 2026-11-01."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < EXACT_MOST else f"{cell:E}"
        return repr(cell)
    if isinstance(cell, int):
        return str(cell) if abs(cell) < EXACT_MOST else f"{cell:E}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
