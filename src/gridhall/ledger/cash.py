"""Cash of the tills in the books: what a count found over or short, and what was brought to the bank.

The supplier's own movements: they stand on account 0. The float of a drawer is an imprest that stays in it and is not
in these books: 1001 is what was taken in and not yet banked.
"""

from collections.abc import Iterable
from datetime import date

from gridhall.kernel import clock
from gridhall.ledger import accounts
from gridhall.ledger.entries import Cursor
from gridhall.ledger.models import ADJUSTMENT, CASH_BANKED, TRANSIT_SETTLED

CASH_SQL = """
INSERT INTO movement (account_id, period, kind, source, n, unit_id, debit, credit, amount, value_on, posted_at)
VALUES (0, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def post_till_difference(cursor: Cursor, session_id: int, unit_id: int, difference: int, on: date) -> None:
    """Book what a count found over (positive) or short (negative) in a till; no account but the supplier's own (0)."""
    _post(cursor, ADJUSTMENT, session_id, 1, unit_id, accounts.CASH, accounts.CASH_DIFFERENCE, difference, on)


def post_cash_banked(
    cursor: Cursor, banking_id: int, by_unit: Iterable[tuple[int, int]], unit_id: int, difference: int, on: date
) -> None:
    """Book cash that went from the tills to the bank.

    `by_unit`: what of it each unit's books hold as cash (minor units; negative where more was given back there than
    taken); `difference`: what the bank counted over or short, for the unit of the tills.
    """
    n = 0
    for n, (unit, amount) in enumerate(by_unit, 1):
        _post(cursor, CASH_BANKED, banking_id, n, unit, accounts.BANK, accounts.CASH, amount, on)
    _post(cursor, CASH_BANKED, banking_id, n + 1, unit_id, accounts.BANK, accounts.CASH_DIFFERENCE, difference, on)


def post_transit_settled(
    cursor: Cursor, reconciliation_id: int, by_unit: Iterable[tuple[int, int]], on: date,
    fees: Iterable[tuple[int, int]] = (),
) -> None:  # fmt: skip
    """Book that money in transit of a reconciled day has come to the bank: `by_unit` as minor units of each unit;
    `fees` of it stayed with a gateway and are bank charges."""
    moved = [(unit, accounts.BANK, accounts.IN_TRANSIT, amount) for unit, amount in by_unit]
    moved += [(unit, accounts.BANK_CHARGES, accounts.BANK, fee) for unit, fee in fees]
    for n, (unit, debit, credit, amount) in enumerate(moved, 1):
        _post(cursor, TRANSIT_SETTLED, reconciliation_id, n, unit, debit, credit, amount, on)


def _post(
    cursor: Cursor, kind: int, source: int, n: int, unit_id: int, debit: int, credit: int, amount: int, on: date
) -> None:
    """One movement; the other way round for a negative amount, none for 0."""
    if amount < 0:
        debit, credit = credit, debit
    if amount:
        period = on.year * 100 + on.month
        cursor.execute(CASH_SQL, [period, kind, source, n, unit_id, debit, credit, abs(amount), on, clock.now()])
