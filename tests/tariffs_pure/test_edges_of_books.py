"""Books at the edges of what can be counted: refused at their line, never stumbled over, never rounded in silence."""

import pytest

from gridhall.tariffs.checking import check_text
from gridhall.tariffs.price_series import SeriesError, read_series

BOOK = """\
tariff: at-the-edge
name: at the edge
currency: CNY
source: made up
for: {class: residential}
versions:
  - from: 2026-01-01
    rounding: once per bill, half up, to 0.01
    energy: [{key: e, price per kWh: PRICE}]
MORE"""
RIDER = """\
riders:
  - {key: fuel, counts as: per kWh, amounts: [{from: 2026-02-01, amount: 0.1}]}
"""
WINDOWS = '    periods: {peak: "08:00-20:00", valley: rest}\n'
# Sharp hours on a holiday in winter, but no price for them then.
UNPRICED = """\
    seasons: {summer: 06-01..08-31, winter: rest}
    days: {holiday: 2026-01-01, other: rest}
    periods: {sharp: {summer: "18:00-20:00", holiday: "10:00-12:00"}, peak: "08:00-10:00", valley: rest}
"""


def told(price: str = "1", more: str = "", **replaced: str) -> list[tuple[int, str]]:
    text = BOOK.replace("PRICE", price).replace("MORE", more)
    for old, new in replaced.items():
        text = text.replace(f"{old}: ", f"{old}: {new} #", 1)
    return [(fault.line, fault.what) for fault in check_text(text).faults]


@pytest.mark.parametrize(
    "price",
    [
        "0.12345678900000000000000000000000001",  # 28 digits of it are a price of ten decimals
        "1.00000000000000000000000000000000000001",
        "-0.00000000001",
    ],
)
def test_no_digit_is_lost(price: str) -> None:
    ((line, what),) = told(price)
    assert (line, "has more decimals than a price (10 decimals) can have" in what) == (9, True)


def test_noughts_behind_the_last_digit_are_no_digits() -> None:
    assert told("0.500000000000000000") == []


@pytest.mark.parametrize("price", ["1.0e+4000000000", "1.0e-4000000000", "1.0e+90000", "9" * 5000, "1." + "0" * 400])
def test_a_number_of_any_size_is_answered(price: str) -> None:
    ((line, what),) = told(price)
    assert (line, what.endswith("is not a number that can be priced"), len(what) < 100) == (9, True, True)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-06-01", "1899-12-31", "3000-01-01"])
def test_a_day_at_the_end_of_the_calendar_is_refused(day: str) -> None:
    ((line, what),) = told("{peak: 1, valley: 2}", WINDOWS, **{"from": day})
    assert (line, "is too far away" in what) == (7, True)


def test_until_the_end_of_time_is_left_out() -> None:
    """Who writes 9999-12-31 is told how an open version is written."""
    text = BOOK.replace("PRICE", "1").replace("MORE", "    until: 9999-12-31\n")
    assert [fault.line for fault in check_text(text).faults] == [10]
    assert "leave out an “until” that never comes" in check_text(text).faults[0].what


@pytest.mark.parametrize("levies", ["5", "", "{a: 1}", "none"])
def test_a_rider_beside_a_section_of_the_wrong_shape(levies: str) -> None:
    assert [line for line, _ in told(more=f"    levies: {levies}\n{RIDER}")] == [10]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (f"    seasons: {{peak: 01-01..06-30, other: rest}}\n{WINDOWS}", 10),
        (f"    days: {{valley: sunday, other: rest}}\n{WINDOWS}", 10),
        ("    seasons: {hot: 06-01..08-31, other: rest}\n    days: {hot: 2026-07-01, usual: rest}\n", 10),
    ],
)
def test_one_name_means_one_thing(more: str, line: int) -> None:
    """{peak: 1, valley: 2} would be read by season where a season is called peak, and all day long cost that."""
    faults = told("{peak: 1, valley: 2}" if "peak:" in more else "1", more)
    assert [(where, "give one of them another name" in what) for where, what in faults] == [(line, True)]


def test_a_period_without_a_price_on_a_holiday() -> None:
    price = "{summer: {sharp: 3, peak: 1, valley: 2}, winter: {peak: 1, valley: 2}}"
    assert told(price, UNPRICED) == [(12, "sharp has no price in winter")]


def test_a_per_cent_of_a_power_factor_keeps_its_digits() -> None:
    table = "    power factor: [{on: [e], table: {'1.00': 0, '0.99': 0.123456789}}]\n"
    assert told(more=table) == [(10, "0.123456789 has more decimals than a per cent (8 decimals) can have")]
    assert told(more=table.replace("0.123456789", "0.12345678")) == []


@pytest.mark.parametrize(
    ("price", "says"),
    [
        ("0.12345678900000000000000000000000001", "more than 10 decimals"),
        ("1e4000000000", "beyond what can be rated"),
        ("1e-4000000000", "beyond what can be rated"),
        ("inf", "beyond what can be rated"),
    ],
)
def test_a_price_of_a_series_is_exact(price: str, says: str) -> None:
    with pytest.raises(SeriesError, match=says):
        read_series(f"2026-01-01T00:00,{price}", 2)
