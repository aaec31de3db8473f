"""Quarter hours of some homes for the last month: what their meters counted, shared out as people live."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridhall.customers import public as customers
from gridhall.metering import public as metering
from gridhall.project.demo.opening import ACTOR, Opened
from gridhall.project.demo.town import Ints

HOMES = 40
STEPS = 96
STREAM = 77
GAPS = 3  # homes whose meter was out of reach for two hours, so that there is something to estimate
SATURDAY = 5


def deliver(opened: Opened, period: int, first: list[int]) -> int:
    """Load the quarter hours of the period for `first` and more homes, HOMES in all; returns how many register-days.

    The steps of a register add up to what it counted from reading to reading, to the watt-hour.
    """
    town = opened.town
    others = opened.account_id[town.class_code == customers.RESIDENTIAL].tolist()
    accounts = list(dict.fromkeys([*first, *others]))[:HOMES]
    serials: list[str] = []
    days: list[date] = []
    lists: list[list[int | None]] = []
    for place, account_id in enumerate(accounts):
        random = np.random.default_rng([STREAM, place])
        for value in metering.register_values(account_id, 1, period):
            if value.tou != metering.TOTAL or value.period != period or value.previous_on is None or value.wh <= 0:
                continue
            count = (value.read_on - value.previous_on).days
            if count <= 0:
                continue
            span = [value.previous_on + timedelta(days=k) for k in range(count)]
            rows: list[list[int | None]] = [list(row) for row in _shared(random, span, value.wh).tolist()]
            if place < GAPS:
                rows[count // 2][30:38] = [None] * 8
            serials += [value.serial] * count
            days += span
            lists += rows
    if not lists:
        return 0
    table = pa.table(
        {"meter": serials, "day": pa.array(days, pa.date32()), "wh": pa.array(lists, pa.list_(pa.int32()))}
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"quarter-hours-{period}.parquet"
        pq.write_table(table, path)
        done = metering.load_intervals(ACTOR, [path], metering.LoadTerms())
    if done.refused:
        raise RuntimeError(f"quarter hours were refused: {dict(done.refused)}")
    months = sorted({day.year * 100 + day.month for day in days})
    metering.fill_interval_gaps(ACTOR, months)
    return done.written


def _shared(random: np.random.Generator, span: list[date], wh: int) -> Ints:
    """Whole Wh, days × steps, that add up to `wh`."""
    hours = np.arange(STEPS) / 4
    evening, noon = random.normal(19.5, 0.8), random.normal(12.2, 0.5)
    shape = 0.3 + 1.3 * np.exp(-((hours - evening) ** 2) / 5) + 0.6 * np.exp(-((hours - noon) ** 2) / 2)
    shape = shape + 0.5 * np.exp(-((hours - 7.2) ** 2) / 1.2)
    home = np.array([[1.0 + 0.5 * ((9 <= hour < 17) and day.weekday() >= SATURDAY) for hour in hours] for day in span])
    weight: NDArray[np.float64] = shape * home * random.gamma(6, 1 / 6, (len(span), STEPS))
    up_to = np.floor(np.cumsum(weight.reshape(-1)) / weight.sum() * wh + 1e-6).astype(np.int64)
    up_to[-1] = wh
    steps: Ints = np.diff(up_to, prepend=0).reshape(len(span), STEPS)
    return steps
