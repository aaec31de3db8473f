"""The page of a month by the hour: one's own days, while the meter hung here, and no others."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridhall.doors.portal.hours import LEVELS, heat_map, typical
from gridhall.kernel import clock
from gridhall.kernel.home import home
from gridhall.metering import public as metering
from gridhall.metering.models import OPEN_END, Meter, Register, RegisterPlace
from tests.portal.conftest import SignIn
from tests.portal.town import ACTOR, Household, households

pytestmark = pytest.mark.django_db

DAYS = [date(2026, 10, day) for day in (5, 6, 7)]
SINCE = date(2026, 9, 1)
UNIT = 101


@pytest.fixture
def two() -> Iterator[tuple[Household, Household]]:
    shutil.rmtree(home() / "intervals", ignore_errors=True)
    with clock.at(datetime(2026, 11, 20, 10, tzinfo=clock.zone())):
        yield households()
    shutil.rmtree(home() / "intervals", ignore_errors=True)


def load(tmp_path: Path, whose: Household) -> None:
    """Quarter hours of 100 Wh, and 500 Wh from 19:00 to 20:00 on the second day, whose first hour is missing."""
    days: list[list[int | None]] = [[100] * 96 for _ in DAYS]
    days[1][76:80] = [500] * 4
    days[1][:4] = [None] * 4
    serial = f"Q{whose.number}"
    number = 1_000_000 + whose.account_id  # beside the meters that the town of these tests makes by hand
    Meter.objects.create(id=number, serial=serial)
    Register.objects.create(id=number, meter_id=number)
    RegisterPlace.objects.create(
        account_id=whose.account_id, register_id=number, since=SINCE, until=OPEN_END, agreement_id=1, unit_id=UNIT,
        meter_id=number, tou=0, digits=6, decimals=2, multiplier=1,
    )  # fmt: skip
    table = pa.table({"meter": [serial] * 3, "day": DAYS, "wh": pa.array(days, pa.list_(pa.int32()))})
    pq.write_table(table, tmp_path / "a.parquet")
    assert not metering.load_intervals(ACTOR, [tmp_path / "a.parquet"], metering.LoadTerms()).refused


def test_a_month_by_the_hour(two: tuple[Household, Household], sign_in: SignIn, tmp_path: Path) -> None:
    load(tmp_path, two[0])
    client = sign_in(two[0])
    assert "/use/hours" in client.get("/use").content.decode()
    text = client.get("/use/hours").content.decode()
    # three days of 9.6 kWh, 1.6 more and 0.4 less in the second
    assert "10.8" in text
    assert text.count("<tr") == 3 + 1 + 1 + 24  # the map with its head, the table of the curve with its head
    assert text.count('class="h0"') == 1
    assert text.count(f'class="h{LEVELS}"') == 1
    other = client.get("/use/hours?month=202610&day=2026-10-05").content.decode()
    assert 'day=2026-10-05" aria-label' in other
    assert client.get("/use/hours?month=x&day=y").status_code == 200
    assert client.get("/use/hours?month=209912").status_code == 200


def test_nobody_sees_the_hours_of_another(two: tuple[Household, Household], sign_in: SignIn, tmp_path: Path) -> None:
    load(tmp_path, two[0])
    client = sign_in(two[1])
    assert "/use/hours" not in client.get("/use").content.decode()
    assert 'table class="heat"' not in client.get("/use/hours").content.decode()
    # nor those of the meter from before it hung at this account
    places = RegisterPlace.objects.filter(account_id=two[0].account_id)
    places.update(since=date(2026, 10, 6))
    assert [day.day for day in metering.hours_of_account(two[0].account_id, 202610)] == DAYS[1:]


def test_shades_and_the_typical_hours() -> None:
    days = [metering.DayHours(DAYS[0], (None, 0, 10, 60, *[20] * 20), False)]
    levels = [cell.level for cell in heat_map(days)[0].cells]
    assert levels[:5] == [0, 1, 1, 6, 2]
    assert typical(days) == (3, 100 * 100 // 470)
    assert typical([]) is None
