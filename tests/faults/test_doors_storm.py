"""All doors at once on the same debts while workers and the database are killed at random.

Each debt is brought whole by every door: a teller on the TCP line, a bank at the signed API, a partner at the API, the
online bank's call-back, a clerk's till, a file, a statement of our bank and its answer to a file of debits. Every
payment comes twice or more, at any moment, in any order; counterparts hang up before they hear, and bring again what
they heard no answer to. In the end each debt is paid once and each surplus is credit, both sides' books agree, and the
ledger is in order. The control does the same with the key of payments switched off, and is seen to fail.
"""

import base64
import json
import os
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, Queue

import psycopg
import pytest

from gridhall.payments.public import Key
from tests.faults.counterparts import ByApi, ByCallBack, ByHands, ByLine, BySignature, Intent, NotHeard, Way
from tests.faults.keeper import DATABASE, Keeper
from tests.faults.server import Server, server_of_our_own

DOORS = {
    "line": 4,
    "signed": 3,
    "api": 3,
    "online": 3,
    "till": 1,
    "file": 1,
    "transfer": 1,
    "debit": 1,
}  # counterparts side by side at each
COPIES = 2
LEAST = 2_500

SET_UP = """
from gridhall.kernel import database
database.ensure_running()
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.faults import doors_town
doors_town.main({accounts})
"""
CHECK = """
import django
django.setup()
from gridhall.ledger.public import check
print(len(check()))
"""


@dataclass
class Heard:
    """What the other sides were told, payment by payment, and how often nobody heard."""

    numbers: dict[Intent, set[int]] = field(default_factory=lambda: defaultdict(set))
    silences: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failures: list[str] = field(default_factory=list)


@dataclass
class Storm:
    """One storm: `seconds` during which messages come and things are killed; all must be heard of soon after."""

    keeper: Keeper
    ways: dict[str, Way]
    numbers: dict[int, str]  # account → its number
    seconds: float
    seed: int
    heard: Heard = field(default_factory=Heard)

    def run(self) -> None:
        chance = random.Random(self.seed)
        begin = time.monotonic()
        queues = {door: self._messages(door, chance) for door in DOORS}
        threads = [
            threading.Thread(
                target=self._counterpart, args=(queues[door], begin, random.Random(f"{self.seed}{door}{k}"))
            )
            for door, many in DOORS.items()
            for k in range(many)
        ]
        every = (1.0, 3.0) if self.seconds < 60 else (2.0, 8.0)
        threads.append(
            threading.Thread(target=self.keeper.rage, args=(begin + self.seconds, random.Random(self.seed), every))
        )
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _messages(self, door: str, chance: random.Random) -> "Queue[tuple[float, Intent]]":
        """Every payment of a door, some times each, by the moment at which it is sent."""
        intents = [Intent(door, each, number, LEAST + each) for each, number in self.numbers.items()]
        copies = COPIES
        if door == "debit":  # the bank's answer is one file for all, which comes now and then
            intents, copies = [Intent(door, 0, "", 0)], 10
        times = [(chance.uniform(0, self.seconds), intent) for intent in intents for _ in range(copies)]
        messages: Queue[tuple[float, Intent]] = Queue()
        for each in sorted(times, key=lambda each: each[0]):
            messages.put(each)
        return messages

    def _counterpart(self, messages: "Queue[tuple[float, Intent]]", begin: float, chance: random.Random) -> None:
        give_up = begin + 2 * self.seconds + 120
        while True:
            try:
                moment, intent = messages.get_nowait()
            except Empty:
                return
            time.sleep(max(0.0, begin + moment - time.monotonic()))
            while True:
                try:
                    self.heard.numbers[intent].add(self.ways[intent.door].bring(intent, chance))
                    break
                except NotHeard as silence:
                    self.heard.silences[intent.door] += 1
                    if time.monotonic() > give_up:
                        self.heard.failures.append(f"{intent}: {silence}")
                        return
                    time.sleep(chance.uniform(0.05, 0.8))


@dataclass(frozen=True)
class Books:
    """What stands in ours afterwards."""

    payments: dict[tuple[int, str], int]  # (account, key) → number
    amounts: dict[tuple[int, str], int]
    balances: dict[int, tuple[int, int]]  # account → (owed, credit)
    wrong: int


@pytest.fixture
def server() -> Iterator[Server]:
    with server_of_our_own() as made:
        yield made


def storm(server: Server, accounts: int, seconds: float, seed: int, forgetful: bool = False) -> tuple[Heard, Books]:
    sys.stdout.write(f"seed {seed}\n")
    told = json.loads(server.python(SET_UP.format(accounts=accounts), DATABASE))
    keeper = Keeper(server, forgetful)
    line = Key(told["line"]["key_id"], "HMAC-SHA256", bytes.fromhex(told["line"]["secret"]))
    hands = ByHands(keeper, told["session"], told["clerk"], told["result"])
    bank = ByCallBack(keeper, told["orders"], server.bank_key())
    ways: dict[str, Way] = {
        "line": ByLine(keeper, line),
        "signed": BySignature(keeper, told["signed"]["key_id"], base64.b64decode(told["signed"]["secret"])),
        "api": ByApi(keeper, told["api"]),
        "online": bank,
        "till": hands,
        "file": hands,
        "transfer": hands,
        "debit": hands,
    }
    try:
        keeper.start_all()
        raging = Storm(keeper, ways, {int(k): v for k, v in told["numbers"].items()}, seconds, seed)
        raging.run()
    finally:
        keeper.stop()
    sys.stdout.write(f"killed {keeper.killed}, not heard {dict(raging.heard.silences)}\n")
    return raging.heard, _books(server)


def _books(server: Server) -> Books:
    with psycopg.connect(server.conninfo(DATABASE)) as connection:
        rows = connection.execute(
            "SELECT p.account_id, k.key, p.no, p.amount FROM payment p"
            " LEFT JOIN payment_key k ON (k.account_id, k.payment_no) = (p.account_id, p.no)"
        ).fetchall()
        balances = connection.execute("SELECT account_id, owed, credit FROM balance").fetchall()
    return Books(
        {(account, key): no for account, key, no, _ in rows},
        {(account, key): amount for account, key, _, amount in rows},
        {account: (owed, credit) for account, owed, credit in balances},
        int(server.python(CHECK, DATABASE)),
    )


def agree(heard: Heard, books: Books, accounts: int) -> None:
    assert heard.failures == []
    # every payment is known to both sides, and everyone who asked about one was told the same
    assert len(heard.numbers) == (len(DOORS) - 1) * accounts + 1
    assert [intent for intent, numbers in heard.numbers.items() if len(numbers) != 1] == []
    ours = defaultdict(int)
    for (account, _), amount in books.amounts.items():
        ours[account, amount] += 1
    assert len(books.payments) == len(DOORS) * accounts
    assert ours == {(each, LEAST + each): len(DOORS) for each in range(1, accounts + 1)}
    told = {number for numbers in heard.numbers.values() for number in numbers if number}
    assert told <= set(books.payments.values())
    # the debt once, the rest is credit
    surplus = len(DOORS) - 1
    assert books.balances == {each: (0, surplus * (LEAST + each)) for each in range(1, accounts + 1)}
    assert books.wrong == 0


@pytest.mark.xdist_group("faults")
def test_a_storm_of_fourteen_seconds(server: Server) -> None:
    heard, books = storm(server, accounts=40, seconds=14, seed=20261125)
    agree(heard, books, 40)


@pytest.mark.storm
def test_a_storm_of_five_minutes(server: Server) -> None:
    seed = int(os.environ.get("GRIDHALL_SEED", time.time_ns() % 10**9))
    heard, books = storm(server, accounts=1_000, seconds=300, seed=seed)
    agree(heard, books, 1_000)


@pytest.mark.xdist_group("faults")
def test_control_with_the_key_switched_off_debts_are_paid_twice(server: Server) -> None:
    heard, books = storm(server, accounts=20, seconds=6, seed=20261125, forgetful=True)
    assert len(books.payments) > len(DOORS) * 20
    with pytest.raises(AssertionError):
        agree(heard, books, 20)
