"""The Parquet files of the interval store: written whole or not at all, read by ranges of registers.

A file has its rows in the order of register and day, and no row group cuts a register in two, so that a range of
registers is read from the row groups that hold it and from nothing else.
"""

import os
import secrets
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from pathlib import Path, PurePosixPath
from types import TracebackType

import numpy as np
import pyarrow.fs as arrow_fs
import pyarrow.parquet as pq

from gridhall.columns.interval_days import SCHEMA, Days, from_table, to_table
from gridhall.columns.interval_log import FRESH, Part, sync_folder

GROUP_ROWS = 4_096  # register-days of a row group: 1.5 MB of quarter hours, which a processor keeps near
RANGE_ROWS = GROUP_ROWS  # of one read: several row groups would have to be copied into one array
QUALITY = "quality.list.element"  # as Parquet names the values of the lists
HEAD = ("register", "day", "minutes", "revision")
ALL = (*HEAD, "wh", "quality")
QUALITY_PLACE = len(SCHEMA.names) - 1
BEYOND = 2**63 - 1


@dataclass(frozen=True)
class Folder:
    """Where the files are: a folder of a disk, or of an object store that pyarrow knows (s3://, gs://, …)."""

    system: arrow_fs.FileSystem = field(hash=False)
    root: str

    def full(self, path: str) -> str:
        return str(PurePosixPath(self.root) / path)

    @property
    def on_disk(self) -> bool:
        return isinstance(self.system, arrow_fs.LocalFileSystem)


def folder_at(where: str | Path) -> Folder:
    """A path, or the address of an object store."""
    if isinstance(where, str) and "://" in where:
        return Folder(*arrow_fs.FileSystem.from_uri(where))
    Path(where).mkdir(parents=True, exist_ok=True)
    return Folder(arrow_fs.LocalFileSystem(use_mmap=True), str(Path(where).resolve()))


class PartWriter:
    """Writes one file from pieces in rising order of registers. What is not finished leaves no file of its name."""

    def __init__(self, folder: Folder, month: int, unit: int) -> None:
        self.folder, self.month, self.unit = folder, month, unit
        self._path = f"month={month}/unit={unit}/{secrets.token_hex(10)}.parquet"
        self._draft = self._path + ".tmp" if folder.on_disk else self._path  # an object appears whole when it is closed
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0
        self._registers = (BEYOND, -BEYOND)
        self._days = (BEYOND, -BEYOND)

    def write(self, days: Days) -> None:
        """Add rows; a register's rows come in one piece."""
        if not len(days):
            return
        if self._writer is None:
            if self.folder.on_disk:
                Path(self.folder.full(self._path)).parent.mkdir(parents=True, exist_ok=True)
            # most loads have few distinct values a row group: a dictionary of them is smaller and faster than numbers
            self._writer = pq.ParquetWriter(
                self.folder.full(self._draft), SCHEMA, filesystem=self.folder.system, compression="zstd",
                compression_level=1, use_dictionary=True, write_statistics=[*HEAD, QUALITY], write_page_index=False,
            )  # fmt: skip
        table = to_table(days)
        for start, end in _groups(days):
            self._writer.write_table(table.slice(start, end - start), row_group_size=end - start)
        self._rows += len(days)
        self._registers = _wider(self._registers, int(days.register[0]), int(days.register[-1]))
        self._days = _wider(self._days, int(days.day.min()), int(days.day.max()))

    def finish(self, kind: str = FRESH) -> Part | None:
        """The file on its disk, by its name; None where nothing was written."""
        if self._writer is None:
            return None
        self._writer.close()
        if self.folder.on_disk:
            draft, path = (Path(self.folder.full(each)) for each in (self._draft, self._path))
            handle = os.open(draft, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            draft.rename(path)
            sync_folder(path.parent)
        return Part(self._path, self.month, self.unit, self._rows, self._registers, self._days, kind)

    def drop(self) -> None:
        """Give up what was begun."""
        if self._writer is not None:
            self._writer.close()
            self.folder.system.delete_file(self.folder.full(self._draft))
            self._writer = None


def _wider(bounds: tuple[int, int], low: int, high: int) -> tuple[int, int]:
    return min(bounds[0], low), max(bounds[1], high)


def _groups(days: Days) -> Iterator[tuple[int, int]]:
    """Stretches of about GROUP_ROWS rows that end with a register."""
    starts = np.flatnonzero(np.r_[True, days.register[1:] != days.register[:-1]])
    start, count = 0, len(days)
    while start < count:
        k = int(np.searchsorted(starts, start + GROUP_ROWS, side="right")) - 1
        end = int(starts[k]) if k >= 0 and starts[k] > start else start
        if end == start:
            after = int(np.searchsorted(starts, start, side="right"))
            end = int(starts[after]) if after < len(starts) else count
        if count - start <= GROUP_ROWS:
            end = count
        yield start, end
        start = end


@lru_cache(maxsize=512)
def _metadata(folder: Folder, path: str) -> pq.FileMetaData:
    """A file is never changed after it has its name, so what its foot says holds."""
    return pq.read_metadata(folder.full(path), filesystem=folder.system)


@lru_cache(maxsize=512)
def group_bounds(folder: Folder, path: str) -> tuple[tuple[int, int, int], ...]:
    """(lowest register, highest, rows) of each row group."""
    foot = _metadata(folder, path)
    bounds = []
    for k in range(foot.num_row_groups):
        group = foot.row_group(k)
        seen = group.column(0).statistics
        bounds.append((int(seen.min), int(seen.max), int(group.num_rows)))
    return tuple(bounds)


@lru_cache(maxsize=512)
def _with_quality(folder: Folder, path: str) -> frozenset[int]:
    """Row groups some rows of which may have a quality: not those where the foot counts nothing but nulls."""
    foot = _metadata(folder, path)
    found = []
    for k in range(foot.num_row_groups):
        column = foot.row_group(k).column(QUALITY_PLACE)
        seen = column.statistics
        if seen is None or not seen.has_null_count or seen.null_count < column.num_values:
            found.append(k)
    return frozenset(found)


def _groups_of(folder: Folder, path: str, low: int, high: int) -> range:
    """The row groups that hold registers from `low` to before `high`; both bounds of groups rise."""
    bounds = group_bounds(folder, path)
    return range(bisect_left(bounds, low, key=itemgetter(1)), bisect_left(bounds, high, key=itemgetter(0)))


def ranges(folder: Folder, parts: Sequence[Part], rows_most: int = RANGE_ROWS) -> list[tuple[int, int]]:
    """Ranges of registers (low, before high) that cover the parts, each of about `rows_most` rows, cut where the row
    groups of the largest part begin, so that few row groups are read for two ranges."""
    if not parts:
        return []
    largest = max(parts, key=lambda part: part.rows)
    every = sum(part.rows for part in parts)
    rows_most = max(1, rows_most * largest.rows // every)
    low = min(part.registers[0] for part in parts)
    result, rows = [], 0
    for first, _, count in group_bounds(folder, largest.path):
        if rows and rows + count > rows_most and first > low:
            result.append((low, first))
            low, rows = first, 0
        rows += count
    return [*result, (low, max(part.registers[1] for part in parts) + 1)]


class OpenFiles:
    """Files of a folder that stay open while one thread reads range after range: opening one takes as long as reading
    a tenth of a range."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._files: dict[str, pq.ParquetFile] = {}

    def __enter__(self) -> "OpenFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close(force=True)

    def at(self, path: str) -> pq.ParquetFile:
        """The file of a path below the folder."""
        if path not in self._files:
            source = self._folder.system.open_input_file(self._folder.full(path))
            self._files[path] = pq.ParquetFile(source, metadata=_metadata(self._folder, path))
        return self._files[path]


def read_range(
    folder: Folder, part: Part, low: int, high: int, columns: Sequence[str] = ALL, revision: int = 0,
    opened: OpenFiles | None = None,
) -> Days | None:  # fmt: skip
    """The rows of a part for registers from `low` to before `high`; None where it has none. `opened`: the reader's
    files, where it goes on to other ranges."""
    if part.registers[1] < low or part.registers[0] >= high:
        return None
    groups = list(_groups_of(folder, part.path, low, high))
    if not groups:
        return None
    without = ["quality"] if _with_quality(folder, part.path).isdisjoint(groups) else []
    if revision:
        without.append("revision")  # all rows are of that one
    wanted = [name for name in columns if name not in without]
    if opened is None:
        with OpenFiles(folder) as alone:
            table = alone.at(part.path).read_row_groups(groups, columns=wanted, use_threads=False)
    else:
        table = opened.at(part.path).read_row_groups(groups, columns=wanted, use_threads=False)
    return from_table(table, revision).between(low, high)


def newer_than_disk(folder: Folder, live: Iterable[str], before: float) -> Iterator[str]:
    """Files below the folder that are not among `live` and were last touched before a moment (seconds)."""
    keep = set(live)
    found = folder.system.get_file_info(arrow_fs.FileSelector(folder.root, recursive=True, allow_not_found=True))
    for info in found:
        inside = str(PurePosixPath(info.path).relative_to(folder.root))
        old = info.mtime is None or info.mtime.timestamp() < before
        if info.type == arrow_fs.FileType.File and inside.startswith("month=") and inside not in keep and old:
            yield inside
