"""Redeeming a card: one act behind every door. The card's value pays what the account owes, the rest is its credit.

Card, payment and books change in one transaction, so that whoever is killed in between leaves a good card or a paid
account, never half of each. Asked again with the same numbers, the answer is the first one. A wrong PIN, a card that
never was, one that is not sold or has run out are all answered alike.
"""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction

from gridhall.cards import models, states
from gridhall.cards.guard import Try, count_wrong, refuse_guessing
from gridhall.cards.making import PURPOSE
from gridhall.cards.pins import PIN_DIGITS, SERIAL_DIGITS, digest, without_check
from gridhall.cards.refusals import refusal
from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor, system
from gridhall.kernel.refusal import Refusal
from gridhall.kernel.sealing import unseal
from gridhall.payments import public as payments

CARD_SQL = """
SELECT c.state, c.key_no, c.digest_high, c.digest_low, c.expires_on, t.face
FROM card AS c JOIN cards_cardorder AS o ON o.id = c.order_id JOIN cards_cardtype AS t ON t.id = o.type_id
WHERE c.serial = %s FOR UPDATE OF c
"""
USED_SQL = "UPDATE card SET state = %s WHERE serial = %s"
USE_SQL = "INSERT INTO card_use (serial, account_id, payment_no, used_at) VALUES (%s, %s, %s, %s)"
USED_BY_SQL = "SELECT account_id, payment_no FROM card_use WHERE serial = %s"
NO_KEY = bytes(32)  # a card that is not there is compared all the same, so that its answer takes as long


@dataclass(frozen=True)
class Asked:
    """What somebody sends: the printed numbers as he wrote them, and how the door knows him. `session_id`: the till
    session of a clerk, 0 elsewhere."""

    serial: str
    pin: str
    account_number: str
    caller: str
    door: int
    session_id: int = 0

    def __repr__(self) -> str:  # the PIN stays out of every log
        return f"Asked({self.serial!r}, account_number={self.account_number!r}, door={self.door})"


@dataclass(frozen=True)
class Redeemed:
    """What the card did: the receipt of the payment, and until when nothing more is to be done."""

    serial: str
    face: int
    receipt: payments.Receipt


def redeem(actor: Actor, asked: Asked) -> Redeemed:
    """Pay an account with a card.

    Refuses: card_mistyped (a check digit does not fit; not counted), unknown_account, card_wait (too many wrong PINs;
    `value`: until when), card_refused, and what `payments.receive` refuses (period_closed …).
    """
    serial = without_check(asked.serial, SERIAL_DIGITS)
    pin = without_check(asked.pin, PIN_DIGITS)
    if serial is None or pin is None:
        raise refusal("card_mistyped", field="serial" if serial is None else "pin")
    tried = Try(asked.caller, asked.account_number, serial)
    waits = refuse_guessing([tried])
    if waits:
        raise refusal("card_wait", field="pin", value=waits[0].astimezone(clock.zone()).isoformat(timespec="seconds"))
    place = customers.account_place(asked.account_number) if asked.account_number.isprintable() else None
    if place is None:
        raise refusal("unknown_account", field="account", value=asked.account_number[:20])
    try:
        with transaction.atomic():
            return _redeem(actor, asked, int(serial), pin, place[0])
    except Refusal as no:
        if no.code == "card_refused":
            count_wrong(actor, [tried])
            audit.record(
                actor, "cards.wrong_pin", f"card:{serial}", after={"account": asked.account_number, "door": asked.door}
            )
        raise


def _redeem(actor: Actor, asked: Asked, serial: int, pin: str, account_id: int) -> Redeemed:
    state, face = _proven(serial, pin)
    key = f"card:{serial:012d}"
    if state == states.USED:
        with connection.cursor() as cursor:
            cursor.execute(USED_BY_SQL, [serial])
            row = cursor.fetchone()
        if row is None or row[0] != account_id:
            raise refusal("card_refused", field="pin")
        receipt = payments.receipts_of([(row[0], row[1])])[row[0], row[1]]
        return Redeemed(f"{serial:012d}", face, replace(receipt, replayed=True))
    payment = payments.PaymentIn(
        face, key, account_id, door=asked.door, method=payments.RECHARGE, session_id=asked.session_id,
        reference=f"{serial:012d}",
    )  # fmt: skip
    taker = actor if actor.may("payments.take") else system("cards", actor.name)
    (answer,) = payments.receive(taker, [payment])
    if isinstance(answer, Refusal):
        raise answer
    moment = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(USED_SQL, [states.USED, serial])
        cursor.execute(USE_SQL, [serial, account_id, answer.payment_no, moment])
    _audit(actor, asked, serial, account_id, answer, moment)
    return Redeemed(f"{serial:012d}", face, answer)


def _proven(serial: int, pin: str) -> tuple[int, int]:
    """State and face value of the card of this serial, locked, once its PIN is proven and it can still be used or has
    been. Refuses card_refused otherwise, after the same work."""
    with connection.cursor() as cursor:
        cursor.execute(CARD_SQL, [serial])
        row = cursor.fetchone()
    state, key_no, high, low, expires_on, face = row or (states.VOID, 0, 0, 0, None, 0)
    sealed = models.PinKey.objects.filter(pk=key_no).values_list("sealed", flat=True).first()
    given = digest(unseal(PURPOSE, sealed) if sealed else NO_KEY, serial, pin)
    kept = high.to_bytes(8, "big", signed=True) + low.to_bytes(8, "big", signed=True)
    is_right = hmac.compare_digest(given, kept)
    is_good = state == states.USED or (state == states.ACTIVE and expires_on is not None and clock.today() < expires_on)
    if not (row and is_right and is_good):
        raise refusal("card_refused", field="pin")
    return state, face


def _audit(
    actor: Actor, asked: Asked, serial: int, account_id: int, receipt: payments.Receipt, moment: datetime
) -> None:
    audit.record(
        actor, "cards.redeem", f"card:{serial:012d}",
        after={
            "account": account_id, "payment": receipt.payment_no, "amount": receipt.amount, "door": asked.door,
            "at": moment.isoformat(timespec="seconds"),
        },
    )  # fmt: skip
