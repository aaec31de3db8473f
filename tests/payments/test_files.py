"""Large batches: the same as payments one by one, to the last row; interrupted, they are simply given again."""

import random
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from gridhall.columns import settling as columns_settling
from gridhall.kernel import clock
from gridhall.ledger import settling as ledger_settling
from gridhall.ledger.public import check
from gridhall.payments import receiving, recording
from gridhall.payments.public import DOOR_FILE, TRANSFER, PaymentColumns, PaymentIn, Receipt, receive, receive_columns
from tests.payments.town import COMMERCIAL, SYSTEM, bills, make_accounts, moment

pytestmark = pytest.mark.django_db

N = 900
TABLES = {
    "open_item": "account_id, period, kind, seq, amount, open, late_upto, late_charged, late_n",
    "allocation": "account_id, payment_no, n, item_period, item_kind, item_seq, amount",
    "late_charge": "account_id, payment_no, n, item_period, item_seq, principal, from_on, upto_on, amount",
    "movement": "account_id, period, kind, source, n, unit_id, debit, credit, amount, value_on",
    "balance": "account_id, unit_id, owed, credit, open_from",
    "payment": "account_id, no, kind, amount, to_credit, left_owed, value_on",
    "payment_key": "account_id, key, payment_no",
}


def some_town() -> None:
    """900 accounts of two classes; bills of three months, the older ones overdue on 20 November."""
    draw = random.Random(11)
    make_accounts(N // 2)
    make_accounts(N - N // 2, class_code=COMMERCIAL, first=N // 2 + 1, unit_id=2)
    for period, issued, due in (
        (202511, date(2025, 12, 2), date(2025, 12, 20)),
        (202609, date(2026, 10, 2), date(2026, 10, 20)),
        (202610, date(2026, 11, 2), date(2026, 11, 25)),
    ):
        for first, last, unit, class_code in ((1, N // 2, 1, 1), (N // 2 + 1, N, 2, COMMERCIAL)):
            ids = [i for i in range(first, last + 1) if draw.random() < 0.8]
            parts = [{1: draw.randint(-500, 30_000), 4: draw.randint(0, 900)} for _ in ids]
            bills(ids, period, parts, issued=issued, due=due, unit_id=unit, class_code=class_code)


def some_payments() -> list[PaymentIn]:
    """Two in three accounts pay, some twice, some on an earlier value day; too little, exactly and too much."""
    draw = random.Random(12)
    paying = [i for i in range(1, N + 1) if draw.random() < 0.67]
    paying += draw.sample(paying, 60)
    return [
        PaymentIn(
            draw.randint(1, 60_000), f"bank:{n}", account, door=DOOR_FILE, method=TRANSFER,
            value_on=date(2026, 11, draw.choice([5, 19, 20])),
        )
        for n, account in enumerate(paying)
    ]  # fmt: skip


def as_columns(payments: list[PaymentIn]) -> PaymentColumns:
    return PaymentColumns(
        np.array([each.account_id for each in payments], np.int64),
        np.array([each.amount for each in payments], np.int64),
        [each.key for each in payments],
        np.array([each.value_on.toordinal() for each in payments if each.value_on], np.int64),
        DOOR_FILE,
        TRANSFER,
    )


def outcome() -> dict[str, list[Any]]:
    """All rows, with payment numbers by their rank: a sequence is not rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT payment_no FROM payment_key ORDER BY payment_no")
        rank = {row[0]: n for n, row in enumerate(cursor.fetchall())}
        seen = {}
        for table, names in TABLES.items():
            cursor.execute(f"SELECT {names} FROM {table} ORDER BY {names}")
            numbered = [name in ("payment_no", "no", "source") for name in names.split(", ")]
            seen[table] = [
                tuple(rank.get(value, value) if is_no else value for value, is_no in zip(row, numbered, strict=True))
                for row in cursor.fetchall()
            ]
    return seen


def test_one_by_one_small_and_large_come_to_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython one by one; CPython in batches; Numba and COPY in one: not a row differs."""
    outcomes = []
    for way in ("one by one", "in batches", "compiled and copied"):
        with transaction.atomic(), clock.at(moment(2026, 11, 20)):
            some_town()
            payments = sorted(some_payments(), key=lambda each: (each.account_id, each.value_on))
            if way == "one by one":
                for each in payments:
                    assert isinstance(receive(SYSTEM, [each])[0], Receipt)
            elif way == "in batches":
                monkeypatch.setattr(columns_settling, "FEW", 1 << 30)
                for start in range(0, len(payments), 50):
                    receive(SYSTEM, payments[start : start + 50])
            else:
                monkeypatch.setattr(columns_settling, "FEW", 0)
                monkeypatch.setattr(recording, "MANY", 0)
                monkeypatch.setattr(ledger_settling, "MANY", 0)
                done = receive_columns(SYSTEM, as_columns(payments))
                assert done.taken == len(payments)
                assert done.allocated + done.to_credit == done.amount == sum(each.amount for each in payments)
            assert check() == []
            outcomes.append(outcome())
            transaction.set_rollback(True)
    assert len(outcomes[0]["late_charge"]) > 100
    assert outcomes[0] == outcomes[1]
    assert outcomes[0] == outcomes[2]


def test_chunks_do_not_cut_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "ROWS_AT_ONCE", 7)
    seen: list[tuple[int, int]] = []
    with clock.at(moment(2026, 11, 20)):
        some_town()
        payments = some_payments()
        done = receive_columns(SYSTEM, as_columns(payments), lambda got, total: seen.append((got, total)))
    assert done.taken == len(payments)
    assert seen[-1] == (len(payments), len(payments))
    assert len(seen) > len(payments) // 9
    assert check() == []


def test_a_file_that_broke_off_is_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "ROWS_AT_ONCE", 100)

    class PulledPlugError(Exception):
        pass

    def pull(done: int, total: int) -> None:
        if done > total // 2:
            raise PulledPlugError

    with clock.at(moment(2026, 11, 20)):
        some_town()
        columns = as_columns(some_payments())
        with pytest.raises(PulledPlugError):
            receive_columns(SYSTEM, columns, pull)
        again = receive_columns(SYSTEM, columns)
    assert again.taken > 0
    assert again.replayed > 0
    assert again.taken + again.replayed == len(columns.key)
    assert again.refused == ()
    assert check() == []
