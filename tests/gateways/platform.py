"""Our side for the tests of gateways: an address for call-backs, a customer who owes, and who goes to pay."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

import httpx
import pytest
from django.db import connections

from gridhall.adapters.gateway_simulator.serving import Simulator
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments.public import OnlineBegun, begin_online, notify
from tests.payments.town import bill, clerk, make_accounts

Server = TypeVar("Server", bound=ThreadingHTTPServer)
CUSTOMER = Actor("customer", "A0000001", "portal", id=1)
OWED = 8_640
CASHIER = clerk(1, "tills.all", "refunds.approve")
MANAGER = clerk(2, "tills.all", "refunds.approve")


class Platform(ThreadingHTTPServer):
    """The portal's address for call-backs, as small as can be; it keeps what it answered, and to what."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hear)
        self.heard: list[tuple[int, dict[str, str], bytes]] = []


class _Hear(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = dict(self.headers)
        gateway = self.path.split("/")[2]
        try:
            answer = notify(gateway, headers, body)
        finally:
            connections.close_all()
        self.server.heard.append((answer.status, headers, body))
        self.send_response(answer.status)
        self.send_header("content-type", answer.content_type)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def served(server: Server) -> Iterator[Server]:
    """Run a server until the test is over."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def begin(gateway: str, amount: int = OWED, device: str = "desk") -> OnlineBegun:
    """Account 1 owes 86.40 and begins to pay."""
    make_accounts(1)
    bill(1, 202610, OWED, issued=clock.today(), due=clock.today() + timedelta(days=15))
    return begin_online(CUSTOMER, 1, amount, gateway_name=gateway, device=device, caller="203.0.113.7")


def customer_decides(simulator: Simulator, begun: OnlineBegun, decision: str = "paid") -> str:
    """The customer opens the page and presses a button: where it sends them."""
    with httpx.Client(trust_env=False) as browser:
        page = browser.get(begun.redirect_url)
        assert page.status_code == 200, page.text
        assert "86.40" in page.text
        done = browser.post(f"{simulator.address}/decide", data={"order_no": begun.order_no, "decision": decision})
        assert done.status_code == 303
        return str(done.headers["location"])


def misbehave(simulator: Simulator, mode: str) -> None:
    done = httpx.post(f"{simulator.address}/control", json={"mode": mode}, trust_env=False)
    assert done.status_code == 200


def until(platform: Platform, calls: int) -> list[int]:
    """Wait for so many call-backs; their answers. One more than expected would be seen."""
    for _ in range(200):
        if len(platform.heard) >= calls:
            break
        time.sleep(0.05)
    time.sleep(0.2)
    return [status for status, _, _ in platform.heard]


def refused(call: Callable[[], object]) -> str:
    """The code of the refusal that a call must come to."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code
