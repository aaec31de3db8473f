"""Areas, the people who answer for them, and what a batch refuses."""

from datetime import date

import pytest

from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.territory import public as territory
from tests.town.places import ACTOR, small_territory

pytestmark = pytest.mark.django_db


def test_the_person_of_an_area_is_the_one_of_the_day() -> None:
    small_territory()
    before, after = territory.responsible(10101, date(2025, 2, 28)), territory.responsible(10101, date(2025, 3, 1))
    assert before is not None
    assert before.person_zh == "王芳"
    assert after is not None
    assert after.person_zh == "李娜"
    assert territory.responsible(10101, date(2019, 12, 31)) is None


def test_handing_over_ends_the_stretch_before_and_is_audited() -> None:
    small_territory()
    to = territory.Responsible(10101, "Zhao Lei", "赵磊", "", date(2026, 5, 1))
    territory.hand_over(ACTOR, 10101, to)
    assert [each.until for each in territory.history(10101)] == [date(2025, 3, 1), date(2026, 5, 1), None]
    assert AuditEntry.objects.get(act="territory.hand_over").before == {"person_zh": "李娜", "person_en": "Li Na"}
    with pytest.raises(Refusal) as refused:
        territory.hand_over(ACTOR, 10101, to)
    assert refused.value.code == "bad_stretch"


def test_an_area_knows_its_station_and_unit() -> None:
    small_territory()
    area = territory.area(10201)
    assert area is not None
    assert area.unit_id == 102
    station = territory.station_of_area(10201)
    assert station is not None
    assert station.name_zh == "山区供电所"
    assert [each.id for each in territory.areas([101])] == [10101, 10102]


@pytest.mark.parametrize(
    ("seed", "code"),
    [
        (territory.TerritorySeed(units=(territory.Unit(101, "U9", "", ""),)), "code_twice"),
        (territory.TerritorySeed(areas=(territory.Area(1, "X", "NO", 0, "", ""),)), "unknown_station"),
        (territory.TerritorySeed(stations=(territory.Station("X", "NO", 101, "", ""),)), "unknown_district"),
        (territory.TerritorySeed(outlets=(territory.Outlet("O", "castle", 101, "", ""),)), "unknown_outlet_kind"),
        (territory.TerritorySeed(outlets=(territory.Outlet("O", "hall", 9, "", ""),)), "unknown_unit"),
    ],
)
def test_a_batch_with_one_bad_row_changes_nothing(seed: territory.TerritorySeed, code: str) -> None:
    small_territory()
    with pytest.raises(Refusal) as refused:
        territory.register_territory(ACTOR, seed)
    assert refused.value.code == code
    assert len(territory.areas()) == 3
    assert territory.outlets() == []
