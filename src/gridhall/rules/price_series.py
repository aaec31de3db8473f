"""Prices that change from hour to hour: what a load costs by a series of them."""

from collections.abc import Sequence

from gridhall.rules.layout import UNPRICED
from gridhall.rules.units import amount_of

ALL_PRICED = -1


def cost_of_series(
    wh: Sequence[int], prices: Sequence[int], first: int, until: int, parts: int
) -> tuple[int, int, int]:
    """What the steps `first` to before `until` cost, each at its own price (10**-10 per kWh): (minor, rest, step).

    The amount is exact. `step` is ALL_PRICED, or the first step with energy and without a price (UNPRICED): then the
    amount is not to be used.
    """
    minor = 0
    rest = 0
    for t in range(first, until):
        if wh[t] == 0:
            continue
        if prices[t] == UNPRICED:
            return minor, rest, t
        more, part = amount_of(wh[t], prices[t], parts)
        minor += more
        rest += part
        if rest >= parts:
            rest -= parts
            minor += 1
    return minor, rest, ALL_PRICED
