"""Where the security module keeps vending keys: one file, sealed under a passphrase, and only opened in its memory."""

import base64
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gridhall.adapters.sts.keys import VENDING_KEY_BYTES

NONCE_BYTES, SALT_BYTES = 12, 16
SCRYPT_COST = 1 << 17  # some tenths of a second and 128 MiB, once at each start
CONTEXT = b"gridhall token module 1"


class VaultError(Exception):
    """The vault cannot be opened, or what is put into it is no key."""


class Vault:
    """The keys by name. Nothing of them is ever written in the clear, logged, or told."""

    def __init__(self, path: Path, passphrase: str) -> None:
        if len(passphrase) < 12:
            raise VaultError("a passphrase has 12 characters at least")
        self._path, self._passphrase = path, passphrase.encode()
        self._keys: dict[str, bytes] = {}
        if path.exists():
            self._open()

    def __repr__(self) -> str:
        return f"Vault({len(self._keys)} keys)"

    def names(self) -> list[str]:
        return sorted(self._keys)

    def key(self, name: str) -> bytes:
        """Raises VaultError where there is none of that name."""
        if name not in self._keys:
            raise VaultError(f"there is no vending key {name}")
        return self._keys[name]

    def put(self, name: str, components: list[bytes]) -> None:
        """Enter a vending key from its components, which different persons hold: the key is their exclusive or."""
        if name in self._keys:
            raise VaultError(f"vending key {name} is there already: a key that meters have is never replaced")
        if not name.isidentifier() or len(name) > 40:
            raise VaultError("a name has letters, digits and _ alone, 40 at most")
        if len(components) < 2 or any(len(each) != VENDING_KEY_BYTES for each in components):
            raise VaultError(f"a key comes in two components at least, of {VENDING_KEY_BYTES} bytes each")
        key = bytes(VENDING_KEY_BYTES)
        for each in components:
            key = bytes(a ^ b for a, b in zip(key, each, strict=True))
        if len(set(key)) < 4:
            raise VaultError("the components make no key: are they the same one twice?")
        self._keys[name] = key
        self._seal()

    def _open(self) -> None:
        data = self._path.read_bytes()
        salt, nonce, sealed = (
            data[:SALT_BYTES],
            data[SALT_BYTES : SALT_BYTES + NONCE_BYTES],
            data[SALT_BYTES + NONCE_BYTES :],
        )
        try:
            opened = AESGCM(self._sealing_key(salt)).decrypt(nonce, sealed, CONTEXT)
        except InvalidTag as error:
            raise VaultError("the passphrase does not open the vault, or the vault has been changed") from error
        self._keys = {name: base64.b64decode(text) for name, text in json.loads(opened).items()}

    def _seal(self) -> None:
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
        opened = json.dumps({name: base64.b64encode(key).decode() for name, key in self._keys.items()}).encode()
        data = salt + nonce + AESGCM(self._sealing_key(salt)).encrypt(nonce, opened, CONTEXT)
        new = self._path.with_suffix(".new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        new.replace(self._path)

    def _sealing_key(self, salt: bytes) -> bytes:
        return Scrypt(salt=salt, length=32, n=SCRYPT_COST, r=8, p=1).derive(self._passphrase)
