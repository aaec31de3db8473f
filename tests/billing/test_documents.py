"""Documents made from bills: what they say adds up."""

from dataclasses import replace

import pytest

from gridhall.billing import composing
from gridhall.billing import public as billing
from gridhall.billing.composing import documents
from gridhall.billing.document.data import BillDocument
from gridhall.billing.document.render import render_bills
from gridhall.billing.models import Bill
from gridhall.kernel import clock
from gridhall.payments import public as payments
from tests.billing.town import ACTOR, AUGUST, SEPTEMBER, Town, moment, small_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    made = small_town()
    made.read(202608, AUGUST)
    made.bill(202608)
    return made


def cents(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def adds_up(document: BillDocument) -> bool:
    """Before + late charge + this bill − paid = open now."""
    account = document.account
    parts = (account.previous_balance, account.late_charge or "0.00", account.this_bill, account.payments)
    return sum(map(cents, parts)) == cents(account.open_debt)


def test_a_new_bill_is_due(town: Town) -> None:
    with clock.at(moment("2026-09-04")):
        document = billing.bill_document(town.accounts["Wang"], 202608, 1, "en")
    assert (document.state, document.amount_due, document.due_on) == ("due", "¥ 164.07", "18 September 2026")
    assert document.account.open_debt == "164.07"
    assert adds_up(document)
    assert document.lines[0].clause
    assert document.payment.url.endswith(f"/bills/202608/1?number={document.customer.number}")


def test_a_paid_bill_is_settled(town: Town) -> None:
    account = town.accounts["Wang"]
    with clock.at(moment("2026-09-05")):
        payments.receive(ACTOR, [payments.PaymentIn(account_id=account, amount=20000, key="test:1")])
        document = billing.bill_document(account, 202608, 1, "zh")
    assert (document.state, document.amount_due, document.due_on) == ("settled", "¥ 0.00", "")
    # 200.00 paid, 164.07 used: 35.93 in the customer's favour
    assert document.account.open_debt == "-35.93"
    assert adds_up(document)


def test_a_cancelled_bill_that_nobody_paid_is_neither_settled_nor_paid(town: Town) -> None:
    account = town.accounts["Wang"]
    with clock.at(moment("2026-09-05")):
        billing.cancel_bill(ACTOR, account, 202608, 1, "misread")
        made = [billing.bill_document(account, 202608, 1, language) for language in ("en", "zh")]
    document = made[0]
    assert (document.state, document.amount_due, document.due_on) == ("cancelled", "¥ 0.00", "")
    assert (document.account.payments, document.account.open_debt) == ("0.00", "0.00")
    assert adds_up(document)
    assert render_bills(made)[:4] == b"%PDF"


def test_older_debt_shows_with_its_late_charge(town: Town) -> None:
    town.read(202609, SEPTEMBER)
    town.bill(202609)
    with clock.at(moment("2026-10-08")):
        document = billing.bill_document(town.accounts["Wang"], 202609, 1, "zh")
    # 20 days late, 19 September to 8 October: 164.07 × 0.1 % × 20 = 3.2814
    assert document.account.late_charge == "3.28"
    assert document.account.previous_balance == "164.07"
    assert adds_up(document)


def test_the_page_tells_the_months_and_the_blocks(town: Town) -> None:
    town.read(202609, SEPTEMBER)
    town.bill(202609)
    document = billing.bill_document(town.accounts["Li"], 202609, 1, "en")
    assert [bar.value for bar in document.months][-2:] == ["300", "250"]
    assert sum(part.height for part in document.months[-1].parts) == 250
    assert document.blocks is not None
    assert [bar.used for bar in document.blocks.bars] == [550_000, 0, 0]
    assert "50 kWh less than the month before" in document.explanation


def test_many_documents_cost_the_queries_of_one(town: Town, django_assert_max_num_queries: object) -> None:
    rows = list(Bill.objects.filter(period=202608))
    with clock.at(moment("2026-09-04")):
        documents(rows[:1])
        with django_assert_max_num_queries(30):  # type: ignore[operator]
            made = documents(rows)
    assert len(made) == 4
    assert {each.language for each in made} == {"zh"}


@pytest.mark.parametrize(("lines", "uses"), [(32, 12), (33, 13), (40, 14)])
def test_more_lines_than_a_page_holds_end_in_their_sum(
    town: Town, monkeypatch: pytest.MonkeyPatch, lines: int, uses: int
) -> None:
    """A bill as three changes of terms make it: what is shown adds up to what is asked for."""
    real = composing.views

    def long_views(rows: list[Bill]) -> list[billing.BillView]:
        made = []
        for view in real(rows):
            line, use = view.lines[0], view.uses[0]
            many = tuple(replace(line, n=k + 1, amount=100 + k) for k in range(lines))
            total = sum(each.amount for each in many)
            made.append(replace(view, lines=many, uses=(use,) * uses, amount=total))
        return made

    monkeypatch.setattr(composing, "views", long_views)
    rows = list(Bill.objects.filter(account_id=town.accounts["Wang"]))
    with clock.at(moment("2026-09-04")):
        made = [documents(rows, language)[0] for language in ("en", "zh")]
    for document in made:
        assert sum(cents(line.amount) for line in document.lines) == cents(document.total)
        assert len(document.lines) == min(lines, 32)
        assert len(document.readings) == min(uses, 12)
    if lines > 32:
        # of 40 lines 31 are shown: 9 are left, 131 to 139 fen
        left = lines - 31
        assert [made[k].lines[-1].name for k in (0, 1)] == [f"Other lines ({left})", f"其他明细（{left} 项）"]
        assert cents(made[0].lines[-1].amount) == sum(100 + k for k in range(31, lines))
        assert made[0].readings[-1].register == f"Other readings ({uses - 11})"
        assert made[0].notices[0] == "All lines and readings are in the online hall."
    assert render_bills(made)[:4] == b"%PDF"
