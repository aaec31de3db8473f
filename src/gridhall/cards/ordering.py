"""Kinds of cards, printers, and orders of cards: asked by one person, approved by another, within a budget."""

from dataclasses import dataclass
from datetime import datetime

import pyrage
from django.db import IntegrityError, transaction

from gridhall.cards import models
from gridhall.cards.pins import IN_ORDER_MOST
from gridhall.cards.refusals import refusal
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor

FACE_MOST = 10**8  # minor units


@dataclass(frozen=True)
class OrderView:
    """An order of cards. Amounts in minor units; `cost`: of making all of them; `first`: the first serial."""

    id: int
    type_code: str
    face: int
    printer: str
    count: int
    card_cost: int
    budget: int
    state: str
    file_digest: str
    asked_by: str
    asked_at: datetime
    approved_by: str
    made_by: str
    released_by: str

    @property
    def cost(self) -> int:
        return self.count * self.card_cost

    @property
    def first(self) -> int:
        return first_serial(self.id)


def first_serial(order_id: int) -> int:
    return order_id * IN_ORDER_MOST


def add_card_type(
    actor: Actor, code: str, name_en: str, name_zh: str, face: int, valid_days: int, *, printed: bool = True
) -> int:
    """Enter a kind of card: its id. `face` in minor units. Refuses: not_allowed, bad_card_type (field)."""
    actor.require("cards.order")
    if not (1 <= len(code) <= 12 and code.isascii() and code.isalnum()):
        raise refusal("bad_card_type", field="code", value=code[:20])
    if not name_en.strip() or not name_zh.strip():
        raise refusal("bad_card_type", field="name_zh" if name_en.strip() else "name_en")
    if not 0 < face <= FACE_MOST:
        raise refusal("bad_card_type", field="face", value=face)
    if not 0 < valid_days <= 36_600:
        raise refusal("bad_card_type", field="valid_days", value=valid_days)
    try:
        with transaction.atomic():
            made = models.CardType.objects.create(
                code=code, name_en=name_en.strip()[:80], name_zh=name_zh.strip()[:80], face=face, valid_days=valid_days,
                printed=printed,
            )  # fmt: skip
            audit.record(actor, "cards.add_type", f"card type:{code}", after={"face": face, "valid_days": valid_days})
    except IntegrityError as error:
        raise refusal("bad_card_type", field="code", value=code) from error
    return int(made.pk)


def add_printer(actor: Actor, code: str, name: str, recipient: str) -> int:
    """Enter a printer and the age public key (`age1…`) to which its files are encrypted: its id. Refuses: not_allowed,
    bad_printer (field)."""
    actor.require("cards.order")
    if not (1 <= len(code) <= 24 and code.isascii() and code.isalnum()) or not name.strip():
        raise refusal("bad_printer", field="name" if code.isalnum() else "code")
    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        raise refusal("bad_printer", field="recipient") from error
    try:
        with transaction.atomic():
            made = models.Printer.objects.create(code=code, name=name.strip()[:80], recipient=recipient)
            audit.record(actor, "cards.add_printer", f"printer:{code}", after={"recipient": recipient})
    except IntegrityError as error:
        raise refusal("bad_printer", field="code", value=code) from error
    return int(made.pk)


def order_cards(actor: Actor, type_code: str, count: int, card_cost: int, budget: int, printer_code: str = "") -> int:
    """Ask for cards to be made: the order's number. `card_cost`: of one; `budget`: for all; minor units. Printed kinds
    need a printer. Refuses: not_allowed, unknown_card_type, card_type_withdrawn, unknown_printer, bad_card_count,
    over_card_budget."""
    actor.require("cards.order")
    kind = models.CardType.objects.filter(code=type_code).first()
    if kind is None:
        raise refusal("unknown_card_type", field="type", value=type_code)
    if kind.withdrawn_on is not None and kind.withdrawn_on <= clock.today():
        raise refusal("card_type_withdrawn", field="type", value=type_code)
    printer = models.Printer.objects.filter(code=printer_code).first() if printer_code else None
    if (printer is None) == kind.printed:
        raise refusal("unknown_printer", field="printer", value=printer_code)
    if not 0 < count <= IN_ORDER_MOST:
        raise refusal("bad_card_count", field="count", value=count)
    if card_cost < 0 or count * card_cost > budget or budget > 10**15:
        raise refusal("over_card_budget", field="card_cost", value=card_cost)
    with transaction.atomic():
        made = models.CardOrder.objects.create(
            type=kind, printer=printer, count=count, card_cost=card_cost, budget=budget, asked_by=actor.name,
            asked_at=clock.now(),
        )  # fmt: skip
        audit.record(
            actor, "cards.order", f"card order:{made.pk}",
            after={"type": type_code, "count": count, "cost": count * card_cost, "budget": budget},
        )  # fmt: skip
    return int(made.pk)


def approve_order(actor: Actor, order_id: int) -> None:
    """Let an order be carried out. Refuses: not_allowed, unknown_card_order, wrong_card_order_state,
    second_person_needed."""
    actor.require("cards.approve")
    with transaction.atomic():
        found = held_order(order_id, models.DRAFT)
        if found.asked_by == actor.name:
            raise refusal("second_person_needed", field="order", value=order_id)
        found.state, found.approved_by, found.approved_at = models.APPROVED, actor.name, clock.now()
        found.save()
        audit.record(actor, "cards.approve_order", f"card order:{order_id}")


def cancel_order(actor: Actor, order_id: int, reason: str) -> None:
    """Drop an order that has made no cards yet. Refuses: not_allowed, unknown_card_order, wrong_card_order_state,
    reason_missing."""
    actor.require("cards.order")
    if len(reason.strip()) < 3:
        raise refusal("reason_missing", field="reason")
    with transaction.atomic():
        found = held_order(order_id, models.DRAFT, models.APPROVED)
        found.state = models.CANCELLED
        found.save()
        audit.record(actor, "cards.cancel_order", f"card order:{order_id}", reason=reason)


def held_order(order_id: int, *states: str) -> models.CardOrder:
    """The order, locked, if it stands in one of the states. Refuses: unknown_card_order, wrong_card_order_state."""
    found = models.CardOrder.objects.select_for_update().filter(pk=order_id).first()
    if found is None:
        raise refusal("unknown_card_order", field="order", value=order_id)
    if found.state not in states:
        raise refusal("wrong_card_order_state", field="order", value=found.state)
    return found


def orders(limit: int = 200) -> list[OrderView]:
    """The newest orders."""
    return [_view(each) for each in models.CardOrder.objects.select_related("type", "printer").order_by("-pk")[:limit]]


def order(order_id: int) -> OrderView:
    """Refuses: unknown_card_order."""
    found = models.CardOrder.objects.select_related("type", "printer").filter(pk=order_id).first()
    if found is None:
        raise refusal("unknown_card_order", field="order", value=order_id)
    return _view(found)


def _view(each: models.CardOrder) -> OrderView:
    return OrderView(
        each.pk, each.type.code, each.type.face, each.printer.code if each.printer else "", each.count, each.card_cost,
        each.budget, each.state, each.file_digest, each.asked_by, each.asked_at, each.approved_by, each.made_by,
        each.released_by,
    )  # fmt: skip
