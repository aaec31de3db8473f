"""Money of the town: who pays on which day, through which door, in one batch a door."""

from datetime import date, time, timedelta

import numpy as np
import numpy.typing as npt

from gridhall.kernel import clock, outbox
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from gridhall.project.demo import payers, people, use
from gridhall.project.demo.opening import ACTOR, Opened, moment
from gridhall.project.demo.town import Ints

PAID_AT, TILL_OPENS_AT, TILL_CLOSES_AT, BANKED_AT = time(11, 40), time(8, 30), time(17, 5), time(9, 20)
METHODS = {payments.DOOR_API: payments.TRANSFER, payments.DOOR_PORTAL: payments.ONLINE}
WORKS_AWAY = 9  # one in so many pays in the hall of another district
FLOAT = 20_000  # fen in the drawer in the morning
TILL_WAVE = 1  # the day of the month on which a till is kept
SHORT_IN_MONTHS, SHORT = (9, 22), 500  # a drawer of the first unit is five yuan short
FORGED_IN_MONTH, FORGED = 14, 10_000  # once the bank finds a forged note of a hundred yuan


def pay(opened: Opened, who: payers.Payers, month: int, wave: int) -> tuple[int, int]:
    """One day on which money comes in: how many payments, and how much (minor units)."""
    issued = use.next_day(use.periods()[month]) + timedelta(days=payers.BILLED_AFTER_DAYS)
    day = issued + timedelta(days=payers.WAVES[wave])
    amounts = payers.amounts(opened.town, who, month, wave, _owed(opened))
    count, total = 0, 0
    door_of = who.door
    if wave == TILL_WAVE:
        count, total = _at_the_tills(opened, who, month, day, amounts)
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
    """Who pays at once pays the last bills today, through every door; the accounts in `apart` wait. The cash is counted
    and still in the house.

    How many payments, and how much (minor units).
    """
    amounts = payers.amounts(opened.town, who, month, 0, _owed(opened))
    amounts[np.isin(opened.account_id, apart)] = 0
    today = clock.today()
    done = []
    for till, rows in _by_till(opened, (amounts > 0) & (who.door == payments.DOOR_COUNTER)):
        session = payments.open_till(ACTOR, till.id, FLOAT, opened.staff[people.clerk_of(till.unit_id)])
        done.append(_receive(opened, rows, amounts, today, payments.DOOR_COUNTER, payments.CASH, session.id))
        payments.close_till(ACTOR, session.id, FLOAT + done[-1][1], "")
    for door, method in METHODS.items():
        rows = np.flatnonzero((amounts > 0) & (who.door == door))
        done.append(_receive(opened, rows, amounts, today, door, method, 0))
    while outbox.deliver():
        pass  # what the two years told: the office's work list has it from the first day
    return sum(count for count, _ in done), sum(amount for _, amount in done)


def _owed(opened: Opened) -> Ints:
    """What each row's account owes without late charge, minor units."""
    accounts = opened.account_id.tolist()
    standing = ledger.balances(accounts)
    return np.array([standing[each].owed if each in standing else 0 for each in accounts])


def _by_till(opened: Opened, chosen: npt.NDArray[np.bool_]) -> list[tuple[payments.TillView, Ints]]:
    """The chosen rows of the town by the till where they pay: in the hall of their unit, or where they work. Tills to
    which nobody comes stay closed."""
    unit = opened.town.accounts["area_id"].to_numpy() // 100  # an area's id begins with its unit's
    halls = np.array(sorted({till.unit_id for till in payments.tills()}))
    at = np.minimum(np.searchsorted(halls, unit), len(halls) - 1)
    away = np.arange(len(unit)) % WORKS_AWAY == 0
    unit = np.where(away & (halls[at] == unit), halls[(at + 1) % len(halls)], unit)
    found = [(till, np.flatnonzero(chosen & (unit == till.unit_id))) for till in payments.tills()]
    return [(till, rows) for till, rows in found if len(rows)]


def _at_the_tills(opened: Opened, who: payers.Payers, month: int, day: date, amounts: Ints) -> tuple[int, int]:
    """Cash at the counter of each unit's hall; the drawers are counted in the evening, their cash is brought to
    the bank next morning."""
    done: list[tuple[int, int]] = []
    counted: list[payments.SessionView] = []
    for till, rows in _by_till(opened, (amounts > 0) & (who.door == payments.DOOR_COUNTER)):
        with moment(day, TILL_OPENS_AT):
            session = payments.open_till(ACTOR, till.id, FLOAT, opened.staff[people.clerk_of(till.unit_id)])
        with moment(day, PAID_AT):
            done.append(_receive(opened, rows, amounts, day, payments.DOOR_COUNTER, payments.CASH, session.id))
        short = SHORT if month in SHORT_IN_MONTHS and not counted else 0
        with moment(day, TILL_CLOSES_AT):
            note = "five yuan short, looked for" if short else ""
            counted.append(payments.close_till(ACTOR, session.id, FLOAT + done[-1][1] - short, note))
    with moment(day + timedelta(days=1), BANKED_AT):
        for session in counted:
            _bank(opened, session, FORGED if month == FORGED_IN_MONTH and session is counted[0] else 0)
        _settle(opened, day)
    return sum(count for count, _ in done), sum(amount for _, amount in done)


def _settle(opened: Opened, day: date) -> None:
    """The units pay one another for what each took for the others' customers."""
    if not payments.open_unit_days():
        return
    asked = payments.propose_settlement(people.acting("cashier", opened.staff["cashier"]), day)
    manager = people.acting("manager", opened.staff["manager"])
    payments.decide_settlement(manager, asked.id, approve=True, transfer=f"NB{day:%y%m%d}")


def _bank(opened: Opened, session: payments.SessionView, forged: int) -> None:
    """The head cashier brings the cash of a till to the bank; where the bank counts less, the manager looks at it."""
    cash = (session.counted or 0) - session.float_amount
    if cash <= forged:
        return
    cashier = people.acting("cashier", opened.staff["cashier"])
    slip, note = f"JK{clock.today():%y%m%d}-{session.till_code}", "a forged note of 100 yuan" if forged else ""
    done = payments.bank_cash(cashier, [session.id], cash - forged, slip, clock.today(), note)
    if done.state == "proposed":
        payments.decide_banking(people.acting("manager", opened.staff["manager"]), done.id, approve=True)


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
