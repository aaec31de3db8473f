"""OpenEI records as no one would write them: rated, or refused by a field's name; never anything else."""

import copy
import json
import math
import os
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.columns.intervals import load_of, rate_many
from gridhall.doors.cli.tariff_load import decimal_text
from gridhall.rules.interval_bills import CannotRate
from gridhall.tariffs.urdb import read_json, read_lines
from tests.rules.golden import table
from tests.rules.test_intervals import _hours

RECORDS = [
    {key: _hours(value) if key.endswith("schedule") else value for key, value in record.items()}
    for record in (*table("urdb")["records"].values(), *(case["record"] for case in table("urdb_components")["cases"]))
]
FIELDS = sorted({field for record in RECORDS for field in record} | {"rate", "max", "unit", "fixedattrs", "dgrules"})
TRIES = int(os.environ.get("GRIDHALL_TRIES", "300"))
STRANGE: list[Any] = [
    None, True, False, "", "kWh", "NaN", "Infinity", "-0", "1e400", "٣", [], {}, [[]], [[[]]], [{}], [[{}]], [None], -1,
    0, 1, 12, 2**63, 10**30, 1e38, -1e-30, 0.30000000000000004, 1e-7, Decimal("1e-24"), Decimal("1e999999"),
    Decimal("NaN"), Decimal("-0"), "net metering", "kW daily", "hp", "$/day", [0] * 12, [0] * 13,
    [[0] * 24] * 12, [[0] * 23] * 12,
    [[0] * 24] * 13, [[99] * 24] * 12, [[0.5] * 24] * 12, [["0"] * 24] * 12, [[{"rate": 1, "max": None}]] * 70,
    [[{"rate": 1, "max": k} for k in range(40)]],
]  # fmt: skip
LOAD = load_of(np.arange(8760, dtype=np.int64) * 7 % 40_000, 2018, 0, 1)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a record; of a long list, its first and last."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from _places(value[key], (*path, key))
    elif isinstance(value, list) and value:
        for k in {0, len(value) - 1}:
            yield from _places(value[k], (*path, k))


def _changed(record: Any, rng: random.Random) -> Any:
    """A copy of a record with some parts replaced, lengthened, shortened, removed or renamed."""
    record = copy.deepcopy(record)
    for _ in range(rng.choice([1, 1, 2, 4])):
        path = rng.choice([each for each in _places(record) if each] or [("name",)])
        owner = record
        for key in path[:-1]:
            owner = owner[key]
        how = rng.randrange(5)
        if how == 0 and isinstance(owner, dict):
            owner.pop(path[-1], None)
        elif how == 1 and isinstance(owner, dict):
            owner[rng.choice(FIELDS)] = copy.deepcopy(rng.choice(STRANGE))
        elif how == 2 and isinstance(owner, list):
            owner += owner[: rng.randrange(3)] if rng.random() < 0.5 else [copy.deepcopy(rng.choice(STRANGE))]
        elif how == 3 and isinstance(owner, list):
            del owner[rng.randrange(len(owner))]
        else:
            owner[path[-1]] = copy.deepcopy(rng.choice(STRANGE))
    return record


def _check(record: Any, meeting: str) -> bool:
    """Rate a record, or see that it is refused by name; returns whether it was rated."""
    [read] = read_json(json.dumps(record, default=str))
    if read.tariff is None:
        assert read.refused is not None
        field, _, reason = read.refused.partition(": ")
        assert field
        assert reason
        assert len(read.refused) < 400
        return False
    [bills] = rate_many([read.tariff], LOAD, meeting)
    if isinstance(bills, CannotRate):
        assert bills.field
        return False
    assert len(bills) == 12
    for bill in bills:
        assert math.isfinite(float(decimal_text(bill.total)))
    return True


def test_mutants_are_rated_or_refused_by_name() -> None:
    rng = random.Random(20261125)
    rated = sum(_check(_changed(rng.choice(RECORDS), rng), rng.choice(["prorata", "chrono"])) for _ in range(3_000))
    assert 300 < rated < 2_700  # both happen


@pytest.mark.storm
def test_a_hundred_thousand_mutants() -> None:
    rng = random.Random(7)
    for _ in range(100_000):
        _check(_changed(rng.choice(RECORDS), rng), rng.choice(["prorata", "chrono", "per_period"]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=TRIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_any_json_is_answered_record_by_record(value: Any) -> None:
    text = json.dumps(value)
    whole = [] if isinstance(value, str) else read_json(text)  # a text inside a text is opened, and may be no JSON
    for record in (*whole, *read_lines(iter([text]))):
        assert (record.tariff is None) != (record.refused is None)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1", "nul", '"', "\ud800", "9" * 5000, "[" * 100_000, '{"energyratestructure": NaN}', "\x00", '"\\"'],
)
def test_text_that_is_no_record_is_told(text: str) -> None:
    for record in read_lines(iter([text])):
        assert record.refused
    try:
        records = read_json(text)
    except ValueError:
        return
    assert all(record.refused for record in records)
