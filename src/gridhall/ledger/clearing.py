"""Money between accounting units (3001): a unit took or gave it for an account of another unit.

The customer's side stands on the account, in the account's unit (3001 against the receivable or the credit). The other
side is the unit's that holds the money: the supplier's own movement (account 0) under the same number. So each unit's
books balance by themselves, and over all units 3001 comes to nothing, number by number.
"""

from collections.abc import Iterable
from datetime import date

import numpy as np

from gridhall.ledger import accounts
from gridhall.ledger.cash import _post
from gridhall.ledger.entries import Cursor, Ints, Moved, posting_periods
from gridhall.ledger.models import CHEQUE_CLEARED, INTER_UNIT, INTER_UNIT_SETTLED


def taken_for_others(number: Ints, holder: Ints, debit: Ints, amount: Ints, value_on: Ints) -> Moved:
    """The movements of the units that took money for accounts of other units: `debit` is where it lies there."""
    ones = np.ones(len(number), np.int64)
    return Moved(
        ones * 0, posting_periods(value_on), ones * INTER_UNIT, number, ones, holder, debit,
        ones * accounts.CLEARING, amount, value_on,
    )  # fmt: skip


def post_given_for_others(cursor: Cursor, number: int, holder: int, source: int, amount: int, on: date) -> None:
    """Book that a unit gave money (from `source`) back for an account of another unit."""
    _post(cursor, INTER_UNIT, number, 1, holder, accounts.CLEARING, source, amount, on)


def post_units_settled(cursor: Cursor, settlement_id: int, by_unit: Iterable[tuple[int, int]], on: date) -> None:
    """Book that units paid one another: `by_unit` is what each owes the others (negative: is owed), minor units."""
    for n, (unit, owes) in enumerate(by_unit, 1):
        _post(cursor, INTER_UNIT_SETTLED, settlement_id, n, unit, accounts.CLEARING, accounts.BANK, owes, on)


def post_cheque_cleared(cursor: Cursor, cheque_id: int, unit_id: int, amount: int, on: date) -> None:
    """Book that the bank has paid a cheque which lay in the books of a unit."""
    _post(cursor, CHEQUE_CLEARED, cheque_id, 1, unit_id, accounts.BANK, accounts.CHEQUES, amount, on)
