"""What an agent earns of the value of the cards that he sells."""

from gridhall.rules.billing_demand import nearest

PER_WHOLE = 1_000_000


def commission_of(face: int, ppm: int) -> int:
    """The part of a face value (minor units, >= 0) in millionths, to the nearest minor unit, halves up."""
    return nearest(face, ppm, PER_WHOLE)
