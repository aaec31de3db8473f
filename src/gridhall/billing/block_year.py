"""Where bills stand in the block year: it runs from December's reading to the next, whatever days these fall on.

A bill is of the year of its period, from its first day on. Only where December was not billed by itself does a bill
reach back over the turn; then it is cut at 1 January.
"""

from datetime import date

import numpy as np
import numpy.typing as npt

from gridhall.billing import _cutting as cutting
from gridhall.billing.facts import Columns, Facts

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
EPOCH = date(1970, 1, 1).toordinal()
DECEMBER = 12


def _year_of(days: Ints) -> Ints:
    """The calendar year of day numbers."""
    since_epoch = (days - EPOCH).astype("datetime64[D]").astype("datetime64[Y]")
    return since_epoch.astype(np.int64) + 1970


def first_years(facts: Facts, last: Ints, from_day: Ints) -> Ints:
    """The block year of each bill's first day: that of the period, or an earlier one where the last bill (`last`: its
    place, -1 none) was made for a period before the last December."""
    year = facts.stretch.period // 100
    reaches = np.ones(len(last), np.bool_)
    if len(facts.last_bill["period"]):
        reaches = (last < 0) | (facts.last_bill["period"][last] < (year - 1) * 100 + DECEMBER)
    return np.where(reaches, np.minimum(_year_of(from_day), year), year).astype(np.int64)


def used_in_year(facts: Facts, agreement: Ints, last: Ints, year: Ints) -> Ints:
    """What each bill's agreement has used in a block year before the bill's first day."""
    before = facts.last_bill
    used = np.zeros(len(agreement), np.int64)
    if len(before["period"]):
        same_year = (last >= 0) & (before["period"][last] // 100 == year)
        used = np.where(same_year, before["year_used_wh"][last] + before["wh"][last], 0)
    summed = np.array([of for of, _ in facts.summed], np.int64)
    for k in np.flatnonzero(np.isin(agreement, summed)).tolist():
        used[k] = facts.summed.get((int(agreement[k]), int(year[k])), int(used[k]))
    return used


def turned_back(facts: Facts, bills: Columns, cut: Ints) -> Mask:
    """Bills that take use back over the turn of a block year: out of which blocks, a person has to say."""
    turns = bills["first_year"] != facts.stretch.period // 100
    below = bills["year_used_wh"] + bills["wh"] < 0
    return np.asarray((cut[cutting.OUT_YEAR_BLOCKS] == 1) & (bills["wh"] < 0) & (turns | below), np.bool_)
