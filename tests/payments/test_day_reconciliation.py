"""A bank's day: its file against our books, what is done about each difference, and the transfer."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, trial_balance
from gridhall.payments import public as payments
from gridhall.payments.public import PartnerView, TheirRow, compare, payments_of, reverse_by_serial
from tests.payments.partner_town import LENIENT, OWED, a_bank, number_of, owing_accounts, paid
from tests.payments.town import clerk

pytestmark = pytest.mark.django_db(transaction=True)

CASHIER = clerk(1, "tills.all", "refunds.approve")
MANAGER = clerk(2, "tills.all", "refunds.approve")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as no:
        act()
    return no.value.code


def compared(bank: PartnerView, on: date, rows: list[TheirRow], by: Actor = CASHIER) -> payments.ReconciliationView:
    """The bank's file of a day as text, read and compared."""
    data = payments.write_day_file("delimited", bank.code, on, rows)
    found = payments.read_day_file(data, "delimited", bank.code, on)
    return payments.reconcile_day(by, bank.counterparty, on, found.rows, payments.our_day(bank, on), f"{on}.txt", data)


def a_day_of_differences() -> tuple[PartnerView, date, list[TheirRow]]:
    """Five accounts that owe 25.00. On the day: S1 paid and in the bank's file; S2 only in ours, taken back by the
    bank; S3 only in the bank's; S4 with 20.00 in ours and 25.00 in the bank's; S5 reversed by both.
    The file: 3 rows, 75.00; our day: 3 payments, 25.00 + 25.00 + 20.00 = 70.00."""
    numbers, bank = owing_accounts(5), a_bank(LENIENT)
    paid(bank, numbers[0], "S1")
    paid(bank, numbers[1], "S2")
    paid(bank, numbers[3], "S4", 2_000)
    paid(bank, numbers[4], "S5")
    reverse_by_serial(bank, "S5", "R5")
    rows = [TheirRow("S1", numbers[0], OWED), TheirRow("S3", numbers[2], OWED), TheirRow("S4", numbers[3], OWED)]
    return bank, clock.today(), rows


def test_a_day_with_every_kind_of_difference_is_put_right_and_settled() -> None:
    bank, day, rows = a_day_of_differences()
    with clock.at(clock.now() + timedelta(days=1)):
        made = compared(bank, day, rows)
        assert (made.their_count, made.their_amount, made.our_count, made.our_amount) == (3, 7_500, 3, 7_000)
        assert (made.both_count, made.both_amount, made.differences) == (1, 2_500, 3)
        _, differences = payments.reconciliation(made.id)
        assert [(each.serial, each.kind, each.act) for each in differences] == [
            ("S2", "ours_only", "reverse"), ("S3", "theirs_only", "book"), ("S4", "amount_differs", "correct"),
        ]  # fmt: skip
        assert balances([3])[3].owed == OWED  # nothing is booked before the release
        assert refused(lambda: payments.release_day(CASHIER, made.id)) == "second_person_needed"
        done = payments.release_day(MANAGER, made.id)
        assert (done.state, done.open_count) == ("released", 0)
        assert balances([2])[2].owed == OWED
        assert balances([3])[3].owed == 0
        assert balances([4])[4].owed == 0
        (booked,) = payments_of(3)
        assert booked.value_on == day
        assert refused(lambda: payments.settle_day(CASHIER, made.id, 7_000, "T-1")) == "transfer_differs"
        settled = payments.settle_day(CASHIER, made.id, 7_500, "T-1")
        assert (settled.state, settled.transfer) == ("settled", "T-1")
        assert refused(lambda: payments.settle_day(CASHIER, made.id, 7_500, "T-2")) == "wrong_reconciliation_state"
        period = clock.today().year * 100 + clock.today().month
        closing = {row.code: row for row in trial_balance(1, period).rows}
        # 1002: the transfer of 75.00; nothing of the day is in transit any more
        assert closing[1002].closing == 7_500
        assert closing[1012].closing == 0
    assert check() == []


def test_released_again_after_a_kill_nothing_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    bank, day, rows = a_day_of_differences()
    with clock.at(clock.now() + timedelta(days=1)):
        made = compared(bank, day, rows)
        payments.release_day(MANAGER, made.id)
        from gridhall.payments.partner_models import DayDifference, DayReconciliation

        # as if the process had died after the bookings and before anything of them was noted
        DayDifference.objects.update(state="open", done_no=0)
        DayReconciliation.objects.update(state="proposed")
        before = [len(payments_of(account)) for account in range(1, 6)]
        payments.release_day(MANAGER, made.id)
        assert [len(payments_of(account)) for account in range(1, 6)] == before
    assert check() == []


def test_what_is_left_to_ask_about_stays_open_until_another_act_is_chosen() -> None:
    bank, day, rows = a_day_of_differences()
    with clock.at(clock.now() + timedelta(days=1)):
        made = compared(bank, day, rows)
        _, (ours_only, *_) = payments.reconciliation(made.id)
        assert refused(lambda: payments.choose_act(CASHIER, ours_only.id, "book")) == "bad_act"
        payments.choose_act(MANAGER, ours_only.id, "leave")
        # who chose an act does not release it
        assert refused(lambda: payments.release_day(MANAGER, made.id)) == "second_person_needed"
        third = clerk(3, "tills.all", "refunds.approve")
        assert payments.release_day(third, made.id).open_count == 1
        assert refused(lambda: payments.settle_day(CASHIER, made.id, 7_500, "T-1")) == "differences_open"
        payments.choose_act(MANAGER, ours_only.id, "reverse")
        assert payments.release_day(third, made.id).open_count == 0
    assert check() == []


def test_only_days_that_are_over_and_once() -> None:
    bank, day, rows = a_day_of_differences()
    assert refused(lambda: compared(bank, day, rows)) == "day_not_over"
    with clock.at(clock.now() + timedelta(days=1)):
        first = compared(bank, day, rows)
        assert refused(lambda: compared(bank, day, rows)) == "day_reconciled"  # the same file
        # a corrected file takes its place as long as nothing was released
        second = compared(bank, day, rows[:2])
        assert [each.id for each in payments.reconciliations(bank.counterparty)] == [second.id]
        assert refused(lambda: payments.release_day(MANAGER, first.id)) == "wrong_reconciliation_state"
        payments.release_day(MANAGER, second.id)
        assert refused(lambda: compared(bank, day, rows)) == "day_reconciled"
        # a payment that comes late for that day is not taken any more
        from gridhall.payments.public import Pay
        from tests.payments.partner_town import asked, code_of, sent

        owes = asked(bank, number_of(5))
        assert code_of(sent(bank, Pay("S9", number_of(5), owes.batch_no, OWED, day))) == "day_reconciled"


def test_an_account_that_we_do_not_know_is_left_to_ask_about() -> None:
    bank, day, _ = a_day_of_differences()
    with clock.at(clock.now() + timedelta(days=1)):
        made = compared(bank, day, [TheirRow("S8", "9999999999", 100)])
        _, differences = payments.reconciliation(made.id)
        assert {each.serial: each.act for each in differences}["S8"] == "leave"


def test_the_comparison_by_itself() -> None:
    ours = [payments.OurRow("A", 1, "11", 7, 100), payments.OurRow("B", 2, "22", 8, 200)]
    theirs = [TheirRow("A", "11", 100), TheirRow("B", "33", 200), TheirRow("C", "44", 5)]
    found = compare(theirs, ours)
    assert (found.both_count, found.both_amount) == (1, 100)
    # the same serial for another account is nothing that a rule could settle
    assert [(each.serial, each.kind, each.act) for each in found.differences] == [
        ("B", "other_account", "leave"), ("C", "theirs_only", "book"),
    ]  # fmt: skip
