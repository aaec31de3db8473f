"""Price series from a file: one line a price, with the moment from which it holds.

    from,price
    2025-01-01T00:00+01:00,0.0456
    2025-01-01T01:00+01:00,-0.0012

A price holds for the step of the series (the shortest distance between two lines, an hour at most), never longer: hours
that are missing in the file have no price.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from gridhall.rules.layout import UNPRICED
from gridhall.rules.units import price_max
from gridhall.tariffs.book import DIGITS_MAX
from gridhall.tariffs.numbers import PRICE_SCALE, whole

MINUTES_A_DAY = 1440
HOUR = 60


class SeriesError(ValueError):
    """What is wrong in a file of prices, and in which line (1..; 0: as a whole)."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        self.what = what
        super().__init__(f"line {line}: {what}" if line else what)


@dataclass(frozen=True)
class PriceSeries:
    """Prices (10**-10 of the currency unit per kWh) by the minute from which each holds, for `step` minutes.

    Minutes count from midnight of day number 0, in UTC where the file states offsets (`offsets`), else in the local
    time of a supplier whose clocks never change.
    """

    prices: Mapping[int, int]
    step: int
    offsets: bool

    def at(self, minute: int) -> int:
        """The price that holds at a minute; UNPRICED where there is none."""
        return self.prices.get(minute - minute % self.step, UNPRICED)


def minute_of(moment: datetime) -> int:
    """Minutes of a moment since midnight of day number 0; an aware one in UTC."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.toordinal() * MINUTES_A_DAY + moment.hour * HOUR + moment.minute


def _line(n: int, text: str, decimals: int) -> tuple[datetime, int]:
    when, comma, what = text.partition(",")
    try:
        moment = datetime.fromisoformat(when.strip())
    except ValueError:
        raise SeriesError(n, f"“{when.strip()}” is not a moment (write 2025-01-01T00:00+01:00)") from None
    if not comma or moment.second or moment.microsecond:
        raise SeriesError(n, "a line is a moment of whole minutes, a comma and a price")
    try:
        stated = Decimal(what.strip())
    except InvalidOperation:
        raise SeriesError(n, f"“{what.strip()}” is not a price") from None
    if not stated.is_finite() or abs(stated.adjusted()) > DIGITS_MAX:
        raise SeriesError(n, f"{what.strip()} is beyond what can be rated")
    price = whole(stated, PRICE_SCALE)
    if price is None:
        raise SeriesError(n, f"{what.strip()} has more than 10 decimals")
    if abs(price) > price_max(10 ** (13 - decimals)):
        raise SeriesError(n, f"{what.strip()} is beyond the highest price that can be rated")
    return moment, price


def read_series(text: str, decimals: int) -> PriceSeries:
    """Read a file of prices; `decimals` of the currency. Raises SeriesError naming the line: for what is no moment or
    price, a moment stated twice, steps that differ, or offsets in some lines only."""
    prices: dict[int, int] = {}
    aware: set[bool] = set()
    for n, row in enumerate(text.splitlines(), 1):
        if not row.strip() or (n == 1 and row.lower().startswith("from")):
            continue
        moment, price = _line(n, row, decimals)
        aware.add(moment.tzinfo is not None)
        if len(aware) > 1:
            raise SeriesError(n, "either all moments have an offset from UTC or none")
        minute = minute_of(moment)
        if minute in prices:
            raise SeriesError(n, f"{row.partition(',')[0]} stands twice")
        prices[minute] = price
    if not prices:
        raise SeriesError(0, "there is no price in the file")
    return PriceSeries(prices, _step(sorted(prices)), aware == {True})


def _step(minutes: Sequence[int]) -> int:
    """The step of a series, such that every price begins on a whole step."""
    apart = [b - a for a, b in pairwise(minutes)]
    step = min([*apart, HOUR])
    if HOUR % step or any(minute % step for minute in minutes):
        raise SeriesError(0, f"prices {step} minutes apart do not divide the hour")
    return step
