"""Secrets at rest: sealed with a key that is drawn from the secret key of the settings, one for each purpose."""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from gridhall.kernel.refusal import Refusal


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose, always the same while the secret key is."""
    return _derived(settings.SECRET_KEY, purpose)


@cache
def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"gridhall " + purpose.encode()).derive(secret.encode())


def seal(purpose: str, secret: bytes) -> str:
    """The secret as text that can be kept in a table; only `unseal` with the same purpose opens it."""
    return _cipher(purpose).encrypt(secret).decode()


def unseal(purpose: str, sealed: str) -> bytes:
    """The secret again. Refuses `not_unsealed` where it was sealed under another secret key or altered."""
    try:
        return _cipher(purpose).decrypt(sealed.encode())
    except InvalidToken as error:
        raise Refusal(
            "not_unsealed",
            "A stored secret cannot be opened: was the secret key of the settings changed?",
            "无法解开已存的密钥：系统密钥是否已更换？",
        ) from error


def _cipher(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived_key(purpose)))
