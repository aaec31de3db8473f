"""What a new tariff version does to every customer: a month's stored bills in PostgreSQL → the whole report.

Bills with their uses (one account in eight with peak and valley) are put into the tables by SQL; what is measured is
reading them, rating them on the new version, and the report with its histogram, areas, classes, top lists and CSV file.
"""

import os
import re
import resource
import shutil
import tempfile
import time
from pathlib import Path

import _town
from _report import Figure, parser, report

PERIOD = 202610
UNITS, AREAS = 8, 40
CODE = "cn-shandong-residential"

# Account k: unit and area by turns, 60 to 460 kWh a month, as much of the year used as ten such months.
BILLS = """
INSERT INTO customers_customer (id, kind, name, name_key, phone, email, language)
    VALUES (1, 'organisation', 'All', 'all', '', '', 'zh');
INSERT INTO customers_account (id, number, customer_id, unit_id, area_id, class_code, opened_on)
    SELECT k, lpad(k::text, 10, '0'), 1, 1 + k % {units}, 100 * (1 + k % {units}) + k % {areas}, 1, '2025-01-01'
    FROM generate_series(1::bigint, {accounts}) k;
INSERT INTO bill (account_id, period, seq, agreement_id, unit_id, area_id, run_id, kind, state, class_code, estimated,
        plan_id, from_on, to_on, wh, year_used_wh, year_months, amount, issued_on, due_on)
    SELECT k, {period}, 1, k, 1 + k % {units}, 100 * (1 + k % {units}) + k % {areas}, 1, 1, 1, 1, false,
        {version}, '2026-10-01', '2026-11-01', 60000 + (k * 7919) % 400000, 9 * (60000 + (k * 7919) % 400000), 12, 0,
        '2026-11-03', '2026-11-18'
    FROM generate_series(1::bigint, {accounts}) k;
INSERT INTO bill_use (account_id, period, seq, n, register_id, tou, kind, previous_on, previous_value, current_on,
        current_value, multiplier, decimals, wh)
    SELECT k, {period}, 1, 1 + t / 2, 8 * k + t, t, 1, '2026-10-01', 0, '2026-11-01', 0, 1, 2,
        CASE t WHEN 0 THEN wh WHEN 2 THEN wh - wh / 3 ELSE wh / 3 END
    FROM (SELECT k, 60000 + (k * 7919) % 400000 AS wh FROM generate_series(1::bigint, {accounts}) k) bills,
        unnest(CASE WHEN k % 8 = 0 THEN ARRAY[0, 2, 4] ELSE ARRAY[0] END) t;
"""


def main() -> None:
    flags = parser(__doc__ or "")
    flags.add_argument("--accounts", type=int, default=0, help="how many (1,000,000; 100,000 with --quick)")
    chosen = flags.parse_args()
    accounts = chosen.accounts or (100_000 if chosen.quick else 1_000_000)
    folder = tempfile.mkdtemp(prefix="gridhall-bench-")
    os.environ.pop("DATABASE_URL", None)
    os.environ["GRIDHALL_HOME"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")
    try:
        report("what_if", measure(accounts))
    finally:
        from gridhall.kernel import embedded

        embedded.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(accounts: int) -> int:
    """Make the tables and the bills, each of which comes to what its tariff gives; the id of the draft to be tried."""
    from gridhall.kernel import database

    database.ensure_running()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from gridhall.kernel import partitions
    from gridhall.kernel.access import system
    from gridhall.tariffs import public as tariffs

    text = (Path(tariffs.__file__).parent / "books" / f"{CODE}.yaml").read_text()
    versions = tariffs.enter_book(system("seed"), text)
    for version in versions:
        tariffs.approve(system("seed"), version)
    partitions.ensure(["bill", "bill_use", "bill_segment"], PERIOD)
    _town.run_sql(BILLS.format(period=PERIOD, units=UNITS, areas=AREAS, version=versions[-1], accounts=accounts))
    _town.run_sql("VACUUM ANALYZE")
    _put_right()
    (draft,) = tariffs.enter_book(system("seed"), _draft(text))
    return draft


def _draft(text: str) -> str:
    """A book with a version from 2027 on alone: the newest with the first block cheaper and the others dearer."""
    head, _, newest = text.rpartition("\n  - from: ")
    newest = re.sub(r"^\S+", "2027-01-01", newest.split("\n    examples:")[0])
    return (
        head.split("\nversions:")[0]
        + "\nversions:\n  - from: "
        + newest.replace("[0.5469, 0.5969, 0.8469]", "[0.5369, 0.6269, 0.8969]")
        + "\n"
    )


def _put_right() -> None:
    """Give each bill the amount that its own tariff comes to."""
    from django.db import connection

    from gridhall.billing.stored import stored_bills
    from gridhall.columns.copy import INT8, copy_in
    from gridhall.columns.rating import rate_amounts

    bills = stored_bills(PERIOD)
    rated = rate_amounts(bills.plans(), bills.segments, len(bills))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE came_to (account_id bigint, amount bigint)")
        copy_in(
            cursor,
            "came_to",
            {"account_id": INT8, "amount": INT8},
            {"account_id": bills.account_id, "amount": rated.bill_amount},
        )
        cursor.execute(
            f"UPDATE bill SET amount = c.amount FROM came_to c "
            f"WHERE bill.account_id = c.account_id AND bill.period = {PERIOD}"
        )


def measure(accounts: int) -> list[Figure]:
    draft = _set_up(accounts)
    from gridhall.billing import public as billing

    begin = time.perf_counter()
    found = billing.what_if(draft, [PERIOD])
    middle = time.perf_counter()
    path = Path(os.environ["GRIDHALL_HOME"]) / "what-if.csv"
    billing.write_what_if(found.rows, path)
    end = time.perf_counter()
    assert len(found.rows) == accounts
    assert found.bills == accounts
    assert found.not_rated == 0
    assert sum(each.customers for each in found.bins) == accounts
    assert found.total.losers > 0
    assert found.total.winners > 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    months = 1 if accounts < 1_000_000 else 12
    if months > 1:  # the same month twelve times over: as much to read and to add up as a year
        billing.what_if(draft, [PERIOD] * months)
    year = time.perf_counter() - end
    whole = (end - begin) * 1_000_000 / accounts
    return [
        Figure("customers", accounts, ""),
        Figure("reading, rating and the report", middle - begin, "s"),
        Figure("the CSV file of every customer", end - middle, "s"),
        Figure("all of it, for 1,000,000 customers and a month", whole, "s", "<= 60"),
        *([Figure("the report over twelve months of it", year, "s", "<= 60")] if months > 1 else []),
        Figure("customers a second", accounts / (end - begin), "1/s"),
        Figure("peak memory (RSS)", peak, "GiB"),
    ]


if __name__ == "__main__":
    main()
