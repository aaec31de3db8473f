"""A tariff book: the text an officer reads beside the notice, and what it says as frozen data.

The file is YAML, kept plain. Numbers are read as exact decimals, everything else as text; anchors and duplicate
keys are refused. The shape is checked against `book.schema.json`, and every complaint names the place in the book
and its line.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path as FilePath
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

Path = tuple[str | int, ...]
TEXT_MAX = 400_000  # characters; a book of this size is not a tariff
CLASSES = {"residential": 1, "commercial": 2, "industrial": 3}


class BookError(ValueError):
    """What is wrong in a tariff book, at which place (`path`, e.g. "versions/0/energy") and in which line (1.., 0
    unknown)."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        self.path = "/".join(map(str, path))
        self.line = line
        self.what = what
        where = f"line {line}, {self.path}" if self.path else f"line {line}"
        super().__init__(f"{where}: {what}")


@dataclass(frozen=True)
class Words:
    """One text in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True)
class Version:
    """A version of a tariff. In force from `from_on` (included) to `until_on` (excluded; None while open).

    `sample` versions carry on an expired tariff for the sample town and are no published price. `body` is the
    version as the book has it (decimals, texts, lists, mappings); the compiler reads it.
    """

    index: int
    from_on: date
    until_on: date | None
    sample: bool
    note: Words
    source: str
    body: Mapping[str, Any]


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
        if not number.is_finite():
            raise BookError(path, node.start_mark.line + 1, f"{text} is not a number that can be priced")
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


def _check_shape(document: Any, lines: Mapping[Path, int]) -> None:
    fault = best_match(_validator().iter_errors(document))
    if fault is None:
        return
    path = tuple(fault.absolute_path)
    raise BookError(path, line_of(lines, path), _shape_words(fault))


def _shape_words(fault: Any) -> str:
    """What the schema complains about, in an officer's words where there are some."""
    if fault.validator in ("pattern", "anyOf") and "description" in fault.schema:
        return f"{fault.schema['description']}, not “{fault.instance}”"
    if fault.validator == "additionalProperties":
        unknown = [key for key in fault.instance if key not in fault.schema.get("properties", {})]
        if any(fault.instance[key] is None for key in unknown):
            return f"“{unknown[0]}” has no value: a text with a comma inside {{…}} must stand in quotes"
        return f"there is nothing called {', '.join(f'“{key}”' for key in unknown)} here"
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


def _day(text: Any, path: Path, lines: Mapping[Path, int]) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise BookError(path, line_of(lines, path), f"{text} is not a date (write 2024-06-30)") from None


def _versions(document: Mapping[str, Any], lines: Mapping[Path, int]) -> Iterator[Version]:
    previous: Version | None = None
    for k, body in enumerate(document["versions"]):
        path = ("versions", k)
        from_on = _day(body["from"], (*path, "from"), lines)
        until_on = None
        if body.get("until") is not None:
            until_on = _day(body["until"], (*path, "until"), lines) + timedelta(days=1)
        if until_on is not None and until_on <= from_on:
            raise BookError((*path, "until"), line_of(lines, (*path, "until")), "the version ends before it begins")
        if previous is not None and (previous.until_on is None or previous.until_on > from_on):
            what = "versions must follow one another: this one begins before the one above it has ended"
            raise BookError((*path, "from"), line_of(lines, (*path, "from")), what)
        source = body.get("source", document["source"])
        previous = Version(k, from_on, until_on, body.get("sample", False), words(body.get("note")), source, body)
        yield previous


def load_book(text: str) -> Book:
    """The book that a text says. Raises BookError, naming place and line, where it cannot be read."""
    document, lines = read_yaml(text)
    _check_shape(document, lines)
    customer_class = document["for"]["class"]
    return Book(
        code=document["tariff"],
        name=words(document["name"]),
        currency=document["currency"],
        source=document["source"],
        customer_class=customer_class,
        class_code=CLASSES[customer_class],
        policy=words(document.get("policy")),
        versions=tuple(_versions(document, lines)),
        lines=lines,
    )


def shipped_books() -> dict[str, str]:
    """The texts of the books that come with Gridhall, by tariff code."""
    folder = FilePath(__file__).parent / "books"
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))}
