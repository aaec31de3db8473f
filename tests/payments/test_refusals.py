"""Every refusal of receiving money: its code, the field at fault, in both languages; nothing is booked."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments.public import (
    CASH,
    DOOR_COUNTER,
    DOOR_FILE,
    REFUSAL_WORDS,
    TRANSFER,
    PaymentColumns,
    PaymentIn,
    Receipt,
    payments_of,
    receive,
    receive_columns,
    reverse,
)
from tests.payments.town import SYSTEM, make_accounts

pytestmark = pytest.mark.django_db

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"account_id": 0, "account_number": "A9999999"}, "unknown_account", "account_number"),
    ({"account_id": 77}, "unknown_account", "account_id"),
    ({"account_id": -1}, "unknown_account", "account_id"),
    ({"amount": 0}, "amount_not_positive", "amount"),
    ({"amount": -100}, "amount_not_positive", "amount"),
    ({"amount": (1 << 53) + 1}, "amount_too_large", "amount"),
    ({"key": ""}, "key_missing", "key"),
    ({"key": "k" * 121}, "key_missing", "key"),
    ({"method": 9}, "bad_method", "method"),
    ({"value_on": "tomorrow"}, "value_in_future", "value_on"),
    ({"door": DOOR_COUNTER, "method": CASH}, "till_needed", "session_id"),
    ({"session_id": 5}, "unknown_till", "session_id"),
    ({"key": "used", "amount": 101}, "key_reused", "key"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "field"), WRONG, ids=[f"{code} {change}"[:60] for change, code, _ in WRONG])
def test_refused(change: dict[str, Any], code: str, field: str) -> None:
    make_accounts(2)
    receive(SYSTEM, [PaymentIn(100, "used", 1)])
    given = {"amount": 100, "key": "fresh", "account_id": 1} | change
    if given.get("value_on") == "tomorrow":
        given["value_on"] = clock.today() + timedelta(days=1)
    other, answer = receive(SYSTEM, [PaymentIn(100, "other", 2), PaymentIn(**given)])
    assert isinstance(other, Receipt)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.field, answer.row) == (code, field, 1)
    assert answer.text("zh") == REFUSAL_WORDS[code][1]
    assert answer.text("en") == REFUSAL_WORDS[code][0]
    assert len(payments_of(1)) == 1


def test_the_longest_key_and_the_largest_amount_are_taken() -> None:
    make_accounts(1)
    answer = receive(SYSTEM, [PaymentIn(1 << 53, "钥" * 120, 1)])[0]
    assert isinstance(answer, Receipt)
    assert answer.to_credit == 1 << 53


def test_a_key_is_an_accounts_own() -> None:
    make_accounts(2)
    answers = receive(SYSTEM, [PaymentIn(100, "same", 1), PaymentIn(100, "same", 2)])
    assert [answer.replayed for answer in answers if isinstance(answer, Receipt)] == [False, False]


@pytest.mark.parametrize("permissions", [frozenset[str](), frozenset({"payments.see"})])
def test_who_may(permissions: frozenset[str]) -> None:
    make_accounts(1)
    reader = Actor("staff", "reader", "office", id=3, permissions=permissions)
    for act in (
        lambda: receive(reader, [PaymentIn(100, "k", 1)]),
        lambda: receive_columns(reader, columns([1], [100], ["k"])),
        lambda: reverse(reader, 1, 1, "because"),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.code == "not_allowed"


def columns(accounts: list[int], amounts: list[int], keys: list[str], days: int = 0) -> PaymentColumns:
    today = clock.today().toordinal() + days
    return PaymentColumns(
        np.array(accounts, np.int64), np.array(amounts, np.int64), keys, np.full(len(keys), today, np.int64), DOOR_FILE,
        TRANSFER,
    )  # fmt: skip


def test_a_file_tells_each_refused_row() -> None:
    make_accounts(3)
    first = receive_columns(SYSTEM, columns([1, 2], [100, 200], ["a", "b"]))
    assert (first.taken, first.replayed, first.amount) == (2, 0, 300)
    keys = ["c", "a", "b", "x", "y", "", "z", "c"]
    done = receive_columns(SYSTEM, columns([3, 1, 2, 99, 1, 3, -4, 3], [300, 100, 201, 100, 0, 1, 1, 5], keys))
    assert (done.taken, done.replayed, done.amount, done.to_credit) == (1, 1, 300, 300)
    assert done.refused == (
        (2, "key_reused", "key", "b"),
        (3, "unknown_account", "account_id", "99"),
        (4, "amount_not_positive", "amount", "0"),
        (5, "key_missing", "key", ""),
        (6, "unknown_account", "account_id", "-4"),
        (7, "key_reused", "key", "c"),
    )
    late = receive_columns(SYSTEM, columns([1], [100], ["t"], days=1))
    assert [row[:3] for row in late.refused] == [(0, "value_in_future", "value_on")]
    assert receive_columns(SYSTEM, columns([], [], [])).taken == 0
