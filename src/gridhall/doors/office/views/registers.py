"""Registers to read: the territory."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from gridhall.doors.office import lists, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.territory import public as territory


@staff.desk("customers.see")
def territory_tree(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Districts, stations, areas with their responsible persons, and the outlets."""
    units = staff.unit_ids_of(actor)
    today = clock.today()
    answers = territory.responsible_on([area.id for area in territory.areas(units)], today)
    areas: dict[str, list[dict[str, Any]]] = {}
    for area in territory.areas(units):
        areas.setdefault(area.station_code, []).append({"it": area, "answers": answers.get(area.id)})
    stations: dict[str, list[dict[str, Any]]] = {}
    names = words.unit_names()
    for station in territory.stations(units):
        line = {"it": station, "areas": areas.get(station.code, []), "unit": names.get(station.unit_id, "")}
        stations.setdefault(station.district_code, []).append(line)
    districts = [
        {"it": each, "stations": stations[each.code]} for each in territory.districts() if each.code in stations
    ]
    outlets = [
        {"it": each, "kind": words.OUTLET_KINDS.get(each.kind, each.kind), "unit": names.get(each.unit_id, "")}
        for each in territory.outlets(units)
    ]
    if request.GET.get("as") == "csv":
        return _areas_csv(districts)
    return screen(request, actor, "office/territory.html", {"districts": districts, "outlets": outlets})


def _areas_csv(districts: list[dict[str, Any]]) -> HttpResponseBase:
    heading = [_("District"), _("Station"), _("Area"), _("Area code"), _("Responsible"), _("Phone")]
    rows = (
        (
            words.of(district["it"]), words.of(station["it"]), words.of(area["it"]), area["it"].code,
            words.of(area["answers"], "person") if area["answers"] else "",
            area["answers"].phone if area["answers"] else "",
        )
        for district in districts
        for station in district["stations"]
        for area in station["areas"]
    )  # fmt: skip
    return lists.csv_file("areas", heading, rows)


@staff.desk("customers.see")
def area(request: HttpRequest, actor: Actor, area_id: int) -> HttpResponseBase:
    """One area: who answers for it and who did before."""
    found = territory.area(area_id)
    if found is None or not actor.sees_unit(found.unit_id):
        raise Http404
    shown = {"area": found, "station": territory.station_of_area(area_id), "history": territory.history(area_id)[::-1]}
    return screen(request, actor, "office/area.html", shown)
