"""What the supplier has laid down for bills, as dated data: when they fall due, and when one is held for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

RESIDENTIAL, COMMERCIAL, INDUSTRIAL = 1, 2, 3  # as in customers


@dataclass(frozen=True)
class BillTerms:
    """In force from a day on, until the next entry begins.

    `due_days`: days from issue to due day, by customer class. A bill is held when its use per day is more than
    `high_permille` of the highest, or less than `low_permille` of the lowest, of last month's and last year's use per
    day; below `floor_wh_a_day` (by class) nothing is implausible, since a holiday or a new fridge moves it that much.
    In the preview a bill counts as an outlier beyond `outlier_high_permille` or below `outlier_low_permille`.
    """

    due_days: Mapping[int, int]
    high_permille: int
    low_permille: int
    floor_wh_a_day: Mapping[int, int]
    outlier_high_permille: int
    outlier_low_permille: int


TERMS: tuple[tuple[date, BillTerms], ...] = (
    (
        date(2000, 1, 1),
        BillTerms(
            due_days={RESIDENTIAL: 15, COMMERCIAL: 15, INDUSTRIAL: 10},
            high_permille=6000,
            low_permille=50,
            floor_wh_a_day={RESIDENTIAL: 15_000, COMMERCIAL: 60_000, INDUSTRIAL: 1_000_000},
            outlier_high_permille=2500,
            outlier_low_permille=300,
        ),
    ),
)


def terms_on(on: date) -> BillTerms:
    """The terms in force on a day."""
    return [terms for since, terms in TERMS if since <= on][-1]
