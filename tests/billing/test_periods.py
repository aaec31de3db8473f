"""How long a bill is, as a tariff officer would count it; and the compiled text counts the same."""

from datetime import date

import pytest

from gridhall.columns.law import law
from gridhall.rules import billing_period as rules


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("days", "months"),
    [(1, 1), (28, 1), (31, 1), (45, 1), (46, 2), (59, 2), (62, 2), (76, 2), (77, 3), (92, 3), (365, 12), (366, 12)],
)
def test_months_between_two_readings(days: int, months: int) -> None:
    assert rules.months_billed(days) == months
    assert law("billing_period").months_billed(days) == months


@pytest.mark.parametrize(
    ("from_on", "to_on", "moved_in", "moved_out", "days"),
    [
        ("2026-10-01", "2026-11-01", 0, 0, 31),  # a whole period
        ("2026-09-28", "2026-11-02", 0, 0, 35),  # a long one is whole too
        ("2026-06-20", "2026-07-01", 1, 0, 30),  # in on 20 June: 11 of June's 30 days
        ("2026-10-01", "2026-10-12", 0, 1, 31),  # out on 12 October: 11 of 31 days
        ("2026-10-05", "2026-10-12", 1, 1, 30),  # in and out: measured by the month up to the end
        ("2026-02-01", "2026-03-01", 1, 0, 28),
        ("2026-01-10", "2026-03-01", 1, 0, 50),  # longer than a month: a period of its own
    ],
)
def test_days_that_a_bill_is_measured_by(from_on: str, to_on: str, moved_in: int, moved_out: int, days: int) -> None:
    given = (day(from_on), day(to_on), moved_in, moved_out)
    assert rules.days_of_period(*given) == days
    assert law("billing_period").days_of_period(*given) == days


@pytest.mark.parametrize(
    ("since", "months"),
    [
        ("2020-01-01", 12),
        ("2026-01-31", 12),
        ("2026-06-20", 7),  # June to December, a part month whole
        ("2026-12-31", 1),
        ("2027-01-01", 1),  # never none
    ],
)
def test_months_of_entitlement(since: str, months: int) -> None:
    given = (2026, day(since))
    assert rules.months_of_entitlement(*given) == months
    assert law("billing_period").months_of_entitlement(*given) == months
