"""Suspense in the books (2999): money at the bank or in transit whose owner is not known, and its clearing.

The supplier's own movements: they stand on account 0. Money without an owner is a debt of ours (credit); money that
the books have and the bank has not is a claim (debit).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gridhall.columns.arrays import Days, Int2, Int4, Int8
from gridhall.kernel import clock
from gridhall.ledger import accounts
from gridhall.ledger.entries import Cursor
from gridhall.ledger.models import SUSPENDED, SUSPENSE_CLEARED

# A negative amount is the same movement the other way round.
MOVE_SQL = """
INSERT INTO movement (account_id, period, kind, source, n, unit_id, debit, credit, amount, value_on, posted_at)
SELECT 0, extract(year FROM on_day)::int * 100 + extract(month FROM on_day)::int, %s, source, n, unit_id,
    CASE WHEN amount > 0 THEN debit ELSE credit END, CASE WHEN amount > 0 THEN credit ELSE debit END,
    abs(amount), on_day, %s
FROM unnest(%s, %s, %s, %s, %s, %s, %s) AS m (source, n, unit_id, debit, credit, amount, on_day)
WHERE amount <> 0
"""


@dataclass(frozen=True)
class SuspenseMove:
    """One movement into or out of suspense. `source`: the item or the act; `n` tells its movements apart; `amount` has
    the sign of the item; `against`: the other account of the books."""

    source: int
    unit_id: int
    amount: int
    on: date
    against: int = accounts.BANK
    n: int = 1


def post_suspended(cursor: Cursor, moves: Sequence[SuspenseMove]) -> None:
    """Book money into suspense: debit the other account, credit 2999."""
    against = [each.against for each in moves]
    _post(cursor, SUSPENDED, moves, against, [accounts.SUSPENSE] * len(moves))


def post_suspense_cleared(cursor: Cursor, moves: Sequence[SuspenseMove]) -> None:
    """Book money out of suspense: debit 2999, credit the other account."""
    against = [each.against for each in moves]
    _post(cursor, SUSPENSE_CLEARED, moves, [accounts.SUSPENSE] * len(moves), against)


def _post(cursor: Cursor, kind: int, moves: Sequence[SuspenseMove], debit: list[int], credit: list[int]) -> None:
    if not moves:
        return
    cursor.execute(MOVE_SQL, [
        kind, clock.now(), Int8([each.source for each in moves]), Int2([each.n for each in moves]),
        Int4([each.unit_id for each in moves]), Int2(debit), Int2(credit), Int8([each.amount for each in moves]),
        Days([each.on.toordinal() for each in moves]),
    ])  # fmt: skip
