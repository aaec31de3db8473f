"""One text, two speeds: plain Python and the compiled law agree to the last unit, and lines add up, on random plans."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.columns.law import law
from gridhall.columns.rating import Segments, pack, rate, rate_amounts
from gridhall.rules import calendar, late_charge, losses, price_series, proration, units
from gridhall.rules.layout import FAULT_BOUNDS, N_STATE, ONCE_PER_BILL, PLAN_ROUND_AT, PLAN_ROUND_HOW, UNPRICED, USE
from gridhall.rules.plan import RatedBill, rate_with
from gridhall.tariffs.book import load_book
from gridhall.tariffs.compile import compile_version
from tests.rules.plans import bills, plans

TRIES = int(os.environ.get("GRIDHALL_TRIES", "300"))
many = settings(max_examples=TRIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BIG = st.one_of(st.integers(-(2**62) + 1, 2**62 - 1), st.integers(-(10**7), 10**7))
LAW = law("units")


@many
@given(st.data())
def test_random_bills_are_the_same_by_both(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(plans(), min_size=1, max_size=3))
    drawn = data.draw(st.lists(bills(len(chosen)), min_size=1, max_size=4))
    decimals = chosen[0].decimals
    chosen = [plan for plan in chosen if plan.decimals == decimals]  # a bill has one currency
    for bill in drawn:
        for segment in bill:
            segment["plan"] %= len(chosen)
    rows = [segment | {"bill": k} for k, bill in enumerate(drawn) for segment in bill]
    segments = Segments.zeros(len(rows))
    for i, row in enumerate(rows):
        for name, value in row.items():
            getattr(segments, name)[i] = value
    tables = pack(chosen)
    rated = rate(tables, segments, len(drawn))
    totals = rate_amounts(tables, segments, len(drawn))
    at = first = 0
    for k, bill in enumerate(drawn):
        one = rate_with(chosen, bill)
        last = at + len(one.lines)
        assert int(rated.line_count[k]) == len(one.lines)
        assert int(rated.fault[k]) == one.fault == int(totals.fault[k])
        assert int(rated.bill_amount[k]) == one.amount == int(totals.bill_amount[k])
        assert rated.by_class[k].tolist() == list(one.by_class)
        assert (int(rated.bill_wh[k]), int(rated.credit_wh[k])) == (one.wh, one.credit_wh)
        for line, row in zip(one.lines, range(at, last), strict=True):
            same = line._replace(bill=k, segment=line.segment + first)
            assert [int(getattr(rated, name)[row]) for name in line._fields] == list(same)
        _adds_up(one, chosen[bill[0]["plan"]].table, 10 ** (13 - decimals))
        at, first = last, first + len(bill)


BEYOND = """
tariff: test-blocks-of-demand
name: blocks of demand
currency: CNY
source: made for this test
for: {{class: commercial}}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    billing demand: {{at least kW: 1}}
    demand: [{{price per kW a month: {price}, billed: billing demand, divided: once a bill}}]
"""


@pytest.mark.parametrize("price", ["2", "[1, 2], limits: [100]"])
def test_a_demand_beyond_bounds_is_a_fault_in_blocks_as_without_them(price: str) -> None:
    """8.8 TW is beyond the 4.4 TW that are counted: it may not be billed as if it were those 4.4 TW."""
    book = load_book(BEYOND.format(price=price))
    plan = compile_version(book, book.versions[0])
    segments = Segments.zeros(2)
    segments.bill[:] = (0, 1)
    segments.from_day[:], segments.to_day[:], segments.period_days[:] = 739_000, 739_030, 30
    segments.demand_w[:] = (units.QUANTITY_MAX, 2 * units.QUANTITY_MAX)
    rated = rate(pack([plan]), segments, 2)
    assert rated.fault.tolist() == [0, FAULT_BOUNDS]
    days = {"from_day": 739_000, "to_day": 739_030, "period_days": 30, "period_months": 1}
    alone = [rate_with([plan], [days | {"demand_w": int(watts)}]) for watts in segments.demand_w]
    assert [bill.fault for bill in alone] == [0, FAULT_BOUNDS]
    assert rated.bill_amount.tolist() == [bill.amount for bill in alone]


def _adds_up(bill: RatedBill, table: tuple[int, ...], parts: int) -> None:
    """Lines and ledger classes both come to the bill; rounded once, the bill is the rounded exact sum."""
    assert sum(line.amount for line in bill.lines) == bill.amount == sum(bill.by_class)
    if table[PLAN_ROUND_AT] == ONCE_PER_BILL:
        exact = sum(line.amount * parts + line.rest for line in bill.lines)
        assert bill.amount == units.rounded(exact // parts, exact % parts, parts, table[PLAN_ROUND_HOW])


@many
@given(BIG, BIG, st.integers(1, 2**44 - 1))
def test_mul_div_is_exact(a: int, b: int, divisor: int) -> None:
    if abs(a * b) // divisor >= 2**62:
        b %= 1 << 20
        a %= 1 << 40
    if abs(a * b) // divisor < 2**62:
        assert units.mul_div(a, b, divisor) == divmod(a * b, divisor)
        assert LAW.mul_div(a, b, divisor) == divmod(a * b, divisor)


@many
@given(st.integers(0, 2**62 - 1), st.integers(0, 2**62 - 1), st.integers(0, 2**62 - 1), st.integers(0, 2**62 - 1))
def test_products_are_compared_without_being_formed(a: int, b: int, c: int, d: int) -> None:
    expected = (a * b > c * d) - (a * b < c * d)
    assert units.compare_products(a, b, c, d) == LAW.compare_products(a, b, c, d) == expected
    assert units.compare_products(a, b, b, a) == 0


@many
@given(st.integers(-(10**12), 10**12), st.integers(0, 10**11 - 1), st.integers(-(10**11), 10**11))
def test_percentages_are_exact_to_the_last_part(minor: int, rest: int, rate_now: int) -> None:
    parts = 10**11
    whole, more = units.percent_of(minor, rest, rate_now, parts)
    exact = (minor * parts + rest) * rate_now
    assert 0 <= more < parts
    assert whole * parts + more == (2 * exact + 10**10) // (2 * 10**10)
    assert LAW.percent_of(minor, rest, rate_now, parts) == (whole, more)


@many
@given(st.integers(-(10**12), 10**12), st.integers(0, 10**11 - 1), st.integers(0, 1100), st.integers(1, 366))
def test_shares_are_exact_to_the_last_part(minor: int, rest: int, part: int, of: int) -> None:
    parts = 10**11
    whole, more = units.share_of(minor, rest, part, of, parts)
    exact = (minor * parts + rest) * part
    assert 0 <= more < parts
    assert whole * parts + more == (2 * exact + of) // (2 * of)
    assert LAW.share_of(minor, rest, part, of, parts) == (whole, more)


@many
@given(st.integers(-(10**14), 10**14), st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_a_split_keeps_its_sum_and_is_off_by_less_than_one(total: int, weights: list[int]) -> None:
    shares = [0] * len(weights)
    proration.split_largest(total, weights, 0, len(weights), shares, 0)
    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert whole == 0 or abs(share * whole - total * weight) < whole
    compiled = np.zeros(len(weights), np.int64)
    law("proration").split_largest(total, np.array(weights, np.int64), 0, len(weights), compiled, 0)
    assert compiled.tolist() == shares


@many
@given(st.integers(1, 3_652_059))
def test_day_numbers_are_those_of_the_calendar(number: int) -> None:
    from datetime import date

    day = date.fromordinal(number)
    assert calendar.date_of(number) == (day.year, day.month, day.day) == law("calendar").date_of(number)
    assert calendar.day_number(day.year, day.month, day.day) == number


@many
@given(
    st.integers(-(10**9), 10**12), st.integers(738_000, 740_000), st.integers(0, 900), st.integers(0, 900),
    st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 1), st.integers(0, 1), st.integers(0, 500),
    st.integers(0, 1000), st.integers(0, 10**6), st.integers(0, 10**6),
)  # fmt: skip
def test_late_charge_by_both(
    principal: int, due: int, upto: int, as_of: int, rate_now: int, carried: int, start: int, inclusive: int,
    minimum: int, cap: int, accrued: int, charged: int,
) -> None:  # fmt: skip
    terms = (rate_now, carried, start, inclusive, minimum, cap)
    given_now = (principal, due, due + upto, due + as_of, *terms, accrued, charged)
    answer = late_charge.late_charge(*given_now)
    assert answer == law("late_charge").late_charge(*given_now)
    assert min(answer) >= 0


@many
@given(st.integers(1, 10**7), st.lists(st.integers(1, 400), min_size=1, max_size=8), st.integers(0, 500))
def test_asking_for_the_late_charge_in_between_makes_it_no_dearer(principal: int, stops: list[int], least: int) -> None:
    """Part payments that pay next to nothing: the sum of the charges is that of one payment at the end, to half a fen
    a stretch. Adding to what the least charge had lifted made it up to the least charge dearer."""
    due, accrued, charged, upto = 739_000, 0, 0, 739_000
    for stop in sorted(set(stops)):
        terms = (1000, 1000, late_charge.FROM_DAY_AFTER, 1, least, 0)
        accrues, add = late_charge.late_charge(principal, due, upto, due + stop, *terms, accrued, charged)
        accrued, charged, upto = accrued + accrues, charged + add, due + stop
    _, at_once = late_charge.late_charge(principal, due, due, due + max(stops), *terms, 0, 0)
    assert 2 * abs(charged - at_once) <= len(stops) + 1


@many
@given(st.integers(0, 10**9), st.integers(738_000, 739_000), st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_late_charge_step_by_step_comes_to_the_same_days(principal: int, due: int, stops: list[int]) -> None:
    """Charging up to some days in between and going on counts every day once."""
    total_days = late_charge.days_late(due, due, due + max(stops), late_charge.FROM_DAY_AFTER, 1)
    own = carried = 0
    upto = due
    for stop in sorted(stops):
        more = late_charge.days_late(due, upto, due + stop, late_charge.FROM_DAY_AFTER, 1)
        own, carried, upto = own + more[0], carried + more[1], max(upto, due + stop)
    assert (own, carried) == total_days
    assert own + carried == max(stops)


@many
@given(
    st.lists(st.tuples(st.integers(-(2**40), 2**40), st.one_of(st.integers(-(2**37), 2**37), st.just(UNPRICED)))),
    st.sampled_from([10**10, 10**11, 10**13]),
)
def test_a_series_costs_the_sum_of_its_steps(steps: list[tuple[int, int]], parts: int) -> None:
    wh, prices = [each[0] for each in steps], [each[1] for each in steps]
    minor, rest, missing = price_series.cost_of_series(wh, prices, 0, len(steps), parts)
    priced = next((k for k, (use, price) in enumerate(steps) if use and price == UNPRICED), -1)
    assert missing == priced
    upto = len(steps) if missing == -1 else missing
    assert minor * parts + rest == sum(use * price for use, price in steps[:upto] if price != UNPRICED)
    compiled = law("price_series").cost_of_series
    columns = np.array([*wh, 0], np.int64), np.array([*prices, 0], np.int64)
    assert tuple(map(int, compiled(*columns, 0, len(steps), parts))) == (minor, rest, missing)


@many
@given(st.data())
def test_a_loss_is_shared_out_to_the_last_watt_hour(data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.integers(0, 2**38), min_size=5, max_size=5))
    added = data.draw(st.integers(-sum(parts), 2**40))
    state = [0] * N_STATE
    state[USE] = sum(parts)
    state[USE + 1 : USE + 6] = parts
    compiled = np.array(state, np.int64)
    losses.spread(state, added)
    law("losses").spread(compiled, added)
    assert compiled.tolist() == state
    assert state[USE] == sum(state[USE + 1 : USE + 6]) == sum(parts) + added
    assert min(state[USE + 1 : USE + 6]) >= 0
