"""The customer sees the agreement to pay by parts: what is due next, and what was paid of it."""

from datetime import date

from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from tests.payments.act_town import person
from tests.portal.conftest import SignIn
from tests.portal.town import AMOUNT, Household
from tests.town.places import ACTOR


def test_the_plan_and_what_is_due_next(two: tuple[Household, Household], sign_in: SignIn) -> None:
    """135.87 in parts of 45.29; 50.00 are paid: the first part whole, 4.71 of the second."""
    mine, neighbour = two
    assert ledger.owed(mine.account_id, clock.now()).total == AMOUNT
    parts = payments.split_evenly(AMOUNT, 3, date(2026, 11, 25))
    told = {"parts": [[day.isoformat(), part] for day, part in parts]}
    cashier, manager = person("cashier", 1), person("manager", 2)
    asked = payments.ask_money_act(cashier, payments.INSTALMENTS, mine.account_id, AMOUNT, "out of work", told)
    client = sign_in(mine)
    assert "agreement to pay by parts" not in client.get("/").content.decode()
    payments.decide_money_act(manager, asked.id, approve=True)
    page = client.get("/").content.decode().replace("\u00a0", " ").replace("\u202f", " ")
    assert "Next: ¥ 45.29 by 25 Nov 2026" in page
    assert "no late charge accrues" in page
    payments.receive(ACTOR, [payments.PaymentIn(5_000, "api:plan", mine.account_id)])
    page = client.get("/").content.decode().replace("\u00a0", " ").replace("\u202f", " ")
    assert "Next: ¥ 40.58 by 25 Dec 2026" in page
    assert "分期付款协议" in sign_in(mine, "zh").get("/").content.decode()
    assert "agreement to pay by parts" not in sign_in(neighbour).get("/").content.decode()
    assert ledger.check() == []
