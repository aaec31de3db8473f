"""Alipay as a payment gateway: messages signed RSA2, both ways, by the client library `python-alipay-sdk`."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl

from alipay import AliPay
from alipay.exceptions import AliPayException, AliPayValidationError

from gridhall.adapters.alipay.bill import read_bill
from gridhall.adapters.gateway_setup import files, wire
from gridhall.adapters.gateway_setup.refusing import refused
from gridhall.payments.ports import (
    FAILED,
    PAID,
    PHONE,
    WAITING,
    Begun,
    BillRow,
    Notice,
    Order,
    Refund,
    RefundNotice,
)

NEEDS = files.Needs(
    "alipay",
    required=("app_id", "seller_id"),
    optional={"address": "https://openapi.alipay.com/gateway.do"},
    keys={"app_private_key.pem": files.PRIVATE, "alipay_public_key.pem": files.PUBLIC},
)
# Alipay calls again for a day and a quarter of an hour, always with the time of the first call.
AGE_MOST = timedelta(hours=26)
AHEAD_MOST = timedelta(minutes=10)
FIELDS_MOST = 100

# 支付宝交易状态: a trade that is closed was never paid, or its money went back whole.
STATES = {"TRADE_SUCCESS": PAID, "TRADE_FINISHED": PAID, "TRADE_CLOSED": FAILED, "WAIT_BUYER_PAY": WAITING}
NOT_THERE, LAST_WORDS = "ACQ.TRADE_NOT_EXIST", frozenset(
    {"ACQ.TRADE_NOT_EXIST", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "ACQ.TRADE_HAS_FINISHED", "ACQ.TRADE_STATUS_ERROR",
     "ACQ.REASON_TRADE_REFUND_FEE_ERR", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.NOT_ALLOW_PARTIAL_REFUND"}
)  # fmt: skip


class _Client(AliPay):  # type: ignore[misc]  # the library has no types
    """The library's client, asking by our HTTP (with limits of time and size) and in Beijing's time on any machine."""

    def __init__(self, set_up: files.SetUp) -> None:
        super().__init__(
            appid=set_up.values["app_id"], app_private_key_string=set_up.keys["app_private_key.pem"],
            alipay_public_key_string=set_up.keys["alipay_public_key.pem"], sign_type="RSA2",
        )  # fmt: skip
        self.address = set_up.values["address"]

    def build_body(self, method: str, biz_content: Any = None, **more: Any) -> dict[str, Any]:
        more["timestamp"] = f"{wire.beijing():%Y-%m-%d %H:%M:%S}"
        return cast(dict[str, Any], super().build_body(method, biz_content, **more))

    def verified_sync_response(self, data: dict[str, Any], response_type: str) -> dict[str, Any]:
        answer = wire.ask("GET", f"{self.address}?{self.sign_data(data)}")
        if answer.status_code != 200:
            raise refused("gateway_unreachable", field="status", value=answer.status_code)
        return cast(dict[str, Any], self._verify_and_return_sync_response(answer.text, response_type))


class AlipayGateway:
    """Orders travel with the customer, signed by us; every answer and call-back is signed by Alipay."""

    def begin(self, order: Order) -> Begun:
        client = self._client()
        how = client.api_alipay_trade_wap_pay if order.device == PHONE else client.api_alipay_trade_page_pay
        life = order.expires_at - order.begun_at
        query = how(
            subject=f"电费 {order.subject}" if order.language == "zh" else f"Electricity {order.subject}",
            out_trade_no=order.order_no, total_amount=wire.yuan(order.amount), return_url=order.return_url,
            notify_url=order.notify_url, time_expire=f"{wire.beijing() + life:%Y-%m-%d %H:%M:%S}",
        )  # fmt: skip
        return Begun(f"{client.address}?{query}")

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        del headers  # all that is signed stands in the body
        set_up = files.read(NEEDS)
        try:
            pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS_MOST)
        except (UnicodeDecodeError, ValueError) as error:
            raise refused("bad_message") from error
        said = dict(pairs)
        signature = said.pop("sign", "")
        if len(said) + 1 != len(pairs) or not signature or not _proven(_Client(set_up), said, signature):
            raise refused("tampered")
        if (said.get("app_id"), said.get("seller_id")) != (set_up.values["app_id"], set_up.values["seller_id"]):
            raise refused("tampered", field="app_id", value=ascii(said.get("app_id", "")[:32]))
        _refuse_age(said.get("notify_time", ""))
        return _notice(said)

    def acknowledge(self, accepted: bool) -> tuple[str, bytes]:
        return "text/plain", b"success" if accepted else b"failure"

    def query(self, order_no: str, reference: str = "") -> Notice | None:
        del reference  # Alipay knows an order by our number
        said = self._ask("alipay.trade.query", {"out_trade_no": order_no})
        if said.get("sub_code") == NOT_THERE:
            return None
        if said.get("code") != "10000":
            raise refused("gateway_unreachable", field="code", value=_why(said))
        if said.get("out_trade_no") != order_no:
            raise refused("tampered", field="order_no", value=order_no)
        return _notice(said)

    def refund(self, refund: Refund) -> RefundNotice:
        """Asked under `out_request_no`. The answer to the question "was it done" is the refund query, since the
        answer of the refund itself says no more than that it was taken."""
        asked = {
            "out_trade_no": refund.order_no, "refund_amount": wire.yuan(refund.amount),
            "out_request_no": refund.refund_no, "refund_reason": refund.reason[:80],
        }  # fmt: skip
        said = self._ask("alipay.trade.refund", asked)
        if said.get("code") != "10000":
            if said.get("sub_code") in LAST_WORDS:
                return RefundNotice(refund.refund_no, FAILED, refund.amount, "", _why(said))
            raise refused("gateway_unreachable", field="code", value=_why(said))
        return self._refunded(refund)

    def _refunded(self, refund: Refund) -> RefundNotice:
        said = self._ask(
            "alipay.trade.fastpay.refund.query",
            {"out_trade_no": refund.order_no, "out_request_no": refund.refund_no, "query_options": ["gmt_refund_pay"]},
        )  # fmt: skip
        if said.get("code") != "10000" or said.get("refund_status") != "REFUND_SUCCESS":
            return RefundNotice(refund.refund_no, WAITING, refund.amount, "", _why(said))
        if (said.get("out_trade_no"), said.get("out_request_no")) != (refund.order_no, refund.refund_no):
            raise refused("tampered", field="refund_no", value=refund.refund_no)
        try:
            amount = wire.minor(str(said["refund_amount"]))
        except (KeyError, ValueError) as error:
            raise refused("bad_message", field="refund_amount") from error
        serial = f"{said.get('trade_no', '')}"
        return RefundNotice(refund.refund_no, PAID, amount, serial, paid_on=wire.day(said.get("gmt_refund_pay")))

    def fetch_bill(self, on: date) -> bytes:
        said = self._ask(
            "alipay.data.dataservice.bill.downloadurl.query", {"bill_type": "trade", "bill_date": f"{on:%Y-%m-%d}"}
        )
        address = str(said.get("bill_download_url", ""))
        if said.get("code") != "10000" or not address:
            raise refused("bill_not_ready", field="on", value=_why(said))
        answer = wire.ask("GET", address)
        if answer.status_code != 200:
            raise refused("bill_not_ready", field="on", value=answer.status_code)
        return answer.content

    def read_bill(self, data: bytes, on: date) -> list[BillRow]:
        return read_bill(data, on)

    def lacking(self) -> list[str]:
        return files.lacking(NEEDS)

    def _client(self) -> _Client:
        return _Client(files.read(NEEDS))

    def _ask(self, method: str, question: dict[str, Any]) -> dict[str, Any]:
        """A question, and the answer once its signature is proven. Refuses tampered, gateway_unreachable (also where
        Alipay answers an error, which it does not sign: nothing may be concluded from it)."""
        client = self._client()
        try:
            said = client.server_api(method, question)
        except AliPayValidationError as error:
            raise refused("tampered") from error
        except AliPayException as error:
            raise refused("gateway_unreachable", field="code", value=ascii(str(error)[:160])) from error
        except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError, ValueError) as error:
            raise refused("bad_message") from error
        if not isinstance(said, dict):
            raise refused("bad_message")
        return said


def _proven(client: _Client, said: dict[str, str], signature: str) -> bool:
    """Whether Alipay signed the fields, `sign_type` left out, as the rules of call-backs say."""
    if said.get("sign_type") != "RSA2":
        return False
    try:
        return bool(client.verify({name: value for name, value in said.items() if value}, signature))
    except (AliPayException, ValueError, TypeError):
        return False


def _refuse_age(text: str) -> None:
    try:
        age = wire.beijing() - wire.moment(text)
    except ValueError as error:
        raise refused("bad_message", field="notify_time", value=ascii(text[:24])) from error
    if not -AHEAD_MOST <= age <= AGE_MOST:
        raise refused("stale", field="notify_time", value=text)


def _notice(said: Mapping[str, Any]) -> Notice:
    state = STATES.get(str(said.get("trade_status", "")))
    try:
        if state is None:
            raise ValueError("state")
        amount = wire.minor(str(said["total_amount"]))
        order_no, serial = str(said["out_trade_no"]), str(said["trade_no"])
    except (KeyError, ValueError) as error:
        raise refused("bad_message", field="trade_status") from error
    paid_on = wire.day(said.get("gmt_payment") or said.get("send_pay_date")) if state == PAID else None
    return Notice(order_no, state, amount, serial, paid_on)


def _why(said: Mapping[str, Any]) -> str:
    told = (said.get("code"), said.get("sub_code"), said.get("sub_msg") or said.get("msg"))
    return " ".join(str(each) for each in told if each)[:160]
