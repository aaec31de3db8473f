"""Is a bill believable beside the customer's own last month and last year?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from gridhall.billing import reasons
from gridhall.billing.facts import Columns, Facts
from gridhall.billing.terms import BillTerms

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
    days = np.maximum(bills["to_day"] - bills["from_day"], 1)
    rate = bills["wh"] // days
    floor = by_class(terms.floor_wh_a_day, bills["class_code"])
    highest, lowest, known = extremes(past)
    if facts.stretch.accept:
        return past, []
    settled = bills["after_estimate"] == 1
    before, last = bills["last"], facts.last_bill["wh"]
    billed = np.where(before >= 0, last[before], 0) if len(last) else np.zeros(len(before), np.int64)
    return past, [
        # what is taken back is at most what the bill before had
        (reasons.NEGATIVE, (bills["wh"] < 0) & (~settled | (-bills["wh"] > billed))),
        (reasons.TOO_HIGH, known & (rate > floor) & (rate * 1000 > terms.high_permille * highest)),
        (
            reasons.TOO_LOW,
            known & ~settled & (bills["wh"] >= 0) & (lowest > floor)
            & (rate * 1000 < terms.low_permille * lowest),
        ),
    ]  # fmt: skip


def extremes(past: Past) -> tuple[Ints, Ints, Mask]:
    """Highest and lowest use per day of the past that is known, and whether any is."""
    month = past.month_wh // np.maximum(past.month_days, 1)
    year = past.year_wh // np.maximum(past.year_days, 1)
    has_month, has_year = past.month_days > 0, past.year_days > 0
    highest = np.where(has_month & has_year, np.maximum(month, year), np.where(has_month, month, year))
    lowest = np.where(has_month & has_year, np.minimum(month, year), np.where(has_month, month, year))
    return highest, lowest, has_month | has_year


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
