"""A bill run: readings in PostgreSQL → committed bills, lines, uses, open items, movements and balances.

It is set against a bare COPY of exactly the rows that it wrote, by as many processes, into empty copies of the same
tables with the same keys, on the same server in the same run. The processes of both are started before the clock.
"""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import _town
from _report import Figure, parser, report
from _town import BEFORE, PERIOD

PROCESSES = 2
UNITS = 8
SMALL = 10_000


def main() -> None:
    flags = parser(__doc__ or "")
    flags.add_argument("--accounts", type=int, default=0, help="how many (1,000,000; 60,000 with --quick)")
    chosen = flags.parse_args()
    accounts = chosen.accounts or (60_000 if chosen.quick else 1_000_000)
    folder = tempfile.mkdtemp(prefix="gridhall-bench-")
    os.environ.pop("DATABASE_URL", None)
    os.environ["GRIDHALL_HOME"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")
    try:
        report("bill_run", measure(accounts))
    finally:
        from gridhall.kernel import embedded

        embedded.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def measure(accounts: int) -> list[Figure]:
    _set_up(accounts)
    from gridhall.billing.working import local_processes

    with local_processes(PROCESSES) as pool:
        _bill(BEFORE, range(1, UNITS + 1), pool, datetime.fromisoformat("2026-10-03T09:00:00+08:00"))
        _town.run_sql("ANALYZE")
        _town.run_sql("CHECKPOINT")
        moment = datetime.fromisoformat("2026-11-03T09:00:00+08:00")
        small = _bill(PERIOD, [1], pool, moment)
        with _Memory() as memory:
            begun = _processor_seconds()
            large = _bill(PERIOD, range(2, UNITS + 1), pool, moment)
            used = _processor_seconds() - begun
    rest = accounts - SMALL
    bare, bare_used, rows = _bare_copy(SMALL + 1, accounts)
    written = {table: count for table, count in rows.items() if count}
    assert written["bill"] == rest, f"{written} for {rest} accounts"
    per_account = large / rest * 1e6
    return [
        Figure("accounts", rest, ""),
        Figure("rows written (" + ", ".join(f"{name} {count:,}" for name, count in written.items()) + ")",
               sum(written.values()), ""),
        Figure("bill run", large, "s"),
        Figure("bills per second", rest / large, "1/s"),
        Figure("bare COPY of the same rows", bare, "s"),
        Figure("bill run against bare COPY", large / bare, "×", "<= 1.5"),
        Figure("the same in processor time, server and clients", used / bare_used, "×"),
        Figure("of the processes' cores at work during the run", used / large / PROCESSES, ""),
        Figure("the same during the bare COPY", bare_used / bare / PROCESSES, ""),
        Figure("peak memory of the run's processes (RSS)", memory.peak / 2**30, "GiB", "<= 2.0"),
        Figure("besides, private memory of the server's processes", memory.server_peak / 2**30, "GiB"),
        Figure(f"cost per account at {SMALL:,}", small / SMALL * 1e6, "µs"),
        Figure(f"cost per account at {rest:,}", per_account, "µs"),
        Figure("cost per account, all against few", per_account / (small / SMALL * 1e6), "×", "<= 1.2"),
    ]  # fmt: skip


def _set_up(accounts: int) -> None:
    from gridhall.kernel import database

    database.ensure_running()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _town.make(accounts, UNITS, SMALL)


def _bill(period: int, units: Sequence[int], pool: ProcessPoolExecutor, moment: datetime) -> float:
    """Seconds from the approved run to the last committed slice; nobody may be held."""
    from gridhall.billing import public as billing
    from gridhall.billing.models import BillRun
    from gridhall.kernel import clock
    from gridhall.kernel.access import system

    with clock.at(moment):
        row = BillRun.objects.create(period=period, state="previewed", unit_ids=list(units), made_by="", made_at=moment)
        billing.approve(system("bench"), row.pk)
        begin = time.perf_counter()
        done = billing.run(system("bench"), row.pk, pool)
    seconds = time.perf_counter() - begin
    assert done.state == "done", done
    assert done.held == 0, f"{done.held} bills are held"
    return seconds


class _Memory:
    """The highest sum of resident memory of this process and its workers; and of the server's private memory."""

    def __enter__(self) -> "_Memory":
        self.peak = self.server_peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        import psutil

        from gridhall.kernel import embedded

        me = psutil.Process()
        server = psutil.Process(embedded.server_pid())
        while not self._stop.wait(0.25):
            ours = [me, *(each for each in me.children(recursive=True) if "python" in each.name())]
            self.peak = max(self.peak, sum(_size(each, lambda info: info.rss) for each in ours))
            theirs = [server, *server.children()]
            self.server_peak = max(
                self.server_peak, sum(_size(each, lambda info: info.rss - info.shared) for each in theirs)
            )


def _size(process: Any, of: Callable[[Any], int]) -> int:
    import psutil

    try:
        return of(process.memory_info())
    except psutil.Error:
        return 0


def _processor_seconds() -> float:
    """Processor time so far of this process, its workers and the server with all its backends."""
    import psutil

    from gridhall.kernel import embedded

    total = 0.0
    for root in (psutil.Process(), psutil.Process(embedded.server_pid())):
        for process in (root, *root.children(recursive=True)):
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system + times.children_user + times.children_system
    return total


# --- the bare COPY


def _bare_copy(first: int, last: int) -> tuple[float, float, dict[str, int]]:
    """What COPY alone takes for the rows of accounts `first` to `last`: seconds, processor seconds, rows of each table.

    Each process copies one half of the accounts, table after table, in one transaction.
    """
    import psycopg

    from gridhall.kernel import database

    tables = {
        "bill": f"bill_{PERIOD}", "bill_line": f"bill_line_{PERIOD}", "bill_use": f"bill_use_{PERIOD}",
        "bill_segment": f"bill_segment_{PERIOD}", "open_item": f"open_item_{PERIOD}", "movement": "movement_202611",
        "balance": "balance",
    }  # fmt: skip
    middle = (first + last) // 2
    files: list[list[tuple[str, str]]] = [[], []]
    rows = {}
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        for name, table in tables.items():
            connection.execute(f"CREATE TABLE bare_{name} (LIKE {table} INCLUDING ALL)")
            count = 0
            for half, (low, high) in enumerate(((first, middle), (middle + 1, last))):
                path = Path(os.environ["GRIDHALL_HOME"]) / f"{name}.{half}.copy"
                query = f"SELECT * FROM {table} WHERE account_id BETWEEN {low} AND {high} ORDER BY account_id"
                with (
                    path.open("wb") as out,
                    connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as rows_out,
                ):
                    for chunk in rows_out:
                        out.write(chunk)
                counted = connection.execute(f"SELECT count(*) FROM ({query}) t").fetchone()
                count += counted[0] if counted else 0
                files[half].append((f"bare_{name}", str(path)))
            rows[name] = count
        connection.execute("CHECKPOINT")
    import multiprocessing

    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_copy_files, [[], []]))
        used, begin = _processor_seconds(), time.perf_counter()
        list(pool.map(_copy_files, files))
        return time.perf_counter() - begin, _processor_seconds() - used, rows


def _copy_files(files: list[tuple[str, str]]) -> None:
    """Send files of binary COPY to their tables, in one transaction."""
    import psycopg

    from gridhall.kernel import database

    if not files:
        time.sleep(0.5)  # so that each process gets one of these and is started
        return
    with psycopg.connect(database.conninfo()) as connection:
        for table, path in files:
            with (
                open(path, "rb") as source,
                connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy,
            ):
                while chunk := source.read(1 << 20):
                    copy.write(chunk)


if __name__ == "__main__":
    main()
