"""Signed requests of partners and signed answers: who sends, when, once, and exactly this body."""

import base64
import binascii
import re
from datetime import datetime, timedelta
from typing import cast

from django.http import HttpRequest, HttpResponse
from ninja.security import APIKeyHeader

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

KEY, TIMESTAMP, NONCE, SIGNATURE = (
    "X-Gridhall-Key", "X-Gridhall-Timestamp", "X-Gridhall-Nonce", "X-Gridhall-Signature",
)  # fmt: skip
WINDOW = timedelta(seconds=300)  # how far the partner's clock may be from ours
_NONCE = re.compile(r"[0-9A-Za-z]{16,64}")


class SignedRequest(APIKeyHeader):
    """Four headers: the key, the moment (ISO 8601 with offset), a nonce, and the signature (Base64) over
    `GRIDHALL-1`, method, path with query, moment, nonce, SHA-256 of the body in hex, joined by line feeds."""

    param_name = KEY

    def authenticate(self, request: HttpRequest, key: str | None) -> payments.PartnerView:
        found = payments.partner_of_key(key or "")
        if found is None:
            raise _refused("bad_signature")
        partner, signing_key = found
        nonce, stamp = request.headers.get(NONCE, ""), request.headers.get(TIMESTAMP, "")
        if not _NONCE.fullmatch(nonce):
            raise _refused("bad_nonce")
        text = payments.request_text(request.method or "", request.get_full_path(), stamp, nonce, request.body)
        if not payments.verify(signing_key, text, _decoded(request.headers.get(SIGNATURE, ""))):
            raise _refused("bad_signature")
        _refuse_stale(stamp)
        payments.use_nonce(partner, nonce)
        # Only now: one nonce has one signed answer. Else who stands between sends once more what was paid, and hands
        # the partner our signed refusal of the second; and who knows but the key's id has us sign.
        request.partner_key = signing_key  # type: ignore[attr-defined]
        return partner


def _refused(code: str) -> Refusal:
    english, chinese = payments.REFUSAL_WORDS[code]
    return Refusal(code, english, chinese, field="signature")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _refuse_stale(stamp: str) -> None:
    try:
        moment = datetime.fromisoformat(stamp)
        near = moment.tzinfo is not None and abs(clock.now() - moment) <= WINDOW
    except (ValueError, OverflowError):
        near = False
    if not near:
        raise _refused("out_of_time")


def signed(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """The answer with our signature, where the request was the partner's own, in time and for the first time."""
    key = cast("payments.Key | None", getattr(request, "partner_key", None))
    if key is None:
        return answer
    stamp = clock.now().isoformat(timespec="seconds")
    nonce = request.headers.get(NONCE, "")
    nonce = nonce if _NONCE.fullmatch(nonce) else ""
    text = payments.answer_text(answer.status_code, stamp, nonce, answer.content)
    answer[TIMESTAMP], answer[NONCE] = stamp, nonce
    answer[SIGNATURE] = base64.b64encode(payments.sign(key, text)).decode()
    return answer
