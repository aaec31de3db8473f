"""The interval store: register-days in Parquet files by month and accounting unit, and a log of commits.

Nothing in a file is ever changed. A load brings files of its own and one commit; a register-day that is read again is a
new row of a higher revision, the old one stays to be read as of then. `compact` gathers what many loads brought into
one file of the newest rows and files of the older ones. A reader works on the state of one commit and sees neither
half a load nor a compaction.

A store takes any number of loads at once, from any number of processes of one machine or one shared disk: the log
is on a disk. The Parquet files may be on an object store as well.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from types import TracebackType

import numpy as np

from gridhall.columns import interval_parts as parts_of
from gridhall.columns.interval_days import Days, Ints, joined, merged, month_of, newest, no_days
from gridhall.columns.interval_log import CURRENT, FRESH, HISTORY, Log, LogConflict, Part, State
from gridhall.columns.interval_parts import ALL, HEAD, Folder, OpenFiles, PartWriter, folder_at

Partition = tuple[int, int]  # month, unit
BIN_AGE_S = 3600.0  # readers of an older state may still hold what a compaction took out of the log


@dataclass(frozen=True)
class Loaded:
    """What a load came to: register-days given, those that were new or changed something, and the rest."""

    given: int
    written: int
    revision: int

    @property
    def known(self) -> int:
        return self.given - self.written


@dataclass(frozen=True)
class Snapshot:
    """The store at a commit. `revision` 0 reads the newest rows; else the rows as they were then."""

    folder: Folder
    state: State
    revision: int = 0

    def partitions(self, months: Sequence[int] | None = None, units: Sequence[int] | None = None) -> list[Partition]:
        """The months and units that have rows, in order."""
        found = {(part.month, part.unit) for part in self.state.parts}
        return sorted(
            key for key in found if (months is None or key[0] in months) and (units is None or key[1] in units)
        )

    def _parts(self, month: int, unit: int) -> list[Part]:
        return [
            part
            for part in self.state.parts
            if (part.month, part.unit) == (month, unit)
            and (part.kind != HISTORY or self.revision)
            and not (part.kind == FRESH and 0 < self.revision < part.commit)
        ]

    def ranges(self, month: int, unit: int, rows_most: int = parts_of.RANGE_ROWS) -> list[tuple[int, int]]:
        """Ranges of registers that `read` takes one by one in bounded memory."""
        return parts_of.ranges(self.folder, self._parts(month, unit), rows_most)

    def read(
        self, month: int, unit: int, low: int, high: int, columns: Sequence[str] = ALL, opened: OpenFiles | None = None
    ) -> Days:
        """The rows of registers from `low` to before `high`, one a register and day, in order. `opened`: see
        `interval_parts.read_range`."""
        found, single = [], True
        for part in self._parts(month, unit):
            days = parts_of.read_range(self.folder, part, low, high, columns, _revision(part), opened)
            if days is not None and len(days):
                found.append(days)
                single = single and part.kind in (CURRENT, FRESH)
        if not found:
            return no_days()
        if len(found) == 1 and single and not self.revision:
            return found[0]
        return newest(found, self.revision)

    def blocks(self, month: int, unit: int, columns: Sequence[str] = ALL) -> Iterator[Days]:
        """All rows of a month and unit, range by range."""
        for low, high in self.ranges(month, unit):
            yield self.read(month, unit, low, high, columns)

    def register(self, register: int, months: Sequence[int], units: Sequence[int] | None = None) -> Days:
        """The days of one register."""
        found = [self.read(*key, register, register + 1) for key in self.partitions(months, units)]
        found = [days for days in found if len(days)]
        return newest(found) if found else no_days()

    def versions(self, register: int, day: int) -> list[Days]:
        """Every version of a register-day that was ever loaded, the oldest first, one row each."""
        month = int(month_of(np.array([day]))[0])
        found = []
        for part in self.state.parts:
            if part.month != month:
                continue
            days = parts_of.read_range(self.folder, part, register, register + 1, ALL, _revision(part))
            if days is not None:
                found += [days.take(np.array([k])) for k in np.flatnonzero(days.day == day).tolist()]
        return sorted(found, key=lambda days: int(days.revision[0]))


def _revision(part: Part) -> int:
    return part.commit if part.kind == FRESH else 0


class Store:
    """A store in a folder; `parts` may name another place for the Parquet files (a path or s3://… and the like)."""

    def __init__(self, root: Path, parts: str | Path = "") -> None:
        self.root = root
        self.log = Log(root / "log")
        self.folder = folder_at(parts or root)

    def snapshot(self, as_of: datetime | None = None) -> Snapshot:
        """The store now, or what it said at a moment (aware)."""
        state = self.log.state()
        if as_of is None:
            return Snapshot(self.folder, state)
        known = takewhile(lambda each: datetime.fromisoformat(each.at) <= as_of, state.commits)
        last = max((each.number for each in known), default=-1)
        # a revision before the first commit has no rows: -1 is below all and yet not "the newest"
        return Snapshot(self.folder, state, last)

    def load(self, at: datetime, source: str, act: str = "load") -> "Loading":
        """Begin a load; see Loading."""
        return Loading(self, at, source, act)

    def compact(self, at: datetime, months: Sequence[int] | None = None) -> int:
        """Gather the files of each month and unit; returns how many files became fewer. Harmless at any moment: where
        a load came between, that month and unit is left for the next time."""
        fewer = 0
        for key in self.snapshot().partitions(months):
            base = self.log.state()
            old = [part for part in base.parts if (part.month, part.unit) == key]
            if len(old) == 1 and old[0].kind == CURRENT:
                continue
            if sum(part.kind != HISTORY for part in old) == 1 and sum(part.kind == HISTORY for part in old) <= 1:
                continue
            new = self._compacted(key, old)
            try:
                self.log.commit(base, "compact", at.isoformat(), "", new, old, [key])
            except LogConflict:
                continue
            fewer += len(old) - len(new)
        return fewer

    def _compacted(self, key: Partition, old: Sequence[Part]) -> list[Part]:
        now, before = PartWriter(self.folder, *key), PartWriter(self.folder, *key)
        try:
            for low, high in parts_of.ranges(self.folder, old):
                read = (parts_of.read_range(self.folder, part, low, high, ALL, _revision(part)) for part in old)
                found = [days for days in read if days is not None and len(days)]
                if not found:
                    continue
                kept = newest(found)
                now.write(kept)
                if len(found) > 1:
                    before.write(_others(joined(found)))
            return [part for part in (now.finish(CURRENT), before.finish(HISTORY)) if part is not None]
        except BaseException:
            now.drop()
            before.drop()
            raise

    def tidy(self, now_s: float, age_s: float = BIN_AGE_S) -> int:
        """Delete files that no commit names any more (or never did); returns how many. `now_s`: seconds since 1970."""
        live = [part.path for part in self.log.state().parts]
        gone = list(parts_of.newer_than_disk(self.folder, live, now_s - age_s))
        for path in gone:
            self.folder.system.delete_file(self.folder.full(path))
        return len(gone)


def _others(every: Days) -> Days:
    """The rows that are not the newest of their register and day, in the order of register, day and revision."""
    order = np.lexsort((every.revision, every.day, every.register))
    register, day, revision = every.register[order], every.day[order], every.revision[order]
    last = np.ones(len(order), np.bool_)
    last[:-1] = (register[1:] != register[:-1]) | (day[1:] != day[:-1])
    # a row that stands in two parts is one row
    twin = np.zeros(len(order), np.bool_)
    twin[:-1] = ~last[:-1] & (revision[1:] == revision[:-1])
    return every.take(order[~last & ~twin])


class Loading:
    """One load: `add` as often as need be, then `commit`; or leave it, and nothing has happened.

    What is added waits in files beside the store, so that a load of any size takes bounded memory and a register-day
    may come in pieces. Use as `with store.load(…) as load:`.
    """

    def __init__(self, store: Store, at: datetime, source: str, act: str) -> None:
        self._store, self._at, self._source, self._act = store, at, source, act
        self._stage = Path()
        self._staged: list[Part] = []
        self._given: dict[Partition, Ints] = {}

    def __enter__(self) -> "Loading":
        self._store.root.mkdir(parents=True, exist_ok=True)
        self._stage = Path(tempfile.mkdtemp(prefix=".load-", dir=self._store.root))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._stage, ignore_errors=True)

    def add(self, days: Days, units: Ints) -> None:
        """Take rows, with the accounting unit of each. Later rows of the same register-day go over earlier ones."""
        months = month_of(days.day)
        for month, unit in sorted(set(zip(months.tolist(), units.tolist(), strict=True))):
            rows = np.flatnonzero((months == month) & (units == unit))
            writer = PartWriter(folder_at(self._stage), month, unit)
            writer.write(days if len(rows) == len(days) else days.take(rows))
            part = writer.finish()
            if part is not None:
                self._staged.append(part)

    def differences(self) -> "Loaded":
        """What a commit would come to; nothing is written."""
        snapshot = self._store.snapshot()
        given = written = 0
        for key in self._keys():
            for _, new, rows in self._pieces(snapshot, key):
                given, written = given + rows, written + len(new)
        return Loaded(given, written, 0)

    def commit(self) -> Loaded:
        """Make the load part of the store, all at once. Rows that say nothing new are left out; a load of only such
        rows makes no commit."""
        made: dict[Partition, Part | None] = {}
        given: dict[Partition, int] = {}
        while True:
            base = self._store.log.state()
            snapshot = Snapshot(self._store.folder, base)
            for key in self._keys():
                if key not in made:
                    given[key], made[key] = self._write(snapshot, key)
            parts = [part for part in made.values() if part is not None]
            if not parts:
                return Loaded(sum(given.values()), 0, base.number)
            try:
                state = self._store.log.commit(
                    base, self._act, self._at.isoformat(), self._source, parts, [], self._keys()
                )
            except LogConflict:
                # another load came between: what it changed has to be looked at again
                for part in parts:
                    self._store.folder.system.delete_file(self._store.folder.full(part.path))
                made.clear()
                continue
            number = next(each.commit for each in reversed(state.parts) if each.path == parts[0].path)
            return Loaded(sum(given.values()), sum(part.rows for part in parts), number)

    def _keys(self) -> list[Partition]:
        return sorted({(part.month, part.unit) for part in self._staged})

    def _pieces(self, snapshot: Snapshot, key: Partition) -> Iterator[tuple[Days, Days, int]]:
        """Range by range: (old rows, rows to write, register-days given)."""
        stage = folder_at(self._stage)
        staged = [part for part in self._staged if (part.month, part.unit) == key]
        for low, high in parts_of.ranges(stage, staged):
            pieces = [parts_of.read_range(stage, part, low, high, ALL) for part in staged]
            given = [days for days in pieces if days is not None and len(days)]
            if not given:
                continue
            old = snapshot.read(*key, low, high)
            new = _in_turn(given)
            yield old, merged(old, new), len(new)

    def _write(self, snapshot: Snapshot, key: Partition) -> tuple[int, Part | None]:
        writer = PartWriter(self._store.folder, *key)
        given = 0
        try:
            for _, new, rows in self._pieces(snapshot, key):
                given += rows
                writer.write(new)
            return given, writer.finish()
        except BaseException:
            writer.drop()
            raise


def _in_turn(pieces: Sequence[Days]) -> Days:
    """The pieces of one load laid over each other: register-days that come in several are merged step by step."""
    whole = pieces[0]
    for piece in pieces[1:]:
        changed = merged(whole, piece)
        both = joined([whole, changed])
        # of a row that stands in both the second, which is the merged one, is kept
        order = np.lexsort((np.arange(len(both)), both.day, both.register))
        register, day = both.register[order], both.day[order]
        last = np.ones(len(order), np.bool_)
        last[:-1] = (register[1:] != register[:-1]) | (day[1:] != day[:-1])
        whole = both.take(order[last])
    return whole


__all__ = ["HEAD", "Loaded", "Loading", "Snapshot", "Store"]
