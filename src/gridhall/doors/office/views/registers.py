"""Registers to read: tariffs with their versions and clauses, and the territory."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gridhall.billing import public as billing
from gridhall.doors.office import lists, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.tariffs import public as tariffs
from gridhall.territory import public as territory


@staff.desk("tariffs.see")
def tariff_list(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Every tariff with the version in force today."""
    rows = [
        {"it": tariff, "class": words.CLASSES.get(tariff.class_code, "")} for tariff in tariffs.tariffs(clock.today())
    ]
    return screen(request, actor, "office/tariffs.html", {"rows": rows})


@staff.desk("tariffs.see")
def tariff(request: HttpRequest, actor: Actor, code: str, version_id: int = 0) -> HttpResponseBase:
    """One tariff: its versions, and of one of them the components with prices, clauses and source."""
    found = tariffs.tariff_in_force(code, clock.today())
    if found is None:
        raise Http404
    versions = tariffs.versions(code)
    wanted = version_id or (found.version.version_id if found.version else 0)
    version = next((each for each in versions if each.version_id == wanted), versions[0] if versions else None)
    shown = {
        "tariff": found,
        "class": words.CLASSES.get(found.class_code, ""),
        "versions": [{"it": each, "state": words.TARIFF_STATES.get(each.state, "")} for each in versions],
        "version": version,
        "state": words.TARIFF_STATES.get(version.state, "") if version else "",
        "components": _components(version) if version else [],
        "in_force": found.version.version_id if found.version else 0,
    }
    return screen(request, actor, "office/tariff.html", shown)


def _components(version: tariffs.VersionView) -> list[dict[str, Any]]:
    rows = []
    for position, component in enumerate(version.components):
        prices = [
            {"it": price, "register": words.REGISTERS.get(price.tou, "") if price.tou else ""}
            for price in version.prices
            if price.component == position
        ]
        rows.append({"it": component, "prices": prices})
    return rows


@require_POST
@staff.desk("tariffs.approve")
def tariff_approve(request: HttpRequest, actor: Actor, code: str, version_id: int) -> HttpResponseBase:
    """Put a draft in force; not by the one who entered it."""
    bill_again = request.POST.get("bill_again") == "1"
    tariffs.approve(actor, version_id, bill_again)
    messages.success(request, _("The version is approved. Bills from its first day on are rated by it."))
    if bill_again:
        count = len(billing.bills_of_version(version_id))
        messages.warning(
            request, ngettext("%d bill is to be made again.", "%d bills are to be made again.", count) % count
        )
    return redirect("office:tariff_version", code, version_id)


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
