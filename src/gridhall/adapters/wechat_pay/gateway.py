"""WeChat Pay as a payment gateway: a code to be scanned at a desk (Native), a page on the phone (H5)."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast
from urllib.parse import quote

from wechatpayv3 import WeChatPayType

from gridhall.adapters.gateway_setup import files, wire
from gridhall.adapters.gateway_setup.refusing import refused
from gridhall.adapters.wechat_pay.bill import read_bill, unpacked
from gridhall.adapters.wechat_pay.client import NEEDS, client, opened, proven
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

# REFUND: it was paid, and something of it has gone back since.
STATES = {
    "SUCCESS": PAID, "REFUND": PAID, "NOTPAY": WAITING, "USERPAYING": WAITING, "ACCEPT": WAITING, "CLOSED": FAILED,
    "REVOKED": FAILED, "PAYERROR": FAILED,
}  # fmt: skip
# ABNORMAL: the payer's card is gone; staff settle it in WeChat's merchant platform, and then it is SUCCESS.
REFUND_STATES = {"SUCCESS": PAID, "PROCESSING": WAITING, "ABNORMAL": WAITING, "CLOSED": FAILED}
LAST_WORDS = frozenset({"NOT_ENOUGH", "INVALID_REQUEST", "RESOURCE_NOT_EXISTS", "PARAM_ERROR", "USER_ACCOUNT_ABNORMAL"})


class WechatGateway:
    """Every answer is signed by WeChat, every call-back signed and encrypted under the APIv3 key."""

    def begin(self, order: Order) -> Begun:
        made, _ = client()
        on_phone = order.device == PHONE and bool(order.caller)
        life = order.expires_at - order.begun_at
        scene = {"payer_client_ip": order.caller, "h5_info": {"type": "Wap"}} if on_phone else None
        status, answer = made.pay(
            description=f"电费 {order.subject}" if order.language == "zh" else f"Electricity {order.subject}",
            out_trade_no=order.order_no, amount={"total": order.amount, "currency": order.currency},
            pay_type=WeChatPayType.H5 if on_phone else WeChatPayType.NATIVE, scene_info=scene,
            time_expire=(wire.beijing() + life).isoformat(timespec="seconds"), notify_url=order.notify_url,
        )  # fmt: skip
        said = _said(answer)
        address = said.get("h5_url" if on_phone else "code_url")
        if status != 200 or not isinstance(address, str):
            raise refused("gateway_unreachable", field="code", value=_why(said))
        return Begun(f"{address}&redirect_url={quote(order.return_url, safe='')}" if on_phone else address)

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        made, set_up = client()
        nonce = proven(made._core, headers, body)
        return _notice(opened(made, headers, body), set_up, nonce)

    def acknowledge(self, accepted: bool) -> tuple[str, bytes]:
        said = {"code": "SUCCESS"} if accepted else {"code": "FAIL", "message": "失败"}
        return "application/json", json.dumps(said).encode()

    def query(self, order_no: str, reference: str = "") -> Notice | None:
        del reference  # WeChat knows an order by our number
        made, set_up = client()
        status, answer = made.query(out_trade_no=order_no)
        said = _said(answer)
        if status == 404 and said.get("code") in ("ORDER_NOT_EXIST", "ORDERNOTEXIST"):
            return None
        if status != 200:
            raise refused("gateway_unreachable", field="code", value=_why(said))
        if said.get("out_trade_no") != order_no:
            raise refused("tampered", field="order_no", value=order_no)
        return _notice(said, set_up)

    def refund(self, refund: Refund) -> RefundNotice:
        made, _ = client()
        status, answer = made.refund(
            out_refund_no=refund.refund_no, out_trade_no=refund.order_no, reason=refund.reason[:80],
            amount={"refund": refund.amount, "total": refund.paid, "currency": "CNY"},
        )  # fmt: skip
        said = _said(answer)
        if status != 200:
            if said.get("code") in LAST_WORDS:
                return RefundNotice(refund.refund_no, FAILED, refund.amount, "", _why(said))
            raise refused("gateway_unreachable", field="code", value=_why(said))
        if (said.get("out_refund_no"), said.get("out_trade_no")) != (refund.refund_no, refund.order_no):
            raise refused("tampered", field="refund_no", value=refund.refund_no)
        state = REFUND_STATES.get(str(said.get("status")))
        amount = said.get("amount")
        if state is None or not isinstance(amount, dict) or type(amount.get("refund")) is not int:
            raise refused("bad_message", field="status")
        return RefundNotice(
            refund.refund_no, state, amount["refund"], str(said.get("refund_id", "")), str(said["status"]),
            _day(said.get("success_time")),
        )  # fmt: skip

    def fetch_bill(self, on: date) -> bytes:
        made, _ = client()
        status, answer = made.trade_bill(bill_date=on.isoformat(), bill_type="ALL", tar_type="GZIP")
        said = _said(answer)
        address, digest = said.get("download_url"), said.get("hash_value")
        if status != 200 or not isinstance(address, str) or said.get("hash_type") != "SHA1":
            raise refused("bill_not_ready", field="on", value=_why(said))
        status, data = made.download_bill(address)
        if status != 200 or not isinstance(data, bytes):
            raise refused("bill_not_ready", field="on", value=status)
        if wire.sha1(unpacked(data)) != str(digest).lower():
            raise refused("tampered", field="hash_value")
        return data

    def read_bill(self, data: bytes, on: date) -> list[BillRow]:
        return read_bill(data, on)

    def lacking(self) -> list[str]:
        told = files.lacking(NEEDS)
        if not told and len(files.read(NEEDS).keys["apiv3_key.txt"].encode()) != 32:
            told = [f"{files.folder(NEEDS.name) / 'apiv3_key.txt'} must have 32 characters"]
        return told


def _said(answer: str | bytes) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except (ValueError, UnicodeDecodeError) as error:
        raise refused("bad_message") from error
    if not isinstance(said, dict):
        raise refused("bad_message")
    return cast(dict[str, Any], said)


def _notice(said: Mapping[str, Any], set_up: files.SetUp, nonce: str = "") -> Notice:
    """What WeChat says about a trade of ours. Refuses tampered (another merchant's), bad_message."""
    if (said.get("mchid"), said.get("appid")) != (set_up.values["mchid"], set_up.values["appid"]):
        raise refused("tampered", field="mchid", value=ascii(str(said.get("mchid", ""))[:32]))
    state, amount = STATES.get(str(said.get("trade_state"))), said.get("amount")
    order_no = said.get("out_trade_no")
    total = amount.get("total") if isinstance(amount, dict) else 0 if state != PAID else None
    if state is None or not isinstance(order_no, str) or type(total) is not int:
        raise refused("bad_message", field="trade_state")
    paid_on = _day(said.get("success_time")) if state == PAID else None
    return Notice(order_no, state, total, str(said.get("transaction_id", "")), paid_on, nonce[:64])


def _day(text: object) -> date | None:
    """The Beijing day of a moment such as 2026-11-25T15:04:05+08:00."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(wire.BEIJING).date() if text else None
    except ValueError:
        return None


def _why(said: Mapping[str, Any]) -> str:
    return f"{said.get('code', '')} {said.get('message', '')}".strip()[:160]
