"""Is an amount that is to be debited what the customer expects? The guard against shocks of batch debit.

A debit takes money from somebody who does not stand by. So one that is far above what is usual is held and asked about
first; how far is dated data of the room that asks.
"""

NOTHING, SHOCK, LIMIT = 0, 1, 2


def expected_most(usual: int, permille: int, spare: int) -> int:
    """The most (minor units) that surprises nobody whose usual amount is `usual`: so many thousandths of it, and at
    least `spare` above it. 0 ≤ usual < 2**50."""
    return max(usual * permille // 1000, usual + spare)


def reason_to_hold(amount: int, usual: int, limit: int, permille: int, spare: int, first_most: int) -> int:
    """Why a debit of `amount` is held: LIMIT above what the mandate allows (`limit`, 0: no limit), SHOCK far above the
    `usual` (0: nothing known, then above `first_most`); else NOTHING. Minor units."""
    if limit > 0 and amount > limit:
        return LIMIT
    most = expected_most(usual, permille, spare) if usual > 0 else first_most
    return SHOCK if amount > most else NOTHING
