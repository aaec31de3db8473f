"""Register-days in columns: the rows of the interval store, and how a day that is delivered again meets the old one."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gridhall.columns.law import law, lean
from gridhall.rules.interval_use import MEASURED, MISSING

Ints = npt.NDArray[np.int64]
Steps = npt.NDArray[np.int32]
Bits = npt.NDArray[np.uint8]

WH_MOST = 2**31 - 1  # in one step: 2.1 GW by the hour, more than any customer takes
STEP_MINUTES = (1, 2, 3, 5, 6, 10, 12, 15, 20, 30, 60)
EPOCH = date(1970, 1, 1).toordinal()

SCHEMA = pa.schema([
    pa.field("register", pa.int64(), nullable=False),
    pa.field("day", pa.date32(), nullable=False),
    pa.field("minutes", pa.int16(), nullable=False),
    pa.field("revision", pa.int32(), nullable=False),
    pa.field("wh", pa.list_(pa.field("element", pa.int32(), nullable=False)), nullable=False),
    pa.field("quality", pa.list_(pa.field("element", pa.uint8(), nullable=False))),
])  # fmt: skip

_merged_step = law("interval_use").merged_step


@dataclass(frozen=True)
class Days:
    """Rows of register and day, in that order, each once.

    int64 columns `register`, `day` (day number), `minutes` of a step, `revision` (the commit that brought the row), and
    `first`: where the row's steps begin in `wh` (whole Wh) and `quality` (bits of `rules.interval_use`), one more than
    rows. `quality` is empty where every step is measured.
    """

    register: Ints
    day: Ints
    minutes: Ints
    revision: Ints
    first: Ints
    wh: Steps
    quality: Bits

    def __len__(self) -> int:
        return len(self.register)

    def row(self, k: int) -> tuple[Steps, Bits]:
        """(Wh, quality) of the steps of a row."""
        span = slice(int(self.first[k]), int(self.first[k + 1]))
        quality = self.quality[span] if len(self.quality) else np.full(span.stop - span.start, MEASURED, np.uint8)
        return self.wh[span], quality

    def with_quality(self) -> "Days":
        """The same with `quality` written out."""
        if len(self.quality) == len(self.wh):
            return self
        return _changed(self, quality=np.full(len(self.wh), MEASURED, np.uint8))

    def take(self, rows: npt.NDArray[np.intp]) -> "Days":
        """Some rows, in the order given."""
        lengths = np.diff(self.first)[rows]
        first = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(lengths, out=first[1:])
        at = np.repeat(self.first[rows] - first[:-1], lengths) + np.arange(first[-1])
        quality = self.quality[at] if len(self.quality) else self.quality
        return Days(
            self.register[rows], self.day[rows], self.minutes[rows], self.revision[rows], first, self.wh[at], quality
        )  # fmt: skip

    def between(self, low: int, high: int) -> "Days":
        """The rows of registers from `low` to before `high`, as views."""
        start, end = (int(k) for k in np.searchsorted(self.register, [low, high]))
        if (start, end) == (0, len(self)):
            return self
        first = self.first[start : end + 1]
        span = slice(int(first[0]), int(first[-1]))
        rows = slice(start, end)
        return Days(
            self.register[rows], self.day[rows], self.minutes[rows], self.revision[rows], first - first[0],
            self.wh[span], self.quality[span],
        )  # fmt: skip


def _changed(days: Days, **columns: npt.NDArray[np.generic]) -> Days:
    return Days(**({field.name: getattr(days, field.name) for field in fields(Days)} | columns))


def no_days() -> Days:
    none = np.zeros(0, np.int64)
    return Days(none, none, none, none, np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8))


def days_of(
    register: Sequence[int] | Ints, day: Sequence[int] | Ints, minutes: Sequence[int] | Ints,
    wh: Sequence[Sequence[int]], quality: Sequence[Sequence[int]] | None = None,
) -> Days:  # fmt: skip
    """Rows from lists, put in order. Raises ValueError for a register-day that stands twice, a step length that does
    not divide the hour, and energy beyond bounds."""
    first = np.zeros(len(wh) + 1, np.int64)
    np.cumsum([len(row) for row in wh], out=first[1:])
    flat = np.fromiter((value for row in wh for value in row), np.int64, int(first[-1]))
    bits = np.zeros(0, np.uint8)
    if quality is not None:
        bits = np.fromiter((value for row in quality for value in row), np.uint8, int(first[-1]))
    return in_order(
        np.asarray(register, np.int64), np.asarray(day, np.int64), np.asarray(minutes, np.int64), first, flat, bits
    )


def in_order(register: Ints, day: Ints, minutes: Ints, first: Ints, wh: npt.NDArray[np.integer], quality: Bits) -> Days:
    """Rows from columns, checked and put in order; raises ValueError as `days_of`."""
    if len(first) > 1 and int(np.diff(first).min()) < 1:
        raise ValueError("a day without steps")
    if len(wh) and (int(wh.min()) < 0 or int(wh.max()) > WH_MOST):
        raise ValueError(f"energy of a step lies between 0 and {WH_MOST} Wh")
    odd = ~np.isin(minutes, STEP_MINUTES)
    if odd.any():
        raise ValueError(f"steps of {int(minutes[odd][0])} minutes do not divide the hour")
    days = Days(register, day, minutes, np.zeros(len(register), np.int64), first, wh.astype(np.int32), quality)
    order = np.lexsort((day, register))
    if not np.array_equal(order, np.arange(len(order))):
        days = days.take(order)
    twice = (days.register[1:] == days.register[:-1]) & (days.day[1:] == days.day[:-1])
    if twice.any():
        k = int(np.argmax(twice))
        raise ValueError(f"register {int(days.register[k])} has {date.fromordinal(int(days.day[k]))} twice")
    return days


def month_of(day: Ints) -> Ints:
    """YYYYMM of each day number."""
    months = (day - EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (1970 + months // 12) * 100 + months % 12 + 1


def to_table(days: Days) -> pa.Table:
    """As the store's files hold it. The quality of a row is null where every step is measured."""
    offsets = pa.array(days.first.astype(np.int32))
    quality = pa.nulls(len(days), SCHEMA.field("quality").type)
    if len(days.quality) and len(days):
        plain = np.minimum.reduceat(days.quality == MEASURED, days.first[:-1])
        if not plain.all():
            quality = _lists_with_nulls(days, plain)
    element = SCHEMA.field("wh").type
    wh = pa.ListArray.from_arrays(offsets, pa.array(days.wh), type=element)
    day = pa.array((days.day - EPOCH).astype(np.int32)).cast(pa.date32())
    columns = [days.register, day, days.minutes.astype(np.int16), days.revision.astype(np.int32), wh, quality]
    return pa.table([pa.array(each) if isinstance(each, np.ndarray) else each for each in columns], schema=SCHEMA)


def _lists_with_nulls(days: Days, plain: npt.NDArray[np.bool_]) -> pa.Array:
    lengths = np.where(plain, 0, np.diff(days.first))
    first = np.zeros(len(days) + 1, np.int32)
    np.cumsum(lengths, out=first[1:])
    kept = days.quality[np.repeat(~plain, np.diff(days.first))]
    listed = SCHEMA.field("quality").type
    return pa.ListArray.from_arrays(pa.array(first), pa.array(kept), type=listed, mask=pa.array(plain))


def from_table(table: pa.Table, revision: int = 0) -> Days:
    """Rows of a file, without copying the energies. `revision`: that of all rows, else they carry their own."""
    table = table.combine_chunks()
    lists = table.column("wh").chunk(0) if table.num_rows else pa.array([], SCHEMA.field("wh").type)
    first = lists.offsets.to_numpy().astype(np.int64)
    wh = lists.values.to_numpy()[first[0] : first[-1]] if len(first) else np.zeros(0, np.int32)
    first = first - first[0] if len(first) else np.zeros(1, np.int64)
    numbers = {name: _numbers(table, name) for name in ("register", "day", "minutes", "revision")}
    numbers["day"] = numbers["day"] + EPOCH
    if revision:
        numbers["revision"] = np.full(table.num_rows, revision, np.int64)
    return Days(**numbers, first=first, wh=wh, quality=_quality(table, first))


def _numbers(table: pa.Table, name: str) -> Ints:
    if name not in table.column_names:
        return np.zeros(table.num_rows, np.int64)
    column = table.column(name)
    if pa.types.is_date32(column.type):
        column = pa.chunked_array([chunk.view(pa.int32()) for chunk in column.chunks], pa.int32())
    numbers: Ints = column.to_numpy().astype(np.int64, copy=False)
    return numbers


def _quality(table: pa.Table, first: Ints) -> Bits:
    if "quality" not in table.column_names:
        return np.zeros(0, np.uint8)
    column = table.column("quality")
    if column.null_count == table.num_rows:
        return np.zeros(0, np.uint8)
    lists = column.chunk(0)
    bits = np.full(int(first[-1]), MEASURED, np.uint8)
    stated = lists.is_valid().to_numpy(zero_copy_only=False)
    bits[np.repeat(stated, np.diff(first))] = lists.flatten().to_numpy()
    return bits


def joined(parts: Sequence[Days]) -> Days:
    """The rows of several, one behind the other (not put in order)."""
    if len(parts) == 1:
        return parts[0]
    if any(len(part.quality) for part in parts):
        parts = [part.with_quality() for part in parts]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("register", "day", "minutes", "revision", "wh", "quality")
    }
    lengths = np.concatenate([np.diff(part.first) for part in parts])
    first = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=first[1:])
    return Days(**columns, first=first)


def newest(parts: Sequence[Days], revision: int = 0) -> Days:
    """One row per register and day: that of the highest revision (not above `revision`, where one is given)."""
    days = joined(parts)
    rows = np.lexsort((days.revision, days.day, days.register))
    if revision:
        rows = rows[days.revision[rows] <= revision]
    register, day = days.register[rows], days.day[rows]
    last = np.ones(len(rows), np.bool_)
    last[:-1] = (register[1:] != register[:-1]) | (day[1:] != day[:-1])
    return days.take(rows[last])


@lean
def _merge_steps(
    old_wh: Steps, old_bits: Bits, old_first: Ints, new_wh: Steps, new_bits: Bits, new_first: Ints, count: Ints,
    wh: Steps, bits: Bits, changed: Bits,
) -> None:  # fmt: skip
    at = 0
    for row in range(len(count)):
        for k in range(count[row]):
            a, b = old_first[row] + k, new_first[row] + k
            wh[at], bits[at] = _merged_step(int(old_wh[a]), int(old_bits[a]), int(new_wh[b]), int(new_bits[b]))
            if wh[at] != old_wh[a] or bits[at] != old_bits[a]:
                changed[row] = 1
            at += 1


def merged(old: Days, new: Days) -> Days:
    """What of `new` has to be written over `old`: each row merged step by step by `rules.interval_use`, rows that
    change nothing left out. A day of other steps than the old one replaces it whole."""
    if not len(old) or not len(new):
        return new
    place = _places(old, new)
    same = place >= 0
    at = place[same]
    same[same] = (old.minutes[at] == new.minutes[same]) & (np.diff(old.first)[at] == np.diff(new.first)[same])
    rows = np.flatnonzero(same)
    if not len(rows):
        return new
    old, again = old.with_quality(), new.take(rows).with_quality()
    wh, bits, changed = np.empty_like(again.wh), np.empty_like(again.quality), np.zeros(len(rows), np.uint8)
    _merge_steps(
        old.wh, old.quality, old.first[place[rows]], again.wh, again.quality, again.first[:-1],
        np.diff(again.first), wh, bits, changed,
    )  # fmt: skip
    result = _changed(again, wh=wh, quality=bits).take(np.flatnonzero(changed))
    if len(rows) < len(new):
        result = joined([result, new.take(np.flatnonzero(~same))])
        result = result.take(np.lexsort((result.day, result.register)))
    return result


def _places(old: Days, new: Days) -> Ints:
    """The row of `old` that each row of `new` is, -1 where there is none."""
    both = np.concatenate([old.register, new.register])
    _, dense = np.unique(both, return_inverse=True)
    keys = dense.astype(np.int64) * (1 << 22) + np.concatenate([old.day, new.day])
    mine, wanted = keys[: len(old)], keys[len(old) :]
    at = np.minimum(np.searchsorted(mine, wanted), len(mine) - 1)
    return np.where(mine[at] == wanted, at, -1)


def missing_steps(days: Days) -> Ints:
    """How many steps of each row are missing."""
    if not len(days.quality) or not len(days):
        return np.zeros(len(days), np.int64)
    return np.add.reduceat((days.quality == MISSING).astype(np.int64), days.first[:-1])
