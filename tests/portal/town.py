"""Two households with bills, readings and payments, for the portal's tests. Amounts in fen, energy in Wh.

All in the first block: 114 kWh in the peak at 0.5769 and 186 kWh in the valley at 0.3769, 65.7666 + 70.1034 = 135.87.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from importlib.resources import files

import numpy as np
from django.db import connection, transaction

from gridhall.billing.models import ISSUED, REGULAR, Bill, BillLine, BillUse
from gridhall.customers import public as customers
from gridhall.kernel import clock, ids, partitions
from gridhall.kernel.access import Actor
from gridhall.ledger import public as ledger
from gridhall.metering.models import ACTUAL, PEAK, VALLEY, Meter, Register
from gridhall.payments import public as payments
from gridhall.rules import layout
from gridhall.tariffs import public as tariffs
from tests.town.places import ACTOR, small_territory, three_accounts

TARIFF = "cn-shandong-residential-peak-valley"
PEAK_WH, VALLEY_WH = 114_000, 186_000
AMOUNT = 13_587
PASSWORD = "lamp light on paper"
LAST_PERIOD = 202610


@dataclass(frozen=True)
class Household:
    account_id: int
    number: str
    name: str
    payment_no: int  # of the last payment

    @property
    def actor(self) -> Actor:
        return Actor("customer", self.number, "portal", id=self.account_id)


def month_after(period: int, months: int) -> int:
    whole = period // 100 * 12 + period % 100 - 1 + months
    return whole // 12 * 100 + whole % 12 + 1


def first_day(period: int) -> date:
    return date(period // 100, period % 100, 1)


def households(months: int = 3, unpaid: int = 1, payments_each: int = 0) -> tuple[Household, Household]:
    """Two accounts with `months` bills each up to 2026-10, of which the last `unpaid` are open.

    Each has paid the others, one payment a bill, and `payments_each` more of one yuan.
    """
    small_territory()
    book = files("gridhall.tariffs").joinpath("books", f"{TARIFF}.yaml").read_text()
    for version in tariffs.enter_book(ACTOR, book):
        tariffs.approve(ACTOR, version)
    asked = replace(three_accounts(), tariff_code=[TARIFF] * 3)
    made = customers.register_accounts(ACTOR, asked)
    assert not made.refused
    accounts = made.account_ids[:2]
    _hang_meters(accounts)
    periods = [month_after(LAST_PERIOD, -back) for back in range(months - 1, -1, -1)]
    for place, period in enumerate(periods):
        _bills(accounts, made.agreement_ids[:2], period, place)
        if place < months - unpaid:
            paid_at = datetime.combine(first_day(month_after(period, 1)).replace(day=8), time(9), clock.zone())
            with clock.at(paid_at):
                for account in accounts:
                    _pay(account, AMOUNT, f"{period}")
    for n in range(payments_each):
        for account in accounts:
            _pay(account, 100, f"more-{n}")
    for account in accounts:
        customers.set_password(ACTOR, account, PASSWORD, clock.now())
    return (_household(accounts[0], made.numbers[0], "王小明"), _household(accounts[1], made.numbers[1], "Noodle"))


def _household(account_id: int, number: str, name: str) -> Household:
    paid = payments.payments_of(account_id)
    return Household(account_id, number, name, paid[0].no if paid else 0)


def _pay(account_id: int, amount: int, key: str) -> None:
    asked = payments.PaymentIn(amount, f"test:{key}", account_id=account_id, door=payments.DOOR_PORTAL)
    (answer,) = payments.receive(ACTOR, [asked])
    assert isinstance(answer, payments.Receipt), answer


def _hang_meters(accounts: tuple[int, ...]) -> None:
    for account in accounts:
        Meter.objects.create(id=account, serial=f"GH{account:010d}")
        Register.objects.create(id=account * 10 + 1, meter_id=account, tou=PEAK)
        Register.objects.create(id=account * 10 + 2, meter_id=account, tou=VALLEY)


def _bills(accounts: tuple[int, ...], agreements: tuple[int, ...], period: int, place: int) -> None:
    from_on, to_on = first_day(period), first_day(month_after(period, 1))
    issued, due = to_on.replace(day=3), to_on.replace(day=20)
    (version,) = tariffs.versions_in_force([TARIFF], from_on, to_on)
    energy = tariffs.component_ids(version.version_id)[0]
    partitions.ensure(["bill", "bill_line", "bill_use", "bill_segment"], period)
    ledger.prepare(period, issued)
    for account, agreement in zip(accounts, agreements, strict=True):
        key = {"account_id": account, "period": period, "seq": 1}
        Bill.objects.create(
            **key, agreement_id=agreement, unit_id=101, area_id=10101, run_id=1, kind=REGULAR, state=ISSUED,
            class_code=1, estimated=False, plan_id=version.version_id, from_on=from_on, to_on=to_on,
            wh=PEAK_WH + VALLEY_WH, year_used_wh=min(place, 6) * 300_000, year_months=12, amount=AMOUNT,
            issued_on=issued, due_on=due,
        )  # fmt: skip
        parts = ((PEAK, PEAK_WH, 5_769_000_000, 6577), (VALLEY, VALLEY_WH, 3_769_000_000, 7010))
        for n, (tou, wh, price, amount) in enumerate(parts, 1):
            BillLine.objects.create(
                **key, n=n, component=energy, block=0, tou=tou, segment=0, unit=layout.KWH, quantity=wh, price=price,
                base=0, amount=amount, rest=0,
            )  # fmt: skip
            BillUse.objects.create(
                **key, n=n, register_id=account * 10 + n, tou=tou, kind=ACTUAL, previous_on=from_on,
                previous_value=place * wh // 10, current_on=to_on, current_value=(place + 1) * wh // 10, multiplier=1,
                decimals=2, wh=wh,
            )  # fmt: skip
    count = len(accounts)
    by_class = np.zeros((count, layout.N_CLASSES), np.int64)
    by_class[:, layout.CLASS_ENERGY] = AMOUNT
    with transaction.atomic():
        ledger.post_bills(
            connection.connection,
            ledger.BillsToPost(
                account_id=np.array(accounts, np.int64), period=period, seq=np.ones(count, np.int64),
                unit_id=np.full(count, 101), class_code=np.ones(count, np.int64), by_class=by_class,
                issued_on=np.full(count, issued.toordinal()), due_on=np.full(count, due.toordinal()),
            ),
        )  # fmt: skip


def wrong_number() -> str:
    """A well-formed number that nobody has."""
    return "999999999" + ids.check_digit("999999999")
