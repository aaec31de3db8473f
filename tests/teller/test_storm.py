"""Faults and storms: a line that is killed between the commit and the answer; all doors at once on the same debts."""

import asyncio
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection, connections

from gridhall.adapters.bank_teller.server import TellerServer
from gridhall.adapters.bank_teller.simulator import Teller
from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check
from gridhall.payments import public as payments
from gridhall.payments.public import Paid, Pay, PaymentColumns, PaymentIn, payments_of, reverse_by_serial
from tests.payments.partner_town import LENIENT, OWED, a_bank, asked, code_of, owing_accounts, sent
from tests.teller.loops import in_a_loop

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_between_commit_and_answer_the_last_response_tells() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    here = {**os.environ, "GRIDHALL_DATABASE": str(connection.settings_dict["NAME"])}
    command = [sys.executable, "-m", "tests.teller.elsewhere", str(port)]
    other = subprocess.Popen(command, env=here, stdout=subprocess.PIPE)

    async def story() -> None:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        teller = await Teller(bank.code, bank.keys[0]).connect("127.0.0.1", port)
        batch = (await teller.query(number)).values["batch_no"]
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await teller.pay("S1", number, batch, OWED)
        assert await asyncio.to_thread(other.wait) == -9
        # another line stands in its place; the teller asks before it sends anything again
        line = TellerServer()
        again = await Teller(bank.code, bank.keys[0]).connect("127.0.0.1", await line.start("127.0.0.1", 0))
        told = await again.last("S1")
        assert (told.result, told.values["paid"], told.values["left_owed"]) == ("0", "2500", "0")
        resent = await again.pay("S1", number, batch, OWED)
        assert resent.values["payment_no"] == told.values["payment_no"]
        await again.close()
        await line.stop()

    try:
        in_a_loop(story())
    finally:
        other.kill()
    assert len(payments_of(1)) == 1
    assert check() == []


ACCOUNTS, TIMES = 20, 6


def test_a_storm_through_all_doors_on_the_same_debts() -> None:
    """20 accounts owe 25.00 each. Each is paid 25.00 by a bank's teller, 10.00 online, 5.00 by a file; every message
    comes six times in any order, with last responses and a reversal of what was never sent among them. In the end each
    account has paid 40.00: 25.00 for the debt, 15.00 is credit."""
    numbers, bank = owing_accounts(ACCOUNTS), a_bank(LENIENT)
    batches = {number: asked(bank, number).batch_no for number in numbers}
    today = clock.today()

    def by_teller(n: int) -> None:
        answer = sent(bank, Pay(f"S{n}", numbers[n], batches[numbers[n]], OWED))
        assert isinstance(answer, Paid), answer.code

    def by_portal(n: int) -> None:
        answer = payments.receive_one(system("portal"), PaymentIn(1_000, f"portal:{n}", n + 1))
        assert not isinstance(answer, Refusal)

    def by_file(n: int) -> None:
        columns = PaymentColumns(
            np.array([n + 1]), np.array([500]), [f"file:{n}"], np.array([today.toordinal()]), payments.DOOR_FILE,
            payments.TRANSFER,
        )  # fmt: skip
        assert payments.receive_columns(system("file"), columns).refused == ()

    def by_asking(n: int) -> None:
        (told,) = payments.last([(bank, f"S{n}")])
        assert code_of(told) in ("paid", "unknown_serial", "in_progress")
        with pytest.raises(Refusal) as no:
            reverse_by_serial(bank, f"never-{n}", f"R{n}")
        assert no.value.code == "unknown_serial"

    doors = (by_teller, by_portal, by_file, by_asking)
    work = [(door, n) for door in doors for n in range(ACCOUNTS) for _ in range(TIMES)]
    seed = 20261125
    random.Random(seed).shuffle(work)

    def bring(each: tuple[object, int]) -> None:
        try:
            each[0](each[1])  # type: ignore[operator]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(bring, work))
    after = balances(range(1, ACCOUNTS + 1))
    assert [(view.owed, view.credit) for view in after.values()] == [(0, 1_500)] * ACCOUNTS, seed
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(amount) FROM payment")
        assert cursor.fetchone() == (3 * ACCOUNTS, ACCOUNTS * 4_000)
    # both sides' books agree: what the bank has sent is what stands in ours
    ours = {row.serial: row.amount for row in payments.our_day(bank, today)}
    assert ours == {f"S{n}": OWED for n in range(ACCOUNTS)}
    assert check() == []


@pytest.fixture
def no_batch_guard() -> Iterator[None]:
    """The guard by which one batch number pays once is off."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX batch_pays_once")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM payments_partnerserial")
        cursor.execute(
            "CREATE UNIQUE INDEX batch_pays_once ON payments_partnerserial (partner_id, batch) WHERE NOT (batch = '')"
        )


def twice_under_two_serials() -> list[str]:
    """A teller hears nothing and sends the payment again under a new serial."""
    (number, *_), bank = owing_accounts(), a_bank(LENIENT)
    batch = asked(bank, number).batch_no
    return [code_of(sent(bank, Pay(serial, number, batch, OWED))) for serial in ("S1", "S2")]


def test_a_payment_sent_again_under_a_new_serial_is_refused() -> None:
    assert twice_under_two_serials() == ["paid", "batch_used"]
    assert len(payments_of(1)) == 1


@pytest.mark.usefixtures("no_batch_guard")
def test_control_without_the_guard_it_is_paid_twice() -> None:
    assert twice_under_two_serials() == ["paid", "paid"]
    assert len(payments_of(1)) == 2


@pytest.fixture
def no_serial_guard() -> Iterator[None]:
    """The guard by which one serial is one payment is off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_partnerserial DROP CONSTRAINT serial_once")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM payments_partnerserial")
        cursor.execute("ALTER TABLE payments_partnerserial ADD CONSTRAINT serial_once UNIQUE (partner_id, serial)")


def one_serial_for_two_accounts_at_once() -> list[str]:
    """The same serial for two accounts in one batch, as two sessions would bring it at the same moment."""
    (one, two, _), bank = owing_accounts(), a_bank(LENIENT)
    asks = [(bank, Pay("S1", number, asked(bank, number).batch_no, OWED)) for number in (one, two)]
    return sorted(code_of(answer) for answer in payments.pay(asks))


def test_one_serial_is_one_payment_for_all_accounts() -> None:
    assert one_serial_for_two_accounts_at_once() == ["paid", "serial_reused"]


@pytest.mark.usefixtures("no_serial_guard")
def test_control_without_the_guard_one_serial_pays_two_accounts() -> None:
    """Two sessions that read before either writes: the guard alone keeps them apart."""
    (one, two, _), bank = owing_accounts(), a_bank(LENIENT)
    from gridhall.payments import teller

    known = teller._known
    answers = []
    try:
        teller._known = lambda names: {}
        for number in (one, two):
            answers.append(code_of(sent(bank, Pay("S1", number, asked(bank, number).batch_no, OWED))))
    finally:
        teller._known = known
    assert answers == ["paid", "paid"]
