"""The months of the town: it uses, meters are read, readings settled, bills made, money comes in; all by public
acts."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta

import numpy as np

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from gridhall.project.demo import events, money, payers, use
from gridhall.project.demo.hanging import new_meters, refuse_any, register, removed_meters
from gridhall.project.demo.opening import ACTOR, Opened, moment
from gridhall.project.demo.town import Ints
from gridhall.territory import public as territory

READ_AT, BILLED_AT, MOVED_AT = time(16, 30), time(9, 15), time(11, 40)


@dataclass
class MonthDone:
    """Figures of a month, for the report."""

    period: int
    readings: int = 0
    held: int = 0
    settled: int = 0
    estimated: int = 0
    bills: int = 0
    bills_held: int = 0
    amount: int = 0
    payments: int = 0
    paid: int = 0


@dataclass
class Year:
    """What lasts from month to month beside the register values."""

    habits: use.Habits
    payers: payers.Payers
    changes: list[events.Change]
    months: list[MonthDone] = field(default_factory=list)


def begin(opened: Opened) -> Year:
    """Habits and characters of the town, drawn once."""
    return Year(use.habits(opened.town), payers.draw(opened.town), events.changes(opened.town))


def live_month(opened: Opened, year: Year, month: int) -> MonthDone:
    """One month from its first day to the money it brings."""
    done = MonthDone(use.periods()[month])
    happened = pass_month(opened, year, month)
    given, _ = reading_batch(opened, happened, done.period)
    read_on = use.next_day(done.period)
    with moment(read_on, READ_AT):
        taken = metering.take_readings(ACTOR, given, source="demo", name=f"{done.period}")
        refuse_any(taken.refused)
        done.readings, done.held = taken.rows, taken.held
    with moment(read_on + timedelta(days=1), READ_AT):
        done.settled = settle(opened, done.period)
        for unit in territory.units():
            done.estimated += metering.estimate_missing(ACTOR, done.period, unit.id).estimated
    with moment(read_on + timedelta(days=payers.BILLED_AFTER_DAYS), BILLED_AT):
        if month:
            _close_books(done.period)
        _bill(done)
    for wave in range(len(payers.WAVES)):
        count, amount = money.pay(opened, year.payers, month, wave)
        done.payments, done.paid = done.payments + count, done.paid + amount
    year.months.append(done)
    return done


def pass_month(opened: Opened, year: Year, month: int) -> events.MonthEvents:
    """The month goes by up to its last day: terms change, meters are exchanged, people move, registers count, and it
    was cold or warm."""
    happened = events.of_month(opened.town, month)
    _change_terms(opened, year, month)
    _events(opened, month, use.of_month(opened.town, year.habits, month), happened)
    with moment(use.next_day(use.periods()[month]), READ_AT):
        for district in territory.districts():
            territory.record_temperatures(ACTOR, district.code, use.temperatures(opened.town, month), "Sample town")
    return happened


def _change_terms(opened: Opened, year: Year, month: int) -> None:
    period = use.periods()[month]
    for change in year.changes:
        if not use.first_day(period) <= change.on < use.next_day(period):
            continue
        capacity = opened.town.accounts["capacity_va"].to_numpy()
        batch = [
            customers.TermChange(
                int(opened.account_id[row]),
                change.on,
                tariff_code=change.tariff[k] if change.tariff else None,
                persons=change.persons or None,
                capacity_va=int(capacity[row]) * change.capacity_times // 1000 if change.capacity_times else None,
            )
            for k, row in enumerate(change.rows.tolist())
        ]
        with moment(change.on, BILLED_AT):
            customers.change_terms(ACTOR, batch)


def _events(opened: Opened, month: int, month_use: use.MonthUse, happened: events.MonthEvents) -> None:
    """The month's use is counted; where a meter is exchanged or people move, what they counted till then is read."""
    period = use.periods()[month]
    hanging = opened.hanging
    days = (use.next_day(period) - use.first_day(period)).days
    before = (happened.day - use.first_day(period)).days
    touched = np.sort(np.concatenate([happened.exchanged, happened.moved]))
    start = hanging.stands.copy()
    hanging.count(month_use, before, days, rows=touched)
    with moment(happened.day, MOVED_AT):
        if len(happened.moved):
            _move(opened, happened.moved, happened.day, month)
        if len(happened.exchanged):
            _exchange(opened, happened.exchanged, happened.day)
    hanging.count(month_use, days - before, days, rows=touched)
    untouched = np.setdiff1d(np.arange(opened.town.size), touched)
    assert np.array_equal(start[hanging.of(untouched)], hanging.stands[hanging.of(untouched)])
    hanging.count(month_use, rows=untouched)


def _move(opened: Opened, rows: Ints, on: date, month: int) -> None:
    """Out with a last reading, in on the same day with the same meter, under a new name."""
    hanging, town = opened.hanging, opened.town
    where = hanging.of(rows)
    metering.remove_meters(ACTOR, removed_meters(hanging, where, on))
    leaving = opened.account_id[rows].tolist()
    customers.move_out_many(ACTOR, leaving, [on] * len(leaving))
    left = customers.accounts(leaving)
    accounts = town.accounts[rows]
    # the newcomer takes the name of somebody else of the town, turned round, and a phone of their own
    names = town.accounts["name"].to_numpy()[(rows * 7 + month * 13 + 1) % town.size]
    done = customers.move_in(
        ACTOR,
        customers.NewAccounts(
            name=[f"{name}" for name in names.tolist()],
            address=[""] * len(rows),
            area_id=[0] * len(rows),
            class_code=accounts["class_code"].to_list(),
            tariff_code=[term.tariff_code for each in leaving if (term := left[each].term)],
            since=[on] * len(rows),
            phone=[f"128{month:02d}{row:06d}" for row in rows.tolist()],
            premise_id=opened.premise_id[rows].tolist(),
            persons=[1 + row % 4 for row in rows.tolist()],
        ),
    )
    refuse_any(done.refused)
    opened.account_id[rows] = done.account_ids
    batch, places_of = new_meters(town, hanging, rows, opened.account_id, on)
    register(hanging, places_of, metering.register_meters(ACTOR, batch))


def _exchange(opened: Opened, rows: Ints, on: date) -> None:
    """The old meter down with its last value, a new one up from zero."""
    hanging = opened.hanging
    where = hanging.of(rows)
    removed = removed_meters(hanging, where, on)
    hanging.exchanged[rows] += 1
    for row in rows.tolist():
        hanging.serial[row] = f"{hanging.serial[row][:12]}X{hanging.exchanged[row]}"
    hanging.stands[where] = 0
    batch, _ = new_meters(opened.town, hanging, rows, opened.account_id, on)
    register(hanging, where, metering.exchange_meters(ACTOR, removed, batch))


def reading_batch(opened: Opened, happened: events.MonthEvents, period: int) -> tuple[metering.NewReadings, Ints]:
    """What the readers bring at the end of a month, faults and all; and the places of the registers that were read."""
    hanging = opened.hanging
    read = np.flatnonzero(~np.isin(hanging.row, happened.missing))
    values = hanging.shows()[read]
    wrong = np.isin(hanging.row[read], happened.swapped) & (hanging.tou[read] == metering.TOTAL)
    values[wrong] = events.swap_digits(values[wrong])
    kind = np.where(np.isin(hanging.row[read], happened.customer_reads), metering.CUSTOMER_READ, metering.ACTUAL)
    return (
        metering.NewReadings(
            read_on=np.full(len(read), use.next_day(period).toordinal()),
            value=values,
            register_id=hanging.register_id[read],
            account_id=opened.account_id[hanging.row[read]],
            period=np.full(len(read), period),
            kind=kind,
        ),
        read,
    )


def settle(opened: Opened, period: int) -> int:
    """The officer looks at every held reading: right ones are accepted, wrong ones corrected to what the meter
    shows."""
    hanging = opened.hanging
    truth = dict(zip(hanging.register_id.tolist(), hanging.shows().tolist(), strict=True))
    settled = 0
    while True:
        waiting = metering.held(period=period, limit=1000)
        right = [each.id for each in waiting if truth.get(each.register_id) == each.value]
        wrong = {
            each.id: truth[each.register_id]
            for each in waiting
            if truth.get(each.register_id, -1) not in (-1, each.value)
        }
        step = 0
        if right:
            step += metering.settle_held(ACTOR, right, "accepted", note="read again").settled
        if wrong:
            step += metering.settle_held(ACTOR, list(wrong), "corrected", wrong, note="read again").settled
        settled += step
        if not step:
            return settled


def _bill(done: MonthDone) -> None:
    seen = billing.preview(ACTOR, done.period)
    billing.approve(ACTOR, seen.id)
    run = billing.run(ACTOR, seen.id, processes=0)
    # plausible to the officer who knows the town: released as they are; what lacks something waits
    waiting = [each.id for each in billing.holds(period=done.period) if each.acceptable]
    if waiting:
        billing.release_hold(ACTOR, waiting, "accepted", "looked at")
    done.bills, done.bills_held, done.amount = run.bills, run.held, run.amount


def _close_books(period: int) -> None:
    """The calendar month before is over: every unit closes it."""
    for unit in territory.units():
        if not ledger.is_closed(unit.id, period):
            ledger.close_period(ACTOR, unit.id, period)
