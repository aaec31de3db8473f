"""What the security module has made: every token once, by the number of its order, and each meter's last identifier.

SQLite, in the module's own folder: the module needs nothing of the application, and an order that comes again (after a
silence, or after either side was killed) gets the very same token.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TABLES = """
CREATE TABLE IF NOT EXISTS made (
    order_no TEXT PRIMARY KEY, asked TEXT NOT NULL, tokens TEXT NOT NULL, meter TEXT NOT NULL, made_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last_identifier (
    meter TEXT NOT NULL, base INTEGER NOT NULL, identifier INTEGER NOT NULL, PRIMARY KEY (meter, base)
) WITHOUT ROWID;
"""


class Journal:
    """One process at a time holds it: the module."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = FULL")
        self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._base.executescript(TABLES)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is written inside is on the disk when this ends, or none of it is."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def made(self, order_no: str) -> tuple[str, list[str]] | None:
        """What was asked under an order's number, and the tokens made then."""
        row = self._base.execute("SELECT asked, tokens FROM made WHERE order_no = ?", [order_no]).fetchone()
        return None if row is None else (row[0], row[1].split())

    def last(self, meter: str, base: int) -> int:
        """The last identifier of a meter since its base date; -1 before the first."""
        row = self._base.execute(
            "SELECT identifier FROM last_identifier WHERE meter = ? AND base = ?", [meter, base]
        ).fetchone()
        return -1 if row is None else int(row[0])

    def put(self, order_no: str, asked: str, tokens: list[str], meter: str, made_at: str) -> None:
        self._base.execute(
            "INSERT INTO made VALUES (?, ?, ?, ?, ?)", [order_no, asked, " ".join(tokens), meter, made_at]
        )

    def used(self, meter: str, base: int, identifier: int) -> None:
        self._base.execute(
            "INSERT INTO last_identifier VALUES (?, ?, ?)"
            " ON CONFLICT (meter, base) DO UPDATE SET identifier = excluded.identifier",
            [meter, base, identifier],
        )

    def close(self) -> None:
        self._base.close()
