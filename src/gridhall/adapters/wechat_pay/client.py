"""The client library `wechatpayv3` with our HTTP under it, in public-key mode.

The library proves no answer that says an error, and calls out for certificates when a serial is not known to it: here
every answer is proven, and a serial that is not the one set up is refused.
"""

import json
import time
from collections.abc import Mapping
from typing import Any, cast

from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization

from gridhall.adapters.gateway_setup import files, wire
from gridhall.adapters.gateway_setup.refusing import refused

NEEDS = files.Needs(
    "wechat",
    required=("mchid", "appid", "merchant_serial", "public_key_id"),
    optional={"address": "https://api.mch.weixin.qq.com"},
    keys={
        "merchant_private_key.pem": files.PRIVATE,
        "wechatpay_public_key.pem": files.PUBLIC,
        "apiv3_key.txt": files.SECRET,
    },
)
AGE_MOST_S = 300  # WeChat signs a call-back anew each time that it calls
KIND = "WECHATPAY2-SHA256-RSA2048"
TIMESTAMP, NONCE, SIGNATURE, SERIAL, TYPE = (
    f"Wechatpay-{name}" for name in ("Timestamp", "Nonce", "Signature", "Serial", "Signature-Type")
)


class _Core(Core):  # type: ignore[misc]  # the library has no types
    def request(
        self, path: str, method: Any = RequestType.GET, data: Any = None, skip_verify: bool = False, **more: Any
    ) -> tuple[int, str | bytes]:
        """One question. Refuses gateway_unreachable, tampered."""
        if more.get("sign_data") or more.get("files"):
            raise ValueError("files are not sent")
        body = json.dumps(data) if data else ""
        authorization = build_authorization(
            path, method.value, self._mchid, self._cert_serial_no, self._private_key, data=body
        )
        headers = {
            "accept": "application/json", "content-type": "application/json", "authorization": authorization,
            "wechatpay-serial": self._public_key_id, "user-agent": "gridhall",
        }  # fmt: skip
        answer = wire.ask(method.value, self._gate_way + path, headers=headers, body=body.encode())
        if skip_verify:
            return answer.status_code, answer.content
        proven(self, dict(answer.headers), answer.content)
        return answer.status_code, answer.text


def client() -> tuple[WeChatPay, files.SetUp]:
    """The client as it is set up, and the set-up. Refuses gateway_not_set_up."""
    set_up = files.read(NEEDS)
    values, keys = set_up.values, set_up.keys
    made = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE, mchid=values["mchid"], appid=values["appid"],
        private_key=keys["merchant_private_key.pem"], cert_serial_no=values["merchant_serial"],
        apiv3_key=keys["apiv3_key.txt"], public_key=keys["wechatpay_public_key.pem"],
        public_key_id=values["public_key_id"],
    )  # fmt: skip
    core = _Core(
        mchid=values["mchid"], cert_serial_no=values["merchant_serial"], private_key=keys["merchant_private_key.pem"],
        apiv3_key=keys["apiv3_key.txt"], public_key=keys["wechatpay_public_key.pem"],
        public_key_id=values["public_key_id"],
    )  # fmt: skip
    core._gate_way = values["address"].rstrip("/")
    made._core = core
    return made, set_up


def titled(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers under the names that the library looks for, however they were written."""
    return {name.title(): value for name, value in headers.items()}


def proven(core: Core, headers: Mapping[str, str], body: bytes) -> str:
    """The nonce under which WeChat signed a body just now. Refuses tampered, stale."""
    named = titled(headers)
    timestamp, nonce = named.get(TIMESTAMP, ""), named.get(NONCE, "")
    if named.get(TYPE, KIND) != KIND or named.get(SERIAL) != core._public_key_id or not nonce:
        raise refused("tampered", field="serial", value=ascii(named.get(SERIAL, "")[:60]))
    try:
        good = core._verify_signature({**named, TYPE: KIND}, body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, TypeError) as error:
        raise refused("tampered") from error
    if not good:
        raise refused("tampered")
    if not (timestamp.isascii() and timestamp.isdecimal()) or abs(time.time() - int(timestamp)) > AGE_MOST_S:
        raise refused("stale", field="timestamp", value=ascii(timestamp[:20]))
    return nonce


def opened(made: WeChatPay, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """What a call-back that is proven already holds, decrypted (AEAD_AES_256_GCM). Refuses bad_message, tampered."""
    try:
        said = made.callback({**titled(headers), TYPE: KIND}, body)
    except Exception as error:  # the library raises bare exceptions for another cipher, and others for none
        raise refused("bad_message") from error
    if not isinstance(said, dict) or not isinstance(said.get("resource"), dict):
        raise refused("tampered", field="resource")
    return cast(dict[str, Any], said["resource"])
