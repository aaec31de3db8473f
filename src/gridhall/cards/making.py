"""Making an order's cards: PINs are drawn, their hashes stored, and the print file encrypted to the printer's own key.

The PINs themselves exist in the memory of this process alone, and in the file that only the printer opens. The file is
made once: with the cards or not at all. A second person releases it, and when the cards have come it goes from here.
"""

import hashlib
import os
import secrets
from pathlib import Path

import numpy as np
import pyrage
from django.db import connection, transaction

from gridhall.cards import models, states
from gridhall.cards.ordering import first_serial, held_order
from gridhall.cards.pins import digests, drawn, print_lines
from gridhall.cards.refusals import refusal
from gridhall.columns.copy import INT2, INT4, INT8, copy_in
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home
from gridhall.kernel.sealing import seal, unseal

PURPOSE = "card pin key"
SHAPE = {
    "serial": INT8, "order_id": INT4, "state": INT2, "frozen_from": INT2, "agent_id": INT4, "key_no": INT4,
    "digest_high": INT8, "digest_low": INT8,
}  # fmt: skip


def make_cards(actor: Actor, order_id: int) -> int:
    """Make the cards of an approved order and its print file: how many. Killed anywhere, it is as if it had not begun.
    Refuses: not_allowed, unknown_card_order, wrong_card_order_state."""
    actor.require("cards.order")
    with transaction.atomic():
        found = held_order(order_id, models.APPROVED)
        if not found.type.printed:
            raise refusal("wrong_card_order_state", field="order", value=found.state)
        assert found.printer is not None
        key_no, key = newest_key()
        serials = first_serial(order_id) + np.arange(found.count, dtype=np.int64)
        pins = drawn(found.count)
        high, low = digests(key, serials, pins)
        copy_in(
            connection.cursor(), "card", SHAPE,
            {
                "serial": serials, "order_id": order_id, "state": states.MADE, "frozen_from": 0, "agent_id": 0,
                "key_no": key_no, "digest_high": high, "digest_low": low,
            },
        )  # fmt: skip
        recipient = pyrage.x25519.Recipient.from_str(found.printer.recipient)
        sealed = pyrage.encrypt(print_lines(serials, pins), [recipient])
        _keep(print_file(order_id), sealed)
        found.state, found.made_by, found.made_at = models.MADE, actor.name, clock.now()
        found.key_no, found.file_digest = key_no, hashlib.sha256(sealed).hexdigest()
        found.save()
        audit.record(
            actor, "cards.make", f"card order:{order_id}", after={"count": found.count, "file": found.file_digest}
        )
    return int(found.count)


def release_file(actor: Actor, order_id: int) -> Path:
    """Let the print file go to the printer, once its maker and another person agree: where it lies. Asked again, it is
    the same file. Refuses: not_allowed, unknown_card_order, wrong_card_order_state, second_person_needed,
    print_file_gone."""
    actor.require("cards.approve")
    path = print_file(order_id)
    with transaction.atomic():
        found = held_order(order_id, models.MADE, models.RELEASED)
        if actor.name == found.made_by:
            raise refusal("second_person_needed", field="order", value=order_id)
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != found.file_digest:
            raise refusal("print_file_gone", field="order", value=order_id)
        if found.state == models.MADE:
            found.state, found.released_by, found.released_at = models.RELEASED, actor.name, clock.now()
            found.save()
        audit.record(actor, "cards.release_file", f"card order:{order_id}", after={"file": found.file_digest})
    return path


def print_file(order_id: int) -> Path:
    """Where the print file of an order lies, if it does."""
    folder = home() / "card_orders"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{order_id}.age"


def forget_file(order_id: int) -> None:
    """The cards have come: nobody needs the file any more."""
    print_file(order_id).unlink(missing_ok=True)


def newest_key() -> tuple[int, bytes]:
    """The key under which new PINs are hashed; the first is made when it is needed."""
    found = models.PinKey.objects.order_by("-pk").first()
    if found is None:
        secret = secrets.token_bytes(32)
        found = models.PinKey.objects.create(sealed=seal(PURPOSE, secret), made_at=clock.now())
    return int(found.pk), unseal(PURPOSE, found.sealed)


def renew_key(actor: Actor) -> int:
    """A new key for the PINs of orders to come: its number. Cards keep the key under which they were made; a key can go
    when its last card is used, expired or void. Refuses: not_allowed."""
    actor.require("cards.approve")
    with transaction.atomic():
        made = models.PinKey.objects.create(sealed=seal(PURPOSE, secrets.token_bytes(32)), made_at=clock.now())
        audit.record(actor, "cards.renew_key", f"card key:{made.pk}")
    return int(made.pk)


def _keep(path: Path, data: bytes) -> None:
    """Write the file as a whole, for our eyes alone. One that stands there is of a making that was killed."""
    new = path.with_suffix(".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)
