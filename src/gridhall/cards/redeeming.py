"""Redeeming a card: one act behind every door. The card's value pays what the account owes, the rest is its credit.

Card, payment and books change in one transaction, so that whoever is killed in between leaves a good card or a paid
account, never half of each. Asked again with the same numbers, the answer is the first one. A wrong PIN, a card that
never was, one that is not sold or has run out are all answered alike.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

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
from gridhall.ledger.public import guard_periods
from gridhall.payments import public as payments

CARDS_SQL = """
SELECT c.serial, c.state, c.key_no, c.digest_high, c.digest_low, c.expires_on, t.face, u.account_id, u.payment_no
FROM card AS c JOIN cards_cardorder AS o ON o.id = c.order_id JOIN cards_cardtype AS t ON t.id = o.type_id
LEFT JOIN card_use AS u ON u.serial = c.serial
WHERE c.serial = ANY(%s) ORDER BY c.serial FOR UPDATE OF c
"""
USED_SQL = "UPDATE card SET state = %s WHERE serial = ANY(%s)"
USE_SQL = """
INSERT INTO card_use (serial, account_id, payment_no, used_at)
SELECT *, %s FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
"""
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


@dataclass(frozen=True)
class _Request:
    actor: Actor
    asked: Asked


@dataclass(frozen=True)
class _Card:
    """A card as it lies, locked."""

    state: int
    key_no: int
    digest: bytes
    expires_on: date | None
    face: int
    used_by: int
    payment_no: int


@dataclass(frozen=True)
class _Try:
    """One that may be tried: its place in the batch, and what it names, read."""

    at: int
    serial: int
    pin: str
    account_id: int
    guess: Try


def redeem(actor: Actor, asked: Asked) -> Redeemed:
    """Pay an account with a card; callers at the same time share a transaction and a commit. Not inside a transaction.

    Refuses: card_mistyped (a check digit does not fit; not counted), unknown_account, card_wait (too many wrong PINs;
    `value`: until when), card_refused, and what `payments.receive` refuses (period_closed …).
    """
    answer = _gate.pass_one(_Request(actor, asked))
    if isinstance(answer, Refusal):
        raise answer
    return answer


def redeem_for(requests: Sequence[_Request]) -> list[Redeemed | Refusal]:
    """`redeem` for many at once: an answer each. The wrong ones are counted before the right ones are booked, so that
    whoever sends many at once gains no try by it."""
    answers: dict[int, Redeemed | Refusal] = {}
    tries = _readable(requests, answers)
    with transaction.atomic():
        guard_periods(connection.connection)  # the order of locks, as a sale has it: periods, cards, accounts
        cards = _held([each.serial for each in tries])
        keys = _keys({card.key_no for card in cards.values()})
        good = [each for each in tries if _is_right(each, cards.get(each.serial), keys)]
        right = {each.at for each in good}
        for each in tries:
            if each.at not in right:
                answers[each.at] = refusal("card_refused", field="pin")
        _book(requests, good, cards, answers)
    wrong = [each for each in tries if isinstance(no := answers[each.at], Refusal) and no.code == "card_refused"]
    if wrong:
        _count(requests, wrong)
    return [answers[at] for at in range(len(requests))]


def _readable(requests: Sequence[_Request], answers: dict[int, Redeemed | Refusal]) -> list[_Try]:
    """Those whose numbers can be read, whose account there is, and who need not wait. Of one place at which guesses are
    counted, no more go on at once than it has free tries left: the others are told to come again."""
    numbers = [
        (without_check(each.asked.serial, SERIAL_DIGITS), without_check(each.asked.pin, PIN_DIGITS))
        for each in requests
    ]
    named = {each.asked.account_number for each in requests if each.asked.account_number.isprintable()}
    accounts = customers.account_ids(named)
    found = []
    for at, (each, (serial, pin)) in enumerate(zip(requests, numbers, strict=True)):
        account = accounts.get(each.asked.account_number)
        if serial is None or pin is None:
            answers[at] = refusal("card_mistyped", field="serial" if serial is None else "pin")
        elif account is None:
            answers[at] = refusal("unknown_account", field="account", value=each.asked.account_number[:20])
        else:
            guess = Try(each.asked.caller, each.asked.account_number, serial)
            found.append(_Try(at, int(serial), pin, account, guess))
    waits = refuse_guessing([each.guess for each in found])
    for place, until in waits.items():
        answers[found[place].at] = _wait(until)
    return [each for place, each in enumerate(found) if place not in waits]


def _wait(until: datetime) -> Refusal:
    return refusal("card_wait", field="pin", value=until.astimezone(clock.zone()).isoformat(timespec="seconds"))


def _held(serials: Sequence[int]) -> dict[int, _Card]:
    with connection.cursor() as cursor:
        cursor.execute(CARDS_SQL, [sorted(set(serials))])
        return {
            serial: _Card(state, key_no, _bytes(high) + _bytes(low), expires_on, face, used_by or 0, payment_no or 0)
            for serial, state, key_no, high, low, expires_on, face, used_by, payment_no in cursor.fetchall()
        }


def _bytes(half: int) -> bytes:
    return half.to_bytes(8, "big", signed=True)


def _keys(numbers: set[int]) -> dict[int, bytes]:
    sealed = models.PinKey.objects.filter(pk__in=numbers - set(_opened)).values_list("pk", "sealed")
    _opened.update({number: unseal(PURPOSE, text) for number, text in sealed})
    return _opened


_opened: dict[int, bytes] = {}  # keys that were opened in this process: they never change


def _is_right(each: _Try, card: _Card | None, keys: dict[int, bytes]) -> bool:
    """Whether the PIN is the card's and the card can still be used, or has been used for this account. The work is the
    same whatever is wrong."""
    given = digest(keys[card.key_no] if card else NO_KEY, each.serial, each.pin)
    is_right = hmac.compare_digest(given, card.digest if card else NO_KEY[:16])
    if card is None or not is_right:
        return False
    if card.state == states.USED:
        return card.used_by == each.account_id
    return card.state == states.ACTIVE and card.expires_on is not None and clock.today() < card.expires_on


def _book(
    requests: Sequence[_Request], good: Sequence[_Try], cards: dict[int, _Card], answers: dict[int, Redeemed | Refusal]
) -> None:
    """Book what is right: a card once, for the first of the batch that brought it."""
    first: dict[int, _Try] = {}
    again = []
    for each in good:
        if cards[each.serial].state == states.USED:
            again.append((each, each.account_id, cards[each.serial].payment_no))
        elif each.serial not in first:
            first[each.serial] = each
        elif first[each.serial].account_id != each.account_id:
            answers[each.at] = refusal("card_refused", field="pin")
    fresh = list(first.values())
    asked = [_payment(requests[each.at], each, cards[each.serial].face) for each in fresh]
    booked: dict[int, payments.Receipt | Refusal] = {}
    for each, answer in zip(fresh, payments.receive_for(asked), strict=True):
        booked[each.serial] = answer
    used = [each for each in fresh if isinstance(booked[each.serial], payments.Receipt)]
    _use_up(used, booked)
    _audit(requests, used, booked)
    for each in good:
        if each.at not in answers and each.serial in booked:
            answer, face = booked[each.serial], cards[each.serial].face
            is_again = first[each.serial].at != each.at
            answers[each.at] = answer if isinstance(answer, Refusal) else _redeemed(each, face, answer, is_again)
    before = payments.receipts_of([(account, number) for _, account, number in again])
    for each, account, number in again:
        answers[each.at] = _redeemed(each, cards[each.serial].face, before[account, number], True)


def _redeemed(each: _Try, face: int, receipt: payments.Receipt, is_again: bool) -> Redeemed:
    return Redeemed(f"{each.serial:012d}", face, replace(receipt, replayed=True) if is_again else receipt)


def _payment(request: _Request, each: _Try, face: int) -> payments.Request:
    actor = request.actor if request.actor.may("payments.take") else system("cards", request.actor.name)
    payment = payments.PaymentIn(
        face, f"card:{each.serial:012d}", each.account_id, door=request.asked.door, method=payments.RECHARGE,
        session_id=request.asked.session_id, reference=f"{each.serial:012d}",
    )  # fmt: skip
    return payments.Request(actor, payment)


def _use_up(used: Sequence[_Try], booked: dict[int, "payments.Receipt | Refusal"]) -> None:
    if not used:
        return
    serials, accounts = [each.serial for each in used], [each.account_id for each in used]
    numbers = [receipt.payment_no for each in used if isinstance(receipt := booked[each.serial], payments.Receipt)]
    with connection.cursor() as cursor:
        cursor.execute(USED_SQL, [states.USED, serials])
        cursor.execute(USE_SQL, [clock.now(), serials, accounts, numbers])


def _audit(requests: Sequence[_Request], used: Sequence[_Try], booked: dict[int, "payments.Receipt | Refusal"]) -> None:
    by_actor: dict[Actor, list[tuple[str, None, dict[str, object], str]]] = {}
    for each in used:
        receipt = booked[each.serial]
        assert isinstance(receipt, payments.Receipt)
        request = requests[each.at]
        after: dict[str, object] = {
            "account": each.account_id, "payment": receipt.payment_no, "amount": receipt.amount,
            "door": request.asked.door,
        }  # fmt: skip
        by_actor.setdefault(request.actor, []).append((f"card:{each.serial:012d}", None, after, ""))
    for actor, entries in by_actor.items():
        audit.record_many(actor, "cards.redeem", entries)


def _count(requests: Sequence[_Request], wrong: Sequence[_Try]) -> None:
    """Count wrong PINs and keep a trace of each, without the PIN, once the cards are let go."""
    with transaction.atomic():
        count_wrong(requests[wrong[0].at].actor, [each.guess for each in wrong])
        for each in wrong:
            after = {"account": each.guess.account_number, "door": requests[each.at].asked.door}
            audit.record(requests[each.at].actor, "cards.wrong_pin", f"card:{each.serial:012d}", after=after)


_gate: "payments.Gate[_Request, Redeemed]" = payments.Gate(redeem_for)
