"""What the supplier takes for a surprise in a reading, as dated data."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Thresholds:
    """In force from a day on, until the next entry begins: thousandths of what is known, and Wh a day that are too
    little to speak of."""

    high_permille: int = 3_000  # of the highest day known: last three months, same month last year
    low_permille: int = 200  # of the lowest
    high_spare_wh_per_day: int = 5_000  # may be used beyond it without a question
    low_from_wh_per_day: int = 2_000  # who uses less than this a day is never too low
    zero_from_wh_per_day: int = 500  # who uses less than this a day may well use nothing
    neighbour_permille: int = 10_000
    neighbours_least: int = 10
    gap_days: int = 46
    parts_permille: int = 10  # by which the parts may differ from the total, beside one step of each register


LIMITS: tuple[tuple[date, Thresholds], ...] = ((date(2000, 1, 1), Thresholds()),)


def limits_on(on: date) -> Thresholds:
    """The limits in force on a day."""
    return [limits for since, limits in LIMITS if since <= on][-1]
