"""From the order to the stock: two persons at each door, all cards or none, and nobody here can read a PIN."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.db import connection

from gridhall.cards import making, states
from gridhall.cards import public as cards
from gridhall.cards.models import CardOrder, CardType
from gridhall.cards.pins import digest, without_check
from gridhall.cards.public import Range
from gridhall.kernel import clock
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.kernel.sealing import unseal
from tests.cards.shop import ANN, BEN, CY, NOBODY, PRINTER, take_files_away

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kinds() -> Iterator[None]:
    cards.add_card_type(ANN, "C50", "Card of 50", "五十元卡", 5_000, 1_095)
    cards.add_printer(ANN, "PRESS", "Press", str(PRINTER.to_public()))
    yield
    take_files_away()


def ordered(count: int = 50) -> int:
    return cards.order_cards(ANN, "C50", count, 12, 1_000_000, "PRESS")


def made(count: int = 50) -> int:
    number = ordered(count)
    cards.approve_order(BEN, number)
    assert cards.make_cards(ANN, number) == count
    return number


def in_stock(count: int = 50) -> int:
    number = made(count)
    cards.release_file(BEN, number)
    cards.receive_cards(CY, number)
    return number


def code_of(act: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code, refused.value.field


@pytest.mark.usefixtures("kinds")
def test_the_whole_way_of_an_order() -> None:
    """50 cards at 0.12 cost 6.00. The printer opens the file and finds 50 lines; the hash of each is the card's."""
    number = made()
    view = cards.order(number)
    assert (view.cost, view.state, view.face) == (600, "made", 5_000)
    path = cards.release_file(BEN, number)
    opened = pyrage.decrypt(path.read_bytes(), [PRINTER]).decode().splitlines()
    assert len(opened) == 50
    key_no, key = making.newest_key()
    with connection.cursor() as cursor:
        cursor.execute("SELECT serial, key_no, digest_high, digest_low FROM card ORDER BY serial")
        rows = cursor.fetchall()
    for line, (serial, under, high, low) in zip(opened, rows, strict=True):
        printed, pin = (without_check(part, len(part) - 1) for part in line.split(";"))
        assert (printed, under) == (f"{serial:012d}", key_no)
        kept = digest(key, serial, pin or "")
        assert kept == high.to_bytes(8, "big", signed=True) + low.to_bytes(8, "big", signed=True)
    assert cards.receive_cards(CY, number) == 50
    assert not path.exists()
    assert cards.counts([number]) == {number: {states.STOCKED: 50}}
    assert cards.order(number).state == "received"
    acts = AuditEntry.objects.filter(act__startswith="cards.").order_by("id").values_list("act", "actor_name")
    assert list(acts)[2:] == [
        ("cards.order", "ann"), ("cards.approve_order", "ben"), ("cards.make", "ann"), ("cards.release_file", "ben"),
        ("cards.receive", "cy"),
    ]  # fmt: skip


@pytest.mark.usefixtures("kinds")
def test_no_pin_is_anywhere_but_in_the_printers_file() -> None:
    number = made(20)
    opened = pyrage.decrypt(making.print_file(number).read_bytes(), [PRINTER]).decode()
    pins = [line.split(";")[1] for line in opened.split()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM card c UNION ALL SELECT a::text FROM kernel_auditentry a")
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert not any(pin[:16] in kept for pin in pins)
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(making.print_file(number).read_bytes(), [pyrage.x25519.Identity.generate()])
    assert making.print_file(number).stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("kinds")
def test_at_every_door_there_are_two() -> None:
    number = ordered()
    assert code_of(lambda: cards.approve_order(ANN, number)) == ("second_person_needed", "order")
    assert code_of(lambda: cards.make_cards(ANN, number)) == ("wrong_card_order_state", "order")
    cards.approve_order(BEN, number)
    cards.make_cards(BEN, number)
    assert code_of(lambda: cards.release_file(BEN, number)) == ("second_person_needed", "order")
    assert code_of(lambda: cards.receive_cards(CY, number)) == ("wrong_card_order_state", "order")
    for act in (
        lambda: cards.order_cards(NOBODY, "C50", 1, 0, 0, "PRESS"), lambda: cards.approve_order(NOBODY, number),
        lambda: cards.make_cards(NOBODY, number), lambda: cards.release_file(NOBODY, number),
        lambda: cards.receive_cards(NOBODY, number), lambda: cards.renew_key(NOBODY),
        lambda: cards.move_cards(NOBODY, "void", Range(1, 2), "lost"),
    ):  # fmt: skip
        assert code_of(act)[0] == "not_allowed"


@pytest.mark.usefixtures("kinds")
def test_the_file_is_made_once_and_none_else_is_released() -> None:
    number = made()
    assert code_of(lambda: cards.make_cards(ANN, number)) == ("wrong_card_order_state", "order")
    path = cards.release_file(BEN, number)
    assert cards.release_file(CY, number) == path  # asked again, the same file
    path.write_bytes(pyrage.encrypt(b"other PINs", [PRINTER.to_public()]))
    assert code_of(lambda: cards.release_file(BEN, number)) == ("print_file_gone", "order")


@pytest.mark.usefixtures("kinds")
def test_wrong_orders_are_refused_by_field() -> None:
    for code, field, values in [
        ("unknown_card_type", "type", ("C99", 1, 0, 0, "PRESS")),
        ("unknown_printer", "printer", ("C50", 1, 0, 0, "NONE")),
        ("unknown_printer", "printer", ("C50", 1, 0, 0, "")),
        ("bad_card_count", "count", ("C50", 0, 0, 0, "PRESS")),
        ("bad_card_count", "count", ("C50", 1_000_001, 0, 0, "PRESS")),
        ("over_card_budget", "card_cost", ("C50", 100, 11, 1_099, "PRESS")),
        ("over_card_budget", "card_cost", ("C50", 100, -1, 1_099, "PRESS")),
    ]:
        assert code_of(lambda values=values: cards.order_cards(ANN, *values)) == (code, field)  # type: ignore[misc]
    CardType.objects.update(withdrawn_on=clock.today())
    assert code_of(lambda: ordered())[0] == "card_type_withdrawn"
    for values, field in [
        (("", "a", "a", 1, 1), "code"), (("A", "", "a", 1, 1), "name_en"), (("A", "a", " ", 1, 1), "name_zh"),
        (("A", "a", "a", 0, 1), "face"), (("A", "a", "a", 1, 0), "valid_days"), (("C50", "a", "a", 1, 1), "code"),
    ]:  # fmt: skip
        assert code_of(lambda values=values: cards.add_card_type(ANN, *values)) == ("bad_card_type", field)  # type: ignore[misc]
    for values, field in [
        (("P2", "P", "age1nonsense"), "recipient"),
        (("PRESS", "P", str(PRINTER.to_public())), "code"),
    ]:
        assert code_of(lambda values=values: cards.add_printer(ANN, *values)) == ("bad_printer", field)  # type: ignore[misc]


@pytest.mark.usefixtures("kinds")
def test_an_order_that_made_nothing_can_be_dropped() -> None:
    number = ordered()
    assert code_of(lambda: cards.cancel_order(ANN, number, "")) == ("reason_missing", "reason")
    cards.cancel_order(ANN, number, "wrong kind")
    assert code_of(lambda: cards.approve_order(BEN, number)) == ("wrong_card_order_state", "order")
    assert code_of(lambda: cards.approve_order(BEN, 999)) == ("unknown_card_order", "order")


@pytest.mark.usefixtures("kinds")
def test_a_range_moves_as_a_whole_or_not_at_all() -> None:
    """Cards 0–9 go to agent 3; of 5–14 none can go, since 5 is not in stock; 8–12 are frozen and thawed back to where
    each was; a void card is void for good."""
    number = in_stock(20)
    first = cards.first_serial(number)

    def part(a: int, b: int) -> Range:
        return Range(first + a, first + b)

    assert cards.move_cards(BEN, "hand_out", part(0, 9), agent_id=3) == 10
    with pytest.raises(Refusal) as refused:
        cards.move_cards(BEN, "hand_out", part(5, 14), agent_id=4)
    assert (refused.value.code, refused.value.value) == ("card_moves_refused", f"{first + 5:012d}")
    assert cards.counts([number])[number] == {states.WITH_AGENT: 10, states.STOCKED: 10}
    assert code_of(lambda: cards.move_cards(BEN, "freeze", part(8, 12))) == ("reason_missing", "reason")
    cards.move_cards(BEN, "freeze", part(8, 12), "a box is missing")
    assert cards.counts([number])[number] == {states.WITH_AGENT: 8, states.STOCKED: 7, states.FROZEN: 5}
    cards.move_cards(BEN, "thaw", part(8, 10))
    assert cards.counts([number])[number] == {states.WITH_AGENT: 10, states.STOCKED: 8, states.FROZEN: 2}
    cards.move_cards(BEN, "void", part(11, 12), "burnt")
    assert code_of(lambda: cards.move_cards(BEN, "thaw", part(11, 12)))[0] == "card_moves_refused"
    cards.move_cards(BEN, "take_back", part(0, 9), agent_id=0)
    assert cards.counts([number])[number] == {states.STOCKED: 18, states.VOID: 2}
    # beyond the order there are no cards
    with pytest.raises(Refusal) as refused:
        cards.move_cards(BEN, "hand_out", part(18, 20), agent_id=3)
    assert refused.value.value == f"{first + 20:012d}"
    assert code_of(lambda: cards.move_cards(BEN, "redeem", part(0, 1))) == ("unknown_card_move", "move")
    assert code_of(lambda: cards.move_cards(BEN, "void", Range(5, 4), "why")) == ("bad_card_range", "last")


KILLED = """
import os, signal, sys
import django
django.setup()
from gridhall.cards import making, public
from gridhall.kernel.access import system
step, number = sys.argv[1], int(sys.argv[2])
def die(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)
if step == "commit":
    from django.db import connection
    connection.ensure_connection()
    connection._commit = die
else:
    setattr(making.pyrage if step == "encrypt" else making, step, die)
public.make_cards(system("test"), number)
"""


@pytest.mark.parametrize("step", ["drawn", "digests", "copy_in", "encrypt", "_keep", "commit"])
@pytest.mark.usefixtures("kinds")
def test_killed_in_the_making_it_is_made_again_as_if_for_the_first_time(step: str) -> None:
    number = ordered()
    cards.approve_order(BEN, number)
    here = {**os.environ, "GRIDHALL_DATABASE": str(connection.settings_dict["NAME"])}
    done = subprocess.run([sys.executable, "-c", KILLED, step, str(number)], env=here, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (cards.order(number).state, cards.counts([number])) == ("approved", {})
    assert cards.make_cards(ANN, number) == 50
    path: Path = cards.release_file(BEN, number)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == CardOrder.objects.get(pk=number).file_digest
    assert len(pyrage.decrypt(path.read_bytes(), [PRINTER]).decode().split()) == 50


@pytest.mark.usefixtures("kinds")
def test_a_new_key_is_for_new_orders() -> None:
    first = made(3)
    number = cards.renew_key(BEN)
    second = made(3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT order_id, key_no FROM card GROUP BY order_id, key_no ORDER BY order_id")
        assert cursor.fetchall() == [(first, number - 1), (second, number)]
    from gridhall.cards.models import PinKey

    secrets = {unseal(making.PURPOSE, each.sealed) for each in PinKey.objects.all()}
    assert len(secrets) == 2
    assert {len(each) for each in secrets} == {32}
