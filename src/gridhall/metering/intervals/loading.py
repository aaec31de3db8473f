"""Loading interval data: files read, meters found, and everything of one act in the store at once."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction

from gridhall.columns.interval_days import in_order
from gridhall.columns.interval_store import Loading, Store
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home
from gridhall.kernel.refusal import Refusal
from gridhall.metering import finding
from gridhall.metering.intervals.delivery import REFUSED_KEPT, Deliveries, Delivery, Ints, Refused, refuse
from gridhall.metering.intervals.green_button import read_green_button
from gridhall.metering.intervals.parquet import part, read_parquet
from gridhall.metering.intervals.tables import TableTerms, read_table
from gridhall.rules.local_day import steps_of

XML_ENDINGS = (".xml", ".atom")


@dataclass(frozen=True)
class LoadTerms:
    """How files are to be read: see tables.TableTerms; `meters`: usage point of a Green Button file → serial."""

    unit: str = "kwh"
    cumulative: bool = False
    stamp_ends: bool = False
    minutes: int = 0
    encoding: str = ""
    meters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class IntervalsLoaded:
    """What a load came to: register-days `given`, `written` (new or changed) and `known` (said nothing new); refused
    rows (the first REFUSED_KEPT) with `refused` counted by code; the revision that the load is (0: nothing written)."""

    files: int
    given: int
    written: int
    known: int
    rows: tuple[tuple[str, Refusal], ...]
    refused: Mapping[str, int]
    revision: int
    dry_run: bool


def the_store() -> Store:
    """The supplier's store: below the home folder, its files where GRIDHALL_INTERVAL_FILES says."""
    return Store(home() / "intervals", settings.INTERVAL_FILES)


def load_intervals(
    actor: Actor, files: Sequence[Path], terms: LoadTerms, *, dry_run: bool = False
) -> IntervalsLoaded:  # fmt: skip
    """See public.load_intervals."""
    actor.require("readings.take")
    store = the_store()
    refused: dict[str, int] = {}
    rows: list[tuple[str, Refusal]] = []
    names = ", ".join(path.name for path in files)[:200]
    with store.load(clock.now(), f"{actor.kind}:{actor.name}: {names}") as load:
        for path in files:
            found = Refused()
            for delivery in deliveries(path, terms, found):
                _take(actor, delivery, load, found)
            rows += [(path.name, each) for each in found.rows[: max(REFUSED_KEPT - len(rows), 0)]]
            for code, count in found.by_code.items():
                refused[code] = refused.get(code, 0) + count
        if dry_run:
            done = load.differences()
        else:
            with transaction.atomic():
                # the entry is undone where the store refuses; the store's own log names the actor as well
                audit.record(
                    actor, "metering.load_intervals", f"intervals:{names}"[: audit.SUBJECT_MOST],
                    after={
                        "files": len(files), "names": [path.name for path in files], "refused": sum(refused.values()),
                    },
                )  # fmt: skip
                done = load.commit()
    return IntervalsLoaded(
        len(files), done.given, done.written, done.known, tuple(rows), refused, 0 if dry_run else done.revision, dry_run
    )


def deliveries(path: Path, terms: LoadTerms, refused: Refused) -> Deliveries:
    """What a file delivers, by what kind of file it is. Refuses no_file and what the readers refuse."""
    if not path.is_file():
        raise refuse("no_file", f"There is no file {path}.", f"找不到文件 {path}。", "file", str(path))
    with path.open("rb") as file:
        head = file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:4] == b"PAR1":
        return read_parquet(path, clock.today(), refused)
    if head[:1] == b"<" or path.suffix.lower() in XML_ENDINGS:
        return read_green_button(path, clock.zone(), clock.today(), terms.meters, refused)
    table = TableTerms(
        clock.zone(), clock.today(), terms.unit, terms.cumulative, terms.stamp_ends, terms.minutes, terms.encoding
    )
    return read_table(path, table, refused)


def _take(actor: Actor, given: Delivery, load: Loading, refused: Refused) -> None:
    """Find the registers of a delivery, and put what can be taken into the load."""
    days = given.day + 1  # energy of a day belongs to what hung when the day ended
    places, wrong = finding.find(
        np.zeros(len(days), np.int64), given.serial, given.tou, days, np.zeros(len(days), np.int64)
    )
    for each in wrong:
        each.row = int(given.row[each.row])
        refused.add(each)
    good = places.found.copy()
    zone = clock.zone()
    kinds = set(zip(given.day.tolist(), given.minutes.tolist(), strict=True))
    lengths = {(day, minutes): steps_of(day, zone, minutes) for day, minutes in kinds}
    for k in np.flatnonzero(good).tolist():
        day, row = int(given.day[k]), int(given.row[k])
        wanted = lengths[day, int(given.minutes[k])]
        if not actor.sees_unit(int(places.unit_id[k])):
            refused.add(
                refuse(
                    "not_your_unit",
                    "This unit is not yours.",
                    "您无权处理该核算单元。",
                    "unit_id",
                    given.serial[k],
                    row,
                )
            )
            good[k] = False
        elif wanted != given.first[k + 1] - given.first[k]:
            shown = date.fromordinal(day).isoformat()
            refused.add(
                refuse(
                    "steps_of_day", f"The day has {wanted} steps.", f"该日应有 {wanted} 个时段。", "value", shown, row
                )
            )
            good[k] = False
    _add(part(given, np.flatnonzero(good)), places.register_id[good], places.unit_id[good], load)


def _add(given: Delivery, register: Ints, unit: Ints, load: Loading) -> None:
    """Put rows into the load; a register-day that a piece has twice comes in turn."""
    order = np.lexsort((given.row, given.day, register))
    twin = np.zeros(len(order), np.int64)
    same = (register[order][1:] == register[order][:-1]) & (given.day[order][1:] == given.day[order][:-1])
    for k in np.flatnonzero(same).tolist():
        twin[k + 1] = twin[k] + 1
    for turn in range(int(twin.max(initial=0)) + 1):
        rows = order[twin == turn]
        if not len(rows):
            continue
        piece = part(given, rows)
        load.add(
            in_order(register[rows], piece.day, piece.minutes, piece.first, piece.wh, piece.quality), unit[rows]
        )  # fmt: skip


def tidy_store(months: Sequence[int] | None = None) -> tuple[int, int]:
    """Gather the store's files and delete those that are no longer part of it: (files fewer, files deleted)."""
    store = the_store()
    return store.compact(clock.now(), months), store.tidy(time.time())
