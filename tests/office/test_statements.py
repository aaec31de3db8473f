"""Statements and suspense at the desk: brought in, split, sent back by two, and the days that wait."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.ledger.public import check, owed
from gridhall.payments import public as payments
from gridhall.payments.partner_models import PartnerSerial
from gridhall.payments.public import TheirRow
from tests.office.conftest import Enter, text_of
from tests.office.town import Town
from tests.payments.statement_town import OURS, Line, camt, csv_zh

QUERIES_MOST = 12


@pytest.fixture
def account(town: Town) -> payments.BankAccountView:
    return payments.add_bank_account(system("test"), OURS, "Bank of Lakes", "湖银行", 101, virtual_prefix="9988")


def brought(client: Client, data: bytes, form: str = "camt.053") -> str:
    """The page after a file was brought in."""
    file = SimpleUploadedFile("statement.xml", data)
    given = {"form": form, "account": OURS, "columns": "bank-zh", "file": file}
    return text_of(client.post("/office/statements", given, follow=True))


def page_of(client: Client, address: str) -> str:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code == 200, address
    assert len(queries) <= QUERIES_MOST, (address, len(queries))
    return text_of(answer)


def test_a_statement_is_brought_in_matched_and_its_rest_is_split(
    town: Town, account: payments.BankAccountView, enter: Enter
) -> None:
    """One debt is paid by its number; 60.00 name nobody: 20.00 and 30.00 go to two accounts, 10.00 stay."""
    cashier = enter("cashier")
    first, second = town.lake[0], town.lake[1]
    debt = owed(first).total
    assert "No statement came yet." in page_of(cashier, "/office/statements")
    lines = [Line(debt, f"power {town.numbers[first]}"), Line(6_000, "rent", name="A landlord"), Line(-300, "fee")]
    page = brought(cashier, camt(lines))
    assert "3 lines booked, 1 of them given to accounts." in page
    assert owed(first).total == 0
    assert "All of it had come before" in brought(cashier, camt(lines))
    page = page_of(cashier, "/office/suspense")
    assert "A landlord" in page
    assert "57.00" not in page  # money without an owner and money that is missed are told apart
    item = next(each for each in payments.suspense() if each.amount == 6_000)
    address = f"/office/suspense/{item.id}"
    page_of(cashier, address)
    numbers = [town.numbers[second], town.numbers[town.hill[0]]]
    page = text_of(cashier.post(address, {"number": numbers, "amount": ["20", "50.00"]}))
    assert "That is more than is left of it." in page
    assert 'value="50.00"' in page  # what was typed is still there
    page = text_of(cashier.post(address, {"number": [*numbers, ""], "amount": ["20", "30.00", ""]}, follow=True))
    assert "Given to 2 accounts." in page
    assert payments.item_within(system("test"), item.id).open == 1_000
    page_of(cashier, address)
    page_of(cashier, f"/office/statements/{item.statement_id}")
    page_of(cashier, "/office/statements")
    assert check() == []


def test_money_goes_back_by_two_persons(town: Town, account: payments.BankAccountView, enter: Enter) -> None:
    cashier, manager = enter("cashier"), enter("manager")
    brought(cashier, camt([Line(6_000, "who", name="A stranger")]))
    (item,) = payments.suspense()
    ask = {"kind": "back", "amount": "45.00", "note": "not a customer of ours"}
    page = text_of(cashier.post(f"/office/suspense/{item.id}/ask", ask, follow=True))
    assert "Asked for: a second person decides." in page
    (act,) = payments.waiting_acts()
    assert "not yours" in page_of(cashier, "/office/suspense")
    assert "Agree" in page_of(manager, "/office/suspense")
    page = text_of(manager.post(f"/office/suspense/acts/{act.id}", {"word": "approve"}, follow=True))
    reference = payments.return_reference(act.id)
    assert f"must carry {reference}" in page
    later = camt([Line(-4_500, f"return {reference}")], ident="S-2", sequence=2, opening=6_000)
    brought(cashier, later)
    assert [each.open for each in payments.suspense()] == [1_500]
    assert check() == []


def test_what_a_file_lacks_is_named_with_its_line(
    town: Town, account: payments.BankAccountView, enter: Enter
) -> None:  # fmt: skip
    cashier = enter("cashier")
    bad = csv_zh([Line(100, "a"), Line(200, "b")]).replace(b"3.00", b"3.01")
    assert "Line 4, field 账户余额." in brought(cashier, bad, "csv")
    assert "Line 1, field xml." in brought(cashier, b"no xml at all")
    assert payments.statements() == []


def test_pages_keep_to_the_reach_and_the_rights_of_who_asks(
    town: Town, account: payments.BankAccountView, enter: Enter
) -> None:
    brought(enter("cashier"), camt([Line(6_000, "who")]))
    clerk = enter("clerk")
    for address in ("/office/statements", "/office/suspense", "/office/waiting"):
        assert clerk.get(address).status_code == 403
    from gridhall.kernel.models import StaffAccess

    StaffAccess.objects.filter(user__username="cashier").update(everywhere=False, units=[102])
    (item,) = payments.suspense()
    cashier = enter("cashier")
    assert cashier.get(f"/office/suspense/{item.id}").status_code == 404
    assert cashier.get(f"/office/statements/{item.statement_id}").status_code == 404
    assert "A landlord" not in text_of(cashier.get("/office/suspense"))


def _paid_at_the_bank(bank: payments.PartnerView, account_id: int, on: date) -> None:
    """What a teller's payment leaves in our books, without the line between."""
    PartnerSerial.objects.create(
        partner_id=bank.id, serial="S1", batch="B1", account_id=account_id, amount=1_234, bank_on=on, at=clock.now()
    )
    payment = payments.PaymentIn(
        1_234, f"bank:{bank.id}:S1", account_id, door=payments.DOOR_BANK, method=payments.ONLINE, value_on=on
    )
    (answer,) = payments.receive(system("test"), [payment])
    assert isinstance(answer, payments.Receipt)


def test_the_centre_tells_what_waits_and_a_banks_page_its_money_by_age(
    town: Town, account: payments.BankAccountView, enter: Enter
) -> None:
    contract = payments.Contract(payment_most=10**9, part_allowed=True, over_allowed=True)
    payments.add_partner(system("test"), "LAKEBANK", "Bank of Lakes", "湖银行", contract, everywhere=True)
    bank, cashier = payments.partner("LAKEBANK"), enter("cashier")
    number, five_ago = town.numbers[town.lake[0]], clock.today() - timedelta(days=5)
    assert "Every day of every door is settled." in page_of(cashier, "/office/waiting")
    _paid_at_the_bank(bank, town.lake[0], five_ago)
    page = page_of(cashier, "/office/waiting")
    assert "its file has not come" in page
    page = page_of(cashier, "/office/partners/LAKEBANK")
    assert "12.34" in page
    assert "4 to 7 days" in page
    data = payments.write_day_file("delimited", bank.code, five_ago, [TheirRow("S1", number, 1_234)])
    made = payments.reconcile_day(
        system("one"), bank.counterparty, five_ago, payments.read_day_file(data, "delimited", bank.code, five_ago).rows,
        payments.our_day(bank, five_ago), "f", data,
    )  # fmt: skip
    payments.release_day(system("two"), made.id)
    assert "its transfer has not come" in page_of(cashier, "/office/waiting")
    told = cashier.get("/office/partners/LAKEBANK?as=csv").content.decode("utf-8-sig").split("\r\n")
    assert told[1].startswith(f"{five_ago},1,12.34,released,12.34,12.34,5,0,0,")
    payments.settle_day(system("one"), made.id, 1_234, "T-1")
    assert "Every day of every door is settled." in page_of(cashier, "/office/waiting")
    brought(cashier, camt([Line(100)], ident="S-1", on=clock.today() - timedelta(days=3)))
    brought(cashier, camt([Line(100)], ident="S-3", opening=700, sequence=3))
    page = page_of(cashier, "/office/waiting")
    assert "a statement is missing before it" in page
    assert "money in suspense" in page
    assert "statement" in cashier.get("/office/waiting?as=csv").content.decode()
