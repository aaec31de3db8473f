"""Where the demo lives: a folder and a database of its own, so that it never touches a real installation."""

import json
import os
import socket
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from gridhall.kernel import clock, home

# The demo's bills of October 2026 are made in late November; a machine whose clock stands before that is helped.
EARLIEST_DAY = date(2026, 11, 20)
STARTS_AT = "2026-11-25T10:00:00+08:00"


@dataclass(frozen=True)
class Made:
    """What stands in the demo's database: the town, the sample customers (account id, who), a bank's key."""

    seed: int
    size: int
    samples: list[tuple[int, str]] = field(default_factory=list)
    key: str = ""
    edition: int = 4  # raised when the town's story changes


def move_in(name: str) -> Path:
    """Make everything that follows in this process, and what it starts, use the demo's own folder and clock."""
    folder = home.home() / name
    os.environ["GRIDHALL_HOME"] = str(folder)
    os.environ["GRIDHALL_DEMO"] = "1"
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("GRIDHALL_DATABASE", None)
    if "GRIDHALL_CLOCK" not in os.environ and clock.today() < EARLIEST_DAY:
        os.environ["GRIDHALL_CLOCK"] = STARTS_AT
    return home.home()


def standing(folder: Path) -> Made | None:
    """What is there from an earlier run that was finished."""
    note = folder / "demo.json"
    return Made(**json.loads(note.read_text())) if note.exists() else None


def note(folder: Path, made: Made) -> None:
    """Remember that the demo is complete."""
    (folder / "demo.json").write_text(json.dumps(asdict(made)))


def clear(folder: Path) -> None:
    """Take away what an earlier run left: the note first, then the database."""
    import psycopg

    from gridhall.kernel import database, embedded

    (folder / "demo.json").unlink(missing_ok=True)
    where = embedded.start()
    name = str(database.django_settings()["NAME"])
    conninfo = {"host": str(where.folder), "port": str(where.port), "user": where.user, "dbname": "postgres"}
    with psycopg.connect(**conninfo, autocommit=True) as connection:  # type: ignore[arg-type]  # keywords as text
        connection.execute(
            psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(psycopg.sql.Identifier(name))
        )
    database.ensure_running()


def loopback_addresses() -> None:
    """Free ports on loopback for the platform and the sandbox bank of a walk without a server; before settings load."""
    for name in ("GRIDHALL_PUBLIC_URL", "GRIDHALL_SANDBOX_BANK_URL"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            os.environ[name] = f"http://127.0.0.1:{probe.getsockname()[1]}"
