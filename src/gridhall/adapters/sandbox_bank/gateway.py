"""The sandbox bank as a payment gateway."""

import json
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from gridhall.adapters.sandbox_bank import signing
from gridhall.kernel.refusal import Refusal
from gridhall.payments.ports import FAILED, PAID, WAITING, Begun, Notice, Order, Refund, RefundNotice

AGE_MAX_S = 600  # a call-back that was signed earlier is refused; the bank signs anew each time that it calls
ANSWER_WITHIN_S = 5.0


def address() -> str:
    """Where the sandbox bank listens (`GRIDHALL_SANDBOX_BANK_URL`)."""
    return os.environ.get("GRIDHALL_SANDBOX_BANK_URL", "http://127.0.0.1:8900").rstrip("/")


class SandboxGateway:
    """Speaks with the sandbox bank: orders travel with the customer, signed by us; answers are signed by the bank."""

    def begin(self, order: Order) -> Begun:
        body = json.dumps(
            {
                "order_no": order.order_no,
                "amount": order.amount,
                "currency": order.currency,
                "subject": order.subject,
                "return_url": order.return_url,
                "notify_url": order.notify_url,
                "language": order.language,
                # the bank's clock may be another than ours, which a demo sets to its own month
                "valid_until": int(time.time()) + int((order.expires_at - order.begun_at).total_seconds()),
            },
            sort_keys=True,
        )
        headers = signing.signed_headers(signing.MERCHANT, body.encode(), int(time.time()))
        return Begun(f"{address()}/pay?" + urlencode({"order": body, **headers}))

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        signed_at = signing.proven(signing.BANK, headers, body)
        if signed_at is None:
            raise Refusal("tampered", "The message's signature is not that of the bank.", "报文签名验证失败。")
        if abs(time.time() - signed_at) > AGE_MAX_S:
            raise Refusal("stale", "The message is too old.", "报文已过期。", field="timestamp", value=str(signed_at))
        return _notice(body)

    def acknowledge(self, accepted: bool) -> tuple[str, bytes]:
        return "application/json", json.dumps({"accepted": accepted}).encode()

    def query(self, order_no: str, reference: str = "") -> Notice | None:
        del reference  # the bank knows an order by our number
        answer = self._ask("/query", {"order_no": order_no})
        return None if answer is None else _notice(answer)

    def refund(self, refund: Refund) -> RefundNotice:
        asked = {"refund_no": refund.refund_no, "order_no": refund.order_no, "amount": refund.amount,
                 "reason": refund.reason}  # fmt: skip
        answer = self._ask("/refund", asked)
        if answer is None:
            return RefundNotice(refund.refund_no, FAILED, refund.amount, "", "the bank does not know this order")
        try:
            said = json.loads(answer)
            notice = RefundNotice(
                str(said["refund_no"]), str(said["state"]), int(said["amount"]), str(said.get("serial", "")),
                str(said.get("why", "")),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal("bad_message", "The message cannot be read.", "报文无法识别。") from error
        return notice

    def _ask(self, path: str, question: dict[str, Any]) -> bytes | None:
        """Ask the bank, both ways signed; None where it does not know the order."""
        body = json.dumps(question, sort_keys=True).encode()
        headers = signing.signed_headers(signing.MERCHANT, body, int(time.time()))
        try:
            answer = httpx.post(
                address() + path, content=body, headers=headers, timeout=ANSWER_WITHIN_S, trust_env=False
            )
        except httpx.HTTPError as error:
            raise Refusal(
                "gateway_unreachable", "The bank does not answer. Please try again.", "银行暂无应答，请稍后再试。"
            ) from error
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise Refusal("bad_message", f"The bank refused: {answer.text[:200]}", f"银行拒绝：{answer.text[:200]}")
        if signing.proven(signing.BANK, dict(answer.headers), answer.content) is None:
            raise Refusal("tampered", "The answer's signature is not that of the bank.", "应答签名验证失败。")
        return answer.content


def _notice(body: bytes) -> Notice:
    try:
        said = json.loads(body)
        state = str(said["state"])
        notice = Notice(str(said["order_no"]), state, int(said["amount"]), str(said.get("serial", "")))
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("bad_message", "The message cannot be read.", "报文无法识别。") from error
    if state not in (PAID, FAILED, WAITING):
        raise Refusal("bad_message", "The message names no known state.", "报文状态无法识别。", value=state)
    return notice
