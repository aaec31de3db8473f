"""Paying without signing in: what is shown, to whom, and how often one may try."""

import html
import re
import time
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from gridhall.adapters.sandbox_bank.server import BankServer
from gridhall.doors.portal import limits
from gridhall.kernel import clock, ids
from gridhall.kernel.models import AuditEntry
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from tests.portal.test_paying import bank, decide  # noqa: F401  # a fixture
from tests.portal.town import AMOUNT, Household

Two = tuple[Household, Household]
DUE = "135.87"


def free_number(near: str) -> str:
    """A number that has a right check digit and no customer."""
    digits = "99" + near[2:-1]
    return digits + ids.check_digit(digits)


def ask(client: Client, number: str, fact: str = "") -> str:
    """Give a number and an amount: the page that follows."""
    answer = client.post("/pay/guest", {"number": number, "fact": fact})
    assert answer.status_code == 302, answer.content.decode()
    assert answer.headers["Location"] == "/pay/guest/amount"
    return client.get("/pay/guest/amount").content.decode()


def english() -> Client:
    return Client(headers={"accept-language": "en"})


def test_a_number_alone_shows_nothing_of_the_account(two: Two) -> None:
    wang, _ = two
    page = ask(english(), wang.number)
    assert DUE not in page
    assert wang.name not in page
    assert "What is due is shown only" in page


def test_who_knows_the_last_amount_sees_what_is_due_and_no_more(two: Two) -> None:
    wang, _ = two
    page = ask(english(), wang.number, DUE)
    assert DUE in page
    assert wang.name not in page
    for word in ("Street", "路", "kWh"):
        assert word not in page


def test_another_amount_and_a_free_number_get_the_same_page(two: Two) -> None:
    wang, _ = two
    wrong = ask(english(), wang.number, "135.86")
    free = free_number(wang.number)
    none = ask(english(), free, DUE)

    def plain(page: str, number: str) -> str:
        spaced = f"{number[:4]} {number[4:8]} {number[8:]}"
        page = re.sub(r'(name="csrfmiddlewaretoken" value=|"X-CSRFToken": )"[^"]+"', "", page)
        return page.replace(spaced, "NUMBER").replace(number, "NUMBER")

    assert plain(wrong, wang.number) == plain(none, free)


def test_after_five_wrong_amounts_the_right_one_is_not_heard_for_an_hour(two: Two) -> None:
    wang, noodle = two
    for n in range(5):
        assert DUE not in ask(english(), wang.number, f"{n + 1}.00")
    assert DUE not in ask(english(), wang.number, DUE)
    assert DUE in ask(english(), noodle.number, DUE)  # another number has tries of its own
    with clock.at(clock.now() + timedelta(minutes=61)):
        assert DUE in ask(english(), wang.number, DUE)


def test_an_address_may_not_try_without_end(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    wang, _ = two
    monkeypatch.setitem(limits.MOST, "guest", 3)
    client = english()
    for _ in range(3):
        ask(client, wang.number)
    answer = client.post("/pay/guest", {"number": wang.number})
    assert answer.status_code == 400
    assert b"Too many tries" in answer.content


def test_the_answer_takes_the_same_time_whether_there_is_such_a_number(two: Two, settings: Settings) -> None:
    settings.SIGN_IN_PACE_S = 0.3
    wang, _ = two
    client = english()
    for number in (wang.number, free_number(wang.number)):
        start = time.monotonic()
        client.post("/pay/guest", {"number": number, "fact": "1.00"})
        assert 0.3 <= time.monotonic() - start < 0.6


def test_only_paying_tells_that_a_number_is_free_and_takes_nothing(two: Two) -> None:
    client = english()
    ask(client, free_number(two[0].number))
    answer = client.post("/pay/guest/amount", {"which": "other", "other": "10.00"})
    assert answer.status_code == 400
    assert b"There is no such account" in answer.content


def test_a_wrong_check_digit_is_told_at_once(two: Two) -> None:
    wang, _ = two
    wrong = wang.number[:-1] + str((int(wang.number[-1]) + 1) % 10)
    answer = english().post("/pay/guest", {"number": wrong})
    assert answer.status_code == 400
    assert b"This is not a customer number" in answer.content


def test_nobody_pays_without_having_given_a_number(two: Two) -> None:
    client = english()
    assert client.get("/pay/guest/amount").headers["Location"] == "/pay/guest"
    assert client.get("/pay/guest/20261110somebody").status_code == 404
    assert client.get("/pay/guest/return?order=20261110somebody").status_code == 404


def test_paid_by_a_stranger(two: Two, bank: BankServer) -> None:  # noqa: F811  # the fixture
    wang, _ = two
    client = english()
    ask(client, wang.number, DUE)
    answer = client.post("/pay/guest/amount", {"which": "all"})
    assert answer.status_code == 302, answer.content.decode()
    order_no = answer.headers["Location"].rsplit("/", 1)[1]
    page = client.get(answer.headers["Location"]).content.decode()
    found = re.search(r'href="(http://127\.0\.0\.1:\d+/pay\?[^"]+)"', page)
    assert found, page
    back = decide(html.unescape(found.group(1)), order_no, "paid")
    assert back.startswith("/pay/guest/return?order=")
    answer = client.get(back, follow=True)
    shown = answer.content.decode()
    assert "Thank you, it is paid" in shown
    assert DUE in shown
    assert wang.name not in shown
    assert ledger.balances([wang.account_id])[wang.account_id].owed == 0
    assert payments.order(order_no).state == "paid"
    begun = AuditEntry.objects.get(act="payments.begin_online")
    assert (begun.actor_kind, begun.door) == ("system", "guest")
    # the order is of this session alone
    assert english().get(f"/pay/guest/{order_no}").status_code == 404
    # and whoever signs in sees the payment as any other
    assert AMOUNT == 13_587


def test_a_link_from_a_bill_brings_the_number(two: Two) -> None:
    wang, _ = two
    page = english().get(f"/pay?number={wang.number}", follow=True).content.decode()
    assert f"/pay/guest?number={wang.number}" in page
    assert f'value="{wang.number}"' in english().get(f"/pay/guest?number={wang.number}").content.decode()


def test_the_ways_are_offered_and_the_chosen_one_is_taken(two: Two, settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = settings.PAYMENT_GATEWAYS | {"alipay": "gridhall.adapters.alipay.gateway.AlipayGateway"}
    client = english()
    page = ask(client, two[0].number)
    assert "Alipay" in page
    assert "Sandbox bank" in page
    answer = client.post("/pay/guest/amount", {"which": "other", "other": "1.00", "way": "cheque"})
    assert b"Select a valid choice" in answer.content
    answer = client.post("/pay/guest/amount", {"which": "other", "other": "1.00", "way": "alipay"})
    assert b"not set up completely" in answer.content
