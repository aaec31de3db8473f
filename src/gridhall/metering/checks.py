"""The checks that a reading meets before it may be billed: pure decisions over columns.

Each row gets the first reason that fits, or 0: accepted. A reason holds the reading for a person and nothing else.
The size of a use is judged by `rules.plausible`; what is a surprise is dated data: `limits`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridhall.columns.plausible import Limits, judge_uses, least_uses, most_uses
from gridhall.columns.use import register_uses, step_backs
from gridhall.metering.limits import Thresholds
from gridhall.metering.models import ACTUAL, CUSTOMER_READ, TOTAL
from gridhall.metering.registers import is_demand, is_part, is_taken
from gridhall.rules import plausible

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CONFLICT, OUT_OF_ORDER, BELOW_PREVIOUS, GAP, PARTS_DIFFER, TOO_HIGH, ZERO_USE, TOO_LOW, UNLIKE_NEIGHBOURS = range(1, 10)
ESTIMATE_THERE, CUSTOMER, MISSING = 10, 11, 20


DAYS_LEAST = 20


class Reason(NamedTuple):
    """A reason in words: its stable code, and what a person is told."""

    code: str
    en: str
    zh: str


REASONS: dict[int, Reason] = {
    CONFLICT: Reason("conflict", "Another value was read for the same time", "同期已有不同示数"),
    OUT_OF_ORDER: Reason("out_of_order", "A later reading is there already", "已有更晚的抄表"),
    BELOW_PREVIOUS: Reason("below_previous", "Below the previous value", "示数低于上次（疑似倒走或误抄）"),
    GAP: Reason("gap", "Readings between this one and the previous are missing", "与上次抄表之间漏抄"),
    PARTS_DIFFER: Reason("parts_differ", "The periods do not add up to the total", "各时段电量之和与总电量不符"),
    TOO_HIGH: Reason("too_high", "Far more than this customer used before", "电量突增"),
    ZERO_USE: Reason("zero_use", "No use, though this customer used energy before", "零电量"),
    TOO_LOW: Reason("too_low", "Far less than this customer used before", "电量突减"),
    UNLIKE_NEIGHBOURS: Reason("unlike_neighbours", "Far more than the neighbours use", "远高于同区同类用户"),
    ESTIMATE_THERE: Reason(
        "estimate_there", "The period has been estimated; it may be billed", "本期已估抄，可能已出账"
    ),
    CUSTOMER: Reason("customer_read", "Read by the customer: have a look", "用户自报示数，待核"),
    MISSING: Reason("missing", "No reading of the period", "本期无抄表"),
}


@dataclass(frozen=True)
class Facts:
    """What is known of each reading; int64 columns of equal length, days as day numbers, 0 where nothing is known.

    `actual_*`: the last value before it that is no estimate: size is judged from there, for what was estimated too high
    comes back in the next reading. `past_*`: where the last three months before the previous value begin. `year_*`: the
    same month of last year. `meter_id` and `parts` (how many registers of SHARP to VALLEY the meter has) tie the
    registers of a meter together.
    Flags tell what stands there already.
    """

    meter_id: Ints
    tou: Ints
    digits: Ints
    decimals: Ints
    multiplier: Ints
    kind: Ints
    read_on: Ints
    value: Ints
    previous_on: Ints
    previous_value: Ints
    previous_kind: Ints
    actual_on: Ints
    actual_value: Ints
    past_on: Ints
    past_value: Ints
    year_from_on: Ints
    year_from_value: Ints
    year_to_on: Ints
    year_to_value: Ints
    parts: Ints
    conflict: Flags
    estimate_there: Flags
    read_later: Flags


@dataclass(frozen=True)
class Uses:
    """The use of each reading since the last value that is no estimate, Wh, and the highest and lowest day known to
    compare it with, Wh a day, -1 unknown."""

    wh: Ints
    days: Ints
    high_per_day: Ints
    low_per_day: Ints

    @property
    def per_day(self) -> Ints:
        """Wh a day of the reading itself; 0 for a stretch of no days."""
        return np.where(self.days > 0, self.wh // np.maximum(self.days, 1), 0)


@dataclass(frozen=True)
class Decisions:
    """A reason for each row (0: accepted) and what was expected of it: Wh from and to, -1 unknown."""

    reason: Ints
    uses: Uses
    from_wh: Ints
    to_wh: Ints


def uses_of(facts: Facts) -> Uses:
    """What each reading means in Wh, and the highest and lowest day that is known of its register."""
    # a demand register shows the month's highest demand: it starts anew, nothing is taken away
    wh = _between(facts, np.where(is_demand(facts.tou), 0, facts.actual_value), facts.value)
    wh[facts.actual_on == 0] = 0
    past = _per_day(facts, facts.past_on, facts.past_value, facts.previous_on, facts.previous_value)
    year = _per_day(facts, facts.year_from_on, facts.year_from_value, facts.year_to_on, facts.year_to_value)
    low = np.where(past < 0, year, np.where(year < 0, past, np.minimum(past, year)))
    return Uses(wh, facts.read_on - facts.actual_on, np.maximum(past, year), low)


def _between(facts: Facts, previous: Ints, current: Ints) -> Ints:
    after = np.zeros(len(previous), np.int64)
    return register_uses(previous, current, facts.digits, facts.decimals, facts.multiplier, after)


def _per_day(facts: Facts, from_on: Ints, from_value: Ints, to_on: Ints, to_value: Ints) -> Ints:
    """Wh a day between two values; -1 where one is not known, where the register stepped back between them (one was an
    estimate), and over a few days, which say little of a month."""
    days = to_on - from_on
    back = step_backs(from_value, to_value, facts.digits, facts.decimals)
    known = (from_on > 0) & (to_on > 0) & (days >= DAYS_LEAST) & ~back
    return np.where(known, _between(facts, from_value, to_value) // np.maximum(days, 1), -1)


def decide(facts: Facts, uses: Uses, neighbour_wh_per_day: Ints, limits: Thresholds) -> Decisions:
    """The reason for each reading, and the bounds between which its use was expected."""
    per_day, judged = uses.per_day, _judged(facts)
    verdict = np.where(judged, judge_uses(uses.wh, per_day, uses.high_per_day, uses.low_per_day, _own(limits)), 0)
    strange = np.where(uses.high_per_day < 0, neighbour_wh_per_day, plausible.UNKNOWN)
    unlike = judge_uses(uses.wh, per_day, strange, strange, _of_neighbours(limits))
    back = step_backs(facts.actual_value, facts.value, facts.digits, facts.decimals)
    tests: list[tuple[int, Flags]] = [
        (CONFLICT, facts.conflict),
        (OUT_OF_ORDER, (facts.read_on < facts.previous_on) | facts.read_later),
        (BELOW_PREVIOUS, back & ~is_demand(facts.tou)),
        (GAP, (facts.previous_on == 0) | (facts.read_on - facts.previous_on > limits.gap_days)),
        (PARTS_DIFFER, parts_differ(facts, uses, limits)),
        (TOO_HIGH, verdict == plausible.TOO_HIGH),
        (ZERO_USE, verdict == plausible.NOTHING_USED),
        (TOO_LOW, verdict == plausible.TOO_LOW),
        (UNLIKE_NEIGHBOURS, judged & (unlike == plausible.TOO_HIGH)),
        (ESTIMATE_THERE, facts.estimate_there),
        (CUSTOMER, facts.kind == CUSTOMER_READ),
    ]
    reason = np.zeros(len(facts.value), np.int64)
    for code, found in reversed(tests):
        reason[found] = code
    return Decisions(reason, uses, *_expected(uses, neighbour_wh_per_day, limits))


def _own(limits: Thresholds) -> Limits:
    """What is believed of a register beside its own past."""
    return Limits(
        high_permille=limits.high_permille, spare=limits.high_spare_wh_per_day, floor=0,
        low_permille=limits.low_permille, low_from=limits.low_from_wh_per_day, zero_from=limits.zero_from_wh_per_day,
    )  # fmt: skip


def _of_neighbours(limits: Thresholds) -> Limits:
    """What is believed of one without a past, beside the neighbours: it may be as low as it will."""
    return Limits(
        high_permille=limits.neighbour_permille, spare=limits.high_spare_wh_per_day, floor=0,
        low_permille=0, low_from=0, zero_from=plausible.FAR,
    )  # fmt: skip


def _expected(uses: Uses, neighbour_wh_per_day: Ints, limits: Thresholds) -> tuple[Ints, Ints]:
    """The bounds (Wh) between which each use was expected, -1 unknown."""
    days, known = np.maximum(uses.days, 0), uses.high_per_day >= 0
    least = least_uses(uses.low_per_day, _own(limits))
    most = np.where(
        known, most_uses(uses.high_per_day, _own(limits)), most_uses(neighbour_wh_per_day, _of_neighbours(limits))
    )
    return (
        np.where(known, least * days, plausible.UNKNOWN),
        np.where(known | (neighbour_wh_per_day >= 0), most * days, plausible.UNKNOWN),
    )


def _judged(facts: Facts) -> Flags:
    """Readings whose size is looked at: what is read of a register of energy taken over at least a day. Reactive
    energy, demand and what the sun feeds in swing too freely, and an estimate is as good as what it came from."""
    read = (facts.kind == ACTUAL) | (facts.kind == CUSTOMER_READ)
    judged: Flags = read & is_taken(facts.tou) & (facts.read_on > facts.actual_on)
    return judged


def parts_differ(facts: Facts, uses: Uses, limits: Thresholds) -> Flags:
    """Rows of meters whose peak, flat, valley… do not add up to their total; looked at where all of them were read that
    day, each from the same day on."""
    part = is_part(facts.tou)
    total = facts.tou == TOTAL
    wrong = np.zeros(len(facts.value), np.bool_)
    rows = np.flatnonzero((part | total) & (facts.parts > 0))
    if len(rows) == 0:
        return wrong
    keys = np.stack([facts.meter_id[rows], facts.read_on[rows], facts.actual_on[rows]])
    _, group = np.unique(keys, axis=1, return_inverse=True)
    group = group.reshape(-1)
    size = int(group.max()) + 1
    counted, totals, sum_parts, sum_total, step = (np.zeros(size, np.int64) for _ in range(5))
    np.add.at(counted, group, part[rows])
    np.add.at(totals, group, total[rows])
    np.add.at(sum_parts, group, np.where(part[rows], uses.wh[rows], 0))
    np.add.at(sum_total, group, np.where(total[rows], uses.wh[rows], 0))
    # one step of the last decimal of each register may be lost in reading
    np.add.at(step, group, 1000 * facts.multiplier[rows] // 10 ** facts.decimals[rows] + 1)
    allowed = np.abs(sum_total) * limits.parts_permille // 1000 + step
    bad = (totals[group] == 1) & (counted[group] == facts.parts[rows])
    wrong[rows] = bad & (np.abs(sum_parts - sum_total) > allowed)[group]
    return wrong


@dataclass(frozen=True)
class Medians:
    """Median Wh a day and number of members of each group of neighbours that has enough of them."""

    area_id: Ints
    class_code: Ints
    tou: Ints
    wh_per_day: Ints
    members: Ints


def medians(area_id: Ints, class_code: Ints, tou: Ints, per_day: Ints, least: int) -> Medians:
    """The middle use a day (the lower of two) of each area, class and kind of register with `least` members or more."""
    order = np.lexsort((per_day, tou, class_code, area_id))
    keys = np.stack([area_id[order], class_code[order], tou[order]])
    if len(order) == 0:
        return Medians(*(np.zeros(0, np.int64) for _ in range(5)))
    starts = np.flatnonzero(np.r_[True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)])
    members = np.diff(np.r_[starts, len(order)])
    enough = members >= least
    middle = starts + (members - 1) // 2
    area, group_class, kind = (keys[k][starts][enough] for k in range(3))
    return Medians(area, group_class, kind, per_day[order][middle][enough], members[enough])
