"""What a register may be entered with is counted by both speeds, exactly: no product leaves 64 bits."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.columns.law import law
from gridhall.metering.hanging import DECIMALS_MOST, DIGITS_MOST, MULTIPLIER_MOST
from gridhall.rules import usage

LAW = law("usage")


def exact(units: int, decimals: int, multiplier: int) -> int:
    """Wh to the nearest, halves away from zero, by fractions."""
    wh = Fraction(abs(units) * 1000 * multiplier, 10**decimals)
    size = int(wh + Fraction(1, 2))
    return -size if units < 0 else size


@given(
    st.integers(1, DIGITS_MOST), st.integers(0, DECIMALS_MOST), st.integers(1, MULTIPLIER_MOST), st.booleans(),
    st.data(),
)  # fmt: skip
def test_energy_is_the_same_by_both_up_to_the_bounds_of_the_door(
    digits: int, decimals: int, multiplier: int, back: bool, data: st.DataObject
) -> None:
    most = 10 ** (digits + decimals) - 1
    units = data.draw(st.one_of(st.just(most), st.integers(0, most)))
    signed = -units if back else units
    wanted = exact(signed, decimals, multiplier)
    assert usage.energy_of(signed, decimals, multiplier) == wanted
    assert LAW.energy_of(signed, decimals, multiplier) == wanted


@pytest.mark.parametrize("digits", [8, DIGITS_MOST])
def test_a_full_register_of_six_decimals(digits: int) -> None:
    full = 10 ** (digits + DECIMALS_MOST) - 1
    wanted = exact(full, DECIMALS_MOST, MULTIPLIER_MOST)
    assert 0 < wanted < 2**62
    assert LAW.register_use(0, full, digits, DECIMALS_MOST, MULTIPLIER_MOST, 0) == wanted
