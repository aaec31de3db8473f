"""The screens of acts that need a second signature, of cheques, and of money between units."""

import re
from datetime import date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from tests.office.conftest import Enter, text_of
from tests.office.test_counter import pay, token_of
from tests.office.town import Town

pytestmark = pytest.mark.django_db


def asked_little(client: Client, address: str, most: int = 12) -> str:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code == 200
    assert len(queries) <= most, "\n".join(query["sql"][:190] for query in queries)
    return text_of(answer)


@pytest.fixture
def clerk(town: Town, enter: Enter) -> Client:
    client = enter("clerk")
    client.post("/office/till/open", {"till": town.till, "float_amount": "500"})
    return client


def test_money_for_another_district_is_settled_by_two(town: Town, clerk: Client, enter: Enter) -> None:
    """100.00 for the hill's customer at the lake's till: the receipt names both, the next day it is settled."""
    account = town.hill[0]
    assert "owes it to" in text_of(clerk.get(f"/office/counter/{account}"))
    at = pay(clerk, account, "100", "100")
    assert "taken by" in text_of(clerk.get(at))
    assert clerk.get(f"{at.partition('?')[0]}/roll-zh.pdf").status_code == 200
    cashier, manager = enter("cashier"), enter("manager")
    page = asked_little(cashier, "/office/units", 14)
    assert "100.00" in page
    assert "Today is settled when it is over" in page
    with clock.at(datetime(2026, 11, 26, 9, tzinfo=clock.zone())):
        cashier, manager = enter("cashier"), enter("manager")
        assert "days to settle between units" in text_of(cashier.get("/office/"))
        cashier.post("/office/units/propose", {"upto": "2026-11-25"})
        (made,) = payments.settlements()
        decide = f"/office/units/{made.id}"
        assert decide not in text_of(cashier.get("/office/units"))
        assert decide in text_of(manager.get("/office/units"))
        manager.post(decide, {"word": "approve", "said": "TR-9"})
        assert "TR-9" in asked_little(manager, "/office/units?on=2026-11-25", 14)
        assert b"100.00" in manager.get("/office/units?on=2026-11-25&as=csv").content
    assert payments.settlements()[0].state == "booked"
    assert ledger.check() == []


def test_a_large_reversal_waits_for_a_second_signature(town: Town, clerk: Client, enter: Enter) -> None:
    form = {"amount": "1500", "given": "1500", "method": "cash", "sure": "on", "token": token_of(clerk, town.lake[0])}
    at = str(clerk.post(f"/office/counter/{town.lake[0]}", form).headers["Location"]).partition("?")[0]
    assert "beyond your limit" in text_of(clerk.get(at))
    clerk.post(f"{at}/reverse", {"reason": "typed wrong"})
    cashier = enter("cashier")
    assert "acts on money for a second signature" in text_of(cashier.get("/office/"))
    (waits,) = payments.money_acts(waiting=True)
    page = asked_little(cashier, "/office/acts")
    assert "typed wrong" in page
    assert f"/office/acts/{waits.id}" in page
    cashier.post(f"/office/acts/{waits.id}", {"word": "approve"})
    assert ">reversed<" in text_of(clerk.get(f"/office/counter/{town.lake[0]}"))
    assert payments.money_act(waits.id).state == "done"
    assert ledger.check() == []


def test_a_cheque_is_taken_presented_and_returned(town: Town, clerk: Client, enter: Enter) -> None:
    account = town.lake[0]
    form = {"amount": "50", "method": "cheque", "token": token_of(clerk, account)}
    answer = clerk.post(f"/office/counter/{account}", form)
    assert answer.status_code == 422
    assert text_of(answer).count("This is needed.") == 4
    form |= {"bank": "工商银行", "number": "0099", "drawer": "五金店", "dated_on": "2026-11-24"}
    assert clerk.post(f"/office/counter/{account}", form).status_code == 302
    assert "0099" in asked_little(clerk, "/office/cheques")
    cashier = enter("cashier")
    (held,) = payments.cheques()
    cashier.post("/office/cheques/act", {"cheque": [held.id], "word": "present", "said": "SLIP-1"})
    assert "SLIP-1" in asked_little(cashier, "/office/cheques")
    cashier.post("/office/cheques/act", {"cheque": [held.id], "word": "return", "said": "no funds"})
    assert "returned unpaid" in asked_little(cashier, "/office/cheques")
    assert "1 cheque of this customer was returned" in text_of(clerk.get(f"/office/counter/{account}"))
    assert ledger.open_items(account)[-1].kind == 3
    assert b"0099" in cashier.get("/office/cheques?as=csv").content
    assert ledger.check() == []


def test_the_customers_money_page_asks_for_every_act(town: Town, clerk: Client, enter: Enter) -> None:
    """Credit is refunded and moved, a plan made, a debt written off and recovered, each by two persons."""
    cashier, manager = enter("cashier"), enter("manager")
    rich, poor = town.lake[3], town.lake[4]
    debt = ledger.owed(rich, clock.now()).total
    form = {"amount": f"{(debt + 20_000) / 100:.2f}", "given": "", "method": "card", "slip": "77", "sure": "on"}
    clerk.post(f"/office/counter/{rich}", form | {"token": token_of(clerk, rich)})
    at = f"/office/customers/{rich}/money"
    page = asked_little(cashier, at)
    assert "Pay credit out" in page
    bank = {"way": "bank", "bank_account": "6222020200112233445", "bank_holder": "陈桥"}
    cashier.post(f"{at}/refund", {"amount": "50", "reason": "moves away", **bank})
    cashier.post(f"{at}/transfer", {"amount": "30", "reason": "his mother", "number": town.numbers[poor]})
    cashier.post(f"{at}/refund", {"amount": "x", "reason": "no amount"})
    assert "6222" not in asked_little(manager, "/office/acts")
    for each in payments.money_acts(waiting=True):
        manager.post(f"/office/acts/{each.id}", {"word": "approve"})
    assert ledger.balances([rich])[rich].credit == 12_000
    _plan(town.lake[5], cashier, manager)
    _bad_debt(poor, cashier, manager)
    assert ledger.check() == []


def _plan(account: int, cashier: Client, manager: Client) -> None:
    at = f"/office/customers/{account}/money"
    page = text_of(cashier.get(f"{at}?count=3&first=2026-12-10"))
    days, parts = re.findall(r'name="day" value="([^"]+)"', page), re.findall(r'name="part"[^>]* value="([^"]+)"', page)
    assert days == ["2026-12-10", "2027-01-10", "2027-02-10"]
    cashier.post(f"{at}/instalments", {"day": days, "part": parts, "reason": "lost his work"})
    (waits,) = payments.money_acts(waiting=True)
    assert waits.amount == ledger.owed(account, clock.now()).total
    manager.post(f"/office/acts/{waits.id}", {"word": "approve"})
    assert "being kept" in asked_little(manager, at, 18)  # two of them read exemptions anew in this transaction
    plan = payments.plan_of(account)
    assert plan is not None
    manager.post(f"/office/customers/{account}/plan/{plan.id}", {"reason": "paid by his son"})
    assert "ended" in text_of(manager.get(at))


def _bad_debt(account: int, cashier: Client, manager: Client) -> None:
    at = f"/office/customers/{account}/money"
    item = re.findall(r'name="item" value="([^"]+)"', text_of(cashier.get(at)))[-1]
    cashier.post(f"{at}/write_off", {"item": [item], "reason": "no estate"})
    (waits,) = payments.money_acts(waiting=True)
    manager.post(f"/office/acts/{waits.id}", {"word": "approve"})
    assert "Written off and not recovered" in text_of(cashier.get(at))
    cashier.post(f"{at}/recover", {"amount": "1", "reason": "pays after all"})
    (waits,) = payments.money_acts(waiting=True)
    manager.post(f"/office/acts/{waits.id}", {"word": "approve"})
    assert ledger.written_off([account]) == {account: int(item.split("-")[3]) - 100}


def test_a_payment_is_put_right(town: Town, clerk: Client, enter: Enter) -> None:
    account, other = town.lake[0], town.lake[1]
    at = pay(clerk, account, "30", "30").partition("?")[0]
    assert f"{at}/correct" in asked_little(clerk, at, 17)
    assert "Meant for customer number" in asked_little(clerk, f"{at}/correct", 14)
    clerk.post(f"{at}/correct", {"number": town.numbers[other], "reason": "the neighbour's"})
    (waits,) = payments.money_acts(waiting=True)
    enter("cashier").post(f"/office/acts/{waits.id}", {"word": "approve"})
    assert payments.payments_of(other)[0].amount == 3_000
    assert ledger.check() == []


def test_limits_are_entered_with_a_day(town: Town, enter: Enter) -> None:
    manager = enter("manager")
    form = {"act": "reverse", "role": "clerk", "since": "2026-12-01", "alone": "100", "most": "900"}
    assert manager.post("/office/limits", form).status_code == 302
    page = asked_little(manager, "/office/limits")
    assert "to come" in page
    assert payments.limits(date(2026, 12, 2))
    assert manager.post("/office/limits", form | {"alone": ""}).status_code == 422
    assert "A new limit" not in text_of(enter("cashier").get("/office/limits"))
