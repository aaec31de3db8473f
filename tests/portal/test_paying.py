"""Paying in the portal against the real sandbox bank: begun, confirmed, asked for, told twice, tampered with."""

import html
import json
import re
import threading
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client

from gridhall.adapters.sandbox_bank import signing
from gridhall.adapters.sandbox_bank.server import BankServer
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from tests.portal.conftest import SignIn
from tests.portal.town import AMOUNT, Household


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Iterator[BankServer]:
    """The bank on a free port. It loses its call-backs, so that each test tells what comes, and when."""
    server = BankServer(0, mode="lost")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("GRIDHALL_SANDBOX_BANK_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def begin(client: Client, **form: str) -> tuple[str, str]:
    """Begin a payment: (order number, the bank's address as the page links to it)."""
    answer = client.post("/pay", form)
    assert answer.status_code == 302, answer.content.decode()
    page = client.get(answer.headers["Location"]).content.decode()
    found = re.search(r'href="(http://127\.0\.0\.1:\d+/pay\?[^"]+)"', page)
    assert found, page
    return answer.headers["Location"].rsplit("/", 1)[1], html.unescape(found.group(1))


def decide(address: str, order_no: str, decision: str) -> str:
    """Look at the bank's page and press a button: where the bank then sends the customer."""
    shown = httpx.get(address, trust_env=False)
    assert shown.status_code == 200
    at = urlsplit(address)
    answer = httpx.post(
        f"{at.scheme}://{at.netloc}/decide", data={"order_no": order_no, "decision": decision}, trust_env=False
    )
    assert answer.status_code == 303
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def told(order_no: str, amount: int, key: str = signing.BANK) -> tuple[dict[str, str], bytes]:
    """A call-back as the bank signs it."""
    body = json.dumps({"order_no": order_no, "state": "paid", "amount": amount, "serial": f"B{order_no}"}).encode()
    return signing.signed_headers(key, body, int(time.time())), body


def tell(headers: dict[str, str], body: bytes) -> int:
    """The bank's call: no session, no CSRF token."""
    caller = Client(enforce_csrf_checks=True)
    return caller.post("/pay/sandbox/notify", body, content_type="application/json", headers=headers).status_code


def test_pay_everything_and_get_a_receipt(two: tuple[Household, Household], sign_in: SignIn, bank: BankServer) -> None:
    client = sign_in(two[0])
    assert "¥\u00a0135.87" in client.get("/pay").content.decode()
    order_no, address = begin(client, which="all")
    assert ledger.owed(two[0].account_id).total == AMOUNT  # nothing is booked before the bank says so
    back = decide(address, order_no, "paid")
    assert parse_qs(urlsplit(back).query)["order"] == [order_no]
    answer = client.get(back, follow=True)
    page = answer.content.decode()
    assert "Everything is paid." in page
    assert "Oct 2026: electricity" in page
    assert ledger.owed(two[0].account_id).total == 0
    assert ledger.owed(two[1].account_id).total == AMOUNT


def test_what_is_too_much_is_kept_as_credit(
    two: tuple[Household, Household], sign_in: SignIn, bank: BankServer
) -> None:
    """200.00 − 135.87 = 64.13."""
    client = sign_in(two[0])
    order_no, address = begin(client, which="other", other="200")
    page = client.get(decide(address, order_no, "paid"), follow=True).content.decode()
    assert "Kept as credit for the next bill" in page
    assert ledger.owed(two[0].account_id).credit == 6_413
    assert "¥\u00a064.13 of yours is kept with us" in client.get("/").content.decode()


def test_a_refused_payment_changes_nothing(two: tuple[Household, Household], sign_in: SignIn, bank: BankServer) -> None:
    client = sign_in(two[0])
    order_no, address = begin(client, which="all")
    page = client.get(decide(address, order_no, "failed"), follow=True).content.decode()
    assert "Not paid" in page
    assert ledger.owed(two[0].account_id).total == AMOUNT


def test_coming_back_without_having_paid_waits(
    two: tuple[Household, Household], sign_in: SignIn, bank: BankServer
) -> None:
    client = sign_in(two[0])
    order_no, address = begin(client, which="all")
    httpx.get(address, trust_env=False)
    page = client.get(f"/pay/return?order={order_no}", follow=True).content.decode()
    assert "Waiting for the bank" in page
    assert 'http-equiv="refresh"' in page
    last = client.get(f"/pay/{order_no}?look=20").content.decode()
    assert 'http-equiv="refresh"' not in last  # it does not look for ever


def test_a_call_back_books_once(two: tuple[Household, Household], sign_in: SignIn, bank: BankServer) -> None:
    order_no, _ = begin(sign_in(two[0]), which="all")
    before = len(payments.payments_of(two[0].account_id))
    first = told(order_no, AMOUNT)
    assert tell(*first) == 200
    assert tell(*first) == 200  # the same bytes again
    assert tell(*told(order_no, AMOUNT)) == 200  # signed anew
    assert len(payments.payments_of(two[0].account_id)) == before + 1
    assert ledger.owed(two[0].account_id).total == 0


def test_call_backs_that_are_not_the_banks_are_refused(
    two: tuple[Household, Household], sign_in: SignIn, bank: BankServer
) -> None:
    order_no, _ = begin(sign_in(two[0]), which="all")
    headers, body = told(order_no, AMOUNT)
    assert tell(headers, body.replace(str(AMOUNT).encode(), str(AMOUNT * 2).encode())) == 400
    assert tell({}, body) == 400
    assert tell(*told(order_no, AMOUNT, key=signing.MERCHANT)) == 400
    assert tell(*told(order_no, AMOUNT - 1)) == 400
    assert tell(*told("nobody's order", AMOUNT)) == 400
    assert tell(headers, b"x" * 20_000) == 413
    unknown = Client().post("/pay/nobank/notify", body, content_type="application/json", headers=headers)
    assert unknown.status_code == 404
    assert Client().get("/pay/sandbox/notify").status_code == 405
    assert ledger.owed(two[0].account_id).total == AMOUNT


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"which": "other", "other": ""}, "Please say how much"),
        ({"which": "other", "other": "-5"}, "greater than or equal to 0"),
        ({"which": "other", "other": "1.234"}, "2 decimal places"),
        ({"which": "other", "other": "1e3000000"}, "11 digits"),
        ({"which": "other", "other": "abc"}, "Enter a number."),
        ({"which": "overdue"}, "Nothing is owed that way"),
        ({"which": "most"}, "Select a valid choice"),
        ({}, "required"),
    ],
)
def test_amounts_that_make_no_sense_are_explained(
    two: tuple[Household, Household], sign_in: SignIn, form: dict[str, str], said: str
) -> None:
    answer = sign_in(two[0]).post("/pay", form)
    assert answer.status_code == 400
    assert said in answer.content.decode()
