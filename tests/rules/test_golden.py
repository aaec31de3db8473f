"""The golden tables, each case by plain Python and by the compiled law."""

from typing import Any

import numpy as np
import pytest

from gridhall.columns.law import law
from gridhall.columns.money import allocate_batch, late_charges, use_of_registers
from gridhall.columns.rating import Segments, pack, rate
from gridhall.rules import allocation, late_charge, usage
from gridhall.rules.blocks import limit_of
from gridhall.rules.layout import FROM_DAY, N_FACTS, PLAN_HEAD, TO_DAY
from gridhall.rules.plan import FACT_NAMES, rate_with
from gridhall.rules.power_factor import adjustment_rate, power_factor
from gridhall.rules.units import RATE_ONE
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.examples import run_examples, segment_of
from gridhall.tariffs.factors import factor_table
from tests.rules.golden import books, case_segments, day, table, whole

RULES = table("rules")
BOOKS = books()


def _id(case: Any) -> str:
    return str(case["case"])


def _ints(*values: int) -> Any:
    return np.array(values, np.int64)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.code)
def test_golden_bills_hold_in_plain_python(book: Any) -> None:
    results = run_examples(book)
    assert results
    for result in results:
        assert result.holds, result


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.code)
def test_golden_bills_hold_in_columns(book: Any) -> None:
    for version in book.versions:
        plan = compile_version(book, version)
        facts = [(example, segment_of(book, example, ())) for example in version.body["examples"]]
        if version.piece:
            facts = [each for each in facts if version.holds(each[1]["to_day"] - 1)]
        segments = Segments.zeros(len(facts))
        for k, (_, segment) in enumerate(facts):
            for name, value in segment.items():
                getattr(segments, name)[k] = value
            segments.bill[k] = k
        rated = rate(pack([plan]), segments, len(facts))
        assert rated.bill_amount.tolist() == [whole(example["bill"], 100) for example, _ in facts]
        assert not rated.fault.any()


@pytest.mark.parametrize("case", table("segments")["cases"], ids=_id)
def test_bills_of_several_segments(case: Any) -> None:
    plans, stated = case_segments(case)
    expected = whole(case["bill"], 100)
    bill = rate_with(plans, stated)
    assert (bill.amount, bill.fault) == (expected, 0)
    assert sum(line.amount for line in bill.lines) == expected
    segments = Segments.zeros(len(stated))
    for k, facts in enumerate(stated):
        for name, value in facts.items():
            getattr(segments, name)[k] = value
    rated = rate(pack(plans), segments, 1)
    assert rated.bill_amount.tolist() == [expected]
    assert rated.amount.tolist() == [line.amount for line in bill.lines]


def _register(piece: Any) -> tuple[int, int, int, int, int]:
    scale = 10 ** piece["decimals"]
    values = whole(piece["previous"], scale), whole(piece["current"], scale)
    return (*values, piece["digits"], piece["decimals"], piece["multiplier"])


@pytest.mark.parametrize("case", RULES["use"], ids=_id)
def test_use_of_a_register(case: Any) -> None:
    after_estimate = int(case.get("after estimate", False))
    register = _register(case)
    expected = whole(case["gives kWh"], 1000)
    assert usage.register_use(*register, after_estimate) == expected
    columns = [_ints(value) for value in (*register, after_estimate)]
    assert use_of_registers(*columns).tolist() == [expected]


@pytest.mark.parametrize("case", RULES["exchange"], ids=_id)
def test_use_over_a_meter_exchange(case: Any) -> None:
    columns = list(zip(*(_register(piece) for piece in case["pieces"]), strict=True))
    expected = whole(case["gives kWh"], 1000)
    assert usage.use_over_exchange(*columns, len(case["pieces"])) == expected
    assert law("usage").use_over_exchange(*(_ints(*column) for column in columns), len(case["pieces"])) == expected


@pytest.mark.parametrize("case", RULES["power factor"], ids=_id)
def test_power_factor(case: Any) -> None:
    wh, varh = whole(case["kWh"], 1000), whole(case["kvarh"], 1000)
    factor = power_factor(wh, varh)
    assert factor == whole(case["factor"], 100)
    assert law("power_factor").power_factor(wh, varh) == factor
    rate_now = adjustment_rate(factor_table("cn-power-factor-1983"), 0, case["standard"], factor)
    assert rate_now == whole(case["per cent"], RATE_ONE // 100)


@pytest.mark.parametrize("case", RULES["late charge"], ids=_id)
def test_late_charge(case: Any) -> None:
    rate_now = whole(case["per cent a day"], late_charge.RATE_ONE // 100)
    carried = whole(case.get("carried per cent a day", case["per cent a day"]), late_charge.RATE_ONE // 100)
    principal, charged = whole(case["principal"], 100), whole(case.get("charged", 0), 100)
    accrued = whole(case.get("accrued", case.get("charged", 0)), 100)
    due, upto, paid = day(case["due"]), day(case.get("upto", case["due"])), day(case["paid"])
    minimum, cap = whole(case.get("minimum", 0), 100), whole(case.get("cap per cent", 0), 10)
    expected = whole(case["gives"], 100)
    first, end = late_charge.counted_days(due, upto, paid, late_charge.FROM_DAY_AFTER, 1)
    spans = [(day(since), day(until)) for since, until in case.get("excused", ())]
    off = late_charge.days_excused(due, first, end, spans)
    one = late_charge.late_charge(
        principal, due, upto, paid, rate_now, carried, late_charge.FROM_DAY_AFTER, 1, minimum, cap, accrued, charged,
        *off,
    )  # fmt: skip
    many = late_charges(
        _ints(principal), _ints(due), _ints(upto), paid, rate_now, carried, minimum, cap, accrued, _ints(charged),
        excused=off[0], excused_carried=off[1],
    )  # fmt: skip
    assert one[1] == expected
    assert [column.tolist() for column in many] == [[one[0]], [one[1]]]


@pytest.mark.parametrize("case", RULES["widths"], ids=_id)
def test_block_widths_by_days(case: Any) -> None:
    """The published widths are printed in whole kWh."""
    book = next(book for book in BOOKS if book.code == "test-tnb")
    plan = compile_version(book, book.versions[0])
    facts = [0] * N_FACTS
    facts[FROM_DAY], facts[TO_DAY] = 1, 1 + case["days"]
    tops = [limit_of(plan.table, 0, PLAN_HEAD, 0, block, facts, 1, 0) for block in range(3)]
    widths = [top - low for top, low in zip(tops, [0, *tops], strict=False)]
    assert [(wh + 500) // 1000 for wh in widths] == case["gives kWh"]


@pytest.mark.parametrize("case", RULES["allocation"], ids=_id)
def test_allocation(case: Any) -> None:
    items = case["items"]
    owed = [whole(item["owed"], 100) for item in items]
    kinds = [allocation.LATE_CHARGE if "late" in item else 1 for item in items]
    keys = [
        allocation.order_key(allocation.OLDEST_FIRST, day(item["due"]), kind)
        for item, kind in zip(items, kinds, strict=True)
    ]
    order, paid = [0] * len(items), [0] * len(items)
    allocation.sort_items(keys, 0, len(items), order)
    amount = whole(case["pays"], 100)
    left = allocation.allocate(amount, owed, order, 0, len(items), paid)
    expected = [whole(value, 100) for value in case["gives"]]
    assert (paid, left) == (expected, whole(case["left"], 100))
    many, rest, _ = allocate_batch(_ints(amount), _ints(0, len(items)), _ints(*owed), _ints(*keys))
    assert (many.tolist(), rest.tolist()) == (expected, [left])


def test_facts_of_the_rules_and_columns_of_segments_are_the_same() -> None:
    assert len(FACT_NAMES) == N_FACTS
    assert list(FACT_NAMES) == list(Segments.__dataclass_fields__)
