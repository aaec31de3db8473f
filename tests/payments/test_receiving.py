"""Stories of money that comes in, with their arithmetic. Amounts in fen."""

from datetime import date

import pytest

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, owed, trial_balance
from gridhall.payments.public import PaidItem, PaymentIn, Receipt, payments_of, receipt, receive
from tests.payments.town import SYSTEM, bill, make_accounts, moment

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = 202610, 202611


def pay(account: int, amount: int, key: str = "api:test:1", **more: object) -> Receipt:
    answer = receive(SYSTEM, [PaymentIn(amount=amount, key=key, account_id=account, **more)])[0]  # type: ignore[arg-type]
    assert isinstance(answer, Receipt), answer
    return answer


def test_a_bill_paid_in_time_leaves_nothing() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        bill(1, OCTOBER, 8_640, issued=date(2026, 11, 2), due=date(2026, 11, 17))
        assert owed(1).total == 8_640
        got = pay(1, 8_640)
    assert got.paid == (PaidItem(OCTOBER, 1, 1, 8_640),)
    assert (got.late_part, got.to_credit, got.left_owed, got.replayed) == (0, 0, 0, False)
    assert balances([1])[1].owed == 0
    assert check() == []


def test_late_charge_arises_to_the_day_of_payment() -> None:
    """168.00 due on 25 March, paid on 9 April: 15 days × 0.1 % × 168.00 = 2.52 (worked example CN-LF-01)."""
    make_accounts(1)
    with clock.at(moment(2026, 4, 9)):
        bill(1, 202602, 16_800, issued=date(2026, 3, 2), due=date(2026, 3, 25))
        now = owed(1)
        assert (now.principal, now.late, now.total) == (16_800, 252, 17_052)
        assert now.items[0].days_late == 15
        got = pay(1, now.total)
    assert got.paid == (PaidItem(202602, 2, 1001, 252), PaidItem(202602, 1, 1, 16_800))
    assert (got.late_part, got.left_owed, got.to_credit) == (252, 0, 0)
    assert check() == []


def test_the_least_late_charge_is_one_yuan() -> None:
    """30.00, 10 days: 0.30, charged as 1.00 (worked example CN-LF-02)."""
    make_accounts(1)
    with clock.at(moment(2026, 4, 4)):
        bill(1, 202602, 3_000, issued=date(2026, 3, 2), due=date(2026, 3, 25))
        assert owed(1).late == 100


def test_part_payment_pays_late_charge_then_oldest_and_counts_on_from_there() -> None:
    """100.00 due 25 March, paid 50.00 on 4 April: charge 10 d × 0.1 % × 100.00 = 1.00; 49.00 go to the bill.
    On 14 April: 10 d × 0.1 % × 51.00 = 0.51 more; the whole late charge so far is 1.51."""
    make_accounts(1)
    bill(1, 202602, 10_000, issued=date(2026, 3, 2), due=date(2026, 3, 25))
    with clock.at(moment(2026, 4, 4)):
        first = pay(1, 5_000, key="a")
    assert first.paid == (PaidItem(202602, 2, 1001, 100), PaidItem(202602, 1, 1, 4_900))
    assert first.left_owed == 5_100
    with clock.at(moment(2026, 4, 14)):
        assert owed(1).total == 5_151
        second = pay(1, 5_151, key="b")
    assert second.paid == (PaidItem(202602, 2, 1002, 51), PaidItem(202602, 1, 1, 5_100))
    assert second.left_owed == 0
    assert check() == []


def test_oldest_month_first_and_the_rest_is_credit() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 10)):
        bill(1, OCTOBER, 7_000, issued=date(2026, 11, 2), due=date(2026, 11, 17))
        bill(1, 202609, 5_000, issued=date(2026, 10, 2), due=date(2026, 11, 10))
        got = pay(1, 13_000)
    assert got.paid == (PaidItem(202609, 1, 1, 5_000), PaidItem(OCTOBER, 1, 1, 7_000))
    assert got.to_credit == 1_000
    assert balances([1])[1].credit == 1_000
    assert check() == []


def test_a_key_that_comes_again_answers_the_first_receipt() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        bill(1, OCTOBER, 8_640, issued=date(2026, 11, 2), due=date(2026, 11, 17))
        first = pay(1, 5_000)
        pay(1, 1_000, key="other")
        again = pay(1, 5_000)
    assert again.replayed
    assert (again.payment_no, again.paid, again.left_owed) == (first.payment_no, first.paid, 3_640)
    assert len(payments_of(1)) == 2


def test_the_same_key_twice_in_one_batch_is_booked_once() -> None:
    make_accounts(1)
    same = PaymentIn(amount=500, key="k", account_id=1)
    first, second = receive(SYSTEM, [same, same])
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert second.replayed
    assert first.payment_no == second.payment_no
    assert balances([1])[1].credit == 500


def test_two_payments_of_one_account_in_a_batch_are_settled_one_after_the_other() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        bill(1, OCTOBER, 1_000, issued=date(2026, 11, 2), due=date(2026, 11, 17))
        answers = receive(SYSTEM, [PaymentIn(600, "a", 1), PaymentIn(600, "b", 1)])
    left = [(a.left_owed, a.to_credit) for a in answers if isinstance(a, Receipt)]
    assert left == [(400, 0), (0, 200)]
    assert check() == []


def test_a_refused_payment_does_not_harm_the_others() -> None:
    make_accounts(2)
    answers = receive(
        SYSTEM,
        [
            PaymentIn(100, "a", 1),
            PaymentIn(0, "b", 1),
            PaymentIn(100, "c", 999),
            PaymentIn(100, "d", account_number="A0000002"),
            PaymentIn(100, "", 2),
            PaymentIn(100, "f", account_number="none"),
        ],
    )
    codes = [answer.code if isinstance(answer, Refusal) else answer.account_id for answer in answers]
    assert codes == [1, "amount_not_positive", "unknown_account", 2, "key_missing", "unknown_account"]
    assert [answer.row for answer in answers if isinstance(answer, Refusal)] == [1, 2, 4, 5]
    assert check() == []


def test_receipt_and_books() -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 20)):
        bill(
            1, OCTOBER, 10_000, issued=date(2026, 11, 2), due=date(2026, 11, 17),
            by_class={1: 8_200, 3: 700, 4: 1_300, 5: -200},
        )  # fmt: skip
        got = pay(1, 12_000, reference="bank slip 17")
        # 3 days × 0.1 % × 100.00 = 0.30, at least 1.00
        seen = receipt(1, got.payment_no)
        books = {row.code: (row.debit, row.credit) for row in trial_balance(1, NOVEMBER).rows}
    assert (seen.late_part, seen.principal_part, seen.to_credit) == (100, 10_000, 1_900)
    assert seen.reference == "bank slip 17"
    # online money is in transit; energy 82.00 less the allowance of 2.00
    assert books[1012] == (12_000, 0)
    assert books[1122] == (10_200 + 100, 200 + 10_100)
    assert books[2203] == (0, 1_900)
    assert books[6001] == (200, 8_200)
    assert books[2241] == (0, 700)
    assert books[2221] == (0, 1_300)
    assert books[6051] == (0, 100)
