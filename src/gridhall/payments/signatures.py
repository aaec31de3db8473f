"""Signatures of partners' requests and of our answers: HMAC-SHA256, HMAC-SM3 (GB/T 32905), RSA-SHA256 (PKCS #1 v1.5).

SM2 (GB/T 32918) is not offered: the crypto library of the house has its hash SM3, not the signature, and none that has
it is kept well enough to be trusted with money (decision 20; docs/reference/dependencies.md names those looked at).
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hmac import HMAC

HMAC_SHA256, HMAC_SM3, RSA_SHA256 = "HMAC-SHA256", "HMAC-SM3", "RSA-SHA256"
ALGORITHMS = (HMAC_SHA256, HMAC_SM3, RSA_SHA256)


@dataclass(frozen=True)
class Key:
    """A partner's key, opened. `secret`: the shared secret, or our private key (PEM) for RSA; `public_key`: theirs."""

    key_id: str
    algorithm: str
    secret: bytes = field(repr=False)
    public_key: str = ""


def request_text(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the signature of a request covers: six lines, joined by line feeds, without one at the end. `path` with its
    query string, as sent; `timestamp` and `nonce` as in their headers; the last line is SHA-256 of the body in hex."""
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join(("GRIDHALL-1", method.upper(), path, timestamp, nonce, digest)).encode()


def answer_text(status: int, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the signature of an answer covers; `nonce` is that of the request, so that no answer fits another."""
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join(("GRIDHALL-1", "ANSWER", str(status), timestamp, nonce, digest)).encode()


def sign(key: Key, text: bytes) -> bytes:
    """Our signature under a partner's key."""
    if key.algorithm == RSA_SHA256:
        return _private(key.secret).sign(text, padding.PKCS1v15(), hashes.SHA256())
    return mac(key, text)


def verify(key: Key, text: bytes, signature: bytes) -> bool:
    """Whether the partner who holds the key has signed the text."""
    if key.algorithm == RSA_SHA256:
        try:
            _public(key.public_key).verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True
    return hmac.compare_digest(mac(key, text), signature)


def mac(key: Key, text: bytes) -> bytes:
    """The 32 bytes of the key's HMAC."""
    if key.algorithm == HMAC_SM3:
        made = HMAC(key.secret, hashes.SM3())
        made.update(text)
        return made.finalize()
    return hmac.digest(key.secret, text, hashlib.sha256)


@lru_cache(maxsize=256)
def _private(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@lru_cache(maxsize=256)
def _public(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    return key
