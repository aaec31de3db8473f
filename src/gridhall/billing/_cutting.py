"""The loops that cut bills into segments and lay use on them, compiled like the rules they call.

A bill is cut where a term of its agreement or a version of its tariff begins or ends, where a season does if the
tariff's seasons go by days, and at 1 January if its blocks are those of the year
and December was missed. The use between two readings is
laid on the segments by days, the largest remainder first; a reading on the day of the cut therefore divides it exactly.
"""

import numpy as np
import numpy.typing as npt

from gridhall.columns.law import compiled, law
from gridhall.rules.layout import (
    ALLOWANCE_WH,
    BILL,
    CAPACITY_VA,
    CONTRACT_W,
    DEMAND_DEEP,
    DEMAND_SHARP,
    DEMAND_W,
    EXPORT_SHARP,
    EXPORT_WH,
    FROM_DAY,
    PERIOD,
    PERIOD_DAYS,
    PERIOD_MONTHS,
    PERSONS,
    PLAN,
    POWER_FACTOR_STANDARD,
    SUB_SHARE,
    SUB_WH,
    SUPPLIED_MONTHS,
    TO_DAY,
    VARH,
    WH_DEEP,
    WH_SHARP,
    WH_TOTAL,
    YEAR_MONTHS,
    YEAR_USED_WH,
)

Ints = npt.NDArray[np.int64]
split_largest = law("proration").split_largest
days_of_period = law("billing_period").days_of_period
months_billed = law("billing_period").months_billed
months_of_entitlement = law("billing_period").months_of_entitlement
cut_at_turn = law("billing_period").cut_at_turn
has_year_blocks = law("billing_period").has_year_blocks
months_of_supply = law("leaving").months_of_supply
year_of = law("calendar").year_of
cut_at_season = law("seasons").cut_at_season

# Columns of a bill to be cut (rows of `bills`).
(
    FIRST_TERM,
    LAST_TERM,
    BILL_FROM,
    BILL_TO,
    SINCE,
    UNTIL,
    YEAR,
    FIRST_YEAR,
    LAST_TURN,
    BILL_PERIOD,
    USED_BEFORE,
    FIRST_BILL,
    OUT_MONTHS,
    OUT_PERIOD_DAYS,
    OUT_YEAR_USED,
    OUT_YEAR_BLOCKS,
) = range(16)
N_BILL = 16
# Columns of a term (rows of `terms`).
TERM_SINCE, TERM_UNTIL, TERM_TARIFF, TERM_CAPACITY, TERM_CONTRACT, TERM_FACTOR, TERM_PERSONS, TERM_ALLOWANCE = range(8)
TERM_SUB_SHARE, TERM_SUB_WH = 8, 9
N_TERM = 10
# Columns of a tariff version (rows of `versions`, sorted by tariff and day; `firsts` says where a tariff's begin).
VERSION_FROM, VERSION_UNTIL = range(2)
# Columns of a piece of use (rows of `pieces`, sorted by bill).
PIECE_FROM, PIECE_TO, PIECE_TOU, PIECE_WH, PIECE_BILL = range(5)

CUT_WELL, NO_TERMS, NO_TARIFF = 0, 1, 2


@compiled
def measure(bills: Ints) -> None:
    """Days and months of the billing period of each bill."""
    for b in range(bills.shape[1]):
        from_day = bills[BILL_FROM, b]
        to_day = bills[BILL_TO, b]
        moved_in = 1 if bills[FIRST_BILL, b] == 1 and from_day == bills[SINCE, b] else 0
        moved_out = 1 if bills[UNTIL, b] <= to_day else 0
        bills[OUT_PERIOD_DAYS, b] = days_of_period(from_day, to_day, moved_in, moved_out)
        bills[OUT_MONTHS, b] = months_billed(to_day - from_day)


@compiled
def count_segments(
    bills: Ints, terms: Ints, versions: Ints, firsts: Ints, table: Ints, plans: Ints, counts: Ints, trouble: Ints
) -> None:
    """How many segments each bill has; `trouble` says which bill has days without terms or without a tariff."""
    for b in range(bills.shape[1]):
        cursor = bills[BILL_FROM, b]
        end = bills[BILL_TO, b]
        for t in range(bills[FIRST_TERM, b], bills[LAST_TERM, b]):
            if terms[TERM_UNTIL, t] <= cursor or terms[TERM_SINCE, t] >= end:
                continue
            if terms[TERM_SINCE, t] > cursor:
                break
            upto = min(end, terms[TERM_UNTIL, t])
            tariff = terms[TERM_TARIFF, t]
            for v in range(firsts[tariff], firsts[tariff + 1]):
                until = min(upto, versions[VERSION_UNTIL, v])
                while versions[VERSION_FROM, v] <= cursor < until:
                    counts[b] += 1
                    turn = cut_at_turn(table, plans[v], cursor, until, bills[LAST_TURN, b])
                    cursor = cut_at_season(table, plans[v], cursor, turn)
                if cursor == upto:
                    break
            if cursor < upto:
                trouble[b] = NO_TARIFF
                break
        if cursor < end and trouble[b] == CUT_WELL:
            trouble[b] = NO_TERMS


@compiled
def fill_segments(
    bills: Ints, terms: Ints, versions: Ints, firsts: Ints, table: Ints, plans: Ints, counts: Ints, facts: Ints, n: int
) -> None:
    """The facts of every segment but its use; bills with a count of 0 have none. `facts`: fact k of i at k × n + i."""
    i = 0
    for b in range(bills.shape[1]):
        if counts[b] == 0:
            continue
        cursor = bills[BILL_FROM, b]
        for t in range(bills[FIRST_TERM, b], bills[LAST_TERM, b]):
            if terms[TERM_UNTIL, t] <= cursor or terms[TERM_SINCE, t] >= bills[BILL_TO, b]:
                continue
            upto = min(bills[BILL_TO, b], terms[TERM_UNTIL, t])
            tariff = terms[TERM_TARIFF, t]
            for v in range(firsts[tariff], firsts[tariff + 1]):
                last = min(upto, versions[VERSION_UNTIL, v])
                while versions[VERSION_FROM, v] <= cursor < last:
                    turn = cut_at_turn(table, plans[v], cursor, last, bills[LAST_TURN, b])
                    until = cut_at_season(table, plans[v], cursor, turn)
                    facts[BILL * n + i] = b
                    facts[PLAN * n + i] = v
                    facts[FROM_DAY * n + i] = cursor
                    facts[TO_DAY * n + i] = until
                    facts[PERIOD * n + i] = bills[BILL_PERIOD, b]
                    facts[PERIOD_DAYS * n + i] = bills[OUT_PERIOD_DAYS, b]
                    facts[PERIOD_MONTHS * n + i] = bills[OUT_MONTHS, b]
                    facts[CAPACITY_VA * n + i] = terms[TERM_CAPACITY, t]
                    facts[CONTRACT_W * n + i] = terms[TERM_CONTRACT, t]
                    facts[POWER_FACTOR_STANDARD * n + i] = terms[TERM_FACTOR, t]
                    facts[PERSONS * n + i] = terms[TERM_PERSONS, t]
                    facts[ALLOWANCE_WH * n + i] = terms[TERM_ALLOWANCE, t]
                    facts[SUB_SHARE * n + i] = terms[TERM_SUB_SHARE, t]
                    facts[SUB_WH * n + i] = terms[TERM_SUB_WH, t]
                    cursor = until
                    i += 1


FIRST_DEEP, FIRST_EXPORT, BACK_REACTIVE = 7, 13, 19  # register codes: deep valley, fed in, reactive fed in


@compiled
def fact_of_register(tou: int) -> int:
    """The fact that a register's use is laid on. Reactive energy counts in both directions."""
    if tou < FIRST_DEEP:
        return WH_TOTAL + tou
    if tou < FIRST_EXPORT:
        return WH_DEEP + tou - FIRST_DEEP
    if tou < BACK_REACTIVE:
        return EXPORT_WH + tou - FIRST_EXPORT
    return VARH


@compiled
def lay_use(pieces: Ints, starts: Ints, facts: Ints, n: int, scratch: Ints) -> None:
    """Lay the pieces of use on the segments of their bill (`starts[b]` to before `starts[b + 1]`).

    Register codes 0..4 and 7 are energy by period, 5 reactive energy, 6 the highest demand and 8..12 that of a period
    (W, not laid out but taken as the highest), 13..18 energy fed in, 19 reactive energy fed in. Where a bill has
    registers by period, their sum is its energy. `scratch` has room for two segments lists.
    """
    room = scratch.shape[0] // 2
    for p in range(pieces.shape[1]):
        b = pieces[PIECE_BILL, p]
        first = starts[b]
        count = starts[b + 1] - first
        if count == 0:
            continue
        fact = fact_of_register(pieces[PIECE_TOU, p])
        place = fact * n
        wh = pieces[PIECE_WH, p]
        if fact == DEMAND_W or DEMAND_SHARP <= fact <= DEMAND_DEEP:
            for i in range(first, first + count):
                facts[place + i] = max(facts[place + i], wh)
                facts[DEMAND_W * n + i] = max(facts[DEMAND_W * n + i], wh)
        elif count == 1:
            facts[place + first] += wh
        else:
            for k in range(count):
                from_day = max(pieces[PIECE_FROM, p], facts[FROM_DAY * n + first + k])
                to_day = min(pieces[PIECE_TO, p], facts[TO_DAY * n + first + k])
                scratch[k] = max(to_day - from_day, 0)
            split_largest(wh, scratch, 0, count, scratch, room)
            for k in range(count):
                facts[place + first + k] += scratch[room + k]


@compiled
def total_of_parts(by_period: Ints, starts: Ints, facts: Ints, n: int) -> None:
    """Where a bill has registers by period (`by_period` = 1), its energy is their sum, segment by segment."""
    for b in range(by_period.shape[0]):
        if by_period[b] == 1:
            for i in range(starts[b], starts[b + 1]):
                total = facts[WH_DEEP * n + i]
                for t in range(4):
                    total += facts[(WH_SHARP + t) * n + i]
                facts[WH_TOTAL * n + i] = total


@compiled
def total_fed_in(by_period: Ints, starts: Ints, facts: Ints, n: int) -> None:
    """As `total_of_parts` for what is fed in; `by_period` = 1 where a bill has such registers by period."""
    for b in range(by_period.shape[0]):
        if by_period[b] == 1:
            for i in range(starts[b], starts[b + 1]):
                total = 0
                for t in range(5):
                    total += facts[(EXPORT_SHARP + t) * n + i]
                facts[EXPORT_WH * n + i] = total


@compiled
def place_in_year(bills: Ints, starts: Ints, facts: Ints, n: int, table: Ints, plans: Ints) -> None:
    """Where each segment stands in its block year, once all use is laid; whether any of a bill has blocks of the year.

    The rules count a segment from YEAR_USED_WH plus the use of the bill's segments before it. After a turn of the year
    that use belongs to the old one: YEAR_USED_WH takes it off again, so that the new year begins at 0. What the last
    segment has is the bill's own, and the next bill goes on from it plus the bill's whole use.
    """
    for b in range(bills.shape[1]):
        year = bills[FIRST_YEAR, b]
        used = bills[USED_BEFORE, b]
        in_bill = 0
        for i in range(starts[b], starts[b + 1]):
            here = max(year, min(bills[YEAR, b], year_of(facts[TO_DAY * n + i] - 1)))
            if here != year:
                year = here
                used = -in_bill
            facts[YEAR_USED_WH * n + i] = used
            facts[YEAR_MONTHS * n + i] = months_of_entitlement(year, bills[SINCE, b])
            in_bill += facts[WH_TOTAL * n + i]
            if has_year_blocks(table, plans[facts[PLAN * n + i]]):
                bills[OUT_YEAR_BLOCKS, b] = 1
        last = starts[b + 1] - 1
        if bills[UNTIL, b] <= bills[BILL_TO, b] and last >= starts[b]:
            entitled = facts[YEAR_MONTHS * n + last]
            facts[SUPPLIED_MONTHS * n + last] = months_of_supply(bills[YEAR, b], entitled, facts[TO_DAY * n + last])
        bills[OUT_YEAR_USED, b] = used
