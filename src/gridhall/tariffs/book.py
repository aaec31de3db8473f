"""A tariff book: the text an officer reads beside the notice, and what it says as frozen data.

The file is YAML, kept plain. Numbers are read as exact decimals, everything else as text; anchors and duplicate
keys are refused. The shape is checked against `book.schema.json`, and every complaint names the place in the book
and its line.
"""

import difflib
import functools
import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path as FilePath
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match, relevance

Path = tuple[str | int, ...]
TEXT_MAX = 400_000  # characters; a book of this size is not a tariff
DIGITS_MAX = 40  # of a number, and places before or behind its point: beyond it nothing is a price or a quantity
YEARS = range(1900, 3000)  # of dates: days are counted on from them, and the calendar has an end
RIDER_PLACE = "rider"  # key of a rider's component: where its amount stands in the book
CLASSES = {"residential": 1, "commercial": 2, "industrial": 3}


class BookError(ValueError):
    """What is wrong in a tariff book, at which place (`path`, e.g. "versions/0/energy") and in which line (1.., 0
    unknown). `more`: what else is wrong in it."""

    def __init__(self, path: Path, line: int, what: str, more: tuple["BookError", ...] = ()) -> None:
        self.path = "/".join(map(str, path))
        self.line = line
        self.what = what
        self.more = more
        where = f"line {line}, {self.path}" if self.path else f"line {line}"
        super().__init__(f"{where}: {what}")

    @property
    def all(self) -> tuple["BookError", ...]:
        """This and every other fault of the book, each once, in the order of lines."""
        found = {(fault.line, fault.path, fault.what): fault for fault in (self, *self.more)}
        return tuple(sorted(found.values(), key=lambda fault: fault.line))


class Faults:
    """Gathers the faults of a book, so that an officer sees all of them at once."""

    def __init__(self) -> None:
        self.found: list[BookError] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep a fault that is raised inside, and go on behind it."""
        try:
            yield
        except BookError as fault:
            self.found.extend(fault.all)

    def settle(self) -> None:
        """Raise the first fault, with all others in its `more`."""
        if self.found:
            first, *others = self.found
            raise BookError(tuple(first.path.split("/")), first.line, first.what, tuple(others))


@dataclass(frozen=True)
class Words:
    """One text in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True)
class Version:
    """A version of a tariff. In force from `from_on` (included) to `until_on` (excluded; None while open).

    `sample` versions carry on an expired tariff for the sample town and are no published price. `body` is the
    version as the book has it (decimals, texts, lists, mappings); the compiler reads it. `piece`: the days of a version
    between two changes of a rider's amount; several pieces then have the same `index`.
    """

    index: int
    from_on: date
    until_on: date | None
    sample: bool
    note: Words
    source: str
    body: Mapping[str, Any]
    piece: bool = False

    def holds(self, day: int) -> bool:
        """Whether a day number lies in it."""
        until = self.until_on
        return self.from_on.toordinal() <= day and (until is None or day < until.toordinal())


@dataclass(frozen=True)
class Book:
    """A tariff with all its versions, oldest first. `lines` tells the line of every place in the text, for error
    messages."""

    code: str
    name: Words
    currency: str
    source: str
    customer_class: str
    class_code: int
    policy: Words
    versions: tuple[Version, ...]
    lines: Mapping[Path, int]

    @property
    def name_zh(self) -> str:
        return self.name.zh

    @property
    def name_en(self) -> str:
        return self.name.en

    def error(self, path: Path, what: str) -> BookError:
        """The complaint about a place, with the line of it (or of the nearest place around it that has one)."""
        return BookError(path, line_of(self.lines, path), what)

    def version_on(self, on: date) -> Version | None:
        """The version in force on a day, or None."""
        for version in self.versions:
            if version.from_on <= on and (version.until_on is None or on < version.until_on):
                return version
        return None


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


def _scalar(node: yaml.ScalarNode, path: Path) -> Any:
    text = node.value
    kind = node.tag.rpartition(":")[2]
    if node.style in ("'", '"') or ":" in text:
        return text
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind in ("int", "float"):
        try:
            number = Decimal(text.replace("_", ""))
        except InvalidOperation:
            return text
        if not number.is_finite() or len(number.as_tuple().digits) > DIGITS_MAX or abs(number.adjusted()) > DIGITS_MAX:
            told = f"{text[:DIGITS_MAX]}{'…' if len(text) > DIGITS_MAX else ''}"
            raise BookError(path, node.start_mark.line + 1, f"{told} is not a number that can be priced")
        return int(number) if kind == "int" else number
    return text


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, k), lines) for k, child in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        raise BookError(path, node.start_mark.line + 1, "this is neither a value nor a list nor a mapping")
    result: dict[str, Any] = {}
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise BookError(path, line, "a name must be plain text")
        key = key_node.value
        if key in result:
            raise BookError((*path, key), line, f"“{key}” stands twice")
        result[key] = _value(child, (*path, key), lines)
        lines[(*path, key)] = line
    return result


def _unreadable(problem: Exception) -> BookError:
    mark: Any = getattr(problem, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    return BookError((), line, f"this is not readable YAML: {getattr(problem, 'problem', None) or problem}")


def read_yaml(text: str) -> tuple[Any, dict[Path, int]]:
    """The text as decimals, texts, lists and mappings, and the line of every place. Raises BookError."""
    if len(text) > TEXT_MAX:
        raise BookError((), 1, f"the text is longer than {TEXT_MAX} characters")
    lines: dict[Path, int] = {}
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                mark: Any = event.start_mark
                raise BookError((), mark.line + 1, "anchors (& and *) are not used in tariff books")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        document = None if node is None else _value(node, (), lines)
    except yaml.YAMLError as problem:
        raise _unreadable(problem) from None
    except RecursionError:
        raise BookError((), 0, "lists and mappings are nested too deeply") from None
    if node is None:
        raise BookError((), 1, "the book is empty")
    return document, lines


@functools.cache
def _validator() -> Draft202012Validator:
    schema = json.loads(resources.files("gridhall.tariffs").joinpath("book.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema)


def shape_faults(document: Any, lines: Mapping[Path, int]) -> list[BookError]:
    """Everything that the schema refuses, each at the deepest place that tells it."""
    found = []
    for error in sorted(_validator().iter_errors(document), key=relevance, reverse=True):
        fault = best_match([error]) or error
        path = tuple(fault.absolute_path)
        found.append(BookError(path, line_of(lines, path), _shape_words(fault)))
    return found


def _shape_words(fault: Any) -> str:
    """What the schema complains about, in an officer's words where there are some."""
    if fault.validator in ("pattern", "anyOf") and "description" in fault.schema:
        return f"{fault.schema['description']}, not “{fault.instance}”"
    if fault.validator == "additionalProperties":
        unknown = [key for key in fault.instance if key not in fault.schema.get("properties", {})]
        if any(fault.instance[key] is None for key in unknown):
            return f"“{unknown[0]}” has no value: a text with a comma inside {{…}} must stand in quotes"
        known = [key for key in fault.schema.get("properties", {}) if key not in fault.instance]
        meant = [close for key in unknown for close in difflib.get_close_matches(key, known, 1)]
        told = f"there is nothing called {', '.join(f'“{key}”' for key in unknown)} here"
        return told + (f"; did you mean {', '.join(f'“{key}”' for key in meant)}?" if meant else "")
    if fault.validator == "required":
        missing = [key for key in fault.validator_value if key not in fault.instance]
        return f"{', '.join(f'“{key}”' for key in missing)} is missing"
    if fault.validator == "enum":
        return f"“{fault.instance}” is none of: {', '.join(map(str, fault.validator_value))}"
    return str(fault.message)


def words(value: Any) -> Words:
    """A text given once stands for both languages."""
    if value is None:
        return Words("", "")
    if isinstance(value, str):
        return Words(value, value)
    return Words(value["zh"], value["en"])


def day_of(text: Any, path: Path, lines: Mapping[Path, int]) -> date:
    """A date of the book. Raises BookError."""
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        raise BookError(path, line_of(lines, path), f"{text} is not a date (write 2024-06-30)") from None
    if day.year not in YEARS:
        what = f"{text} is too far away; leave out an “until” that never comes"
        raise BookError(path, line_of(lines, path), what)
    return day


def _versions(document: Mapping[str, Any], lines: Mapping[Path, int], faults: Faults) -> list[Version]:
    """The versions as the book states them, and the faults of their days."""
    found: list[Version] = []
    for k, body in enumerate(document["versions"]):
        with faults.kept():
            found.append(_version(document, k, body, lines))
    for before, version in itertools.pairwise(found):
        if before.until_on is None or before.until_on > version.from_on:
            path = ("versions", version.index, "from")
            what = "versions must follow one another: this one begins before the one above it has ended"
            if before.until_on is None:
                what += f" (give that one “until: {version.from_on - timedelta(days=1)}”)"
            faults.found.append(BookError(path, line_of(lines, path), what))
    return found


def _version(document: Mapping[str, Any], k: int, body: Mapping[str, Any], lines: Mapping[Path, int]) -> Version:
    path = ("versions", k)
    from_on = day_of(body["from"], (*path, "from"), lines)
    until_on = None
    if body.get("until") is not None:
        until_on = day_of(body["until"], (*path, "until"), lines) + timedelta(days=1)
    if until_on is not None and until_on <= from_on:
        raise BookError((*path, "until"), line_of(lines, (*path, "until")), "the version ends before it begins")
    source = body.get("source", document["source"])
    return Version(k, from_on, until_on, body.get("sample", False), words(body.get("note")), source, body)


def with_riders(
    document: Mapping[str, Any], versions: tuple[Version, ...], lines: Mapping[Path, int]
) -> Iterator[Version]:
    """The versions, cut where the amount of a rider changes, each piece with the amounts of its days.

    A rider is a component whose amounts are dated apart from the versions (a fuel adjustment of each month, say). It
    counts in every version, or in those that began on the days it names.
    """
    riders = document.get("riders", [])
    if not riders:
        yield from versions
        return
    stated = list(_dated(riders, lines))
    for version in versions:
        starts = {version.from_on}
        for amounts in stated:
            starts |= {on for on, _, _ in amounts if on > version.from_on}
        inside = sorted(on for on in starts if version.until_on is None or on < version.until_on)
        ends = [*inside[1:], version.until_on]
        for start, end in zip(inside, ends, strict=True):
            body = dict(version.body)
            for n, (rider, amounts) in enumerate(zip(riders, stated, strict=True)):
                _add_rider(body, n, rider, amounts, start)
            yield replace(version, from_on=start, until_on=end, body=body, piece=True)


def _dated(riders: list[Mapping[str, Any]], lines: Mapping[Path, int]) -> Iterator[list[tuple[date, int, Any]]]:
    """The amounts of each rider as (first day, place in the book, amount), in the order of days. Raises BookError."""
    for n, rider in enumerate(riders):
        amounts: list[tuple[date, int, Any]] = []
        for k, stated in enumerate(rider["amounts"]):
            path = ("riders", n, "amounts", k)
            on = day_of(stated["from"], (*path, "from"), lines)
            if amounts and on <= amounts[-1][0]:
                what = "amounts must follow one another: this one does not begin after the one above it"
                raise BookError((*path, "from"), line_of(lines, (*path, "from")), what)
            amounts.append((on, k, stated["amount"]))
        yield amounts


RIDER_SECTIONS = {
    "per kWh": ("levies", "price per kWh"), "energy per kWh": ("energy", "price per kWh"),
    "per month": ("fixed", "price per month"), "per cent": ("taxes", "per cent"),
}  # fmt: skip


def _add_rider(
    body: dict[str, Any], n: int, rider: Mapping[str, Any], amounts: list[tuple[date, int, Any]], start: date
) -> None:
    """Put the rider's component for the days from `start` on behind those of its section; nothing before its first
    amount or where the amount is nothing ("none")."""
    found = [(k, amount) for on, k, amount in amounts if on <= start]
    if not found or found[-1][1] == "none":
        return
    k, amount = found[-1]
    section, word = RIDER_SECTIONS[rider["counts as"]]
    item = {key: value for key, value in rider.items() if key not in ("amounts", "counts as")}
    if section == "fixed":
        item.setdefault("divided", "by days of the period")
    item |= {word: amount, RIDER_PLACE: ("riders", n, "amounts", k)}
    stated = body.get(section)
    # a version whose shape is wrong is read too, so that the others can be tried
    body[section] = [*(stated if isinstance(stated, list) else ()), item]


def load_book(text: str) -> Book:
    """The book that a text says. Raises BookError, naming place and line, where it cannot be read; its `all` has every
    fault."""
    document, lines = read_yaml(text)
    faults = Faults()
    faults.found += shape_faults(document, lines)
    faults.settle()
    return book_of(document, lines)


def book_of(document: Mapping[str, Any], lines: Mapping[Path, int], faults: Faults | None = None) -> Book:
    """The book of a document of the right shape. Raises BookError where its days do not fit one another; with `faults`
    they are kept there instead, and the book has the versions that can be read."""
    found = Faults()
    versions = tuple(_versions(document, lines, found))
    if faults is None:
        found.settle()
    else:
        faults.found += found.found
    customer_class = document["for"]["class"]
    return Book(
        code=document["tariff"],
        name=words(document["name"]),
        currency=document["currency"],
        source=document["source"],
        customer_class=customer_class,
        class_code=CLASSES[customer_class],
        policy=words(document.get("policy")),
        versions=tuple(with_riders(document, versions, lines)),
        lines=lines,
    )


def shipped_books() -> dict[str, str]:
    """The texts of the books that come with Gridhall, by tariff code."""
    folder = FilePath(__file__).parent / "books"
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))}
