"""A service that speaks as much of Stripe's protocol on loopback as the gateway needs: sessions, refunds, movements of
the balance, call-backs signed under the endpoint's secret."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx

from gridhall.adapters.gateway_simulator.book import CLOSED, PAID, WAITING, Book, Returned, Trade
from gridhall.adapters.gateway_simulator.serving import Asked, CallBack, Reply, page

FEE_PERMILLE = 29


class StripeService:
    title = "Stripe simulator"

    def __init__(self, secret_key: str, webhook_secret: str) -> None:
        self._secret_key, self._webhook_secret = secret_key, webhook_secret
        self.mode, self.book, self.base = "well", Book(), ""

    def answer(self, asked: Asked) -> Reply | None:
        if asked.path == "/checkout":
            trade = self.book.trade(dict(parse_qsl(asked.query))["order_no"])
            return page(self.title, trade) if trade else Reply(404, "text/plain", b"no such order")
        if asked.headers.get("authorization") != f"Bearer {self._secret_key}":
            return self._json(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}})
        if self.mode == "silent":
            return None
        fields = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        query = dict(parse_qsl(asked.query))
        if asked.path == "/v1/checkout/sessions":
            return self._placed(fields)
        if asked.path.startswith("/v1/checkout/sessions/"):
            trade = self.book.trade(asked.path.rpartition("cs_test_")[2])
            return self._error("resource_missing", 404) if trade is None else self._json(200, self._session(trade))
        if asked.path == "/v1/refunds":
            return self._refund(fields) if asked.method == "POST" else self._refunds(query)
        if asked.path == "/v1/balance_transactions":
            return self._movements(query)
        return self._error("resource_missing", 404)

    def call_back(self, trade: Trade, mode: str) -> CallBack:
        session = self._session(trade)
        if mode == "waiting":
            session |= {"payment_status": "unpaid"}
        if mode == "wrong_amount":
            session["amount_total"] += 1
        kind = "completed" if trade.state == PAID else "expired"
        body = json.dumps({
            "id": f"evt_{secrets.token_hex(8)}", "object": "event", "type": f"checkout.session.{kind}",
            "created": int(trade.paid_at or time.time()), "data": {"object": session},
        }).encode()  # fmt: skip
        headers = self.signed(body, "whsec_another" if mode == "stranger" else "")
        return CallBack(headers, body.replace(b"paid", b"Paid") if mode == "tampered" else body)

    def signed(self, body: bytes, secret: str = "", at: float | None = None) -> dict[str, str]:
        """The header that signs a body, now or at another moment."""
        stamp = int(time.time() if at is None else at)
        mac = hmac.new((secret or self._webhook_secret).encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        return {"Content-Type": "application/json", "Stripe-Signature": f"t={stamp},v1={mac.hexdigest()}"}

    def heard(self, answer: httpx.Response) -> bool:
        return answer.status_code == 200

    def _placed(self, fields: Mapping[str, str]) -> Reply:
        order_no = fields["client_reference_id"]
        trade = self.book.place(
            Trade(
                order_no, int(fields["line_items[0][price_data][unit_amount]"]),
                fields["line_items[0][price_data][product_data][name]"], fields["success_url"],
                f"{fields['success_url'].partition('/pay/')[0]}/pay/stripe/notify", float(fields["expires_at"]),
                more={"currency": fields["line_items[0][price_data][currency]"],
                      "order_no": fields["payment_intent_data[metadata][order_no]"]},
            )
        )  # fmt: skip
        return self._json(200, self._session(trade))

    def _session(self, trade: Trade) -> dict[str, Any]:
        intent = {
            "id": f"pi_{trade.order_no}", "object": "payment_intent",
            "latest_charge": {"id": f"ch_{trade.order_no}", "object": "charge", "created": int(trade.paid_at)},
        }  # fmt: skip
        return {
            "id": f"cs_test_{trade.order_no}", "object": "checkout.session", "amount_total": trade.amount,
            "client_reference_id": trade.order_no, "currency": trade.more["currency"],
            "payment_status": "paid" if trade.state == PAID else "unpaid",
            "status": {PAID: "complete", CLOSED: "expired", WAITING: "open"}[trade.state],
            "payment_intent": intent["id"] if trade.state == PAID else None,
            "url": f"{self.base}/checkout?order_no={trade.order_no}",
        }  # fmt: skip

    def _refund(self, fields: Mapping[str, str]) -> Reply | None:
        order_no = fields["payment_intent"].removeprefix("pi_")
        if self.mode == "refund_refused":
            return self._error("charge_disputed", 400)
        done = self.book.refund(order_no, fields["metadata[refund_no]"], int(fields["amount"]))
        if self.mode == "refund_lost":
            return None
        return self._error("amount_too_large", 400) if done is None else self._json(200, self._told(done))

    def _refunds(self, query: Mapping[str, str]) -> Reply:
        trade = self.book.trade(query["payment_intent"].removeprefix("pi_"))
        return self._list([self._told(each) for each in (trade.refunds if trade else ())])

    def _told(self, done: Returned) -> dict[str, Any]:
        return {
            "id": f"re_{done.refund_no}", "object": "refund", "amount": done.amount, "created": int(done.at),
            "status": "pending" if self.mode == "refund_waits" else "succeeded",
            "metadata": {"refund_no": done.refund_no},
        }  # fmt: skip

    def _movements(self, query: Mapping[str, str]) -> Reply:
        first, end = int(query["created[gte]"]), int(query["created[lt]"])
        rows: list[dict[str, Any]] = [{"id": "txn_payout", "object": "balance_transaction", "type": "payout",
                                       "amount": -5, "fee": 0, "created": first, "source": None}]  # fmt: skip
        for trade in self.book.trades():
            moves: list[tuple[float, int, dict[str, Any], str]] = []
            if trade.state == PAID:
                source = {"id": f"ch_{trade.order_no}", "object": "charge", "payment_intent": f"pi_{trade.order_no}",
                          "metadata": {"order_no": trade.order_no}}  # fmt: skip
                moves.append((trade.paid_at, trade.amount, source, "charge"))
            moves += [(each.at, -each.amount, self._told(each), "refund") for each in trade.refunds]
            rows += [
                {"id": f"txn_{source['id']}", "object": "balance_transaction", "type": kind, "amount": amount,
                 "fee": max(amount, 0) * FEE_PERMILLE // 1000, "created": int(at), "source": source}
                for at, amount, source, kind in moves if first <= at < end
            ]  # fmt: skip
        after = query.get("starting_after")
        at_place = next((n + 1 for n, row in enumerate(rows) if row["id"] == after), 0)
        return self._list(rows[at_place : at_place + 2], more=at_place + 2 < len(rows))  # so that pages are turned

    def _list(self, rows: list[dict[str, Any]], *, more: bool = False) -> Reply:
        return self._json(200, {"object": "list", "data": rows, "has_more": more, "url": "/v1/x"})

    def _error(self, code: str, status: int) -> Reply:
        told = {"type": "invalid_request_error", "code": code, "message": code.replace("_", " ")}
        return self._json(status, {"error": told})

    def _json(self, status: int, said: dict[str, Any]) -> Reply:
        return Reply(status, "application/json", json.dumps(said).encode(), {"request-id": secrets.token_hex(8)})
