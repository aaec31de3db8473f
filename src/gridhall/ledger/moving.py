"""Moving what a payment paid from one item of its account to another: the receivable stays, the items change.

The rows are appended under the payment's own number, so that whoever undoes it later finds what it pays now.
"""

from gridhall.columns.arrays import tell
from gridhall.kernel import clock
from gridhall.ledger.entries import Cursor, Entries, Items, LateRows, Locked, Moved, Parts, writing
from gridhall.ledger.undoing import ITEM_SQL

ItemKey = tuple[int, int, int]  # period, kind, seq

PAID_SQL = """
SELECT coalesce(sum(amount) FILTER (WHERE item_period = %s AND item_kind = %s AND item_seq = %s), 0)::bigint,
    coalesce(max(n), 0)
FROM allocation WHERE account_id = %s AND payment_no = %s
"""


def move_allocation(
    cursor: Cursor, held: Locked, payment_no: int, from_item: ItemKey, to_item: ItemKey, amount: int
) -> bool:
    """Let a payment pay `amount` of `to_item` instead of `from_item`, on the one account in `held`. False (and nothing
    done) where it did not pay as much of the one or the other has not as much open."""
    account, unit, owed, credit, open_from = held.rows()[0]
    cursor.execute(PAID_SQL, [*from_item, account, payment_no])
    row = cursor.fetchone()
    assert row is not None
    paid, last = row
    found = []
    for key in (from_item, to_item):
        cursor.execute(ITEM_SQL, [account, *key])
        item = cursor.fetchone()
        if item is None:
            return False
        found.append(list(item))
    source, target = found
    if from_item == to_item or paid < amount or target[7] < amount or source[6] - source[7] < amount:
        return False
    source[7] += amount
    target[7] -= amount
    parts = [(account, payment_no, last + 1, *from_item, -amount), (account, payment_no, last + 2, *to_item, amount)]
    after = (account, unit, owed, credit, min(open_from or source[1], source[1]))
    entries = Entries(
        Items.of(), Items.of([tuple(source), tuple(target)]), LateRows.of(), Parts.of(parts), Moved.of(),
        Locked.of([after]),
    )  # fmt: skip
    tell(cursor.connection, [writing(entries, clock.now())])
    return True
