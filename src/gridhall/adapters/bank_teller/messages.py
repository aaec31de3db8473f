"""Messages of fixed fields: from bytes to named values and back. Pure; the field lists are data (`layouts/*.yaml`).

A message: its length in ASCII digits, the head, the fields of its kind, the MAC. Widths are in bytes; a text too
long for its field is cut between characters, never inside one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gridhall.kernel.refusal import Refusal

LAYOUTS = Path(__file__).with_name("layouts")


@dataclass(frozen=True)
class Field:
    """A field of `width` bytes; a number is written to the right with zeros before it, a text to the left."""

    name: str
    width: int
    number: bool


@dataclass(frozen=True)
class Kind:
    """A kind of message: the fields of its request and its answer, and of each item that may follow the answer."""

    name: str
    ask: tuple[Field, ...]
    answer: tuple[Field, ...]
    items: tuple[Field, ...]


@dataclass(frozen=True)
class Layout:
    """The field lists of a form of message; `kinds` by code."""

    encoding: str
    length_digits: int
    mac_digits: int
    head: tuple[Field, ...]
    answer: tuple[Field, ...]
    kinds: Mapping[int, Kind]
    results: Mapping[str, str]
    other_result: str

    @property
    def head_width(self) -> int:
        return sum(field.width for field in self.head)


@dataclass(frozen=True)
class Message:
    """A request as read. `signed`: the bytes that the MAC covers; `values`: the head and its own fields by name."""

    kind: Kind
    values: Mapping[str, str]
    signed: bytes
    mac: str


@cache
def layout(name: str = "agent") -> Layout:
    """A shipped layout by name."""
    data = yaml.safe_load((LAYOUTS / f"{name}.yaml").read_text(encoding="utf-8"))
    kinds: dict[int, Kind] = {}
    for kind_name, kind in data["messages"].items():
        made = Kind(kind_name, _fields(kind["ask"]), _fields(kind["answer"]), _fields(kind.get("items", ())))
        kinds |= dict.fromkeys(kind["codes"], made)
    return Layout(
        data["encoding"], data["length_digits"], data["mac_digits"], _fields(data["head"]), _fields(data["answer"]),
        kinds, data["results"], data["other_result"],
    )  # fmt: skip


def _fields(rows: Sequence[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(Field(row["name"], row["width"], row.get("kind") == "number") for row in rows)


def bad_message(field: str, value: str = "") -> Refusal:
    """The refusal of a message that cannot be read, with the field at fault."""
    return Refusal("bad_message", "The message cannot be read.", "报文无法识别。", field=field, value=value)


def code_of(how: Layout, body: bytes) -> int:
    """The code at the beginning of a message; -1 where there is none."""
    text = body[: how.head[0].width]
    return int(text) if text.isdigit() else -1


def read_request(how: Layout, body: bytes) -> Message:
    """A request without its length. Refuses bad_message with the field."""
    kind = how.kinds.get(code_of(how, body))
    if kind is None:
        raise bad_message("code", ascii(body[:4]))
    fields = (*how.head, *kind.ask)
    signed, mac = body[: -how.mac_digits], body[-how.mac_digits :]
    if len(signed) != sum(field.width for field in fields):
        raise bad_message("length", str(len(body)))
    if not mac.isascii():
        raise bad_message("mac")
    return Message(kind, _read(how, fields, signed), signed, mac.decode("ascii"))


def read_answer(how: Layout, body: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    """An answer without its length and MAC: its values and its items. For who stands on the other side."""
    signed = body[: -how.mac_digits]
    fields = (*how.head, *how.answer)
    width = sum(field.width for field in fields)
    values = _read(how, fields, signed[:width])
    kind = how.kinds.get(code_of(how, body))
    if kind is None or values["result"] != how.results["ok"]:
        return values, []
    own = sum(field.width for field in kind.answer)
    values |= _read(how, kind.answer, signed[width : width + own])
    rest, each = signed[width + own :], sum(field.width for field in kind.items)
    items = [_read(how, kind.items, rest[at : at + each]) for at in range(0, len(rest), each)] if each else []
    return values, items


def _read(how: Layout, fields: Sequence[Field], data: bytes) -> dict[str, str]:
    values, at = {}, 0
    for field in fields:
        piece = data[at : at + field.width]
        at += field.width
        try:
            text = piece.decode(how.encoding)
        except UnicodeDecodeError as error:
            raise bad_message(field.name) from error
        if field.number:
            if not piece.isdigit():
                raise bad_message(field.name, ascii(piece[:20]))
            text = str(int(text))
        else:
            text = text.rstrip(" ")
            if not text.isprintable():
                raise bad_message(field.name, ascii(text[:20]))
        values[field.name] = text
    return values


def write(how: Layout, fields: Sequence[Field], values: Mapping[str, object]) -> bytes:
    """Fields as bytes. Raises ValueError for a number that does not fit its field: it would say another amount."""
    return b"".join(_written(how, field, values.get(field.name, 0 if field.number else "")) for field in fields)


def _written(how: Layout, field: Field, value: object) -> bytes:
    if field.number:
        text = str(value).rjust(field.width, "0")
        if len(text) != field.width or not text.isdecimal():
            raise ValueError(f"{field.name} has no room for {value}")
        return text.encode("ascii")
    return cut(str(value), field.width, how.encoding).ljust(field.width)


def cut(text: str, width: int, encoding: str) -> bytes:
    """As much of a text as fits `width` bytes, whole characters only."""
    data = text.encode(encoding, "replace")
    if len(data) <= width:
        return data
    return data[:width].decode(encoding, "ignore").encode(encoding)


def framed(how: Layout, body: bytes) -> bytes:
    """A message with its length before it."""
    return str(len(body)).rjust(how.length_digits, "0").encode("ascii") + body
