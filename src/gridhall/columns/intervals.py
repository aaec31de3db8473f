"""Many interval tariffs over one load: the walks over slots and steps are the rules, compiled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from gridhall.columns.law import law
from gridhall.rules.calendar import is_leap
from gridhall.rules.interval_tariff import IntervalTariff, MonthBill, SlotLoad, year_of_bills
from gridhall.rules.intervals import SLOTS

Ints = npt.NDArray[np.int64]
_rules = law("intervals")
STEP_MAX = 1 << 40  # Wh in one step; a month of 15-minute steps then stays far inside 64 bits


@dataclass(frozen=True)
class Load:
    """A year of energy by steps: whole Wh (int64), steps to the hour, the slot of each step, and the slots' sums."""

    wh: Ints
    slots: Ints
    gathered: SlotLoad


def load_of(wh: Ints, year: int, first_weekday: int, steps: int, meters: int = 1) -> Load:
    """Gather a load. Raises ValueError unless it has exactly the steps of the year, none negative or beyond bounds."""
    days = 366 if is_leap(year) else 365
    if len(wh) != days * 24 * steps:
        raise ValueError(f"{len(wh)} values, but {year} has {days * 24 * steps} steps ({steps} an hour)")
    if len(wh) and (int(wh.min()) < 0 or int(wh.max()) > STEP_MAX):
        raise ValueError(f"value {int(np.argmax((wh < 0) | (wh > STEP_MAX))) + 1} is negative or beyond bounds")
    slots = np.empty(len(wh), np.int64)
    _rules.place_steps(year, first_weekday, steps, slots)
    sums, peaks = np.empty(SLOTS, np.int64), np.empty(SLOTS, np.int64)
    _rules.gather_slots(wh, slots, len(wh), sums, peaks)
    return Load(wh, slots, SlotLoad(year, steps, cast(Sequence[int], sums), cast(Sequence[int], peaks), meters))


def _walk_periods(
    schedule: Sequence[int], periods: int, slot_wh: Sequence[int], slot_peak: Sequence[int], wh: list[int],
    peak: list[int],
) -> None:  # fmt: skip
    sums, peaks = np.empty(len(wh), np.int64), np.empty(len(wh), np.int64)
    _rules.by_period(np.array(schedule, np.int64), periods, slot_wh, slot_peak, sums, peaks)
    wh[:], peak[:] = sums.tolist(), peaks.tolist()


def _walk_time(
    load: Sequence[int], slots: Sequence[int], count: int, schedule: Sequence[int], periods: int, blocks: int,
    scale: int, limits: Sequence[int], out: list[int],
) -> None:  # fmt: skip
    filled = np.empty(len(out), np.int64)
    _rules.fill_in_time(
        load, slots, count, np.array(schedule, np.int64), periods, blocks, scale, np.array(limits, np.int64), filled
    )
    out[:] = filled.tolist()


def rate_load(tariff: IntervalTariff, load: Load, meeting: str) -> list[MonthBill]:
    """The twelve bills of a load by a tariff. Raises ValueError where its blocks are too fine to count in 64 bits."""
    return year_of_bills(
        tariff, load.gathered, cast(Sequence[int], load.wh), cast(Sequence[int], load.slots), meeting,
        _walk_periods, _walk_time,
    )  # fmt: skip
