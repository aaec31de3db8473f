"""Staff and tills for the tests of acts on money: a clerk at a till of unit 1, one of unit 2, a cashier, a manager."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth import get_user_model

from gridhall.kernel import clock
from gridhall.kernel.access import ROLES, Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import check, trial_balance
from gridhall.payments.public import CASH, DOOR_COUNTER, PaymentIn, Receipt, open_till, receive, register_till
from tests.payments.town import SYSTEM, bill, make_accounts, moment

MORNING = moment(2026, 11, 5, 9)
OCTOBER, NOVEMBER = 202610, 202611


def person(role: str, user_id: int, *units: int) -> Actor:
    return Actor(
        "staff", f"{role}{user_id}", "office", id=user_id, permissions=frozenset(ROLES[role][2]),
        units=frozenset(units), everywhere=not units, role=role,
    )  # fmt: skip


@dataclass(frozen=True)
class Office:
    """Accounts 1, 2 of unit 1 and 3, 4 of unit 2, each with a bill of 100.00; a till open in each unit."""

    li: Actor
    wang: Actor
    cashier: Actor = field(default_factory=lambda: person("cashier", 900))
    manager: Actor = field(default_factory=lambda: person("manager", 901))
    tills: tuple[int, int] = (0, 0)


def open_office(due: date = date(2026, 11, 20)) -> Office:
    make_accounts(2)
    make_accounts(2, unit_id=2, first=3)
    for account, unit in ((1, 1), (2, 1), (3, 2), (4, 2)):
        bill(account, OCTOBER, 10_000, issued=date(2026, 11, 2), due=due, unit_id=unit)
    users = [int(get_user_model().objects.create_user(name).pk) for name in ("li", "wang")]
    li, wang = person("clerk", users[0], 1), person("clerk", users[1], 2)
    with clock.at(MORNING):
        first = register_till(SYSTEM, 7, 1, "T1", "Till 1", "一号台")
        second = register_till(SYSTEM, 8, 2, "T2", "Till 2", "二号台")
        tills = (open_till(li, first, 20_000).id, open_till(wang, second, 0).id)
    return Office(li, wang, tills=tills)


def pay(clerk: Actor, session: int, account: int, amount: int, method: int = CASH, key: str = "") -> Receipt:
    key = key or f"office:{account}:{amount}:{session}"
    (taken,) = receive(clerk, [PaymentIn(amount, key, account, "", DOOR_COUNTER, method, session)])
    assert isinstance(taken, Receipt), taken
    return taken


def closing(unit_id: int, period: int = NOVEMBER) -> dict[int, int]:
    """The closing balances of a unit's books, those that are not 0, revenue left out."""
    books = trial_balance(unit_id, period)
    assert books.balanced
    assert sum(row.closing for row in books.rows) == 0
    return {row.code: row.closing for row in books.rows if row.closing and row.code != 6001}


def broken() -> list[str]:
    return [str(each) for each in check()]


def code(caught: Refusal) -> str:
    return caught.code
