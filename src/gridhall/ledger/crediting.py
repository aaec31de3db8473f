"""Credit of customers that leaves an account or comes to it otherwise than by paying: refunds and transfers."""

from datetime import date

import numpy as np

from gridhall.ledger import accounts
from gridhall.ledger.entries import Entries, Ints, Items, LateRows, Locked, Moved, Parts, posting_period


def credit_changed(
    held: Locked, changes: dict[int, int], number: int, kind: int, against: int, on: date
) -> Entries:  # fmt: skip
    """What changes the credit of held accounts: account → minor units, negative where credit leaves it to `against`.

    The caller has seen to it that the credit is there (the database would refuse it in the end).
    """
    after = held.take(np.arange(len(held.account_id)))
    day, rows = on.toordinal(), []
    for account, change in sorted(changes.items()):
        at = int(np.searchsorted(held.account_id, account))
        after.credit[at] += change
        debit, credit = (against, accounts.CREDIT) if change > 0 else (accounts.CREDIT, against)
        unit = int(held.unit_id[at])
        rows.append((account, posting_period(day), kind, number, 1, unit, debit, credit, abs(change), day))
    return Entries(Items.of(), Items.of(), LateRows.of(), Parts.of(), Moved.of(rows), after)


def only(held: Locked, account_id: int) -> Locked:
    """The row of one account among those held."""
    place: Ints = np.flatnonzero(held.account_id == account_id)
    return held.take(place)
