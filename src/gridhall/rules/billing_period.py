"""How long a bill is: the days and months that its charges are measured against, and its place in the block year."""

from collections.abc import Sequence

from gridhall.rules.blocks import entitled_months
from gridhall.rules.calendar import add_months, day_number, year_of
from gridhall.rules.layout import BLOCK_CYCLE, BLOCK_YEAR, BLOCKS, COMPONENT_SIZE, PLAN_COMPONENTS, PLAN_HEAD

DAYS_A_YEAR = 365


def months_billed(days: int) -> int:
    """How many months the days between two readings stand for: the nearest whole number, at least one.

    Reading rounds wander by days, so 27 to 45 days are a month; 46 to 76 are two (a month was skipped).
    """
    months = (24 * days + DAYS_A_YEAR) // (2 * DAYS_A_YEAR)
    return months if months > 1 else 1


def days_of_period(from_day: int, to_day: int, moved_in: int, moved_out: int) -> int:
    """The days of the whole billing period that a bill of the days from `from_day` to before `to_day` is measured by.

    A bill between two ordinary readings is a whole period, however long. A bill that begins with a move-in
    (`moved_in` = 1) is part of the month that ends with it, one that ends with a move-out of the month that begins with
    it, both of the calendar month before its end; if it is longer than that month, it is a period of its own.
    """
    days = to_day - from_day
    if moved_in == 1:
        return max(days, to_day - add_months(to_day, -1))
    if moved_out == 1:
        return max(days, add_months(from_day, 1) - from_day)
    return days


def months_of_entitlement(year: int, since_day: int) -> int:
    """Months whose block limits an agreement has in a calendar year: from the month it began to December.

    They stay the same from bill to bill, the final one too; where a tariff settles who leaves by the months of
    supply, lines of the final bill do (rules.leaving, decision 18).
    """
    return entitled_months(day_number(year, 1, 1), day_number(year + 1, 1, 1), since_day)


def has_year_blocks(table: Sequence[int], plan: int) -> bool:
    """Whether a plan counts any use against limits of the year."""
    for k in range(table[plan + PLAN_COMPONENTS]):
        component = plan + PLAN_HEAD + k * COMPONENT_SIZE
        if table[component + BLOCKS] > 1 and table[component + BLOCK_CYCLE] == BLOCK_YEAR:
            return True
    return False


def cut_at_turn(table: Sequence[int], plan: int, first: int, until: int, last_turn: int) -> int:
    """Where a segment that begins on `first` and would run to before `until` has to end, so that a plan with blocks of
    the year counts all of it in one block year: at 1 January, to that on day `last_turn`. `until` for other plans."""
    turn = day_number(year_of(first) + 1, 1, 1)
    return turn if turn < until and turn <= last_turn and has_year_blocks(table, plan) else until
