"""Money that one unit takes or gives for an account of another (跨区收费): whose books hold it, and who owes whom."""

from datetime import date, datetime
from typing import Any

import numpy as np
import psycopg

from gridhall.columns.arrays import Days, Int4, Int8, Statement
from gridhall.kernel import clock
from gridhall.ledger.public import CLEARING, Moved, Settlements, taken_for_others
from gridhall.payments.admitting import DEBIT_OF_METHOD, Batch, till_units
from gridhall.payments.data import Ints, PaymentView
from gridhall.payments.models import CASH

Cursor = psycopg.Cursor[Any]

OWES_SQL = """
INSERT INTO payments_interunit (number, "on", holder_unit, owner_unit, amount)
SELECT * FROM unnest(%s::bigint[], %s::date[], %s::int[], %s::int[], %s::bigint[])
"""

HOLDER_SQL = "SELECT holder_unit FROM payments_interunit WHERE number = %s"


def taking_units(answers: list[list[Ints]], batch: Batch, rows: Ints, unit: Ints) -> Ints:
    """The unit whose books take each of the payments: the till's, or the account's own (`unit`) where there is none."""
    if not (batch.session_id > 0).any():
        return unit
    takers = till_units(answers, batch)[rows]
    return np.where(takers > 0, takers, unit)


def taken_across(
    what: Settlements, holder: Ints, unit: Ints, debit: Ints, crossing: Ints, moment: datetime
) -> tuple[Moved, Statement]:
    """What the units that took payments for others book, and the statement that notes who owes whom. `debit`: where
    the money lies; `crossing`: the places of the payments in question."""
    number, amount = what.number[crossing], what.amount[crossing]
    moved = taken_for_others(number, holder[crossing], debit[crossing], amount, what.value_on[crossing])
    on = np.full(len(crossing), moment.astimezone(clock.zone()).date().toordinal(), np.int64)
    columns = [Int8(number), Days(on), Int4(holder[crossing]), Int4(unit[crossing]), Int8(amount)]
    return moved, (OWES_SQL, columns)


def owes(number: int, on: date, holder: int, owner: int, amount: int) -> Statement:
    """The statement that notes what one unit holds for another under a number (below zero: has given for it)."""
    one = [np.array([each], np.int64) for each in (number, on.toordinal(), holder, owner, amount)]
    return OWES_SQL, [Int8(one[0]), Days(one[1]), Int4(one[2]), Int4(one[3]), Int8(one[4])]


def giving_unit(cursor: Cursor, payment: PaymentView, till_unit: int) -> int:
    """The unit out of whose books a payment goes back: cash out of the till that gives it (`till_unit`, 0: none), all
    else from the unit that took it."""
    if payment.method == CASH and till_unit:
        return till_unit
    cursor.execute(HOLDER_SQL, [payment.no])
    row = cursor.fetchone()
    return int(row[0]) if row else payment.unit_id


def source_of(payment: PaymentView, giver: int) -> int:
    """The account of the books of the customer's unit from which a payment goes back."""
    return DEBIT_OF_METHOD[payment.method] if giver == payment.unit_id else CLEARING
