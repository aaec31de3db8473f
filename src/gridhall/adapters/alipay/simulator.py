"""A service that speaks Alipay's protocol on loopback. Written without the client library, so that what the library
makes is read by other eyes; the signatures are made and proven with real keys."""

import base64
import io
import json
import time
import zipfile
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_simulator.book import PAID, WAITING, Book, Returned, Trade
from gridhall.adapters.gateway_simulator.serving import Asked, CallBack, Reply, page

STATUS = {PAID: "TRADE_SUCCESS", WAITING: "WAIT_BUYER_PAY"}
PAGES = ("alipay.trade.page.pay", "alipay.trade.wap.pay")
HEADER = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
FEE_PERMILLE = 6
FAILED = {"code": "40004", "msg": "Business Failed"}


class AlipayService:
    """`ours`: the service's private key; `merchant`: the public key of the app that asks."""

    title = "支付宝模拟 · Alipay simulator"

    def __init__(self, app_id: str, seller_id: str, ours: rsa.RSAPrivateKey, merchant: rsa.RSAPublicKey) -> None:
        self.app_id, self.seller_id, self.mode, self.book = app_id, seller_id, "well", Book()
        self._ours, self._merchant = ours, merchant
        self.base = ""  # where the service is reached: the address of a bill begins so

    def answer(self, asked: Asked) -> Reply | None:
        if asked.path == "/bill":
            return self._bill(date.fromisoformat(dict(parse_qsl(asked.query))["day"]))
        fields = dict(parse_qsl(asked.query or asked.body.decode(), keep_blank_values=True))
        method, signature = fields.get("method", ""), fields.pop("sign", "")
        if fields.get("app_id") != self.app_id or not self._proven(fields, signature):
            return self._json("error_response", {"code": "40002", "sub_code": "isv.invalid-signature"}, signed=False)
        question = json.loads(fields.get("biz_content", "{}"))
        if method in PAGES:
            return self._page(fields, question)
        if self.mode == "silent":
            return None
        handler = {
            "alipay.trade.query": self._query,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._refund_query,
            "alipay.data.dataservice.bill.downloadurl.query": self._bill_address,
        }.get(method)
        if handler is None:
            said: dict[str, Any] | None = {"code": "40002", "sub_code": "isv.invalid-method"}
        else:
            said = handler(question)
        return None if said is None else self._json(method.replace(".", "_") + "_response", said)

    def call_back(self, trade: Trade, mode: str) -> CallBack:
        state = WAITING if mode == "waiting" else trade.state
        fields = {
            "app_id": "2021000000000000" if mode == "stranger" else self.app_id, "seller_id": self.seller_id,
            "notify_type": "trade_status_sync", "notify_id": f"n{time.time_ns()}", "charset": "utf-8", "version": "1.0",
            "notify_time": f"{wire.beijing():%Y-%m-%d %H:%M:%S}", "sign_type": "RSA2",
            "trade_no": f"20{trade.order_no}", "out_trade_no": trade.order_no, "subject": trade.subject, "body": "",
            "trade_status": STATUS.get(state, "TRADE_CLOSED"),
            "total_amount": wire.yuan(trade.amount + (1 if mode == "wrong_amount" else 0)),
        }  # fmt: skip
        if state == PAID:
            fields["gmt_payment"] = f"{wire.beijing(trade.paid_at):%Y-%m-%d %H:%M:%S}"
        fields["sign"] = self._sign({name: value for name, value in fields.items() if name != "sign_type"})
        if mode == "tampered":
            fields["subject"] += "!"
        body = urlencode(fields).encode()
        return CallBack({"content-type": "application/x-www-form-urlencoded; charset=utf-8"}, body)

    def heard(self, answer: httpx.Response) -> bool:
        return answer.text == "success"

    def _page(self, fields: Mapping[str, str], question: dict[str, Any]) -> Reply:
        until = wire.moment(question["time_expire"]).timestamp()
        trade = self.book.place(
            Trade(
                question["out_trade_no"], wire.minor(question["total_amount"]), question["subject"],
                fields.get("return_url", ""), fields.get("notify_url", ""), until,
                more={"product": question["product_code"]},
            )
        )  # fmt: skip
        return page(self.title, self.book.trade(trade.order_no) or trade)

    def _query(self, question: dict[str, Any]) -> dict[str, Any]:
        trade = self.book.trade(question["out_trade_no"])
        if trade is None:
            return FAILED | {"sub_code": "ACQ.TRADE_NOT_EXIST", "sub_msg": "交易不存在"}
        said = {
            "code": "10000", "msg": "Success", "out_trade_no": trade.order_no, "trade_no": f"20{trade.order_no}",
            "trade_status": STATUS.get(trade.state, "TRADE_CLOSED"), "total_amount": wire.yuan(trade.amount),
        }  # fmt: skip
        if trade.paid_at:
            said["send_pay_date"] = f"{wire.beijing(trade.paid_at):%Y-%m-%d %H:%M:%S}"
        return said

    def _refund(self, question: dict[str, Any]) -> dict[str, Any] | None:
        order_no, amount = question["out_trade_no"], wire.minor(question["refund_amount"])
        if self.mode == "refund_refused":
            return FAILED | {"sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}
        done = self.book.refund(order_no, question["out_request_no"], amount)
        if self.mode == "refund_lost":
            return None
        if done is None:
            return FAILED | {"sub_code": "ACQ.REASON_TRADE_REFUND_FEE_ERR"}
        return {"code": "10000", "msg": "Success", "out_trade_no": order_no, "fund_change": "Y",
                "refund_fee": wire.yuan(done.amount)}  # fmt: skip

    def _refund_query(self, question: dict[str, Any]) -> dict[str, Any]:
        trade = self.book.trade(question["out_trade_no"])
        found = [each for each in (trade.refunds if trade else ()) if each.refund_no == question["out_request_no"]]
        if not found or self.mode == "refund_waits":
            return {"code": "10000", "msg": "Success"}
        return {
            "code": "10000", "msg": "Success", "out_trade_no": question["out_trade_no"],
            "out_request_no": question["out_request_no"], "refund_amount": wire.yuan(found[0].amount),
            "refund_status": "REFUND_SUCCESS", "trade_no": f"20{question['out_trade_no']}",
            "gmt_refund_pay": f"{wire.beijing(found[0].at):%Y-%m-%d %H:%M:%S}",
        }  # fmt: skip

    def _bill_address(self, question: dict[str, Any]) -> dict[str, Any]:
        if date.fromisoformat(question["bill_date"]) >= wire.beijing().date() and self.mode == "well":
            return FAILED | {"sub_code": "isp.bill_not_exist", "sub_msg": "账单未生成"}
        return {"code": "10000", "bill_download_url": f"{self.base}/bill?day={question['bill_date']}"}

    def _bill(self, on: date) -> Reply:
        data = bill(self.book, on, self.mode)
        return Reply(200, "application/zip", data[: len(data) // 2] if self.mode == "bill_broken" else data)

    def _json(self, name: str, said: dict[str, Any], *, signed: bool = True) -> Reply:
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        sign = self._sign_text(text) if signed else ""
        if self.mode == "answer_tampered":
            text = text.replace('"msg":"Success"', '"msg":"success"')
        body = f'{{"{name}":{text}' + (f',"sign":"{sign}"}}' if signed else "}")
        return Reply(200, "application/json;charset=utf-8", body.encode())

    def _sign(self, fields: Mapping[str, str]) -> str:
        return self._sign_text("&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name]))

    def _sign_text(self, text: str) -> str:
        return base64.b64encode(self._ours.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()

    def _proven(self, fields: Mapping[str, str], signature: str) -> bool:
        text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name])
        try:
            self._merchant.verify(base64.b64decode(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


def bill(book: Book, on: date, mode: str) -> bytes:
    """The bill of a day as Alipay makes it: a ZIP with details and sums, in GBK, names of files in GBK too."""
    movements: list[tuple[Trade, Returned | None]] = []
    for trade in book.trades():
        if trade.state == PAID and wire.beijing(trade.paid_at).date() == on:
            movements.append((trade, None))
        movements += [(trade, each) for each in trade.refunds if wire.beijing(each.at).date() == on]
    lines, sums = [], {True: [0, 0], False: [0, 0]}
    for place, (trade, refund) in enumerate(movements):
        if mode == "bill_gap" and place == 0:
            continue
        amount = -refund.amount if refund else trade.amount
        if mode == "bill_differs" and place == 0:
            amount -= 1
        fee = abs(amount) * FEE_PERMILLE // 1000
        at = f"{wire.beijing(refund.at if refund else trade.paid_at):%Y-%m-%d %H:%M:%S}"
        told, kept = _signed(amount), _signed(fee if refund else -fee)
        lines.append(
            f"20{trade.order_no}\t,{trade.order_no}\t,{'退款' if refund else '交易'}\t,{trade.subject},{at},{at},"
            f"\t,\t,\t,\t,*三(139****01),{told},{told},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,"
            f"{refund.refund_no if refund else ''}\t,{kept},0.00,"
        )
        sums[refund is None][0] += 1
        sums[refund is None][1] += amount
    paid, back = sums[True], sums[False]
    details = "\r\n".join([
        "#支付宝业务明细查询", "#账号：[20880000000000000156]", f"#起始日期：[{on:%Y年%m月%d日} 00:00:00]",
        "#-----------------------------------------业务明细列表----------------------------------------", HEADER,
        *lines,
        "#-----------------------------------------业务明细列表结束------------------------------------",
        f"#交易合计：{paid[0]}笔，商家实收共{_signed(paid[1])}元，商家优惠共0.00元",
        f"#退款合计：{back[0]}笔，商家实收退款共{_signed(back[1])}元，商家优惠退款共0.00元",
        f"#导出时间：[{wire.beijing():%Y年%m月%d日 %H:%M:%S}]", "",
    ])  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"2088_{on:%Y%m%d}_sums.csv", "#支付宝业务汇总查询\r\n".encode("gb18030"))
        archive.writestr(f"2088_{on:%Y%m%d}_details.csv", details.encode("gb18030"))
    return packed.getvalue()


def _signed(amount: int) -> str:
    return ("-" if amount < 0 else "") + wire.yuan(abs(amount))


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """The public half of a key, as it is handed to the other side."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
