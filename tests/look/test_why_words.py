"""Differences of energy as the page says them: whole kWh, small ones to a tenth, never a nothing with a sign."""

import pytest

from gridhall.doors.look.why import _kwh


@pytest.mark.parametrize(
    ("wh", "said"),
    [(4_400, "+4"), (-8_500, "−9"), (500, "+1"), (-335, "−0.3"), (60, "+0.1"), (-40, "0"), (0, "0")],
)
def test_kwh(wh: int, said: str) -> None:
    assert _kwh(wh) == said
