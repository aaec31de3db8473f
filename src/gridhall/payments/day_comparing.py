"""Both books of a day side by side (对账): what both have, what one alone has, what differs, and what to do. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

THEIRS_ONLY, OURS_ONLY, AMOUNT_DIFFERS = "theirs_only", "ours_only", "amount_differs"
OTHER_ACCOUNT, OTHER_DAY = "other_account", "other_day"
BOOK, REVERSE, CORRECT, MOVE, SUSPEND, LEAVE = "book", "reverse", "correct", "move", "suspend", "leave"

# What may be done about each kind of difference; the first is proposed.
ACTS = {
    THEIRS_ONLY: (BOOK, SUSPEND, LEAVE),
    OURS_ONLY: (REVERSE, SUSPEND, LEAVE),
    AMOUNT_DIFFERS: (CORRECT, SUSPEND, LEAVE),
    OTHER_ACCOUNT: (LEAVE, SUSPEND),
    OTHER_DAY: (MOVE, SUSPEND, LEAVE),
}


@dataclass(frozen=True)
class TheirRow:
    """A payment as the counterparty's file of the day tells it. `amount` in minor units, above zero; below zero what a
    gateway gave back, then `about` is the order that it is of."""

    serial: str
    account_number: str
    amount: int
    about: str = ""


@dataclass(frozen=True)
class OurRow:
    """A payment of the day in our books that stands (not reversed)."""

    serial: str
    account_id: int
    account_number: str
    payment_no: int
    amount: int


@dataclass(frozen=True)
class Difference:
    """A payment on which the books differ. `theirs` or `ours` is None where that side does not know it; `act` is what
    is proposed."""

    kind: str
    serial: str
    theirs: TheirRow | None
    ours: OurRow | None
    act: str


@dataclass(frozen=True)
class Compared:
    """Counts and sums of both sides and of what they agree on, and the differences in the order of serials."""

    their_count: int
    their_amount: int
    our_count: int
    our_amount: int
    both_count: int
    both_amount: int
    differences: tuple[Difference, ...]


def compare(theirs: Iterable[TheirRow], ours: Iterable[OurRow], elsewhere: Iterable[OurRow] = ()) -> Compared:
    """Compare by serial, each of which stands once on its side. `elsewhere`: payments that stand in our books on other
    days of the counterparty.

    The same serial for another account is nothing that a rule could settle: it is left and asked about. What the file
    has of another day counts on the file's day, if it is the same payment.
    """
    their_rows, our_rows = list(theirs), list(ours)
    known = {row.serial: row for row in our_rows}
    other_days = {row.serial: row for row in elsewhere}
    differences: list[Difference] = []
    both_count = both_amount = 0
    seen = set()
    for row in their_rows:
        seen.add(row.serial)
        mine = known.get(row.serial) or other_days.get(row.serial)
        if mine is None:
            differences.append(Difference(THEIRS_ONLY, row.serial, row, None, BOOK))
        elif mine.account_number != row.account_number:
            differences.append(Difference(OTHER_ACCOUNT, row.serial, row, mine, LEAVE))
        elif row.serial not in known:
            act = MOVE if mine.amount == row.amount else LEAVE
            differences.append(Difference(OTHER_DAY, row.serial, row, mine, act))
        elif mine.amount != row.amount:
            differences.append(Difference(AMOUNT_DIFFERS, row.serial, row, mine, CORRECT if row.amount > 0 else LEAVE))
        else:
            both_count += 1
            both_amount += row.amount
    for mine in our_rows:
        if mine.serial not in seen:
            # a refund that the gateway did not do is nothing that a reversal could put right
            act = REVERSE if mine.amount > 0 else LEAVE
            differences.append(Difference(OURS_ONLY, mine.serial, None, mine, act))
    return Compared(
        len(their_rows), sum(row.amount for row in their_rows), len(our_rows), sum(row.amount for row in our_rows),
        both_count, both_amount, tuple(sorted(differences, key=lambda each: each.serial)),
    )  # fmt: skip
