"""Interval data from Parquet files of others: columns meter (text), day (date) and wh (a list of whole numbers), and
minutes and tou where they have them. The energies are used where the file's reader put them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gridhall.columns.interval_days import EPOCH, STEP_MINUTES, WH_MOST
from gridhall.metering.intervals.delivery import FIRST_DAY, Deliveries, Delivery, Ints, Refused, refuse
from gridhall.metering.models import LAST_TOU, TOTAL

ROWS_AT_ONCE = 8_192
WANTED = ("meter", "day", "wh")
FAULTS = {
    code: (en, zh)
    for code, en, zh in (
        ("serial_missing", "The serial of the meter is missing.", "缺少表号。"),
        ("date_missing", "The day is missing.", "缺少日期。"),
        ("value_missing", "The field is empty.", "该栏为空。"),
        ("negative_value", "The value is negative.", "数值为负。"),
        ("beyond_bounds", f"More than {WH_MOST} Wh in one step.", f"单个时段超过 {WH_MOST} 瓦时。"),
        ("bad_step", "The steps do not make a day: say their minutes.", "时段数不构成一天，请给出 minutes 列。"),
        ("future_date", "The day has not been yet.", "日期尚未到来。"),
        ("bad_date", "No meter is as old.", "日期过早。"),
        ("unknown_meter", "There is no such kind of register.", "没有此类示数类型。"),
    )
}


def read_parquet(path: Path, today: date, refused: Refused) -> Deliveries:
    """The register-days of a file, batch by batch. Refuses as a whole: not_parquet, unknown_columns; rows:
    serial_missing, date_missing, value_missing, negative_value, beyond_bounds, bad_step, future_date, bad_date,
    unknown_meter."""
    try:
        file = pq.ParquetFile(path, memory_map=True)
    except (pa.ArrowException, OSError) as error:
        raise refuse(
            "not_parquet", "This is no whole Parquet file.", "不是完整的 Parquet 文件。", "file", path.name
        ) from error
    with file:
        _check_columns(file.schema_arrow, path)
        row = 0
        names = [name for name in (*WANTED, "minutes", "tou") if name in file.schema_arrow.names]
        for batch in _batches(file, names, path):
            yield _delivery(batch, row, today, refused)
            row += batch.num_rows


def _batches(file: Any, names: list[str], path: Path) -> Iterator[Any]:
    try:
        yield from file.iter_batches(batch_size=ROWS_AT_ONCE, columns=names)
    except (pa.ArrowException, OSError) as error:
        raise refuse(
            "not_parquet", "This is no whole Parquet file.", "不是完整的 Parquet 文件。", "file", path.name
        ) from error


def _check_columns(schema: Any, path: Path) -> None:
    types = {
        "meter": lambda kind: (
            pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)
        ),
        "day": pa.types.is_date32,
        "wh": lambda kind: pa.types.is_list(kind) and pa.types.is_integer(kind.value_type),
        "minutes": pa.types.is_integer,
        "tou": pa.types.is_integer,
    }
    for name, fits in types.items():
        needed = name in WANTED
        if (needed and name not in schema.names) or (name in schema.names and not fits(schema.field(name).type)):
            raise refuse(
                "unknown_columns",
                "Columns: meter (text), day (date) and wh (list of whole numbers); minutes and tou are whole numbers.",
                "应有列：meter（文本）、day（日期）、wh（整数列表）；minutes、tou 为整数。", name, path.name,
            )  # fmt: skip


def _delivery(batch: Any, row: int, today: date, refused: Refused) -> Delivery:
    lists = batch.column("wh")
    first = lists.offsets.to_numpy().astype(np.int64)
    values = lists.values.slice(int(first[0]), int(first[-1] - first[0]))
    first = first - first[0]
    nulls = values.null_count
    wh = values.fill_null(0).to_numpy() if nulls else values.to_numpy()
    quality = values.is_valid().to_numpy(zero_copy_only=False).astype(np.uint8) if nulls else np.zeros(0, np.uint8)
    count = np.diff(first)
    serial = [each or "" for each in batch.column("meter").to_pylist()]
    day = _whole(batch, "day", 0) + EPOCH
    tou = _whole(batch, "tou", 0)
    minutes = _whole(batch, "minutes", 0)
    guessed = np.select([count * m == 1440 for m in STEP_MINUTES], STEP_MINUTES, 0)
    minutes = np.where(minutes > 0, minutes, guessed)
    low, high = _extremes(wh, first)
    faults = [
        (np.array([not each.strip() for each in serial]), "serial_missing", "meter"),
        (batch.column("day").is_null().to_numpy(zero_copy_only=False), "date_missing", "day"),
        (count == 0, "value_missing", "wh"),
        (low < 0, "negative_value", "wh"),
        (high > WH_MOST, "beyond_bounds", "wh"),
        (~np.isin(minutes, STEP_MINUTES), "bad_step", "minutes"),
        (day > today.toordinal(), "future_date", "day"),
        (day < FIRST_DAY, "bad_date", "day"),
        ((tou < TOTAL) | (tou > LAST_TOU), "unknown_meter", "tou"),
    ]
    bad = np.zeros(batch.num_rows, np.bool_)
    for wrong, code, name in faults:
        for k in np.flatnonzero(wrong & ~bad).tolist():
            refused.add(refuse(code, *FAULTS[code], name, serial[k], row + k + 1))
        bad |= wrong
    whole = Delivery(serial, tou, day, minutes, first, wh, quality, np.arange(row + 1, row + 1 + batch.num_rows))
    return part(whole, np.flatnonzero(~bad)) if bad.any() else whole


def _whole(batch: Any, name: str, usual: int) -> Ints:
    if name not in batch.schema.names:
        return np.full(batch.num_rows, usual, np.int64)
    column = batch.column(name)
    if name == "day":
        column = column.cast(pa.int32())
    numbers: Ints = column.fill_null(usual).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _extremes(wh: Any, first: Ints) -> tuple[Ints, Ints]:
    """Lowest and highest value of each row; 0 of a row without values."""
    low, high = np.zeros(len(first) - 1, np.int64), np.zeros(len(first) - 1, np.int64)
    rows = np.flatnonzero(np.diff(first))
    if len(rows):
        low[rows] = np.minimum.reduceat(wh, first[rows])
        high[rows] = np.maximum.reduceat(wh, first[rows])
    return low, high


def part(whole: Delivery, rows: Any) -> Delivery:
    """Some rows of a delivery."""
    lengths = np.diff(whole.first)[rows]
    first = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(lengths, out=first[1:])
    at = np.repeat(whole.first[rows] - first[:-1], lengths) + np.arange(first[-1])
    return Delivery(
        [whole.serial[k] for k in rows.tolist()], whole.tou[rows], whole.day[rows], whole.minutes[rows], first,
        whole.wh[at], whole.quality[at] if len(whole.quality) else whole.quality, whole.row[rows],
    )  # fmt: skip
