"""Recharge cards and tokens: how fast an order is made, how fast cards are redeemed beside TPC-B, how fast tokens come.

An order is made as in production: PINs drawn, hashed, stored, the print file encrypted to the printer's key and on the
disk. Redemption is the act behind the doors, by callers that each wait for their answer, against pgbench's TPC-B script
with as many clients on the same server in the same run. Tokens are asked of the security module in messages of a
hundred orders, each on the disk before it is answered.
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

from _report import Figure, parser, report
from payments import own_home, pgbench, seed, tpcb

CALLERS = 16


def order_made(count: int) -> tuple[Figure, int, list[tuple[str, str]]]:
    """An order of cards: how long it took, its number, and what the printer reads of it."""
    import pyrage

    from gridhall.cards import public as cards
    from gridhall.kernel.access import Actor, system

    printer = pyrage.x25519.Identity.generate()
    actor, second = system("bench"), Actor("staff", "second", "office", permissions=frozenset({"cards.approve"}))
    cards.add_card_type(actor, "C50", "Card of 50", "五十元卡", 5_000, 1_095)
    cards.add_printer(actor, "PRESS", "Press", str(printer.to_public()))
    number = cards.order_cards(actor, "C50", count, 12, 10**9, "PRESS")
    cards.approve_order(second, number)
    begin = time.perf_counter()
    cards.make_cards(actor, number)
    took = time.perf_counter() - begin
    opened = pyrage.decrypt(cards.release_file(second, number).read_bytes(), [printer]).decode("ascii").split()
    cards.receive_cards(actor, number)
    name = f"{count:,} cards made, hashed and encrypted for print"
    figure = Figure(name, round(took * 10**6 / count, 1), "s per million", "<= 60")
    return figure, number, [(line.split(";")[0], line.split(";")[1]) for line in opened]


def redeemed(number: int, printed: list[tuple[str, str]], seconds: float) -> float:
    """Cards a second that are redeemed by callers who each wait for their answer."""
    from django.db import connections

    from gridhall.cards import public as cards
    from gridhall.kernel.access import system
    from gridhall.payments import public as payments

    actor = system("bench")
    agent = cards.add_agent(actor, "KIOSK", "Kiosk", 1, 20_000, 10**15)
    first = cards.first_serial(number)
    every = cards.Range(first, first + len(printed) - 1)
    cards.move_cards(actor, "hand_out", every, agent_id=agent)
    cards.sell_cards(actor, agent, every, "all")
    done = [0] * CALLERS
    begin = time.perf_counter() + 1.0
    stop = begin + seconds
    step = len(printed) // CALLERS

    def call(place: int) -> None:
        for n in range(step):
            if time.perf_counter() >= stop:
                break
            serial, pin = printed[place * step + n]
            account = f"{1 + place * step + n:010d}"
            before = time.perf_counter()
            cards.redeem(actor, cards.Asked(serial, pin, account, f"caller {place}", payments.DOOR_TEXT))
            if before >= begin and time.perf_counter() <= stop:
                done[place] += 1
        connections.close_all()

    threads = [threading.Thread(target=call, args=(place,)) for place in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def tokens(count: int) -> Figure:
    """Tokens a second and core, each for another meter."""
    from gridhall.adapters.sts.journal import Journal
    from gridhall.adapters.sts.keys import with_check_digit
    from gridhall.adapters.sts.module import Limits, Module
    from gridhall.adapters.sts.vault import Vault

    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Path(folder) / "keys.sealed", "a passphrase for measuring")
        vault.put("east", [bytes(range(20)), bytes(range(7, 147, 7))])
        module = Module(vault, Journal(Path(folder) / "journal.sqlite"), Limits())
        orders = [
            {
                "act": "credit", "order_no": f"b{k}", "moment": "2026-11-25T10:00", "wh": 10_000,
                "meter": {
                    "number": with_check_digit(f"6007270{k:010d}"), "supply_group": "123457", "base": 2014,
                    "vending_key": "east",
                },
            }
            for k in range(count)
        ]  # fmt: skip
        begin = time.perf_counter()
        for start in range(0, count, 100):
            module.do(orders[start : start + 100])
        took = time.perf_counter() - begin
    return Figure("STS tokens, one core", round(count / took), "1/s", ">= 2000")


def main() -> None:
    given = parser(__doc__ or "").parse_args()
    count, seconds = (50_000, 5) if given.quick else (1_000_000, 15)
    with own_home():
        seed(count)
        pgbench("-i", "-q", "-s", "10" if given.quick else "100")
        made, number, printed = order_made(count)
        peer = tpcb(CALLERS, seconds)
        cards = redeemed(number, printed, seconds)
    report(
        "cards",
        [
            made,
            Figure(f"redemptions by {CALLERS} callers", round(cards), "1/s"),
            Figure(f"TPC-B by {CALLERS} clients", round(peer), "1/s"),
            Figure("redemptions to TPC-B", round(cards / peer, 2), "times", ">= 0.5"),
            tokens(2_000 if given.quick else 20_000),
        ],
    )


if __name__ == "__main__":
    main()
