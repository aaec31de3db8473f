"""An order of cards that came into stock, an agent who has them, and what the printer knows: for the tests of cards."""

import pyrage

from gridhall.cards import making
from gridhall.cards import public as cards
from gridhall.kernel.access import Actor
from tests.payments.town import make_accounts

PERMISSIONS = frozenset(
    {"cards.order", "cards.approve", "cards.stock", "cards.agents", "cards.sell", "cards.unlock", "payments.take"}
)
ANN, BEN, CY = (
    Actor("staff", name, "office", id=n, everywhere=True, permissions=PERMISSIONS)
    for n, name in enumerate(("ann", "ben", "cy"), 1)
)
NOBODY = Actor("staff", "dee", "office", id=4, everywhere=True)
PRINTER = pyrage.x25519.Identity.generate()
FACE = 5_000

Printed = list[tuple[str, str]]  # serial and PIN of each card, as they are printed


def in_stock(count: int, valid_days: int = 1_095) -> tuple[int, Printed]:
    """An order's number and its cards, in stock."""
    cards.add_card_type(ANN, "C50", "Card of 50", "五十元卡", FACE, valid_days)
    cards.add_printer(ANN, "PRESS", "Press", str(PRINTER.to_public()))
    number = cards.order_cards(ANN, "C50", count, 12, 1_000_000, "PRESS")
    cards.approve_order(BEN, number)
    cards.make_cards(ANN, number)
    opened = pyrage.decrypt(cards.release_file(BEN, number).read_bytes(), [PRINTER]).decode().split()
    cards.receive_cards(CY, number)
    return number, [(line.split(";")[0], line.split(";")[1]) for line in opened]


def an_agent(number: int, count: int, limit: int = 10**9, commission_ppm: int = 20_000) -> int:
    """An agent of unit 1 who has the first cards of an order: his id."""
    agent = cards.add_agent(ANN, "KIOSK", "Kiosk at the gate", 1, commission_ppm, limit)
    first = cards.first_serial(number)
    cards.move_cards(BEN, "hand_out", cards.Range(first, first + count - 1), agent_id=agent)
    return agent


def on_sale(count: int, accounts: int = 3, valid_days: int = 1_095) -> Printed:
    """Cards that were sold by an agent, and accounts 1… to use them for."""
    make_accounts(accounts)
    number, printed = in_stock(count, valid_days)
    agent = an_agent(number, count)
    first = cards.first_serial(number)
    cards.sell_cards(BEN, agent, cards.Range(first, first + count - 1), "sale 1")
    return printed


def take_files_away() -> None:
    for path in making.print_file(0).parent.glob("*"):
        path.unlink()
