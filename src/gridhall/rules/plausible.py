"""Is a use believable beside what was used before? The one rule, for readings when they come in and for bills.

Use is compared in Wh a day, so that a longer month is no surprise. What counts as a surprise is dated data of
the room that asks (metering.limits, billing.terms).
"""

UNKNOWN = -1  # nothing to compare with
FAR = 1 << 60  # above any use
BELIEVED, TOO_HIGH, NOTHING_USED, TOO_LOW = 0, 1, 2, 3


def most_believed(highest: int, high_permille: int, spare: int, floor: int) -> int:
    """The most (Wh a day) that is believed of one whose highest day known is `highest`.

    `spare` may be used beyond it without a question; below `floor` nothing is too high.
    """
    return max(highest * high_permille // 1000 + spare, floor)


def least_believed(lowest: int, low_permille: int) -> int:
    """The least (Wh a day) that is believed of one whose lowest day known is `lowest`."""
    return lowest * low_permille // 1000


def judge_use(
    wh: int,
    per_day: int,
    highest: int,
    lowest: int,
    high_permille: int,
    spare: int,
    floor: int,
    low_permille: int,
    low_from: int,
    zero_from: int,
) -> int:
    """How a use of `wh`, `per_day` Wh a day, stands beside the highest and lowest day known (UNKNOWN: none).

    `low_from`: who uses less than this a day is never too low. `zero_from`: who uses less than this may well
    use nothing (FAR: no use is judged as any low use is). |per_day| and |highest| below 2**50.
    """
    if highest >= 0 and per_day > most_believed(highest, high_permille, spare, floor):
        return TOO_HIGH
    if lowest < 0:
        return BELIEVED
    if wh == 0 and lowest >= zero_from:
        return NOTHING_USED
    if lowest >= low_from and per_day < least_believed(lowest, low_permille):
        return TOO_LOW
    return BELIEVED


def takes_back_too_much(wh: int, after_estimate: int, billed_before: int) -> bool:
    """Whether a negative use is more than what an estimate on the bill before explains: what is taken back
    is at most what that bill had (`billed_before`, Wh)."""
    return wh < 0 and (after_estimate == 0 or -wh > billed_before)
