"""From Parquet to priced lines: a month of quarter hours of 20,000 accounts, exact, beside the decoding of the column.

57.6 million values lie in the interval store as Parquet. Decoding that column with pyarrow, in the same run, by the
faster of its two ways, is the limit that the disk format sets; the whole way (read, periods, peaks, tariff, lines) may
take 1.5 times as long. The result is compared with one bill by plain Python for each of some accounts.
`python bench/interval.py [--quick] [--accounts N] [--json]`
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from _report import Figure, parser, report
from gridhall.columns.interval_days import in_order
from gridhall.columns.interval_store import Store
from gridhall.columns.rating import pack
from gridhall.columns.slot_table import slot_table
from gridhall.columns.store_bills import Pricing, bills, pricing_of
from gridhall.tariffs.book import load_book
from gridhall.tariffs.by_load import rate_by_book
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.slots import calendar_of

Ints = npt.NDArray[np.int64]
FIRST, UNTIL, MONTH, UNIT = date(2026, 9, 1).toordinal(), date(2026, 10, 1).toordinal(), 202609, 7
DAYS, STEPS, TARIFFS = UNTIL - FIRST, 96, 20
ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 10, 1, tzinfo=UTC)
BOOK = """
tariff: bench
name: Bench
currency: CNY
source: bench
for: {{class: commercial}}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    seasons: {{summer: 07-01..09-{cut:02}, other: rest}}
    periods:
      sharp: {{summer: "11:00-12:00, 20:00-22:00"}}
      peak: {{summer: "08:00-11:00, 14:00-20:00", other: "08:00-12:00, 16:00-21:00"}}
      valley: "23:00-06:{minute:02}"
      flat: rest
    energy:
      - price per kWh: {{sharp: {p1}, peak: {p2}, flat: {p3}, valley: {p4}}}
    demand: [{{price per kW a month: {kw}, billed: measured, divided: by days of the period}}]
    fixed: [{{price per month: 25, divided: by days of the period}}]
    taxes: [{{per cent: 13, on: [energy, demand, fixed]}}]
"""


def books() -> list[str]:
    """20 tariffs: four periods with seasons, some of which end within the month, demand, a fixed charge and a tax."""
    texts = []
    for k in range(TARIFFS):
        p1, p2, p3, p4 = (f"{1.2 - 0.3 * n + k / 1000:.5f}" for n in range(4))
        texts.append(
            BOOK.format(cut=15 if k % 4 == 0 else 30, minute=15 * (k % 4), p1=p1, p2=p2, p3=p3, p4=p4, kw=30 + k)
        )
    return texts


def loads(accounts: int, first_register: int, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Quarter hours of a month as households and shops have them: a shape by the hour, a size, and chance."""
    hours = np.arange(STEPS) / 4
    shape = 0.35 + np.exp(-((hours - 19.5) ** 2) / 8) + 0.5 * np.exp(-((hours - 12) ** 2) / 6)
    size = rng.lognormal(4.6, 0.6, (accounts, 1, 1))
    chance = rng.gamma(4.0, 0.25, (accounts, DAYS, STEPS)).astype(np.float32)
    wh: npt.NDArray[np.int32] = (size * shape * chance).astype(np.int32).reshape(-1)
    wh[:: STEPS * DAYS] += first_register % 7  # no unit is like another
    return wh


def fill(store: Store, accounts: int, units: int) -> None:
    """A month of each of some units, one load each."""
    for unit in range(units):
        rng = np.random.default_rng(20261125 + unit)
        registers = np.arange(accounts, dtype=np.int64) + 1 + unit * accounts
        rows = accounts * DAYS
        wh = loads(accounts, int(registers[0]), rng)
        days = in_order(
            np.repeat(registers, DAYS), np.tile(np.arange(FIRST, UNTIL), accounts), np.full(rows, 15, np.int64),
            np.arange(0, rows * STEPS + 1, STEPS), wh, np.zeros(0, np.uint8),
        )  # fmt: skip
        with store.load(AT, f"bench {unit}") as load:
            load.add(days, np.full(rows, UNIT + unit, np.int64))
            load.commit()


def pricing(accounts: int) -> Pricing:
    """All registers on the 20 tariffs, in turn."""
    loaded = [load_book(text) for text in books()]
    plans = [compile_version(book, book.versions[0]) for book in loaded]
    calendars = [
        calendar_of(book, book.versions[0], plan, FIRST, UNTIL) for book, plan in zip(loaded, plans, strict=True)
    ]
    slots = slot_table(calendars, FIRST, UNTIL, ZONE, (15,))
    registers = np.arange(1, accounts + 1, dtype=np.int64)
    return pricing_of(pack(plans), slots, np.stack([registers, registers % TARIFFS], axis=1))


def priced(store: Store, what: Pricing, units: int = 1) -> tuple[int, int, int]:
    """(bills, lines, minor units) of some units: what a bill run would keep, a range at a time."""
    count = lines = amount = 0
    for unit in range(units):
        for part in bills(store.snapshot(), MONTH, UNIT + unit, what):
            if part.rated.fault.any():
                raise SystemExit("a bill has a fault")
            count += len(part.rated.bill_amount)
            lines += len(part.rated.bill)
            amount += int(part.rated.bill_amount.sum())
    return count, lines, amount


def as_by_plain_python(store: Store, what: Pricing, tries: int) -> bool:
    """Whether some registers' bills are what the rules under CPython make of the same steps."""
    snapshot = store.snapshot()
    loaded = [load_book(text) for text in books()]
    first = next(iter(bills(snapshot, MONTH, UNIT, what, workers=1)))
    start = (FIRST - date(2026, 1, 1).toordinal()) * STEPS
    for k in range(0, len(first.found.register), max(1, len(first.found.register) // tries)):
        register = int(first.found.register[k])
        year = [0] * (365 * STEPS)
        year[start : start + DAYS * STEPS] = snapshot.register(register, [MONTH]).wh.tolist()
        book = loaded[register % TARIFFS]
        if rate_by_book(book, book.versions[0], year, 2026, 4)[8].total_minor != int(first.rated.bill_amount[k]):
            return False
    return True


def shortest(tries: int, runs: list[Callable[[], object]]) -> list[float]:
    """The shortest time of each run in seconds; the runs take turns, so that a busy moment meets all of them."""
    times = [float("inf")] * len(runs)
    for _ in range(tries):
        for k, run in enumerate(runs):
            start = time.perf_counter()
            run()
            times[k] = min(times[k], time.perf_counter() - start)
    return times


def memory_of(root: Path, accounts: int, units: int) -> float:
    """The most memory (MiB) that a process of its own takes to price some units."""
    told = subprocess.run(
        [sys.executable, __file__, "--price", str(root), str(accounts), str(units)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(json.loads(told.stdout)["mib"])


def price_and_tell(root: Path, accounts: int, units: int) -> int:
    """What the process of `memory_of` does."""
    priced(Store(root), pricing(accounts * units), units)
    # VmHWM is of this process alone; getrusage would tell what its parent had before it began
    status = Path("/proc/self/status").read_text().splitlines()
    peak_kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    print(json.dumps({"mib": peak_kib / 1024}))
    return 0


def main() -> int:
    if sys.argv[1:2] == ["--price"]:
        return price_and_tell(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    flags = parser(__doc__ or "")
    flags.add_argument("--accounts", type=int, default=20_000, help="accounts with a month of quarter hours")
    asked = flags.parse_args()
    units = 1 if asked.quick else 5
    with tempfile.TemporaryDirectory(prefix="gridhall-bench-") as folder:
        root = Path(folder)
        store = Store(root)
        start = time.perf_counter()
        fill(store, asked.accounts, units)
        filling = time.perf_counter() - start
        what = pricing(asked.accounts * units)
        part = next(part for part in store.snapshot().state.parts if part.unit == UNIT)
        path = store.folder.full(part.path)
        same = as_by_plain_python(store, what, 20)
        count, lines, _ = priced(store, what)
        by_threads, alone, whole = shortest(5 if asked.quick else 15, [
            lambda: pq.read_table(path, columns=["wh"]),
            lambda: pq.read_table(path, columns=["wh"], use_threads=False),
            lambda: priced(store, what),
        ])  # fmt: skip
        one = memory_of(root, asked.accounts, 1)
        many = one if units == 1 else memory_of(root, asked.accounts, units)
        values = asked.accounts * DAYS * STEPS
        size = sum(each.stat().st_size for each in root.rglob("*.parquet")) / units
    decode = min(by_threads, alone)
    report("interval", [
        Figure("values of a month", values, "values"),
        Figure("on disk", size / values, "B/value"),
        Figure("load into the store", units * values / filling / 1e6, "M values/s"),
        Figure("decode the column, pyarrow", decode * 1000, "ms"),
        Figure("from Parquet to priced lines", whole * 1000, "ms"),
        Figure("priced lines / decoding", whole / decode, "x", "<= 1.5"),
        Figure("bills", count, "bills"),
        Figure("lines", lines, "lines"),
        Figure("memory, one month", one, "MiB", "<= 1536"),
        Figure(f"memory, {units} times as much", many, "MiB", "<= 1536"),
        Figure("equal to plain Python (1 yes)", float(same), "", ">= 1"),
    ])  # fmt: skip
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
