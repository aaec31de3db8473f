"""What callers give, as arrays of whole numbers; and periods and day numbers over arrays."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_EPOCH_DAY = date(1970, 1, 1).toordinal()


def numbers(name: str, given: Any, count: int, default: int) -> Ints:
    """A column of whole numbers, `default` in every row where none was given. Another length raises ValueError."""
    if len(given) == 0:
        return np.full(count, default, np.int64)
    _same_length(name, len(given), count)
    column = np.asarray(given)
    if column.dtype.kind not in "iub":
        # a list with a number beyond 64 bits, or with something else in it
        raise ValueError(f"column {name} takes whole numbers of 64 bits")
    if column.dtype.kind == "u" and column.size and int(column.max()) >= 1 << 63:
        raise ValueError(f"column {name} takes whole numbers of 64 bits")
    return column.astype(np.int64)


def days(name: str, given: Any, count: int) -> Ints:
    """A column of days as day numbers (`date.toordinal`), from dates or from day numbers."""
    _same_length(name, len(given), count)
    if isinstance(given, np.ndarray):
        return given.astype(np.int64)
    return np.fromiter((each.toordinal() for each in given), np.int64, count)


def texts(name: str, given: Sequence[str], count: int, default: str = "") -> list[str]:
    """A column of texts."""
    if len(given) == 0:
        return [default] * count
    _same_length(name, len(given), count)
    return list(given)


def _same_length(name: str, found: int, count: int) -> None:
    if found != count:
        raise ValueError(f"column {name} has {found} rows, not {count}")


def period_of(day_numbers: Ints) -> Ints:
    """The period YYYYMM in which each day lies."""
    months = (day_numbers - _EPOCH_DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (1970 + months // 12) * 100 + months % 12 + 1


def month_number(period: Ints) -> Ints:
    """Months since the year 0, so that periods can be subtracted."""
    return period // 100 * 12 + period % 100 - 1


def is_period(period: Ints) -> NDArray[np.bool_]:
    """Whether each number is a year of four digits and a month."""
    return (period >= 190001) & (period <= 999912) & (period % 100 >= 1) & (period % 100 <= 12)


def shifted(period: int, months: int) -> int:
    """The period some months later (negative: earlier)."""
    number = period // 100 * 12 + period % 100 - 1 + months
    return number // 12 * 100 + number % 12 + 1


def first_day(period: int) -> date:
    """The first day of a period."""
    return date(period // 100, period % 100, 1)
