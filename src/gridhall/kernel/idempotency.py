"""One key, one request: a key that comes back with another request is refused."""

import hashlib

from django.db import connection, transaction

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal

# The row is written before the act, in a commit of its own that does not wait for the disk: should a power cut lose it,
# only the detection of a client's mistake is lost. That an act happens once is the work of its own natural key.
_CLAIM = """
WITH claimed AS (
    INSERT INTO kernel_idempotentrequest (scope, key, request_digest, status, at)
    VALUES (%s, %s, %s, 0, %s)
    ON CONFLICT (scope, key) DO NOTHING
    RETURNING request_digest
)
SELECT request_digest FROM claimed
UNION ALL
SELECT request_digest FROM kernel_idempotentrequest WHERE scope = %s AND key = %s
LIMIT 1
"""


def claim(scope: str, key: str, request: bytes) -> None:
    """Remember that `key` (1–100 visible characters) belongs to this request; refuse `key_reused` for another one."""
    if not (1 <= len(key) <= 100 and key.isascii() and key.isprintable()):
        raise Refusal(
            "bad_idempotency_key",
            "Idempotency-Key must have 1 to 100 printable ASCII characters.",
            "Idempotency-Key 须为 1 至 100 个可打印 ASCII 字符。",
            field="Idempotency-Key",
        )
    digest = hashlib.sha256(request).hexdigest()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_CLAIM, [scope, key, digest, clock.now(), scope, key])
        row = cursor.fetchone()
        if row is None:  # the other request's commit came between the two halves of the statement
            cursor.execute(
                "SELECT request_digest FROM kernel_idempotentrequest WHERE scope = %s AND key = %s", [scope, key]
            )
            row = cursor.fetchone()
    if row is None or row[0] != digest:
        raise Refusal(
            "key_reused",
            "This Idempotency-Key was used for another request.",
            "此 Idempotency-Key 已用于另一请求。",
            field="Idempotency-Key",
        )
