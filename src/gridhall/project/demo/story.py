"""The whole story of the town with a bar of progress: opened, two years lived, the last month read and billed."""

import time

import numpy as np
from rich.console import Console

from gridhall.billing import public as billing
from gridhall.kernel.home import home
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from gridhall.project.demo import (
    debiting,
    files,
    money,
    months,
    opening,
    people,
    progress,
    quarter_hours,
    samples,
    second_person,
    town,
    use,
)
from gridhall.project.demo.home import Made
from gridhall.project.demo.opening import ACTOR, Opened
from gridhall.territory import public as territory

console = Console(stderr=True)


def tell(seed: int, size: int) -> Made:
    """Make the town in an empty database and bill its last month; the sample customers. Raises where the ledger's
    check finds anything."""
    began = time.monotonic()
    with progress.steps(console, use.MONTHS + 3) as say:
        say(f"Opening {size:,} premises")
        opened = opening.open_town(town.draw(seed, size))
        year = months.begin(opened)
        for month in range(use.MONTHS):
            say(f"Living and reading {use.periods()[month]}")
            if month < use.MONTHS - 1:
                months.live_month(opened, year, month)
            else:
                import_last_month(opened, year)
        say(f"Billing {use.periods()[-1]}")
        left = territory.units()[-1]
        run = bill_last_month([each.id for each in territory.units() if each.id != left.id])
        chosen = samples.choose(opened, year.payers, run.unit_ids)
        last = year.months[-1]
        # the sample customers have something left to look at
        last.payments, last.paid = money.pay_today(
            opened, year.payers, use.MONTHS - 1, [account_id for account_id, _ in chosen]
        )
        second_person.leave_waiting(opened, [account_id for account_id, _ in chosen])
        debiting.leave_debits(opened, run.period, run.unit_ids[0], [account_id for account_id, _ in chosen][:2])
        with opening.moment(use.next_day(run.period), months.READ_AT):
            quarter_hours.deliver(opened, run.period, [account_id for account_id, _ in chosen])
        say("Checking the books")
        broken = ledger.check()
        if broken:
            raise RuntimeError(f"the ledger is broken: {broken[0]}")
        people.give_passwords(ACTOR, [account_id for account_id, _ in chosen])
    waiting = sum(each.count for each in metering.held_counts(None, run.period))
    readings = sum(each.readings for each in year.months)
    bills = sum(each.bills for each in year.months) + run.bills
    paid = sum(each.payments for each in year.months)
    console.print(f"{readings:,} readings, {bills:,} bills, {paid:,} payments")
    console.print(f"{waiting} readings and {run.held} bills of {run.period} wait for a person in the office")
    unbilled = f"{left.name_en} ({left.code}) is read and not billed for {run.period}: preview, approve and run it"
    console.print(unbilled, soft_wrap=True)
    console.print(f"Books in order. {time.monotonic() - began:.0f} s")
    _print_one_area(run.period)
    return Made(seed, size, chosen, people.give_key(ACTOR))


def import_last_month(opened: Opened, year: months.Year) -> None:
    """The readings of the last month come as a file, as a supplier brings them; it stays in the demo's folder."""
    period = use.periods()[-1]
    happened = months.pass_month(opened, year, use.MONTHS - 1)
    batch, where = months.reading_batch(opened, happened, period)
    path = home() / f"readings-{period}.csv"
    files.readings(opened.hanging, where, np.asarray(batch.value), np.asarray(batch.kind), period, path)
    refused = path.with_name(f"readings-{period}.refused.csv")
    with opening.moment(use.next_day(period), months.READ_AT):
        done = metering.import_readings(ACTOR, path, metering.Options(refused_to=refused, language="zh"))
    year.months.append(months.MonthDone(period, readings=done.accepted + done.held, held=done.held))


def bill_last_month(unit_ids: list[int]) -> billing.RunView:
    """The month that was left: previewed, approved, run by two processes. One unit is left for the visitor to bill."""
    seen = billing.preview(ACTOR, use.periods()[-1], unit_ids)
    billing.approve(ACTOR, seen.id)
    return billing.run(ACTOR, seen.id, processes=2)


def _print_one_area(period: int) -> None:
    """The print file of one area; the office makes the others when they are asked for."""
    area = territory.areas()[0]
    began = time.monotonic()
    path = billing.print_file(ACTOR, area.id, period)
    console.print(f"Bills of {area.name_zh} as one print file in {time.monotonic() - began:.1f} s: {path}")
