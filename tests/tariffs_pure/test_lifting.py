"""Plans that were compiled and approved before the tables grew are brought into the new layout, number for number."""

import importlib

import pytest

from gridhall.rules.plan import CompiledPlan, rate_with
from gridhall.tariffs.book import load_book, shipped_books
from gridhall.tariffs.compile import compile_version

lifted = importlib.import_module("gridhall.tariffs.migrations.0002_layout_1002").lifted

# As they stood in the database: Zhejiang's yearly blocks on peak and valley, and the same without periods.
PEAK_VALLEY = [
    58, 100000000000, 2, 0, 0, 1, 3, 58, 2, 1, 1, 1, 5, 49, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 5, 55,
    1, 3, 0, 3, 53, 0, 55, 0, 0, 0, 0, 0, 0, 0, 0, 2305843009213693952, 5680000000, 2305843009213693952, 2880000000,
    230000, 400000, 0, 500000000, 3000000000,
]  # fmt: skip


def test_an_old_table_is_the_plan_that_its_book_gives_today() -> None:
    book = load_book(shipped_books()["cn-zhejiang-residential-peak-valley"])
    assert lifted(PEAK_VALLEY) == list(compile_version(book, book.versions[0]).table)


def test_it_rates_the_same_bill() -> None:
    """100 × 0.568 + 120 × 0.288 = 56.80 + 34.56; 150 of them are beyond 2760, × 0.05 = 7.50: 98.86."""
    plan = CompiledPlan("old", "CNY", 2, tuple(lifted(PEAK_VALLEY)), ())
    facts = {"from_day": 739_000, "to_day": 739_030, "year_months": 12, "year_used_wh": 2_690_000}
    bill = rate_with([plan], [facts | {"wh_peak": 100_000, "wh_valley": 120_000, "wh_total": 220_000}])
    assert (bill.amount, bill.fault) == (9886, 0)


@pytest.mark.parametrize("code", sorted(shipped_books()))
def test_a_new_table_stays_as_it_is(code: str) -> None:
    book = load_book(shipped_books()[code])
    table = list(compile_version(book, book.versions[0]).table)
    assert lifted(table) == table
