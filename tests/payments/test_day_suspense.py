"""A bank's day with rows that nobody can explain: their money goes to suspense, the day settles, and later they are
cleared. Amounts in fen."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, trial_balance
from gridhall.payments import public as payments
from gridhall.payments.public import PartnerView, TheirRow, payments_of
from tests.payments.partner_town import LENIENT, OWED, a_bank, number_of, owing_accounts, paid
from tests.payments.test_day_reconciliation import CASHIER, MANAGER, compared
from tests.payments.town import clerk

pytestmark = pytest.mark.django_db(transaction=True)
THIRD = clerk(3, "tills.all", "refunds.approve")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as no:
        act()
    return no.value.code


def books(*codes: int) -> list[int]:
    today = clock.today()
    rows = {row.code: row.closing for row in trial_balance(0, today.year * 100 + today.month).rows}
    return [rows[code] for code in codes]


def settled_day(kinds: dict[str, str]) -> tuple[PartnerView, date, int]:
    """Of five accounts that owe 25.00: S1 in both books; S2 in ours alone; S4 with 20.00 in ours and 25.00 in the
    bank's; S5 in ours for account 5 and in the bank's for account 3; S8 in the bank's alone for a number we do not
    know, 40.00. The bank's file: 25 + 25 + 25 + 40 = 115.00. Everything in `kinds` is put to suspense."""
    numbers, bank = owing_accounts(5), a_bank(LENIENT)
    paid(bank, numbers[0], "S1")
    paid(bank, numbers[1], "S2")
    paid(bank, numbers[3], "S4", 2_000)
    paid(bank, numbers[4], "S5")
    day = clock.today()
    rows = [
        TheirRow("S1", numbers[0], OWED), TheirRow("S4", numbers[3], OWED), TheirRow("S5", numbers[2], OWED),
        TheirRow("S8", "9999999999", 4_000),
    ]  # fmt: skip
    with clock.at(clock.now() + timedelta(days=1)):
        made = compared(bank, day, rows)
        _, differences = payments.reconciliation(made.id)
        for each in differences:
            payments.choose_act(CASHIER, each.id, kinds[each.serial])
        payments.release_day(THIRD, made.id)
    return bank, day, made.id


def test_a_day_with_rows_that_nobody_can_explain_settles() -> None:
    _, _, day = settled_day(dict.fromkeys(("S2", "S4", "S5", "S8"), "suspend"))
    with clock.at(clock.now() + timedelta(days=1)):
        found, differences = payments.reconciliation(day)
        assert (found.state, found.open_count) == ("released", 0)
        # missed: S2 25.00, S5 of account 5 25.00; without an owner: 5.00 of S4, 25.00 of S5, 40.00 of S8
        items = payments.suspense()
        assert sorted(each.amount for each in items) == [-2_500, -2_500, 500, 2_500, 4_000]
        assert books(1012, 2999) == [11_500, -2_000]
        unknown = next(each for each in items if each.amount == 4_000)
        # before the money is there, nothing of it is given away
        assert refused(lambda: payments.accept(CASHIER, unknown.id, [(number_of(3), 4_000)])) == "day_not_settled"
        assert refused(lambda: payments.settle_day(CASHIER, day, 9_500, "T-1")) == "transfer_differs"
        payments.settle_day(CASHIER, day, 11_500, "T-1")
        assert books(1002, 1012, 2999) == [11_500, 0, -2_000]
        assert check() == []
        clear_them(items)
        assert books(1012, 2999) == [0, 0]
        assert check() == []
    assert differences


def clear_them(items: list[payments.SuspenseView]) -> None:
    """S8 was for account 3; the 5.00 of S4 for account 4; the bank never had S2: taken back by two persons, and our
    two sides of S5 are one another's."""
    by_amount = {each.amount: each for each in items if each.serial != "S5"}
    payments.accept(CASHIER, by_amount[4_000].id, [(number_of(3), 4_000)])
    payments.accept(CASHIER, by_amount[500].id, [(number_of(4), 500)])
    asked = payments.ask_act(CASHIER, by_amount[-2_500].id, "undo", -2_500, "the bank has no such payment")
    assert refused(lambda: payments.decide_act(CASHIER, asked.id, approve=True)) == "second_person_needed"
    payments.decide_act(MANAGER, asked.id, approve=True)
    theirs, ours = (
        next(each for each in items if each.serial == "S5" and each.side == side) for side in ("theirs", "ours")
    )
    payments.net(CASHIER, theirs.id, ours.id)
    assert [balances([each])[each].owed for each in (2, 3, 4, 5)] == [OWED, 0, 0, 0]
    assert payments_of(3)[0].to_credit == 1_500


def test_released_again_nothing_goes_to_suspense_twice() -> None:
    _, _, day = settled_day(dict.fromkeys(("S2", "S4", "S5", "S8"), "suspend"))
    from gridhall.payments.partner_models import DayDifference, DayReconciliation

    # as if the process had died before anything was noted
    DayDifference.objects.update(state="open")
    DayReconciliation.objects.update(state="proposed")
    with clock.at(clock.now() + timedelta(days=1)):
        payments.release_day(THIRD, day)
        assert len(payments.suspense()) == 5
        assert books(1012, 2999) == [11_500, -2_000]
        assert check() == []


def test_the_check_sees_suspense_that_is_not_in_the_books() -> None:
    settled_day(dict.fromkeys(("S2", "S4", "S5", "S8"), "suspend"))
    from gridhall.payments.statement_models import SuspenseItem

    SuspenseItem.objects.filter(amount=4_000).update(open=3_999)
    assert {each.check for each in check()} == {"control_suspense", "suspense_open"}
