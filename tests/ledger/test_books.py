"""The books: trial balance, close of a period, and a proof that finds whatever is broken. Amounts in fen."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from django.db import connection

from gridhall.billing.models import BillRun
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import (
    balances,
    check,
    close_period,
    debtors,
    is_closed,
    late_by_day,
    owed,
    rebuild,
    trial_balance,
)
from gridhall.payments.public import PaymentIn, Receipt, receive, reverse
from tests.payments.town import COMMERCIAL, SYSTEM, bill, make_accounts, moment

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = 202610, 202611


def pay(account: int, amount: int, key: str, **more: Any) -> Receipt | Refusal:
    return receive(SYSTEM, [PaymentIn(amount=amount, key=key, account_id=account, **more)])[0]


def rows(unit: int, period: int) -> dict[int, tuple[int, int, int, int]]:
    books = trial_balance(unit, period)
    assert books.balanced
    assert sum(row.closing for row in books.rows) == 0
    return {row.code: (row.opening, row.debit, row.credit, row.closing) for row in books.rows}


@pytest.mark.parametrize("unit", [0, 987])
def test_only_a_unit_that_exists_is_closed(unit: int) -> None:
    with pytest.raises(Refusal) as caught:
        close_period(SYSTEM, unit, 202601)
    assert caught.value.code == "unknown_unit"


def test_a_month_stays_open_while_a_run_has_its_bills_to_issue() -> None:
    """Approved on 30 October and not yet run: closing October would leave the run refused for ever."""
    make_accounts(1)
    run = BillRun.objects.create(
        period=202609, unit_ids=[1], state="approved", made_by="li", made_at=moment(2026, 10, 30),
        issued_on=date(2026, 10, 30), preview={},
    )  # fmt: skip
    with clock.at(moment(2026, 11, 2)):
        with pytest.raises(Refusal) as caught:
            close_period(SYSTEM, 1, OCTOBER)
        assert caught.value.code == "run_open"
        run.state = "done"
        run.save()
        assert close_period(SYSTEM, 1, OCTOBER).closed


def test_trial_balance_by_unit_and_period() -> None:
    make_accounts(2)
    make_accounts(1, unit_id=2, first=3)
    with clock.at(moment(2026, 11, 5)):
        bill(1, 202609, 6_000, issued=date(2026, 10, 2), due=date(2026, 11, 17))
        bill(2, OCTOBER, 4_000, issued=date(2026, 11, 2), due=date(2026, 11, 17), by_class={1: 3_500, 2: 500})
        bill(3, OCTOBER, 9_000, issued=date(2026, 11, 2), due=date(2026, 11, 17), unit_id=2)
        pay(1, 5_000, "a")
    assert rows(1, OCTOBER)[1122] == (0, 6_000, 0, 6_000)
    assert rows(1, NOVEMBER)[1122] == (6_000, 4_000, 5_000, 5_000)
    assert rows(1, NOVEMBER)[6002] == (0, 0, 500, -500)
    assert rows(2, NOVEMBER)[1122] == (0, 9_000, 0, 9_000)
    assert rows(0, NOVEMBER)[1122] == (6_000, 13_000, 5_000, 14_000)
    assert [(view.account_id, view.owed) for view in debtors([1])] == [(2, 4_000), (1, 1_000)]
    assert [view.account_id for view in debtors()] == [3, 2, 1]


def test_all_units_together_begin_where_each_was_closed() -> None:
    """Unit 1 closed October, unit 2 did not; what was closed is kept and not summed again."""
    make_accounts(1)
    make_accounts(1, unit_id=2, first=2)
    with clock.at(moment(2026, 10, 20)):
        bill(1, 202609, 6_000, issued=date(2026, 10, 2), due=date(2026, 11, 17))
        bill(2, 202609, 7_000, issued=date(2026, 10, 2), due=date(2026, 11, 17), unit_id=2)
    with clock.at(moment(2026, 11, 5)):
        close_period(SYSTEM, 1, OCTOBER)
        pay(1, 500, "a")
        pay(2, 300, "b")
    assert rows(0, NOVEMBER)[1122] == (13_000, 0, 800, 12_200)
    assert rows(0, OCTOBER)[1122] == (0, 13_000, 0, 13_000)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM movement WHERE unit_id = 1 AND period = %s", [OCTOBER])
    assert rows(0, NOVEMBER)[1122] == (13_000, 0, 800, 12_200)


def test_a_closed_period_takes_nothing_more() -> None:
    make_accounts(1)
    make_accounts(1, unit_id=2, first=2)
    with clock.at(moment(2026, 10, 20)):
        bill(1, 202609, 6_000, issued=date(2026, 10, 2), due=date(2026, 11, 17))
        pay(1, 1_000, "a")
        with pytest.raises(Refusal) as caught:
            close_period(SYSTEM, 1, OCTOBER)
        assert caught.value.code == "period_running"
    with clock.at(moment(2026, 11, 5)):
        books = close_period(SYSTEM, 1, OCTOBER)
        assert books.closed
        assert is_closed(1, OCTOBER)
        assert is_closed(1, 202609)
        assert not is_closed(2, OCTOBER)
        with pytest.raises(Refusal) as caught:
            close_period(SYSTEM, 1, OCTOBER)
        assert caught.value.code == "period_closed"
        late = pay(1, 500, "b", value_on=date(2026, 10, 31))
        assert isinstance(late, Refusal)
        assert (late.code, late.field, late.row) == ("period_closed", "value_on", 0)
        assert isinstance(pay(2, 500, "b", value_on=date(2026, 10, 31)), Receipt)
        assert isinstance(pay(1, 500, "b"), Receipt)
        with pytest.raises(Refusal) as caught:
            bill(1, OCTOBER, 100, issued=date(2026, 10, 31), due=date(2026, 11, 17))
        assert caught.value.code == "period_closed"
        # what stood at the close is where November begins
        assert rows(1, NOVEMBER)[1122] == (5_000, 0, 500, 4_500)
    with clock.at(moment(2026, 12, 5)), pytest.raises(Refusal) as caught:
        close_period(SYSTEM, 2, NOVEMBER)
    assert caught.value.code == "earlier_open"


def test_commercial_late_charge_rises_in_the_new_year() -> None:
    """100.00 due 21 December, paid 10 January: 10 days of December × 0.2 % + 10 of January × 0.3 % = 2.00 + 3.00."""
    make_accounts(1, class_code=COMMERCIAL)
    with clock.at(moment(2027, 1, 10)):
        bill(1, 202611, 10_000, issued=date(2026, 12, 2), due=date(2026, 12, 21), class_code=COMMERCIAL)
        now = owed(1)
        assert now.late == 500
        growth = late_by_day(now.items[0], COMMERCIAL, date(2027, 1, 10))
    assert growth[0] == (date(2026, 12, 22), 100)  # 0.20, at least 1.00
    assert growth[9] == (date(2026, 12, 31), 200)
    assert growth[-1] == (date(2027, 1, 10), 500)


def some_business() -> None:
    """Two accounts with everything that the books know: bills paid late, in part, a reversal, credit."""
    make_accounts(2)
    bill(1, 202602, 10_000, issued=date(2026, 3, 2), due=date(2026, 3, 25))
    bill(2, 202602, 5_000, issued=date(2026, 3, 2), due=date(2026, 3, 25))
    with clock.at(moment(2026, 4, 4)):
        pay(1, 5_000, "a")
        gone = pay(2, 7_000, "b")
        assert isinstance(gone, Receipt)
        reverse(SYSTEM, 2, gone.payment_no, "wrong account")
        pay(2, 6_000, "c")
    assert check() == []


DAMAGE = [
    ("UPDATE open_item SET open = open - 1 WHERE account_id = 1 AND kind = 1", {"item_open", "balance_owed"}),
    ("UPDATE open_item SET amount = amount + 1 WHERE account_id = 1 AND kind = 1", {"item_open", "item_amount"}),
    ("UPDATE open_item SET late_charged = 7 WHERE account_id = 1 AND kind = 1", {"late_charged"}),
    (
        "UPDATE open_item SET amount = amount + 1, open = open + 1 WHERE account_id = 1 AND kind = 2",
        {"late_item_amount", "late_charged", "balance_owed"},
    ),
    ("UPDATE late_charge SET amount = amount + 1 WHERE account_id = 1", {"late_item_amount", "late_charge_moved"}),
    (
        "UPDATE allocation SET amount = amount + 1 WHERE account_id = 1 AND item_kind = 1",
        {"item_open", "settlement_allocated"},
    ),
    ("UPDATE allocation SET item_seq = 9 WHERE account_id = 1 AND item_kind = 1", {"item_open"}),
    ("DELETE FROM allocation WHERE account_id = 1 AND item_kind = 1", {"item_open", "settlement_allocated"}),
    ("UPDATE balance SET owed = owed + 1 WHERE account_id = 1", {"balance_owed", "control_receivable"}),
    ("UPDATE balance SET credit = credit + 1 WHERE account_id = 2", {"control_credit"}),
    ("UPDATE balance SET open_from = 209901 WHERE account_id = 1", {"balance_owed"}),
    ("DELETE FROM balance WHERE account_id = 1", {"balance_owed", "control_receivable"}),
    (
        "UPDATE movement SET amount = amount + 1 WHERE account_id = 1 AND kind = 3 AND credit = 1122",
        {"settlement_allocated", "control_receivable", "payment_moved"},
    ),
    (
        "UPDATE movement SET amount = amount + 1 WHERE account_id = 1 AND kind = 1",
        {"item_amount", "control_receivable"},
    ),
    ("UPDATE movement SET amount = amount + 1 WHERE account_id = 1 AND kind = 5", {"late_charge_moved"}),
    ("UPDATE movement SET debit = 4711 WHERE account_id = 1 AND kind = 3", {"movement_of_known_accounts"}),
    ("UPDATE movement SET value_on = '2026-05-01' WHERE account_id = 1 AND kind = 3", {"movement_of_known_accounts"}),
    ("UPDATE movement SET unit_id = 9 WHERE account_id = 1 AND kind = 3", {"movement_of_the_accounts_unit"}),
    ("DELETE FROM movement WHERE account_id = 2 AND kind = 4", {"settlement_allocated", "payment_moved"}),
    ("UPDATE payment SET amount = amount + 1 WHERE account_id = 1", {"payment_moved"}),
    ("DELETE FROM payment WHERE account_id = 1", {"payment_moved", "payment_single"}),
    ("DELETE FROM payment_key WHERE account_id = 1", {"payment_single"}),
    ("INSERT INTO payment_key VALUES (1, 'stray', 999999)", {"payment_single"}),
    ("UPDATE payment SET reverses = 999999 WHERE account_id = 2 AND kind = 2", {"payment_reversed"}),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "named"), DAMAGE, ids=[damage[:70] for damage, _ in DAMAGE])
def test_whatever_is_damaged_is_named(damage: str, named: set[str]) -> None:
    some_business()
    with connection.cursor() as cursor:
        cursor.execute(damage)
        assert cursor.rowcount > 0
    broken = check()
    assert {row.check for row in broken} >= named
    account = "2" if "account_id = 2" in damage else "1"
    assert all(row.key.split("/")[0] == account for row in broken if row.table != "ledger_glaccount")
    assert all(row.is_ != row.should_be for row in broken)


def test_rebuild_puts_right_what_can_be_summed_and_tells() -> None:
    some_business()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE open_item SET open = open - 1 WHERE account_id = 1 AND kind = 1")
        cursor.execute("UPDATE balance SET credit = 5, owed = 77, open_from = 209901")
        cursor.execute("DELETE FROM balance WHERE account_id = 1")
    done = rebuild(SYSTEM)
    assert (done.items, done.balances) == (1, 2)
    assert [(row.table, row.key) for row in done.changes] == [
        ("open_item", "1/202602/1/1"), ("balance", "1"), ("balance", "2"),
    ]  # fmt: skip
    assert check() == []
    assert (balances([1])[1].owed, balances([2])[2].credit) == (5_100, 900)
    assert rebuild(SYSTEM).changes == ()


def test_check_tells_its_progress() -> None:
    told: list[tuple[str, int, int]] = []
    check(lambda name, done, total: told.append((name, done, total)))
    assert told[-1][1] == told[-1][2] == len(told) - 1
    assert all(np.diff([done for _, done, _ in told]) == 1)
