"""Banks and agents as partners: who they are, their contract, their keys."""

import base64
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import IntegrityError, connection, transaction

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.sealing import seal, unseal
from gridhall.payments import partner_models as models
from gridhall.payments.refusals import refusal
from gridhall.payments.signatures import ALGORITHMS, RSA_SHA256, Key

DOOR = "bank"  # how the audit and the keys of payments name the door
PURPOSE = "partner key"
KEPT_SECONDS = 5  # for how long a process may not have heard that a key was revoked or a partner suspended
PARTNERS_MOST = 65_535  # as many as a batch number can name
RSA_BITS_LEAST = 2048
NONCES_KEPT = timedelta(minutes=30)  # well beyond the window of the time stamp

NONCE_SQL = """
INSERT INTO payments_partnernonce (partner_id, nonce, at) VALUES (%s, %s, %s)
ON CONFLICT (partner_id, nonce) DO NOTHING
"""
_PERMISSIONS = frozenset({"bills.see", "payments.take", "payments.reverse"})


@dataclass(frozen=True)
class Contract:
    """What is agreed with a partner: fields as of `Partner`."""

    payment_most: int
    part_allowed: bool = False
    over_allowed: bool = False
    batch_seconds: int = 600
    day_file: str = "delimited"


@dataclass(frozen=True)
class PartnerView:
    """A partner with its live keys (without them where a list is shown)."""

    id: int
    code: str
    name_en: str
    name_zh: str
    units: frozenset[int]
    everywhere: bool
    contract: Contract
    suspended: bool
    keys: tuple[Key, ...] = ()

    @property
    def counterparty(self) -> str:
        return f"{DOOR}:{self.id}"

    def actor(self) -> Actor:
        """The partner as the one who acts."""
        return Actor(
            "partner", self.code, DOOR, id=self.id, permissions=_PERMISSIONS, units=self.units,
            everywhere=self.everywhere,
        )  # fmt: skip

    def sees_unit(self, unit_id: int) -> bool:
        return self.everywhere or unit_id in self.units


@dataclass(frozen=True)
class KeyMade:
    """A new key. `secret`: what the partner must be told once (Base64 of an HMAC's secret), empty for RSA;
    `our_public_key`: PEM with which the partner checks our answers, empty for HMAC."""

    key_id: str
    algorithm: str
    secret: str
    our_public_key: str


def add_partner(
    actor: Actor, code: str, name_en: str, name_zh: str, contract: Contract, *, units: Iterable[int] = (),
    everywhere: bool = False,
) -> PartnerView:  # fmt: skip
    """Enter a bank or an agent. Refuses: not_allowed, bad_partner (field), partner_taken, amount_not_positive."""
    actor.require("staff.manage")
    code = code.strip()
    wanted = sorted(set(units))
    if not (1 <= len(code) <= 24 and code.isascii() and code.isalnum()):
        raise refusal("bad_partner", field="code", value=code[:40])
    if not name_en.strip() or not name_zh.strip() or not (wanted or everywhere):
        raise refusal("bad_partner", field="name" if wanted or everywhere else "units")
    if contract.payment_most <= 0:
        raise refusal("amount_not_positive", field="payment_most", value=contract.payment_most)
    if not 30 <= contract.batch_seconds <= 86_400:
        raise refusal("bad_partner", field="batch_seconds", value=contract.batch_seconds)
    try:
        with transaction.atomic():
            made = models.Partner.objects.create(
                code=code, name_en=name_en.strip()[:80], name_zh=name_zh.strip()[:80], units=wanted,
                everywhere=everywhere, payment_most=contract.payment_most, part_allowed=contract.part_allowed,
                over_allowed=contract.over_allowed, batch_seconds=contract.batch_seconds, day_file=contract.day_file,
                made_at=clock.now(),
            )  # fmt: skip
            if made.pk > PARTNERS_MOST:
                raise refusal("bad_partner", field="code", value=code)
            audit.record(
                actor, "partners.add", f"partner:{code}",
                after={"units": wanted, "everywhere": everywhere, "payment_most": contract.payment_most},
            )  # fmt: skip
    except IntegrityError as error:
        raise refusal("partner_taken", field="code", value=code) from error
    _forget()
    return _view(made, ())


def suspend_partner(actor: Actor, code: str, *, suspended: bool, reason: str) -> None:
    """Take a partner out of service, or let it in again. Refuses: not_allowed, unknown_partner, reason_missing."""
    actor.require("staff.manage")
    if len(reason.strip()) < 3:
        raise refusal("reason_missing", field="reason")
    with transaction.atomic():
        changed = models.Partner.objects.filter(code=code).update(suspended_at=clock.now() if suspended else None)
        if not changed:
            raise refusal("unknown_partner", field="code", value=code)
        audit.record(actor, "partners.suspend" if suspended else "partners.resume", f"partner:{code}", reason=reason)
    _forget()


def make_partner_key(actor: Actor, code: str, algorithm: str, public_key: str = "") -> KeyMade:
    """A key for a partner: an HMAC's secret is made here and shown once; for RSA the partner gives its public key (PEM)
    and gets ours. Refuses: not_allowed, unknown_partner, bad_algorithm, bad_public_key."""
    actor.require("staff.manage")
    found = models.Partner.objects.filter(code=code).first()
    if found is None:
        raise refusal("unknown_partner", field="code", value=code)
    if algorithm not in ALGORITHMS:
        raise refusal("bad_algorithm", field="algorithm", value=algorithm)
    key_id, told, ours = f"k{secrets.token_hex(7)}", "", ""
    if algorithm == RSA_SHA256:
        _refuse_public_key(public_key)
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS_LEAST)
        secret = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        ours = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()  # fmt: skip
    else:
        secret, public_key = secrets.token_bytes(32), ""
        told = base64.b64encode(secret).decode()
    with transaction.atomic():
        models.PartnerKey.objects.create(
            partner=found, key_id=key_id, algorithm=algorithm, secret=seal(PURPOSE, secret), public_key=public_key,
            made_at=clock.now(),
        )  # fmt: skip
        audit.record(actor, "partners.key", f"partner:{code}", after={"key": key_id, "algorithm": algorithm})
    _forget()
    return KeyMade(key_id, algorithm, told, ours)


def _refuse_public_key(text: str) -> None:
    try:
        key = serialization.load_pem_public_key(text.encode())
    except (ValueError, TypeError) as error:
        raise refusal("bad_public_key", field="public_key") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < RSA_BITS_LEAST:
        raise refusal("bad_public_key", field="public_key")


def revoke_partner_key(actor: Actor, key_id: str) -> None:
    """End a key; processes hear of it within `KEPT_SECONDS`. Refuses: not_allowed, unknown_key."""
    actor.require("staff.manage")
    with transaction.atomic():
        if not models.PartnerKey.objects.filter(key_id=key_id, revoked_at=None).update(revoked_at=clock.now()):
            raise refusal("unknown_key", field="key_id", value=key_id)
        audit.record(actor, "partners.revoke_key", f"key:{key_id}")
    _forget()


def partners() -> list[PartnerView]:
    """All partners by code, without their secrets."""
    found = models.Partner.objects.prefetch_related("keys").order_by("code")
    return [_view(each, tuple(_public(key) for key in each.keys.all() if key.revoked_at is None)) for each in found]


def partner(code: str) -> PartnerView:
    """The partner of this code with its live keys, suspended or not. Refuses `unknown_partner`."""
    found = models.Partner.objects.prefetch_related("keys").filter(code=code).first()
    if found is None:
        raise refusal("unknown_partner", field="code", value=code)
    return _with_keys(found)


def partner_of(counterparty: str) -> PartnerView:
    """The partner of a counterparty (`bank:<id>`), without its keys. Refuses `unknown_partner`."""
    door, _, number = counterparty.partition(":")
    found = models.Partner.objects.filter(pk=int(number)).first() if door == DOOR and number.isdecimal() else None
    if found is None:
        raise refusal("unknown_partner", field="counterparty", value=counterparty)
    return _view(found, ())


def partner_within(actor: Actor, found: PartnerView) -> bool:
    """Whether all accounts that a partner may ask about lie within the actor's reach."""
    if actor.kind == "system" or actor.everywhere:
        return True
    return not found.everywhere and actor.units.issuperset(found.units)


def require_reach(actor: Actor, counterparty: str) -> None:
    """Refuse unknown_partner for a counterparty (`bank:<id>`) that is not within the actor's reach."""
    door, _, number = counterparty.partition(":")
    if actor.kind == "system" or actor.everywhere:
        return
    found = models.Partner.objects.filter(pk=int(number)).first() if door == DOOR and number.isdecimal() else None
    if found is None or not partner_within(actor, _view(found, ())):
        raise refusal("unknown_partner", field="counterparty", value=counterparty)


_kept: tuple[int, dict[str, PartnerView], dict[str, str]] = (0, {}, {})  # until when (ns), by code, codes by key


def partner_in_service(code: str) -> PartnerView:
    """The partner of this code with its keys, as this process knew it `KEPT_SECONDS` ago at the earliest. Refuses:
    unknown_partner, partner_suspended."""
    return in_service(_all()[1], code)


def in_service(known: Mapping[str, PartnerView], code: str) -> PartnerView:
    """The partner of this code among those known. Refuses: unknown_partner, partner_suspended."""
    found = known.get(code)
    if found is None:
        raise refusal("unknown_partner", field="partner", value=ascii(code[:40]))
    if found.suspended:
        raise refusal("partner_suspended", field="partner", value=code)
    return found


def partners_with_keys() -> list[PartnerView]:
    """All partners with their live keys, for a server that proves messages by itself."""
    return [_with_keys(each) for each in models.Partner.objects.prefetch_related("keys")]


def partner_of_key(key_id: str) -> tuple[PartnerView, Key] | None:
    """Who holds a live key, and the key; None for one that is unknown or revoked. Refuses partner_suspended."""
    _, by_code, by_key = _all()
    code = by_key.get(key_id)
    if code is None:
        return None
    found = partner_in_service(code)
    return found, next(key for key in by_code[code].keys if key.key_id == key_id)


def _all() -> tuple[int, dict[str, PartnerView], dict[str, str]]:
    global _kept
    if not _kept[1] or time.monotonic_ns() > _kept[0]:
        found = partners_with_keys()
        by_key = {key.key_id: each.code for each in found for key in each.keys}
        until = time.monotonic_ns() + KEPT_SECONDS * 10**9
        _kept = until, {each.code: each for each in found}, by_key
    return _kept


def _forget() -> None:
    global _kept
    _kept = (0, {}, {})


def _with_keys(found: models.Partner) -> PartnerView:
    live: Sequence[models.PartnerKey] = [key for key in found.keys.all() if key.revoked_at is None]
    opened = [replace(_public(key), secret=unseal(PURPOSE, key.secret)) for key in live]
    return _view(found, tuple(opened))


def _public(key: models.PartnerKey) -> Key:
    return Key(key.key_id, key.algorithm, b"", key.public_key)


def _view(found: models.Partner, keys: tuple[Key, ...]) -> PartnerView:
    contract = Contract(found.payment_most, found.part_allowed, found.over_allowed, found.batch_seconds, found.day_file)
    return PartnerView(
        found.pk, found.code, found.name_en, found.name_zh, frozenset(found.units), found.everywhere, contract,
        found.suspended_at is not None, keys,
    )  # fmt: skip


def use_nonce(partner: PartnerView, nonce: str) -> None:
    """Remember a nonce of a signed request. Refuses `replayed` where it was used before.

    The commit does not wait for the disk: should a power cut lose it, a payment is still single by its serial.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(NONCE_SQL, [partner.id, nonce, clock.now()])
        if cursor.rowcount == 0:
            raise refusal("replayed", field="nonce", value=nonce)


def forget_nonces() -> int:
    """Drop nonces whose time stamp would not be taken any more: how many."""
    return models.PartnerNonce.objects.filter(at__lt=clock.now() - NONCES_KEPT).delete()[0]
