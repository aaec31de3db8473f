"""The sandbox bank itself: a small HTTP server on loopback with its own book of orders (SQLite under the home folder).

`/pay` shows an order to the customer, who confirms or refuses it; the bank then calls the platform back, again and
again until it is heard, as banks do. An order is taken until the moment that the platform signed into it.
`/query` and `/refund` answer the platform; a refund asked for again under its key is the same refund. `/control` makes
it misbehave: `late` (the call-back waits), `twice`, `tampered` (a body changed after signing), `wrong_amount`, `lost`
(no call-back), `replay` (the very same bytes again); with refunds `refund_lost` (done, but the answer never comes),
`refund_late` (done when it is asked again), `refund_refused`, `refund_tampered`, `refund_wrong_amount`; `well` (as it
should).
"""

import html
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from gridhall.adapters.sandbox_bank import signing

log = logging.getLogger(__name__)

MODES = (
    "well", "late", "twice", "tampered", "wrong_amount", "lost", "replay",
    "refund_lost", "refund_late", "refund_refused", "refund_tampered", "refund_wrong_amount",
)  # fmt: skip
CALL_AGAIN_AFTER_S = (0.0, 1.0, 5.0, 30.0, 120.0)
BODY_MAX = 64 * 1024

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    order_no TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL, subject TEXT NOT NULL,
    return_url TEXT NOT NULL, notify_url TEXT NOT NULL, language TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', refunded INTEGER NOT NULL DEFAULT 0, valid_until INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS refunds (
    refund_no TEXT PRIMARY KEY, order_no TEXT NOT NULL, amount INTEGER NOT NULL, state TEXT NOT NULL
)
"""

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style>
body {{ font: 16px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; background: #eef1f4; color: #1c2733; margin: 0 }}
main {{ max-width: 26rem; margin: 8vh auto; background: #fff; padding: 2rem; border-radius: 12px }}
h1 {{ font-size: 1.1rem; margin: 0 0 1rem }} .amount {{ font-size: 2.4rem; font-variant-numeric: tabular-nums }}
p {{ margin: .3rem 0 }} small {{ color: #5b6875 }} form {{ display: flex; gap: .8rem; margin-top: 1.6rem }}
button {{ font: inherit; padding: .7rem 1.2rem; border: 1px solid #12507b; border-radius: 8px; background: #fff;
  color: #12507b; cursor: pointer }} button.go {{ background: #12507b; color: #fff; flex: 1 }}
</style></head><body><main><h1>{title}</h1><p class="amount">{amount}</p><p>{subject}</p>
<p><small>{order_no}</small></p><p><small>{note}</small></p>
<form method="post" action="/decide"><input type="hidden" name="order_no" value="{order_no}">
<button class="go" name="decision" value="paid">{pay}</button>
<button name="decision" value="failed">{refuse}</button></form></main></body></html>
"""

WORDS = {
    "zh": ("演示银行 · 确认付款", "户号", "这是演示用的银行，不会产生真实扣款。", "确认付款", "取消"),
    "en": ("Sandbox bank · confirm the payment", "Account", "A bank for trying out: no money moves.", "Pay", "Cancel"),
}


class Bank:
    """The bank's book and its way of calling back."""

    def __init__(self, mode: str = "well", late_s: float = 3.0) -> None:
        self.mode = mode
        self.late_s = late_s
        self._path = signing.folder() / "book.sqlite"
        with self._book() as book:
            book.execute("PRAGMA journal_mode = WAL")
            book.executescript(SCHEMA)

    @contextmanager
    def _book(self) -> Iterator[sqlite3.Connection]:
        book = sqlite3.connect(self._path, timeout=10)
        book.row_factory = sqlite3.Row
        try:
            with book:
                yield book
        finally:
            book.close()

    def place(self, order: dict[str, Any]) -> dict[str, Any]:
        """Enter an order; the same order again changes nothing."""
        with self._book() as book:
            book.execute(
                "INSERT OR IGNORE INTO orders"
                " (order_no, amount, currency, subject, return_url, notify_url, language, valid_until)"
                " VALUES (:order_no, :amount, :currency, :subject, :return_url, :notify_url, :language, :valid_until)",
                order,
            )
        found = self.order(order["order_no"])
        assert found is not None
        return found

    def order(self, order_no: str) -> dict[str, Any] | None:
        with self._book() as book:
            book.execute(
                "UPDATE orders SET state = 'failed' WHERE order_no = ? AND state = 'waiting' AND valid_until < ?",
                [order_no, int(time.time())],
            )
            row = book.execute("SELECT * FROM orders WHERE order_no = ?", [order_no]).fetchone()
        return None if row is None else dict(row)

    def decide(self, order_no: str, decision: str) -> dict[str, Any] | None:
        """The customer pays or refuses, once; the platform is then called back from a thread."""
        with self._book() as book:
            changed = book.execute(
                "UPDATE orders SET state = ? WHERE order_no = ? AND state = 'waiting' AND valid_until >= ?",
                [decision, order_no, int(time.time())],
            ).rowcount
        order = self.order(order_no)
        if order is not None and changed:
            threading.Thread(target=self.call_back, args=(order, self.mode), daemon=True).start()
        return order

    def refund(self, refund_no: str, order_no: str, amount: int) -> dict[str, Any]:
        """Give back a part of a paid order, never more than was paid and once for a key: what the bank says of it."""
        with self._book() as book:
            book.execute("BEGIN IMMEDIATE")
            found = book.execute("SELECT * FROM refunds WHERE refund_no = ?", [refund_no]).fetchone()
            if found is None:
                changed = 0
                if self.mode != "refund_refused":
                    changed = book.execute(
                        "UPDATE orders SET refunded = refunded + ? WHERE order_no = ? AND state = 'paid'"
                        " AND refunded + ? <= amount AND ? > 0",
                        [amount, order_no, amount, amount],
                    ).rowcount
                state = "failed" if not changed else "waiting" if self.mode == "refund_late" else "paid"
                book.execute("INSERT INTO refunds VALUES (?, ?, ?, ?)", [refund_no, order_no, amount, state])
            else:
                amount = found["amount"]
                state = "paid" if found["state"] == "waiting" else found["state"]
                book.execute("UPDATE refunds SET state = ? WHERE refund_no = ?", [state, refund_no])
        return {
            "refund_no": refund_no, "order_no": order_no, "state": state, "amount": amount,
            "serial": f"G{refund_no}" if state == "paid" else "",
            "why": "the bank gives nothing back for this order" if state == "failed" else "",
        }  # fmt: skip

    def said(self, order: dict[str, Any]) -> dict[str, Any]:
        """What the bank says of an order."""
        return {
            "order_no": order["order_no"], "state": order["state"], "amount": order["amount"],
            "serial": f"B{order['order_no']}" if order["state"] == "paid" else "",
        }  # fmt: skip

    def call_back(self, order: dict[str, Any], mode: str) -> None:
        """Tell the platform what happened, in the manner of the mode."""
        if mode == "lost":
            return
        if mode == "late":
            time.sleep(self.late_s)
        said = self.said(order)
        if mode == "wrong_amount":
            said["amount"] += 1
        body = json.dumps(said, sort_keys=True).encode()
        headers = signing.signed_headers(signing.BANK, body, int(time.time()))
        if mode == "tampered":
            body = body.replace(b'"amount": ', b'"amount": 9')
        for wait in CALL_AGAIN_AFTER_S:
            time.sleep(wait)
            if self._call(order["notify_url"], headers, body):
                break
            headers = headers if mode == "tampered" else signing.signed_headers(signing.BANK, body, int(time.time()))
        if mode == "twice":
            self._call(order["notify_url"], signing.signed_headers(signing.BANK, body, int(time.time())), body)
        if mode == "replay":
            self._call(order["notify_url"], headers, body)

    def _call(self, url: str, headers: dict[str, str], body: bytes) -> bool:
        try:
            sent = {**headers, "content-type": "application/json"}
            answer = httpx.post(url, content=body, headers=sent, timeout=10, trust_env=False)
        except httpx.HTTPError as error:
            log.warning("call-back to %s failed: %s", url, error)
            return False
        return answer.status_code == 200


class _Handler(BaseHTTPRequestHandler):
    """The bank's pages and messages."""

    protocol_version = "HTTP/1.1"
    server: "BankServer"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        fields = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/health":
            self._send(200, "application/json", b"{}")
        elif url.path == "/pay":
            self._show(fields)
        else:
            self._send(404, "text/plain", b"not here")

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if length > BODY_MAX:
            self._send(413, "text/plain", b"too long")
            return
        body = self.rfile.read(length)
        path = urlsplit(self.path).path
        if path == "/decide":
            self._decide({name: values[0] for name, values in parse_qs(body.decode()).items()})
        elif path == "/control":
            self._control(body)
        elif path in ("/query", "/refund"):
            self._answer(path, body)
        else:
            self._send(404, "text/plain", b"not here")

    def _show(self, fields: dict[str, str]) -> None:
        body = fields.pop("order", "").encode()
        if signing.proven(signing.MERCHANT, fields, body) is None:
            self._send(400, "text/plain; charset=utf-8", "签名无效 · the order's signature is not valid".encode())
            return
        order = self.server.bank.place(json.loads(body))
        if order["state"] == "failed":
            self._send(410, "text/plain; charset=utf-8", "订单已过期 · this order can no longer be paid".encode())
            return
        if order["state"] == "paid":
            # who comes again is not asked to pay again: he is shown what became of it
            self._send_back(order)
            return
        language = "en" if order["language"] == "en" else "zh"
        title, subject, note, pay, refuse = WORDS[language]
        whole, part = divmod(order["amount"], 100)
        page = PAGE.format(
            lang=language, title=title, amount=html.escape(f"{order['currency']} {whole:,}.{part:02d}"),
            subject=html.escape(f"{subject} {order['subject']}"), order_no=html.escape(order["order_no"]),
            note=note, pay=pay, refuse=refuse,
        )  # fmt: skip
        self._send(200, "text/html; charset=utf-8", page.encode())

    def _decide(self, fields: dict[str, str]) -> None:
        decision = fields.get("decision", "")
        order = None
        if decision in ("paid", "failed"):
            order = self.server.bank.decide(fields.get("order_no", ""), decision)
        if order is None:
            self._send(400, "text/plain", b"no such order")
            return
        self._send_back(order)

    def _send_back(self, order: dict[str, Any]) -> None:
        """The customer's way back to the platform."""
        self.send_response(303)
        self.send_header("location", order["return_url"])
        self.send_header("content-length", "0")
        self.end_headers()

    def _control(self, body: bytes) -> None:
        wish = json.loads(body)
        if wish.get("mode") not in MODES:
            self._send(400, "text/plain", f"mode is one of {', '.join(MODES)}".encode())
            return
        self.server.bank.mode = wish["mode"]
        self.server.bank.late_s = float(wish.get("late_s", self.server.bank.late_s))
        self._send(200, "application/json", json.dumps({"mode": wish["mode"]}).encode())

    def _answer(self, path: str, body: bytes) -> None:
        if signing.proven(signing.MERCHANT, dict(self.headers), body) is None:
            self._send(400, "text/plain", b"signature not valid")
            return
        question = json.loads(body)
        bank = self.server.bank
        order = bank.order(str(question["order_no"]))
        if order is None:
            self._send(404, "text/plain", b"no such order")
            return
        said = bank.said(order)
        if path == "/refund":
            said = bank.refund(str(question["refund_no"]), order["order_no"], int(question["amount"]))
            if bank.mode == "refund_lost":
                self.close_connection = True
                return
            if bank.mode == "refund_wrong_amount":
                said["amount"] -= 1
        answer = json.dumps(said, sort_keys=True).encode()
        headers = signing.signed_headers(signing.BANK, answer, int(time.time()))
        if path == "/refund" and bank.mode == "refund_tampered":
            answer = answer.replace(b'"state": "', b'"state": "x')
        self._send(200, "application/json", answer, headers)

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


class BankServer(ThreadingHTTPServer):
    """The server; `bank` is its book. Port 0 takes a free one (`server_address`)."""

    daemon_threads = True

    def __init__(self, port: int, mode: str = "well", late_s: float = 3.0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.bank = Bank(mode, late_s)
