"""Decimals of a book as the whole numbers of the rules; and prices by season, period and block."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gridhall.rules.layout import UNPRICED
from gridhall.rules.units import QUANTITY_MAX, price_max
from gridhall.tariffs.book import Book, Faults, Path

PRICE_SCALE = 10**10
NO_DECIMALS = frozenset(
    {"JPY", "KRW", "VND", "CLP", "PYG", "UGX", "RWF", "XOF", "XAF", "XPF", "ISK", "GNF", "KMF", "DJF", "BIF", "VUV"}
)
THREE_DECIMALS = frozenset({"KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD"})


def decimals_of(currency: str) -> int:
    """Decimals of a currency's minor unit."""
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def whole(value: int | Decimal, scale: int) -> int | None:
    """`value` × `scale`, exactly; None where it is no whole number. Not by the arithmetic of decimals, which rounds to
    28 digits. The size of `value` is bounded by the reader of books (book.DIGITS_MAX)."""
    exact = Fraction(value) * scale
    return exact.numerator if exact.denominator == 1 else None


def scaled(book: Book, value: Any, scale: int, path: Path, what: str) -> int:
    """`value` × `scale` as a whole number; refused where digits would be lost."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise book.error(path, f"{what} must be a number, not “{value}”")
    number = whole(value, scale)
    if number is None:
        raise book.error(path, f"{value} has more decimals than {what} can have")
    return number


def price_of(book: Book, value: Any, decimals: int, path: Path) -> int:
    """A price at 10**-10, within the bounds that keep every line in 64 bits."""
    price = scaled(book, value, PRICE_SCALE, path, "a price (10 decimals)")
    if abs(price) > price_max(10 ** (13 - decimals)):
        raise book.error(path, f"{value} is beyond the highest price that can be rated")
    return price


def thousandths(book: Book, value: Any, path: Path, what: str = "a quantity (3 decimals)") -> int:
    """A quantity of kWh, kW or kVA in Wh, W or VA, within bounds."""
    number = scaled(book, value, 1000, path, what)
    if abs(number) > QUANTITY_MAX:
        raise book.error(path, f"{value} is beyond what can be rated")
    return number


def price_at(
    book: Book, value: Any, seasons: tuple[str, ...], season: str, period: str, block: int, path: Path
) -> tuple[Any, Path]:
    """The price that a book states for a season, a period ("" the total) and a block, and where it stands.

    Mappings may be by season or by period, in either order; a list is by block. (None, path) where it says nothing.
    """
    while not isinstance(value, int | Decimal):
        if isinstance(value, list):
            if block >= len(value):
                raise book.error(path, f"there are {len(value)} prices here, but block {block + 1} needs one too")
            value, path = value[block], (*path, block)
        elif isinstance(value, Mapping):
            by_season = all(key in seasons for key in value)
            key = season if by_season else period
            if not by_season and period == "":
                raise book.error(path, f"prices by {', '.join(value)} need seasons or periods of these names")
            if key not in value:
                return None, path
            value, path = value[key], (*path, key)
        else:
            raise book.error(path, f"“{value}” is not a price")
    return value, path


def check_names(book: Book, value: Any, names: frozenset[str], blocks: int, path: Path) -> None:
    """Refuse prices for seasons, periods or blocks that the version does not have: they would silently count for
    nothing."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in names:
                raise book.error((*path, key), f"{key} is no season or period of this version")
            check_names(book, inner, names, blocks, (*path, key))
    elif isinstance(value, list) and len(value) != blocks:
        raise book.error(path, f"{len(value)} prices for {blocks} blocks")


def price_table(
    book: Book, value: Any, seasons: tuple[str, ...], periods: tuple[str, ...], registers: tuple[str, ...],
    blocks: int, less: tuple[int, ...], decimals: int, path: Path, body: Mapping[str, Any],
) -> list[int]:  # fmt: skip
    """Prices season × register × block. `registers` is ("",) for the total. A register without a price is UNPRICED:
    energy in it is a fault. `less`: prices shown as lines of their own (of which), taken out of the printed one."""
    check_names(book, value, frozenset(seasons) | frozenset(periods), blocks, path)
    table = []
    faults = Faults()
    for season in seasons:
        for register in registers:
            for block in range(blocks):
                with faults.kept():
                    price, place = price_at(book, value, seasons, season, register, block, path)
                    if price is None and (
                        register == "" or (register in periods and not may_lack(body, season, register))
                    ):
                        what = f"no price for {' '.join(filter(None, (season, register)))}"
                        raise book.error(place, what)
                    table.append(UNPRICED if price is None else price_of(book, price, decimals, place) - sum(less))
    faults.settle()
    return table


def may_lack(body: Mapping[str, Any], season: str, register: str) -> bool:
    """True when the version's windows give this season no such period (a sharp peak in summer only, say)."""
    windows = body["periods"][register]
    if not isinstance(windows, Mapping):
        return False
    return season not in windows and any(name in body.get("seasons", {}) for name in windows)
