"""A simulated payment service as an HTTP server on loopback: its messages, its page for customers, its call-backs.

`POST /control` {"mode": …} makes it misbehave: `late` (the call-back waits), `twice`, `replay` (the same bytes again),
`tampered`, `wrong_amount`, `lost` (no call-back), `out_of_order` (after the good news, "still waiting"), `stranger`
(another merchant's), `silent` (questions are not answered), `answer_tampered`, `refund_lost` (done, the answer never
comes), `refund_refused`, `refund_waits`, `bill_gap` (the bill lacks its first row), `bill_differs` (by a fen),
`bill_broken`; `well` is as it should be.
"""

import html
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import httpx

from gridhall.adapters.gateway_simulator.book import CLOSED, PAID, Book, Trade

log = logging.getLogger(__name__)

MODES = (
    "well", "late", "twice", "replay", "tampered", "wrong_amount", "lost", "out_of_order", "stranger", "silent",
    "answer_tampered", "refund_lost", "refund_refused", "refund_waits", "bill_gap", "bill_differs", "bill_broken",
)  # fmt: skip
CALL_AGAIN_AFTER_S = (0.0, 1.0, 5.0, 30.0)
BODY_MOST = 256 * 1024

PAGE = """<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style>
body {{ font: 16px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; background: #eef1f4; color: #1c2733; margin: 0 }}
main {{ max-width: 26rem; margin: 8vh auto; background: #fff; padding: 2rem; border-radius: 12px }}
.amount {{ font-size: 2.4rem; font-variant-numeric: tabular-nums; margin: .3rem 0 }} small {{ color: #5b6875 }}
form {{ display: flex; gap: .8rem; margin-top: 1.6rem }} button {{ font: inherit; padding: .7rem 1.2rem }}
</style></head><body><main><h1>{title}</h1><p class="amount">{amount}</p><p>{subject}</p>
<p><small>{order_no}</small></p>
<form method="post" action="/decide"><input type="hidden" name="order_no" value="{order_no}">
<button name="decision" value="paid">付款 · Pay</button>
<button name="decision" value="closed">取消 · Leave</button></form>
</main></body></html>
"""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True)
class Reply:
    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CallBack:
    """What the service sends to the platform."""

    headers: Mapping[str, str]
    body: bytes


class Service(Protocol):
    """A payment service's own protocol. Names in headers are in lower case."""

    title: str
    book: Book
    mode: str

    def answer(self, asked: Asked) -> Reply | None:
        """The answer to a message; None: the line is closed without one."""

    def call_back(self, trade: Trade, mode: str) -> CallBack:
        """The message that tells the platform how a trade stands, signed now."""

    def heard(self, answer: httpx.Response) -> bool:
        """Whether the platform's answer to a call-back says that it was taken."""


class Simulator(ThreadingHTTPServer):
    """The server; port 0 takes a free one (`address`)."""

    daemon_threads = True

    def __init__(self, service: Service, port: int = 0, late_s: float = 1.0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.service, self.late_s = service, late_s

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def decide(self, order_no: str, decision: str) -> Trade | None:
        """The customer pays or leaves; the platform is then called from a thread."""
        trade, changed = self.service.book.decide(order_no, PAID if decision == PAID else CLOSED)
        if trade is not None and changed:
            threading.Thread(target=self.tell, args=(trade, self.service.mode), daemon=True).start()
        return trade

    def tell(self, trade: Trade, mode: str) -> None:
        """Call the platform back in the manner of the mode, again and again until it is heard."""
        if mode == "lost" or not trade.notify_url:
            return
        if mode == "late":
            time.sleep(self.late_s)
        message = self.service.call_back(trade, mode)
        self._call_until_heard(trade, lambda: message if mode == "replay" else self.service.call_back(trade, mode))
        if mode == "twice":
            self._call(trade, self.service.call_back(trade, mode))
        if mode == "replay":
            self._call(trade, message)
        if mode == "out_of_order":
            self._call(trade, self.service.call_back(trade, "waiting"))

    def _call_until_heard(self, trade: Trade, made: Callable[[], CallBack]) -> None:
        for wait in CALL_AGAIN_AFTER_S:
            time.sleep(wait)
            if self._call(trade, made()):
                return

    def _call(self, trade: Trade, message: CallBack) -> bool:
        try:
            answer = httpx.post(
                trade.notify_url, content=message.body, headers=dict(message.headers), timeout=10, trust_env=False
            )
        except httpx.HTTPError as error:
            log.warning("call-back to %s failed: %s", trade.notify_url, error)
            return False
        return self.service.heard(answer)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Simulator

    def do_GET(self) -> None:
        self._do(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if length > BODY_MOST:
            self._send(Reply(413, "text/plain", b"too long"))
            return
        self._do(self.rfile.read(length))

    def _do(self, body: bytes) -> None:
        url = urlsplit(self.path)
        if url.path == "/health":
            self._send(Reply(200, "application/json", b"{}"))
        elif url.path == "/control":
            self._send(self._controlled(json.loads(body)))
        elif url.path == "/decide":
            self._send(self._decided(dict(parse_qsl(body.decode()))))
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = self.server.service.answer(Asked(self.command, url.path, url.query, headers, body))
            if reply is None:
                self.close_connection = True
            else:
                self._send(reply)

    def _controlled(self, wish: dict[str, Any]) -> Reply:
        if wish.get("mode") not in MODES:
            return Reply(400, "text/plain", f"mode is one of {', '.join(MODES)}".encode())
        self.server.service.mode = wish["mode"]
        return Reply(200, "application/json", json.dumps({"mode": wish["mode"]}).encode())

    def _decided(self, fields: dict[str, str]) -> Reply:
        trade = self.server.decide(fields.get("order_no", ""), fields.get("decision", ""))
        if trade is None:
            return Reply(404, "text/plain", b"no such order")
        return Reply(303, "text/plain", b"", {"location": trade.return_url or "/health"})

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("content-type", reply.content_type)
        self.send_header("content-length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def page(title: str, trade: Trade, sign: str = "¥") -> Reply:
    """The page on which a customer pays; what is paid or closed is not offered again."""
    if trade.state == PAID:
        return Reply(303, "text/plain", b"", {"location": trade.return_url or "/health"})
    if trade.state == CLOSED:
        return Reply(410, "text/plain; charset=utf-8", "订单已关闭 · this order can no longer be paid".encode())
    text = PAGE.format(
        title=html.escape(title), amount=f"{sign}{trade.amount // 100:,}.{trade.amount % 100:02d}",
        subject=html.escape(trade.subject), order_no=html.escape(trade.order_no),
    )  # fmt: skip
    return Reply(200, "text/html; charset=utf-8", text.encode())
