"""Seasons that go by days: where bills are cut, and that a segment across seasons is never priced by one of them."""

from datetime import date

import numpy as np
import pytest

from gridhall.billing import _cutting as cutting
from gridhall.columns.rating import Segments, pack, rate
from gridhall.rules.layout import FAULT_DAYS, PLAN_SEASON_AT
from gridhall.rules.plan import CompiledPlan, rate_with
from gridhall.rules.seasons import season_until
from gridhall.tariffs.book import load_book
from gridhall.tariffs.compile import compile_version

BOOK = """
tariff: test-seasons
name: seasons
currency: CNY
source: case
for: {class: residential}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    seasons: {heating: 11-01..03-31, other: rest}
    season by: days
    energy: [{price per kWh: {heating: 0.30, other: 0.60}}]
"""


def _plan() -> CompiledPlan:
    book = load_book(BOOK)
    return compile_version(book, book.versions[0])


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("first", "until", "cut"),
    [
        ("2025-10-20", "2025-11-20", "2025-11-01"),
        ("2025-11-01", "2025-12-01", "2025-12-01"),
        ("2025-12-20", "2026-01-20", "2026-01-20"),  # over the turn of the year
        ("2024-02-20", "2024-04-05", "2024-04-01"),  # over a leap day
        ("2025-03-31", "2025-04-01", "2025-04-01"),
    ],
)
def test_where_a_season_ends(first: str, until: str, cut: str) -> None:
    table = _plan().table
    assert season_until(table, table[PLAN_SEASON_AT], _day(first), _day(until)) == _day(cut)


def test_a_segment_over_two_seasons_is_a_fault() -> None:
    stated = {"from_day": _day("2025-10-20"), "to_day": _day("2025-11-20"), "wh_total": 310_000}
    assert rate_with([_plan()], [stated]).fault == FAULT_DAYS


def test_billing_cuts_at_the_season_and_lays_the_use_by_days() -> None:
    """310 kWh from 20 October to 20 November: 12 days and 120 kWh before 1 November, 19 days and 190 kWh after.
    120 × 0.60 + 190 × 0.30 = 72 + 57 = 129."""
    plans = pack([_plan()])
    bills = np.zeros((cutting.N_BILL, 1), np.int64)
    bills[cutting.LAST_TERM], bills[cutting.BILL_PERIOD] = 1, 202511
    bills[cutting.BILL_FROM], bills[cutting.BILL_TO] = _day("2025-10-20"), _day("2025-11-20")
    bills[cutting.SINCE], bills[cutting.UNTIL], bills[cutting.YEAR] = _day("2020-01-01"), _day("9999-12-31"), 2025
    terms = np.zeros((cutting.N_TERM, 1), np.int64)
    terms[cutting.TERM_SINCE], terms[cutting.TERM_UNTIL] = _day("2020-01-01"), _day("9999-12-31")
    tariffs = (terms[:2].copy(), np.array([0, 1], np.int64), plans.table, plans.starts)
    counts, trouble = np.zeros(1, np.int64), np.zeros(1, np.int64)
    cutting.measure(bills)
    cutting.count_segments(bills, terms, *tariffs, counts, trouble)
    assert (counts.tolist(), trouble.tolist()) == ([2], [cutting.CUT_WELL])
    segments = Segments.zeros(2)
    facts = segments.facts()
    cutting.fill_segments(bills, terms, *tariffs, counts, facts, 2)
    assert segments.to_day.tolist() == [_day("2025-11-01"), _day("2025-11-20")]
    piece = np.array([[_day("2025-10-20")], [_day("2025-11-20")], [0], [310_000], [0]], np.int64)
    cutting.lay_use(piece, np.array([0, 2], np.int64), facts, 2, np.zeros(4, np.int64))
    assert segments.wh_total.tolist() == [120_000, 190_000]
    rated = rate(plans, segments, 1)
    assert (rated.bill_amount.tolist(), rated.fault.tolist()) == ([12_900], [0])
