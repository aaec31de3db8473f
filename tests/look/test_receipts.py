"""Receipts as documents: every fen is on the paper, however many bills one payment paid."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from gridhall.billing.document.data import ALLOCATIONS_MAX
from gridhall.customers.public import AccountView
from gridhall.doors.look import receipts
from gridhall.kernel import clock
from gridhall.payments.public import CASH, DOOR_COUNTER, DOOR_PORTAL, RECEIVED, PaidItem, PaymentView, ReceiptView

ACCOUNT = AccountView(
    account_id=1, number="3102001016", name="王小明", kind="person", phone="", email="", language="zh",
    address="明珠路12号", area_id=1, unit_id=1, class_code=1, opened_on=date(2020, 1, 1), closed_on=None,
    longitude_millionths=0, latitude_millionths=0,
)  # fmt: skip


def view(paid: tuple[PaidItem, ...], to_credit: int = 0) -> ReceiptView:
    amount = sum(item.amount for item in paid) + to_credit
    at = datetime(2026, 11, 23, 10, 42, tzinfo=clock.zone())
    payment = PaymentView(1, 77, RECEIVED, 1, DOOR_COUNTER, CASH, amount, to_credit, 3, 0, 0, at, at.date(), 0)
    return ReceiptView(payment, paid, 0, amount, to_credit, 0, "", "k", "赵敏", "T3", "Till 3", "三号窗口", 1)


@pytest.mark.parametrize("count", [1, ALLOCATIONS_MAX - 1, ALLOCATIONS_MAX, ALLOCATIONS_MAX + 1, 40])
@pytest.mark.parametrize("to_credit", [0, 333])
def test_the_lines_add_up(count: int, to_credit: int) -> None:
    paid = tuple(PaidItem(202401 + n % 12, 1, 1, 1_001 + n) for n in range(count))
    made = receipts.document(view(paid, to_credit), ACCOUNT, "zh")
    cents = sum(int(line.amount.replace(",", "").replace(".", "")) for line in made.lines)
    assert cents == sum(item.amount for item in paid) + to_credit
    assert len(made.lines) <= ALLOCATIONS_MAX


def test_words_in_both_languages() -> None:
    one = view((PaidItem(202610, 2, 1001, 100), PaidItem(202610, 1, 1, 15_627)))
    chinese = receipts.document(one, ACCOUNT, "zh", outlet="湖滨营业厅", given=20_000)
    assert [line.name for line in chinese.lines] == ["2026年10月违约金", "2026年10月电费"]
    assert chinese.amount_words == "壹佰伍拾柒元贰角柒分"
    assert (chinese.given, chinese.change) == ("200.00", "42.73")
    assert chinese.way == "现金 · 营业窗口"
    english = receipts.document(replace(one), ACCOUNT, "en")
    assert [line.name for line in english.lines] == ["Oct 2026: late charge", "Oct 2026: electricity"]
    assert english.number == "R-20261123-77"
    assert (english.given, english.amount_words) == ("", "")


def test_a_reversed_payment_says_nothing_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undone an hour later: void, without the debt and the credit of then."""
    one = view((PaidItem(202610, 1, 1, 15_627),), 100)
    undone = replace(one, payment=replace(one.payment, reversed_by=78))
    later = replace(
        one, payment=replace(one.payment, no=78, received_at=datetime(2026, 11, 23, 11, 42, tzinfo=clock.zone()))
    )
    monkeypatch.setattr(receipts.payments, "receipt", lambda account, no: later)
    made = receipts.document(undone, ACCOUNT, "en")
    assert (made.void, made.refund, made.open_after, made.to_credit) == (True, False, "", "")
    assert made.reversed_on
    assert receipts.document(one, ACCOUNT, "en").open_after == "0.00"
    online = replace(undone, payment=replace(undone.payment, door=DOOR_PORTAL))
    assert receipts.document(online, ACCOUNT, "en").refund
