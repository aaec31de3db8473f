"""Register-days for tests: small, and told by a seed."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from gridhall.columns.interval_days import Days, days_of
from gridhall.columns.interval_store import Loaded, Store

AT = datetime(2026, 10, 1, tzinfo=UTC)
FIRST = date(2026, 9, 1).toordinal()
UNIT, MONTH = 7, 202609


def days(
    registers: list[int], day_count: int = 3, steps: int = 96, seed: int = 1, first: int = FIRST, quality: bool = False
) -> Days:
    """Each register's days from `first` on, with random steps."""
    rng = np.random.default_rng(seed)
    rows = [(register, first + k) for register in registers for k in range(day_count)]
    wh = [rng.integers(0, 2000, steps).tolist() for _ in rows]
    bits = [rng.choice([0, 1, 1, 1, 2], steps).tolist() for _ in rows] if quality else None
    if bits is not None:
        wh = [[value if bit else 0 for value, bit in zip(*row, strict=True)] for row in zip(wh, bits, strict=True)]
    return days_of([r for r, _ in rows], [d for _, d in rows], [1440 // steps] * len(rows), wh, bits)


def load(store: Store, given: Days, unit: int = UNIT, at: datetime = AT) -> Loaded:
    with store.load(at, "test") as loading:
        loading.add(given, np.full(len(given), unit, np.int64))
        return loading.commit()


def everything(store: Store, at: datetime | None = None) -> dict[tuple[int, int], tuple[list[int], list[int]]]:
    """(register, day) → (Wh, quality) of the whole store."""
    snapshot = store.snapshot(at)
    result = {}
    for month, unit in snapshot.partitions():
        for block in snapshot.blocks(month, unit):
            for k in range(len(block)):
                wh, bits = block.row(k)
                result[int(block.register[k]), int(block.day[k])] = (wh.tolist(), bits.tolist())
    return result


def as_dict(given: Days) -> dict[tuple[int, int], tuple[list[int], list[int]]]:
    return {
        (int(given.register[k]), int(given.day[k])): tuple(each.tolist() for each in given.row(k))  # type: ignore[misc]
        for k in range(len(given))
    }


def files(root: Path) -> set[Path]:
    return set(root.rglob("*.parquet"))
