"""The data set of an invoice: the tax inside the price, lines that come to the bill, terms that are data."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from gridhall.billing import public as billing
from gridhall.kernel import clock
from gridhall.kernel.home import home
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments
from gridhall.rules.included_tax import tax_within, without_tax
from tests.billing.town import ACTOR, AUGUST, Town, moment, small_town

AMOUNTS = st.integers(-(10**15), 10**15)
RATES = st.integers(0, 10_000)


@pytest.fixture
def town(db: None) -> Town:
    made = small_town()
    made.read(202608, AUGUST)
    made.bill(202608)
    return made


@pytest.mark.parametrize(("gross", "rate", "tax"), [
    (11_300, 1_300, 1_300),   # 113.00: 100.00 and 13.00
    (16_407, 1_300, 1_888),   # 164.07 × 13 / 113 = 18.8752…
    (-11_300, 1_300, -1_300),
    (1, 1_300, 0),            # 0.13 / 1.13 = 0.115
    (4, 1_300, 0),            # 0.46
    (5, 1_300, 1),            # 0.575
    (226, 1_300, 26),
    (21, 500, 1),             # exactly 1
    (1_000, 0, 0),
])  # fmt: skip
def test_the_tax_inside_an_amount(gross: int, rate: int, tax: int) -> None:
    assert tax_within(gross, rate) == tax


@given(gross=AMOUNTS, rate=RATES)
def test_it_is_the_nearest_whole_one_and_has_the_amounts_sign(gross: int, rate: int) -> None:
    tax = tax_within(gross, rate)
    assert abs(2 * (tax * (10_000 + rate) - gross * rate)) <= 10_000 + rate
    assert tax_within(-gross, rate) == -tax


@given(price=st.integers(0, 10**13), rate=RATES)
def test_a_price_without_its_tax(price: int, rate: int) -> None:
    assert abs(2 * (without_tax(price, rate) * (10_000 + rate) - price * 10_000)) <= 10_000 + rate


def test_an_invoice_comes_to_its_bill(town: Town) -> None:
    """Wang's 164.07: 145.19 and 18.88 of tax (13 / 113 of it is 18.8752)."""
    invoice = billing.invoice(town.accounts["Wang"], 202608, 1, "en")
    assert (invoice.gross, invoice.tax, invoice.net) == (16_407, 1_888, 14_519)
    assert sum(line.gross for line in invoice.lines) == 16_407
    assert sum(line.net for line in invoice.lines) == 14_519
    assert [(share.category, share.rate, share.base, share.tax) for share in invoice.taxes] == [
        ("S", 1_300, 14_519, 1_888),
    ]  # fmt: skip
    assert not invoice.credit
    assert "2019" in invoice.source
    first = invoice.lines[0]
    assert first.unit == "KWH"
    # 0.5469 / 1.13 = 0.48398…
    assert first.price == "0.4839823009"


def test_a_bill_that_was_cancelled_has_none(town: Town) -> None:
    with clock.at(moment("2026-09-04")):
        billing.cancel_bill(ACTOR, town.accounts["Wang"], 202608, 1, "read wrongly")
    with pytest.raises(Refusal) as caught:
        billing.invoice(town.accounts["Wang"], 202608, 1)
    assert caught.value.code == "bill_cancelled"


def test_a_payments_data_set_tells_what_it_paid(town: Town) -> None:
    account = town.accounts["Wang"]
    with clock.at(moment("2026-09-05")):
        (paid,) = payments.receive(ACTOR, [payments.PaymentIn(account_id=account, amount=20_000, key="test:1")])
    assert isinstance(paid, payments.Receipt)
    data = billing.payment_invoice(account, paid.payment_no)
    assert (data.amount, data.in_advance) == (20_000, 3_593)
    number = billing.bill(account, 202608, 1).number
    assert [(part.number, part.kind, part.amount) for part in data.parts] == [(number, "bill", 16_407)]


@pytest.fixture
def own_terms() -> Path:
    path = home() / "invoice_taxes.yaml"
    yield path  # type: ignore[misc]
    path.unlink(missing_ok=True)


def test_the_suppliers_own_terms_come_first(town: Town, own_terms: Path) -> None:
    own_terms.write_text("taxes:\n  - {tariffs: cn-shandong-*, rate: '9.5', source: our notice}\n")
    invoice = billing.invoice(town.accounts["Wang"], 202608, 1)
    assert (invoice.taxes[0].rate, invoice.source) == (950, "our notice")


@pytest.mark.parametrize("text", ["[]", "taxes: 1", "taxes:\n  - {tariffs: 'cn-*', rate: 13}",
                                  "taxes:\n  - {tariffs: 'cn-*', rate: 13.005, source: x}"])  # fmt: skip
def test_terms_that_say_too_little_are_refused(town: Town, own_terms: Path, text: str) -> None:
    own_terms.write_text(text)
    with pytest.raises(Refusal) as caught:
        billing.invoice(town.accounts["Wang"], 202608, 1)
    assert caught.value.code == "bad_tax_terms"


def test_a_tariff_of_which_nothing_is_stated_has_no_invoice(settings: Settings) -> None:
    from gridhall.billing.invoices import tax_terms

    with pytest.raises(Refusal) as caught:
        tax_terms("us-somewhere")
    assert caught.value.code == "no_tax_terms"
