"""The weather of a district: kept by day, corrected by the station, refused in words."""

from collections.abc import Iterator
from datetime import date

import pytest

from gridhall.kernel.access import Actor, system
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.territory import public as territory
from gridhall.territory import weather
from gridhall.territory.public import DayMean
from tests.town.places import small_territory

pytestmark = pytest.mark.django_db
ACTOR = system("cli")
DAYS = [DayMean(date(2026, 1, 1), -35), DayMean(date(2026, 1, 2), 600)]


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """What a process remembers of the weather does not outlive the test that entered it."""
    weather.forget()
    yield
    weather.forget()


def test_days_are_kept_and_a_correction_takes_their_place() -> None:
    small_territory()
    district = territory.districts()[0].code
    territory.record_temperatures(ACTOR, district, DAYS, "the station")
    assert territory.temperatures(district, date(2026, 1, 1), date(2026, 1, 2)) == {date(2026, 1, 1): -35}
    territory.record_temperatures(ACTOR, district, [DayMean(date(2026, 1, 1), -40)], "corrected")
    assert territory.temperatures(district, date(2026, 1, 1), date(2026, 1, 3)) == {
        date(2026, 1, 1): -40, date(2026, 1, 2): 600,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("district", "means", "source", "code", "row"),
    [
        ("nowhere", DAYS, "x", "unknown_district", -1),
        ("", [DAYS[0], DayMean(date(2026, 1, 3), 601)], "x", "bad_temperature", 1),
        ("", [DAYS[0], DayMean(date(2026, 1, 3), -901)], "x", "bad_temperature", 1),
        ("", DAYS, "x" * 121, "text_too_long", -1),
    ],
)
def test_all_or_none_is_refused(district: str, means: list[DayMean], source: str, code: str, row: int) -> None:
    small_territory()
    there = territory.districts()[0].code
    with pytest.raises(Refusal) as refused:
        territory.record_temperatures(ACTOR, district or there, means, source)
    assert (refused.value.code, refused.value.row) == (code, row)
    assert territory.temperatures(there, date(2026, 1, 1), date(2026, 1, 4)) == {}
    assert not AuditEntry.objects.filter(act="territory.temperatures").exists()


def test_who_may_not_is_refused() -> None:
    with pytest.raises(Refusal, match=r"territory\.change"):
        territory.record_temperatures(Actor("staff", "clerk", "office"), "x", DAYS, "x")
