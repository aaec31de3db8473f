"""A payment service's day in the reconciliation centre: its bill given as a file, for who sees all units."""

import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from gridhall.adapters.alipay.simulator import bill
from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_simulator.book import PAID, Book, Trade
from gridhall.kernel import clock
from gridhall.kernel.models import StaffAccess
from gridhall.payments import public as payments
from tests.office.conftest import Enter, text_of
from tests.office.town import Town


@pytest.fixture(autouse=True)
def _alipay(settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = {"alipay": "gridhall.adapters.alipay.gateway.AlipayGateway"}


def a_bill() -> SimpleUploadedFile:
    book = Book()
    book.place(Trade("20261101theirs", 1_234, "x", "", "", time.time() + 60, state=PAID, paid_at=time.time()))
    return SimpleUploadedFile("alipay.zip", bill(book, wire.beijing().date(), "well"))


def test_its_bill_is_compared(town: Town, enter: Enter) -> None:
    on = wire.beijing().date()
    with clock.at(wire.beijing() + timedelta(days=1)):
        desk = enter("cashier")
        assert "Alipay" in text_of(desk.get("/office/reconciliation"))
        page = text_of(
            desk.post(
                "/office/reconciliation", {"partner": "online:alipay", "on": on.isoformat(), "file": a_bill()},
                follow=True,
            )
        )  # fmt: skip
        assert "Compared: the books differ" in page
        assert "20261101theirs" in page
        assert "12.34" in page
        (day,) = payments.reconciliations("online:alipay")
        assert (day.their_amount, day.their_fee) == (1_234, 7)


def test_a_bank_needs_a_file_and_a_gateway_that_is_not_set_up_says_so(town: Town, enter: Enter) -> None:
    desk = enter("cashier")
    on = (clock.today() - timedelta(days=1)).isoformat()
    page = text_of(desk.post("/office/reconciliation", {"partner": "online:alipay", "on": on}, follow=True))
    assert "not set up completely" in page


def test_who_sees_a_few_units_sees_no_gateway(town: Town, enter: Enter) -> None:
    StaffAccess.objects.filter(user__username="cashier").update(everywhere=False, units=[1])
    assert "Alipay" not in text_of(enter("cashier").get("/office/reconciliation"))
