"""How fast the portal's pages come, how many queries they ask and how much they weigh, with 20,000 customers loaded.

The pages are served as in production: Granian with two worker processes, static files collected and packed, sessions in
the database, a different customer on every request. The caller is this process, over kept-alive connections; it
shares the machine's cores with the server, so the figures are what is left for the server. Pages are not packed (a
packed page that mirrors a secret can be guessed at: BREACH); static files are.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from urllib.parse import urljoin

from _report import Figure, parser, report
from _served import ask, served

CUSTOMERS = 20_000
MONTHS = 13
LAST = (2026, 10)
SIGNED_IN = 400  # customers whose sessions are opened beforehand
CONNECTIONS = 8
TARIFF = "cn-shandong-residential-peak-valley"
PAGES = {"home": "/", "bill": "/bills/202610/1"}
QUERIES_MOST, KB_MOST = 12, 150

# 114 kWh in the peak and 186 kWh in the valley each month, as in the portal's tests: 135.87.
SEED = (
    """
    INSERT INTO bill (account_id, period, seq, agreement_id, unit_id, area_id, run_id, kind, state, class_code,
        estimated, plan_id, from_on, to_on, wh, year_used_wh, year_months, amount, issued_on, due_on)
    SELECT a.id, %(period)s, 1, g.id, a.unit_id, a.area_id, 1, 1, 1, 1, false, %(plan)s, %(from_on)s, %(to_on)s, 300000,
        600000, 12, 13587, %(to_on)s::date + 2, %(to_on)s::date + 19
    FROM customers_account a JOIN customers_agreement g ON g.account_id = a.id ORDER BY a.id
    """,
    """
    INSERT INTO bill_line (account_id, period, seq, n, component, block, tou, segment, unit, quantity, price, base,
        amount, rest)
    SELECT a.id, %(period)s, 1, n, %(component)s, 0, tou, 0, 1, wh, price, 0, amount, 0 FROM customers_account a,
        (VALUES (1, 2, 114000, 5769000000, 6577), (2, 4, 186000, 3769000000, 7010)) AS line (n, tou, wh, price, amount)
    ORDER BY a.id, n
    """,
    """
    INSERT INTO bill_use (account_id, period, seq, n, register_id, tou, kind, previous_on, previous_value, current_on,
        current_value, multiplier, decimals, wh)
    SELECT a.id, %(period)s, 1, n, a.id * 10 + n, tou, 1, %(from_on)s, 1000000, %(to_on)s, 1000000 + wh / 10, 1, 2, wh
    FROM customers_account a, (VALUES (1, 2, 114000), (2, 4, 186000)) AS use (n, tou, wh) ORDER BY a.id, n
    """,
    """
    INSERT INTO open_item (account_id, period, kind, seq, unit_id, class_code, amount, open, issued_on, due_on,
        late_upto, late_charged)
    SELECT id, %(period)s, 1, 1, unit_id, 1, 13587, CASE WHEN %(last)s THEN 13587 ELSE 0 END, %(to_on)s::date + 2,
        %(to_on)s::date + 19, %(to_on)s::date + 19, 0
    FROM customers_account ORDER BY id
    """,
)
METERS = (
    "INSERT INTO metering_meter (id, serial, model, phases) SELECT id, 'GH' || lpad(id::text, 10, '0'), '', 1"
    " FROM customers_account",
    "INSERT INTO metering_register (id, meter_id, tou, digits, decimals, multiplier)"
    " SELECT a.id * 10 + n, a.id, n * 2, 6, 2, 1 FROM customers_account a, generate_series(1, 2) AS n",
    "INSERT INTO balance (account_id, unit_id, owed, credit) SELECT id, unit_id, 13587, 0 FROM customers_account",
)


@contextmanager
def own_home() -> Iterator[None]:
    """A database of our own, taken away afterwards; Django is set up on it. The clock stands before the due day."""
    folder = tempfile.mkdtemp(prefix="gridhall-bench-")
    os.environ |= {
        "GRIDHALL_HOME": folder,
        "GRIDHALL_CLOCK": "2026-11-10T12:00:00+08:00",
        "DJANGO_SETTINGS_MODULE": "gridhall.project.settings",
    }
    os.environ.pop("DATABASE_URL", None)
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


def seed(customers_count: int) -> None:
    """A unit with so many households, each with 13 months of bills, the last one open."""
    from django.db import connection

    from gridhall.customers import public as customers
    from gridhall.kernel import access, partitions
    from gridhall.tariffs import public as tariffs
    from gridhall.territory.public import Area, District, Station, TerritorySeed, Unit, register_territory

    actor = access.system("bench")
    register_territory(
        actor,
        TerritorySeed(
            districts=(District("D1", "Lake", "湖区"),),
            units=(Unit(101, "U1", "Lake unit", "湖区核算"),),
            stations=(Station("S1", "D1", 101, "Lake station", "湖区供电所"),),
            areas=(Area(10101, "A1", "S1", 0, "Lake one", "湖区一片"),),
        ),
    )
    book = files("gridhall.tariffs").joinpath("books", f"{TARIFF}.yaml").read_text()
    plan = tariffs.enter_book(actor, book)[-1]
    tariffs.approve(actor, plan)
    made = customers.register_accounts(
        actor,
        customers.NewAccounts(
            name=[f"客户{place}" for place in range(customers_count)],
            address=[f"湖滨路{place}号" for place in range(customers_count)],
            area_id=[10101] * customers_count,
            class_code=[1] * customers_count,
            tariff_code=[TARIFF] * customers_count,
            since=[date(2025, 1, 1)] * customers_count,
        ),
    )
    assert not made.refused, made.refused[:3]
    facts = {"plan": plan, "component": tariffs.component_ids(plan)[0]}
    with connection.cursor() as cursor:
        for back in range(MONTHS - 1, -1, -1):
            months = LAST[0] * 12 + LAST[1] - 1 - back
            period = months // 12 * 100 + months % 12 + 1
            from_on, to_on = (date(each // 12, each % 12 + 1, 1) for each in (months, months + 1))
            partitions.ensure(["bill", "bill_line", "bill_use", "bill_segment", "open_item"], period)
            for statement in SEED:
                cursor.execute(
                    statement, facts | {"period": period, "from_on": from_on, "to_on": to_on, "last": back == 0}
                )
        for statement in METERS:
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")


def sessions(count: int) -> list[str]:
    """Sessions of so many different customers, as the sign-in opens them: their keys."""
    from django.contrib.sessions.backends.db import SessionStore

    from gridhall.customers.models import Account
    from gridhall.doors.portal.session import begin

    keys = []
    for account_id in Account.objects.order_by("id").values_list("id", flat=True)[:count]:
        store = SessionStore()
        begin(store, account_id)
        store.create()
        keys.append(str(store.session_key))
    return keys


async def load(port: int, path: str, keys: list[str], seconds: float) -> list[float]:
    """Ask for a page over several connections, a customer each time; the milliseconds of every answer."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def one(place: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        n = place
        while time.perf_counter() < end:
            before = time.perf_counter()
            status, _, body = await ask(reader, writer, path, f"Cookie: sessionid={keys[n % len(keys)]}\r\n")
            took.append((time.perf_counter() - before) * 1000)
            if status != 200 or b"135.87" not in body:
                raise RuntimeError(f"{path} answered {status}")
            n += CONNECTIONS
        writer.close()

    await asyncio.gather(*(one(place) for place in range(CONNECTIONS)))
    return sorted(took)


@dataclass(frozen=True)
class Weight:
    """Bytes over the wire at the first visit: the page and everything that it loads."""

    page: int
    assets: int


async def weigh(port: int, path: str, key: str) -> Weight:
    """Load a page and what it names (style sheets, scripts, font, symbols), as a browser that takes gzip."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    _, head, body = await ask(reader, writer, path, f"Cookie: sessionid={key}\r\nAccept-Encoding: gzip\r\n")
    page = len(head) + len(body)
    names = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', body.decode()))
    assets = 0
    for name in sorted(names):
        status, head, body = await ask(reader, writer, urljoin(path, name), "Accept-Encoding: gzip\r\n")
        if status != 200:
            raise RuntimeError(f"{name} answered {status}")
        assets += len(head) + len(body)
    writer.close()
    return Weight(page, assets)


def queries(path: str, key: str) -> int:
    """Queries of a page once the process knows territory and tariffs, as Django counts them."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1"})
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return len(asked)


def measure(seconds: float) -> list[Figure]:
    keys = sessions(SIGNED_IN)
    figures = []
    with served() as port:
        for name, path in PAGES.items():
            asyncio.run(load(port, path, keys, 2.0))  # the workers read and compile what they keep
            took = asyncio.run(load(port, path, keys, seconds))
            weight = asyncio.run(weigh(port, path, keys[0]))
            figures += [
                Figure(f"{name}: requests/s over {CONNECTIONS} connections", len(took) / seconds, "1/s"),
                Figure(f"{name}: p50", statistics.median(took), "ms"),
                Figure(f"{name}: p99", took[int(len(took) * 0.99)], "ms"),
                Figure(f"{name}: queries", queries(path, keys[0]), "", f"<= {QUERIES_MOST}"),
                Figure(f"{name}: page, not packed", weight.page / 1000, "kB"),
                Figure(f"{name}: first load in all", (weight.page + weight.assets) / 1000, "kB", f"<= {KB_MOST}"),
            ]
    return figures


def main() -> None:
    flags = parser(__doc__ or "")
    flags.add_argument("--customers", type=int, default=CUSTOMERS, help="households that are loaded")
    given = flags.parse_args()
    with own_home():
        started = time.perf_counter()
        seed(given.customers)
        loaded = Figure("customers loaded", given.customers, "")
        took = Figure("time to load them", time.perf_counter() - started, "s")
        figures = measure(3.0 if given.quick else 20.0)
    report("web", [loaded, took, *figures])


if __name__ == "__main__":
    main()
