"""OpenEI records over loads: golden tables by both speeds, refusals by field, random tariffs, and the shared cases."""

import gzip
import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.columns.intervals import Load, load_of, rate_load
from gridhall.doors.cli.tariff_load import decimal_text
from gridhall.rules.calendar import days_in_month
from gridhall.rules.interval_bills import MonthBill, PlainLoad, half_up, not_measured, rate_plain
from gridhall.rules.interval_tariff import (
    A_DAY,
    A_MONTH,
    A_YEAR,
    BY_DAY,
    BY_DEMAND,
    BY_USE,
    MEETINGS,
    Blocks,
    IntervalTariff,
    Ratchet,
)
from gridhall.rules.intervals import HOURS, SLOTS, is_weekend
from gridhall.tariffs.urdb import open_text, read_json, read_lines, read_record
from gridhall.tariffs.urdb_parts import UrdbRefused
from tests.rules.golden import table

GOLDEN = table("urdb")
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "urdb"
PARTS = ("energy", "demand_flat", "demand_tou", "fixed", "minimum", "total")


def _hours(stated: Any) -> Any:
    """A schedule of 12 months from {rest: hours, 6-9: hours}; anything else as it is."""
    if not isinstance(stated, Mapping):
        return stated
    months = [stated["rest"]] * 12
    for key, hours in stated.items():
        if key != "rest":
            first, _, last = str(key).partition("-")
            months[int(first) - 1 : int(last or first)] = [hours] * (int(last or first) - int(first) + 1)
    return [[int(hour) for hour in hours] for hours in months]


def _record(name: str, change: Mapping[str, Any] | None = None) -> dict[str, Any]:
    record = GOLDEN["records"][name] | (change or {})
    return {key: _hours(value) if key.endswith("schedule") else value for key, value in record.items()}


def _stated_load(name: str, steps: int = 1) -> list[int]:
    """The Wh of each step of a load of the table."""
    stated = GOLDEN["loads"][name]
    months = {int(month): kw for month, kw in stated.get("months", {}).items()}
    load = []
    day = 0
    for month in range(1, 13):
        for _ in range(days_in_month(2018, month)):
            for hour in range(HOURS):
                kw = months.get(month, stated["kW"])
                if not is_weekend(0, day) and hour in stated.get("weekdays", {}).get("hours", []):
                    kw = stated["weekdays"]["kW"]
                load += [kw * 1000 // steps] * steps
            day += 1
    return load


def _plain(tariff: IntervalTariff, load: list[int], steps: int, meeting: str) -> list[MonthBill]:
    """The twelve bills by plain Python throughout."""
    return rate_plain(tariff, PlainLoad(load, 2018, 0, steps), meeting)


def _fast(tariff: IntervalTariff, load: list[int], steps: int, meeting: str) -> list[MonthBill]:
    return rate_load(tariff, load_of(np.array(load, np.int64), 2018, 0, steps), meeting)


@pytest.mark.parametrize("rate", [_plain, _fast], ids=["plain", "compiled"])
@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: f"{case['record']}-{case['month']}")
def test_golden_months(case: Any, rate: Any) -> None:
    tariff = read_record(_record(case["record"]))
    month = rate(tariff, _stated_load(case["load"]), 1, case.get("blocks", "prorata"))[case["month"] - 1]
    got = {name: Decimal(decimal_text(getattr(month, name))) for name in case["gives"]}
    assert got == {name: Decimal(value) for name, value in case["gives"].items()}
    assert month.total_minor == half_up(month.total, 2) == case["minor"]


def test_quarter_hours_of_the_same_load_give_the_same_year() -> None:
    tariff = read_record(_record("rappahannock"))
    for meeting in MEETINGS:
        assert _fast(tariff, _stated_load("office"), 1, meeting) == _fast(tariff, _stated_load("office", 4), 4, meeting)


@pytest.mark.parametrize("case", GOLDEN["refused"], ids=lambda case: f"{case['field']}-{case['word']}")
def test_what_cannot_be_rated_is_refused_by_field(case: Any) -> None:
    with pytest.raises(UrdbRefused) as refused:
        read_record(_record("peru", case["change"]))
    assert refused.value.field == case["field"]
    assert case["word"] in refused.value.reason


def test_what_a_load_cannot_show_is_left_out_by_name() -> None:
    change = {"demandreactivepowercharge": Decimal("0.25"), "coincidentratestructure": [[{"rate": 29}]], "dgrules": ""}
    tariff = read_record(_record("peru", change))
    told = not_measured(tariff, fed=False, system=False, reactive=False)
    assert [each.partition(":")[0] for each in told] == ["coincidentratestructure", "demandreactivepowercharge"]
    assert not_measured(tariff, fed=True, system=True, reactive=True) == []


def test_each_further_meter_has_its_charge() -> None:
    """50 for the first meter and 20.82 for each of two more."""
    change = {"fixedchargefirstmeter": 50, "fixedchargeeaaddl": Decimal("20.82")}
    tariff = read_record(_record("peru", change))
    load = np.zeros(8760, np.int64)
    assert rate_load(tariff, load_of(load, 2018, 0, 1), "prorata")[0].fixed == 50
    assert rate_load(tariff, load_of(load, 2018, 0, 1, meters=3), "prorata")[0].fixed == Fraction("91.64")


def test_records_count_to_the_last_printed_digit() -> None:
    """Decimals of a file are never floats: 0.07322000000000001 + 0.1 has all of its 17 places."""
    text = '{"label": "x", "energyratestructure": [[{"rate": 0.07322000000000001, "adj": 0.1}]]}'
    [record] = read_json(text)
    assert record.tariff is not None
    assert (record.tariff.energy[0].prices, record.tariff.price_places) == ((17322000000000001,), 17)


@pytest.mark.parametrize(
    "change",
    [
        {"lookbackpercent": "80", "lookbackmonths": ["0"] * 12},
        {"lookbackmonths": [None] * 12},
        {"energykeyvals": [{"key": "rider", "val": "7"}], "_id": {"$oid": "5"}},
        {"flatdemandstructure": [[{}]], "flatdemandmonths": [0] * 12},
        {"demandratestructure": [[]], "demandweekdayschedule": []},
        {"energyratestructure": [[{"rate": 1, "unit": " KWH "}], [{"unit": "kWh"}], []]},
    ],
    ids=str,
)
def test_what_has_no_say_is_not_refused(change: dict[str, Any]) -> None:
    """A share of a ratchet that looks back on nothing; words; a demand that states nothing; periods that no schedule
    names. The schedules name period 0 alone."""
    plain = {
        "energyratestructure": [[{"rate": 1}]],
        "energyweekdayschedule": [[0] * 24] * 12,
        "energyweekendschedule": [[0] * 24] * 12,
    }
    load = load_of(np.full(8760, 1000, np.int64), 2018, 0, 1)
    bills = rate_load(read_record(plain | change), load, "chrono")
    assert [bill.total for bill in bills] == [bill.energy for bill in bills] == [Fraction(k) for k in MONTH_HOURS]


def test_a_period_that_a_schedule_names_must_state_a_rate() -> None:
    named = [[0] * 23 + [1]] * 12
    record = {"energyratestructure": [[{"rate": 1}], []]}
    with pytest.raises(UrdbRefused, match="has no blocks"):
        read_record(record | {"energyweekdayschedule": named, "energyweekendschedule": named})
    with pytest.raises(UrdbRefused, match="has no blocks"):
        read_record(record | {"energyweekdayschedule": named})


MONTH_HOURS = [24 * days for days in (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)]


def test_files_of_many_shapes() -> None:
    one = json.dumps({"label": "a", "energyratestructure": [[{"rate": 1}]]})
    for text in (one, f"[{one}]", f'{{"items": [{one}]}}', json.dumps(one)):
        assert [record.label for record in read_json(text)] == ["a"]
    [record] = read_lines(iter([f'{{"items": [{one}]}}']))
    assert record.label == "a"
    lines = list(read_lines(iter([one, "", "{not json", '{"label": "b"}', "3"])))
    assert [record.refused for record in lines] == [
        None, "line 3: not JSON", "energyratestructure: the record states no price of energy", "record: not an object",
    ]  # fmt: skip


@st.composite
def _tariffs(draw: st.DrawFn) -> IntervalTariff:
    """Any tariff of up to 4 periods and 4 blocks, prices of either sign."""

    def blocks(unit: str) -> Blocks:
        limits = draw(st.lists(st.integers(0, 30_000), max_size=3))
        prices = draw(st.lists(st.integers(-500, 50_000), min_size=len(limits) + 1, max_size=len(limits) + 1))
        return Blocks(tuple(limits), tuple(prices), unit)

    def schedule(periods: int) -> tuple[int, ...]:
        row = draw(st.lists(st.integers(0, periods - 1), min_size=48, max_size=48))
        return tuple(row[(slot * 7 + slot // 24) % 48] for slot in range(SLOTS))

    energy = tuple(blocks(draw(st.sampled_from([BY_USE, BY_DAY, BY_DEMAND]))) for _ in range(draw(st.integers(1, 4))))
    demand = tuple(blocks(BY_USE) for _ in range(draw(st.integers(0, 3))))
    flat = tuple(blocks(BY_USE) for _ in range(draw(st.integers(0, 2))))
    ratchet = Ratchet((draw(st.integers(0, 100)), 100), (draw(st.booleans()),) * 12, draw(st.integers(0, 12)))
    by = st.sampled_from([A_MONTH, A_DAY, A_YEAR])
    return IntervalTariff(
        "random", "", 4, draw(st.integers(0, 2)), energy, schedule(len(energy)), demand,
        schedule(len(demand)) if demand else (), flat, tuple(k % len(flat) for k in range(12)) if flat else (),
        ratchet, draw(st.integers(0, 10**6)), draw(st.integers(0, 10**4)), draw(by),
        draw(st.integers(0, 10**8)), draw(by), (),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(_tariffs(), st.integers(0, 2**32 - 1), st.sampled_from(MEETINGS), st.sampled_from([10, 5_000, 10**6]))
def test_two_speeds_give_the_same_year(tariff: IntervalTariff, seed: int, meeting: str, size: int) -> None:
    load = np.random.default_rng(seed).integers(0, size, 8760).tolist()
    bills = _fast(tariff, load, 1, meeting)
    assert bills == _plain(tariff, load, 1, meeting)
    for bill in bills:
        assert bill.total_minor == half_up(bill.total, 2)
        assert bill.total == bill.energy + bill.demand_flat + bill.demand_tou + bill.fixed + bill.minimum


@settings(max_examples=20, deadline=None)
@given(_tariffs(), st.integers(0, 2**32 - 1))
def test_where_all_periods_have_the_same_blocks_pro_rata_is_in_time(tariff: IntervalTariff, seed: int) -> None:
    same = Blocks(tariff.energy[0].limits, tariff.energy[0].prices, tariff.energy[0].unit)
    alike = IntervalTariff(**(vars(tariff) | {"energy": (same,) * len(tariff.energy)}))
    load = np.random.default_rng(seed).integers(0, 10_000, 8760).tolist()
    assert _fast(alike, load, 1, "prorata") == _fast(alike, load, 1, "chrono")


def _equal(got: Fraction, expected: str) -> bool:
    if expected.endswith("~"):
        return abs(got - Fraction(expected[:-1])) <= Fraction(1, 10**9)
    return decimal_text(got) == expected


def _load_of_file(path: Path, steps: int) -> Load:
    return load_of(np.array([int(line) for line in path.read_text().split()], np.int64), 2018, 0, steps)


if SHARED.exists():

    def test_all_shared_cases_to_the_last_digit() -> None:
        loads: dict[str, Load] = {}
        wrong, equal = [], 0
        for case in json.loads((SHARED / "expected.json").read_text())["cases"]:
            [record] = read_json(open_text(SHARED / "tariffs" / Path(case["tariff_file"]).name))
            name = case["load"]
            loads.setdefault(name, _load_of_file(SHARED / name, case["steps_per_hour"]))
            for meeting, expected in case["expected"].items():
                if "error" in expected:  # nested blocks have no expected totals; that they are rated is what is stated
                    assert record.tariff is not None, record.refused
                    assert "kWh/kW" in record.tariff.read_as[0]
                    continue
                assert record.tariff is not None, record.refused
                bills = rate_load(record.tariff, loads[name], meeting)
                for part in PARTS:
                    if not all(map(_equal, (getattr(bill, part) for bill in bills), expected[part])):
                        wrong.append((case["id"], meeting, part))
                    equal += 1
                assert _equal(sum((bill.total for bill in bills), Fraction(0)), expected["annual"])
                assert [half_up(bill.total, 2) for bill in bills] == expected["total_cents_half_up"]
        assert not wrong
        assert equal > 124 * 3 * 5

    @pytest.mark.parametrize("meeting", ["prorata", "chrono"])
    def test_the_corpus_sample_to_the_last_digit(meeting: str) -> None:
        load = _load_of_file(SHARED / "loads" / "com.csv", 1)
        records = list(read_lines(iter(open_text(SHARED / "corpus_sample.jsonl.gz").splitlines())))
        with gzip.open(SHARED / "corpus_sample_expected.jsonl.gz", "rt") as lines:
            expected = {each["label"]: each[meeting] for each in map(json.loads, lines)}
        rated = [record for record in records if record.tariff is not None]
        wrong = [
            record.label
            for record in rated
            if record.tariff is not None
            and expected[record.label] is not None
            and not all(
                map(_equal, (bill.total for bill in rate_load(record.tariff, load, meeting)), expected[record.label])
            )
        ]
        assert not wrong
        assert len(rated) == len(records)
