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

from _report import Figure, parser, report

PROCESSES = 2
UNITS = 8
SMALL = 10_000
PERIOD, BEFORE = 202610, 202609
BOOKS = ("cn-shandong-residential", "cn-zhejiang-residential", "cn-shenzhen-residential")
BY_PERIOD = "cn-shandong-residential-peak-valley"  # one account in eight has a meter with peak and valley

# Everything but the readings of the two periods; account k has id k, unit 1 has the first SMALL accounts.
TOWN = """
INSERT INTO territory_district (id, code, name_en, name_zh) VALUES (1, 'D1', 'District', '区');
INSERT INTO territory_accountingunit (id, code, name_en, name_zh)
    SELECT u, 'U' || u, 'Unit ' || u, '单元' || u FROM generate_series(1, {units}) u;
INSERT INTO territory_station (id, district_id, unit_id, code, name_en, name_zh, phone, address_en, address_zh)
    SELECT u, 1, u, 'S' || u, 'Station', '所', '', '', '' FROM generate_series(1, {units}) u;
INSERT INTO territory_area (id, station_id, code, name_en, name_zh)
    SELECT u, u, 'A' || u, 'Area', '区' FROM generate_series(1, {units}) u;
CREATE TEMP TABLE seed AS
    SELECT k, CASE WHEN k <= {small} THEN 1
            ELSE 2 + (k - {small} - 1) * ({units} - 1) / ({accounts} - {small}) END AS unit,
        k % 8 = 0 AS by_period, 60000 + (k * 7919) % 400000 AS wh
    FROM generate_series(1, {accounts}) k;
INSERT INTO customers_customer (id, kind, name, name_key, phone, email, language)
    SELECT k, 'person', 'C' || k, 'c', '', '', 'zh' FROM seed;
INSERT INTO customers_premise (id, area_id, address, address_key) SELECT k, unit, 'P' || k, 'p' FROM seed;
INSERT INTO customers_account (id, number, customer_id, unit_id, area_id, class_code, opened_on)
    SELECT k, lpad(k::text, 10, '0'), k, unit, unit, 1, '2025-01-01' FROM seed;
INSERT INTO customers_agreement (id, account_id, premise_id, since) SELECT k, k, k, '2025-01-01' FROM seed;
INSERT INTO customers_supplyterm (
        agreement_id, account_id, since, tariff_code, voltage, capacity_va, contract_w, power_factor_standard, persons,
        allowance_wh
    )
    SELECT k, k, '2025-01-01', CASE WHEN by_period THEN '{by_period}' ELSE (ARRAY[{books}])[1 + k % 3] END,
        '<1kV', 0, 0, 0, 0, 0 FROM seed;
INSERT INTO metering_meter (id, serial, model, phases) SELECT k, 'M' || k, '', 1 FROM seed;
INSERT INTO metering_register (id, meter_id, tou, digits, decimals, multiplier)
    SELECT 8 * k + t, k, t, 6, 2, 1 FROM seed, unnest(CASE WHEN by_period THEN ARRAY[0, 2, 4] ELSE ARRAY[0] END) t;
INSERT INTO register_place (
        account_id, register_id, since, until, agreement_id, unit_id, meter_id, tou, digits, decimals, multiplier
    )
    SELECT k, register.id, '2026-09-01', '9999-12-31', k, unit, k, register.tou, 6, 2, 1
    FROM seed JOIN metering_register register ON register.meter_id = k ORDER BY k, register.id;
CREATE TEMP TABLE seed_register AS
    SELECT k, register.id, register.tou,
        CASE register.tou WHEN 0 THEN wh WHEN 2 THEN wh - wh / 3 ELSE wh / 3 END / 10 AS per_month
    FROM seed JOIN metering_register register ON register.meter_id = k;
INSERT INTO reading (account_id, period, register_id, seq, read_on, value, kind, state, reason, batch_id)
    SELECT k, 202608, id, 1, '2026-09-01', 1000 + id % 7777, 4, 1, 0, 0 FROM seed_register ORDER BY k, id;
INSERT INTO reading (account_id, period, register_id, seq, read_on, value, kind, state, reason, batch_id)
    SELECT k, 202609, id, 1, '2026-10-01', 1000 + id % 7777 + per_month, 1, 1, 0, 0 FROM seed_register ORDER BY k, id;
INSERT INTO reading (account_id, period, register_id, seq, read_on, value, kind, state, reason, batch_id)
    SELECT k, 202610, id, 1, '2026-11-01', 1000 + id % 7777 + per_month * 2 + per_month / 9, 1, 1, 0, 0
    FROM seed_register ORDER BY k, id;
"""


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
        _sql("ANALYZE")
        _sql("CHECKPOINT")
        moment = datetime.fromisoformat("2026-11-03T09:00:00+08:00")
        small = _bill(PERIOD, [1], pool, moment)
        with _Memory() as memory:
            large = _bill(PERIOD, range(2, UNITS + 1), pool, moment)
    rest = accounts - SMALL
    bare, rows = _bare_copy(SMALL + 1, accounts)
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
    from gridhall.kernel import partitions
    from gridhall.kernel.access import system
    from gridhall.tariffs import public as tariffs

    books = Path(tariffs.__file__).parent / "books"
    for name in (*BOOKS, BY_PERIOD):
        for version in tariffs.enter_book(system("bench"), (books / f"{name}.yaml").read_text()):
            tariffs.approve(system("bench"), version)
    for period in (202608, BEFORE, PERIOD):
        partitions.ensure(["reading"], period)
    names = ", ".join(f"'{name}'" for name in BOOKS)
    _sql(TOWN.format(units=UNITS, accounts=accounts, small=SMALL, by_period=BY_PERIOD, books=names))
    _sql("VACUUM ANALYZE")


def _sql(text: str) -> None:
    import psycopg

    from gridhall.kernel import database

    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute(text)


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


# --- the bare COPY


def _bare_copy(first: int, last: int) -> tuple[float, dict[str, int]]:
    """Seconds that COPY alone takes for the rows of accounts `first` to `last`, and how many there are in each table.

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
        begin = time.perf_counter()
        list(pool.map(_copy_files, files))
        return time.perf_counter() - begin, rows


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
