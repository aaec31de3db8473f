"""Paying online at the sandbox bank: a real server on loopback, in its good and its bad manners."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import LazySettings
from django.db import connections

from gridhall.adapters.sandbox_bank import signing
from gridhall.adapters.sandbox_bank.gateway import SandboxGateway
from gridhall.adapters.sandbox_bank.server import BankServer
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check
from gridhall.payments import online
from gridhall.payments.models import GatewayOrder
from gridhall.payments.ports import Notice, Refund
from gridhall.payments.public import (
    OnlineBegun,
    PaymentIn,
    begin_online,
    confirm_online,
    notify,
    order,
    payments_of,
    receive,
    resolve_order,
    resolve_waiting,
    waiting_orders,
)
from tests.payments.town import SYSTEM, bill, make_accounts

pytestmark = pytest.mark.django_db(transaction=True)

CUSTOMER = Actor("customer", "A0000001", "portal", id=1)


class Platform(ThreadingHTTPServer):
    """The portal's address for call-backs, as small as can be; it keeps what it heard."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hear)
        self.heard: list[tuple[int, dict[str, str], bytes]] = []


class _Hear(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = dict(self.headers)
        try:
            answer = notify("sandbox", headers, body)
        finally:
            connections.close_all()
        self.server.heard.append((answer.status, headers, body))
        self.send_response(answer.status)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def served(server: ThreadingHTTPServer) -> Iterator[ThreadingHTTPServer]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def platform(settings: LazySettings) -> Iterator[Platform]:
    server = Platform()
    settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_address[1]}"
    yield from served(server)  # type: ignore[misc]  # it is the same server


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch, platform: Platform) -> Iterator[BankServer]:
    server = BankServer(0, late_s=1.0)
    monkeypatch.setenv("GRIDHALL_SANDBOX_BANK_URL", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setattr("gridhall.adapters.sandbox_bank.server.CALL_AGAIN_AFTER_S", (0.0, 0.1, 0.2))
    yield from served(server)  # type: ignore[misc]  # it is the same server


def begin(amount: int = 8_640) -> OnlineBegun:
    make_accounts(1)
    bill(1, 202610, 8_640, issued=clock.today(), due=clock.today() + timedelta(days=15))
    return begin_online(CUSTOMER, 1, amount)


def customer_pays(begun: OnlineBegun, decision: str = "paid") -> str:
    """The customer opens the bank's page and presses a button: where the bank sends them."""
    with httpx.Client(trust_env=False) as browser:
        page = browser.get(begun.redirect_url)
        assert page.status_code == 200
        assert "86.40" in page.text
        bank = urlsplit(begun.redirect_url)
        done = browser.post(f"http://{bank.netloc}/decide", data={"order_no": begun.order_no, "decision": decision})
        assert done.status_code == 303
        return str(done.headers["location"])


def until(platform: Platform, calls: int) -> list[int]:
    """Wait for so many call-backs; their answers."""
    for _ in range(200):
        if len(platform.heard) >= calls:
            break
        time.sleep(0.05)
    time.sleep(0.2)  # one more than expected would be seen
    return [status for status, _, _ in platform.heard]


def misbehave(bank: BankServer, mode: str) -> None:
    done = httpx.post(f"http://127.0.0.1:{bank.server_address[1]}/control", json={"mode": mode}, trust_env=False)
    assert done.status_code == 200


def test_well_done(bank: BankServer, platform: Platform) -> None:
    begun = begin()
    assert order(begun.order_no).state == "begun"
    back = customer_pays(begun)
    assert back.endswith(f"/pay/return?order={begun.order_no}")
    assert until(platform, 1) == [200]
    done = order(begun.order_no)
    assert (done.state, done.amount) == ("paid", 8_640)
    assert balances([1])[1].owed == 0
    assert [view.no for view in payments_of(1)] == [done.payment_no]
    # the customer comes back and the portal asks: the same payment, not another
    asked = resolve_order(begun.order_no)
    assert asked.absorbed
    assert asked.receipt is not None
    assert asked.receipt.payment_no == done.payment_no
    assert check() == []


@pytest.mark.parametrize("mode", ["twice", "replay"])
def test_told_twice_is_booked_once(bank: BankServer, platform: Platform, mode: str) -> None:
    misbehave(bank, mode)
    begun = begin()
    customer_pays(begun)
    assert until(platform, 2) == [200, 200]
    assert len(payments_of(1)) == 1
    assert check() == []


def test_tampered_is_refused_and_the_query_finds_the_truth(bank: BankServer, platform: Platform) -> None:
    misbehave(bank, "tampered")
    begun = begin()
    customer_pays(begun)
    assert until(platform, 3) == [400, 400, 400]
    assert payments_of(1) == []
    assert order(begun.order_no).state == "begun"
    found = resolve_order(begun.order_no)
    assert found.state == "paid"
    assert [view.amount for view in payments_of(1)] == [8_640]


def test_a_wrong_amount_is_refused(bank: BankServer, platform: Platform) -> None:
    misbehave(bank, "wrong_amount")
    begun = begin()
    customer_pays(begun)
    assert until(platform, 3) == [400, 400, 400]
    assert payments_of(1) == []


def test_lost_word_is_asked_for(bank: BankServer, platform: Platform) -> None:
    misbehave(bank, "lost")
    begun = begin()
    customer_pays(begun)
    assert until(platform, 0) == []
    assert [each.order_no for each in waiting_orders()] == [begun.order_no]
    assert resolve_waiting() == []  # too fresh to ask about
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert [(each.order_no, each.state) for each in resolve_waiting()] == [(begun.order_no, "paid")]
        assert resolve_waiting() == []
    assert len(payments_of(1)) == 1


def test_late_after_expiry_is_still_money(bank: BankServer, platform: Platform) -> None:
    """The customer paid the bill at a counter meanwhile; the late money becomes credit, once."""
    misbehave(bank, "lost")
    begun = begin()
    customer_pays(begun)
    receive(SYSTEM, [PaymentIn(8_640, "counter:1", 1)])
    with clock.at(clock.now() + timedelta(hours=2)):
        resolve_waiting()
        resolve_waiting()
    assert order(begun.order_no).state == "paid"
    assert (balances([1])[1].owed, balances([1])[1].credit) == (0, 8_640)
    assert check() == []


def test_refused_by_the_customer(bank: BankServer, platform: Platform) -> None:
    begun = begin()
    customer_pays(begun, "failed")
    assert until(platform, 1) == [200]
    assert order(begun.order_no).state == "failed"
    assert payments_of(1) == []


def test_an_order_that_nobody_paid_ends(bank: BankServer, platform: Platform) -> None:
    begun = begin()
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert resolve_order(begun.order_no).state == "failed"
    assert waiting_orders() == []


def test_the_platform_that_was_down_is_called_again(bank: BankServer, platform: Platform) -> None:
    begun = begin()
    platform.server_close()
    platform.shutdown()
    customer_pays(begun)
    time.sleep(0.6)
    assert payments_of(1) == []
    assert resolve_order(begun.order_no).state == "paid"


def test_old_and_foreign_messages(platform: Platform) -> None:
    begun = begin()
    body = json.dumps({"order_no": begun.order_no, "state": "paid", "amount": 8_640, "serial": "x"}).encode()
    now = int(time.time())

    def code(headers: dict[str, str], body: bytes = body) -> str:
        with pytest.raises(Refusal) as caught:
            confirm_online("sandbox", headers, body)
        return caught.value.code

    assert code(signing.signed_headers(signing.BANK, body, now - 601)) == "stale"
    assert code(signing.signed_headers(signing.MERCHANT, body, now)) == "tampered"
    assert code({}) == "tampered"
    good = signing.signed_headers(signing.BANK, body, now)
    assert code({**good, signing.TIMESTAMP: str(now + 1)}) == "tampered"
    assert code({**good, signing.NONCE: "0"}) == "tampered"
    assert code(signing.signed_headers(signing.BANK, b"[]", now), b"[]") == "bad_message"
    other = body.replace(begun.order_no.encode(), b"nobody")
    assert code(signing.signed_headers(signing.BANK, other, now), other) == "unknown_order"
    assert confirm_online("sandbox", good, body).state == "paid"


def test_begin_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    make_accounts(1)

    def code(*given: object, **more: object) -> str:
        with pytest.raises(Refusal) as caught:
            begin_online(*given, **more)  # type: ignore[arg-type]
        return caught.value.code

    assert code(CUSTOMER, 2, 100) == "not_allowed"
    assert code(CUSTOMER, 1, 0) == "amount_not_positive"
    assert code(CUSTOMER, 1, 1 << 60) == "amount_too_large"
    assert code(CUSTOMER, 1, 100, gateway_name="nobody") == "unknown_gateway"
    monkeypatch.setenv("GRIDHALL_SANDBOX_BANK_URL", "http://127.0.0.1:9")
    with pytest.raises(Refusal, match="does not answer"):
        SandboxGateway().query("x")


def test_refund_at_the_bank_is_never_more_than_was_paid(bank: BankServer, platform: Platform) -> None:
    begun = begin()

    def refund(key: str, amount: int) -> str:
        return SandboxGateway().refund(Refund(key, begun.order_no, amount, "test")).state

    assert refund("R1", 100) == "failed"  # not known yet
    customer_pays(begun)
    until(platform, 1)
    assert refund("R2", 8_000) == "paid"
    assert refund("R2", 8_000) == "paid"  # the same refund
    assert refund("R3", 641) == "failed"  # more than is left
    assert refund("R4", 640) == "paid"


def test_the_expiry_is_signed_into_the_order(
    bank: BankServer, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it the bank neither shows nor takes the order, and it cannot be put off."""
    monkeypatch.setattr(online, "ORDER_LIFE", timedelta(seconds=-1))
    begun = begin()
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(begun.redirect_url).status_code == 410
        url = urlsplit(begun.redirect_url)
        order = json.loads(parse_qs(url.query)["order"][0])
        assert order["valid_until"] <= time.time()
        later = begun.redirect_url.replace(str(order["valid_until"]), str(order["valid_until"] + 999))
        assert browser.get(later).status_code == 400
        browser.post(f"http://{url.netloc}/decide", data={"order_no": begun.order_no, "decision": "paid"})
    assert resolve_order(begun.order_no).state == "failed"
    assert payments_of(1) == []


def test_refused_calls_are_audited_but_not_without_bound() -> None:
    """Whoever calls the address for call-backs a hundred times without a signature leaves one entry an hour."""
    start = clock.now().replace(minute=5)
    for minute in (0, 10, 61):
        with clock.at(start + timedelta(minutes=minute)):
            for n in range(20):
                assert notify("sandbox", {}, b"%d" % n).status == 400
    assert AuditEntry.objects.filter(act="payments.refuse_notice").count() == 2


def test_who_comes_to_the_bank_again_is_not_asked_to_pay_again(bank: BankServer, platform: Platform) -> None:
    begun = begin()
    back = customer_pays(begun)
    again = httpx.get(begun.redirect_url, trust_env=False)
    assert (again.status_code, again.headers["location"]) == (303, back)


def test_a_forged_order_is_not_shown(bank: BankServer, platform: Platform) -> None:
    begun = begin()
    forged = begun.redirect_url.replace("8640", "1")
    assert httpx.get(forged, trust_env=False).status_code == 400


def test_orders_left_at_the_bank_starve_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """More orders are left at the bank than are asked about at once; one that was paid after them is booked in the
    first round all the same, and the left ones come to an end."""

    class Bank:
        def query(self, order_no: str, reference: str = "") -> Notice:
            return Notice(order_no, "paid" if order_no == "paid" else "waiting", 500, "S1")

    monkeypatch.setattr(online, "gateway", lambda name: Bank())
    make_accounts(1)
    now = clock.now()

    def begun(order_no: str, ago: timedelta) -> GatewayOrder:
        return GatewayOrder(
            order_no=order_no, gateway="sandbox", account_id=1, amount=500, begun_at=now - ago,
            expires_at=now - ago + timedelta(minutes=30),
        )  # fmt: skip

    left = [begun(f"left{n}", timedelta(days=3, seconds=n)) for n in range(12)]
    GatewayOrder.objects.bulk_create([*left, begun("paid", timedelta(hours=5))])
    assert {each.order_no: each.state for each in resolve_waiting(limit=8)}["paid"] == "paid"
    assert balances([1])[1].credit == 500
    resolve_waiting(limit=8)
    assert waiting_orders() == []
