"""The power factor of a period and the per cent by which it raises or lowers the bill."""

from collections.abc import Sequence

from gridhall.rules.units import compare_products


def power_factor(wh: int, varh: int) -> int:
    """kWh / √(kWh² + kvarh²) in hundredths, halves up; 100 without any energy. |values| below 2**42 and
    2**46 / 200.

    The factor is at least (2k - 1)/200 exactly when (2k - 1)² × varh² <= (40000 - (2k - 1)²) × wh²: no root
    is taken.
    """
    wh = abs(wh)
    varh = abs(varh)
    if wh == 0 and varh == 0:
        return 100
    low = 0
    high = 100
    while low < high:
        middle = (low + high + 1) // 2
        odd = (2 * middle - 1) * (2 * middle - 1)
        if compare_products(varh, varh * odd, wh, wh * (40000 - odd)) <= 0:
            low = middle
        else:
            high = middle - 1
    return low


def standard_row(standard: int) -> int:
    """The row of the table for a standard of 80, 85 or 90 hundredths; -1 where no adjustment applies."""
    if standard == 80:
        return 0
    if standard == 85:
        return 1
    if standard == 90:
        return 2
    return -1


def adjustment_rate(table: Sequence[int], at: int, standard: int, factor: int) -> int:
    """The rate (10**10 is 100 %; above zero is a surcharge) for a power factor in hundredths."""
    row = standard_row(standard)
    if row < 0:
        return 0
    return table[at + row * 101 + factor]
