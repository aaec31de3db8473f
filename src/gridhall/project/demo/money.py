"""Money of the town: who pays on which day, through which door, in one batch a door."""

from datetime import date, time, timedelta

import numpy as np

from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from gridhall.project.demo import payers, use
from gridhall.project.demo.opening import ACTOR, Opened, moment
from gridhall.project.demo.town import Ints

PAID_AT, TILL_OPENS_AT, TILL_CLOSES_AT = time(11, 40), time(8, 30), time(17, 5)
METHODS = {payments.DOOR_API: payments.TRANSFER, payments.DOOR_PORTAL: payments.ONLINE}
FLOAT = 20_000  # fen in the drawer in the morning
TILL_WAVE = 1  # the day of the month on which a till is kept
SHORT_IN_MONTH, SHORT = 9, 500  # once the drawer is five yuan short


def pay(opened: Opened, who: payers.Payers, month: int, wave: int) -> tuple[int, int]:
    """One day on which money comes in: how many payments, and how much (minor units)."""
    issued = use.next_day(use.periods()[month]) + timedelta(days=payers.BILLED_AFTER_DAYS)
    day = issued + timedelta(days=payers.WAVES[wave])
    amounts = payers.amounts(opened.town, who, month, wave, _owed(opened))
    count, total = 0, 0
    door_of = who.door
    if wave == TILL_WAVE:
        count, total = _at_a_till(opened, who, month, wave, day, amounts)
    else:
        # on other days those who like the counter pay at their bank's
        door_of = np.where(door_of == payments.DOOR_COUNTER, payments.DOOR_API, door_of)
    for door, method in METHODS.items():
        rows = np.flatnonzero((amounts > 0) & (door_of == door))
        with moment(day, PAID_AT):
            done = _receive(opened, rows, amounts, day, door, method, 0)
        count, total = count + done[0], total + done[1]
    return count, total


def pay_today(opened: Opened, who: payers.Payers, month: int, apart: list[int]) -> tuple[int, int]:
    """Who pays at once pays the last bills today, through every door; the accounts in `apart` wait.

    How many payments, and how much (minor units).
    """
    amounts = payers.amounts(opened.town, who, month, 0, _owed(opened))
    amounts[np.isin(opened.account_id, apart)] = 0
    today = clock.today()
    session = payments.open_till(ACTOR, payments.tills()[0].id, FLOAT, opened.staff["clerk"])
    ways = {payments.DOOR_COUNTER: (payments.CASH, session.id)}
    ways |= {door: (method, 0) for door, method in METHODS.items()}
    done = {}
    for door, (method, session_id) in ways.items():
        rows = np.flatnonzero((amounts > 0) & (who.door == door))
        done[door] = _receive(opened, rows, amounts, today, door, method, session_id)
    payments.close_till(ACTOR, session.id, FLOAT + done[payments.DOOR_COUNTER][1], "")
    return sum(count for count, _ in done.values()), sum(amount for _, amount in done.values())


def _owed(opened: Opened) -> Ints:
    """What each row's account owes without late charge, minor units."""
    accounts = opened.account_id.tolist()
    standing = ledger.balances(accounts)
    return np.array([standing[each].owed if each in standing else 0 for each in accounts])


def _at_a_till(opened: Opened, who: payers.Payers, month: int, wave: int, day: date, amounts: Ints) -> tuple[int, int]:
    """Cash at the counter of one business hall; the drawer is counted in the evening."""
    rows = np.flatnonzero((amounts > 0) & (who.door == payments.DOOR_COUNTER))
    halls = payments.tills()
    with moment(day, TILL_OPENS_AT):
        session = payments.open_till(ACTOR, halls[(month + wave) % len(halls)].id, FLOAT, opened.staff["clerk"])
    with moment(day, PAID_AT):
        done = _receive(opened, rows, amounts, day, payments.DOOR_COUNTER, payments.CASH, session.id)
    with moment(day, TILL_CLOSES_AT):
        short = SHORT if month == SHORT_IN_MONTH else 0
        payments.close_till(ACTOR, session.id, FLOAT + done[1] - short, "five yuan short, looked for" if short else "")
    return done


def _receive(
    opened: Opened, rows: Ints, amounts: Ints, day: date, door: int, method: int, session_id: int
) -> tuple[int, int]:
    if not len(rows):
        return 0, 0
    taken = payments.receive_columns(
        ACTOR,
        payments.PaymentColumns(
            account_id=opened.account_id[rows],
            amount=amounts[rows],
            key=[f"demo:{door}:{day:%Y%m%d}{row:07d}" for row in rows.tolist()],
            value_on=np.full(len(rows), day.toordinal()),
            door=door,
            method=method,
            session_id=session_id,
        ),
    )
    if taken.refused:
        raise RuntimeError(f"the town's money was refused: {taken.refused[0]}")
    return taken.taken, taken.amount
