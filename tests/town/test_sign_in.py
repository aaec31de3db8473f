"""Codes and passwords: they work once, expire, are counted, and tell nothing about numbers that do not exist."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from gridhall.customers import models
from gridhall.customers import public as customers
from gridhall.kernel.refusal import Refusal
from tests.town.places import ACTOR, small_territory, three_accounts

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


class Kept:
    """A sender that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str, str]] = []

    def send(self, to: str, way: str, occasion: str, text: str, *, account_id: int = 0) -> None:
        self.sent.append((to, way, occasion, text))

    def code(self) -> str:
        found = re.search(r"\d{6}", self.sent[-1][3])
        assert found
        return found.group()


@pytest.fixture
def number() -> str:
    small_territory()
    return customers.register_accounts(ACTOR, three_accounts()).numbers[0]


def _refusal(number: str, code: str, moment: datetime) -> str:
    with pytest.raises(Refusal) as refused:
        customers.check_code(number, code, moment)
    return refused.value.code


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_signs_in_once(number: str) -> None:
    phone = Kept()
    customers.send_code(number, NOON, phone)
    assert phone.sent[0][:3] == ("13912345678", "text", "sign_in_code")
    assert models.SignInCode.objects.get().digest != phone.code()
    account_id = customers.check_code(number, phone.code(), NOON + timedelta(minutes=9))
    view = customers.account(account_id)
    assert view is not None
    assert view.number == number
    assert _refusal(number, phone.code(), NOON + timedelta(minutes=9)) == "code_wrong"


def test_a_code_expires_and_a_new_one_replaces_it(number: str) -> None:
    phone = Kept()
    customers.send_code(number, NOON, phone)
    first = phone.code()
    assert _refusal(number, first, NOON + timedelta(minutes=10)) == "code_wrong"
    customers.send_code(number, NOON + timedelta(seconds=30), phone)
    assert len(phone.sent) == 1  # within a minute no second message goes out
    customers.send_code(number, NOON + timedelta(seconds=61), phone)
    assert len(phone.sent) == 2
    if first != phone.code():
        assert _refusal(number, first, NOON + timedelta(seconds=62)) == "code_wrong"
    customers.check_code(number, phone.code(), NOON + timedelta(seconds=63))


def test_a_code_is_dead_after_five_wrong_tries(number: str) -> None:
    phone = Kept()
    customers.send_code(number, NOON, phone)
    for _ in range(5):
        assert _refusal(number, _other(phone.code()), NOON) == "code_wrong"
    assert _refusal(number, phone.code(), NOON) == "code_wrong"


def test_a_number_is_locked_for_a_quarter_of_an_hour(number: str) -> None:
    customers.set_password(ACTOR, customers.account_ids([number])[number], "lamps on the lake", NOON)
    for _ in range(8):
        with pytest.raises(Refusal) as wrong:
            customers.check_password(number, "wrong", NOON)
        assert wrong.value.code == "password_wrong"
    with pytest.raises(Refusal) as locked:
        customers.check_password(number, "lamps on the lake", NOON + timedelta(minutes=14))
    assert locked.value.code == "locked"
    with pytest.raises(Refusal):
        customers.send_code(number, NOON, Kept())
    customers.check_password(number, "lamps on the lake", NOON + timedelta(minutes=16))
    assert models.SignInFailure.objects.count() == 0


def test_an_unknown_number_is_answered_alike(number: str) -> None:
    phone = Kept()
    customers.send_code("0000000000", NOON, phone)
    assert phone.sent == []
    for _ in range(8):
        assert _refusal("0000000000", "123456", NOON) == "code_wrong"
    assert _refusal("0000000000", "123456", NOON) == "locked"


def test_a_weak_password_is_refused(number: str) -> None:
    account_id = customers.account_ids([number])[number]
    with pytest.raises(Refusal) as weak:
        customers.set_password(ACTOR, account_id, "short", NOON)
    assert weak.value.code == "password_weak"
    assert not customers.has_password(account_id)
