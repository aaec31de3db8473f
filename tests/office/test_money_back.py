"""The screens of money that moves after the counter: to the bank, back to the customer, and what is looked at."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridhall.doors.office.models import Flag
from gridhall.kernel import outbox
from gridhall.kernel.models import Delivery, Fact
from gridhall.ledger.public import check
from gridhall.ledger.public import owed as owed_now
from gridhall.payments import public as payments
from tests.office.conftest import Enter, text_of
from tests.office.test_rights import refund_asked, slip_that_differs
from tests.office.town import SYSTEM, Town

pytestmark = pytest.mark.django_db


def asked_little(client: Client, address: str, most: int = 12) -> str:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code == 200
    assert len(queries) <= most, "\n".join(query["sql"][:190] for query in queries)
    return text_of(answer)


def a_closed_till(town: Town, *amounts: int, short: int = 0) -> int:
    session = payments.open_till(SYSTEM, town.till, 10_000, town.users["clerk"])
    for n, amount in enumerate(amounts):
        paid = payments.PaymentIn(amount, f"t{n}", town.lake[n], "", payments.DOOR_COUNTER, payments.CASH, session.id)
        payments.receive(SYSTEM, [paid])
    payments.close_till(SYSTEM, session.id, 10_000 + sum(amounts) - short, "looked for")
    return session.id


def test_the_cashier_banks_the_cash_of_a_till(town: Town, enter: Enter) -> None:
    session = a_closed_till(town, 12_000, 3_000)
    cashier = enter("cashier")
    page = asked_little(cashier, "/office/tills/bank")
    assert "150.00" in page
    assert 'value="150.00"' in page  # the slip's amount is filled in
    done = cashier.post(
        "/office/tills/bank",
        {"unit": "101", "session": [session], "amount": "150", "slip": "B-77", "banked_on": "2026-11-25", "note": ""},
    )
    assert done.status_code == 302
    page = asked_little(cashier, "/office/tills/bank")
    assert "All cash is at the bank" in page
    assert "B-77" in page
    assert "150.00" in asked_little(cashier, "/office/money?on=2026-11-25")
    assert payments.cash_to_bank() == []
    assert check() == []


def test_a_slip_that_differs_waits_for_another(town: Town, enter: Enter) -> None:
    session = a_closed_till(town, 12_000)
    cashier, manager = enter("cashier"), enter("manager")
    form = {"unit": "101", "session": [session], "amount": "119", "slip": "B-1", "banked_on": "2026-11-25", "note": ""}
    assert cashier.post("/office/tills/bank", form, follow=True).status_code in (200, 409)
    assert payments.bankings() == []
    cashier.post("/office/tills/bank", form | {"note": "one yuan missing at the bank"})
    (made,) = payments.bankings()
    decide = f"/office/tills/bank/{made.id}"
    assert decide not in text_of(cashier.get("/office/tills/bank"))
    assert decide in text_of(manager.get("/office/tills/bank"))
    cashier.post(decide, {"word": "approve"})
    assert payments.bankings()[0].state == "proposed"
    manager.post(decide, {"word": "approve"})
    assert payments.bankings()[0].state == "booked"
    assert check() == []


def test_a_refund_is_asked_for_and_decided_by_two(town: Town, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank does not answer here: it stays asked of the bank, and nothing is booked."""
    monkeypatch.setenv("GRIDHALL_SANDBOX_BANK_URL", "http://127.0.0.1:9")
    account = town.lake[0]
    declined = refund_asked(account)
    manager, cashier = enter("manager"), enter("cashier")
    manager.post(f"/office/refunds/{declined}", {"word": "decline", "reason": "look again"})
    (payment,) = [each for each in payments.payments_of(account) if each.door == payments.DOOR_PORTAL]
    at = f"/office/counter/{account}/payment/{payment.no}"
    page = asked_little(cashier, at)
    assert "Ask for a refund" in page
    assert "Reverse this payment" not in page
    cashier.post(f"{at}/refund", {"reason": "paid twice"})
    assert "waits for a second person" in asked_little(cashier, at)
    (asked,) = [each for each in payments.refunds() if each.state == "asked"]
    address = f"/office/refunds/{asked.refund_no}"
    assert address not in asked_little(cashier, "/office/refunds")
    assert address in asked_little(manager, "/office/refunds")
    cashier.post(address, {"word": "approve"})
    assert payments.refunds(open_only=True)[0].state == "asked"
    told = text_of(manager.post(address, {"word": "approve"}, follow=True))
    assert "asked of the bank" in told
    assert "the bank does not answer" in told
    assert len(payments.payments_of(account)) == 1


def test_what_went_back_is_looked_at_once(town: Town, enter: Enter) -> None:
    session = payments.open_till(SYSTEM, town.till, 0, town.users["clerk"])
    paid = payments.PaymentIn(900, "t", town.lake[0], "", payments.DOOR_COUNTER, payments.CASH, session.id)
    (taken,) = payments.receive(SYSTEM, [paid])
    assert isinstance(taken, payments.Receipt)
    payments.reverse(SYSTEM, town.lake[0], taken.payment_no, "wrong customer")
    payments.close_till(SYSTEM, session.id, 50, "too much")
    slip_that_differs(town)  # its till tallied
    waiting = Delivery.objects.count()
    assert outbox.deliver() == waiting > 3
    assert sorted(Flag.objects.values_list("kind", flat=True)) == ["payment_reversed", "till_closed"]
    # told again, it is the same
    Delivery.objects.bulk_create(
        Delivery(fact=fact, subscriber="office.flags", next_at=fact.at)
        for fact in Fact.objects.filter(kind="till_closed")
    )
    outbox.deliver()
    assert Flag.objects.count() == 2
    cashier = enter("cashier")
    assert "wrong customer" in asked_little(cashier, "/office/flags")
    marked = re.findall(r'name="flag" value="(\d+)"', text_of(cashier.get("/office/flags")))
    cashier.post("/office/flags/seen", {"flag": marked})
    assert "Nothing to look at" in asked_little(cashier, "/office/flags")


def test_a_failed_delivery_is_settled_by_the_manager(town: Town, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fact: outbox.Happened) -> None:
        raise ValueError("no room left")

    monkeypatch.setitem(outbox._subscribers["office.flags"], "till_closed", broken)
    monkeypatch.setattr(outbox, "TRIES_MOST", 1)
    a_closed_till(town, 100, short=1)
    outbox.deliver()
    manager = enter("manager")
    assert "facts that could not be delivered" in asked_little(manager, "/office/", 30)
    assert "ValueError: no room left" in asked_little(manager, "/office/deliveries")
    monkeypatch.undo()
    (failed,) = outbox.failed()
    manager.post(f"/office/deliveries/{failed.id}", {"word": "again"})
    outbox.deliver()
    assert Flag.objects.count() == 1


def test_the_town_tells_of_its_bills_and_held_readings(town: Town) -> None:
    told = {fact.kind: fact.payload for fact in Fact.objects.order_by("pk")}
    assert told["bill_issued"]["bills"] == 4
    assert told["reading_held"] == told["reading_held"] | {"count": 1, "period": 202610}


def test_a_found_customer_owes_what_the_counter_asks_for(town: Town, enter: Enter) -> None:
    """Late charge to today is in the list as it is at the counter: two bills of 109.38, overdue on 25 November."""
    account = town.lake[0]
    owed = owed_now(account)
    assert owed.late > 0
    said = f"{owed.total // 100}.{owed.total % 100:02d}"
    clerk = enter("clerk")
    clerk.post("/office/till/open", {"till": town.till, "float_amount": "0"})
    assert said in asked_little(clerk, "/office/counter?q=湖滨路")
    assert said in text_of(clerk.get(f"/office/counter/{account}"))
