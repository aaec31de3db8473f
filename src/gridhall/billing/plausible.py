"""Is a bill believable beside the customer's own last month and last year?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from gridhall.billing import reasons
from gridhall.billing.facts import Columns, Facts
from gridhall.billing.terms import BillTerms
from gridhall.columns.plausible import Limits, back_too_much, judge_uses
from gridhall.rules import plausible

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Past:
    """What the same agreements were billed last month and in the same month last year; days 0 where they were not."""

    month_wh: Ints
    month_amount: Ints
    month_days: Ints
    year_wh: Ints
    year_amount: Ints
    year_days: Ints

    def of(self, rows: Ints) -> Past:
        """These rows alone."""
        return Past(*(getattr(self, field.name)[rows] for field in fields(self)))


def judge(facts: Facts, bills: Columns, terms: BillTerms) -> tuple[Past, list[tuple[str, Mask]]]:
    """The past of each bill, and which bills are doubtful for which reason. None where a
    person has accepted them; a true-up after an estimate may be low or negative."""
    month = _of_agreements(facts.last_month, bills["agreement_id"])
    year = _of_agreements(facts.last_year, bills["agreement_id"])
    past = Past(*month, *year)
    if facts.stretch.accept:
        return past, []
    rate = bills["wh"] // np.maximum(bills["to_day"] - bills["from_day"], 1)
    highest, lowest = extremes(past)
    floor = by_class(terms.floor_wh_a_day, bills["class_code"])
    verdict = judge_uses(bills["wh"], rate, highest, lowest, limits(terms.high_permille, terms.low_permille, floor))
    before, last = bills["last"], facts.last_bill["wh"]
    billed = np.where(before >= 0, last[before], 0) if len(last) else np.zeros(len(before), np.int64)
    return past, [
        (reasons.NEGATIVE, back_too_much(bills["wh"], bills["after_estimate"], billed)),
        (reasons.TOO_HIGH, verdict == plausible.TOO_HIGH),
        (reasons.TOO_LOW, (verdict == plausible.TOO_LOW) & (bills["after_estimate"] == 0) & (bills["wh"] >= 0)),
    ]


def limits(high_permille: int, low_permille: int, floor: Ints) -> Limits:
    """What is believed of a bill; below the floor of its class (Wh a day) nothing is a surprise."""
    return Limits(high_permille, 0, floor, low_permille, floor, plausible.FAR)


def extremes(past: Past) -> tuple[Ints, Ints]:
    """Highest and lowest use a day of the past that is known (Wh), -1 where none is."""
    month = np.where(past.month_days > 0, past.month_wh // np.maximum(past.month_days, 1), plausible.UNKNOWN)
    year = np.where(past.year_days > 0, past.year_wh // np.maximum(past.year_days, 1), plausible.UNKNOWN)
    lowest = np.where(month < 0, year, np.where(year < 0, month, np.minimum(month, year)))
    return np.maximum(month, year), lowest


def by_class(table: Mapping[int, int], classes: Ints) -> Ints:
    """The value of each class; a class without one gets the least of all."""
    values = np.full(max(max(table), int(classes.max(initial=0))) + 1, min(table.values()), np.int64)
    for code, value in table.items():
        values[code] = value
    return values[classes]


def places(keys: Ints, wanted: Ints) -> Ints:
    """Where each of `wanted` stands in `keys` (in any order; the last of equals); -1 where it does not."""
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys, wanted, side="right", sorter=order), len(keys)) - 1
    found = order[np.maximum(at, 0)]
    return np.where(keys[found] == wanted, found, -1).astype(np.int64)


def _of_agreements(past: Columns, agreements: Ints) -> tuple[Ints, Ints, Ints]:
    """Wh, amount and days of the bills of these agreements; 0 where there is none."""
    if not len(past["agreement_id"]):
        nothing = np.zeros(len(agreements), np.int64)
        return nothing, nothing, nothing
    at = places(past["agreement_id"], agreements)
    there = at >= 0
    days = past["to_on"] - past["from_on"]
    return (
        np.where(there, past["wh"][at], 0),
        np.where(there, past["amount"][at], 0),
        np.where(there, days[at], 0),
    )
