"""The late-payment charge (违约金) on one open item.

The charge of a day is a rate (10**-6 of the open principal per day) that may differ between the year in
which the debt fell due and the years after it. It is never charged on a late charge. What has been charged
already is deducted; when a part is paid, the charge up to that day accrues on the old principal and
counting goes on from there on what is left. What accrues by the days is kept apart from what is charged,
since the least charge (1 yuan) lifts the item's whole charge once, however often a part is paid.
"""

from collections.abc import Sequence

from gridhall.rules.calendar import day_number, year_of
from gridhall.rules.units import mul_div, rounded

RATE_ONE = 1_000_000  # 100 % a day
FROM_DUE_DAY, FROM_DAY_AFTER = 0, 1  # is the due day itself the first day that counts?


def counted_days(due_day: int, upto_day: int, as_of: int, start: int, inclusive: int) -> tuple[int, int]:
    """The stretch of days that count after `upto_day` (up to which the charge has been made; the due day when
    none was) until `as_of`: (first day, day after the last); nothing counts where they are not in order.

    `start`: FROM_DAY_AFTER, the day after the due day is the first (FROM_DUE_DAY: the due day itself).
    `inclusive` = 1: the day of payment counts too.
    """
    first = due_day if start == FROM_DUE_DAY else due_day + 1
    if upto_day > due_day:
        first = max(first, upto_day + 1 if inclusive == 1 else upto_day)
    return first, as_of + 1 if inclusive == 1 else as_of


def by_year(due_day: int, first: int, end: int) -> tuple[int, int]:
    """A stretch of days, its end excluded: (days in the year of the debt, days carried over into later years)."""
    if end <= first:
        return 0, 0
    new_year = day_number(year_of(due_day) + 1, 1, 1)
    own = max(min(end, new_year) - first, 0)
    return own, end - first - own


def days_late(due_day: int, upto_day: int, as_of: int, start: int, inclusive: int) -> tuple[int, int]:
    """Days that count (`counted_days`): in the year of the debt, and carried over into later years."""
    first, end = counted_days(due_day, upto_day, as_of, start, inclusive)
    return by_year(due_day, first, end)


def days_excused(due_day: int, first: int, end: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Of a stretch of days those on which nothing accrues: (in the year of the debt, carried over).

    `spans`: exemptions and disputes as (first day, day after the last), in any order; a day in two of them is
    left out once.
    """
    own, carried, reached = 0, 0, first
    for since, until in sorted(spans):
        from_day, to_day = max(since, reached), min(until, end)
        if from_day < to_day:
            in_own, in_later = by_year(due_day, from_day, to_day)
            own, carried, reached = own + in_own, carried + in_later, to_day
    return own, carried


def late_charge(
    principal: int,
    due_day: int,
    upto_day: int,
    as_of: int,
    rate: int,
    rate_carried: int,
    start: int,
    inclusive: int,
    minimum: int,
    cap_permille: int,
    accrued: int,
    charged: int,
    excused: int = 0,
    excused_carried: int = 0,
) -> tuple[int, int]:
    """On an item with `principal` open since `upto_day`: what accrues by the days since, and the late charge
    to add now; both in minor units.

    `rate`, `rate_carried`: 10**-6 per day in the year of the debt and in later years. `minimum`: the least
    that an item's whole late charge comes to once any is due (0 none). `cap_permille`: the most, in
    thousandths of the open principal (0 none). `accrued`, `charged`: what accrued on this item and
    what was charged so far. `excused`, `excused_carried`: days of the stretch on which nothing accrues
    (`days_excused`). Rounded to the minor unit, halves up; never below 0.
    """
    own, carried = days_late(due_day, upto_day, as_of, start, inclusive)
    own, carried = own - excused, carried - excused_carried
    if principal <= 0 or own + carried == 0:
        return 0, 0
    whole, rest = mul_div(principal, own * rate + carried * rate_carried, RATE_ONE)
    accrues = rounded(whole, rest, RATE_ONE, 0)
    total = max(accrued + accrues, minimum)
    if cap_permille > 0:
        most, _ = mul_div(principal, cap_permille, 1000)
        total = min(total, most)
    return accrues, max(total - charged, 0)
