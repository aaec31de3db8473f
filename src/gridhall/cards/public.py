"""What other rooms and doors may use of recharge cards."""

from gridhall.cards.guard import ACCOUNT, CALLER, SERIAL, unlock
from gridhall.cards.lapsing import expire_cards
from gridhall.cards.making import make_cards, print_file, release_file, renew_key
from gridhall.cards.moving import Range, counts, move_cards, receive_cards
from gridhall.cards.ordering import (
    OrderView,
    add_card_type,
    add_printer,
    approve_order,
    cancel_order,
    first_serial,
    order,
    order_cards,
    orders,
)
from gridhall.cards.pins import PIN_DIGITS, SERIAL_DIGITS, with_check, without_check
from gridhall.cards.redeeming import Asked, Redeemed, redeem
from gridhall.cards.selling import AgentView, Sale, add_agent, agents, sell_cards, settle_agent
from gridhall.cards.states import ACTIVE, EXPIRED, FROZEN, MADE, NAMES, STOCKED, USED, VOID, WITH_AGENT

__all__ = [
    "ACCOUNT", "ACTIVE", "CALLER", "EXPIRED", "FROZEN", "MADE", "NAMES", "PIN_DIGITS", "SERIAL", "SERIAL_DIGITS",
    "STOCKED", "USED", "VOID", "WITH_AGENT", "AgentView", "Asked", "OrderView", "Range", "Redeemed", "Sale",
    "add_agent", "add_card_type", "add_printer", "agents", "approve_order", "cancel_order", "counts", "expire_cards",
    "first_serial", "make_cards", "move_cards", "order", "order_cards", "orders", "print_file", "receive_cards",
    "redeem", "release_file", "renew_key", "sell_cards", "settle_agent", "unlock", "with_check", "without_check",
]  # fmt: skip
