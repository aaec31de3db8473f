"""A bill run killed anywhere: the process, one of its workers, or the database; run again, it ends as if undisturbed.

The server is one of its own, in a home of its own. The undisturbed run and the disturbed one begin from copies of the
same database.
"""

import hashlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from tests.faults.server import ROOT, Server, server_of_our_own

ACCOUNTS, UNITS, SMALL, UNREAD = 3000, 4, 600, 97

# What must be equal, without run numbers and moments.
ROWS = {
    "bill": "to_jsonb(t) - 'run_id'",
    "bill_line": "to_jsonb(t)",
    "bill_use": "to_jsonb(t)",
    "bill_segment": "to_jsonb(t)",
    "open_item": "to_jsonb(t)",
    "movement": "to_jsonb(t) - 'posted_at'",
    "balance": "to_jsonb(t)",
    "billing_billhold": "to_jsonb(t) - 'id' - 'run_id' - 'held_at'",
}

# By files, which ends in a checkpoint: after the other strategy a crash sets sequences back to where the template's
# stood in memory, values that were handed out since come again, and the storm would find PostgreSQL's fault, not ours.
COPY_OF = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"

SEED = """
from gridhall.kernel import database
database.ensure_running()
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from bench import _town
_town.make({accounts}, {units}, {small}, {unread})
"""


def begin(server: Server, database: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.bill_everything"], env=server.environment(database), cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def digest(server: Server, database: str) -> dict[str, str]:
    """A digest of the rows of each table, in the order of their contents."""
    found = {}
    with psycopg.connect(server.conninfo(database)) as connection:
        for table, shown in ROWS.items():
            rows = connection.execute(f"SELECT ({shown})::text AS row FROM {table} t ORDER BY 1").fetchall()
            found[table] = f"{len(rows)}:{hashlib.sha256(repr(rows).encode()).hexdigest()}"
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with the seeded town, an undisturbed copy that was billed, and a copy to be disturbed."""
    with server_of_our_own() as made:
        made.python(SEED.format(accounts=ACCOUNTS, units=UNITS, small=SMALL, unread=UNREAD))
        with psycopg.connect(made.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(COPY_OF.format("calm", "seed"))
        calm = begin(made, "calm")
        out, errors = calm.communicate(timeout=300)
        assert calm.returncode == 0, errors
        assert out.splitlines()[-1].startswith("done")
        yield made


def _kill_process(run: subprocess.Popen[str], server: Server) -> None:
    run.send_signal(signal.SIGKILL)


def _kill_worker(run: subprocess.Popen[str], server: Server) -> None:
    """One of the processes that bill; the first child is the one that tracks them, which is no worker."""
    try:
        children = [each for each in psutil.Process(run.pid).children() if "spawn_main" in " ".join(each.cmdline())]
    except psutil.Error:
        children = []
    if children:
        children[-1].kill()
    else:
        run.send_signal(signal.SIGKILL)


def _kill_database(run: subprocess.Popen[str], server: Server) -> None:
    """The run ends by itself with an error."""
    server.kill()


KILLS = (_kill_process, _kill_worker, _kill_database)


def _storm(server: Server, database: str, kills: int, seed: int) -> None:
    """Kill at `kills` moments, begun again after each; then let it end and compare."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database}")
        connection.execute(COPY_OF.format(database, "seed"))
    chance = random.Random(seed)
    felled = 0
    for number in range(kills):
        run = begin(server, database)
        assert run.stdout is not None
        slices_before = chance.randrange(0, 4)
        for line in run.stdout:
            if line.startswith("begun") and slices_before == 0:
                break
            if line.startswith("slice"):
                slices_before -= 1
                if slices_before <= 0:
                    break
        time.sleep(chance.uniform(0, 0.3))  # somewhere inside the next slices
        if run.poll() is None:
            KILLS[number % len(KILLS)](run, server)
            felled += 1
        run.communicate(timeout=300)
    last = begin(server, database)
    out, errors = last.communicate(timeout=300)
    assert last.returncode == 0, errors
    assert felled > 0
    assert out.splitlines()[-1].startswith("done")
    assert digest(server, database) == digest(server, "calm")


@pytest.mark.xdist_group("faults")
def test_killed_four_times(server: Server) -> None:
    _storm(server, "storm_short", kills=4, seed=20261103)


@pytest.mark.storm
def test_killed_thirty_times(server: Server) -> None:
    """Six towns, each killed five times on its way, and a seventh time only if it is quick."""
    for town in range(6):
        _storm(server, f"storm_{town}", kills=5, seed=town)


def test_the_comparison_sees_a_difference(server: Server) -> None:
    """The control: one bill a fen dearer, and the digests differ."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS control")
        connection.execute(COPY_OF.format("control", "calm"))
    with psycopg.connect(server.conninfo("control"), autocommit=True) as connection:
        connection.execute("UPDATE bill SET amount = amount + 1 WHERE account_id = 7 AND period = 202610")
    assert digest(server, "control") != digest(server, "calm")
