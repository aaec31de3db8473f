"""A small territory for tests: two units, three areas."""

from datetime import date

from gridhall.customers.public import NewAccounts
from gridhall.kernel import access
from gridhall.territory.public import Area, District, Responsible, Station, TerritorySeed, Unit, register_territory

ACTOR = access.system("test")
MOVED_IN = date(2025, 1, 1)


def small_territory() -> None:
    register_territory(
        ACTOR,
        TerritorySeed(
            districts=(District("D1", "Lake", "湖区"),),
            units=(Unit(101, "U1", "Lake unit", "湖区核算"), Unit(102, "U2", "Hill unit", "山区核算")),
            stations=(
                Station("S1", "D1", 101, "Lake station", "湖区供电所"),
                Station("S2", "D1", 102, "Hill station", "山区供电所"),
            ),
            areas=(
                Area(10101, "A1", "S1", 0, "Lake one", "湖区一片"),
                Area(10102, "A2", "S1", 0, "Lake two", "湖区二片"),
                Area(10201, "A3", "S2", 0, "Hill one", "山区一片"),
            ),
            responsible=(
                Responsible(10101, "Wang Fang", "王芳", "13800000001", date(2020, 1, 1), date(2025, 3, 1)),
                Responsible(10101, "Li Na", "李娜", "13800000002", date(2025, 3, 1)),
            ),
        ),
    )


def three_accounts() -> NewAccounts:
    return NewAccounts(
        name=["王小明", "Lamplake Noodle House", "曾丽"],
        address=["明珠路12号3幢502室", "东湖大道 8 号 (一楼)", "西山街33号1单元101室"],
        area_id=[10101, 10102, 10201],
        class_code=[1, 2, 1],
        tariff_code=["t", "t", "t"],
        since=[MOVED_IN] * 3,
        phone=["13912345678", "13987654321", "15500001111"],
        longitude_millionths=[120_123_456, 0, -1_000_001],
        latitude_millionths=[30_000_001, 0, 5],
        persons=[4, 0, 6],
    )
