"""A tariff book over a load of steps: windows, seasons and blocks of the year laid on the hours."""

from fractions import Fraction

import pytest

from gridhall.tariffs.book import BookError, load_book
from gridhall.tariffs.by_load import newest, rate_by_book

BOOK = """
tariff: test-load
name: hours
currency: CNY
source: case
for: {{class: residential}}
versions:
  - from: 2015-01-01
    until: 2019-12-31
    rounding: once per bill, half up, to 0.01
    energy: [{{price per kWh: 9}}]
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    seasons: {{summer: 06-16..09-15, other: rest}}
    periods:
      peak: {{summer: "{peak}", other: "08:00-20:00"}}
      valley: rest
    energy:
      - price per kWh: {{peak: 0.60, valley: {{summer: 0.20, other: 0.30}}}}
      - blocks: {{count: the year's kWh, limits: [100 a month], add per kWh: [0, 0.05]}}
    demand: [{{price per kW a month: 10, billed: measured, divided: by days of the period}}]
    fixed: [{{price per month: 5, divided: by days of the period}}]
    taxes: [{{per cent: 10, on: [everything]}}]
"""


def _even(steps: int) -> list[int]:
    """1 kW in every step of 2018."""
    return [1000 // steps] * (8760 * steps)


@pytest.mark.parametrize("steps", [1, 4])
def test_a_year_by_the_newest_version(steps: int) -> None:
    """January: 31 days × 12 kWh in each period; the year's first block (1200 kWh) is not full.
    372 × 0.60 + 372 × 0.30 = 334.80; 1 kW × 10; 5; 10 % of 349.80 is 34.98; 384.78.
    February: 336 × 0.60 + 336 × 0.30 = 302.40, and 1416 - 1200 = 216 kWh × 0.05 = 10.80; 10; 5; 10 % of 328.20."""
    book = load_book(BOOK.format(peak="10:00-22:00"))
    months = rate_by_book(book, newest(book), _even(steps), 2018, steps)
    january, february = months[0], months[1]
    assert january.amounts["energy"] == Fraction("334.80")
    assert [january.amounts[name] for name in ("demand_flat", "fixed")] == [Fraction(10), Fraction(5)]
    assert (january.total, january.total_minor) == (Fraction("384.78"), 38_478)
    assert february.amounts["energy"] == Fraction("313.20")
    assert (february.total, february.total_minor) == (Fraction("361.02"), 36_102)


def test_a_season_that_begins_inside_a_month_is_cut_by_what_was_measured() -> None:
    """June: 15 days of other and 15 of summer, 180 kWh in each period of each: 180 × (0.60 + 0.30) +
    180 × (0.60 + 0.20) = 306; all 720 kWh are in the second block, × 0.05 = 36. With the use all in the last
    15 days (2 kW) it is 360 × 0.80 = 288, and 36."""
    book = load_book(BOOK.format(peak="10:00-22:00"))
    load = _even(1)
    assert rate_by_book(book, newest(book), load, 2018, 1)[5].amounts["energy"] == 342
    first = 24 * 151  # 1 June
    load[first : first + 360] = [0] * 360
    load[first + 360 : first + 720] = [2000] * 360
    assert rate_by_book(book, newest(book), load, 2018, 1)[5].amounts["energy"] == 324


def test_windows_inside_a_step_are_refused() -> None:
    book = load_book(BOOK.format(peak="10:30-22:00"))
    with pytest.raises(BookError, match="the step from 10:00 lies in peak and valley"):
        rate_by_book(book, newest(book), _even(1), 2018, 1)
    assert len(rate_by_book(book, newest(book), _even(2), 2018, 2)) == 12


def test_periods_as_metered_are_refused() -> None:
    text = BOOK.format(peak="10:00-22:00").replace('{summer: "10:00-22:00", other: "08:00-20:00"}', "as metered")
    text = text.replace("valley: rest", "valley: as metered")
    book = load_book(text)
    with pytest.raises(BookError, match="a load does not tell them"):
        rate_by_book(book, newest(book), _even(1), 2018, 1)
