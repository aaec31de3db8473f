"""Keys of both sides, made once for all tests, and the folder that sets a gateway up."""

import json
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gridhall.kernel.home import home


@cache
def private_key(who: str) -> rsa.RSAPrivateKey:
    del who  # one key for each name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(who: str) -> str:
    return private_key(who).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()  # fmt: skip


def public_pem(who: str) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private_key(who).public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def set_up(name: str, values: dict[str, str], keys: dict[str, str]) -> Path:
    """Write `gateways/<name>` in the home of the tests."""
    folder = home() / "gateways" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gateway.yaml").write_text(json.dumps(values))  # JSON is YAML
    for file, text in keys.items():
        (folder / file).write_text(text)
        (folder / file).chmod(0o600)
    return folder
