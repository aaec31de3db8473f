"""Where bills stand in the block year: the calendar year of each day, whatever period the bill is made for."""

from datetime import date

import numpy as np
import numpy.typing as npt

from gridhall.billing import _cutting as cutting
from gridhall.billing.facts import Columns, Facts

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
EPOCH = date(1970, 1, 1).toordinal()


def _year_of(days: Ints) -> Ints:
    """The calendar year of day numbers."""
    since_epoch = (days - EPOCH).astype("datetime64[D]").astype("datetime64[Y]")
    return since_epoch.astype(np.int64) + 1970


def used_in_year(facts: Facts, agreement: Ints, last: Ints, from_day: Ints) -> Ints:
    """What each bill's agreement has used in the block year of the bill's first day, before that day."""
    before = facts.last_bill
    used = np.zeros(len(agreement), np.int64)
    year = _year_of(from_day)
    if len(before["to_on"]):
        same_year = (last >= 0) & (_year_of(before["to_on"][last] - 1) == year)
        used = np.where(same_year, before["year_used_wh"][last] + before["wh"][last], 0)
    summed = np.array([of for of, _ in facts.summed], np.int64)
    for k in np.flatnonzero(np.isin(agreement, summed)).tolist():
        used[k] = facts.summed.get((int(agreement[k]), int(year[k])), int(used[k]))
    return used


def turned_back(bills: Columns, cut: Ints) -> Mask:
    """Bills that take use back over the turn of a block year: out of which blocks, a person has to say."""
    turns = _year_of(bills["from_day"]) != _year_of(bills["to_day"] - 1)
    below = bills["year_used_wh"] + bills["wh"] < 0
    return np.asarray((cut[cutting.OUT_YEAR_BLOCKS] == 1) & (bills["wh"] < 0) & (turns | below), np.bool_)
