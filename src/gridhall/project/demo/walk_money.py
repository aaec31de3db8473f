"""The walk of the money: cash at a counter, a customer who pays through the portal and the bank, a reversal, the
books."""

import html
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
from django.conf import settings

from gridhall.adapters.sandbox_bank.gateway import address
from gridhall.adapters.sandbox_bank.server import BankServer
from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.access import ROLES, Actor
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from gridhall.project.demo import people, use
from gridhall.project.demo.steps import Step, Walk

FLOAT = 20_000  # fen in the drawer in the morning
CALL_BACK_WITHIN_S = 10


def _clerk(walk: Walk) -> Actor:
    return Actor(
        "staff",
        "clerk",
        "office",
        id=walk.place.staff["clerk"],
        permissions=frozenset(ROLES["clerk"][2]),
        units=frozenset({101}),
        role="clerk",
    )


def _debtors() -> list[int]:
    """Accounts that owe, those with more than one bill open first."""
    found = ledger.debtors(None, 100_000)
    return [each.account_id for each in sorted(found, key=lambda each: (-each.items, each.account_id))]


def counter(walk: Walk, step: Step) -> None:
    """A clerk finds a customer, takes cash, gives change, and the till is right when it is counted."""
    clerk = _clerk(walk)
    account_id = _debtors()[0]
    view = customers.account(account_id)
    assert view is not None
    by_name = customers.find(f"{view.name} {view.number}"[: len(view.name)], clerk, 1000, everywhere=True)
    step.sure("found by name", account_id in {each.account_id for each in by_name})
    by_number = customers.find(view.number, clerk, everywhere=True)
    step.same("found by number", [each.account_id for each in by_number], [account_id])
    till = next(each for each in payments.tills() if clerk.sees_unit(each.unit_id))
    session = payments.open_till(clerk, till.id, FLOAT)
    owed = ledger.owed(account_id, clock.now())
    answer = payments.receive(
        clerk,
        [
            payments.PaymentIn(
                amount=owed.total, key="walk:counter:1", account_id=account_id, door=payments.DOOR_COUNTER,
                method=payments.CASH, session_id=session.id,
            )
        ],
    )[0]  # fmt: skip
    assert isinstance(answer, payments.Receipt), answer
    step.same("taken", answer.amount, owed.total)
    step.same("left owed", answer.left_owed, 0)
    step.same("late charge", answer.late_part, owed.late)
    step.same("to credit", answer.to_credit, 0)
    step.same("sum of what was paid", sum(part.amount for part in answer.paid), owed.total)
    walk.seen["counter"] = (account_id, owed, answer, session.id)


def reversal(walk: Walk, step: Step) -> None:
    """The payment undone on the same day opens the same debt again; taken once more, the till closes without
    difference."""
    clerk = _clerk(walk)
    account_id, owed, answer, session_id = walk.seen["counter"]
    told = {"payment_no": answer.payment_no, "session_id": session_id}
    asked = payments.ask_money_act(clerk, payments.REVERSE, account_id, answer.amount, "wrong account", told)
    if asked.state == "asked":  # beyond what a clerk may take back alone
        manager = people.acting("manager", walk.place.staff["manager"])
        payments.decide_money_act(manager, asked.id, approve=True)
    after = ledger.owed(account_id, clock.now())
    step.same("owed again", after.total, owed.total)
    step.same("items again", len(after.items), len(owed.items))
    in_cash = payments.PaymentIn(
        amount=owed.total, key="walk:counter:2", account_id=account_id, door=payments.DOOR_COUNTER,
        method=payments.CASH, session_id=session_id,
    )  # fmt: skip
    first, second = payments.receive(clerk, [in_cash])[0], payments.receive(clerk, [in_cash])[0]
    assert isinstance(first, payments.Receipt), first
    assert isinstance(second, payments.Receipt), second
    step.same("replayed", (second.replayed, second.payment_no), (True, first.payment_no))
    closed = payments.close_till(clerk, session_id, FLOAT + owed.total)
    step.same("expected in the till", closed.expected, FLOAT + owed.total)
    step.same("difference", closed.difference, 0)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The walk tells what happened; the server need not."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def _served() -> Iterator[str]:
    """The platform and the bank on loopback, as two servers that speak HTTP; the platform's address."""
    from django.core.wsgi import get_wsgi_application

    public, bank = urlsplit(settings.PUBLIC_URL), urlsplit(address())
    assert public.hostname, "the address names a host"
    assert public.port, "and a port"
    assert bank.port, "and so does the bank's"
    web = make_server(public.hostname, public.port, get_wsgi_application(), _Server, _Quiet)
    vault = BankServer(bank.port, "twice")
    servers = (web, vault)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield settings.PUBLIC_URL
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def portal(walk: Walk, step: Step) -> None:
    """A customer signs in with a code, reads the bill, pays at the bank; its call-back, sent twice, books once."""
    account_id = next(each for each in _debtors() if each != walk.seen["counter"][0])
    view = customers.account(account_id)
    assert view is not None
    owed = ledger.owed(account_id, clock.now())
    newest = billing.bills_of(account_id)[0]
    with _served() as base, httpx.Client(base_url=base, trust_env=False, follow_redirects=True, timeout=30) as browser:
        _sign_in(browser, view, step)
        bill = browser.get(f"/bills/{newest.period}/{newest.seq}")
        amount = f"{newest.amount // 100:,}.{newest.amount % 100:02d}"
        step.sure(f"the bill's page shows {amount}", bill.status_code == 200 and amount in bill.text)
        pdf = browser.get(f"/bills/{newest.period}/{newest.seq}.pdf")
        step.sure("the bill comes as PDF", pdf.content.startswith(b"%PDF"))
        page = browser.get("/pay")
        going = browser.post("/pay", data={"which": "all", "csrfmiddlewaretoken": _token(page.text)})
        to_bank = re.search(rf'href="({re.escape(address())}/pay\?[^"]+)"', going.text)
        assert to_bank, "the way to the bank is on the page"
        order_no = _at_the_bank(browser, html.unescape(to_bank[1]), step)
        done = _wait_until_paid(order_no)
    step.same("order", done.state, "paid")
    step.same("paid", done.amount, owed.total)
    step.same("left owed", ledger.owed(account_id, clock.now()).total, 0)
    booked = [each for each in payments.payments_of(account_id) if each.no == done.payment_no]
    step.same("booked", [each.amount for each in booked], [owed.total])
    online = [
        each for each in payments.payments_of(account_id) if each.received_at.date() == booked[0].received_at.date()
    ]
    step.same("payments of today", len(online), 1)
    tampered = payments.notify("sandbox", {}, b'{"order_no": "x", "state": "paid", "amount": 1}')
    step.same("a call-back without signature", tampered.status, 400)


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, "the form has its token"
    return found[1]


def _sign_in(browser: httpx.Client, view: customers.AccountView, step: Step) -> None:
    page = browser.get("/sign-in")
    asked = browser.post("/sign-in", data={"number": view.number, "csrfmiddlewaretoken": _token(page.text)})
    sent = customers.messages(view.account_id, 1)[0]
    code = re.search(r"\d{6}", sent.text)
    assert code, "the code lies in the demo's message log"
    home = browser.post("/sign-in/code", data={"code": code[0], "csrfmiddlewaretoken": _token(asked.text)})
    step.sure("signed in", home.status_code == 200 and view.name in home.text)


def _at_the_bank(browser: httpx.Client, way: str, step: Step) -> str:
    """Confirm the order at the bank and come back; the order's number."""
    shown = browser.get(way)
    step.sure("the bank shows the order", shown.status_code == 200)
    order_no = str(parse_qs(urlsplit(way).query)["order"][0])
    found = re.search(r'name="order_no" value="([^"]+)"', shown.text)
    assert found, f"the bank names the order: {order_no}"
    back = browser.post(f"{address()}/decide", data={"order_no": found[1], "decision": "paid"})
    step.same("back at the portal", back.status_code, 200)
    return found[1]


def _wait_until_paid(order_no: str) -> payments.OrderView:
    until = time.monotonic() + CALL_BACK_WITHIN_S
    while True:
        order = payments.order(order_no)
        if order.state == "paid" or time.monotonic() > until:
            # the second call-back of a bank that calls twice is given time to do its harm
            time.sleep(0.5)
            return payments.order(order_no)
        time.sleep(0.1)


def books(walk: Walk, step: Step) -> None:
    """The ledger's proof; and the books against what the other rooms say of bills, debts and credit."""
    broken = ledger.check()
    step.same("broken", [str(each) for each in broken[:5]], [])
    bills = walk.seen["bills"]
    billed = sum(each.amount for each in bills if each.state == billing.ISSUED)
    first, last = use.FIRST_PERIOD, clock.today().year * 100 + clock.today().month
    revenue, receivable, credit, balanced = 0, 0, 0, True
    for period in _from_to(first, last):
        trial = ledger.trial_balance(0, period)
        balanced &= trial.balanced
        for row in trial.rows:
            if row.code in (6001, 6002, 2221, 2241):
                revenue += row.credit - row.debit
            if row.code == 1122:
                receivable = row.closing
            if row.code == 2203:
                credit = -row.closing
    accounts = {each.account_id for each in bills} | set(walk.place.account_id.tolist())
    standing = ledger.balances(accounts).values()
    step.same("billed", revenue, billed)
    step.same("receivable", receivable, sum(each.owed for each in standing))
    step.same("credit of customers", credit, sum(each.credit for each in standing))
    step.sure("every trial balance balances", balanced)


def _from_to(first: int, last: int) -> list[int]:
    count = (last // 100 - first // 100) * 12 + last % 100 - first % 100
    months = (first // 100 * 12 + first % 100 - 1 + each for each in range(count + 1))
    return [month // 12 * 100 + month % 12 + 1 for month in months]


STEPS = (
    ("cash at the counter", counter),
    ("reversal and close of the till", reversal),
    ("portal and bank", portal),
    ("books", books),
)
