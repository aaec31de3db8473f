"""How fast money comes in: single payments through the gate against TPC-B, and a large batch against a bare COPY.

One server, one run, both sides in turn. The callers are threads of this process, each waiting for its answer before it
brings the next payment; pgbench runs its TPC-B script (an account, a teller, a branch and a history row per
transaction) with as many clients. The batch is set against a bare COPY of exactly the rows that it wrote, by as many
processes, into empty copies of the same tables with the same keys. Durability is as in production: every commit is
flushed. Processes and threads are started before the clock. The HTTP door is served as in production, by two workers,
and called over kept connections from this process, which shares the two cores with server and database.
"""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from _report import Figure, parser, report
from _served import ask, served

PROCESSES = 2
PERIODS = ((202609, date(2026, 10, 2)), (202610, date(2026, 11, 2)))

# Two bills an account, 80.00 to 129.99 each; every second account has paid the older one.
TOWN = [
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

# The rows that the batch wrote: table → (its empty copy is made like, rows between two accounts).
WRITTEN = {
    "payment_key": ("payment_key", "SELECT * FROM payment_key WHERE payment_no >= {first}"),
    "payment": ("payment", "SELECT * FROM payment WHERE no >= {first}"),
    "allocation": ("allocation", "SELECT * FROM allocation WHERE payment_no >= {first}"),
    "movement": ("movement_{month}", "SELECT * FROM movement WHERE source >= {first} AND kind = 3"),
    "open_item": (
        "open_item_202610",
        "SELECT i.* FROM open_item i JOIN allocation a ON a.account_id = i.account_id AND a.item_period = i.period"
        " AND a.item_kind = i.kind AND a.item_seq = i.seq WHERE a.payment_no >= {first}",
    ),
    "balance": ("balance", "SELECT b.* FROM balance b JOIN payment p USING (account_id) WHERE p.no >= {first}"),
}


def setup_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")
    import django

    django.setup()


@contextmanager
def own_home() -> Iterator[None]:
    """A database of our own, taken away afterwards; Django is set up on it."""
    folder = tempfile.mkdtemp(prefix="gridhall-bench-")
    os.environ["GRIDHALL_HOME"] = folder
    os.environ.pop("DATABASE_URL", None)
    from gridhall.kernel import database, embedded

    try:
        setup_django()
        from django.core.management import call_command

        database.ensure_running()
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        embedded.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def run_sql(*statements: str, **values: int) -> None:
    import psycopg

    from gridhall.kernel import database

    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode(), values or None)


def seed(accounts: int) -> None:
    from django.db import connection

    from gridhall.kernel import clock
    from gridhall.ledger.public import prepare, prepare_movements

    for period, issued in PERIODS:
        prepare(period, issued)
    today = clock.today()
    prepare_movements(today.year * 100 + today.month)
    connection.close()
    run_sql(*TOWN, n=accounts)
    run_sql("VACUUM ANALYZE open_item", "VACUUM ANALYZE balance", "VACUUM ANALYZE customers_account", "CHECKPOINT")


def run_callers(callers: int, seconds: float, accounts: int) -> tuple[float, float, float]:
    """Payments per second by so many waiting callers through the gate, and the p50 and p99 in milliseconds."""
    from gridhall.kernel.access import system
    from gridhall.payments.public import PaymentIn, Receipt, receive_one

    actor = system("bench")
    begin = time.perf_counter() + 1.0  # the first second warms up
    stop = begin + seconds
    took: list[list[float]] = [[] for _ in range(callers)]
    run = time.time_ns()
    step = accounts // callers

    def call(place: int) -> None:
        mine, n = took[place], 0
        while (before := time.perf_counter()) < stop:
            account = 1 + place * step + (n * 7919) % step
            answer = receive_one(actor, PaymentIn(1000, f"bench:{run}:{place}:{n}", account))
            if not isinstance(answer, Receipt):
                raise SystemExit(f"refused: {answer}")
            after = time.perf_counter()
            if before >= begin and after <= stop:
                mine.append(after - before)
            n += 1

    threads = [threading.Thread(target=call, args=(place,)) for place in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    all_ms = sorted(each * 1000 for mine in took for each in mine)
    return len(all_ms) / seconds, statistics.median(all_ms), all_ms[int(len(all_ms) * 0.99)]


def pgbench(*arguments: str) -> str:
    from gridhall.kernel import embedded

    where = embedded.socket()
    program = str(embedded.programs_folder() / "pgbench")
    command = [program, "-h", str(where.folder), "-p", str(where.port), "-U", where.user, *arguments, "gridhall"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tpcb(clients: int, seconds: int) -> float:
    """TPC-B transactions per second with so many clients, prepared statements."""
    out = pgbench("-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds))
    return float(next(line for line in out.splitlines() if line.startswith("tps")).split()[2])


def singles(seconds: int, accounts: int) -> list[Figure]:
    figures = []
    for callers, goal in ((16, ">= 0.5"), (256, ">= 1.0")):
        peer = tpcb(callers, seconds)
        rate, p50, p99 = run_callers(callers, seconds, accounts)
        figures += [
            Figure(f"payments by {callers} callers", round(rate), "1/s"),
            Figure(f"TPC-B by {callers} clients", round(peer), "1/s"),
            Figure(f"payments by {callers} callers, times TPC-B", round(rate / peer, 3), "times", goal),
            Figure(f"p50 of a payment, {callers} callers", round(p50, 2), "ms"),
            Figure(f"p99 of a payment, {callers} callers", round(p99, 2), "ms"),
        ]
    return figures


async def post(port: int, place: int, callers: int, accounts: int, key: str, times: tuple[float, float]) -> list[float]:
    """One caller of the API, who waits for each answer before the next payment: the milliseconds of those in time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begin, stop = times
    took: list[float] = []
    step, n = accounts // callers, 0
    while (before := time.perf_counter()) < stop:
        number = f"{1 + place * step + (n * 7919) % step:010d}"
        body = json.dumps({"account": number, "amount": 1000, "method": "transfer"}).encode()
        headers = (
            f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: {place}-{n}-{time.time_ns()}\r\n"
        )
        status, _, answer = await ask(reader, writer, "/api/v1/payments", headers, body)
        if status != 201:
            raise SystemExit(f"the API answered {status}: {answer[:300]!r}")
        after = time.perf_counter()
        if before >= begin and after <= stop:
            took.append((after - before) * 1000)
        n += 1
    writer.close()
    return took


def by_http(seconds: int, accounts: int) -> list[Figure]:
    """Payments through `POST /api/v1/payments` by 16 partners' tellers over kept connections."""
    from gridhall.kernel import keys
    from gridhall.kernel.access import system

    callers = 16
    key = keys.make(system("bench"), "bench", ("payments.take", "payments.see"))

    async def all_of(port: int) -> list[float]:
        begin = time.perf_counter() + 2.0  # the first two seconds warm up both workers
        times = (begin, begin + seconds)
        found = await asyncio.gather(*(post(port, place, callers, accounts, key, times) for place in range(callers)))
        return sorted(took for each in found for took in each)

    with served() as port:
        took = asyncio.run(all_of(port))
    return [
        Figure(f"HTTP door: payments by {callers} callers", round(len(took) / seconds), "1/s"),
        Figure(f"HTTP door: p50 of a payment, {callers} callers", round(statistics.median(took), 2), "ms"),
        Figure(f"HTTP door: p99 of a payment, {callers} callers", round(took[int(len(took) * 0.99)], 2), "ms"),
    ]


def halves(accounts: int) -> list[tuple[int, int]]:
    """The stretches of accounts of the processes, ends included."""
    edges = [accounts * k // PROCESSES for k in range(PROCESSES + 1)]
    return [(low + 1, high) for low, high in pairwise(edges)]


def warm(_: int) -> int:
    """Load everything in a worker, so that the clock does not count it."""
    setup_django()
    import numpy as np

    from gridhall.columns.settling import allocation_of, order_keys
    from gridhall.payments.public import receive_columns

    many = np.arange(1000, dtype=np.int64)
    allocation_of(many, np.append(many, 1000), many, order_keys(0, many, many))
    time.sleep(0.5)  # so that no worker takes two of these
    return id(receive_columns)


def receive_half(low: int, high: int) -> int:
    """Bring one payment for each account of a stretch: what the account owes of the newer bill and 5.00 more."""
    import numpy as np

    from gridhall.kernel import clock
    from gridhall.kernel.access import system
    from gridhall.payments.public import DOOR_FILE, TRANSFER, PaymentColumns, receive_columns

    ids = np.arange(low, high + 1, dtype=np.int64)
    keys = [f"bank:20261125:{i:012d}" for i in ids.tolist()]
    days = np.full(len(ids), clock.today().toordinal(), np.int64)
    done = receive_columns(system("file"), PaymentColumns(ids, 8500 + ids % 5000, keys, days, DOOR_FILE, TRANSFER))
    if done.taken != len(ids):
        raise SystemExit(f"only {done.taken} of {len(ids)} were taken: {done.refused[:3]}")
    return done.taken


def copy_half(folder: str, half: int) -> int:
    """COPY the rows of a stretch from the files into the empty tables."""
    import psycopg

    from gridhall.kernel import database

    size = 0
    with psycopg.connect(database.conninfo()) as connection:
        for table in WRITTEN:
            data = Path(folder, f"{table}.{half}").read_bytes()
            with connection.cursor().copy(f"COPY bare_{table} FROM STDIN (FORMAT BINARY)".encode()) as copy:
                for at in range(0, len(data), 1 << 20):
                    copy.write(data[at : at + (1 << 20)])
            size += len(data)
    return size


def keep_written(folder: str, first: int, stretches: Sequence[tuple[int, int]]) -> int:
    """Write what the batch wrote into files, and make the empty copies of the tables: how many rows."""
    import psycopg

    from gridhall.kernel import clock, database

    month = clock.today().strftime("%Y%m")
    count = 0
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        for table, (like, rows) in WRITTEN.items():
            model = like.format(month=month)
            connection.execute(f"CREATE TABLE bare_{table} (LIKE {model} INCLUDING ALL)".encode())
            options = connection.execute("SELECT reloptions[1] FROM pg_class WHERE relname = %s", [model]).fetchone()
            if options and options[0]:
                connection.execute(f"ALTER TABLE bare_{table} SET ({options[0]})".encode())
            for half, (low, high) in enumerate(stretches):
                query = f"SELECT * FROM ({rows.format(first=first)}) AS w WHERE account_id BETWEEN {low} AND {high}"
                cursor = connection.cursor()
                copy_out = f"COPY ({query} ORDER BY account_id) TO STDOUT (FORMAT BINARY)"
                with Path(folder, f"{table}.{half}").open("wb") as out, cursor.copy(copy_out.encode()) as copy:
                    for data in copy:
                        out.write(data)
                count += cursor.rowcount
    return count


def next_number() -> int:
    import psycopg

    from gridhall.kernel import database

    with psycopg.connect(database.conninfo()) as connection:
        row = connection.execute("SELECT nextval('payment_no')").fetchone()
    return int(row[0]) if row else 0


def batch(accounts: int) -> list[Figure]:
    stretches = halves(accounts)
    first = next_number()
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        list(pool.map(warm, range(PROCESSES)))
        run_sql("CHECKPOINT")
        before = time.perf_counter()
        list(pool.map(receive_half, *zip(*stretches, strict=True)))
        ours = time.perf_counter() - before
        folder = tempfile.mkdtemp(prefix="gridhall-bench-rows-")
        try:
            rows = keep_written(folder, first, stretches)
            run_sql("CHECKPOINT")
            before = time.perf_counter()
            list(pool.map(copy_half, [folder] * PROCESSES, range(PROCESSES)))
            bare = time.perf_counter() - before
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return [
        Figure(f"batch of {accounts:,}: received", round(ours, 2), "s"),
        Figure(f"batch of {accounts:,}: rows written", rows, "rows"),
        Figure(f"batch of {accounts:,}: bare COPY of them", round(bare, 2), "s"),
        Figure("batch, times bare COPY", round(ours / bare, 2), "times", "<= 2.0"),
        Figure("payments of the batch", round(accounts / ours), "1/s"),
    ]


def main() -> None:
    flags = parser(__doc__ or "").parse_args()
    seconds = 3 if flags.quick else 15
    accounts = 100_000 if flags.quick else 1_000_000
    with own_home():
        seed(accounts)
        figures = batch(accounts)
        pgbench("-i", "-q", "-s", "10" if flags.quick else "100")
        report("payments", singles(seconds, accounts) + by_http(seconds, accounts) + figures)


if __name__ == "__main__":
    main()
