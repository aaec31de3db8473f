"""Agents: what they may hold and owe; their sales, which make cards good; what they pay.

A card is worth nothing until it is sold. Sold, its value is owed to whoever holds it (2204), and the agent owes it to
the supplier less his commission.
"""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, connection, transaction

from gridhall.cards import models, states
from gridhall.cards.moving import HOLD_SQL, RANGE_MOST, Range
from gridhall.cards.refusals import refusal
from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.ledger.public import closed_refusal, guard_periods, post_agent_settled, post_cards_sold, prepare_movements
from gridhall.rules.commission import PER_WHOLE, commission_of

FACE_SQL = """
SELECT coalesce(sum(t.face), 0)::bigint FROM card AS c
JOIN cards_cardorder AS o ON o.id = c.order_id JOIN cards_cardtype AS t ON t.id = o.type_id
WHERE c.serial BETWEEN %s AND %s
"""
HELD_SQL = "SELECT count(*) FROM card WHERE serial BETWEEN %s AND %s AND agent_id = %s AND state = %s"
ACTIVATE_SQL = """
UPDATE card AS c SET state = %s, expires_on = %s::date + t.valid_days
FROM cards_cardorder AS o JOIN cards_cardtype AS t ON t.id = o.type_id
WHERE o.id = c.order_id AND c.serial BETWEEN %s AND %s
"""


@dataclass(frozen=True)
class AgentView:
    """An agent. Amounts in minor units."""

    id: int
    code: str
    name: str
    unit_id: int
    commission_ppm: int
    limit: int
    owes: int
    suspended: bool


@dataclass(frozen=True)
class Sale:
    """A sale: `face` and `commission` in minor units; `replayed`: it had come before, nothing was done again."""

    id: int
    cards: Range
    face: int
    commission: int
    replayed: bool


def add_agent(actor: Actor, code: str, name: str, unit_id: int, commission_ppm: int, limit: int) -> int:
    """Enter an agent: his id. Refuses: not_allowed, bad_agent (field)."""
    actor.require("cards.agents")
    if not (1 <= len(code) <= 24 and code.isascii() and code.isalnum()):
        raise refusal("bad_agent", field="code", value=code[:30])
    if not name.strip():
        raise refusal("bad_agent", field="name")
    if not actor.sees_unit(unit_id):
        raise refusal("bad_agent", field="unit", value=unit_id)
    if not 0 <= commission_ppm < PER_WHOLE:
        raise refusal("bad_agent", field="commission_ppm", value=commission_ppm)
    if not 0 <= limit <= 10**15:
        raise refusal("bad_agent", field="limit", value=limit)
    try:
        with transaction.atomic():
            made = models.Agent.objects.create(
                code=code, name=name.strip()[:80], unit_id=unit_id, commission_ppm=commission_ppm, limit=limit
            )
            audit.record(
                actor, "cards.add_agent", f"agent:{code}", after={"commission_ppm": commission_ppm, "limit": limit}
            )
    except IntegrityError as error:
        raise refusal("bad_agent", field="code", value=code) from error
    return int(made.pk)


def sell_cards(actor: Actor, agent_id: int, cards: Range, key: str) -> Sale:
    """An agent sells cards that he holds: they are good from now on. Sent again under the same key it is the same sale.

    Refuses: not_allowed, unknown_agent, agent_suspended, bad_card_range, card_moves_refused (a card is not with him, or
    the key was used for other cards), agent_limit, period_closed.
    """
    actor.require("cards.sell")
    if not 0 < cards.first <= cards.last or cards.count > RANGE_MOST or not 1 <= len(key) <= 64:
        raise refusal("bad_card_range", field="last", value=cards.last)
    today = clock.today()
    prepare_movements(today.year * 100 + today.month)
    with transaction.atomic():
        agent = _held(actor, agent_id, today)
        before = models.CardSale.objects.filter(agent=agent, key=key).first()
        if before is not None:
            if (before.first, before.last) != (cards.first, cards.last):
                raise refusal("card_moves_refused", field="key", value=key)
            return Sale(before.pk, cards, before.face, before.commission, True)
        if agent.suspended_at is not None:
            raise refusal("agent_suspended", field="agent", value=agent.code)
        with connection.cursor() as cursor:
            cursor.execute(HOLD_SQL, [cards.first, cards.last])
            cursor.fetchall()
            cursor.execute(HELD_SQL, [cards.first, cards.last, agent_id, states.WITH_AGENT])
            row = cursor.fetchone()
            if row is None or row[0] != cards.count:
                raise refusal("card_moves_refused", field="serial", value=f"{cards.first:012d}")
            cursor.execute(FACE_SQL, [cards.first, cards.last])
            face = int(cursor.fetchone()[0])
            commission = commission_of(face, agent.commission_ppm)
            if agent.owes + face - commission > agent.limit:
                raise refusal("agent_limit", field="agent", value=agent.code)
            sale = models.CardSale.objects.create(
                agent=agent, key=key, first=cards.first, last=cards.last, face=face, commission=commission,
                sold_at=clock.now(), sold_by=actor.name,
            )  # fmt: skip
            cursor.execute(ACTIVATE_SQL, [states.ACTIVE, today, cards.first, cards.last])
            agent.owes += face - commission
            agent.save(update_fields=["owes"])
            post_cards_sold(column_cursor(connection.connection), sale.pk, agent.unit_id, face, commission, today)
        audit.record(
            actor, "cards.sell", f"cards:{cards.first:012d}",
            after={"last": f"{cards.last:012d}", "agent": agent.code, "face": face, "commission": commission},
        )  # fmt: skip
    return Sale(sale.pk, cards, face, commission, False)


def settle_agent(actor: Actor, agent_id: int, amount: int, key: str) -> int:
    """Money of an agent came to the bank: what he owes afterwards. The same key is the same money. Refuses:
    not_allowed, unknown_agent, amount_not_positive, bad_agent (the key was used with another amount), period_closed."""
    actor.require("cards.agents")
    if not 0 < amount <= 10**15:
        raise refusal("amount_not_positive", field="amount", value=amount)
    today = clock.today()
    prepare_movements(today.year * 100 + today.month)
    with transaction.atomic():
        agent = _held(actor, agent_id, today)
        before = models.AgentSettlement.objects.filter(agent=agent, key=key).first()
        if before is not None:
            if before.amount != amount:
                raise refusal("bad_agent", field="key", value=key)
            return int(agent.owes)
        made = models.AgentSettlement.objects.create(
            agent=agent, key=key, amount=amount, on=today, entered_by=actor.name, entered_at=clock.now()
        )
        agent.owes -= amount
        agent.save(update_fields=["owes"])
        post_agent_settled(column_cursor(connection.connection), made.pk, agent.unit_id, amount, today)
        audit.record(actor, "cards.settle_agent", f"agent:{agent.code}", after={"amount": amount, "owes": agent.owes})
    return int(agent.owes)


def agents(actor: Actor) -> list[AgentView]:
    """The agents of the actor's units."""
    return [
        AgentView(a.pk, a.code, a.name, a.unit_id, a.commission_ppm, a.limit, a.owes, a.suspended_at is not None)
        for a in models.Agent.objects.order_by("code")
        if actor.sees_unit(a.unit_id)
    ]


def _held(actor: Actor, agent_id: int, today: date) -> models.Agent:
    """The agent, locked, and this month's books kept open. Refuses: unknown_agent, period_closed."""
    closed = guard_periods(connection.connection)
    found = models.Agent.objects.select_for_update().filter(pk=agent_id).first()
    if found is None or not actor.sees_unit(found.unit_id):
        raise refusal("unknown_agent", field="agent", value=agent_id)
    period = today.year * 100 + today.month
    if closed.get(found.unit_id, 0) >= period:
        raise closed_refusal(found.unit_id, period)
    return found
