"""Which uses are believable, over columns: the rule of `rules.plausible`, row by row, compiled."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridhall.columns.law import compiled, law

Ints = NDArray[np.int64]

_judge_use: Any = law("plausible").judge_use
_most_believed: Any = law("plausible").most_believed
_least_believed: Any = law("plausible").least_believed
_takes_back_too_much: Any = law("plausible").takes_back_too_much


@dataclass(frozen=True)
class Limits:
    """What counts as a surprise, as in rules.plausible: thousandths, and Wh a day; a column where it differs by row."""

    high_permille: int
    spare: int
    floor: Ints | int
    low_permille: int
    low_from: Ints | int
    zero_from: int


@compiled
def _judge(
    wh: Ints, per_day: Ints, highest: Ints, lowest: Ints, high_permille: int, spare: int, floor: Ints,
    low_permille: int, low_from: Ints, zero_from: int, out: Ints,
) -> None:  # fmt: skip
    for i in range(len(out)):
        out[i] = _judge_use(
            wh[i], per_day[i], highest[i], lowest[i], high_permille, spare, floor[i], low_permille, low_from[i],
            zero_from,
        )  # fmt: skip


@compiled
def _most(highest: Ints, high_permille: int, spare: int, floor: Ints, out: Ints) -> None:
    for i in range(len(out)):
        out[i] = _most_believed(highest[i], high_permille, spare, floor[i])


@compiled
def _least(lowest: Ints, low_permille: int, out: Ints) -> None:
    for i in range(len(out)):
        out[i] = _least_believed(lowest[i], low_permille)


@compiled
def _back(wh: Ints, after_estimate: Ints, billed_before: Ints, out: NDArray[np.bool_]) -> None:
    for i in range(len(out)):
        out[i] = _takes_back_too_much(wh[i], after_estimate[i], billed_before[i])


def judge_uses(wh: Ints, per_day: Ints, highest: Ints, lowest: Ints, limits: Limits) -> Ints:
    """The verdict of rules.plausible.judge_use on each row; int64 columns of equal length."""
    out = np.empty(len(wh), np.int64)
    _judge(
        wh, per_day, highest, lowest, limits.high_permille, limits.spare, _column(limits.floor, len(wh)),
        limits.low_permille, _column(limits.low_from, len(wh)), limits.zero_from, out,
    )  # fmt: skip
    return out


def most_uses(highest: Ints, limits: Limits) -> Ints:
    """The most that is believed beside each highest day known, Wh a day (rules.plausible.most_believed)."""
    out = np.empty(len(highest), np.int64)
    _most(highest, limits.high_permille, limits.spare, _column(limits.floor, len(highest)), out)
    return out


def least_uses(lowest: Ints, limits: Limits) -> Ints:
    """The least that is believed beside each lowest day known, Wh a day (rules.plausible.least_believed)."""
    out = np.empty(len(lowest), np.int64)
    _least(lowest, limits.low_permille, out)
    return out


def _column(value: Ints | int, rows: int) -> Ints:
    return np.full(rows, value, np.int64) if isinstance(value, int) else value


def back_too_much(wh: Ints, after_estimate: Ints, billed_before: Ints) -> NDArray[np.bool_]:
    """Where more is taken back than the bill before had (rules.plausible.takes_back_too_much)."""
    out = np.empty(len(wh), np.bool_)
    _back(wh, after_estimate, billed_before, out)
    return out
