"""API keys of partner systems: made once, shown once, kept only as a digest."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import ApiKey
from gridhall.kernel.refusal import Refusal

# 32 random bytes need no slow hash: SHA-256 of them cannot be searched.
_SECRET_BYTES = 32


def make(actor: Actor, name: str, scopes: Iterable[str], units: Iterable[int] = (), everywhere: bool = True) -> str:
    """Make a key and return it; it cannot be shown again. Scopes are permission names such as `payments.take`."""
    actor.require("staff.manage")
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        units=sorted(set(units)),
        everywhere=everywhere,
        created_at=clock.now(),
    )
    audit.record(actor, "keys.make", f"key:{prefix}", after={"name": name, "scopes": key.scopes, "units": key.units})
    return f"gh_{prefix}_{secret}"


def revoke(actor: Actor, prefix: str) -> None:
    """End a key at once. Refuses `unknown_key`."""
    actor.require("staff.manage")
    if not ApiKey.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=clock.now()):
        raise Refusal("unknown_key", f"There is no live key {prefix}.", f"没有有效的密钥 {prefix}。", field="prefix")
    audit.record(actor, "keys.revoke", f"key:{prefix}")


def actor_of(key: str, door: str = "api") -> Actor | None:
    """The partner that holds this key, or None: unknown, wrong and revoked look the same."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != "gh" or len(parts[1]) != 8:
        return None
    found = ApiKey.objects.filter(prefix=parts[1], revoked_at=None).first()
    # the digest is compared even where no key was found, so that both answers take as long
    known = found.digest if found else _digest("")
    if not hmac.compare_digest(known, _digest(parts[2])) or found is None:
        return None
    return Actor(
        "partner",
        found.name,
        door,
        id=found.pk,
        permissions=frozenset(found.scopes),
        units=frozenset(found.units),
        everywhere=found.everywhere,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
