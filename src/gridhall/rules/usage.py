"""From the values of a register to the use of a period.

A register's value is a whole number of its last decimal: 123.45 kWh on a register with two decimals is
12345. Its multiplier (CT × PT) is a whole number. Use is in Wh (varh for a reactive register, W for a
demand register).
"""

from collections.abc import Sequence

from gridhall.rules.units import mul_div

POWERS = (1, 10, 100, 1000, 10000, 100000, 1000000)


def span_of(digits: int, decimals: int) -> int:
    """How many values a register has before it turns over to zero: 10**(digits + decimals), at most
    10**18."""
    span = 1
    for _ in range(digits + decimals):
        span *= 10
    return span


def advance(previous: int, current: int, digits: int, decimals: int) -> int:
    """How far a register has moved on. A value below the previous one means that it has turned over once.

    Whether it turned over or was read wrongly is for the reading checks to say: an advance of more than
    half of all values is more likely a step back (`steps_back`).
    """
    if current >= previous:
        return current - previous
    return current - previous + span_of(digits, decimals)


def steps_back(previous: int, current: int, digits: int, decimals: int) -> bool:
    """True when the register would have had to run through more than half of all its values: it was read
    wrongly, or an estimate before it was too high."""
    return current < previous and 2 * advance(previous, current, digits, decimals) > span_of(digits, decimals)


def energy_of(units: int, decimals: int, multiplier: int) -> int:
    """Wh for an advance (or, negative, a correction) in units of the last decimal: × 1000 × multiplier /
    10**decimals.

    Half a Wh is rounded up, away from zero; with three decimals or fewer nothing needs rounding.
    """
    if decimals <= 3:
        return units * POWERS[3 - decimals] * multiplier
    divisor = POWERS[decimals - 3]
    # quotient and remainder apart, so that 64 bits hold whatever a register may be entered with
    whole, rest = abs(units) // divisor, abs(units) % divisor
    size = whole * multiplier + (2 * rest * multiplier + divisor) // (2 * divisor)
    return -size if units < 0 else size


def register_use(previous: int, current: int, digits: int, decimals: int, multiplier: int, after_estimate: int) -> int:
    """The use of one register, Wh, between two values of it.

    `after_estimate` = 1: the previous value was estimated. Then a value slightly below it is no turn-over
    but shows that the estimate was too high: the use is negative and corrects it (the true-up).
    """
    if after_estimate == 1 and steps_back(previous, current, digits, decimals):
        return energy_of(current - previous, decimals, multiplier)
    return energy_of(advance(previous, current, digits, decimals), decimals, multiplier)


def use_over_exchange(
    previous: Sequence[int],
    current: Sequence[int],
    digits: Sequence[int],
    decimals: Sequence[int],
    multiplier: Sequence[int],
    pieces: int,
) -> int:
    """The use over meter exchanges, Wh: each meter from its first value (previous reading, or as installed)
    to its last (as removed, or current reading), each with its own digits, decimals and multiplier."""
    total = 0
    for k in range(pieces):
        total += register_use(previous[k], current[k], digits[k], decimals[k], multiplier[k], 0)
    return total


def estimated_use(known_wh: int, known_days: int, days: int) -> int:
    """An estimate for `days` from the use of a known stretch of days, to the nearest Wh, halves up. No
    known days: 0."""
    if known_days <= 0:
        return 0
    whole, rest = mul_div(known_wh, days, known_days)
    return whole + 1 if 2 * rest >= known_days else whole


def true_up(actual_wh: int, estimated_wh: int) -> int:
    """What an actual reading after estimates adds to (or, negative, takes back from) the energy that was
    billed on estimates: the actual use since the last actual reading, less all that was estimated since."""
    return actual_wh - estimated_wh
