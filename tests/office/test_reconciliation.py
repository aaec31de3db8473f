"""The reconciliation centre: a file brought in by one, released by another, settled by its transfer."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridhall.customers.models import Account
from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.payments import public as payments
from gridhall.payments.public import TheirRow
from tests.office.conftest import Enter, text_of
from tests.office.town import Town

YESTERDAY_FILE = "lake.txt"


@pytest.fixture
def bank(town: Town) -> payments.PartnerView:
    contract = payments.Contract(payment_most=10**9, part_allowed=True, over_allowed=True)
    payments.add_partner(system("test"), "LAKEBANK", "Bank of Lakes", "湖银行", contract, everywhere=True)
    return payments.partner("LAKEBANK")


def a_file(bank: payments.PartnerView, rows: list[TheirRow]) -> SimpleUploadedFile:
    on = clock.today() - timedelta(days=1)
    return SimpleUploadedFile(YESTERDAY_FILE, payments.write_day_file("delimited", bank.code, on, rows))


def test_a_day_is_compared_released_and_settled(town: Town, bank: payments.PartnerView, enter: Enter) -> None:
    number = a_number(town)
    on = clock.today() - timedelta(days=1)
    cashier, manager = enter("cashier"), enter("manager")
    page = text_of(cashier.get("/office/reconciliation"))
    assert "No day was compared yet." in page
    brought = {"partner": "LAKEBANK", "on": on.isoformat(), "file": a_file(bank, [TheirRow("S1", number, 1_234)])}
    answer = cashier.post("/office/reconciliation", brought, follow=True)
    page = text_of(answer)
    assert "only in the bank&#x27;s file" in page
    assert "12.34" in page
    assert "Waits for a second person" in page
    assert "Release the day" not in page
    (day,) = payments.reconciliations()
    address = f"/office/reconciliation/{day.id}"
    with CaptureQueriesContext(connection) as queries:
        page = text_of(manager.get(address))
    assert len(queries) <= 12
    assert "Release the day" in page
    page = text_of(manager.post(f"{address}/release", follow=True))
    assert "Released: both books of the day are the same." in page
    page = text_of(
        cashier.post(f"{address}/settle", {"amount": "12.34", "transfer": "T-1", "on": clock.today()}, follow=True)
    )
    assert "at our bank" in page
    assert payments.reconciliations()[0].state == "settled"


def test_a_file_that_cannot_be_read_says_where(town: Town, bank: payments.PartnerView, enter: Enter) -> None:
    on = clock.today() - timedelta(days=1)
    bad = SimpleUploadedFile("x.txt", f"LAKEBANK|{on:%Y%m%d}|1|5\nS1|12345|x|".encode())
    answer = enter("cashier").post(
        "/office/reconciliation", {"partner": "LAKEBANK", "on": on.isoformat(), "file": bad}, follow=True
    )
    assert "Row 2, field amount." in text_of(answer)
    assert payments.reconciliations() == []


def test_who_has_no_till_of_others_does_not_see_it(town: Town, bank: payments.PartnerView, enter: Enter) -> None:
    assert enter("clerk").get("/office/reconciliation").status_code == 403
    assert enter("reader").get("/office/reconciliation").status_code == 403


def test_chinese(town: Town, bank: payments.PartnerView, enter: Enter) -> None:
    page = text_of(enter("cashier", "zh").get("/office/reconciliation"))
    assert "对账" in page
    assert "代收单位" in page


def a_number(town: Town) -> str:
    return str(Account.objects.order_by("id").values_list("number", flat=True)[0])
