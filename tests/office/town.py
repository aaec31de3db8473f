"""A small town for the office's tests, made through the public acts: ten homes in two units, three months of readings.

August and September 2026 are billed and unpaid; of October one reading is held (below the one before), one is missing.
"""

from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.kernel import access, clock, staff
from gridhall.metering import public as metering
from gridhall.payments import public as payments
from gridhall.tariffs import public as tariffs
from gridhall.territory import public as territory
from tests.town.places import small_territory

SYSTEM = access.system("test")
PASSWORD = "lamps along the lake"
ROLES = ("clerk", "cashier", "reader", "billing", "manager")
TARIFF = "cn-shandong-residential"
HOMES = 10
USE = 20_000  # a month, in hundredths of a kWh: 200 kWh
NOON = datetime(2026, 11, 25, 12, tzinfo=clock.zone())
NAMES = ["王小满", "李湖", "张岸", "刘灯", "陈桥", "杨柳", "赵山", "黄坡", "周亭", "吴岭"]


@dataclass(frozen=True)
class Town:
    """`lake`: account ids in unit 101; `hill`: in unit 102. `numbers` and `users` by account id and role."""

    lake: tuple[int, ...]
    hill: tuple[int, ...]
    numbers: dict[int, str]
    users: dict[str, int]
    till: int

    @property
    def held(self) -> int:
        """The account whose October reading is held."""
        return self.lake[1]

    @property
    def missing(self) -> int:
        """The account whose October reading is missing."""
        return self.lake[2]


def make() -> Town:
    """Build it, as it stands at noon of 25 November 2026."""
    with clock.at(datetime(2026, 8, 1, 8, tzinfo=clock.zone())):
        small_territory()
        _outlet()
        _tariff()
        made = _accounts()
        _meters(made.account_ids)
    for place, period in enumerate((202608, 202609, 202610), 1):
        with clock.at(datetime(2026, 8 + place, 1, 20, tzinfo=clock.zone())):
            _read(made.account_ids, period, place)
            if period < 202610:
                run = billing.preview(SYSTEM, period, [101, 102])
                billing.approve(SYSTEM, run.id)
                billing.run(SYSTEM, run.id, processes=0)
    ids = made.account_ids
    (outlet,) = territory.outlets()
    till = payments.register_till(SYSTEM, outlet.id, 101, "T1", "Till one", "一号台")
    return Town(ids[:6], ids[6:], dict(zip(ids, made.numbers, strict=True)), _staff(), till)


def _outlet() -> None:
    hall = territory.Outlet("H1", "hall", 101, "Lakeside hall", "湖滨营业厅")
    territory.register_territory(SYSTEM, territory.TerritorySeed(outlets=(hall,)))


def _tariff() -> None:
    book = files("gridhall.tariffs").joinpath("books", f"{TARIFF}.yaml").read_text()
    for version in tariffs.enter_book(SYSTEM, book):
        tariffs.approve(SYSTEM, version)


def _accounts() -> customers.AccountsRegistered:
    made = customers.register_accounts(
        SYSTEM,
        customers.NewAccounts(
            name=NAMES,
            address=[f"湖滨路{n}号" for n in range(HOMES)],
            area_id=[10101] * 6 + [10201] * 4,
            class_code=[1] * HOMES,
            tariff_code=[TARIFF] * HOMES,
            since=[date(2026, 8, 1)] * HOMES,
            phone=[f"1391234560{n}" for n in range(HOMES)],
        ),
    )
    assert not made.refused
    return made


def _meters(ids: tuple[int, ...]) -> None:
    made = metering.register_meters(
        SYSTEM,
        metering.NewMeters(
            serial=[f"GH{n:08d}" for n in range(HOMES)], account_id=ids, since=[date(2026, 8, 1)] * HOMES,
            value=[100_000] * HOMES,
        ),
    )  # fmt: skip
    assert not made.refused


def _read(ids: tuple[int, ...], period: int, place: int) -> None:
    """Everybody uses 200 kWh; in October the second meter shows less than before and the third is not read."""
    october = period == 202610
    rows = [n for n in range(HOMES) if not (october and n == 2)]
    values = [100_000 + USE * place - (30_000 if october and n == 1 else 0) for n in rows]
    taken = metering.take_readings(
        SYSTEM,
        metering.NewReadings(
            read_on=[date(period // 100, period % 100 + 1, 1)] * len(rows), value=values,
            serial=[f"GH{n:08d}" for n in rows], period=[period] * len(rows),
        ),
        "demo",
    )  # fmt: skip
    assert not taken.refused
    assert taken.held == (1 if october else 0), taken


def _staff() -> dict[str, int]:
    """One of each role: clerk and reader of the lake's unit, the others everywhere."""
    staff.seed_roles()
    return {
        role: staff.add(
            SYSTEM, role, PASSWORD, role, role.title(), f"{role}员",
            units=[101] if role in ("clerk", "reader") else [], everywhere=role not in ("clerk", "reader"),
        )
        for role in ROLES
    }  # fmt: skip
