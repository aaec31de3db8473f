"""The minimum of a year, settled in December on the sum of the months.

Where months have divisors of their own (blocks pro rata), their sum is a fraction over the product of them all. It is
kept whole, so that December is as exact as any month; a bill seldom needs it.
"""

from collections.abc import MutableSequence, Sequence

from gridhall.rules import interval_layout as at
from gridhall.rules.exact import (
    BASE,
    MONTHS_A_YEAR,
    PLACES,
    add,
    add_product,
    add_times,
    carry,
    clear,
    minor_units,
    mul,
    negate,
    sign_of,
)
from gridhall.rules.interval_layout import YEAR_PLACES, Desk
from gridhall.rules.intervals import MONTHS

THOUSAND = 1000
BILLIONTHS_AT = 2  # the place of an amount that counts them
QUOTIENT_BITS = 62


def multiply(number: MutableSequence[int], at_: int, factor: int) -> None:
    """Multiply a long number in place, 0 <= factor < 10**18."""
    over = 0
    for k in range(at_, at_ + YEAR_PLACES - 1):
        high, low = mul(number[k], factor)
        low += over
        over = high + low // BASE
        number[k] = low % BASE
    number[at_ + YEAR_PLACES - 1] = number[at_ + YEAR_PLACES - 1] * factor + over


def add_long_times(
    total: MutableSequence[int], total_at: int, number: Sequence[int], number_at: int,
    other: Sequence[int], other_at: int, places: int, sign: int,
) -> None:  # fmt: skip
    """Add (or take away) a long number >= 0 times a number of some places."""
    for k in range(places):
        for j in range(YEAR_PLACES - k - 1):
            high, low = mul(number[number_at + j], other[other_at + k])
            total[total_at + j + k] += sign * low
            total[total_at + j + k + 1] += sign * high
        carry(total, total_at, YEAR_PLACES)


def multiply_signed(number: MutableSequence[int], at_: int, factor: int) -> None:
    """Multiply a long number of either sign in place."""
    negative = sign_of(number, at_, YEAR_PLACES) < 0
    if negative:
        negate(number, at_, YEAR_PLACES)
    multiply(number, at_, factor)
    if negative:
        negate(number, at_, YEAR_PLACES)


def minor_units_of_year(bill: Sequence[int], decimals: int, work: MutableSequence[int], work_at: int) -> int:
    """YEAR_SUM / YEAR_DIVISOR in minor units, halves away from zero: the greatest whole number of minor units that is
    not above it and a half, found bit by bit."""
    unit = MONTHS_A_YEAR
    for _ in range(9 - decimals):
        unit *= 10
    value, divisor, trial = work_at, work_at + YEAR_PLACES, work_at + 2 * YEAR_PLACES
    clear(work, work_at, 3 * YEAR_PLACES)
    for k in range(YEAR_PLACES):
        work[value + k] = bill[at.YEAR_SUM + k]
    for k in range(YEAR_PLACES - BILLIONTHS_AT):
        work[divisor + BILLIONTHS_AT + k] = bill[at.YEAR_DIVISOR + k]
    negative = sign_of(work, value, YEAR_PLACES) < 0
    if negative:
        negate(work, value, YEAR_PLACES)
    multiply(work, divisor, unit // 2)
    for k in range(YEAR_PLACES):
        work[value + k] += work[divisor + k]
    carry(work, value, YEAR_PLACES)
    multiply(work, divisor, 2)
    whole = 0
    for bit in range(QUOTIENT_BITS - 1, -1, -1):
        more = whole + (1 << bit)
        if more < BASE:
            for k in range(YEAR_PLACES):
                work[trial + k] = work[value + k]
            _take_times(work, trial, divisor, more)
            if sign_of(work, trial, YEAR_PLACES) >= 0:
                whole = more
    return -whole if negative else whole


def _take_times(work: MutableSequence[int], total_at: int, number_at: int, times: int) -> None:
    """Take a long number `times` times from another of the same room."""
    for k in range(YEAR_PLACES - 1):
        high, low = mul(times, work[number_at + k])
        work[total_at + k] -= low
        work[total_at + k + 1] -= high
    carry(work, total_at, YEAR_PLACES)


def is_one(bill: Sequence[int]) -> bool:
    """Whether no month so far has a divisor of its own."""
    return bill[at.YEAR_DIVISOR] == 1 and sign_of(bill, at.YEAR_DIVISOR + 1, YEAR_PLACES - 1) == 0


def add_over_divisor(bill: MutableSequence[int], other: Sequence[int], other_at: int) -> None:
    """Add an amount to YEAR_SUM, which is over YEAR_DIVISOR."""
    if not is_one(bill):
        add_long_times(bill, at.YEAR_SUM, bill, at.YEAR_DIVISOR, other, other_at, PLACES, 1)
        return
    for k in range(PLACES):
        bill[at.YEAR_SUM + k] += other[other_at + k]
    carry(bill, at.YEAR_SUM, YEAR_PLACES)


def settle_year(table: Sequence[int], start: int, facts: Sequence[int], month: int, divisor: int, desk: Desk) -> None:
    """A month's total under a yearly minimum: what it comes to, and in December what is missing of the minimum."""
    bill = desk.bill
    bill_at = month * at.MONTH_SIZE
    total_at = bill_at + at.PAY_TOTAL * PLACES
    fed_at = bill_at + at.PAY_FED_IN * PLACES
    if month == 0:
        bill[at.YEAR_DIVISOR] = 1
    if month == MONTHS - 1 and _december(table, start, facts, divisor, desk):
        return
    if month < MONTHS - 1:
        if divisor > 1:
            multiply_signed(bill, at.YEAR_SUM, divisor)
        add_over_divisor(bill, bill, total_at)
        if divisor > 1:
            multiply(bill, at.YEAR_DIVISOR, divisor)
    add_times(bill, total_at, bill, fed_at, PLACES, divisor)
    bill[bill_at + at.MINOR] = minor_units(bill, total_at, divisor, facts[at.DECIMALS], desk.sums, at.SUM_WORK)


def _december(table: Sequence[int], start: int, facts: Sequence[int], divisor: int, desk: Desk) -> bool:
    """Settle December where the year is below its minimum: its total is then the minimum less the months before.
    Where no month has a divisor these are amounts like any other; else YEAR_SUM / YEAR_DIVISOR becomes December's
    total (and its minimum charge what that is above its other charges)."""
    bill, sums = desk.bill, desk.sums
    bill_at = (MONTHS - 1) * at.MONTH_SIZE
    total_at = bill_at + at.PAY_TOTAL * PLACES
    minimum_at = bill_at + at.PAY_MINIMUM * PLACES
    fed_at = bill_at + at.PAY_FED_IN * PLACES
    clear(sums, at.SUM_COST, PLACES)
    add_product(sums, at.SUM_COST, THOUSAND, 0, table[start + at.MINIMUM], table[start + at.MINIMUM_REST])
    negate(bill, at.YEAR_SUM, YEAR_PLACES)
    add_over_divisor(bill, sums, at.SUM_COST)
    # What is missing: (minimum - before) × divisor - total × product of the divisors before, over both.
    work = at.SUM_BIG
    for k in range(YEAR_PLACES):
        sums[work + k] = bill[at.YEAR_SUM + k]
    multiply_signed(sums, work, divisor)
    add_long_times(sums, work, bill, at.YEAR_DIVISOR, bill, total_at, PLACES, -1)
    if sign_of(sums, work, YEAR_PLACES) <= 0:
        return False
    if divisor == 1 and is_one(bill):
        for k in range(PLACES):
            bill[minimum_at + k] = sums[work + k]
        add(bill, total_at, bill, minimum_at, 1)
        add(bill, total_at, bill, fed_at, 1)
        bill[bill_at + at.MINOR] = minor_units(bill, total_at, 1, facts[at.DECIMALS], sums, at.SUM_WORK)
        return True
    add_over_divisor(bill, bill, fed_at)
    bill[at.YEAR_OPEN] = 1
    bill[bill_at + at.MINOR] = minor_units_of_year(bill, facts[at.DECIMALS], sums, work)
    return True
