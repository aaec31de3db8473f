"""A database server of a storm's own, in a home of its own, and the processes that work on it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Server:
    """A server of our own, and how its programs are started."""

    home: str

    def environment(self, database: str) -> dict[str, str]:
        mine = {key: value for key, value in os.environ.items() if not key.startswith(("GRIDHALL_", "DATABASE_URL"))}
        return mine | {
            "GRIDHALL_HOME": self.home, "GRIDHALL_DATABASE": database, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "GRIDHALL_SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-0123456789",
            "DJANGO_SETTINGS_MODULE": "gridhall.project.settings", "GRIDHALL_GATEWAYS": "sandbox",
        }  # fmt: skip

    def python(self, code: str, database: str = "seed") -> str:
        """Run Python in a process of its own against a database of this server; its standard output."""
        done = subprocess.run(
            [sys.executable, "-c", code], env=self.environment(database), cwd=ROOT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def conninfo(self, database: str) -> str:
        return self.python("from gridhall.kernel import database; print(database.conninfo())", database).strip()

    def postmaster(self) -> int:
        return int((Path(self.home) / "postgres" / "postmaster.pid").read_text().split()[0])

    def bank_key(self) -> Path:
        """The sandbox bank's own key."""
        return Path(self.home) / "sandbox_bank" / "bank.pem"

    def kill(self) -> None:
        """As a power cut would: the postmaster and with it every backend."""
        master = psutil.Process(self.postmaster())
        for process in [master, *master.children()]:
            process.kill()


@contextmanager
def server_of_our_own() -> Iterator[Server]:
    """A home that goes when we leave, its database with it."""
    home = tempfile.mkdtemp(prefix="gridhall-storm-")
    made = Server(home)
    try:
        yield made
    finally:
        made.python("from gridhall.kernel import embedded; embedded.stop('immediate')")
        shutil.rmtree(home, ignore_errors=True)
