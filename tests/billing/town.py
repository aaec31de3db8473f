"""Four households with meters, on shipped tariffs, read month by month; billed through the public acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.access import ROLES, Actor, system
from gridhall.metering import public as metering
from gridhall.tariffs import public as tariffs
from tests.town.places import small_territory

ACTOR = system("test")
UNIT, OTHER_UNIT = 101, 102
LAKE_ONE, LAKE_TWO, HILL = 10101, 10102, 10201
BLOCKS, BY_PERIOD = "cn-shandong-residential", "cn-shandong-residential-peak-valley"
SINCE = date(2026, 8, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def staff(role: str, name: str, units: Sequence[int] = ()) -> Actor:
    """A member of staff with the permissions of a role, everywhere unless units are given."""
    return Actor(
        "staff", name, "office", permissions=frozenset(ROLES[role][2]), units=frozenset(units), everywhere=not units
    )


def moment(day: str) -> datetime:
    """Nine in the morning of a day."""
    return datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=SHANGHAI)


def read_on(period: int) -> date:
    """The first day after the period."""
    return date(period // 100 + period % 100 // 12, period % 100 % 12 + 1, 1)


def bill_day(period: int) -> str:
    return (read_on(period) + timedelta(days=2)).isoformat()


@dataclass(frozen=True)
class Town:
    """Accounts and registers by the name of the household; values are whole hundredths of a kWh."""

    accounts: Mapping[str, int]
    agreements: Mapping[str, int]
    registers: Mapping[str, Mapping[int, int]]  # household → register code → id

    def read(self, period: int, values: Mapping[str, int | Mapping[int, int]], **more: object) -> None:
        """Take readings on the day of the period; all must be accepted."""
        rows = [
            (self.registers[home][tou], value)
            for home, given in values.items()
            for tou, value in ({0: given} if isinstance(given, int) else given).items()
        ]
        with clock.at(moment(bill_day(period))):
            taken = metering.take_readings(
                ACTOR,
                metering.NewReadings(
                    register_id=[row[0] for row in rows], value=[row[1] for row in rows],
                    read_on=[read_on(period)] * len(rows), **more,  # type: ignore[arg-type]
                ),
                "office",
            )  # fmt: skip
        assert taken.accepted == len(rows), taken

    def bill(self, period: int, units: Sequence[int] = (), processes: int = 0) -> billing.RunView:
        """Preview, approve and run, two days after the readings."""
        with clock.at(moment(bill_day(period))):
            run = billing.preview(ACTOR, period, units)
            billing.approve(ACTOR, run.id)
            return billing.run(ACTOR, run.id, processes)

    def of(self, home: str, period: int, seq: int = 1) -> billing.BillView:
        return billing.bill(self.accounts[home], period, seq)


HOMES = (
    ("Wang", LAKE_ONE, BLOCKS, 4),
    ("Li", LAKE_ONE, BY_PERIOD, 0),
    ("Zhao", LAKE_TWO, BLOCKS, 0),
    ("Hill", HILL, BLOCKS, 0),
)


def enter_books() -> None:
    folder = Path(tariffs.__file__).parent / "books"
    for code in (BLOCKS, BY_PERIOD):
        for version in tariffs.enter_book(ACTOR, (folder / f"{code}.yaml").read_text()):
            tariffs.approve(ACTOR, version)


def small_town() -> Town:
    """Wang, Zhao and Hill (of the other unit) with one register, Li with total, peak and valley; in since August."""
    small_territory()
    enter_books()
    n = len(HOMES)
    opened = customers.register_accounts(
        ACTOR,
        customers.NewAccounts(
            name=[home for home, *_ in HOMES], address=[f"湖滨路{k}号" for k in range(n)],
            area_id=[area for _, area, *_ in HOMES], class_code=[1] * n, tariff_code=[code for _, _, code, _ in HOMES],
            since=[SINCE] * n, persons=[persons for *_, persons in HOMES],
        ),
    )  # fmt: skip
    assert not opened.refused
    rows = [(k, tou) for k, (_, _, code, _) in enumerate(HOMES) for tou in ((0, 2, 4) if code == BY_PERIOD else (0,))]
    hung = metering.register_meters(
        ACTOR,
        metering.NewMeters(
            serial=[f"M{k}" for k, _ in rows], account_id=[opened.account_ids[k] for k, _ in rows],
            since=[SINCE] * len(rows), tou=[tou for _, tou in rows],
        ),
    )  # fmt: skip
    assert not hung.refused
    registers: dict[str, dict[int, int]] = {}
    for (k, tou), register in zip(rows, hung.register_ids, strict=True):
        registers.setdefault(HOMES[k][0], {})[tou] = register
    return Town(
        accounts={home: opened.account_ids[k] for k, (home, *_) in enumerate(HOMES)},
        agreements={home: opened.agreement_ids[k] for k, (home, *_) in enumerate(HOMES)},
        registers=registers,
    )


AUGUST: dict[str, int | dict[int, int]] = {
    "Wang": 30000,
    "Li": {0: 30000, 2: 18600, 4: 11400},
    "Zhao": 9000,
    "Hill": 100,
}
SEPTEMBER: dict[str, int | dict[int, int]] = {
    "Wang": 56000, "Li": {0: 55000, 2: 34000, 4: 21000}, "Zhao": 18000, "Hill": 9100,
}  # fmt: skip
