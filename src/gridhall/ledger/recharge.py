"""Recharge cards in the books: sold they are owed to who holds them (2204), used they pay, lapsed they are income."""

from datetime import date

from gridhall.ledger import accounts
from gridhall.ledger.cash import _post
from gridhall.ledger.entries import Cursor
from gridhall.ledger.models import AGENT_SETTLED, CARDS_LAPSED, CARDS_SOLD


def post_cards_sold(cursor: Cursor, sale_id: int, unit_id: int, face: int, commission: int, on: date) -> None:
    """Book that an agent sold cards of `face`, of which `commission` is his own (minor units)."""
    _post(cursor, CARDS_SOLD, sale_id, 1, unit_id, accounts.AGENTS, accounts.CARDS_UNUSED, face - commission, on)
    _post(cursor, CARDS_SOLD, sale_id, 2, unit_id, accounts.COMMISSION, accounts.CARDS_UNUSED, commission, on)


def post_agent_settled(cursor: Cursor, settlement_id: int, unit_id: int, amount: int, on: date) -> None:
    """Book that an agent paid what he owed (negative: what he had paid too much went back)."""
    _post(cursor, AGENT_SETTLED, settlement_id, 1, unit_id, accounts.BANK, accounts.AGENTS, amount, on)


def post_cards_lapsed(cursor: Cursor, lapse_id: int, unit_id: int, face: int, on: date) -> None:
    """Book that cards ran out unused."""
    _post(cursor, CARDS_LAPSED, lapse_id, 1, unit_id, accounts.CARDS_UNUSED, accounts.CARDS_LAPSED, face, on)
