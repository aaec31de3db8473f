"""Layouts of banks' text files as data: which fields, parted or of fixed width in bytes, and what the codes mean."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from gridhall.debits.ports import OUTCOMES, refusal

NAME = re.compile(r"[a-z0-9_]{1,32}")
ENCODINGS = ("gb18030", "utf-8")
OUT_FIELDS = {
    "head": {"file", "bank", "day", "currency", "count", "total", "creditor", "creditor_account"},
    "row": {"line", "key", "number", "holder", "amount", "account", "mandate", "agent"},
    "totals": {"count", "total", "file"},
}
IN_FIELDS = {
    "head": {"file", "day"},
    "row": {"line", "number", "holder", "amount", "code", "file", "day"},
    "totals": {"count", "total", "ok_count", "ok_total"},
}
NUMBERS = {"line", "count", "total", "amount", "file", "ok_count", "ok_total"}


@dataclass(frozen=True)
class Field:
    """A field of a record: `name` empty for what is skipped or constant; `width` in bytes, 0 where parted."""

    name: str
    const: str
    width: int


@dataclass(frozen=True)
class Layout:
    """A bank's form. `out`, `into`: the fields of head, row and totals; `minor`: amounts in minor units."""

    encoding: str
    line_end: str
    delimiter: str
    rows_most: int
    file_name: str
    out: dict[str, tuple[Field, ...]]
    into: dict[str, tuple[Field, ...]]
    minor: bool
    codes: dict[str, int]


@cache
def layout_of(name: str) -> Layout:
    """The layout of a name: of the supplier's own folder (`DEBIT_LAYOUTS`), else as shipped. Refuses
    `unknown_debit_form` (also where the file is not a layout, with what is wrong)."""
    folders = [Path(settings.DEBIT_LAYOUTS)] if settings.DEBIT_LAYOUTS else []
    folders.append(Path(__file__).with_name("layouts"))
    for folder in folders:
        path = folder / f"{name}.yaml"
        if NAME.fullmatch(name) and path.is_file():
            try:
                return parsed(yaml.safe_load(path.read_text(encoding="utf-8")))
            except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as wrong:
                raise refusal("unknown_debit_form", field="layout", value=f"{name}: {wrong}"[:120]) from wrong
    raise refusal("unknown_debit_form", field="layout", value=ascii(name[:40]))


def parsed(told: dict[str, Any]) -> Layout:
    """A layout from its file. Raises ValueError, KeyError or TypeError where it is none."""
    delimiter = str(told.get("delimiter", ""))
    layout = Layout(
        encoding=str(told["encoding"]), line_end=str(told["line_end"]), delimiter=delimiter,
        rows_most=int(told["rows_most"]), file_name=str(told["name"]),
        out=_records(told["out"], OUT_FIELDS, bool(delimiter)), into=_records(told["in"], IN_FIELDS, bool(delimiter)),
        minor={"minor": True, "major": False}[told["amount"]],
        codes={str(code): OUTCOMES[name] for code, name in told["codes"].items()},
    )  # fmt: skip
    if layout.encoding not in ENCODINGS or layout.line_end not in ("\n", "\r\n") or len(delimiter) > 1:
        raise ValueError("encoding, line_end or delimiter")
    needed = {"line", "amount", "code"} - {field.name for field in layout.into["row"]}
    if needed:
        raise ValueError(f"a result row must tell {', '.join(sorted(needed))}")
    if "file" not in {field.name for record in ("head", "row") for field in layout.into.get(record, ())}:
        raise ValueError("a result must tell which file it answers")
    return layout


def _records(told: dict[str, Any], known: dict[str, set[str]], parted: bool) -> dict[str, tuple[Field, ...]]:
    records = {}
    for record, fields in told.items():
        records[record] = tuple(_field(each, known[record], parted) for each in fields)
    if "row" not in records or "totals" not in records:
        raise ValueError("a file has rows and totals")
    for record, fields in records.items():
        if not fields[0].const:
            raise ValueError(f"{record} must begin with a constant, by which it is known")
    if len({fields[0].const for fields in records.values()}) < len(records):
        raise ValueError("each record begins with a constant of its own")
    return records


def _field(told: Any, known: set[str], parted: bool) -> Field:
    if isinstance(told, str):
        told = {"name": told}
    name, const = str(told.get("name", "")), str(told.get("const", ""))
    width = int(told.get("width", 0))
    if name and name not in known:
        raise ValueError(f"there is no field {name}")
    if not parted and width < 1:
        raise ValueError(f"{name or const or 'a field'} needs a width")
    return Field(name, const, width)
