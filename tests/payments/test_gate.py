"""The gate: callers that arrive together share a batch, and none harms another."""

import contextvars
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check
from gridhall.payments import gate as gates
from gridhall.payments.public import Gate, PaymentIn, Receipt, receive_one
from gridhall.payments.receiving import Request
from tests.payments.town import SYSTEM, make_accounts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many payments each batch had."""
    sizes: list[int] = []
    carry = gates.receive_for

    def counted(requests: Any) -> Any:
        sizes.append(len(requests))
        return carry(requests)

    monkeypatch.setattr(gates, "receive_for", counted)
    return sizes


def a_gate() -> "Gate[Request, Receipt]":
    return Gate(lambda requests: gates.receive_for(requests))


def together(gate: "Gate[Request, Receipt]", payments: list[PaymentIn]) -> list[Receipt | Refusal | BaseException]:
    start = threading.Barrier(len(payments))

    def call(payment: PaymentIn) -> Receipt | Refusal | BaseException:
        start.wait()
        try:
            return gate.pass_one(Request(SYSTEM, payment))
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(payments)) as pool:
        return list(pool.map(call, payments))


def test_the_first_caller_of_a_process_hears_his_own_refusal() -> None:
    """A payment that is wrong by itself never touches the database, which the gate's thread has not opened yet."""
    answer = a_gate().pass_one(Request(SYSTEM, PaymentIn(0, "k", 1)))
    assert isinstance(answer, Refusal)
    assert answer.code == "amount_not_positive"


def test_callers_that_arrive_together_share_batches(batches: list[int]) -> None:
    make_accounts(40)
    answers = together(a_gate(), [PaymentIn(100 + n, f"k{n}", n) for n in range(1, 41)])
    assert [answer.amount for answer in answers if isinstance(answer, Receipt)] == [100 + n for n in range(1, 41)]
    assert sum(batches) == 40
    assert len(batches) < 40
    assert check() == []


def test_a_refused_one_harms_no_other() -> None:
    make_accounts(2)
    good, bad, other = together(a_gate(), [PaymentIn(100, "a", 1), PaymentIn(100, "b", 999), PaymentIn(100, "c", 2)])
    assert isinstance(good, Receipt)
    assert isinstance(bad, Refusal)
    assert bad.code == "unknown_account"
    assert isinstance(other, Receipt)


def test_a_batch_that_the_database_throws_out_is_tried_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The payment of account 2 makes the database fail, each time; the others are booked all the same."""
    make_accounts(3)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payment ADD CONSTRAINT never CHECK (account_id <> 2)")
    try:
        first, failed, third = together(a_gate(), [PaymentIn(100, f"k{n}", n) for n in (1, 2, 3)])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE payment DROP CONSTRAINT never")
    assert isinstance(first, Receipt)
    assert isinstance(third, Receipt)
    assert type(failed).__name__ == "CheckViolation"
    assert balances([1, 2, 3])[1].credit == 100
    assert check() == []


def test_the_gate_survives_a_lost_connection() -> None:
    make_accounts(1)
    gate = a_gate()
    assert isinstance(gate.pass_one(Request(SYSTEM, PaymentIn(100, "a", 1))), Receipt)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
    # the first may meet the dead connection; the caller tries again with its key
    answers = [together(gate, [PaymentIn(100, "b", 1)])[0] for _ in range(3)]
    assert isinstance(answers[-1], Receipt)
    assert balances([1])[1].credit == 200


def test_the_gate_asks_for_permission() -> None:
    with pytest.raises(Refusal) as caught:
        receive_one(Actor("staff", "reader", "office"), PaymentIn(100, "a", 1))
    assert caught.value.code == "not_allowed"


def waiting(n: int) -> Any:
    return gates._Waiting(Request(SYSTEM, PaymentIn(100, f"k{n}", n)), contextvars.copy_context())


def test_the_gate_waits_a_moment_for_those_it_has_just_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three are expected, the third comes while the gate gathers: one batch. Nobody comes: the moment passes."""
    monkeypatch.setattr(gates, "LINGER_NS", 2_000_000_000)
    arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
    arrived.put(waiting(1))
    arrived.put(waiting(2))
    late = threading.Timer(0.05, lambda: arrived.put(waiting(3)))
    late.start()
    assert len(a_gate()._gather(arrived, 3)) == 3
    late.join()
    monkeypatch.setattr(gates, "LINGER_NS", 50_000_000)
    arrived.put(waiting(4))
    assert len(a_gate()._gather(arrived, 9)) == 1


def test_one_caller_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "LINGER_NS", 60_000_000_000)
    arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
    arrived.put(waiting(1))
    before = time.monotonic()
    assert len(a_gate()._gather(arrived, 1)) == 1
    assert time.monotonic() - before < 30.0
