"""Writing territory: batches of districts, stations, areas and outlets; who answers for an area from a day on."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.territory import models, queries
from gridhall.territory.views import Outlet, Responsible, TerritorySeed

OUTLET_KINDS = frozenset({"hall", "bank", "newsstand", "night_shop", "machine"})


def register_territory(actor: Actor, seed: TerritorySeed) -> None:
    """Add districts, units, stations, areas, responsible persons and outlets; all of them or none.

    Refuses: `code_twice` (a code or id that is there already, or twice in the batch), `unknown_station`,
    `unknown_district`, `unknown_unit`, `unknown_outlet_kind`, `bad_stretch` (responsibilities of an area that overlap).
    """
    actor.require("territory.change")
    _check_inside(seed)
    try:
        with transaction.atomic():
            _write(seed)
            audit.record(actor, "territory.register", "territory:batch", after=_counts(seed))
    except IntegrityError as broken:
        raise Refusal(
            "code_twice",
            f"A code or number of the batch exists already: {broken}",
            f"批次中的编码或编号已存在：{broken}",
        ) from broken
    queries.forget()


def hand_over(actor: Actor, area_id: int, to: Responsible) -> None:
    """Another person answers for an area from `to.since` on; the stretch of the one before ends that day.

    Refuses `unknown_area`, and `bad_stretch` where the day is not after the beginning of the last stretch.
    """
    actor.require("territory.change")
    with transaction.atomic():
        area = models.Area.objects.select_for_update().filter(id=area_id).first()
        if area is None:
            raise Refusal(
                "unknown_area",
                f"There is no area {area_id}.",
                f"没有编号为 {area_id} 的责任区。",
                field="area_id",
            )
        last = models.AreaResponsibility.objects.filter(area_id=area_id).order_by("-since").first()
        before = {"person_zh": last.person_zh, "person_en": last.person_en} if last else None
        if last is not None:
            if to.since <= last.since:
                raise _bad_stretch(area_id, to.since)
            last.until = to.since
            last.save(update_fields=["until"])
        models.AreaResponsibility.objects.create(
            area_id=area_id, person_en=to.person_en, person_zh=to.person_zh, phone=to.phone,
            since=to.since, until=to.until,
        )  # fmt: skip
        audit.record(
            actor, "territory.hand_over", f"area:{area.code}", before=before,
            after={"person_zh": to.person_zh, "person_en": to.person_en, "since": to.since.isoformat()},
        )  # fmt: skip
    queries.forget()


def _check_inside(seed: TerritorySeed) -> None:
    _once("districts.code", (district.code for district in seed.districts))
    _once("units.id", (str(unit.id) for unit in seed.units))
    _once("stations.code", (station.code for station in seed.stations))
    _once("areas.id", (str(area.id) for area in seed.areas))
    _once("outlets.code", (outlet.code for outlet in seed.outlets))
    for row, outlet in enumerate(seed.outlets):
        if outlet.kind not in OUTLET_KINDS:
            raise Refusal(
                "unknown_outlet_kind",
                f"Outlet {outlet.code}: “{outlet.kind}” is not a kind of outlet.",
                f"网点 {outlet.code}：“{outlet.kind}”不是网点类型。",
                field="outlets.kind", row=row, value=outlet.kind,
            )  # fmt: skip
    ends: dict[int, date | None] = {}
    for stretch in sorted(seed.responsible, key=lambda each: (each.area_id, each.since)):
        if stretch.area_id in ends:
            end = ends[stretch.area_id]
            if end is None or end > stretch.since:
                raise _bad_stretch(stretch.area_id, stretch.since)
        ends[stretch.area_id] = stretch.until


def _once(field: str, values: Iterable[str]) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise Refusal(
            "code_twice", f"{field}: {twice[0]} stands twice in the batch.", f"{field}：{twice[0]} 在批次中重复。",
            field=field, value=twice[0],
        )  # fmt: skip


def _bad_stretch(area_id: int, since: date) -> Refusal:
    return Refusal(
        "bad_stretch",
        f"Area {area_id}: somebody answers for it on {since} already.",
        f"责任区 {area_id}：{since} 已有责任人。",
        field="since", value=since.isoformat(),
    )  # fmt: skip


def _write(seed: TerritorySeed) -> None:
    models.District.objects.bulk_create(
        models.District(code=each.code, name_en=each.name_en, name_zh=each.name_zh) for each in seed.districts
    )
    models.AccountingUnit.objects.bulk_create(
        models.AccountingUnit(id=each.id, code=each.code, name_en=each.name_en, name_zh=each.name_zh)
        for each in seed.units
    )
    districts = dict(models.District.objects.values_list("code", "id"))
    units = set(models.AccountingUnit.objects.values_list("id", flat=True))
    models.Station.objects.bulk_create(
        models.Station(
            district_id=_known(districts, each.district_code, "district", row),
            unit_id=_known_unit(units, each.unit_id, row),
            code=each.code, name_en=each.name_en, name_zh=each.name_zh, phone=each.phone,
            address_en=each.address_en, address_zh=each.address_zh,
        )
        for row, each in enumerate(seed.stations)
    )  # fmt: skip
    stations = dict(models.Station.objects.values_list("code", "id"))
    models.Area.objects.bulk_create(
        models.Area(
            id=each.id, code=each.code, name_en=each.name_en, name_zh=each.name_zh,
            station_id=_known(stations, each.station_code, "station", row),
        )
        for row, each in enumerate(seed.areas)
    )  # fmt: skip
    models.AreaResponsibility.objects.bulk_create(
        models.AreaResponsibility(
            area_id=each.area_id, person_en=each.person_en, person_zh=each.person_zh, phone=each.phone,
            since=each.since, until=each.until,
        )
        for each in seed.responsible
    )  # fmt: skip
    models.Outlet.objects.bulk_create(
        _outlet(each, _known_unit(units, each.unit_id, row)) for row, each in enumerate(seed.outlets)
    )


def _outlet(each: Outlet, unit_id: int) -> models.Outlet:
    placed = each.longitude_millionths != 0 or each.latitude_millionths != 0
    return models.Outlet(
        code=each.code, kind=each.kind, unit_id=unit_id, name_en=each.name_en, name_zh=each.name_zh,
        address_en=each.address_en, address_zh=each.address_zh, hours=each.hours,
        longitude=Decimal(each.longitude_millionths).scaleb(-6) if placed else None,
        latitude=Decimal(each.latitude_millionths).scaleb(-6) if placed else None,
    )  # fmt: skip


def _known(ids: dict[str, int], code: str, noun: str, row: int) -> int:
    if code not in ids:
        noun_zh = "区县" if noun == "district" else "供电所"
        raise Refusal(
            f"unknown_{noun}", f"There is no {noun} {code}.", f"没有编码为 {code} 的{noun_zh}。",
            field=f"{noun}_code", row=row, value=code,
        )  # fmt: skip
    return ids[code]


def _known_unit(units: set[int], unit_id: int, row: int) -> int:
    if unit_id not in units:
        raise Refusal(
            "unknown_unit", f"There is no accounting unit {unit_id}.", f"没有编号为 {unit_id} 的核算单元。",
            field="unit_id", row=row, value=str(unit_id),
        )  # fmt: skip
    return unit_id


def _counts(seed: TerritorySeed) -> dict[str, int]:
    return {
        "districts": len(seed.districts), "units": len(seed.units), "stations": len(seed.stations),
        "areas": len(seed.areas), "responsible": len(seed.responsible), "outlets": len(seed.outlets),
    }  # fmt: skip
