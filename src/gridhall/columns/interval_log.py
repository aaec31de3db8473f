"""The log of the interval store: which Parquet files are the store, one small numbered file a commit.

A Parquet file counts from the commit that names it, and until the one that takes it away. A commit is one file
made under the next free number, so two who commit at once cannot both have it: the later one looks again at what the
earlier one did. A process killed before the commit leaves a file that no commit names, which is nothing. Every
CHECKPOINT commits the whole state is written down as well, so that opening stays quick.
"""

import json
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

CHECKPOINT = 64
FRESH, CURRENT, HISTORY = "fresh", "current", "history"


class LogConflict(Exception):
    """What this commit rests on was changed by another one since."""


@dataclass(frozen=True)
class Part:
    """A Parquet file of the store.

    `kind`: FRESH, what a commit brought; CURRENT, one row per register and day after compaction; HISTORY, rows that a
    later one replaced. `commit` brought a FRESH part and is the revision of its rows; other parts carry their rows'.
    `registers` and `days` are bounds, both included.
    """

    path: str
    month: int
    unit: int
    rows: int
    registers: tuple[int, int]
    days: tuple[int, int]
    kind: str = FRESH
    commit: int = 0


@dataclass(frozen=True)
class Commit:
    """One entry: its number, the moment (ISO 8601), where it came from, and what kind of act it was."""

    number: int
    at: str
    act: str
    source: str
    rows: int


@dataclass(frozen=True)
class State:
    """What the log says after its last commit: the live parts and all commits, in order."""

    number: int
    parts: tuple[Part, ...]
    commits: tuple[Commit, ...]


def sync_folder(folder: Path) -> None:
    """Make names in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


class Log:
    """The commits of a store in a folder of a local disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: State | None = None

    def state(self) -> State:
        """The state now. What was read before is kept: only newer commits are read."""
        state = self._known or self._checkpoint()
        while True:
            entry = self._entry(state.number + 1)
            if entry is None:
                self._known = state
                return state
            state = _after(state, entry)

    def commit(
        self, base: State, act: str, at: str, source: str, add: Sequence[Part], remove: Sequence[Part],
        touched: Iterable[tuple[int, int]],
    ) -> State:  # fmt: skip
        """Append one commit. `touched`: the (month, unit) that it rests on as they were at `base`.

        Raises LogConflict where a commit since `base` changed one of them, and nothing is written then.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        mine = frozenset(touched)
        while True:
            now = self.state()
            if now.number != base.number and _changed(base, now) & mine:
                raise LogConflict
            number = now.number + 1
            entry = {
                "number": number, "at": at, "act": act, "source": source, "rows": sum(part.rows for part in add),
                "add": [asdict(replace(part, commit=number)) for part in add], "remove": [part.path for part in remove],
            }  # fmt: skip
            if self._claim(number, entry):
                state = self.state()
                if number % CHECKPOINT == 0:
                    self._write_checkpoint(state)
                return state

    def _claim(self, number: int, entry: dict[str, Any]) -> bool:
        """Write the entry under its number; False where another was quicker."""
        draft = self.folder / f".{secrets.token_hex(8)}.tmp"
        write_synced(draft, json.dumps(entry, ensure_ascii=False))
        try:
            os.link(draft, self._path(number))
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        sync_folder(self.folder)
        return True

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:010}.json"

    def _entry(self, number: int) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self._path(number).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return found

    def _checkpoint(self) -> State:
        newest = max(self.folder.glob("checkpoint-*.json"), default=None)
        if newest is None:
            return State(0, (), ())
        found = json.loads(newest.read_text("utf-8"))
        return State(
            found["number"], tuple(_part(each) for each in found["parts"]),
            tuple(Commit(**each) for each in found["commits"]),
        )  # fmt: skip

    def _write_checkpoint(self, state: State) -> None:
        draft = self.folder / f".{secrets.token_hex(8)}.tmp"
        write_synced(draft, json.dumps(asdict(state), ensure_ascii=False))
        draft.rename(self.folder / f"checkpoint-{state.number:010}.json")
        sync_folder(self.folder)


def _part(found: dict[str, Any]) -> Part:
    return Part(**{**found, "registers": tuple(found["registers"]), "days": tuple(found["days"])})


def _after(state: State, entry: dict[str, Any]) -> State:
    gone = set(entry["remove"])
    parts = [part for part in state.parts if part.path not in gone]
    parts += [_part(each) for each in entry["add"]]
    commit = Commit(*(entry[name] for name in ("number", "at", "act", "source", "rows")))
    return State(entry["number"], tuple(parts), (*state.commits, commit))


def _changed(before: State, now: State) -> set[tuple[int, int]]:
    """The partitions whose parts are not the same in two states."""
    old, new = {part.path: part for part in before.parts}, {part.path: part for part in now.parts}
    return {(part.month, part.unit) for path, part in (old | new).items() if path not in old or path not in new}
