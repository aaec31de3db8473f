"""A plan says which facts it cannot do without: by the golden books, and by what changes a bill."""

import pytest

from gridhall.rules.facts_needed import DIVIDED, facts_needed
from gridhall.rules.plan import FACT_NAMES, rate_with
from gridhall.tariffs.approving import BILL_RUN_GATHERS
from gridhall.tariffs.book import Book, load_book, shipped_books
from gridhall.tariffs.compile import compile_version
from tests.rules.golden import books

NEEDED = {
    "test-demand-by-period": {"demand_sharp", "demand_peak", "demand_flat", "demand_valley"},
    "test-ratchet": {"past_demand_w"},
    "test-hours-of-use": {"past_demand_w"},
    "test-coincident": {"coincident_w"},
    "test-meters": {"meters"},
    "test-minimums": {"year_counted", "year_ends"},
    "test-sub-supplies": {"sub_share", "sub_wh"},
    "test-net-metering": {"export_wh", "credit_wh", "true_up"},
    "test-net-billing": {"export_wh", "export_sharp", "export_peak", "export_flat", "export_valley"},
    "test-hourly": {"hourly_minor", "hourly_rest", "hourly_wh"},
    "test-deep-valley": {"wh_deep"},
    "test-blocks-in-the-order-of-time": {
        f"in_time_{limit}_{period}" for limit in (1, 2) for period in ("sharp", "peak", "flat", "valley")
    },
}


@pytest.mark.parametrize("book", books(), ids=lambda book: book.code)
def test_golden_books_need_what_their_components_read(book: Book) -> None:
    needed = set().union(*(facts_needed(compile_version(book, version).table) for version in book.versions))
    assert needed == NEEDED.get(book.code, set())


@pytest.mark.parametrize("code", sorted(shipped_books()))
def test_shipped_books_need_nothing_that_a_bill_run_does_not_gather(code: str) -> None:
    book = load_book(shipped_books()[code])
    assert all(facts_needed(compile_version(book, each).table) <= BILL_RUN_GATHERS for each in book.versions)


@pytest.mark.parametrize("book", books(), ids=lambda book: book.code)
def test_no_other_fact_changes_a_bill(book: Book) -> None:
    """Every fact behind `period` that the plan does not ask for may be anything."""
    for version in book.versions:
        plan = compile_version(book, version)
        plain = dict.fromkeys(FACT_NAMES, 0) | {"from_day": 739_000, "to_day": 739_030, "period_days": 30}
        plain |= {"period_months": 1, "year_months": 12, "wh_total": 90_000, "demand_w": 500, "capacity_va": 100_000}
        free = set(FACT_NAMES[FACT_NAMES.index("period") + 1 :]) - facts_needed(plan.table)
        other = plain | dict.fromkeys(free, 7)
        assert rate_with([plan], [plain]) == rate_with([plan], [other])


def test_a_change_that_has_to_be_read_is_told() -> None:
    text = shipped_books()["my-tnb-domestic"].replace("    rounding:", "    change by: reading\n    rounding:")
    book = load_book(text)
    assert facts_needed(compile_version(book, book.versions[0]).table) == {DIVIDED}
