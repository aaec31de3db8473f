"""Dividing a payment over what is owed."""

from collections.abc import MutableSequence, Sequence

OLDEST_FIRST, LATE_CHARGES_FIRST, PRINCIPAL_FIRST = 0, 1, 2
LATE_CHARGE = 2  # the kind of open item that is a late charge


def order_key(policy: int, due_day: int, kind: int) -> int:
    """Items are paid in rising order of this key.

    OLDEST_FIRST, the usual policy: by due day, and of the same day the late charge before its bill.
    LATE_CHARGES_FIRST: all late charges, oldest first, then the rest. PRINCIPAL_FIRST: the other way round.
    """
    late = 1 if kind == LATE_CHARGE else 0
    if policy == OLDEST_FIRST:
        return due_day * 2 + 1 - late
    first = late if policy == LATE_CHARGES_FIRST else 1 - late
    return due_day + (0 if first == 1 else 1 << 40)


def sort_items(keys: Sequence[int], at: int, count: int, order: MutableSequence[int]) -> None:
    """Write to `order[at:at+count]` the places at.. of the items in rising order of key; equals keep their
    order."""
    for k in range(count):
        place = at + k
        j = place - 1
        while j >= at and keys[order[j]] > keys[at + k]:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = at + k


def allocate(
    amount: int,
    owed: Sequence[int],
    order: Sequence[int],
    at: int,
    count: int,
    paid: MutableSequence[int],
) -> int:
    """Pay `amount` (minor units, >= 0) over the items at..at+count in the given order: `paid[item]` up to
    `owed[item]`.

    Returns what is left, which stays with the customer as credit. Items that owe nothing (or less) get
    nothing.
    """
    left = amount
    for k in range(at, at + count):
        item = order[k]
        part = min(left, max(owed[item], 0))
        paid[item] = part
        left -= part
    return left
