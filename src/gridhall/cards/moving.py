"""Cards move by ranges of serials: all of a range or none, and only as the table of moves allows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from gridhall.cards import models, states
from gridhall.cards.making import forget_file
from gridhall.cards.ordering import first_serial, held_order
from gridhall.cards.refusals import refusal
from gridhall.kernel import audit
from gridhall.kernel.access import Actor

RANGE_MOST = 10**6

# The cards of a range that stand where the move begins are locked in the order of serials; any other stops it.
HOLD_SQL = """
SELECT serial, state FROM card WHERE serial BETWEEN %s AND %s ORDER BY serial FOR UPDATE
"""
MOVE_SQL = """
UPDATE card SET state = %s, frozen_from = CASE WHEN %s THEN state ELSE 0 END, agent_id = coalesce(%s, agent_id)
WHERE serial BETWEEN %s AND %s
"""
THAW_SQL = """
UPDATE card SET state = frozen_from, frozen_from = 0 WHERE serial BETWEEN %s AND %s
"""
COUNT_SQL = """
SELECT order_id, state, count(*) FROM card WHERE order_id = ANY(%s) GROUP BY order_id, state
"""


@dataclass(frozen=True)
class Range:
    """Cards from one serial to another, both included (without check digits)."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def receive_cards(actor: Actor, order_id: int) -> int:
    """The printed cards of an order have come and were counted: they go into stock, and the print file goes. How many.
    Refuses: not_allowed, unknown_card_order, wrong_card_order_state."""
    actor.require("cards.stock")
    with transaction.atomic():
        found = held_order(order_id, models.RELEASED)
        first = first_serial(order_id)
        count = _move(actor, "receive", Range(first, first + found.count - 1), "", None)
        found.state = models.RECEIVED
        found.save()
    forget_file(order_id)
    return count


def move_cards(actor: Actor, move: str, cards: Range, reason: str = "", agent_id: int | None = None) -> int:
    """Move a range of cards as `states.MOVES` allows, or thaw it: how many. Every card of the range is there and stands
    where the move begins, or nothing is moved.

    Refuses: not_allowed, unknown_card_move, bad_card_range, card_moves_refused (with the first card at fault),
    reason_missing (freeze and void).
    """
    actor.require("cards.stock")
    if move not in {"hand_out", "take_back", "freeze", "void", "thaw"}:
        raise refusal("unknown_card_move", field="move", value=move)
    if not 0 < cards.first <= cards.last or cards.count > RANGE_MOST:
        raise refusal("bad_card_range", field="last", value=cards.last)
    if move in ("freeze", "void") and len(reason.strip()) < 3:
        raise refusal("reason_missing", field="reason")
    with transaction.atomic():
        return _move(actor, move, cards, reason, agent_id)


def _move(actor: Actor, move: str, cards: Range, reason: str, agent_id: int | None) -> int:
    begins, to = states.MOVES.get(move, (frozenset({states.FROZEN}), 0))
    with connection.cursor() as cursor:
        cursor.execute(HOLD_SQL, [cards.first, cards.last])
        found = cursor.fetchall()
        wrong = next((serial for serial, state in found if state not in begins), None)
        if wrong is None and len(found) != cards.count:
            there = {serial for serial, _ in found}
            wrong = next(serial for serial in range(cards.first, cards.last + 1) if serial not in there)
        if wrong is not None:
            raise refusal("card_moves_refused", field="serial", value=f"{wrong:012d}")
        if move == "thaw":
            cursor.execute(THAW_SQL, [cards.first, cards.last])
        else:
            cursor.execute(MOVE_SQL, [to, move == "freeze", agent_id, cards.first, cards.last])
    audit.record(
        actor, f"cards.{move}", f"cards:{cards.first:012d}", after={"last": f"{cards.last:012d}", "count": cards.count},
        reason=reason,
    )  # fmt: skip
    return cards.count


def counts(order_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """How many cards of each order stand in each state."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, [list(order_ids)])
        found: dict[int, dict[int, int]] = {}
        for order_id, state, count in cursor.fetchall():
            found.setdefault(order_id, {})[state] = count
    return found
