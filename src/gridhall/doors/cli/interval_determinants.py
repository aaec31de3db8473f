"""The determinants of a month by a tariff book, as rows for the command line."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import typer

from gridhall.columns import determinants as of_store
from gridhall.columns.interval_days import Days
from gridhall.columns.interval_store import Snapshot
from gridhall.columns.slot_table import SlotTable, slot_table
from gridhall.kernel import clock
from gridhall.metering import public as metering
from gridhall.rules.calendar import add_months
from gridhall.rules.interval_use import MINUTES_OF_HOUR, NO_DEMAND
from gridhall.tariffs.book import BookError, load_book
from gridhall.tariffs.by_load import newest
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.slots import PERIOD_NAMES, PERIODS, calendar_of

STEPS = (5, 15, 30, 60)
PEAK_MINUTES = 60  # the peak of the system is that of an hour


def rows_of(month: int, tariff: Path, units: list[int] | None, coincident: bool) -> Iterator[dict[str, Any]]:
    """A row for each register: kWh and kW by period and in all, the time of the peak, what is missing or estimated.
    Rows come range by range as they are found; what is wrong with the tariff is said before the first."""
    first = date(month // 100, month % 100, 1).toordinal()
    until = add_months(first, 1)
    zone = clock.zone()
    snapshot = metering.interval_snapshot()
    partitions = snapshot.partitions([month], units)
    try:
        book = load_book(tariff.read_text(encoding="utf-8"))
        version = newest(book)
        calendar = calendar_of(book, version, compile_version(book, version), first, until)
        slots = slot_table([calendar], first, until, zone, STEPS)
    except BookError as fault:
        raise typer.BadParameter(str(fault), param_hint="--tariff") from fault
    peak = _system_peak(snapshot, partitions, first, until - first) if coincident else None
    return _rows(snapshot, partitions, slots, first, peak)


def _rows(
    snapshot: Snapshot, partitions: list[tuple[int, int]], slots: SlotTable, first: int, peak: tuple[int, int] | None
) -> Iterator[dict[str, Any]]:
    def one(days: Days) -> tuple[of_store.Determinants, dict[int, dict[str, Any]]]:
        found = of_store.gather(days, slots, lambda each: np.zeros(len(each), np.int64))
        return found, _at_peak(days, peak)

    for month, unit in partitions:
        for found, at_peak in of_store.over_ranges(snapshot, month, unit, one):
            serials = metering.serials_of(found.register.tolist())
            for k, register in enumerate(found.register.tolist()):
                yield _row(found, k, serials.get(register, ""), first) | at_peak.get(register, {})


def _row(found: of_store.Determinants, k: int, serial: str, first: int) -> dict[str, Any]:
    register = int(found.register[k])
    wh, peak = found.wh[k].sum(axis=0), found.peak_w[k].max(axis=0)
    flat = int(np.argmax(found.peak_w[k]))
    at = int(found.peak_at[k].reshape(-1)[flat])
    row: dict[str, Any] = {"meter": serial, "register": register, "kWh": _thousandths(int(found.wh_total[k]))}
    for period in range(PERIODS - 1):
        if peak[period] != NO_DEMAND:
            row[f"kWh {PERIOD_NAMES[period]}"] = _thousandths(int(wh[period]))
            row[f"kW {PERIOD_NAMES[period]}"] = _thousandths(int(peak[period]))
    row["kW"] = _thousandths(int(found.highest_w[k]))
    row["day of peak"] = date.fromordinal(first + at // of_store.MOMENTS_A_DAY).isoformat()
    row["step of peak"] = at % of_store.MOMENTS_A_DAY + 1
    return row | {"days": int(found.days[k]), "missing": int(found.missing[k]), "estimated": int(found.estimated[k])}


def _thousandths(value: int) -> str:
    return f"{value // 1000}.{value % 1000:03}"


def _system_peak(
    snapshot: Snapshot, partitions: list[tuple[int, int]], first: int, days: int
) -> tuple[int, int]:  # fmt: skip
    """(day number, minute of the day) in which all registers of the partitions took the most in an hour."""
    total = np.zeros((days, MINUTES_OF_HOUR * 25 // PEAK_MINUTES), np.int64)
    for month, unit in partitions:
        total += of_store.system_load(snapshot, month, unit, first, days, PEAK_MINUTES)
    day, step = divmod(int(np.argmax(total)), total.shape[1])
    return first + day, step * PEAK_MINUTES


def _at_peak(days: Days, peak: tuple[int, int] | None) -> dict[int, dict[str, Any]]:
    if peak is None:
        return {}
    clock_text = f"{date.fromordinal(peak[0]).isoformat()} {peak[1] // 60:02}:{peak[1] % 60:02}"
    found = (each.tolist() for each in of_store.in_hour(days, *peak))
    return {
        register: {f"kW at {clock_text}": _thousandths(watts)} for register, watts in zip(*found, strict=True)
    }  # fmt: skip
