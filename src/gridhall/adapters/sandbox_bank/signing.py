"""Messages between Gridhall and the sandbox bank: JSON, signed with Ed25519; each side knows the other's public key.

The signature covers `timestamp\\nnonce\\nbody`, so neither can be exchanged without breaking it.
"""

import base64
import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gridhall.kernel.home import home

BANK, MERCHANT = "bank", "merchant"
TIMESTAMP, NONCE, SIGNATURE = "x-sandbox-timestamp", "x-sandbox-nonce", "x-sandbox-signature"


def private_key(who: str) -> Ed25519PrivateKey:
    """The key of `bank` or `merchant`, made at first use under the home folder, readable by its owner alone.

    On one machine both live side by side; a real bank would keep its own and send us the public half.
    """
    path = folder() / f"{who}.pem"
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        new = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(text)
        with contextlib.suppress(FileExistsError):  # another process was first; then its key is ours
            os.link(new, path)
        new.unlink()
    loaded = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(loaded, Ed25519PrivateKey):
        raise ValueError(f"{path} is not an Ed25519 key")
    return loaded


def public_key(who: str) -> Ed25519PublicKey:
    return private_key(who).public_key()


def folder() -> Path:
    path = home() / "sandbox_bank"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def signed_headers(who: str, body: bytes, seconds: int) -> dict[str, str]:
    """The headers that sign a body at a moment (seconds since 1970)."""
    timestamp, nonce = str(seconds), secrets.token_hex(16)
    signature = private_key(who).sign(_covered(timestamp, nonce, body))
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: base64.b64encode(signature).decode()}


def proven(who: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """The moment (seconds since 1970) at which `who` signed the body; None where the signature is not theirs."""
    lower = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce = lower.get(TIMESTAMP, ""), lower.get(NONCE, "")
    try:
        signature = base64.b64decode(lower.get(SIGNATURE, ""), validate=True)
        public_key(who).verify(signature, _covered(timestamp, nonce, body))
        return int(timestamp)
    except (InvalidSignature, ValueError):
        return None


def _covered(timestamp: str, nonce: str, body: bytes) -> bytes:
    return f"{timestamp}\n{nonce}\n".encode() + body
