"""Rating against a hand-written Numba loop: blocks, a fixed charge and a tax, over many tariffs, in the same run.

The loop by hand knows this one kind of tariff and nothing else: three blocks of a month, one fixed charge, one tax,
one currency. It is measured twice, as the rules are: bill amounts alone, and bills with all their lines. Both must
come to the same, to the last unit. `python bench/rating.py [--quick] [--accounts N] [--json]`
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numba
import numpy as np
import numpy.typing as npt

from _report import Figure, parser, report
from gridhall.columns.rating import BillAmounts, RatedBills, Segments, pack, rate, rate_amounts
from gridhall.rules.layout import KWH, MONTH, N_FACTS, N_LINE, PER_CENT, PLAN
from gridhall.rules.plan import CompiledPlan, Line, rate_segments
from gridhall.tariffs.book import load_book
from gridhall.tariffs.compile import compile_version

Ints = npt.NDArray[np.int64]
PLANS = 1_000
CENT = 100_000_000_000
BOOK = """
tariff: bench
name: Bench
currency: CNY
source: bench
for: {{class: residential}}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    energy:
      - price per kWh: [{p1}, {p2}, {p3}]
        blocks: {{count: the month's kWh, limits: [{l1}, {l2}]}}
    fixed: [{{price per month: {fixed}, divided: by days of the period}}]
    taxes: [{{per cent: {tax}, on: [energy, fixed]}}]
"""


def tariffs(rng: np.random.Generator) -> tuple[list[CompiledPlan], Ints]:
    """1,000 different tariffs, as books and as the rows that the loop by hand reads: 2 limits, 3 prices, fixed, tax."""
    plans, rows = [], np.zeros((PLANS, 7), np.int64)
    for k in range(PLANS):
        price = 40_000 + int(rng.integers(0, 20_000))  # 10**-5 of the currency unit
        prices = [price, price + int(rng.integers(1, 9_000)), price + int(rng.integers(9_000, 40_000))]
        limits = [int(rng.integers(100, 300)), int(rng.integers(300, 600))]
        fixed, tax = int(rng.integers(1, 30)), int(rng.integers(1, 20))
        p1, p2, p3 = (f"{value / 100_000:.5f}" for value in prices)
        book = load_book(BOOK.format(p1=p1, p2=p2, p3=p3, l1=limits[0], l2=limits[1], fixed=fixed, tax=tax))
        plans.append(compile_version(book, book.versions[0]))
        rows[k] = [limits[0] * 1000, limits[1] * 1000, *(value * 10**5 for value in prices), fixed * 10**10, tax]
    return plans, rows


@numba.njit(error_model="numpy")
def amounts_by_hand(rows: Ints, plan: Ints, wh: Ints, amount: Ints) -> None:
    for i in range(plan.shape[0]):
        row = rows[plan[i]]
        left = wh[i]
        exact = min(left, row[0]) * row[2]
        if left > row[0]:
            exact += (min(left, row[1]) - row[0]) * row[3]
        if left > row[1]:
            exact += (left - row[1]) * row[4]
        exact += 1000 * row[5]
        exact += (exact * row[6] + 50) // 100
        amount[i] = (exact + CENT // 2) // CENT


@numba.njit(error_model="numpy")
def line_by_hand(
    lines: Ints, n: int, i: int, component: int, block: int, quantity: int, unit: int, price: int, base: int,
    exact: int, total: int, shown: int,
) -> int:  # fmt: skip
    now = (total + CENT // 2) // CENT
    lines[0, n] = i
    lines[1, n] = i
    lines[2, n] = component
    lines[3, n] = block
    lines[4, n] = 0
    lines[5, n] = quantity
    lines[6, n] = unit
    lines[7, n] = price
    lines[8, n] = base
    lines[9, n] = now - shown
    lines[10, n] = exact - (now - shown) * CENT
    return now


@numba.njit(error_model="numpy")
def lines_by_hand(rows: Ints, plan: Ints, wh: Ints, amount: Ints, count: Ints, by_class: Ints, lines: Ints) -> int:
    n = 0
    for i in range(plan.shape[0]):
        row = rows[plan[i]]
        first = n
        total = 0
        shown = 0
        low = 0
        for block in range(3):
            high = row[block] if block < 2 else 1 << 60
            quantity = min(wh[i], high) - low
            if quantity <= 0:
                break
            exact = quantity * row[2 + block]
            total += exact
            shown = line_by_hand(lines, n, i, 0, block + 1, quantity, KWH, row[2 + block], 0, exact, total, shown)
            n += 1
            low = high
        energy = shown
        exact = 1000 * row[5]
        total += exact
        base = total
        shown = line_by_hand(lines, n, i, 1, 0, 1000, MONTH, row[5], 0, exact, total, shown)
        fixed = shown - energy
        exact = (base * row[6] + 50) // 100
        total += exact
        shown = line_by_hand(lines, n + 1, i, 2, 0, 0, PER_CENT, row[6] * 10**8, base // CENT, exact, total, shown)
        n += 2
        amount[i] = shown
        count[i] = n - first
        by_class[1, i] = energy
        by_class[2, i] = fixed
        by_class[4, i] = shown - energy - fixed
    return n


def best(tries: int, run: Callable[[], object]) -> float:
    """The shortest of some runs, in seconds of processor time, which others on the same machine do not lengthen."""
    times = []
    for _ in range(tries):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def segments_of(accounts: int, rng: np.random.Generator) -> Segments:
    segments = Segments.zeros(accounts)
    segments.bill[:] = np.arange(accounts)
    segments.plan[:] = rng.integers(0, PLANS, accounts)
    segments.from_day[:] = 739_000
    segments.to_day[:] = 739_030
    segments.period_days[:] = 30
    segments.wh_total[:] = rng.integers(0, 900_000, accounts)
    return segments


def one_bill_us(plans: list[CompiledPlan], segments: Segments) -> tuple[float, bool]:
    """Microseconds for one bill by plain Python with the same rules, and whether it gave the same as the columns
    did."""
    facts = segments.facts().reshape(N_FACTS, -1)
    bills = [(plans[int(segments.plan[i])].table, [int(fact) for fact in facts[:, i]]) for i in range(2_000)]
    for _, fact in bills:
        fact[PLAN] = 0
    rated = [rate_segments(table, (0,), fact, 1) for table, fact in bills]
    few = bills[:200]
    spent = best(10, lambda: [rate_segments(table, (0,), fact, 1) for table, fact in few])
    columns = rate_amounts(pack(plans), segments, len(segments)).bill_amount
    return spent / len(few) * 1e6, [bill.amount for bill in rated] == columns[: len(bills)].tolist()


def main() -> int:
    flags = parser(__doc__ or "")
    flags.add_argument("--accounts", type=int, default=0, help="accounts to rate (1,000,000; 200,000 with --quick)")
    asked = flags.parse_args()
    accounts = asked.accounts or (200_000 if asked.quick else 1_000_000)
    rng = np.random.default_rng(20261125)
    plans, rows = tariffs(rng)
    tables, segments = pack(plans), segments_of(accounts, rng)
    amount, count, by_class = (
        np.zeros(accounts, np.int64),
        np.zeros(accounts, np.int64),
        np.zeros((6, accounts), np.int64),
    )
    room = np.empty((N_LINE, 5 * accounts), np.int64)

    amounts_by_hand(rows, segments.plan, segments.wh_total, amount)
    written = lines_by_hand(rows, segments.plan, segments.wh_total, amount, count, by_class, room)
    rated: RatedBills = rate(tables, segments, accounts)
    totals: BillAmounts = rate_amounts(tables, segments, accounts)
    equal = (
        written == len(rated.bill)
        and all(np.array_equal(getattr(rated, name), room[k, :written]) for k, name in enumerate(Line._fields))
        and np.array_equal(rated.bill_amount, amount)
        and np.array_equal(totals.bill_amount, amount)
        and np.array_equal(rated.by_class, by_class.T)
    )
    del rated

    def all_lines_by_hand() -> object:
        fresh = np.empty((N_LINE, 5 * accounts), np.int64)  # as the rules do, so that both pay for their memory
        return lines_by_hand(rows, segments.plan, segments.wh_total, amount, count, by_class, fresh)

    tries = 5 if asked.quick else 9
    hand_amounts = best(tries, lambda: amounts_by_hand(rows, segments.plan, segments.wh_total, amount))
    rule_amounts = best(tries, lambda: rate_amounts(tables, segments, accounts))
    hand_lines = best(tries, all_lines_by_hand)
    rule_lines = best(tries, lambda: rate(tables, segments, accounts))
    microseconds, same = one_bill_us(plans, segments)
    report("rating", [
        Figure("accounts", accounts, "accounts"),
        Figure("tariffs", PLANS, "tariffs"),
        Figure("bills with lines, by the rules", rule_lines * 1000, "ms"),
        Figure("bills with lines, by hand", hand_lines * 1000, "ms"),
        Figure("bills with lines, rules / hand", rule_lines / hand_lines, "x", "<= 5"),
        Figure("bill amounts alone, by the rules", rule_amounts * 1000, "ms"),
        Figure("bill amounts alone, by hand", hand_amounts * 1000, "ms"),
        Figure("bill amounts alone, rules / hand", rule_amounts / hand_amounts, "x", "<= 5"),
        Figure("one bill by plain Python", microseconds, "us", "<= 50"),
        Figure("all equal to the last unit (1 yes)", float(equal and same), "", ">= 1"),
    ])  # fmt: skip
    return 0 if equal and same else 1


if __name__ == "__main__":
    raise SystemExit(main())
