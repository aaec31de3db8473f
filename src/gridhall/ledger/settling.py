"""Settling: money over open items. Assemble (lock and read) → decide (rules over columns) → write.

Everything that pays, undoes or sets off goes through here, so the account's balance row is the one lock: whoever
writes an open item, an allocation or a balance of an account holds that row first, rows in rising order of account.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridhall.columns.arrays import Int8, Statement, ask
from gridhall.columns.settling import allocation_of, late_charge_of, order_keys
from gridhall.ledger import accounts, books, terms
from gridhall.ledger.entries import (
    Connection,
    Entries,
    Items,
    LateRows,
    Locked,
    Moved,
    Parts,
    count_within,
    posting_periods,
)
from gridhall.ledger.excusing import off_days
from gridhall.ledger.models import ITEM_BILL, ITEM_LATE, LATE_CHARGE, LATE_SEQ
from gridhall.rules.allocation import OLDEST_FIRST

Ints = npt.NDArray[np.int64]

POLICY = OLDEST_FIRST
_NEVER = np.iinfo(np.int32).max

LOCK_SQL = """
SELECT array_agg(account_id), array_agg(unit_id), array_agg(owed), array_agg(credit), array_agg(open_from)
FROM (
    SELECT account_id, unit_id, owed, credit, open_from FROM balance
    WHERE account_id = ANY(%s) ORDER BY account_id FOR UPDATE
) AS locked
"""

# No lock is needed on the items: their account's balance row is held. Partitions of paid periods are not opened.
ITEMS_SQL = """
SELECT array_agg(account_id), array_agg(period), array_agg(kind), array_agg(seq), array_agg(unit_id),
    array_agg(class_code), array_agg(amount), array_agg(open), array_agg(issued_on), array_agg(due_on),
    array_agg(late_upto), array_agg(late_charged), array_agg(late_n),
    array_agg(late_accrued)
FROM (
    SELECT open_item.* FROM open_item
    WHERE account_id = ANY(%s) AND open > 0
        AND period >= (SELECT min(open_from) FROM balance WHERE account_id = ANY(%s) AND owed > 0)
    ORDER BY account_id, period, kind, seq
) AS item
"""

# The same for many accounts: planning an array of thousands costs more than reading their stretch of the table. They
# are put in order here, which is several times cheaper than there.
MANY = 2_000
ITEMS_OF_MANY_SQL = (
    ITEMS_SQL.replace(
        "WHERE account_id = ANY(%s) AND open > 0",
        "JOIN unnest(%s) AS wanted (account_id) USING (account_id) WHERE account_id BETWEEN %s AND %s AND open > 0",
    )
    .replace("WHERE account_id = ANY(%s) AND owed > 0", "WHERE account_id BETWEEN %s AND %s AND owed > 0")
    .replace("    ORDER BY account_id, period, kind, seq\n", "")
)


@dataclass(frozen=True)
class Settlements:
    """Amounts to settle: one entry each. `number` from `payment_no`; `value_on` day numbers; `debit`: the account of
    the books where the money comes from. Several of one account are settled by value day, then in this order."""

    number: Ints
    account_id: Ints
    amount: Ints
    value_on: Ints
    debit: Ints


@dataclass(frozen=True)
class Settled:
    """What settling comes to: the entries to write; for each settlement what was `left` (credit) and what the account
    owes afterwards (`left_owed`)."""

    entries: Entries
    left: Ints
    left_owed: Ints


@dataclass(frozen=True)
class Facts:
    """What is known of some accounts, whose balance rows we hold: `held` (those that exist, sorted), the `items` that
    are open on them, the last closed period by unit, and the answers to further questions."""

    held: Locked
    items: Items
    closed: dict[int, int]
    more: list[list[Ints]]


def read_facts(raw: Connection, account_ids: Ints, before: Sequence[Statement], after: Sequence[Statement]) -> Facts:
    """Lock accounts (sorted, unique), then read all that deciding needs, in one round trip.

    `before` are asked before the accounts are locked (locks that come first in the order of locks), `after` with the
    accounts held. The posting periods are kept open till the transaction ends. Accounts that were never billed nor paid
    have no row and are not held: `opening.refuse_new` where they matter.
    """
    fixed = [books.GUARD, books.LAST_CLOSED, *before]
    mine: list[Statement] = [(LOCK_SQL, [Int8(account_ids)]), *after]
    items: Statement = (ITEMS_SQL, [Int8(account_ids), Int8(account_ids)])
    if len(account_ids) > MANY:
        bounds = (int(account_ids[0]), int(account_ids[-1]))
        items = (ITEMS_OF_MANY_SQL, [Int8(account_ids), *bounds, *bounds])
    answers = ask(raw, [*fixed, *mine, items])
    held = Locked(*answers[len(fixed)])
    closed = dict(zip(*(column.tolist() for column in answers[1]), strict=True))
    open_items = Items(*answers[-1])
    if len(account_ids) > MANY:
        order = np.lexsort((open_items.seq, open_items.kind, open_items.period, open_items.account_id))
        open_items = open_items.take(order)
    more = answers[2 : len(fixed)] + answers[len(fixed) + 1 : -1]
    return Facts(held, open_items, closed, more)


def settle(held: Locked, items: Items, what: Settlements, kind: int) -> Settled:
    """Decide: late charge up to a settlement's value day arises, then the amount is allocated by the rule.

    Pure; the columns given are not changed. `kind`: the kind of the movements (payment or set-off).
    """
    rank = _ranks(what)
    work = items.take(np.arange(len(items.open)))
    before = len(work.open)
    touched = np.zeros(before, bool)
    left, left_owed = np.zeros_like(what.amount), np.zeros_like(what.amount)
    owed = held.owed.copy()
    parts: list[Parts] = []
    late: list[LateRows] = []
    for turn in range(int(rank.max(initial=-1)) + 1):  # nearly always one: an account seldom pays twice in a batch
        of_turn = np.flatnonzero(rank == turn)
        places = of_turn[np.argsort(what.account_id[of_turn], kind="stable")]
        work, charged, bills = _charge(work, what, places)
        np.add.at(owed, np.searchsorted(held.account_id, charged.account_id), charged.amount)
        paid_items, part, rest = _allocate(work, what, places)
        at = np.searchsorted(held.account_id, what.account_id[places])
        left[places] = rest
        owed[at] -= what.amount[places] - rest
        left_owed[places] = owed[at]
        touched = np.concatenate((touched, np.ones(len(work.open) - len(touched), bool)))
        touched[paid_items] = True
        touched[bills] = True
        parts.append(part)
        late.append(charged)
    charges = LateRows.joined(late)
    entries = Entries(
        fresh=work.take(np.arange(before, len(work.open))),
        changed=work.take(np.flatnonzero(touched[:before])),
        late=charges,
        parts=Parts.joined(parts),
        moved=_movements(held, what, charges, left, kind),
        after=_balances_after(held, work, owed, what, left),
    )
    return Settled(entries, left, left_owed)


def _ranks(what: Settlements) -> Ints:
    """For each settlement how many of its account come before it."""
    order = np.lexsort((np.arange(len(what.amount)), what.value_on, what.account_id))
    rank = np.zeros(len(order), np.int64)
    rank[order] = count_within(what.account_id[order])
    return rank


def _account_places(items: Items, account_id: Ints) -> Ints:
    """For each item the place of its account in the sorted `account_id`, -1 where it is not there."""
    at = np.minimum(np.searchsorted(account_id, items.account_id), len(account_id) - 1)
    return np.where(account_id[at] == items.account_id, at, -1)


def _charge(work: Items, what: Settlements, places: Ints) -> tuple[Items, LateRows, Ints]:
    """Let late charge arise on the overdue bills of the accounts of this turn, up to each settlement's value day:
    (the items with the new charges at the end, the charges, places of the bills on which it was counted)."""
    which = _account_places(work, what.account_id[places])
    as_of = np.where(which >= 0, what.value_on[places][which], 0)
    overdue = (which >= 0) & (work.kind == ITEM_BILL) & (work.open > 0) & (work.due_on < as_of)
    # the number of charges is part of their key: after 998 of one bill no more are made, which nobody will live to see
    due = np.flatnonzero(overdue & (work.late_n < LATE_SEQ - 1))
    accrues, amount = np.zeros(len(due), np.int64), np.zeros(len(due), np.int64)
    for day in np.unique(as_of[due]).tolist():
        here = np.flatnonzero(as_of[due] == day)
        rows = due[here]
        kept = terms.rows(work.class_code[rows], work.due_on[rows])
        off = off_days(
            work.account_id[rows], work.class_code[rows], work.period[rows], work.seq[rows], work.due_on[rows],
            work.late_upto[rows], day, kept,
        )  # fmt: skip
        accrues[here], amount[here] = late_charge_of(
            work.open[rows], work.due_on[rows], work.late_upto[rows], day, kept, work.late_accrued[rows],
            work.late_charged[rows], off,
        )  # fmt: skip
    # counting goes on from here on what is left, also where the least charge made before covers what accrues now
    counted = (accrues > 0) | (amount > 0)
    moved = due[counted]
    from_on = work.late_upto.copy()
    work.late_upto[moved] = as_of[moved]
    work.late_accrued[moved] += accrues[counted]
    due, amount = due[amount > 0], amount[amount > 0]
    if not len(due):
        return work, LateRows.of(), moved
    place, upto = places[which[due]], as_of[due]
    charged = LateRows(
        account_id=work.account_id[due], number=what.number[place], n=count_within(place) + 1,
        period=work.period[due], seq=work.seq[due] * LATE_SEQ + work.late_n[due] + 1, principal=work.open[due],
        from_on=from_on[due], upto_on=upto, amount=amount,
    )  # fmt: skip
    work.late_charged[due] += amount
    work.late_n[due] += 1
    fresh = work.take(due)
    fresh.kind, fresh.seq = np.full(len(due), ITEM_LATE, np.int64), charged.seq
    fresh.amount, fresh.open = amount.copy(), amount.copy()
    fresh.issued_on, fresh.late_upto = upto, fresh.due_on
    nothing = np.zeros(len(due), np.int64)
    fresh.late_charged, fresh.late_n, fresh.late_accrued = nothing, nothing.copy(), nothing.copy()
    return Items.joined([work, fresh]), charged, moved


def _allocate(work: Items, what: Settlements, places: Ints) -> tuple[Ints, Parts, Ints]:
    """Allocate the settlements of this turn: (items paid, the parts, rest of each). Lowers `work.open`."""
    which = _account_places(work, what.account_id[places])
    rows = np.flatnonzero((which >= 0) & (work.open > 0))
    rows = rows[np.lexsort((work.seq[rows], work.kind[rows], work.period[rows], which[rows]))]
    firsts = np.searchsorted(which[rows], np.arange(len(places) + 1))
    keys = order_keys(POLICY, work.due_on[rows], work.kind[rows])
    paid, rest, order = allocation_of(what.amount[places], firsts, work.open[rows], keys)
    paying = order[paid[order] > 0]
    items = rows[paying]
    work.open[items] -= paid[paying]
    place = places[which[items]]
    part = Parts(
        account_id=what.account_id[place], number=what.number[place], n=count_within(place) + 1,
        period=work.period[items], kind=work.kind[items], seq=work.seq[items], amount=paid[paying],
    )  # fmt: skip
    return items, part, rest


def _balances_after(held: Locked, work: Items, owed: Ints, what: Settlements, left: Ints) -> Locked:
    # a set-off takes from the credit what it paid; a payment adds to it what was left
    change = np.where(what.debit == accounts.CREDIT, left - what.amount, left)
    credit = held.credit.copy()
    np.add.at(credit, np.searchsorted(held.account_id, what.account_id), change)
    open_from = np.full(len(owed), _NEVER, np.int64)
    still = np.flatnonzero(work.open > 0)
    np.minimum.at(open_from, np.searchsorted(held.account_id, work.account_id[still]), work.period[still])
    open_from[open_from == _NEVER] = 0
    return Locked(held.account_id, held.unit_id, owed, credit, open_from)


def _movements(held: Locked, what: Settlements, late: LateRows, left: Ints, kind: int) -> Moved:
    """Late charges (receivable to revenue), then each settlement: its source to the receivable, its rest to credit."""
    n = len(what.number)
    unit = held.unit_id[np.searchsorted(held.account_id, what.account_id)]
    period = posting_periods(what.value_on)
    paid = what.amount - left

    def of_settlements(rows: Ints, line: int, credit: int, amount: Ints) -> Moved:
        ones = np.ones(len(rows), np.int64)
        return Moved(
            what.account_id[rows], period[rows], ones * kind, what.number[rows], ones * line, unit[rows],
            what.debit[rows], ones * credit, amount[rows], what.value_on[rows],
        )  # fmt: skip

    pieces = [
        of_settlements(np.flatnonzero(paid > 0), 1, accounts.RECEIVABLE, paid),
        of_settlements(np.flatnonzero((left > 0) & (what.debit != accounts.CREDIT)), 2, accounts.CREDIT, left),
    ]
    if len(late.amount):
        by_number = np.argsort(what.number)
        place = by_number[np.searchsorted(what.number[by_number], late.number)]
        ones = np.ones(len(place), np.int64)
        pieces.append(
            Moved(
                late.account_id, period[place], ones * LATE_CHARGE, late.number, late.n, unit[place],
                ones * accounts.RECEIVABLE, ones * accounts.LATE_REVENUE, late.amount, what.value_on[place],
            )
        )  # fmt: skip
    return Moved.joined(pieces) if n else Moved.of()
