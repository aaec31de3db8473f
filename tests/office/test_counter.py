"""A day at the counter. Amounts in fen; September's bill of 200 kWh at 0.5469 is 109.38, as August's."""

import re
from datetime import date, datetime

import pytest
from django.test import Client

from gridhall.doors.office import denominations, forms, lists
from gridhall.kernel import clock
from gridhall.kernel.models import AuditEntry
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from tests.document.pdf import text_of as pdf_text
from tests.office.conftest import Enter, text_of
from tests.office.town import Town


@pytest.fixture
def clerk(town: Town, enter: Enter) -> Client:
    client = enter("clerk")
    opened = client.post("/office/till/open", {"till": town.till, "float_amount": "500"})
    assert opened.headers["Location"] == "/office/counter"
    return client


def token_of(client: Client, account: int) -> str:
    page = text_of(client.get(f"/office/counter/{account}"))
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def pay(client: Client, account: int, amount: str, given: str = "", method: str = "cash", token: str = "") -> str:
    form = {"amount": amount, "given": given, "method": method, "token": token or token_of(client, account)}
    form |= {"slip": "000123"} if method == "card" else {}
    answer = client.post(f"/office/counter/{account}", form)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def test_a_customer_is_found_by_number_name_address_phone_and_meter(town: Town, clerk: Client) -> None:
    first = town.lake[0]
    for text in (town.numbers[first], "王小满", "wangxiaoman", "湖滨路0号", "13912345600", "GH00000000"):
        found = clerk.get("/office/counter", {"q": text})
        assert found.headers.get("Location") == f"/office/counter/{first}", text


def test_what_is_owed_is_shown_with_late_charge_to_this_day(town: Town, clerk: Client) -> None:
    account = town.lake[0]
    owed = ledger.owed(account, clock.now())
    assert owed.principal == 2 * 10_938
    assert owed.late > 0, "August's bill has been due for weeks"
    page = text_of(clerk.get(f"/office/counter/{account}"))
    assert lists.plain_amount(owed.total) in page
    assert lists.plain_amount(owed.late) in page


def test_cash_is_taken_change_given_and_the_debt_gone(town: Town, clerk: Client) -> None:
    account = town.lake[0]
    owed = ledger.owed(account, clock.now())
    where = pay(clerk, account, lists.plain_amount(owed.total), "300")
    page = text_of(clerk.get(where))
    change = 30_000 - owed.total
    assert f"¥ {lists.plain_amount(change)}" in page
    assert "Still owed" in page
    assert ledger.owed(account, clock.now()).total == 0
    for form in ("paper-zh", "paper-en", "roll-zh", "roll-en"):
        pdf = clerk.get(where.replace("?given", f"/{form}.pdf?given"))
        assert pdf.headers["Content-Type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF")


def test_the_same_form_sent_twice_takes_the_money_once(town: Town, clerk: Client) -> None:
    account = town.lake[0]
    token = token_of(clerk, account)
    first, second = (pay(clerk, account, "50", token=token) for _ in range(2))
    assert first == second
    assert "nothing was booked now" in text_of(clerk.get(second)), "the clerk must not keep the second banknote"
    assert "nothing was booked now" not in text_of(clerk.get(second))
    assert "no-store" in clerk.get(f"/office/counter/{account}").headers["Cache-Control"], "Back asks for a new form"
    assert sum(row.amount for row in payments.payments_of(account) if row.kind == payments.RECEIVED) == 5_000


def test_too_little_cash_and_no_amount_are_said_at_the_field(town: Town, clerk: Client) -> None:
    account = town.lake[0]
    token = token_of(clerk, account)
    form = {"amount": "100", "given": "50", "method": "cash", "token": token}
    short = clerk.post(f"/office/counter/{account}", form)
    assert short.status_code == 422
    assert "less than the amount" in short.content.decode()
    for amount in ("", "0", "-5", "ten", "1.234", "1e3"):
        wrong = clerk.post(f"/office/counter/{account}", form | {"amount": amount})
        assert wrong.status_code == 422, amount
    assert not payments.payments_of(account)


def test_a_payment_is_reversed_today_with_a_reason(town: Town, clerk: Client) -> None:
    account = town.lake[0]
    before = ledger.owed(account, clock.now()).total
    where = pay(clerk, account, "100").partition("?")[0]
    clerk.post(f"{where}/reverse", {"reason": ""})
    assert ledger.owed(account, clock.now()).total < before, "without a reason nothing is undone"
    clerk.post(f"{where}/reverse", {"reason": "wrong customer"})
    assert ledger.owed(account, clock.now()).total == before
    assert "This payment was reversed" in text_of(clerk.get(where))
    assert AuditEntry.objects.filter(act="payments.reverse", reason="wrong customer").exists()


def test_the_receipt_of_a_reversed_payment_says_so(town: Town, clerk: Client) -> None:
    """Printed again after the reversal, in both forms, and the reversal itself."""
    account = town.lake[0]
    where = pay(clerk, account, "100").partition("?")[0]
    first = [pdf_text(clerk.get(f"{where}/{form}.pdf").content) for form in ("paper-en", "roll-en")]
    assert all("void" not in text for text in first)
    clerk.post(f"{where}/reverse", {"reason": "wrong customer"})
    for form in ("paper-en", "roll-en"):
        text = pdf_text(clerk.get(f"{where}/{form}.pdf").content)
        assert "Receipt(reversed,void)" in text
        assert "Reversedon25Nov202612:00" in text
        reversal = payments.payments_of(account)[0]
        assert reversal.kind == payments.REVERSAL
        text = pdf_text(clerk.get(f"/office/counter/{account}/payment/{reversal.no}/{form}.pdf").content)
        assert "Reversalreceipt" in text
        assert "Amountreversed" in text


def test_tomorrow_it_is_too_late_to_reverse(town: Town, clerk: Client, noon: datetime) -> None:
    account = town.lake[0]
    where = pay(clerk, account, "100").partition("?")[0]
    with clock.at(noon.replace(day=26)):
        assert "/reverse" not in text_of(clerk.get(where))
        refused = clerk.post(f"{where}/reverse", {"reason": "too late"})
        assert refused.status_code in (302, 409)
    assert payments.payments_of(account)[0].kind == payments.RECEIVED


def test_the_till_is_counted_before_it_tells_what_it_expects(town: Town, clerk: Client) -> None:
    """500.00 float + 100.00 cash = 600.00 expected; card money is not in the drawer. 590.00 counted: 10.00 short."""
    pay(clerk, town.lake[0], "100", "100")
    pay(clerk, town.lake[1], "30", method="card")
    page = text_of(clerk.get("/office/till/close"))
    assert "600.00" not in page.partition("<main")[2], "a clerk who knows the sum counts it into being"
    counted = {"n10000": "5", "n5000": "1", "n2000": "2"}
    compared = text_of(clerk.post("/office/till/close", counted | {"step": "compare"}))
    assert "− ¥ 10.00" in compared
    silent = clerk.post("/office/till/close", counted | {"step": "close", "note": ""})
    assert silent.status_code == 200
    assert payments.till_session_of(town.users["clerk"]) is not None, "a difference needs a word"
    closed = clerk.post("/office/till/close", counted | {"step": "close", "note": "a note stuck, looked twice"})
    report = text_of(clerk.get(closed.headers["Location"]))
    assert "− ¥ 10.00" in report
    assert "100.00×5" in report
    assert payments.till_session_of(town.users["clerk"]) is None
    assert clerk.get("/office/counter").status_code == 200


def test_a_second_clerk_cannot_open_the_same_till(town: Town, clerk: Client, enter: Enter) -> None:
    cashier = enter("cashier")
    page = text_of(cashier.get("/office/till/open"))
    assert "No till is free" in page
    cashier.post("/office/till/open", {"till": town.till})
    assert payments.till_session_of(town.users["cashier"]) is None


def test_the_days_money_adds_up(town: Town, clerk: Client, enter: Enter) -> None:
    pay(clerk, town.lake[0], "100", "100")
    pay(clerk, town.hill[0], "30", method="card")
    cashier = enter("cashier")
    page = text_of(cashier.get("/office/money"))
    assert "130.00" in page
    rows = cashier.get("/office/money?as=csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert cashier.get("/office/money?on=not-a-day").status_code == 200
    assert "No money came" in text_of(cashier.get("/office/money?on=2026-01-01"))


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("350", 35_000), ("350.00", 35_000), ("1,842.5", 184_250), ("¥ 0.01", 1), ("３５０．５０", 35_050), (".5", 50),
        ("350.000", 35_000), ("", None), (".", None), ("1.234", None), ("-1", None), ("1e3", None), ("12a", None),
        ("٣٥", None), ("9" * 14, None),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, minor: int | None) -> None:
    assert forms.minor_units(text, 2) == minor


def test_a_cell_never_runs_in_a_spreadsheet() -> None:
    assert lists.cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert lists.cell("-12.50") == "-12.50"
    assert lists.cell("+86 139") == "'+86 139"
    assert lists.cell(date(2026, 1, 2)) == "2026-01-02"


def test_the_drawer_of_an_unknown_currency_can_be_counted_too() -> None:
    assert denominations.of("XTS", 2)[0] == 10_000
    assert denominations.of("XTS", 2)[-1] == 1
    assert denominations.of("XTS", 0)[-1] == 1


def test_far_more_than_is_owed_is_asked_about(clerk: Client, town: Town) -> None:
    account = town.lake[0]
    form = {"amount": "900000", "given": "900000", "method": "cash", "token": token_of(clerk, account)}
    asked = clerk.post(f"/office/counter/{account}", form)
    assert asked.status_code == 422
    assert 'name="sure"' in asked.content.decode()
    assert not payments.payments_of(account)
    taken = clerk.post(f"/office/counter/{account}", form | {"sure": "on"})
    assert taken.status_code == 302
    assert [row.amount for row in payments.payments_of(account)] == [90_000_000]
