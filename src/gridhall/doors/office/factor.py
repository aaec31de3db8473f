"""The second factor: one-time codes of an authenticator app (TOTP), recovery codes, and a lock against guessing."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import segno
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction

from gridhall.doors.office.models import SecondFactor

STEP_SECONDS = 30
DIGITS = 6
TRIES_MOST = 6
LOCKED_FOR = timedelta(minutes=15)
RECOVERY_CODES = 8


def required(role_code: str) -> bool:
    """Whether staff of this role must have a second factor (setting `OFFICE_SECOND_FACTOR_ROLES`)."""
    return role_code in settings.OFFICE_SECOND_FACTOR_ROLES


def enrolled(user_id: int) -> bool:
    return SecondFactor.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()


def enrolled_among(user_ids: list[int]) -> list[int]:
    """Which of these members of staff have a second factor in force."""
    rows = SecondFactor.objects.filter(user_id__in=user_ids, confirmed_at__isnull=False)
    return list(rows.values_list("user_id", flat=True))


def begin(user_id: int) -> bytes:
    """Make a secret, or return the one not yet confirmed. A confirmed one is never shown again."""
    row = SecondFactor.objects.filter(user_id=user_id).first()
    if row is not None:
        if row.confirmed_at is not None:
            raise PermissionError("a confirmed secret is not shown")
        return _cipher().decrypt(row.secret.encode())
    secret = secrets.token_bytes(20)
    SecondFactor.objects.create(user_id=user_id, secret=_cipher().encrypt(secret).decode())
    return secret


def address(secret: bytes, name: str, issuer: str) -> str:
    """The `otpauth://` address that an authenticator app reads."""
    return _totp(secret).get_provisioning_uri(name, issuer)


def qr(text: str) -> str:
    """A QR code as SVG without style attributes, ready to stand in a page."""
    return segno.make(text, error="m").svg_inline(scale=4, omitsize=True, light="#fff", border=3)


def spelled(secret: bytes) -> str:
    """The secret for typing: base 32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def confirm(user_id: int, code: str, moment: datetime) -> list[str]:
    """Take the first code and put the factor in force. The recovery codes, shown once; empty: the code is wrong."""
    with transaction.atomic():
        if not _take(user_id, code, moment, confirmed=False):
            return []
        codes = [f"{secrets.randbelow(10**5):05d}-{secrets.randbelow(10**5):05d}" for _ in range(RECOVERY_CODES)]
        SecondFactor.objects.filter(user_id=user_id).update(
            confirmed_at=moment, recovery=[_digest(user_id, code) for code in codes]
        )
        return codes


def check(user_id: int, code: str, moment: datetime) -> bool:
    """Whether this is the code of the moment, or an unused recovery code. Six wrong ones lock for 15 minutes."""
    return _take(user_id, code, moment, confirmed=True)


def remove(user_id: int) -> None:
    SecondFactor.objects.filter(user_id=user_id).delete()


def _take(user_id: int, code: str, moment: datetime, *, confirmed: bool) -> bool:
    code = "".join(code.split())
    with transaction.atomic():
        row = SecondFactor.objects.select_for_update().filter(user_id=user_id).first()
        if row is None or (row.confirmed_at is not None) is not confirmed:
            return False
        if row.locked_until is not None and moment < row.locked_until:
            return False
        step = _matching_step(row, code, moment)
        used = _digest(user_id, code)
        if step:
            row.last_step = step
        elif used in row.recovery:
            row.recovery = [kept for kept in row.recovery if kept != used]
        else:
            row.tries += 1
            if row.tries >= TRIES_MOST:
                row.tries, row.locked_until = 0, moment + LOCKED_FOR
            row.save()
            return False
        row.tries, row.locked_until = 0, None
        row.save()
        return True


def _matching_step(row: SecondFactor, code: str, moment: datetime) -> int:
    """The 30-second step that this code belongs to: now, the one before or after, and later than any used; else 0."""
    totp = _totp(_cipher().decrypt(row.secret.encode()))
    now = int(moment.timestamp()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if step > row.last_step and hmac.compare_digest(totp.generate(step * STEP_SECONDS), code.encode()):
            return step
    return 0


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)


def _key(purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"gridhall office " + purpose).derive(settings.SECRET_KEY.encode())


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(b"second factor")))


def _digest(user_id: int, code: str) -> str:
    return hmac.new(_key(b"recovery"), f"{user_id}:{code}".encode(), hashlib.sha256).hexdigest()
