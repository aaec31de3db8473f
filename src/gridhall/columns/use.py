"""The use of registers over columns: the rule of `rules.usage`, row by row, compiled."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridhall.columns.law import compiled, law

Ints = NDArray[np.int64]

_register_use: Any = law("usage").register_use
_steps_back: Any = law("usage").steps_back
_advance: Any = law("usage").advance
_estimated_use: Any = law("usage").estimated_use


@compiled
def _uses(
    previous: Ints, current: Ints, digits: Ints, decimals: Ints, multiplier: Ints, after: Ints, out: Ints
) -> None:
    for i in range(len(out)):
        out[i] = _register_use(previous[i], current[i], digits[i], decimals[i], multiplier[i], after[i])


@compiled
def _back(previous: Ints, current: Ints, digits: Ints, decimals: Ints, out: NDArray[np.bool_]) -> None:
    for i in range(len(out)):
        out[i] = _steps_back(previous[i], current[i], digits[i], decimals[i])


@compiled
def _advances(previous: Ints, current: Ints, digits: Ints, decimals: Ints, out: Ints) -> None:
    for i in range(len(out)):
        out[i] = _advance(previous[i], current[i], digits[i], decimals[i])


@compiled
def _estimates(known: Ints, known_days: Ints, days: Ints, out: Ints) -> None:
    for i in range(len(out)):
        out[i] = _estimated_use(known[i], known_days[i], days[i])


def register_uses(
    previous: Ints, current: Ints, digits: Ints, decimals: Ints, multiplier: Ints, after_estimate: Ints
) -> Ints:
    """Wh of each register between two values; columns as in rules.usage.register_use, int64 of equal length."""
    out = np.empty(len(previous), np.int64)
    _uses(previous, current, digits, decimals, multiplier, after_estimate, out)
    return out


def step_backs(previous: Ints, current: Ints, digits: Ints, decimals: Ints) -> NDArray[np.bool_]:
    """Where a register would have run through more than half of all its values (rules.usage.steps_back)."""
    out = np.empty(len(previous), np.bool_)
    _back(previous, current, digits, decimals, out)
    return out


def advances(previous: Ints, current: Ints, digits: Ints, decimals: Ints) -> Ints:
    """How far each register moved on, in units of its last decimal (rules.usage.advance)."""
    out = np.empty(len(previous), np.int64)
    _advances(previous, current, digits, decimals, out)
    return out


def estimated_uses(known: Ints, known_days: Ints, days: Ints) -> Ints:
    """Estimates for stretches of days from the use of known stretches (rules.usage.estimated_use)."""
    out = np.empty(len(known), np.int64)
    _estimates(known, known_days, days, out)
    return out
