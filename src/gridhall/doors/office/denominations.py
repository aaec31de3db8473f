"""Notes and coins of a currency in minor units, the largest first: what a drawer is counted by."""

NOTES_AND_COINS: dict[str, tuple[int, ...]] = {
    "CNY": (10000, 5000, 2000, 1000, 500, 100, 50, 10),
    "USD": (10000, 5000, 2000, 1000, 500, 100, 25, 10, 5, 1),
    "EUR": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "MYR": (10000, 5000, 2000, 1000, 500, 100, 50, 20, 10, 5),
    "JPY": (10000, 5000, 1000, 500, 100, 50, 10, 5, 1),
}


def of(currency: str, decimals: int) -> tuple[int, ...]:
    """The denominations of a currency; of one that is not known, decimal steps from 100 main units down."""
    known = NOTES_AND_COINS.get(currency)
    return known or tuple(step * 10**power for power in range(decimals + 1, -1, -1) for step in (10, 5, 2, 1))
