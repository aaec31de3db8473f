"""Interval data from CSV or Excel: wide (a row is a register-day) or long (a row is a step).

Wide: 表号 meter, 日期 day, and a column for each step, headed by its number (1, 2, … or v1, p01, …) or by the time at
which it begins (00:00, 00:15, …). Long: 表号 meter, 时间 time, 电量 value. Both may have 示数类型 tou and 质量 quality
(long) beside them. Energy is in kWh or Wh as the caller says; in the long form it may also be the register's value, of
which the steps are the differences.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import chain, islice, pairwise
from pathlib import Path

from gridhall.columns.interval_days import STEP_MINUTES
from gridhall.kernel.refusal import Refusal
from gridhall.metering.importing import fields
from gridhall.metering.importing.kinds import TOU as TOU_WORDS
from gridhall.metering.importing.table import Column, Table, open_table
from gridhall.metering.intervals.delivery import (
    Deliveries,
    Gathering,
    Refused,
    check_day,
    check_minutes,
    refuse,
    whole_wh,
)
from gridhall.rules.interval_use import ESTIMATED, MEASURED, MISSING, SUSPECT

METER = Column("meter", ("表号", "serial", "meter serial", "register"), required=True)
TOU = Column("tou", ("示数类型", "channel"))
DAY = Column("day", ("日期", "date", "数据日期"))
TIME = Column("time", ("时间", "timestamp", "start", "datetime", "开始时间"))
VALUE = Column("value", ("电量", "energy", "kwh", "wh", "示数", "usage", "consumption"))
QUALITY = Column("quality", ("质量", "flag", "status"))
COLUMNS = (METER, TOU, DAY, TIME, VALUE, QUALITY)

QUALITIES = {
    "": MEASURED, "measured": MEASURED, "actual": MEASURED, "a": MEASURED, "实测": MEASURED, "0": MEASURED,
    "estimated": ESTIMATED, "estimate": ESTIMATED, "e": ESTIMATED, "估算": ESTIMATED,
    "suspect": MEASURED | SUSPECT, "存疑": MEASURED | SUSPECT, "missing": MISSING, "缺失": MISSING, "n": MISSING,
}  # fmt: skip
_STEP_HEADING = re.compile(r"(?:[a-z]{0,5}_?)?0*([1-9][0-9]{0,3})")
_CLOCK_HEADING = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")
_MOMENT = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?"
    r"\s*(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
LOOKED_AT = 2_000  # rows from which the length of a step is found


@dataclass(frozen=True)
class TableTerms:
    """How a table is to be read. `unit`: kwh | wh. `cumulative`: values are the register's, not a step's. `stamp_ends`:
    a time is that of the end of a step. `minutes`: of a step, 0 to find it in the file."""

    zone: tzinfo
    today: date
    unit: str = "kwh"
    cumulative: bool = False
    stamp_ends: bool = False
    minutes: int = 0
    encoding: str = ""


def read_table(path: Path, terms: TableTerms, refused: Refused) -> Deliveries:
    """The register-days of a CSV or Excel file; rows that cannot be taken go to `refused`.

    Refuses a file as a whole as `importing.table` does, and: unknown_columns, bad_step, columns_of_a_day.
    """
    table = open_table(path, COLUMNS, terms.encoding)
    if "time" in table.columns and "value" in table.columns:
        return _long(table, terms, refused)
    if "day" not in table.columns:
        raise refuse(
            "unknown_columns", "Neither day with a column for each step, nor time and value.",
            "既没有“日期”及各时段列，也没有“时间”和“电量”列。", "time", path.name,
        )  # fmt: skip
    return _wide(table, terms, refused)


def _wide(table: Table, terms: TableTerms, refused: Refused) -> Deliveries:
    places, by_clock = _step_columns(table)
    minutes = _minutes_of(len(places), terms.minutes)
    gathering = Gathering(terms.zone)
    for row, cells in table.rows():
        try:
            _take_day(gathering, table, cells, row, places, minutes, by_clock, terms)
        except Refusal as refusal:
            refused.add(_at(refusal, row))
        if gathering.full:
            yield from _taken(gathering)
    yield from _taken(gathering)


def _taken(gathering: Gathering) -> Deliveries:
    piece = gathering.take()
    if piece is not None:
        yield piece


def _at(refusal: Refusal, row: int) -> Refusal:
    refusal.row = row
    return refusal


def _step_columns(table: Table) -> tuple[list[int], bool]:
    """(the places of the columns of steps in order, whether they are headed by the clock)."""
    numbered: dict[int, int] = {}
    clocked: dict[int, int] = {}
    own = set(table.columns.values())
    for place, heading in enumerate(table.header):
        plain = heading.strip().casefold()
        if place in own:
            continue
        if found := _CLOCK_HEADING.fullmatch(plain):
            clocked[int(found[1]) * 60 + int(found[2])] = place
        elif found := _STEP_HEADING.fullmatch(plain):
            numbered[int(found[1])] = place
    if clocked:
        return [clocked[minute] for minute in sorted(clocked)], True
    if sorted(numbered) != list(range(1, len(numbered) + 1)):
        raise refuse(
            "columns_of_a_day", "The columns of the steps are not numbered from 1 on without a gap.",
            "各时段列未从 1 起连续编号。", "value", " ".join(map(str, sorted(numbered)[:10])),
        )  # fmt: skip
    return [numbered[k] for k in sorted(numbered)], False


def _minutes_of(columns: int, stated: int) -> int:
    """Minutes of a step, from how many columns there are: 24, 25 (a day of 25 hours) or 23 hours of them."""
    if stated:
        return check_minutes(stated)
    for hours in (24, 25, 23):
        if columns and hours * 60 % columns == 0 and hours * 60 // columns in STEP_MINUTES:
            return hours * 60 // columns
    raise refuse(
        "columns_of_a_day", f"{columns} columns of steps do not make a day.", f"{columns} 个时段列不构成一天。",
        "value", str(columns),
    )  # fmt: skip


def _take_day(
    gathering: Gathering, table: Table, cells: list[str], row: int, places: list[int], minutes: int, by_clock: bool,
    terms: TableTerms,
) -> None:  # fmt: skip
    day = check_day(fields.day("day", _cell(table, cells, "day")).toordinal(), terms.today, row)
    serial, tou = _register(table, cells)
    count = gathering.steps(day, minutes)
    if by_clock and count != 24 * 60 // minutes:
        raise refuse(
            "clock_change", "The clocks change on this day: number the columns, or give a row for each step.",
            "该日时钟调整：请按序号命名时段列，或逐时段给出。", "day", date.fromordinal(day).isoformat(), row,
        )  # fmt: skip
    values = [cells[place].strip() if place < len(cells) else "" for place in places]
    if any(values[count:]):
        raise refuse(
            "columns_of_a_day", f"The day has {count} steps; more have a value.",
            f"该日只有 {count} 个时段，数据多于此数。", "value", str(sum(map(bool, values))), row,
        )  # fmt: skip
    # all of the row is read before any of it is kept
    steps = [(k, whole_wh(*fields.decimal("value", text), terms.unit, row)) for k, text in enumerate(values) if text]
    for k, wh in steps:
        gathering.put(serial, tou, day, minutes, k, wh, MEASURED, row)


def _cell(table: Table, cells: list[str], name: str) -> str:
    place = table.columns.get(name, -1)
    return cells[place] if 0 <= place < len(cells) else ""


def _register(table: Table, cells: list[str]) -> tuple[str, int]:
    serial = fields.clean("meter", _cell(table, cells, "meter"))
    if not serial:
        raise refuse("serial_missing", "The serial of the meter is missing.", "缺少表号。", "meter", "")
    word = _cell(table, cells, "tou").strip()
    return serial, fields.choice("tou", word, TOU_WORDS)


def moment_of(text: str, zone: tzinfo) -> datetime:
    """The moment that a text tells, in its own offset or by the clock of `zone`. Refuses bad_time, and ambiguous_time
    for an hour that the clocks repeat where the text has no offset."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise refuse(
            "bad_time", "This is no moment; write it as 2026-11-01 00:15 or 2026-11-01T00:15+08:00.",
            "时间无效，请写成 2026-11-01 00:15。", "time", text,
        )  # fmt: skip
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
    try:
        late = hour == 24 and minute == 0 and second == 0
        plain = datetime(year, month, day, 0 if late else hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise refuse("bad_time", "There is no such moment.", "没有这样的时间。", "time", text) from None
    plain += timedelta(days=1 if late else 0)
    offset = found[7]
    if offset == "Z":
        return plain
    if offset:
        ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
        return plain - ahead if offset[0] == "+" else plain + ahead
    first, again = plain.replace(tzinfo=zone), plain.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != again.utcoffset():
        raise refuse(
            "ambiguous_time", "The clocks change in this hour: write the offset, as 2026-10-25T02:15+01:00.",
            "该小时时钟调整，请写明时差，如 2026-10-25T02:15+01:00。", "time", text,
        )  # fmt: skip
    return first.astimezone(UTC)


def _long(table: Table, terms: TableTerms, refused: Refused) -> Deliveries:
    moments = lru_cache(maxsize=200_000)(lambda text: moment_of(text, terms.zone))
    rows = table.rows()
    head = list(islice(rows, LOOKED_AT))
    minutes = check_minutes(terms.minutes) if terms.minutes else _found_minutes(table, head, moments)
    gathering = Gathering(terms.zone)
    before: dict[tuple[str, int], tuple[datetime, int, int]] = {}
    for row, cells in chain(head, rows):
        try:
            if terms.cumulative:
                _take_difference(gathering, table, cells, row, minutes, terms, moments, before)
            else:
                _take_step(gathering, table, cells, row, minutes, terms, moments)
        except Refusal as refusal:
            refused.add(_at(refusal, row))
        if gathering.full:
            yield from _taken(gathering)
    yield from _taken(gathering)


Moments = Callable[[str], datetime]


def _found_minutes(table: Table, head: list[tuple[int, list[str]]], moments: Moments) -> int:
    """The shortest time between two rows of one register, among the first rows of the file."""
    seen: dict[tuple[str, str], list[datetime]] = {}
    for _, cells in head:
        try:
            moment = moments(_cell(table, cells, "time"))
        except Refusal:
            continue
        seen.setdefault((_cell(table, cells, "meter"), _cell(table, cells, "tou")), []).append(moment)
    shortest = min(_gaps(seen.values()), default=0)
    if shortest not in STEP_MINUTES:
        raise refuse(
            "bad_step", "The length of a step is not clear from the times: say it with --minutes.",
            "无法从时间判断时段长度，请用 --minutes 指明。", "minutes", str(shortest),
        )  # fmt: skip
    return shortest


def _gaps(stretches: Iterable[list[datetime]]) -> Iterator[int]:
    for moments in stretches:
        for a, b in pairwise(sorted(set(moments))):
            yield int((b - a).total_seconds()) // 60


def _quality(table: Table, cells: list[str]) -> int:
    word = _cell(table, cells, "quality").strip().casefold()
    if word not in QUALITIES:
        known = ", ".join(name for name in QUALITIES if name)
        raise refuse(
            "unknown_word", f"Not known here; known are: {known}.", f"无法识别，可用：{known}。", "quality", word
        )
    return QUALITIES[word]


def _take_step(
    gathering: Gathering, table: Table, cells: list[str], row: int, minutes: int, terms: TableTerms, moments: Moments
) -> None:  # fmt: skip
    quality = _quality(table, cells)
    text = _cell(table, cells, "value").strip()
    if quality == MISSING or not text:
        return
    serial, tou = _register(table, cells)
    moment = moments(_cell(table, cells, "time"))
    if terms.stamp_ends:
        moment -= timedelta(minutes=minutes)
    check_day(moment.astimezone(terms.zone).toordinal(), terms.today, row)
    wh = whole_wh(*fields.decimal("value", text), terms.unit, row)
    gathering.put_at(serial, tou, moment, minutes, wh, quality, row)


def _take_difference(
    gathering: Gathering, table: Table, cells: list[str], row: int, minutes: int, terms: TableTerms, moments: Moments,
    before: dict[tuple[str, int], tuple[datetime, int, int]],
) -> None:  # fmt: skip
    """Values of a register, in the order of time: a step is what it went on by. Parts of a Wh are carried on."""
    register = _register(table, cells)
    moment = moments(_cell(table, cells, "time"))
    value, decimals = fields.decimal("value", _cell(table, cells, "value"))
    check_day(moment.astimezone(terms.zone).toordinal(), terms.today, row)
    nano = value * 10 ** (9 - decimals) * (1000 if terms.unit == "kwh" else 1)
    last = before.get(register)
    before[register] = (moment, nano, row)
    if last is None:
        return
    if moment <= last[0] or nano < last[1]:
        raise refuse(
            "below_previous", "The register or the time goes back.", "示数或时间早于上一行。", "value",
            _cell(table, cells, "value"), row,
        )  # fmt: skip
    steps = int((moment - last[0]).total_seconds()) // 60 // minutes
    if steps != 1:
        return  # what came between was not read: the steps stay missing
    wh = nano // 10**9 - last[1] // 10**9
    gathering.put_at(*register, last[0], minutes, whole_wh(wh, 0, "wh", row), _quality(table, cells), row)
