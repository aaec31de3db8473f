"""What waits for a second person in the morning of the demo, and what two have agreed: plans to pay by parts, a refund,
a bad debt, a cheque in a drawer."""

from datetime import timedelta

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from gridhall.project.demo import people
from gridhall.project.demo.opening import ACTOR, Opened

FLOAT = 20_000
PARTS = 3
OWED_MOST = 500_000  # homes and shops: a factory's debt is beyond the head cashier
OLD_DAYS = 200  # a debt that nobody expects to be paid any more


def leave_waiting(opened: Opened, apart: list[int]) -> None:
    """Ask for what a day brings, on accounts that are not in `apart`."""
    cashier = people.acting("cashier", opened.staff["cashier"])
    debtors = [each for each in ledger.debtors(None, 2000) if each.account_id not in apart and each.owed < OWED_MOST]
    if len(debtors) < 4:
        return
    _plan(opened, cashier, debtors[1].account_id, agreed=True)
    _plan(opened, cashier, debtors[2].account_id, agreed=False)
    _cheque(opened, debtors[3].account_id)
    _bad_debt(cashier, [each.account_id for each in debtors[4:]])
    rich = next((each for each in ledger.balances(opened.account_id.tolist()).values() if each.credit > 0), None)
    if rich and rich.account_id not in apart:
        bank = {"bank_account": "6222020200112233445", "bank_holder": "李建国"}
        payments.ask_money_act(cashier, payments.REFUND, rich.account_id, rich.credit, "moves away", bank)


def _plan(opened: Opened, cashier: Actor, account_id: int, *, agreed: bool) -> None:
    owed = ledger.owed(account_id, clock.now()).total
    parts = payments.split_evenly(owed, PARTS, clock.today() + timedelta(days=10))
    told = {"parts": [[day.isoformat(), part] for day, part in parts]}
    asked = payments.ask_money_act(cashier, payments.INSTALMENTS, account_id, owed, "out of work since summer", told)
    if agreed:
        manager = people.acting("manager", opened.staff["manager"])
        payments.decide_money_act(manager, asked.id, approve=True)


def _cheque(opened: Opened, account_id: int) -> None:
    """A cheque for a part of what is owed, at a till that was opened for it."""
    till = payments.tills()[0]
    session = payments.open_till(ACTOR, till.id, FLOAT, opened.staff[people.clerk_of(till.unit_id)])
    cheque = payments.ChequeIn("中国工商银行", "30104428", "江城五金店", clock.today())
    amount = max(1, ledger.owed(account_id, clock.now()).total // 2)
    payments.take_cheque(ACTOR, account_id, amount, "demo:cheque", session.id, cheque)
    payments.close_till(ACTOR, session.id, FLOAT, "")


def _bad_debt(cashier: Actor, account_ids: list[int]) -> None:
    before = clock.today() - timedelta(days=OLD_DAYS)
    for account_id in account_ids:
        old = [each for each in ledger.open_items(account_id) if each.due_on < before and each.open]
        amount = sum(each.open for each in old)
        if old and amount <= payments.limit_of(cashier, payments.WRITE_OFF, clock.today()).most:
            told = {"items": [[each.period, each.kind, each.seq] for each in old]}
            payments.ask_money_act(cashier, payments.WRITE_OFF, account_id, amount, "moved away, not found", told)
            return
