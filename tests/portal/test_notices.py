"""The inbox of the portal: what was said stands there, once, in the reader's language, and is the customer's alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from gridhall.customers.models import Account, Customer
from gridhall.kernel import outbox
from gridhall.notices import public as notices
from gridhall.payments.public import PaymentIn, receive
from tests.portal.conftest import SignIn
from tests.portal.town import Household
from tests.town.places import ACTOR

PAGES = ("/notices", "/notices/choices", "/notices/unread")


@pytest.fixture
def told(two: tuple[Household, Household], settings: Settings) -> tuple[Household, Household]:
    """A payment of one yuan by the first, and word of it."""
    settings.NOTICE_WAYS = {notices.MAIL: "gridhall.adapters.mail.Smtp"}
    Customer.objects.filter(pk=Account.objects.get(pk=two[0].account_id).customer_id).update(email="wang@example.org")
    receive(ACTOR, [PaymentIn(100, "counter:said", two[0].account_id)])
    outbox.deliver()
    return two


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_is_new_is_marked_until_it_is_read(
    told: tuple[Household, Household], sign_in: SignIn, language: str
) -> None:
    client = sign_in(told[0], language)
    first = notices.notices_of(told[0].account_id, "zh")[0]
    unread = notices.unread(told[0].account_id)
    mark = f"{unread} 条新通知" if language == "zh-hans" else f"{unread} new"
    assert 'hx-get="/notices/unread"' in client.get("/").content.decode()
    assert mark in client.get("/notices/unread").content.decode()
    inbox = client.get("/notices").content.decode()
    assert f'href="/notices/{first.id}"' in inbox
    shown = client.get(f"/notices/{first.id}").content.decode()
    assert ("收到户号" if language == "zh-hans" else "we received CNY 1.00") in shown
    assert "w••••@example.org" in shown
    assert notices.unread(told[0].account_id) == unread - 1
    client.post("/notices/read")
    assert notices.unread(told[0].account_id) == 0
    assert client.get("/notices/unread").content.decode().strip() == ""


def test_another_ones_notice_is_not_there(told: tuple[Household, Household], sign_in: SignIn) -> None:
    first = notices.notices_of(told[0].account_id, "zh")[0]
    client = sign_in(told[1])
    assert client.get(f"/notices/{first.id}").status_code == 404
    assert client.get("/notices/999999999").status_code == 404


def test_mail_is_chosen_by_occasion_but_what_must_be_said_is_not(
    told: tuple[Household, Household], sign_in: SignIn
) -> None:
    client = sign_in(told[0], "en")
    page = client.get("/notices/choices").content.decode()
    assert "wang@example.org" in page
    assert 'value="payment_received" checked' in page
    assert 'value="bill_issued" checked disabled' in page
    client.post("/notices/choices", {"wanted": ["debit_balance_low"]})
    now = {occasion.name: on for occasion, on in notices.choices(told[0].account_id)}
    assert (now["payment_received"], now["debit_balance_low"], now["bill_issued"]) == (False, True, True)


@pytest.mark.parametrize("page", PAGES)
def test_pages_ask_little(told: tuple[Household, Household], sign_in: SignIn, page: str) -> None:
    client = sign_in(told[0])
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    assert len(asked) <= 12
