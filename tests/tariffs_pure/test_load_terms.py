"""What a book can state about a load: demand windows and periods, ratchets, special days, clock changes, prices by the
hour, export, the minimum of a year, and a version that changes inside a month."""

from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from gridhall.rules.local_day import minutes_of
from gridhall.tariffs.book import Book, BookError, load_book
from gridhall.tariffs.by_load import BookMonth, newest, rate_by_book, rate_in_force
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.load_terms import LoadTerms, not_told, system_peaks
from gridhall.tariffs.price_series import SeriesError, read_series

HEAD = """
tariff: test-terms
name: terms
currency: EUR
source: made for this test
for: {class: industrial}
versions:
  - from: 2018-01-01
    rounding: once per bill, half up, to 0.01
"""


def _book(*lines: str) -> Book:
    return load_book(HEAD + "".join(f"    {line}\n" for line in lines))


def _year(book: Book, load: list[int], steps: int = 1, terms: LoadTerms | None = None) -> list[BookMonth]:
    return rate_by_book(book, newest(book), load, 2018, steps, terms)


def _hour(month: int, day: int, hour: int = 0) -> int:
    return (date(2018, month, day).toordinal() - date(2018, 1, 1).toordinal()) * 24 + hour


def test_demand_of_each_period_and_of_a_window() -> None:
    """January: 2 kW from 12:00 on the 10th for an hour, else 1 kW; the peak has 2 × 10, the valley 1 × 4. By windows of
    an hour, a spike of 4 kW in one quarter counts as (4 + 1 + 1 + 1) / 4 = 1.75 kW."""
    text = "demand: [{price per kW a month: {peak: 10, valley: 4}, billed: measured, divided: once a bill}]"
    windows = ('periods: {peak: "12:00-20:00", valley: rest}', text)
    load = [1000] * 8760
    load[_hour(1, 10, 12)] = 2000
    months = _year(_book(*windows), load)
    assert months[0].amounts["demand_tou"] == 24
    assert months[1].amounts["demand_tou"] == 14
    quarters = [250] * 35040
    quarters[4 * _hour(1, 10, 12)] = 1000
    assert _year(_book(*windows), quarters, 4)[0].amounts["demand_tou"] == 44
    assert _year(_book("demand over: 60 minutes", *windows), quarters, 4)[0].amounts["demand_tou"] == Fraction("21.5")
    with pytest.raises(BookError, match="demand over 15 minutes cannot be told from steps of 60"):
        _year(_book("demand over: 15 minutes", *windows), load)


def test_a_ratchet_looks_back_over_the_turn_of_the_year_and_on_its_seasons() -> None:
    """10 kW in July and 1 kW else. Of 80 % over 11 months: 8 kW each other month. Looking back three months: 8 kW in
    August to October. On winter alone: the highest winter month is 1 kW, so 0.8 is never more than 1."""
    load = [1000] * 8760
    load[_hour(7, 4, 15)] = 10_000
    charge = "demand: [{price per kW a month: 1, billed: billing demand, divided: once a bill}]"

    def billed(ratchet: str) -> list[Fraction]:
        seasons = "seasons: {winter: 11-01..03-31, other: rest}"
        months = _year(_book(seasons, f"billing demand: {{ratchet: {ratchet}}}", charge), load)
        return [month.total for month in months]

    assert billed("{per cent: 80, months: 11}") == [8] * 6 + [10] + [8] * 5
    assert billed("{per cent: 80, months: 3}") == [1] * 6 + [10, 8, 8, 8, 1, 1]
    assert billed("{per cent: 80, of seasons: [winter]}") == [1] * 6 + [10] + [1] * 5


def test_special_days_have_windows_of_their_own() -> None:
    """1 kW all May. A workday has 8 h of peak; the 1st to 5th are holidays with 4 h of deep valley and no peak. The
    month has 8 days of weekend, one of which (Saturday the 5th) is a holiday: 31 - 5 - 7 = 19 workdays. 19 × 8 = 152
    kWh peak, 5 × 4 = 20 deep valley, the rest of 744 flat."""
    book = _book(
        "days: {holiday: 2018-05-01..2018-05-05, weekend: 'saturday, sunday', workday: rest}",
        "periods:",
        '  peak: {workday: "08:00-16:00"}',
        '  deep valley: {holiday: "11:00-15:00"}',
        "  flat: rest",
        "energy: [{price per kWh: {peak: 100, flat: 1, deep valley: 0.01}}]",
    )
    may = _year(book, [1000] * 8760)[4]
    assert may.total == 19 * 8 * 100 + (744 - 19 * 8 - 20) + Fraction("0.2")
    assert {line.period for line in may.bill.lines} == {2, 3, 7}


@pytest.mark.parametrize(("zone", "hours"), [(None, (744, 744)), ("Europe/Oslo", (743, 745))])
def test_a_day_of_23_or_25_hours_is_priced_as_it_was_lived(zone: str | None, hours: tuple[int, int]) -> None:
    """1 kW the year round, night from 00:00 to 06:00 at 1, day at 100. In Oslo 25 March 2018 has 5 hours of night and
    28 October 7: 31 × 6 - 1 and + 1 of them; each hour lived is priced once."""
    book = _book(
        *([f"time zone: {zone}"] if zone else []),
        'periods: {valley: "00:00-06:00", peak: rest}',
        "energy: [{price per kWh: {valley: 1, peak: 100}}]",
    )
    months = _year(book, [1000] * 8760)
    change = 1 if zone else 0
    assert (months[2].bill.wh, months[9].bill.wh) == tuple(each * 1000 for each in hours)
    assert months[2].total == (186 - change) + 31 * 18 * 100
    assert months[9].total == (186 + change) + 31 * 18 * 100
    assert sum(month.bill.wh for month in months) == 8_760_000
    if zone:
        assert minutes_of(date(2018, 3, 25).toordinal(), ZoneInfo(zone)) == 23 * 60


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(BookError, match="there is no time zone Europe/Atlantis"):
        _year(_book("time zone: Europe/Atlantis", "energy: [{price per kWh: 1}]"), [0] * 8760)


def _prices(zone: str = "") -> str:
    """A price of 0.01 × the hour of the day on the wall, every hour of 2018."""
    lines = ["from,price"]
    if not zone:
        for day in range(365):
            on = date.fromordinal(date(2018, 1, 1).toordinal() + day)
            lines += [f"{on}T{hour:02}:00,0.{hour:02}" for hour in range(24)]
        return "\n".join(lines)
    return "\n".join([*lines, "2018-01-01T00:00+01:00,-0.25", "2018-01-01T01:00+01:00,0.5"])


def test_each_hour_has_its_own_price() -> None:
    """1 kW: each day costs 0.01 × (0 + 1 + … + 23) = 2.76; 31 days 85.56; a margin of 0.02 × 744 = 14.88. By quarters
    of an hour the same."""
    book = _book("hourly: [{series: spot}]", "energy: [{price per kWh: 0.02}]")
    terms = LoadTerms(prices={"spot": read_series(_prices(), 2)})
    for steps in (1, 4):
        january = _year(book, [1000 // steps] * 8760 * steps, steps, terms)[0]
        assert (january.total, january.total_minor) == (Fraction("100.44"), 10_044)


def test_what_a_series_does_not_price_is_named() -> None:
    book = _book("time zone: Europe/Oslo", "hourly: [{series: spot}]")
    load = [1000, 1000, 0] + [1000] * 8757
    series = read_series(_prices("Europe/Oslo"), 2)
    with pytest.raises(BookError, match="step 4 of the load has no price"):
        _year(book, load, 1, LoadTerms(prices={"spot": series}))
    with pytest.raises(BookError, match="the prices of spot are not given"):
        _year(book, load)
    with pytest.raises(BookError, match="need a “time zone”"):
        _year(_book("hourly: [{series: spot}]"), load, 1, LoadTerms(prices={"spot": series}))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("from,price\nnoon,1", 2, "not a moment"),
        ("2018-01-01T00:00,dear", 1, "not a price"),
        ("2018-01-01T00:00,0.12345678901", 1, "more than 10 decimals"),
        ("2018-01-01T00:00,9999999", 1, "beyond the highest price"),
        ("2018-01-01T00:00,1\n2018-01-01T00:00,1", 2, "stands twice"),
        ("2018-01-01T00:00,1\n2018-01-01T01:00+01:00,1", 2, "either all moments"),
        ("2018-01-01T00:00,1\n2018-01-01T00:07,1", 0, "do not divide the hour"),
        ("from,price\n", 0, "no price in the file"),
    ],
)
def test_a_file_of_prices_is_refused_by_line(text: str, line: int, says: str) -> None:
    with pytest.raises(SeriesError, match=says) as refusal:
        read_series(text, 2)
    assert refusal.value.line == line


def test_export_is_kept_from_month_to_month_and_paid_out_in_december() -> None:
    """1 kW used; 2 kW fed in during June. June keeps 1440 - 720 = 720 kWh, July uses 744 - 720 = 24 of its own. In
    December nothing is left; with 6 kW in December 744 × 6 - 744 = 3720 kWh are paid at 0.05."""
    book = _book("energy: [{price per kWh: 1}]", "net metering: {keep: kWh, pay out per kWh: 0.05}")
    fed = [0] * 8760
    fed[_hour(6, 1) : _hour(7, 1)] = [2000] * 720
    months = _year(book, [1000] * 8760, 1, LoadTerms(export=fed))
    assert [months[k].total for k in (4, 5, 6, 7)] == [744, 0, 24, 744]
    assert months[5].bill.credit_wh == 720_000
    fed[_hour(12, 1) :] = [6000] * 744
    december = _year(book, [1000] * 8760, 1, LoadTerms(export=fed))[11]
    assert (december.total, december.bill.credit_wh) == (-186, 0)


def test_the_minimum_of_a_year_is_settled_in_december() -> None:
    """8760 kWh × 0.10 = 876; of a minimum of 1000 December adds 124."""
    book = _book("energy: [{price per kWh: 0.10}]", "minimum: [{price per year: 1000, counts: [energy]}]")
    months = _year(book, [1000] * 8760)
    assert [month.amounts["minimum"] for month in months] == [0] * 11 + [124]


def test_a_new_version_inside_a_month_prices_what_was_used_under_it() -> None:
    """1 kW till the 10th of April at 1, 2 kW from the 11th at 2: 240 + 20 × 48 × 2 = 2160."""
    text = (HEAD + "    energy: [{price per kWh: 1}]\n").replace("rounding", "until: 2018-04-10\n    rounding")
    book = load_book(
        text + "  - from: 2018-04-11\n    rounding: once per bill, half up, to 0.01\n    energy: [{price per kWh: 2}]\n"
    )
    load = [1000] * _hour(4, 11) + [2000] * (8760 - _hour(4, 11))
    months = rate_in_force(book, load, 2018, 1)
    assert [month.total for month in months[2:5]] == [744, 2160, 744 * 4]
    with pytest.raises(BookError, match="no version is in force on all days of 2019"):
        rate_in_force(_book_until(), load, 2019, 1)


def _book_until() -> Book:
    return load_book(
        (HEAD + "    energy: [{price per kWh: 1}]\n").replace("rounding", "until: 2019-04-10\n    rounding")
    )


def test_meters_capacity_reactive_energy_and_the_systems_peak_come_with_the_load() -> None:
    """3 meters × 5; 100 kVA × 2; 744 kWh with 446.4 kvarh beyond 50 % = 74.4 × 1; the system peaked at a step of 4 kW:
    4 × 10 in January, in February it did not."""
    book = _book(
        "fixed: [{price per month: 5, divided: once a bill, for: each meter}]",
        "capacity: [{price per kVA a month: 2, divided: once a bill}]",
        "demand: [{price per kW a month: 10, billed: coincident, divided: once a bill}]",
        "reactive: [{price per kvarh: 1, beyond per cent of kWh: 50}]",
    )
    load = [1000] * 8760
    load[20], load[21] = 4000, 0
    load[22] = 0
    load[23] = 0
    terms = LoadTerms(varh=[600] * 8760, system_peaks=[20], meters=3, capacity_va=100_000)
    months = _year(book, load, 1, terms)
    assert months[0].total == 15 + 200 + 40 + Fraction("74.4")
    assert months[1].total == 15 + 200 + Fraction("67.2")


@pytest.mark.parametrize("steps", [2, 4, 12])
def test_steps_of_30_15_and_5_minutes_come_to_the_same_energy(steps: int) -> None:
    book = _book('periods: {peak: "08:30-20:00", valley: rest}', "energy: [{price per kWh: {peak: 2, valley: 1}}]")
    january = _year(book, [12_000 // steps] * (8760 * steps), steps)[0]
    assert january.total == 12 * 31 * (Fraction("11.5") * 2 + Fraction("12.5"))


def test_what_a_load_does_not_tell_is_named() -> None:
    book = _book(
        "capacity: [{price per kVA a month: 2, divided: once a bill}]",
        "demand: [{price per kW a month: 10, billed: coincident, divided: once a bill}]",
        "reactive: [{price per kvarh: 1}]",
        "export: [{price per kWh: 1}]",
    )
    plan = compile_version(book, newest(book))
    assert not_told(plan, LoadTerms()) == ["reactive energy", "capacity", "energy fed in", "the system's peaks"]
    told = LoadTerms(varh=[0], capacity_va=1, export=[0], system_peaks=[0])
    assert not_told(plan, told) == []


def test_the_systems_peak_of_each_month_is_its_first_highest_step() -> None:
    book = _book("energy: [{price per kWh: 1}]")
    system = [5] * 8760
    system[_hour(2, 3, 4)] = system[_hour(2, 9, 9)] = 7
    peaks = system_peaks(book, newest(book), system, 2018, 1)
    assert peaks[:3] == [0, _hour(2, 3, 4), _hour(3, 1)]
    with pytest.raises(ValueError, match="3 values of the system"):
        system_peaks(book, newest(book), [1, 2, 3], 2018, 1)
