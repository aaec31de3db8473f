"""What a file of interval data delivers: register-days by the meter's serial, gathered in pieces of bounded size."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

import numpy as np
import numpy.typing as npt

from gridhall.columns.interval_days import STEP_MINUTES, WH_MOST
from gridhall.kernel.refusal import Refusal
from gridhall.rules.interval_use import MEASURED, MISSING
from gridhall.rules.local_day import place_of, steps_of

Ints = npt.NDArray[np.int64]
STEPS_AT_ONCE = 1 << 20  # in memory before they go into the store's stage
REFUSED_KEPT = 10_000  # rows that are told one by one; the rest is counted
KWH, WH = "kwh", "wh"
FIRST_DAY = date(1970, 1, 2).toordinal()  # no reading is older


@dataclass(frozen=True)
class Delivery:
    """Register-days in columns: serial and register code (`tou`) of each, day number, minutes of a step, its steps from
    `first` on in `wh` and `quality` (bits of rules.interval_use; empty: all measured), and the file's row (1-based)."""

    serial: list[str]
    tou: Ints
    day: Ints
    minutes: Ints
    first: Ints
    wh: npt.NDArray[np.integer]
    quality: npt.NDArray[np.uint8]
    row: Ints


@dataclass
class Refused:
    """Rows that could not be taken: the first of them whole, all of them counted by code."""

    rows: list[Refusal] = field(default_factory=list)
    by_code: dict[str, int] = field(default_factory=dict)

    def add(self, refusal: Refusal) -> None:
        self.by_code[refusal.code] = self.by_code.get(refusal.code, 0) + 1
        if len(self.rows) < REFUSED_KEPT:
            self.rows.append(refusal)

    @property
    def count(self) -> int:
        return sum(self.by_code.values())


@dataclass
class _Day:
    """A register-day that is being gathered."""

    row: int
    wh: list[int]
    quality: list[int]


class Gathering:
    """Steps that come one by one, put together to register-days; `full` pieces are taken out with `take`."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._days: dict[tuple[str, int, int, int], _Day] = {}
        self._lengths: dict[tuple[int, int], int] = {}
        self._steps = 0

    def steps(self, day: int, minutes: int) -> int:
        """How many steps a day has."""
        key = (day, minutes)
        if key not in self._lengths:
            self._lengths[key] = steps_of(day, self.zone, minutes)
        return self._lengths[key]

    def put(
        self, serial: str, tou: int, day: int, minutes: int, step: int, wh: int, quality: int, row: int
    ) -> None:  # fmt: skip
        """One step. The same once more is harmless; another value for it is refused (step_twice)."""
        key = (serial, tou, day, minutes)
        found = self._days.get(key)
        if found is None:
            count = self.steps(day, minutes)
            found = self._days[key] = _Day(row, [0] * count, [MISSING] * count)
            self._steps += count
        if found.quality[step] != MISSING and (found.wh[step], found.quality[step]) != (wh, quality):
            raise refuse(
                "step_twice", "Two values for the same step.", "同一时段有两个不同的值。", "value", str(wh), row
            )  # fmt: skip
        found.wh[step], found.quality[step] = wh, quality

    def put_at(
        self, serial: str, tou: int, moment: datetime, minutes: int, wh: int, quality: int, row: int
    ) -> None:  # fmt: skip
        """One step by the moment (aware) at which it begins. Refuses one that is off the grid of its steps."""
        day, since = place_of(moment, self.zone)
        if since % minutes or moment.second or moment.microsecond:
            raise refuse(
                "off_grid", f"A step of {minutes} minutes does not begin then.",
                f"该时刻不是 {minutes} 分钟时段的起点。", "time", moment.isoformat(), row,
            )  # fmt: skip
        self.put(serial, tou, day, minutes, since // minutes, wh, quality, row)

    @property
    def full(self) -> bool:
        return self._steps >= STEPS_AT_ONCE

    def take(self) -> Delivery | None:
        """What was gathered so far, and begin anew; None where there is nothing."""
        if not self._days:
            return None
        days, self._days, self._steps = self._days, {}, 0
        first = np.zeros(len(days) + 1, np.int64)
        np.cumsum([len(each.wh) for each in days.values()], out=first[1:])
        wh = np.fromiter((value for each in days.values() for value in each.wh), np.int64, int(first[-1]))
        bits = np.fromiter((value for each in days.values() for value in each.quality), np.uint8, int(first[-1]))
        tou, day, minutes = (np.array([key[k] for key in days], np.int64) for k in (1, 2, 3))
        plain = bool((bits == MEASURED).all())
        return Delivery(
            [key[0] for key in days], tou, day, minutes, first, wh, bits[:0] if plain else bits,
            np.array([each.row for each in days.values()], np.int64),
        )  # fmt: skip


def refuse(code: str, en: str, zh: str, field_name: str, value: str, row: int = -1) -> Refusal:
    """A refusal of a row (the file's, from 1 on)."""
    return Refusal(code, en, zh, field=field_name, row=row, value=value[:80])


def whole_wh(value: int, decimals: int, unit: str, row: int, name: str = "value") -> int:
    """Wh of a value with decimals, exact. Refuses too_many_decimals, beyond_bounds."""
    places = decimals - (3 if unit == KWH else 0)
    scale = int(10 ** abs(places))
    if places > 0 and value % scale:
        raise refuse(
            "too_many_decimals", "Energy is counted in whole Wh; the value has a part of one.",
            "电量以整瓦时计，该值含不足 1 瓦时的部分。", name, f"{value}e-{decimals}", row,
        )  # fmt: skip
    wh = value // scale if places > 0 else value * scale
    if wh > WH_MOST:
        raise refuse(
            "beyond_bounds", f"More than {WH_MOST} Wh in one step.", f"单个时段超过 {WH_MOST} 瓦时。",
            name, str(value), row,
        )  # fmt: skip
    return wh


def check_minutes(minutes: int, row: int = -1) -> int:
    """Refuses a step that does not divide the hour (bad_step)."""
    if minutes not in STEP_MINUTES:
        raise refuse(
            "bad_step", "A step is 5, 15, 30 or 60 minutes, or another part of an hour.", "时段长度应能整除 60 分钟。",
            "minutes", str(minutes), row,
        )  # fmt: skip
    return minutes


def check_day(day: int, today: date, row: int) -> int:
    """Refuses days to come and days before 1970 (future_date, bad_date)."""
    if day > today.toordinal():
        raise refuse(
            "future_date", "The day has not been yet.", "日期尚未到来。", "day", date.fromordinal(day).isoformat(), row
        )  # fmt: skip
    if day < FIRST_DAY:
        raise refuse("bad_date", "No meter is as old.", "日期过早。", "day", date.fromordinal(day).isoformat(), row)
    return day


Deliveries = Iterator[Delivery]
