"""The part "teller" of bench/doors.py."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from _report import Figure
from payments import own_home, seed

if TYPE_CHECKING:
    from gridhall.adapters.bank_teller.simulator import Teller
    from gridhall.payments.public import PartnerView

SESSIONS = 2_000
AMOUNT = 1_000


@dataclass
class Taken:
    """Milliseconds of each answer to a payment and to a query, of those that began in time."""

    pays: list[float] = field(default_factory=list)
    queries: list[float] = field(default_factory=list)


@contextmanager
def line() -> Iterator[int]:
    """The server in a process of its own, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gridhall.doors.cli.main", "teller", "serve", "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def a_bank() -> PartnerView:
    from gridhall.kernel.access import system
    from gridhall.payments import public as payments

    contract = payments.Contract(10**9, part_allowed=True, over_allowed=True)
    payments.add_partner(system("bench"), "BENCHBANK", "bench", "测", contract, everywhere=True)
    payments.make_partner_key(system("bench"), "BENCHBANK", "HMAC-SHA256")
    return payments.partner("BENCHBANK")


async def session(teller: Teller, place: int, accounts: int, begin: float, stop: float, pace: float) -> Taken:
    """One teller: query, pay, and again; every `pace` seconds, or at once where it is 0."""
    taken = Taken()
    step, n = max(accounts // SESSIONS, 1), 0
    due = begin - 1.5 + pace * (place / SESSIONS)  # the sessions do not all come at the same moment
    while True:
        if pace:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            due += pace
        if time.perf_counter() >= stop:
            return taken
        number = f"{1 + (place * step + n % step) % accounts:010d}"
        before = time.perf_counter()
        owes = await teller.query(number)
        between = time.perf_counter()
        done = await teller.pay(f"{place}-{n}-{time.time_ns()}", number, owes.values["batch_no"], AMOUNT)
        after = time.perf_counter()
        if done.result != "0":
            raise SystemExit(f"the line answered {done.result} {done.values['text']}")
        if before >= begin and after <= stop:
            taken.queries.append((between - before) * 1000)
            taken.pays.append((after - between) * 1000)
        n += 1


async def all_sessions(bank: PartnerView, port: int, accounts: int, seconds: int, pace: float) -> Taken:
    from gridhall.adapters.bank_teller.simulator import Teller

    tellers = []
    for start in range(0, SESSIONS, 200):
        some = (Teller(bank.code, bank.keys[0]).connect("127.0.0.1", port) for _ in range(start, start + 200))
        tellers += await asyncio.gather(*some)
    begin = time.perf_counter() + max(3.0, pace)
    stop = begin + seconds
    found = await asyncio.gather(
        *(session(teller, place, accounts, begin, stop, pace) for place, teller in enumerate(tellers))
    )
    for teller in tellers:
        await teller.close()
    pays = sorted(took for each in found for took in each.pays)
    return Taken(pays, sorted(took for each in found for took in each.queries))


def p99(took: list[float]) -> float:
    return round(took[int(len(took) * 0.99)], 1)


def teller(quick: bool) -> list[Figure]:
    seconds, accounts = (6, 20_000) if quick else (20, 200_000)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 10_000) if most > 0 else 10_000, most))
    with own_home():
        seed(accounts)
        bank = a_bank()
        with line() as port:
            full = asyncio.run(all_sessions(bank, port, accounts, seconds, 0))
            limit = len(full.pays) / seconds
            half = asyncio.run(
                all_sessions(bank, port, accounts, max(seconds, round(4 * SESSIONS / limit)), SESSIONS / (limit / 2))
            )
    return [
        Figure("tellers' line: sessions at once", SESSIONS, "sessions", ">= 2000"),
        Figure("tellers' line: query and payment, at the limit", round(limit), "1/s"),
        Figure("tellers' line: p99 of a payment at the limit", p99(full.pays), "ms"),
        Figure("tellers' line: p50 of a payment at half of the limit", round(statistics.median(half.pays), 1), "ms"),
        Figure("tellers' line: p99 of a payment at half of the limit", p99(half.pays), "ms", "<= 200"),
        Figure("tellers' line: p99 of a query at half of the limit", p99(half.queries), "ms"),
    ]
