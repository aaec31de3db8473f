"""The parts of `doors.py` about batch debit: a million results taken, and a million debits written."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from _report import Figure

DAY = date(2026, 11, 12)
FILE_MOST = 50_000


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def results(quick: bool) -> list[Figure]:
    """A result file read, checked, posted and reconciled, beside a bare COPY of the rows that it writes."""
    rows = 50_000 if quick else 1_000_000
    home = Path(tempfile.mkdtemp(prefix="gridhall-bench-"))
    try:
        done = subprocess.run(
            [sys.executable, str(Path(__file__)), str(home), str(rows)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        taken_s, bare_s, peak, written = (float(each) for each in done.stdout.split()[-4:])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    name = f"{rows:,} results"
    return [
        Figure(f"{name}: read, checked, posted, reconciled", taken_s, "s"),
        Figure(f"bare COPY of the {int(written):,} rows it writes", bare_s, "s"),
        Figure("times the bare COPY", taken_s / bare_s, "×", "<= 2.5"),
        Figure("memory at the most", peak, "MiB", "<= 1024"),
    ]


def files(quick: bool) -> list[Figure]:
    """Debits as pain.008 files of at most 50,000, each valid against its schema."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "gridhall.project.settings"
    os.environ.setdefault("GRIDHALL_HOME", tempfile.mkdtemp(prefix="gridhall-bench-"))
    import django
    from lxml import etree

    django.setup()
    from gridhall.adapters.iso20022 import writing
    from gridhall.debits.data import FileHead

    count = 50_000 if quick else 1_000_000
    figures = []
    for version in ("pain.008.001.02", "pain.008.001.08"):
        schemas = Path(writing.__file__).with_name("schemas")
        schema = etree.XMLSchema(etree.parse(schemas / f"{version}.xsd"))
        wrote = checked = 0.0
        bytes_ = valid = made = 0
        for n, (first, last) in enumerate(_stretches(count), 1):
            rows = _rows(first, last)
            head = FileHead(
                n, f"GH{n:08d}", "DB", "Lamplake Power", "DE89370400440532013000", "COBADEFFXXX", "DE98ZZZ09999999999",
                DAY, datetime(2026, 11, 10, tzinfo=UTC), "EUR", 2, last - first, int(rows.amount.sum()),
            )  # fmt: skip
            began = time.perf_counter()
            data = b"".join(writing.pain_008(version, head, rows))
            wrote += time.perf_counter() - began
            began = time.perf_counter()
            valid += schema.validate(etree.fromstring(data))
            checked += time.perf_counter() - began
            made += 1
            bytes_ += len(data)
        if valid != made:
            raise RuntimeError(f"{made - valid} of {made} files are not valid")
        figures += [
            Figure(f"{count:,} debits as {version}, {made} files", wrote, "s"),
            Figure(f"{version}: debits a second", count / wrote, "1/s"),
            Figure(f"{version}: valid files of {made}", valid, "", f">= {made}"),
            Figure(f"{version}: size", bytes_ / 1e6, "MB"),
            Figure(f"{version}: validating them", checked, "s"),
        ]
    return figures


def _stretches(count: int) -> Iterator[tuple[int, int]]:
    for first in range(0, count, FILE_MOST):
        yield first, min(first + FILE_MOST, count)


def _rows(first: int, last: int) -> Any:
    from gridhall.debits.data import FileRows
    from gridhall.debits.ports import key_of

    n = last - first
    return FileRows(
        np.arange(1, n + 1), [key_of(1, line) for line in range(1, n + 1)],
        np.arange(first, last, dtype=np.int64) % 90_000 + 1, [f"客户 {k}" for k in range(first, last)],
        ["DE02120300000000202051"] * n, ["BYLADEM1001"] * n, [f"GHM{k:010d}" for k in range(first, last)],
        [DAY - timedelta(days=k % 300) for k in range(n)], [f"{k:010d}" for k in range(first, last)],
    )  # fmt: skip


# In a process of its own, so that its memory is its own.


def _town(rows: int) -> int:
    """Accounts with one bill each, mandates, a cycle with one file that is sent: all by COPY. The file's number."""
    from django.db import connection

    from gridhall.debits.mandates import digest

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO territory_accountingunit (id, code, name_en, name_zh) VALUES (1, '1', 'u', 'u')"
            " ON CONFLICT DO NOTHING"
        )
        cursor.execute(
            "INSERT INTO customers_customer (id, kind, name, name_key, phone, email, language)"
            " SELECT i, 'person', 'c' || i, 'c', '', '', 'zh' FROM generate_series(1, %s) AS i", [rows]
        )  # fmt: skip
        cursor.execute(
            "INSERT INTO customers_account (id, number, customer_id, unit_id, area_id, class_code, opened_on)"
            " SELECT i, lpad(i::text, 10, '0'), i, 1, 1, 1, '2020-01-01' FROM generate_series(1, %s) AS i", [rows]
        )  # fmt: skip
        cursor.execute(
            "INSERT INTO debits_debitbank (code, name_en, name_zh, form, creditor_name, creditor_account,"
            " creditor_agent, creditor_id, rows_most) VALUES ('CCB', 'b', 'b', 'text:pipe', 'c', '1', '', '1', 1000000)"
        )
        with cursor.copy(
            "COPY debits_mandate (account_id, reference, bank_id, holder, number_sealed, last_four, number_digest,"
            " holder_digest, debtor_agent, signed_at_door, signed_on, state, \"limit\", preferred_day, made_by,"
            " made_by_name, made_at, changed_at, reason) FROM STDIN"
        ) as copy:  # fmt: skip
            for i in range(1, rows + 1):
                number, holder = f"62270000{i:08d}", f"c{i}"
                copy.write_row((
                    i, f"GHM{i}", 1, holder, "-", number[-4:], digest("number", number), digest("holder", holder), "",
                    "paper", DAY, "active", 0, 0, 0, "", DAY, DAY, "",
                ))  # fmt: skip
        _bills(rows)
        cursor.execute(
            "INSERT INTO debits_cycle (unit_id, debit_on, attempt, retry_on, notice_days, state, issued_upto,"
            " made_by, made_by_name, made_at) VALUES (1, %s, 1, '[]', 3, 'sent', 0, 0, '', now()) RETURNING id", [DAY]
        )  # fmt: skip
        cycle = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO debits_debitfile (cycle_id, attempt, bank_id, state, rows, amount, name, digest, made_by,"
            " made_by_name, made_at, sent_by_name) VALUES (%s, 1, 1, 'sent', %s, 0, '', '', 0, '', now(), '')"
            " RETURNING id", [cycle, rows]
        )  # fmt: skip
        file_id = int(cursor.fetchone()[0])
        cursor.execute(
            "INSERT INTO debit SELECT account_id, %s, 1, id, 1, 10000 + account_id %% 977, 0, 0 FROM debits_mandate"
            " ORDER BY account_id", [cycle]
        )  # fmt: skip
        cursor.execute(
            "INSERT INTO debit_line SELECT account_id, %s, 1, %s, account_id, amount FROM debit ORDER BY account_id",
            [cycle, file_id],
        )
    return file_id


def _bills(rows: int) -> None:
    from django.db import connection, transaction

    from gridhall.ledger.public import BillsToPost, post_bills, prepare

    prepare(202610, date(2026, 11, 2))
    for first, last in _stretches(rows):
        account = np.arange(first + 1, last + 1, dtype=np.int64)
        ones = np.ones(len(account), np.int64)
        by_class = np.zeros((len(account), 6), np.int64)
        by_class[:, 1] = 10_000 + account % 977
        with transaction.atomic():
            post_bills(connection.connection, BillsToPost(
                account_id=account, period=202610, seq=ones, unit_id=ones, class_code=ones, by_class=by_class,
                issued_on=ones * date(2026, 11, 2).toordinal(), due_on=ones * date(2026, 11, 25).toordinal(),
            ))  # fmt: skip


def _answer(file_id: int, rows: int) -> bytes:
    """The bank's file: every tenth has too little money."""
    amounts = [10_000 + k % 977 for k in range(1, rows + 1)]
    codes = ["1001" if k % 10 == 0 else "0000" for k in range(1, rows + 1)]
    text = [f"R|{file_id:08d}|{DAY:%Y%m%d}|CCB"]
    text += [
        f"D|{k}|62270000{k:08d}|c{k}|{amount}|{code}|"
        for k, amount, code in zip(range(1, rows + 1), amounts, codes, strict=True)
    ]
    made = [amount for amount, code in zip(amounts, codes, strict=True) if code == "0000"]
    text.append(f"T|{rows}|{sum(amounts)}|{len(made)}|{sum(made)}")
    return "".join(line + "\r\n" for line in text).encode("gb18030")


# What a result file writes: table and how many rows of it are of this file.
WRITTEN = ("debit_result", "payment", "payment_key", "movement", "allocation")


def _bare_copy() -> tuple[float, int]:
    """Copy what was written out to files and into empty tables of the same shape and keys."""
    import psycopg

    from gridhall.kernel import database

    total, seconds = 0, 0.0
    with psycopg.connect(database.conninfo(), autocommit=True) as raw:
        for table in WRITTEN:
            where = "WHERE kind = 3" if table == "movement" else ""
            with tempfile.TemporaryFile() as kept:
                with raw.cursor().copy(f"COPY (SELECT * FROM {table} {where}) TO STDOUT (FORMAT BINARY)") as out:
                    for piece in out:
                        kept.write(piece)
                raw.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
                kept.seek(0)
                began = time.perf_counter()
                cursor = raw.cursor()
                with cursor.copy(f"COPY bare_{table} FROM STDIN (FORMAT BINARY)") as copy:
                    while piece := kept.read(1 << 20):
                        copy.write(piece)
                seconds += time.perf_counter() - began
                total += cursor.rowcount
    return seconds, total


def main() -> None:
    home, rows = sys.argv[1], int(sys.argv[2])
    os.environ.update(GRIDHALL_HOME=home, DJANGO_SETTINGS_MODULE="gridhall.project.settings")
    os.environ["GRIDHALL_CLOCK"] = "2026-11-13T09:00:00+08:00"
    import django

    django.setup()
    from django.core.management import call_command

    from gridhall.debits.public import reconcile, take_results
    from gridhall.kernel import database, embedded
    from gridhall.kernel.access import system

    database.ensure_running()
    try:
        call_command("migrate", verbosity=0)
        file_id = _town(rows)
        data = _answer(file_id, rows)
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        before = _peak_mib()
        began = time.perf_counter()
        done = take_results(system("bench"), "CCB", "results.txt", data)
        reconcile(system("bench"), 1)
        taken = time.perf_counter() - began
        if done.parked or done.debited + done.failed != rows:
            raise RuntimeError(f"{done}")
        print(f"before {before} MiB", file=sys.stderr)
        peak = _peak_mib()
        bare, written = _bare_copy()
        print(taken, bare, peak, written)
    finally:
        embedded.stop("immediate")


if __name__ == "__main__":
    main()
