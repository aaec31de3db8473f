"""At the same time: a counter and a file, two who send, a worker that is killed. Real threads on PostgreSQL."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connections, transaction

from gridhall.columns import copy as columns_copy
from gridhall.debits import cycles, files, issuing, results
from gridhall.debits.models import Cycle, Debit, DebitFile, DebitLine, ResultFile, Withdrawal
from gridhall.debits.public import (
    announce,
    issue,
    make_files,
    plan_cycle,
    reconcile,
    send_file,
    take_results,
    withdraw,
)
from gridhall.debits.tasks import go_on
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check
from gridhall.payments import receiving
from gridhall.payments.public import DOOR_API, TRANSFER, PaymentIn, payments_of, receive
from tests.debits.town import DAY, announced, make_bank, make_debtors, manager, officer, pipe_answer, sent
from tests.payments.town import SYSTEM, moment

pytestmark = pytest.mark.django_db(transaction=True)

N = 24


class PulledPlugError(Exception):
    """The machine stops here."""


@pytest.fixture(autouse=True)
def _terms() -> None:
    """The guard's terms are a first row of the migration, which transactional tests empty."""
    from gridhall.debits.models import GuardTerm

    GuardTerm.objects.get_or_create(
        since=date(2000, 1, 1), defaults={"permille": 3000, "spare": 20_000, "first_most": 200_000}
    )


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    """Each work in a thread of its own, begun together; what it gave or the refusal."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait()
            with clock.at(moment(2026, 11, 10)):
                return work()
        except Refusal as no:
            return no
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def at_counter(account: int) -> Callable[[], str]:
    """A counter: take the debit out, then the money; where the bank has it, no money is taken."""

    def take() -> str:
        with transaction.atomic():
            withdraw(SYSTEM, account)
            receive(SYSTEM, [PaymentIn(10_000 + account, f"counter:{account}", account, "", DOOR_API, TRANSFER)])
        return "taken"

    return take


def prepared() -> int:
    make_debtors({account: 10_000 + account for account in range(1, N + 1)}, make_bank())
    cycle = announced()
    with clock.at(moment(2026, 11, 10)):
        (file,) = make_files(officer(), cycle.id)
    return file.id


def test_each_debt_is_paid_at_the_counter_or_sent_never_both() -> None:
    """24 customers pay at counters while the file is sent."""
    file_id = prepared()
    told = in_threads(lambda: send_file(manager(), file_id), *(at_counter(account) for account in range(1, N + 1)))
    row = DebitFile.objects.get()
    gone = set(Withdrawal.objects.values_list("account_id", flat=True))
    paid = {account for account in range(1, N + 1) if payments_of(account)}
    asked = set(DebitLine.objects.values_list("account_id", flat=True)) - gone
    assert paid | asked == set(range(1, N + 1))
    assert not paid & asked
    assert row.rows == len(asked)
    assert {each if isinstance(each, str) else each.code for each in told[1:]} <= {"taken", "debit_under_way"}
    assert check() == []


def test_without_the_cycles_lock_a_debt_is_paid_and_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a counter that looks without holding the cycle finds the debit free; the file is sent meanwhile."""
    file_id = prepared()
    looked, gone_out = threading.Event(), threading.Event()

    def without_lock() -> str:
        standing = cycles.debits_under_way(1)
        assert [each.state for each in standing] == [3]
        looked.set()
        assert gone_out.wait(10)
        Withdrawal.objects.create(
            account_id=1, cycle_id=standing[0].cycle_id, attempt=1, why="paid", at=clock.now(), by_name="x"
        )
        return "taken"

    def sender() -> Any:
        assert looked.wait(10)
        done = send_file(manager(), file_id)
        gone_out.set()
        return done

    in_threads(without_lock, sender)
    assert DebitFile.objects.get().rows == N  # account 1 is in the file that went out, and withdrawn as well
    assert Withdrawal.objects.count() == 1


def test_the_same_results_brought_twice_at_once_are_booked_once() -> None:
    make_debtors({account: 10_000 + account for account in range(1, N + 1)}, make_bank())
    cycle = announced()
    (file,) = sent(cycle.id)
    answer = pipe_answer(file.id, {3: "1001"}, date(2026, 11, 10))
    told = in_threads(*[lambda: take_results(officer(), "CCB", "r", answer)] * 4)
    assert {each.code for each in told if isinstance(each, Refusal)} <= {"result_file_known"}
    assert ResultFile.objects.count() == 1
    assert [len(payments_of(account)) for account in range(1, N + 1)] == [
        0 if account == 3 else 1 for account in range(1, N + 1)
    ]
    assert check() == []


def test_two_cycles_issued_at_once_debit_nobody_twice() -> None:
    make_debtors({account: 10_000 + account for account in range(1, N + 1)}, make_bank())
    with clock.at(moment(2026, 11, 5)):
        first, second = plan_cycle(officer(), 1, DAY), plan_cycle(officer(), 1, date(2026, 11, 20))
    in_threads(lambda: issue(officer(), first.id), lambda: issue(officer(), second.id))
    assert Debit.objects.count() == N


@pytest.mark.parametrize("at", range(1, 9))
def test_killed_anywhere_and_begun_again(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plug is pulled at the nth COPY or file that is written or stretch that is booked; everything is begun again
    until it ends. The outcome is that of an undisturbed run."""
    monkeypatch.setattr(issuing, "ACCOUNTS_AT_ONCE", 7)
    monkeypatch.setattr(receiving, "ROWS_AT_ONCE", 6)
    make_debtors({account: 10_000 + account for account in range(1, N + 1)}, make_bank(rows_most=9))
    left = [at]

    def pull() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise PulledPlugError

    def unplugged(cursor: Any, table: str, *rest: Any) -> int:
        done = columns_copy.copy_in(cursor, table, *rest)
        pull()
        return done

    for room in (issuing, files, results):
        monkeypatch.setattr(room, "copy_in", unplugged)
    real = files.form_of

    def form(name: str) -> Any:
        pull()
        return real(name)

    monkeypatch.setattr(files, "form_of", form)

    def again(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except PulledPlugError:
            return work()

    with clock.at(moment(2026, 11, 5)):
        cycle = again(lambda: plan_cycle(officer(), 1, DAY))
        again(lambda: issue(officer(), cycle.id))
        announce(officer(), cycle.id)
    with clock.at(moment(2026, 11, 10)):
        again(lambda: make_files(officer(), cycle.id))
        for file in DebitFile.objects.order_by("pk"):
            again(lambda: send_file(manager(), file.pk))  # noqa: B023
    with clock.at(moment(2026, 11, 13)):
        for file in DebitFile.objects.order_by("pk"):
            answer = pipe_answer(file.pk, {})
            again(lambda: take_results(officer(), "CCB", "r", answer, lambda _done, _all: pull()))  # noqa: B023
        go_on(0)
        reconcile(officer(), cycle.id)
    assert Debit.objects.count() == N
    assert [row.rows for row in DebitFile.objects.order_by("pk")] == [9, 9, 6]
    assert {row.owed for row in balances(range(1, N + 1)).values()} == {0}
    assert {row.credit for row in balances(range(1, N + 1)).values()} == {0}
    assert Cycle.objects.get().state == "reconciled"
    assert check() == []
