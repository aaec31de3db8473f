"""The territory of the town Lamplake (灯湖): three districts, six stations, forty areas, and outlets of every kind."""

from datetime import date

from gridhall.project.demo import names
from gridhall.territory.public import Area, District, Outlet, Responsible, Station, TerritorySeed, Unit

DISTRICTS = (
    District("LX-HB", "Lakeside", "湖滨区"),
    District("LX-DS", "Eastmount", "东山区"),
    District("LX-GC", "Harbour", "港城区"),
)

# Unit id, code, district, name, street number; and where it lies (millionths of a degree). The town is not a real one.
_STATIONS = (
    (101, "HX", "LX-HB", "Lakeheart", "湖心", 119_600_000, 30_900_000, 7),
    (102, "SY", "LX-HB", "Academy", "书院", 119_635_000, 30_915_000, 7),
    (201, "TS", "LX-DS", "Pagoda Hill", "塔山", 119_670_000, 30_890_000, 7),
    (202, "QL", "LX-DS", "Greenridge", "青岭", 119_710_000, 30_905_000, 7),
    (301, "YG", "LX-GC", "Fishing Port", "渔港", 119_640_000, 30_850_000, 6),
    (302, "DT", "LX-GC", "Lighthouse", "灯塔", 119_685_000, 30_840_000, 6),
)
AREA_SPREAD = 9_000  # millionths of a degree, about a kilometre

GO_LIVE = date(2024, 11, 1)
HANDED_OVER = date(2026, 4, 1)  # the day on which some areas got another person


def area_id(unit_id: int, n: int) -> int:
    """Area ids are made of the unit and the place in it: 10103 is the third of unit 101."""
    return unit_id * 100 + n


def area_centres() -> dict[int, tuple[int, int]]:
    """Where the middle of each area lies: (longitude, latitude) in millionths of a degree, by area id."""
    ring = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1))
    return {
        area_id(unit, n + 1): (longitude + ring[n][0] * AREA_SPREAD, latitude + ring[n][1] * AREA_SPREAD)
        for unit, _, _, _, _, longitude, latitude, areas in _STATIONS
        for n in range(areas)
    }


def territory() -> TerritorySeed:
    """All of it; the same whatever the size of the town."""
    return TerritorySeed(
        districts=DISTRICTS,
        units=tuple(Unit(unit, code, f"{en} unit", f"{zh}核算单元") for unit, code, _, en, zh, *_ in _STATIONS),
        stations=tuple(
            Station(
                code, district, unit, f"{en} station", f"{zh}供电所" if k % 2 == 0 else f"{zh}社区服务所",
                f"0570-955{unit}", f"{k * 7 + 8} {names.STREETS_EN[k]}", f"{names.STREETS[k]}{k * 7 + 8}号",
            )
            for k, (unit, code, district, en, zh, *_) in enumerate(_STATIONS)
        ),
        areas=tuple(_areas()),
        responsible=tuple(_responsible()),
        outlets=tuple(_outlets()),
    )  # fmt: skip


def _areas() -> list[Area]:
    numerals = "一二三四五六七"
    return [
        Area(area_id(unit, n + 1), f"{code}-{n + 1:02d}", code, unit, f"{en} {n + 1}", f"{zh}{numerals[n]}片")
        for unit, code, _, en, zh, _, _, areas in _STATIONS
        for n in range(areas)
    ]


def _responsible() -> list[Responsible]:
    """Each area has its person; every eighth changed hands, and the history is kept."""
    rows = []
    ids = sorted(area_centres())
    for k, area in enumerate(ids):
        zh, en = names.PERSONS[k]
        phone = f"129{area:08d}"
        if k % 8 == 3:
            rows.append(Responsible(area, en, zh, phone, GO_LIVE, HANDED_OVER))
            next_zh, next_en = names.PERSONS[(k + 5) % len(names.PERSONS)]
            rows.append(Responsible(area, next_en, next_zh, phone, HANDED_OVER))
        else:
            rows.append(Responsible(area, en, zh, phone, GO_LIVE))
    return rows


# kind, name, hours, offset in millionths of a degree
_OUTLET_KINDS = (
    ("hall", "business hall", "营业厅", "Mo-Su 08:30-17:00", 0, 0),
    ("bank", "Lake Bank branch", "湖商银行支行", "Mo-Fr 09:00-16:30", 4_200, 1_800),
    ("newsstand", "newsstand", "报刊亭", "Mo-Su 07:00-19:00", -3_100, 2_600),
    ("night_shop", "night shop", "便民夜店", "Mo-Su 18:00-06:00", 2_300, -4_700),
    ("machine", "self-service machine", "自助缴费机", "24/7", -6_400, -2_200),
)


def _outlets() -> list[Outlet]:
    return [
        Outlet(
            f"{code}-{kind[:2].upper()}", kind, unit, f"{en} {kind_en}", f"{zh}{kind_zh}",
            f"{k * 9 + n + 2} {names.STREETS_EN[(k * 3 + n) % 20]}",
            f"{names.STREETS[(k * 3 + n) % 20]}{k * 9 + n + 2}号",
            hours, longitude + east, latitude + north,
        )
        for k, (unit, code, _, en, zh, longitude, latitude, _) in enumerate(_STATIONS)
        for n, (kind, kind_en, kind_zh, hours, east, north) in enumerate(_OUTLET_KINDS)
    ]  # fmt: skip
