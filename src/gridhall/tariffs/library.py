"""Tariffs from files, and a data frame of loads to a data frame of bills: Gridhall as a library.

Neither a database nor a web application is needed:

    import polars as pl
    from gridhall.tariffs.library import bills, read_tariffs

    tariffs = read_tariffs("record.json")
    print(bills(tariffs, pl.read_csv("loads.csv"), year=2018))
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gridhall.columns.intervals import Load, load_of, rate_many
from gridhall.rules.calendar import is_leap
from gridhall.rules.interval_bills import CannotRate, MonthBill, half_up
from gridhall.rules.interval_tariff import MEETINGS, PRO_RATA, IntervalTariff
from gridhall.rules.intervals import HOURS
from gridhall.tariffs.book import Book, BookError, load_book
from gridhall.tariffs.by_load import newest, rate_by_book
from gridhall.tariffs.urdb import open_text, read_json, read_lines

PLACES = 12  # of an amount in a frame: more decimals are rounded, halves away from zero
ACCOUNT, WH = "account", "wh"
PARTS = ("energy", "demand_flat", "demand_tou", "coincident", "reactive", "fixed", "minimum", "fed_in")
AMOUNT = pl.Decimal(38, PLACES)
SCHEMA: dict[str, Any] = {
    "account": pl.String, "tariff": pl.String, "month": pl.Int8, "refused": pl.String,
    **dict.fromkeys((*PARTS, "other", "total"), AMOUNT), "total_minor": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class LibraryTariff:
    """A tariff of a file: an OpenEI record or a tariff book, or why it is refused ("field: reason")."""

    label: str
    name: str
    record: IntervalTariff | None = None
    book: Book | None = None
    refused: str | None = None


def read_tariffs(path: str | Path) -> list[LibraryTariff]:
    """The tariffs of a file: a tariff book (.yaml, .yml), OpenEI records as JSON, or one record a line (.jsonl; each
    also .gz). What cannot be rated is there with the field's name and the reason. Raises ValueError or OSError where
    the file cannot be read at all."""
    path = Path(path)
    text = open_text(path)
    if {".yaml", ".yml"} & set(path.suffixes):
        try:
            book = load_book(text)
        except BookError as problem:
            return [LibraryTariff(path.stem, path.stem, refused=f"{problem.path or 'book'}: {problem.what}")]
        return [LibraryTariff(book.code, book.code, book=book)]
    records = read_lines(iter(text.splitlines())) if ".jsonl" in path.suffixes else iter(read_json(text))
    return [LibraryTariff(each.label, each.name, record=each.tariff, refused=each.refused) for each in records]


def _columns(frame: Any) -> Iterator[tuple[str, Any]]:
    """The load of each account of a frame: rows of `account` and `wh` in the order of time, or a column an account."""
    table = frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)  # by Arrow's interface
    if WH in table.columns:
        if ACCOUNT not in table.columns:
            yield "", table[WH]
            return
        for (account,), rows in table.group_by([ACCOUNT], maintain_order=True):
            yield str(account), rows[WH]
        return
    for name in table.columns:
        yield name, table[name]


def _load(name: str, column: pl.Series, year: int) -> Load:
    """A column as a load; its length tells the steps of an hour."""
    if not column.dtype.is_integer() or column.null_count():
        raise ValueError(f"{name or WH}: a load is whole Wh without gaps, not {column.dtype}")
    days = 366 if is_leap(year) else 365
    steps, rest = divmod(len(column), days * HOURS)
    if rest or not steps or 60 % steps:
        raise ValueError(f"{name or WH}: {len(column)} values are no steps of an hour of {year}")
    return load_of(column.to_numpy().astype(np.int64), year, date(year, 1, 1).weekday(), steps)


def decimal_of(amount: Fraction) -> Decimal:
    """An amount as a decimal of PLACES."""
    return Decimal(half_up(amount, PLACES)).scaleb(-PLACES)


def _record_rows(answer: list[MonthBill] | CannotRate) -> Iterator[dict[str, Any]]:
    if isinstance(answer, CannotRate):
        yield {"refused": str(answer)}
        return
    for month, bill in enumerate(answer, 1):
        amounts = {name: decimal_of(getattr(bill, name)) for name in (*PARTS, "total")}
        yield {"month": month, **amounts, "other": Decimal(0), "total_minor": bill.total_minor}


def _book_rows(book: Book, load: Load) -> Iterator[dict[str, Any]]:
    try:
        months = rate_by_book(book, newest(book), load.wh.tolist(), load.year, load.steps)
    except BookError as problem:
        yield {"refused": f"{problem.path or 'book'}: {problem.what}"}
        return
    except ValueError as problem:
        yield {"refused": f"book: {problem}"}
        return
    for month, bill in enumerate(months, 1):
        amounts = {name: decimal_of(bill.amounts.get(name, Fraction(0))) for name in PARTS}
        other = sum((value for name, value in bill.amounts.items() if name not in PARTS), Fraction(0))
        total = decimal_of(bill.total)
        yield {"month": month, **amounts, "other": decimal_of(other), "total": total, "total_minor": bill.total_minor}


def bills(tariffs: Sequence[LibraryTariff], loads: Any, year: int = 2018, blocks: str = PRO_RATA) -> pl.DataFrame:
    """A year of bills of every account by every tariff.

    `loads`: a frame (polars, pandas from 2.2 on, or pyarrow) of whole Wh for each step of the year: columns `account`
    and `wh`, rows in the order of time; or one column an account. `blocks`: how blocks of records meet time-of-use
    (`prorata`, `chrono`, `per_period`); a book says it itself. Answers a polars frame: account, tariff, month (1 to
    12), amounts as exact decimals of the currency unit (12 places), `total_minor` (minor units, rounded once); a tariff
    that cannot be rated has one row that says why in `refused`. Raises ValueError for loads that are not whole Wh of a
    whole year.
    """
    if blocks not in MEETINGS:
        raise ValueError(f"blocks can be {', '.join(MEETINGS)}, not {blocks!r}")
    rows: list[dict[str, Any]] = []
    records = [each.record for each in tariffs if each.record is not None]
    for account, column in _columns(loads):
        load = _load(account, column, year)
        answers = iter(rate_many(records, load, blocks))
        for tariff in tariffs:
            own: Iterator[dict[str, Any]] = iter([{"refused": tariff.refused}])
            if tariff.record is not None:
                own = _record_rows(next(answers))
            elif tariff.book is not None:
                own = _book_rows(tariff.book, load)
            rows += [{"account": account, "tariff": tariff.label, **row} for row in own]
    return pl.DataFrame(rows, schema=SCHEMA)
