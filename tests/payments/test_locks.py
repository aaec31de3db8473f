"""Payments and bills of the same accounts, new ones among them, never wait for each other in a ring."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection

from gridhall.kernel import clock
from gridhall.ledger import settling
from gridhall.ledger.public import balances, check, prepare
from gridhall.payments.public import PaymentIn, Receipt, receive
from tests.payments.town import SYSTEM, bill, bills, make_accounts

pytestmark = pytest.mark.django_db(transaction=True)

DUE = date(2036, 1, 1)


def test_a_deposit_of_a_new_account_while_its_first_bill_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of a new account 1 and an old one 2 has locked 2 and not yet 1; a bill of 1 and 2 comes in between. Where
    the batch made the row of 1 while it held 2, each waited for the other: the database ended one of them."""
    make_accounts(2)
    today = clock.today()
    bill(2, 202601, 1_000, issued=today, due=DUE)
    prepare(202602, today)  # a partition could not be made while the batch reads the table
    locked, posting = threading.Event(), threading.Event()
    real = settling.ask

    def slow(*args: Any) -> Any:
        answers = real(*args)
        if not locked.is_set():
            locked.set()
            posting.wait(10)
            threading.Event().wait(0.5)  # the other one has come as far as it can
        return answers

    monkeypatch.setattr(settling, "ask", slow)

    def pay() -> list[Any]:
        try:
            return receive(SYSTEM, [PaymentIn(300, "a", 1), PaymentIn(400, "b", 2)])
        finally:
            connection.close()

    def post() -> None:
        try:
            locked.wait(10)
            posting.set()
            # two bills of an account: the way on which balances are made or updated in one statement
            bills([1, 1, 2], 202602, [{1: 500}, {1: 600}, {1: 700}], issued=today, due=DUE, seqs=[1, 2, 1])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        paid, posted = pool.submit(pay), pool.submit(post)
        posted.result(30)
        answers = paid.result(30)
    assert all(isinstance(answer, Receipt) for answer in answers)
    # 5.00 + 6.00 - 3.00; 10.00 + 7.00 - 4.00
    assert [balances([1, 2])[each].owed for each in (1, 2)] == [800, 1_300]
    assert check() == []


def test_a_bill_of_one_account_makes_its_balance_or_finds_it() -> None:
    """Of 1, 2, 3 only 2 has a balance: each is billed, and what the payment of 2 had left as credit is told."""
    make_accounts(3)
    receive(SYSTEM, [PaymentIn(300, "a", 2)])
    posted = bills([1, 2, 3], 202602, [{1: 500}, {1: 600}, {1: -70}], issued=clock.today(), due=DUE)
    assert posted.to_set_off.tolist() == [2]
    seen = balances([1, 2, 3])
    assert [(seen[each].owed, seen[each].credit) for each in (1, 2, 3)] == [(500, 0), (600, 300), (0, 70)]
    assert check() == []
