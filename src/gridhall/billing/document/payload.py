"""The document as JSON for the templates: every text cleaned so that it can be set, none of it evaluated."""

from __future__ import annotations

import json
import re
from dataclasses import is_dataclass
from datetime import date

import segno

from gridhall.billing.document.data import BillDocument, DocumentError, Receipt

# Longer texts than these are cut with an ellipsis: a page is finite, and a text from outside is not.
TEXT_LENGTH_MAX = 140
LENGTH_MAX = {"explanation": 480, "late_terms": 320, "name": 90, "clause": 90, "period": 40, "period_days": 60}
QR_PAYLOAD_LENGTH_MAX = 300
# Modules of white around the code. The card adds the rest of the four that readers ask for.
QR_BORDER = 2

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]+")
LONG_RUN = 25
_LONG_RUNS = re.compile(rf"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]{{{LONG_RUN},}}")
_DARK = re.compile(rb"\x01+")


def printable(text: str, limit: int = TEXT_LENGTH_MAX) -> str:
    """`text` on one line without control characters, at most `limit` characters, breakable everywhere it is long.

    Direction marks and joiners go too: they would let a name change how the text beside it reads.
    """
    if len(text) < LONG_RUN and len(text) <= limit and text.isprintable():
        return text
    plain = " ".join(_INVISIBLE.sub(" ", text).split())
    if len(plain) > limit:
        plain = plain[: limit - 1] + "…"
    # A run without a gap would stand out of its column; a zero-width space every 12 characters lets it wrap.
    return _LONG_RUNS.sub(lambda run: "\u200b".join(_pieces(run.group(), 12)), plain)


def _pieces(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(0, len(text), length)]


def qr_svg(payload: str, mask: int | None = None) -> str:
    """A QR code (error correction M) for `payload` as SVG text. Raises DocumentError when it is too long.

    `mask` 0–7 fixes the pattern laid over the code; None tries all eight for the evenest, and takes five times as long.
    """
    if len(payload) > QR_PAYLOAD_LENGTH_MAX:
        raise DocumentError(f"QR payload of {len(payload)} characters; at most {QR_PAYLOAD_LENGTH_MAX} can be scanned.")
    code = segno.make(payload, error="m", micro=False, boost_error=False, mask=mask)
    side = len(code.matrix) + 2 * QR_BORDER
    dark = "".join(
        f"M{run.start() + QR_BORDER} {y + QR_BORDER}.5h{len(run.group())}"
        for y, row in enumerate(code.matrix)
        for run in _DARK.finditer(row)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path stroke="#000" d="{dark}"/></svg>'


def _plain(value: object, name: str = "") -> object:
    if isinstance(value, str):
        return printable(value, LENGTH_MAX.get(name, TEXT_LENGTH_MAX))
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(entry, name) for entry in value]
    if is_dataclass(value):
        return {name: _plain(entry, name) for name, entry in vars(value).items()}
    raise DocumentError(f"Field {name}: a {type(value).__name__} cannot stand on a document.")


def bill_payload(bill: BillDocument, qr_mask: int | None = None) -> dict[str, object]:
    """One bill as plain JSON values, its QR code drawn; `payment.url` itself stays out of the cleaning."""
    shown = _plain(bill)
    assert isinstance(shown, dict)
    shown["payment"]["qr"] = qr_svg(bill.payment.url, qr_mask) if bill.payment.url else ""
    shown["payment"]["url"] = bill.payment.url
    return shown


def receipt_payload(receipt: Receipt) -> dict[str, object]:
    """One receipt as plain JSON values, with its QR code when it can be verified on line."""
    shown = _plain(receipt)
    assert isinstance(shown, dict)
    shown["qr"] = qr_svg(receipt.check_url) if receipt.check_url else ""
    return shown


def as_inputs(family: str, dated: date, content: dict[str, object]) -> dict[str, str]:
    """What a template reads as sys.inputs: one JSON text under `data`, with the font family and the day of the file."""
    day = {"year": dated.year, "month": dated.month, "day": dated.day}
    return {"data": json.dumps({"font": family, "dated": day, **content}, ensure_ascii=False)}
