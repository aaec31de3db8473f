"""Weather and use: degree days, and how much of a change in use the weather explains.

A degree day of heating is a day one degree below the base, of cooling a day one degree above the other base.
Temperatures and bases are in tenths of a degree, so sums are whole tenths of degree days. How much more a customer
uses for a degree day is found from his own bills by least squares, exactly, in fractions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

MONTHS_LEAST = 6  # bills without which nothing is said of how a customer follows the weather
EXPLAINED_LEAST = Fraction(1, 2)  # of the variance of the use a day; with less the weather is not what moves it


@dataclass(frozen=True)
class Bases:
    """Above `cooling` people cool, below `heating` they heat; tenths of a degree Celsius."""

    heating: int
    cooling: int


@dataclass(frozen=True)
class Stretch:
    """A bill's days, its use (Wh) and the degree days in it (tenths)."""

    days: int
    wh: int
    heating: int
    cooling: int


@dataclass(frozen=True)
class Sensitivity:
    """Wh that a customer uses more for a tenth of a degree day; 0 where he does not follow that side."""

    heating: Fraction
    cooling: Fraction


def degree_days(means: Sequence[int], bases: Bases) -> tuple[int, int]:
    """(heating, cooling) in tenths of degree days, of the mean temperatures (tenths) of some days."""
    heating = sum(bases.heating - mean for mean in means if mean < bases.heating)
    return heating, sum(mean - bases.cooling for mean in means if mean > bases.cooling)


def sensitivity(history: Sequence[Stretch]) -> Sensitivity | None:
    """How the use of these bills follows the weather; None where that cannot be said.

    Least squares of wh = base × days + h × heating + c × cooling; a side that comes out negative is left out (nobody
    uses less because it is colder), and one that explains less than half of the variance of the use a day is none.
    """
    if len(history) < MONTHS_LEAST or any(each.days <= 0 for each in history):
        return None
    for sides in ((True, True), (True, False), (False, True)):
        fit = _fit(history, sides)
        if fit is not None and all(slope >= 0 for slope in fit[1:]) and _explains(history, fit):
            return Sensitivity(fit[1], fit[2])
    return None


def weather_wh(known: Sensitivity, before: Stretch, now: Stretch) -> int:
    """How much more the weather of `now` makes the customer use than that of `before` would in as many days; Wh."""
    more = known.heating * (now.heating - Fraction(before.heating * now.days, before.days))
    more += known.cooling * (now.cooling - Fraction(before.cooling * now.days, before.days))
    return int(more + Fraction(1, 2)) if more >= 0 else -int(-more + Fraction(1, 2))


Fit = tuple[Fraction, Fraction, Fraction]  # a day, a tenth of heating, a tenth of cooling


def _fit(history: Sequence[Stretch], sides: tuple[bool, bool]) -> Fit | None:
    """Least squares by the normal equations; None where they have no single answer."""
    rows = [(each.days, each.heating * sides[0], each.cooling * sides[1]) for each in history]
    used = [0, *(side + 1 for side in (0, 1) if sides[side])]
    system = [
        [Fraction(sum(row[i] * row[j] for row in rows)) for j in used]
        + [Fraction(sum(row[i] * each.wh for row, each in zip(rows, history, strict=True)))]
        for i in used
    ]
    answer = _solved(system)
    if answer is None:
        return None
    found = [Fraction(0)] * 3
    for place, value in zip(used, answer, strict=True):
        found[place] = value
    return found[0], found[1], found[2]


def _solved(system: list[list[Fraction]]) -> list[Fraction] | None:
    """Gauss–Jordan over fractions."""
    n = len(system)
    for k in range(n):
        pivot = next((row for row in range(k, n) if system[row][k] != 0), None)
        if pivot is None:
            return None
        system[k], system[pivot] = system[pivot], system[k]
        system[k] = [value / system[k][k] for value in system[k]]
        for row in range(n):
            if row != k and system[row][k] != 0:
                factor = system[row][k]
                system[row] = [value - factor * top for value, top in zip(system[row], system[k], strict=True)]
    return [row[n] for row in system]


def _explains(history: Sequence[Stretch], fit: Fit) -> bool:
    days = sum(each.days for each in history)
    mean = Fraction(sum(each.wh for each in history), days)
    whole = rest = Fraction(0)
    for each in history:
        told = fit[0] * each.days + fit[1] * each.heating + fit[2] * each.cooling
        whole += (each.wh - mean * each.days) ** 2 / each.days
        rest += (each.wh - told) ** 2 / each.days
    return whole > 0 and whole - rest >= EXPLAINED_LEAST * whole
