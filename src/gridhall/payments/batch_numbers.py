"""The batch number (资金批次号) that a query is answered with and a payment must name: 40 characters, kept nowhere.

It carries the account, the partner, the second of the query and what was owed then, under a MAC of ours; so a query
writes nothing, and a number that we have not given out is recognised.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from gridhall.kernel.sealing import derived_key

OWED_MOST = (1 << 40) - 1  # minor units that fit the number
_MAC_BYTES = 8
_LENGTH = 40


@dataclass(frozen=True)
class Batch:
    """What a batch number says: at `asked_at` the account owed `owed` minor units."""

    account_id: int
    partner_id: int
    asked_at: datetime
    owed: int


def give(batch: Batch, account_number: str) -> str:
    """The number of a batch; good for the account of this number only."""
    plain = (
        batch.account_id.to_bytes(6, "big") + struct.pack(">HI", batch.partner_id, int(batch.asked_at.timestamp()))
        + min(batch.owed, OWED_MOST).to_bytes(5, "big")
    )  # fmt: skip
    return base64.b32encode(plain + _mac(plain, account_number)).decode()


def read(number: str, account_number: str) -> Batch | None:
    """What a batch number says, or None where we have not given it out for this account."""
    if len(number) != _LENGTH:
        return None
    try:
        whole = base64.b32decode(number)
    except (binascii.Error, ValueError):
        return None
    plain, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(plain, account_number)):
        return None
    partner_id, second = struct.unpack(">HI", plain[6:12])
    asked_at = datetime.fromtimestamp(second, UTC)
    return Batch(int.from_bytes(plain[:6], "big"), partner_id, asked_at, int.from_bytes(plain[12:], "big"))


def _mac(plain: bytes, account_number: str) -> bytes:
    key = derived_key("batch numbers")
    return hmac.digest(key, plain + account_number.encode("utf-8", "replace"), hashlib.sha256)[:_MAC_BYTES]
