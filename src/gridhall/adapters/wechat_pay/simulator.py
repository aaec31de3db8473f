"""A service that speaks WeChat Pay APIv3 on loopback. Written without the client library; signatures and encryption are
made with real keys."""

import base64
import gzip
import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_simulator.book import PAID, WAITING, Book, Returned, Trade
from gridhall.adapters.gateway_simulator.serving import Asked, CallBack, Reply, page

STATUS = {PAID: "SUCCESS", WAITING: "NOTPAY"}
AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')
HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
FEE_PERMILLE = 6


class WechatService:
    """`ours`: the service's private key under `public_key_id`; `merchant`: the merchant's public key."""

    title = "微信支付模拟 · WeChat Pay simulator"

    def __init__(
        self, mchid: str, appid: str, public_key_id: str, apiv3_key: str, ours: rsa.RSAPrivateKey,
        merchant: rsa.RSAPublicKey,
    ) -> None:  # fmt: skip
        self.mchid, self.appid, self.public_key_id = mchid, appid, public_key_id
        self._apiv3_key, self._ours, self._merchant = apiv3_key.encode(), ours, merchant
        self.mode, self.book, self.base = "well", Book(), ""

    def answer(self, asked: Asked) -> Reply | None:
        if asked.path == "/scan":
            return self._scanned(dict(parse_qsl(asked.query)))
        if not self._proven(asked):
            return self._json(401, {"code": "SIGN_ERROR", "message": "签名错误"})
        if self.mode == "silent":
            return None
        if asked.path.startswith("/v3/pay/transactions/out-trade-no/"):
            return self._query(asked.path.rpartition("/")[2])
        question = json.loads(asked.body) if asked.body else {}
        if asked.path in ("/v3/pay/transactions/native", "/v3/pay/transactions/h5"):
            return self._placed(asked.path, question)
        if asked.path == "/v3/refund/domestic/refunds":
            return self._refund(question)
        if asked.path == "/v3/bill/tradebill":
            return self._bill_address(dict(parse_qsl(asked.query)))
        if asked.path == "/v3/billdownload/file":
            data = gzip.compress(bill(self, date.fromisoformat(dict(parse_qsl(asked.query))["token"])))
            return Reply(200, "text/plain", data[: len(data) // 2] if self.mode == "bill_broken" else data)
        return self._json(404, {"code": "NOT_FOUND", "message": "无此接口"})

    def call_back(self, trade: Trade, mode: str) -> CallBack:
        said = self._said(trade, WAITING if mode == "waiting" else trade.state)
        if mode == "wrong_amount":
            said["amount"]["total"] += 1
        if mode == "stranger":
            said["mchid"] = "1900000000"
        nonce, about = secrets.token_hex(6), "transaction"
        sealed = AESGCM(self._apiv3_key).encrypt(nonce.encode(), json.dumps(said).encode(), about.encode())
        body = json.dumps({
            "id": secrets.token_hex(16), "create_time": wire.beijing().isoformat(), "event_type": "TRANSACTION.SUCCESS",
            "resource_type": "encrypt-resource", "summary": "支付成功",
            "resource": {
                "algorithm": "AEAD_AES_256_GCM", "original_type": "transaction", "nonce": nonce,
                "associated_data": about, "ciphertext": base64.b64encode(sealed).decode(),
            },
        }, ensure_ascii=False).encode()  # fmt: skip
        headers = {"Content-Type": "application/json", **self.signed(body)}
        return CallBack(headers, body.replace(b"TRANSACTION", b"TRANSACTIOM") if mode == "tampered" else body)

    def heard(self, answer: httpx.Response) -> bool:
        return answer.status_code in (200, 204)

    def signed(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """The headers that sign a body, now or at another moment."""
        timestamp, nonce = str(int(time.time() if at is None else at)), secrets.token_hex(16)
        text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = self._ours.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return {
            "Wechatpay-Timestamp": timestamp, "Wechatpay-Nonce": nonce, "Wechatpay-Serial": self.public_key_id,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }  # fmt: skip

    def _placed(self, path: str, question: dict[str, Any]) -> Reply:
        on_phone = path.endswith("/h5")
        if on_phone and not question["scene_info"]["payer_client_ip"]:
            return self._json(400, {"code": "PARAM_ERROR", "message": "缺少终端IP"})
        trade = self.book.place(
            Trade(
                question["out_trade_no"], question["amount"]["total"], question["description"], "",
                question["notify_url"], time.time() + 1800, more={"product": "H5" if on_phone else "NATIVE"},
            )
        )  # fmt: skip
        page_at = f"{self.base}/scan?order_no={trade.order_no}"
        # the code of a real one is weixin://wxpay/bizpayurl?pr=…; a telephone that scans ours is shown the page
        code = f"weixin://wxpay/bizpayurl?pr={quote(trade.order_no)}"
        return self._json(200, {"h5_url": page_at} if on_phone else {"code_url": code})

    def _scanned(self, fields: Mapping[str, str]) -> Reply:
        trade = self.book.trade(fields.get("order_no", ""))
        if trade is None:
            return Reply(404, "text/plain", b"no such order")
        if fields.get("redirect_url") and trade.state == PAID:
            return Reply(303, "text/plain", b"", {"location": unquote(fields["redirect_url"])})
        return page(self.title, trade)

    def _said(self, trade: Trade, state: str) -> dict[str, Any]:
        said: dict[str, Any] = {
            "mchid": self.mchid, "appid": self.appid, "out_trade_no": trade.order_no,
            "trade_state": "REFUND" if trade.refunds and state == PAID else STATUS.get(state, "CLOSED"),
            "amount": {"total": trade.amount, "currency": "CNY"},
        }  # fmt: skip
        if state == PAID:
            said["transaction_id"] = f"42{trade.order_no}"
            said["success_time"] = wire.beijing(trade.paid_at).isoformat(timespec="seconds")
        return said

    def _query(self, order_no: str) -> Reply:
        trade = self.book.trade(order_no)
        if trade is None:
            return self._json(404, {"code": "ORDER_NOT_EXIST", "message": "订单不存在"})
        return self._json(200, self._said(trade, trade.state))

    def _refund(self, question: dict[str, Any]) -> Reply | None:
        amount = question["amount"]["refund"]
        if self.mode == "refund_refused":
            return self._json(403, {"code": "NOT_ENOUGH", "message": "基本账户余额不足"})
        done = self.book.refund(question["out_trade_no"], question["out_refund_no"], amount)
        if self.mode == "refund_lost":
            return None
        if done is None:
            return self._json(400, {"code": "INVALID_REQUEST", "message": "订单金额或退款金额与之前请求不一致"})
        waits = self.mode == "refund_waits"
        return self._json(200, {
            "refund_id": f"50{done.refund_no}", "out_refund_no": done.refund_no,
            "out_trade_no": question["out_trade_no"], "status": "PROCESSING" if waits else "SUCCESS",
            "amount": {"refund": done.amount, "total": question["amount"]["total"], "currency": "CNY"},
            **({} if waits else {"success_time": wire.beijing(done.at).isoformat(timespec="seconds")}),
        })  # fmt: skip

    def _bill_address(self, fields: Mapping[str, str]) -> Reply:
        on = date.fromisoformat(fields["bill_date"])
        if on >= wire.beijing().date() and self.mode == "well":
            return self._json(400, {"code": "NO_STATEMENT_EXIST", "message": "账单文件不存在"})
        digest = hashlib.sha1(bill(self, on), usedforsecurity=False).hexdigest()
        address = f"{self.base}/v3/billdownload/file?token={on.isoformat()}"
        return self._json(200, {"hash_type": "SHA1", "hash_value": digest, "download_url": address})

    def _json(self, status: int, said: dict[str, Any]) -> Reply:
        body = json.dumps(said, ensure_ascii=False).encode()
        headers = self.signed(body)
        if self.mode == "answer_tampered":
            body = body.replace(b"}", b" }")
        return Reply(status, "application/json; charset=utf-8", body, headers)

    def _proven(self, asked: Asked) -> bool:
        kind, _, rest = asked.headers.get("authorization", "").partition(" ")
        told = dict(AUTHORIZATION.findall(rest))
        if kind != "WECHATPAY2-SHA256-RSA2048" or told.get("mchid") != self.mchid:
            return False
        lines = (asked.method, asked.target, told["timestamp"], told["nonce_str"], "")
        text = "\n".join(lines).encode() + asked.body + b"\n"
        try:
            self._merchant.verify(base64.b64decode(told["signature"]), text, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


def bill(service: WechatService, on: date) -> bytes:
    """The bill of a day as WeChat makes it, unpacked."""
    movements: list[tuple[Trade, Returned | None]] = []
    for trade in service.book.trades():
        if trade.state == PAID and wire.beijing(trade.paid_at).date() == on:
            movements.append((trade, None))
        movements += [(trade, each) for each in trade.refunds if wire.beijing(each.at).date() == on]
    lines, due, back = [], 0, 0
    for place, (trade, refund) in enumerate(movements):
        if service.mode == "bill_gap" and place == 0:
            continue
        paid = 0 if refund else trade.amount - (1 if service.mode == "bill_differs" and place == 0 else 0)
        gone = refund.amount if refund else 0
        fee = (paid - gone) * FEE_PERMILLE  # in 1/100,000 yuan
        told = f"{'-' if fee < 0 else ''}{abs(fee) // 100_000}.{abs(fee) % 100_000:05d}"
        fields = [
            f"{wire.beijing(refund.at if refund else trade.paid_at):%Y-%m-%d %H:%M:%S}", service.appid, service.mchid,
            "0", "", f"42{trade.order_no}", trade.order_no, "oUser", trade.more["product"],
            "REFUND" if refund else "SUCCESS", "OTHERS", "CNY", wire.yuan(paid), "0.00",
            f"50{refund.refund_no}" if refund else "0", refund.refund_no if refund else "0", wire.yuan(gone), "0.00",
            "ORIGINAL" if refund else "", "SUCCESS" if refund else "", trade.subject, "", told, "0.60%",
            wire.yuan(paid), wire.yuan(gone), "",
        ]  # fmt: skip
        lines.append(",".join(f"`{field}" for field in fields))
        due, back = due + paid, back + gone
    sums = [str(len(lines)), wire.yuan(due), wire.yuan(back), "0.00", "0.00000", wire.yuan(due), wire.yuan(back)]
    text = "\r\n".join([HEADER, *lines, SUMS, ",".join(f"`{each}" for each in sums), ""])
    return b"\xef\xbb\xbf" + text.encode()
