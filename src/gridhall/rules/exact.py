"""Exact sums of money beyond 64 bits: whole numbers of 18 decimal digits a place, the lowest place first.

An amount has four places and counts 10**-45 of a twelfth of the currency unit, so that a year's charge over twelve
months and a day's over 365/12 days are whole. Its places are worth 10**-45, 10**-27, 10**-9 and 10**9 twelfths; all
but the highest hold 0 to 10**18 - 1, the highest has the sign. A price has two places, worth 10**-24 and 10**-6
twelfths, and a quantity (Wh, W) two: thousandths of the priced unit and their fraction at 10**-18. Everyday prices and
quantities fill one place each, which is one product.
"""

from collections.abc import MutableSequence, Sequence

BASE = 10**18
HALF_BASE = 10**9
PLACES = 4  # of an amount
SHORT = 3_000_000_000  # two numbers below it have a product of 64 bits
DIVISOR_MAX = 9_000_000_000_000  # an amount can be divided by numbers below it
PART_OF_DIVISOR = 9_000_000_000
MONTHS_A_YEAR = 12


def mul(a: int, b: int) -> tuple[int, int]:
    """`a × b` as (high, low): high × 10**18 + low, 0 <= low. 0 <= a < 10**18, -10**18 <= b <= 10**18."""
    if a < SHORT and -SHORT < b < SHORT:
        product = a * b
        high = product // BASE
        return high, product - high * BASE
    a1 = a // HALF_BASE
    a0 = a - a1 * HALF_BASE
    b1 = b // HALF_BASE
    b0 = b - b1 * HALF_BASE
    low = a0 * b0
    carried = low // HALF_BASE
    middle = a1 * b0 + a0 * b1 + carried
    high = middle // HALF_BASE
    return a1 * b1 + high, (middle - high * HALF_BASE) * HALF_BASE + low - carried * HALF_BASE


def carry(number: MutableSequence[int], at: int, places: int) -> None:
    """Bring every place but the highest back to 0..10**18 - 1. No place may be beyond ± 9 × 10**18."""
    for k in range(at, at + places - 1):
        over = number[k] // BASE
        number[k] -= over * BASE
        number[k + 1] += over


def clear(number: MutableSequence[int], at: int, places: int) -> None:
    for k in range(at, at + places):
        number[k] = 0


def add(total: MutableSequence[int], at: int, other: Sequence[int], other_at: int, sign: int) -> None:
    """Add an amount, or take it away (`sign` 1 or -1)."""
    for k in range(PLACES):
        total[at + k] += sign * other[other_at + k]
    carry(total, at, PLACES)


def add_product(
    total: MutableSequence[int], at: int, quantity: int, fraction: int, price: int, price_rest: int
) -> None:
    """Add quantity × price: `quantity` + `fraction` × 10**-18 thousandths, `price` + `price_rest` × 10**-18 at 10**-6
    twelfths. Only the price may be negative."""
    high, low = mul(quantity, price)
    total[at + 2] += low
    total[at + 3] += high
    if price_rest != 0:
        high, low = mul(quantity, price_rest)
        total[at + 1] += low
        total[at + 2] += high
    if fraction != 0:
        high, low = mul(fraction, price)
        total[at + 1] += low
        total[at + 2] += high
        high, low = mul(fraction, price_rest)
        total[at] += low
        total[at + 1] += high
    carry(total, at, PLACES)


def add_times(
    total: MutableSequence[int], at: int, other: Sequence[int], other_at: int, places: int, times: int
) -> None:
    """Add a number of `places` places `times` times, 0 <= times < 10**18; the highest place has room for it."""
    if times == 1:
        for k in range(places):
            total[at + k] += other[other_at + k]
        carry(total, at, places)
        return
    for k in range(places):
        high, low = mul(times, other[other_at + k])
        total[at + k] += low
        if k < places - 1:
            total[at + k + 1] += high
        else:
            total[at + k] += high * BASE
    carry(total, at, places)


def sign_of(number: Sequence[int], at: int, places: int) -> int:
    """-1, 0 or 1."""
    if number[at + places - 1] < 0:
        return -1
    for k in range(at, at + places):
        if number[k] != 0:
            return 1
    return 0


def negate(number: MutableSequence[int], at: int, places: int) -> None:
    for k in range(at, at + places):
        number[k] = -number[k]
    carry(number, at, places)


def divide(number: MutableSequence[int], at: int, places: int, divisor: int) -> int:
    """Divide a number >= 0 in place, rounding down; returns the remainder. 0 < divisor < DIVISOR_MAX.

    Three or two digits of a place at a time, so that remainder and digits stay within 64 bits.
    """
    digits, steps = 1_000_000, 3
    if divisor < PART_OF_DIVISOR:
        digits, steps = HALF_BASE, 2
    rest = 0
    for k in range(at + places - 1, at - 1, -1):
        left = number[k]
        result = 0
        unit = BASE
        for _ in range(steps):
            unit = unit // digits
            digit = left // unit
            left -= digit * unit
            rest = rest * digits + digit
            part = rest // divisor
            rest -= part * divisor
            result = result * digits + part
        number[k] = result
    return rest


def minor_units(
    number: Sequence[int], at: int, divisor: int, decimals: int, work: MutableSequence[int], work_at: int
) -> int:
    """An amount / divisor in whole minor units of a currency of `decimals` (0 to 4), halves away from zero."""
    negative = number[at + PLACES - 1] < 0
    for k in range(PLACES):
        work[work_at + k] = -number[at + k] if negative else number[at + k]
    unit = 1  # billionths in a minor unit
    for _ in range(9 - decimals):
        unit *= 10
    high, low = mul(divisor, MONTHS_A_YEAR // 2 * unit)
    work[work_at + 2] += low
    work[work_at + 3] += high
    carry(work, work_at, PLACES)
    if divisor > 1:
        divide(work, work_at, PLACES, divisor)
    twelfths = work[work_at + 3] * (BASE // unit) + work[work_at + 2] // unit
    whole = twelfths // MONTHS_A_YEAR
    return -whole if negative else whole
