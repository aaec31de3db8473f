"""What a tariff book may well mean but seldom does: told beside a check, never refused."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from gridhall.tariffs.book import Book, BookError, Path, Version

PRICED = ("energy", "sub-supplies", "levies")  # sections whose price is for energy used
PRICE = "price per kWh"


def cautions_of(book: Book) -> tuple[BookError, ...]:
    """Negative prices of energy (markets have them, a slip of the pen has them more often), and a book without one
    worked example. Each with its line, in the order of lines."""
    found = {(fault.line, fault.path): fault for version in book.versions for fault in _negative(book, version)}
    told = sorted(found.values(), key=lambda fault: fault.line)
    if not any(version.body.get("examples") for version in book.versions):
        what = "no version has “examples”: nothing shows that its bills come to what the notice says"
        told.append(book.error(("versions",), what))
    return tuple(told)


def _negative(book: Book, version: Version) -> Iterator[BookError]:
    for section in PRICED:
        # a book whose shape is wrong is looked through too
        items = version.body.get(section)
        for k, item in enumerate(items if isinstance(items, list) else ()):
            if not isinstance(item, Mapping):
                continue
            for path, price in _leaves(item.get(PRICE), ("versions", version.index, section, k, PRICE)):
                if price < 0:
                    yield book.error(path, f"negative price at {'/'.join(map(str, path))}: {price}")


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, int | Decimal]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(value, list):
        for k, part in enumerate(value):
            yield from _leaves(part, (*path, k))
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield path, value
