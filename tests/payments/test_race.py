"""Many at once: every payment is booked once, whoever brings it, however often, through whichever door.

Real threads and processes on PostgreSQL. Each guard has a control in which it is off and the race is seen.
"""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pytest
from django.db import connection, connections

from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import excusing, settling
from gridhall.ledger.public import balances, check, dispute, exemptions
from gridhall.payments import recording
from gridhall.payments.public import (
    DOOR_FILE,
    TRANSFER,
    PaymentColumns,
    PaymentIn,
    Receipt,
    payments_of,
    receive,
    receive_columns,
    receive_one,
)
from tests.payments.town import SYSTEM, bill, bills, make_accounts

pytestmark = pytest.mark.django_db(transaction=True)

PAYMENTS, TIMES, THREADS, ACCOUNTS = 100, 10, 16, 30


class Told(NamedTuple):
    """What a caller heard: the key, and the number of the payment where the door says it."""

    key: str
    number: int


def the_payments() -> list[PaymentIn]:
    """100 payments over 30 accounts, as `elsewhere` brings them too."""
    return [
        PaymentIn(amount=1_000 + n, key=f"api:race:{n}", account_id=1 + n % ACCOUNTS, value_on=clock.today())
        for n in range(PAYMENTS)
    ]


def by_act(payment: PaymentIn) -> int:
    return number(receive(system("api"), [payment])[0])


def by_gate(payment: PaymentIn) -> int:
    return number(receive_one(system("portal"), payment))


def by_file(payment: PaymentIn) -> int:
    assert payment.value_on is not None
    columns = PaymentColumns(
        np.array([payment.account_id]), np.array([payment.amount]), [payment.key],
        np.array([payment.value_on.toordinal()]), DOOR_FILE, TRANSFER,
    )  # fmt: skip
    done = receive_columns(system("file"), columns)
    assert done.refused == ()
    assert done.taken + done.replayed == 1
    return 0


def number(answer: Receipt | Refusal) -> int:
    assert isinstance(answer, Receipt), answer
    return answer.payment_no


def submit(door: Callable[[PaymentIn], int], payment: PaymentIn) -> Told:
    try:
        return Told(payment.key, door(payment))
    finally:
        connections.close_all()


def elsewhere(*arguments: str) -> "subprocess.Popen[bytes]":
    """Another process on the test's database."""
    here = {**os.environ, "GRIDHALL_DATABASE": str(connection.settings_dict["NAME"])}
    return subprocess.Popen([sys.executable, "-m", "tests.payments.elsewhere", *arguments], env=here)


def test_a_thousand_submissions_of_a_hundred_payments_are_booked_once() -> None:
    make_accounts(ACCOUNTS)
    today = clock.today()
    bills(list(range(1, ACCOUNTS + 1)), 202610, [{1: 2_500}] * ACCOUNTS, issued=date(2026, 11, 2), due=today)
    doors = [by_act, by_gate, by_file]
    work = [(doors[(n + k) % 3], payment) for k in range(TIMES - 2) for n, payment in enumerate(the_payments())]
    random.Random(7).shuffle(work)
    others = [elsewhere("bring", str(seed)) for seed in (1, 2)]
    with ThreadPoolExecutor(THREADS) as pool:
        heard = list(pool.map(lambda each: submit(*each), work))
    assert [other.wait() for other in others] == [0, 0]
    # every caller of a key was told the same payment
    told: dict[str, set[int]] = {}
    for key, no in heard:
        if no:
            told.setdefault(key, set()).add(no)
    assert [len(found) for found in told.values()] == [1] * PAYMENTS
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT no), sum(amount) FROM payment")
        # 1,000 + n for n of 0..99: 100,000 + 4,950
        assert cursor.fetchone() == (PAYMENTS, PAYMENTS, 104_950)
    # 30 bills of 25.00 are paid by accounts that brought at least 30.00 each; the rest is credit
    assert sum(view.owed for view in balances(range(1, 31)).values()) == 0
    assert sum(view.credit for view in balances(range(1, 31)).values()) == 104_950 - 30 * 2_500
    assert check() == []


@pytest.mark.parametrize("step", ["read_facts", "settle", "writing", "tell", "receipts", "commit", "answer"])
def test_killed_between_any_two_steps_it_is_all_or_nothing_and_again_is_once(step: str) -> None:
    owing()
    assert elsewhere("killed", step, "k").wait() == -9
    booked = len(payments_of(1))
    assert booked == (1 if step == "answer" else 0)
    assert check() == []
    answer = receive(SYSTEM, [PaymentIn(1_000, "k", 1)])[0]
    assert isinstance(answer, Receipt)
    assert answer.replayed == (step == "answer")
    assert len(payments_of(1)) == 1
    assert balances([1])[1].owed == 1_500
    assert check() == []


def two_at_once(monkeypatch: pytest.MonkeyPatch, payments: list[PaymentIn]) -> tuple[bool, Counter[str]]:
    """Two threads bring a payment each, and each waits for the other after it has read and before it writes: (whether
    they met there, what each was answered)."""
    meeting = threading.Barrier(2, timeout=1.5)
    met: list[bool] = []
    decide = recording.settle

    def settle_together(*given: Any) -> Any:
        try:
            meeting.wait()
            met.append(True)
        except threading.BrokenBarrierError:
            met.append(False)
        return decide(*given)

    monkeypatch.setattr(recording, "settle", settle_together)
    answers: Counter[str] = Counter()

    def bring(payment: PaymentIn) -> None:
        try:
            answer = receive(SYSTEM, [payment])[0]
            assert isinstance(answer, Receipt)
            answers["replayed" if answer.replayed else "booked"] += 1
        except Exception as error:
            answers[type(error).__name__] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring, args=(payment,)) for payment in payments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return met == [True, True], answers


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "LOCK_SQL", settling.LOCK_SQL.replace("FOR UPDATE", ""))


@pytest.fixture
def no_key() -> Iterator[None]:
    """The key's uniqueness is off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payment_key DROP CONSTRAINT payment_key_pkey")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM payment_key")
        cursor.execute("ALTER TABLE payment_key ADD PRIMARY KEY (account_id, key)")


SAME = [PaymentIn(1_000, "the same", 1), PaymentIn(1_000, "the same", 1)]
DIFFERENT = [PaymentIn(1_000, "one", 1), PaymentIn(1_000, "other", 1)]


def owing() -> None:
    make_accounts(1)
    bill(1, 202610, 2_500, issued=date(2026, 11, 2), due=clock.today())


def test_lock_on_the_same_payment_waits_and_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    owing()
    met, answers = two_at_once(monkeypatch, SAME)
    assert not met
    assert answers == {"booked": 1, "replayed": 1}
    assert balances([1])[1].owed == 1_500
    assert check() == []


def test_lock_on_two_payments_of_an_account_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    owing()
    met, answers = two_at_once(monkeypatch, DIFFERENT)
    assert not met
    assert answers == {"booked": 2}
    assert balances([1])[1].owed == 500
    assert check() == []


@pytest.mark.usefixtures("no_lock", "no_key")
def test_control_without_lock_and_key_the_same_payment_is_booked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    owing()
    met, answers = two_at_once(monkeypatch, SAME)
    assert met
    assert answers == {"booked": 2}
    assert len(payments_of(1)) == 2
    assert check() != []


@pytest.mark.usefixtures("no_lock")
def test_control_without_lock_one_of_two_payments_is_lost_from_the_balance(monkeypatch: pytest.MonkeyPatch) -> None:
    owing()
    met, answers = two_at_once(monkeypatch, DIFFERENT)
    assert met
    assert answers == {"booked": 2}
    assert balances([1])[1].owed == 1_500  # 25.00 less two payments of 10.00 should be 5.00
    assert {row.check for row in check()} >= {"item_open", "control_receivable"}


@pytest.mark.usefixtures("no_lock")
def test_the_key_is_the_second_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lock, the key alone still lets the same payment in only once: the second fails and nothing of it
    stays."""
    owing()
    met, answers = two_at_once(monkeypatch, SAME)
    assert met
    assert answers == {"booked": 1, "UniqueViolation": 1}
    assert len(payments_of(1)) == 1
    assert check() == []


def test_a_bill_is_put_in_dispute_once_by_two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two officers, each of whom waits for the other once he has looked whether it is in dispute already."""
    owing()
    meeting = threading.Barrier(2, timeout=1.5)

    def look(*given: int) -> list[excusing.Excused]:
        found = exemptions(*given)
        with suppress(threading.BrokenBarrierError):  # the other is kept waiting by the lock
            meeting.wait()
        return found

    monkeypatch.setattr(excusing, "exemptions", look)
    answers: Counter[str] = Counter()

    def put(reason: str) -> None:
        try:
            dispute(SYSTEM, 1, 202610, 1, reason)
            answers["entered"] += 1
        except Refusal as refusal:
            answers[refusal.code] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=put, args=(reason,)) for reason in ("runs fast", "misread")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"entered": 1, "in_dispute": 1}
    assert len(exemptions(1)) == 1
