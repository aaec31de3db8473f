"""What is charged without a bill: a fee, and late charge that is written down before anything is paid."""

from datetime import date

import numpy as np

from gridhall.ledger import accounts
from gridhall.ledger.entries import Cursor, Entries, Items, LateRows, Locked, Moved, Parts, posting_period
from gridhall.ledger.models import ADJUSTMENT, ITEM_OTHER, SOURCE_OF_SEQ
from gridhall.ledger.settling import Settlements, settle
from gridhall.ledger.undoing import next_other_seq


def charge_fee(cursor: Cursor, held: Locked, amount: int, on: date, due: date) -> tuple[Entries, tuple[int, int, int]]:
    """A fee on the one account in `held`: an open item of its own, and its key (period, kind, seq). `prepare` the
    period of `on` before the transaction."""
    account, unit, owed, credit, open_from = held.rows()[0]
    day, period, due_day = on.toordinal(), posting_period(on.toordinal()), due.toordinal()
    seq = next_other_seq(cursor, account, period)
    item = (account, period, ITEM_OTHER, seq, unit, 0, amount, amount, day, due_day, due_day, 0, 0, 0)
    moved = (
        account, period, ADJUSTMENT, period * SOURCE_OF_SEQ + seq, 1, unit, accounts.RECEIVABLE, accounts.FEES, amount,
        day,
    )  # fmt: skip
    after = (account, unit, owed + amount, credit, min(open_from or period, period))
    entries = Entries(Items.of([item]), Items.of(), LateRows.of(), Parts.of(), Moved.of([moved]), Locked.of([after]))
    return entries, (period, ITEM_OTHER, seq)


def accrue_late(held: Locked, items: Items, number: int, on: date) -> Entries:
    """Late charge of the one account in `held` up to a day, as if something were paid on it. Pure."""

    def one(value: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.array([value], np.int64)

    account = int(held.account_id[0])
    nothing = Settlements(one(number), one(account), one(0), one(on.toordinal()), one(accounts.CLEARING))
    return settle(held, items, nothing, ADJUSTMENT).entries
