"""Batch debit in the sample town: two banks, mandates of every sixth customer, and a cycle that has been announced."""

from datetime import timedelta

from gridhall.customers import public as customers
from gridhall.debits import public as debits
from gridhall.kernel import clock
from gridhall.project.demo import months, opening, use
from gridhall.project.demo.opening import ACTOR, Opened

EVERY, MOST = 6, 150
NOTICE_DAYS, RETRY_AFTER = 3, (6, 12)
BANKS = (
    debits.NewBank(
        "LHB", "Lakeside Bank", "湖滨银行", "text:pipe", "灯湖供电", "6225000011112222", "LH0001", "LHBK01", 1_000_000
    ),
    debits.NewBank(
        "DSB", "Dike Savings Bank", "堤岸储蓄银行", "pain.008.001.08", "灯湖供电", "6225000033334444", "LH0002",
        "DSBK01",
    ),
)  # fmt: skip


def leave_debits(opened: Opened, period: int, unit_id: int, first: list[int]) -> None:
    """Mandates of customers of the town, the sample ones (`first`) among them, and a cycle of a unit, announced on the
    day after the month's readings."""
    with opening.moment(use.next_day(period), months.READ_AT):
        banks = [debits.add_bank(ACTOR, bank).id for bank in BANKS]
        wanted = [*first, *(account for account in opened.account_id.tolist()[::EVERY] if account > 0)]
        chosen = list(dict.fromkeys(wanted))[:MOST]
        people = customers.accounts(chosen)
        for place, account_id in enumerate(chosen):
            new = debits.NewMandate(
                account_id, banks[place % 2], people[account_id].name[:70], f"62250001{account_id:08d}", "bank",
                clock.today() - timedelta(days=40 + place % 50),
            )  # fmt: skip
            debits.move(ACTOR, debits.sign(ACTOR, new).id, "activate")
        day = clock.today() + timedelta(days=NOTICE_DAYS + 2)
        again = [day + timedelta(days=days) for days in RETRY_AFTER]
        cycle = debits.plan_cycle(ACTOR, unit_id, day, again, NOTICE_DAYS)
        debits.issue(ACTOR, cycle.id)
        debits.announce(ACTOR, cycle.id)
