"""Reading territory. The registry is small and changes seldom: it is kept in each process for a minute."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from gridhall.territory import models
from gridhall.territory.views import Area, District, Outlet, Responsible, Station, Unit

KEPT_SECONDS = 60


@dataclass(frozen=True)
class _Registry:
    read_at: float
    database: str
    units: dict[int, Unit]
    areas: dict[int, Area]
    stations: dict[str, Station]


_lock = threading.Lock()
_kept: _Registry | None = None


def forget() -> None:
    """Read the registry anew at the next question; other processes do so within a minute."""
    global _kept
    with _lock:
        _kept = None


def districts() -> list[District]:
    """All districts by code."""
    return [District(each.code, each.name_en, each.name_zh) for each in models.District.objects.order_by("code")]


def units() -> list[Unit]:
    """All accounting units by id."""
    return list(_registry().units.values())


def unit(unit_id: int) -> Unit | None:
    return _registry().units.get(unit_id)


def stations(unit_ids: Iterable[int] | None = None) -> list[Station]:
    """Stations by code, of these units or all."""
    wanted = None if unit_ids is None else set(unit_ids)
    return [each for each in _registry().stations.values() if wanted is None or each.unit_id in wanted]


def areas(unit_ids: Iterable[int] | None = None) -> list[Area]:
    """Areas by id, of these units or all."""
    wanted = None if unit_ids is None else set(unit_ids)
    return [each for each in _registry().areas.values() if wanted is None or each.unit_id in wanted]


def area(area_id: int) -> Area | None:
    return _registry().areas.get(area_id)


def station_of_area(area_id: int) -> Station | None:
    """The station that an area belongs to."""
    found = area(area_id)
    return _registry().stations[found.station_code] if found else None


def responsible(area_id: int, on: date) -> Responsible | None:
    """Who answered for the area on a day."""
    for stretch in history(area_id):
        if stretch.since <= on and (stretch.until is None or on < stretch.until):
            return stretch
    return None


def responsible_on(area_ids: Iterable[int], on: date) -> dict[int, Responsible]:
    """Who answered for each of many areas on a day, by area id; an area that nobody answered for is left out. One
    query."""
    rows = models.AreaResponsibility.objects.filter(area_id__in=list(area_ids), since__lte=on).filter(
        Q(until__isnull=True) | Q(until__gt=on)
    )
    return {
        each.area_id: Responsible(each.area_id, each.person_en, each.person_zh, each.phone, each.since, each.until)
        for each in rows
    }


def history(area_id: int) -> list[Responsible]:
    """All who answered for an area, the first one first."""
    return [
        Responsible(each.area_id, each.person_en, each.person_zh, each.phone, each.since, each.until)
        for each in models.AreaResponsibility.objects.filter(area_id=area_id).order_by("since")
    ]


def outlets(unit_ids: Iterable[int] | None = None) -> list[Outlet]:
    """Outlets by code, of these units or all."""
    rows = models.Outlet.objects.order_by("code")
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=list(unit_ids))
    return [
        Outlet(
            each.code, each.kind, each.unit_id, each.name_en, each.name_zh, each.address_en, each.address_zh,
            each.hours, int((each.longitude or 0) * 1_000_000), int((each.latitude or 0) * 1_000_000), each.pk,
        )
        for each in rows
    ]  # fmt: skip


def _registry() -> _Registry:
    global _kept
    from django.db import connection

    database = str(connection.settings_dict["NAME"])
    with _lock:
        if _kept is None or _kept.database != database or time.monotonic() - _kept.read_at > KEPT_SECONDS:
            _kept = _read(database)
        return _kept


def _read(database: str) -> _Registry:
    found_units = {
        each.id: Unit(each.id, each.code, each.name_en, each.name_zh)
        for each in models.AccountingUnit.objects.order_by("id")
    }
    found_stations = {
        each.code: Station(
            each.code, each.district.code, each.unit_id, each.name_en, each.name_zh, each.phone,
            each.address_en, each.address_zh,
        )
        for each in models.Station.objects.select_related("district").order_by("code")
    }  # fmt: skip
    found_areas = {
        each.id: Area(each.id, each.code, each.station.code, each.station.unit_id, each.name_en, each.name_zh)
        for each in models.Area.objects.select_related("station").order_by("id")
    }
    # An empty registry is not kept: a town that is just being made is seen at once.
    read_at = time.monotonic() if found_units else float("-inf")
    return _Registry(read_at, database, found_units, found_areas, found_stations)
