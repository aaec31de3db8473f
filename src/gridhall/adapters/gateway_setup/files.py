"""How a gateway is set up: a folder `GRIDHALL_HOME/gateways/<name>` with `gateway.yaml` and its keys, a file each.

Keys are read when they are needed and never logged: what shows a `SetUp` does not show them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gridhall.adapters.gateway_setup.refusing import refused
from gridhall.kernel.home import home

PRIVATE, PUBLIC, SECRET = "private", "public", "secret"
RSA_BITS_LEAST = 2048


@dataclass(frozen=True)
class Needs:
    """What a gateway needs: names of values that must be there, values with what stands when they are not, and files
    of keys with their kind (private: RSA; public: RSA; secret: one line of text)."""

    name: str
    required: Sequence[str]
    optional: Mapping[str, str]
    keys: Mapping[str, str]


@dataclass(frozen=True)
class SetUp:
    """A gateway's set-up, whole. `keys` by file name: PEM, or the secret itself."""

    values: Mapping[str, str]
    keys: Mapping[str, str] = field(repr=False)


def folder(name: str) -> Path:
    return home() / "gateways" / name


def read(needs: Needs) -> SetUp:
    """The set-up of a gateway. Refuses gateway_not_set_up with the first thing that is missing."""
    told = lacking(needs)
    if told:
        raise refused("gateway_not_set_up", field=needs.name, value=told[0])
    keys = {file: _key(folder(needs.name) / file, kind) for file, kind in needs.keys.items()}
    return SetUp({**needs.optional, **_values(needs)}, keys)


def lacking(needs: Needs) -> list[str]:
    """What is missing or wrong in a gateway's set-up, a sentence each that names the file."""
    place = folder(needs.name)
    told = []
    try:
        values = _values(needs)
    except (OSError, ValueError, yaml.YAMLError):
        values = {}
        told.append(f"{place / 'gateway.yaml'} is missing or is no list of names and values")
    told += [f"{place / 'gateway.yaml'} has no {name}" for name in needs.required if not values.get(name)]
    unknown = sorted(set(values) - set(needs.required) - set(needs.optional))
    told += [f"{place / 'gateway.yaml'} has {name}, which is not known" for name in unknown]
    for file, kind in needs.keys.items():
        path = place / file
        try:
            _key(path, kind)
        except OSError:
            told.append(f"{path} is missing")
            continue
        except (ValueError, TypeError):
            wanted = "line of text" if kind == SECRET else f"{kind} RSA key of 2048 bits or more"
            told.append(f"{path} is not a {wanted}")
        if kind != PUBLIC and path.stat().st_mode & 0o077:
            told.append(f"{path} can be read by others than its owner (chmod 600)")
    return told


def _values(needs: Needs) -> dict[str, str]:
    data = yaml.safe_load((folder(needs.name) / "gateway.yaml").read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("no list of names and values")
    return {str(name): str(value).strip() for name, value in data.items()}


def _key(path: Path, kind: str) -> str:
    """The key as PEM, also where the file has Base64 alone, as the consoles of the gateways hand them out."""
    text = path.read_text(encoding="utf-8").strip()
    if kind == SECRET:
        if not text or "\n" in text:
            raise ValueError("not one line")
        return text
    if not text.startswith("-----BEGIN"):
        label = "PRIVATE KEY" if kind == PRIVATE else "PUBLIC KEY"
        text = f"-----BEGIN {label}-----\n{text}\n-----END {label}-----\n"
    if kind == PRIVATE:
        private = serialization.load_pem_private_key(text.encode(), None)
        if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < RSA_BITS_LEAST:
            raise ValueError("no RSA key")
        return private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    public = serialization.load_pem_public_key(text.encode())
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < RSA_BITS_LEAST:
        raise ValueError("no RSA key")
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip
