"""The tellers' line: a real server on loopback, a teller's system that behaves and one that does not."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db import connection

from gridhall.adapters.bank_teller.server import Limits, TellerServer
from gridhall.adapters.bank_teller.simulator import HEARTBEAT, PAY, QUERY, Teller
from gridhall.ledger.public import balances, check
from gridhall.payments.public import Key, PartnerView, payments_of
from tests.payments.partner_town import LENIENT, OWED, a_bank, number_of, owing_accounts
from tests.teller.loops import in_a_loop

pytestmark = pytest.mark.django_db(transaction=True)

Story = Callable[[int], Awaitable[None]]


def on_the_line(story: Story, limits: Limits | None = None) -> None:
    """Start a server, tell the story with its port, stop the server."""

    async def all_of_it() -> None:
        server = TellerServer(limits or Limits())
        port = await server.start("127.0.0.1", 0)
        try:
            await story(port)
        finally:
            await server.stop()

    in_a_loop(all_of_it())


async def a_teller(bank: PartnerView, port: int) -> Teller:
    return await Teller(bank.code, bank.keys[0]).connect("127.0.0.1", port)


def test_query_pay_last_and_reverse_in_one_session() -> None:
    (number, *_), bank = owing_accounts(), a_bank()

    async def story(port: int) -> None:
        teller = await a_teller(bank, port)
        owes = await teller.query(number)
        assert (owes.result, owes.proven, owes.values["total"], owes.values["name"]) == ("0", True, "2500", "客户1")
        assert [(item["month"], item["amount"]) for item in owes.items] == [("202610", "2500")]
        done = await teller.pay("S1", number, owes.values["batch_no"], OWED)
        assert (done.result, done.values["paid"], done.values["left_owed"]) == ("0", "2500", "0")
        told = await teller.last("S1")
        same = {**done.values, "code": "", "serial": "", "replayed": "", "time": "", "date": ""}
        assert {**told.values, "code": "", "serial": "", "replayed": "", "time": "", "date": ""} == same
        undone = await teller.reverse("R1", number, "S1")
        assert (undone.result, undone.values["amount"], undone.values["left_owed"]) == ("0", "2500", "2500")
        assert (await teller.last("S1")).values["reversal_no"] == undone.values["reversal_no"]
        assert (await teller.reverse("R9", number, "S9")).result == "704"
        assert (await teller.ask(HEARTBEAT)).result == "0"
        await teller.close()

    on_the_line(story)
    assert check() == []


def test_messages_that_come_in_pieces_and_several_at_once() -> None:
    (number, *_), bank = owing_accounts(), a_bank()

    async def story(port: int) -> None:
        teller = await a_teller(bank, port)
        message = teller.message(QUERY, "Q1", account=number)
        for at in range(len(message)):
            await teller.send(message[at : at + 1])
        assert (await teller.hear()).result == "0"
        # three in one packet, answered in their order
        await teller.send(b"".join(teller.message(QUERY, f"Q{n}", account=number_of(n)) for n in (1, 2, 3)))
        assert [(await teller.hear()).values["account"] for _ in range(3)] == [number_of(n) for n in (1, 2, 3)]
        await teller.close()

    on_the_line(story)


def test_cut_at_each_byte_a_payment_is_booked_whole_or_not_at_all() -> None:
    """The line is cut after every byte of the payment in turn; then the same message comes again on a new line."""
    (number, *_), bank = owing_accounts(), a_bank()

    async def story(port: int) -> None:
        teller = await a_teller(bank, port)
        batch = (await teller.query(number)).values["batch_no"]
        message = teller.message(PAY, "S1", account=number, batch_no=batch, amount=OWED)
        for at in range(len(message) + 1):
            cut_off = await a_teller(bank, port)
            await cut_off.send(message[:at])
            await cut_off.close()
        # the last one came whole, and nobody heard its answer: the teller asks what was done
        for _ in range(100):
            told = await teller.last("S1")
            if told.result not in ("703", "704"):
                break
            await asyncio.sleep(0.05)
        assert (told.result, told.values["paid"]) == ("0", "2500")
        again = await teller.pay("S1", number, batch, OWED)
        assert (again.result, again.values["replayed"], again.values["payment_no"]) == (
            "0", "1", told.values["payment_no"],
        )  # fmt: skip
        await teller.close()

    on_the_line(story)
    assert len(payments_of(1)) == 1
    assert check() == []


def test_wrong_macs_times_and_agents_are_refused_by_name() -> None:
    (number, *_), bank = owing_accounts(), a_bank()

    async def story(port: int) -> None:
        stranger = Teller(bank.code, Key("k", "HMAC-SHA256", b"another secret"))
        await stranger.connect("127.0.0.1", port)
        assert (await stranger.query(number)).result == "712"
        unknown = Teller("NOBODY", bank.keys[0])
        await unknown.connect("127.0.0.1", port)
        assert (await unknown.query(number)).result == "701"
        teller = await a_teller(bank, port)
        good = teller.message(QUERY, "Q1", account=number)
        body = good.replace(b"2026", b"2020", 1)
        await teller.send(body)
        assert (await teller.hear()).result == "712"  # the time is under the MAC
        assert (await teller.query("9" * 10)).result == "710"
        await teller.close()

    on_the_line(story)


def test_two_hundred_mutated_messages_do_no_harm() -> None:
    """Bytes changed, cut out, put in or doubled in payments: the server answers with a named refusal or hangs up, and
    goes on serving; what is booked in the end is what the one good message says."""
    (number, *_), bank = owing_accounts(), a_bank(LENIENT)
    source = random.Random(42)

    def mutated(message: bytes) -> bytes:
        data = bytearray(message)
        for _ in range(source.randint(1, 4)):
            at = source.randrange(len(data))
            how = source.randrange(4)
            if how == 0:
                data[at] = source.randrange(256)
            elif how == 1:
                del data[at]
            elif how == 2:
                data.insert(at, source.randrange(256))
            else:
                data[at:at] = data[at : at + 9]
        return bytes(data)

    results: set[str] = set()

    async def one(port: int, message: bytes) -> None:
        teller = await a_teller(bank, port)
        await teller.send(message)
        assert teller.writer
        teller.writer.write_eof()
        try:
            heard = await teller.hear(20)
            results.add(heard.result)
        except asyncio.IncompleteReadError:
            results.add("cut")
        await teller.close()

    async def story(port: int) -> None:
        teller = await a_teller(bank, port)
        batch = (await teller.query(number)).values["batch_no"]
        message = teller.message(PAY, "S1", account=number, batch_no=batch, amount=1_000)
        for _ in range(200):
            changed = mutated(message)
            if changed != message:
                await one(port, changed)
        assert (await teller.pay("S1", number, batch, 1_000)).result == "0"
        await teller.close()

    on_the_line(story)
    assert "799" not in results
    # "0": what was put in stood behind the end, and the message before it was the good one
    assert results <= {"0", "cut", "701", "712", "713", "714"}
    assert len(payments_of(1)) == 1
    assert balances([1])[1].owed == OWED - 1_000
    assert check() == []


def test_limits_on_length_time_idleness_and_sessions() -> None:
    (number, *_), bank = owing_accounts(), a_bank()

    async def ends(teller: Teller) -> bool:
        assert teller.reader
        return await asyncio.wait_for(teller.reader.read(), 5) is not None

    async def story(port: int) -> None:
        long = await a_teller(bank, port)
        await long.send(b"999999")
        assert (await long.hear()).result == "714"
        assert await ends(long)
        slow = await a_teller(bank, port)
        await slow.send(b"0003")  # and nothing more: a message has half a second
        assert await ends(slow)
        idle = await a_teller(bank, port)
        assert await ends(idle)
        crowd = [await a_teller(bank, port) for _ in range(3)]
        assert (await crowd[0].query(number)).result == "0"
        assert (await crowd[1].query(number)).result == "0"
        assert await ends(crowd[2])
        for teller in crowd:
            await teller.close()

    on_the_line(story, Limits(sessions=2, idle=2, message_time=0.5))


def test_a_stop_answers_what_is_in_work(monkeypatch: pytest.MonkeyPatch) -> None:
    (number, *_), bank = owing_accounts(), a_bank()

    async def all_of_it() -> None:
        server = TellerServer()
        port = await server.start("127.0.0.1", 0)
        teller = await a_teller(bank, port)
        batch = (await teller.query(number)).values["batch_no"]
        begun = asyncio.Event()
        do = server.desk.do

        async def slowly(*given: Any) -> Any:
            begun.set()
            await asyncio.sleep(0.3)
            return await do(*given)

        monkeypatch.setattr(server.desk, "do", slowly)
        await teller.send(teller.message(PAY, "S1", account=number, batch_no=batch, amount=OWED))
        await begun.wait()
        await server.stop()
        assert (await teller.hear()).result == "0"
        with pytest.raises(OSError):  # nobody listens any more
            await a_teller(bank, port)

    in_a_loop(all_of_it())
    assert len(payments_of(1)) == 1


def test_when_the_books_cannot_be_reached_the_teller_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    (number, *_), bank = owing_accounts(), a_bank()

    async def story(port: int) -> None:
        teller = await a_teller(bank, port)
        batch = (await teller.query(number)).values["batch_no"]
        with monkeypatch.context() as patch:
            from gridhall.payments import teller as acts

            patch.setattr(acts, "CLAIM_SQL", "SELECT nothing FROM nowhere")
            assert (await teller.pay("S1", number, batch, OWED)).result == "702"
        assert (await teller.last("S1")).result == "704"
        assert (await teller.pay("S1", number, batch, OWED)).result == "0"
        await teller.close()

    on_the_line(story)


def test_many_sessions_pay_the_same_debts_twice_and_each_is_paid_once() -> None:
    """60 sessions, each payment sent by two of them at once under the same serial: 30 payments."""
    numbers, bank = owing_accounts(30), a_bank()

    async def one(port: int, n: int) -> str:
        teller = await a_teller(bank, port)
        number = numbers[n % 30]
        batch = batches[number]
        done = await teller.pay(f"S{n % 30}", number, batch, OWED)
        await teller.close()
        return done.values["payment_no"]

    batches: dict[str, str] = {}

    async def story(port: int) -> None:
        teller = await a_teller(bank, port)
        for number in numbers:
            batches[number] = (await teller.query(number)).values["batch_no"]
        told = await asyncio.gather(*(one(port, n) for n in range(60)))
        assert len(set(told)) == 30
        assert told[:30] == told[30:]
        await teller.close()

    on_the_line(story)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(amount) FROM payment")
        assert cursor.fetchone() == (30, 30 * OWED)
    assert check() == []
