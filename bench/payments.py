"""How fast money comes in: single payments through the gate against TPC-B, and a large batch against a bare COPY.

One server, one run, both sides in turn. The callers are threads of this process, each waiting for its answer before it
brings the next payment; pgbench runs its TPC-B script (an account, a teller, a branch and a history row per
transaction) with as many clients. Durability is as in production: every commit is flushed.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _report import Figure, parser, report

ACCOUNTS_FIRST = 1
PERIODS = (202609, 202610)


@contextmanager
def own_home() -> Iterator[None]:
    """A database of our own, taken away afterwards; Django is set up on it."""
    folder = tempfile.mkdtemp(prefix="gridhall-bench-")
    os.environ["GRIDHALL_HOME"] = folder
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")
    import django
    from django.core.management import call_command

    from gridhall.kernel import database, embedded

    try:
        django.setup()
        database.ensure_running()
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        embedded.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def seed(accounts: int) -> None:
    """Accounts, each with a bill of 80.00 to 129.99 in each of two periods, the older one already paid by every second."""
    from django.db import connection

    from gridhall.ledger.public import prepare

    from datetime import date

    for period, issued in zip(PERIODS, (date(2026, 10, 2), date(2026, 11, 2)), strict=True):
        prepare(period, issued)
    statements = [
        "INSERT INTO customers_customer (id, kind, name, name_key, phone, email, language)"
        " SELECT i, 'person', 'name', 'name', '', '', 'zh' FROM generate_series(1, %(n)s) AS i",
        "INSERT INTO customers_account (id, number, customer_id, unit_id, area_id, class_code, opened_on)"
        " SELECT i, lpad(i::text, 10, '0'), i, 1 + i %% 6, 1, 1, '2020-01-01' FROM generate_series(1, %(n)s) AS i",
        "INSERT INTO open_item SELECT i, p, 1, 1, 1 + i %% 6, 1, 8000 + i %% 5000,"
        " CASE WHEN p = 202609 AND i %% 2 = 0 THEN 0 ELSE 8000 + i %% 5000 END, '2026-10-02', '2036-11-20',"
        " '2036-11-20', 0, 0 FROM generate_series(1, %(n)s) AS i, unnest(array[202609, 202610]) AS p ORDER BY p, i",
        "INSERT INTO balance SELECT account_id, unit_id, sum(open), 0, min(period) FILTER (WHERE open > 0)"
        " FROM open_item GROUP BY account_id, unit_id ORDER BY account_id",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, {"n": accounts})
        connection.commit() if not connection.get_autocommit() else None
        for table in ("open_item", "balance", "customers_account"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")
    connection.close()


def run_callers(callers: int, seconds: float, accounts: int) -> tuple[float, float, float]:
    """Payments per second by so many waiting callers through the gate, and the p50 and p99 in milliseconds."""
    from gridhall.kernel.access import system
    from gridhall.payments.public import PaymentIn, Receipt, receive_one

    actor = system("bench")
    stop = time.perf_counter() + seconds + 0.5
    begin = time.perf_counter() + 0.5
    took: list[list[float]] = [[] for _ in range(callers)]
    run = f"{time.time():.6f}"

    def call(place: int) -> None:
        mine, n = took[place], 0
        step = accounts // callers
        while True:
            before = time.perf_counter()
            if before > stop:
                return
            account = 1 + place * step + (n * 7919) % step
            answer = receive_one(actor, PaymentIn(1000, f"bench:{run}:{place}:{n}", account))
            assert isinstance(answer, Receipt), answer
            after = time.perf_counter()
            if before >= begin:
                mine.append(after - before)
            n += 1

    threads = [threading.Thread(target=call, args=(place,)) for place in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    all_ms = sorted(t * 1000 for mine in took for t in mine)
    return len(all_ms) / seconds, statistics.median(all_ms), all_ms[int(len(all_ms) * 0.99)]


def pgbench(*arguments: str) -> str:
    from gridhall.kernel import embedded

    where = embedded.socket()
    command = [str(embedded.programs_folder() / "pgbench"), "-h", str(where.folder), "-p", str(where.port), "-U", where.user]
    done = subprocess.run([*command, *arguments, "gridhall"], check=True, capture_output=True, text=True)
    return done.stdout


def tpcb(clients: int, seconds: int) -> float:
    """TPC-B transactions per second with so many clients, prepared statements."""
    out = pgbench("-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds))
    return float(next(line for line in out.splitlines() if line.startswith("tps")).split()[2])


def main() -> None:
    flags = parser(__doc__).parse_args()
    seconds = 4 if flags.quick else 15
    accounts = 100_000 if flags.quick else 1_000_000
    with own_home():
        seed(accounts)
        pgbench("-i", "-q", "-s", "20" if flags.quick else "100")
        figures = []
        for callers, goal in ((16, ">= 0.5"), (256, ">= 1.0")):
            peer = tpcb(callers, seconds)
            rate, p50, p99 = run_callers(callers, seconds, accounts)
            figures += [
                Figure(f"payments/s by {callers} callers", round(rate), "1/s"),
                Figure(f"TPC-B/s by {callers} clients", round(peer), "1/s"),
                Figure(f"payments by {callers} callers against TPC-B", round(rate / peer, 3), "times", goal),
                Figure(f"p50 of a payment, {callers} callers", round(p50, 2), "ms"),
                Figure(f"p99 of a payment, {callers} callers", round(p99, 2), "ms"),
            ]
        report("payments", figures)


if __name__ == "__main__":
    main()
