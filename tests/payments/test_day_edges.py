"""A bank's day at its edges: serials that were reversed, of another day, of an account that is not the partner's; what
happens while a day is being released."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.ledger.public import balances, check
from gridhall.payments import day_reconciliation, teller
from gridhall.payments import public as payments
from gridhall.payments.day_acts import done_for
from gridhall.payments.partner_models import DayDifference, DayReconciliation
from gridhall.payments.public import Pay, TheirRow, payments_of, reverse_by_serial
from tests.payments.partner_town import LENIENT, OWED, a_bank, asked, number_of, owing_accounts, paid, sent
from tests.payments.test_day_reconciliation import CASHIER, MANAGER, compared, refused
from tests.payments.town import make_accounts

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _books_are_right() -> Iterator[None]:
    yield
    assert check() == []


def acts(made: payments.ReconciliationView) -> list[tuple[str, str, str]]:
    return [(each.serial, each.kind, each.act) for each in payments.reconciliation(made.id)[1]]


def test_what_was_reversed_by_us_and_stands_in_the_banks_file_is_booked_afresh() -> None:
    (number, *_), bank = owing_accounts(1), a_bank(LENIENT)
    paid(bank, number, "S1", 2_000)
    reverse_by_serial(bank, "S1", "R1")
    day = clock.today()
    with clock.at(clock.now() + DAY):
        made = compared(bank, day, [TheirRow("S1", number, OWED)])
        assert payments.release_day(MANAGER, made.id).open_count == 0
        assert balances([1])[1].owed == 0
        # done again, as after a kill, it is the same payment
        DayDifference.objects.update(state="open", done_no=0)
        DayReconciliation.objects.update(state="proposed")
        before = len(payments_of(1))
        payments.release_day(MANAGER, made.id)
        assert len(payments_of(1)) == before
        assert payments.settle_day(CASHIER, made.id, OWED, "T-1").state == "settled"


def test_a_payment_in_the_banks_file_of_the_next_day_is_moved_to_it() -> None:
    (number, *_), bank = owing_accounts(1), a_bank(LENIENT)
    paid(bank, number, "S1")
    day = clock.today()
    with clock.at(clock.now() + 2 * DAY):
        second = compared(bank, day + DAY, [TheirRow("S1", number, OWED)])
        assert acts(second) == [("S1", "other_day", "move")]
        first = compared(bank, day, [])
        assert acts(first) == [("S1", "ours_only", "leave")]  # the other day's file has it
        assert payments.release_day(MANAGER, second.id).open_count == 0
        assert payments.release_day(MANAGER, first.id).open_count == 0
        assert balances([1])[1].owed == 0
        assert len(payments_of(1)) == 1
        assert payments.settle_day(CASHIER, second.id, OWED, "T-2").state == "settled"


def test_a_payment_reversed_on_its_day_is_booked_when_the_next_days_file_has_it() -> None:
    (number, *_), bank = owing_accounts(1), a_bank(LENIENT)
    paid(bank, number, "S1")
    day = clock.today()
    with clock.at(clock.now() + 2 * DAY):
        payments.release_day(MANAGER, compared(bank, day, []).id)
        assert balances([1])[1].owed == OWED
        second = compared(bank, day + DAY, [TheirRow("S1", number, OWED)])
        assert payments.release_day(MANAGER, second.id).open_count == 0
        assert balances([1])[1].owed == 0
        assert payments.settle_day(CASHIER, second.id, OWED, "T-2").state == "settled"


def test_a_payment_that_came_and_was_not_booked_counts_on_the_files_day(monkeypatch: pytest.MonkeyPatch) -> None:
    (number, *_), bank = owing_accounts(1), a_bank(LENIENT)
    batch, day = asked(bank, number).batch_no, clock.today()
    with monkeypatch.context() as away:
        away.setattr(teller, "receive_together", lambda asks: [RuntimeError("the database is away") for _ in asks])
        with pytest.raises(RuntimeError):
            sent(bank, Pay("S1", number, batch, 2_000))
    with clock.at(clock.now() + 2 * DAY):
        made = compared(bank, day + DAY, [TheirRow("S1", number, OWED)])
        payments.release_day(MANAGER, made.id)
        assert payments.our_day(bank, day) == []
        assert [row.amount for row in payments.our_day(bank, day + DAY)] == [OWED]
        assert payments.settle_day(CASHIER, made.id, OWED, "T-2").state == "settled"


def test_a_serial_that_the_bank_lists_on_two_days_is_not_taken_from_the_first() -> None:
    (number, *_), bank = owing_accounts(1), a_bank(LENIENT)
    paid(bank, number, "S1")
    day = clock.today()
    rows = [TheirRow("S1", number, OWED)]
    with clock.at(clock.now() + 2 * DAY):
        first, second = compared(bank, day, rows), compared(bank, day + DAY, rows)
        assert payments.release_day(MANAGER, second.id).open_count == 1
        assert payments.reconciliation(second.id)[1][0].said == "day_reconciled"
        payments.release_day(MANAGER, first.id)
        assert payments.settle_day(CASHIER, first.id, OWED, "T-1").state == "settled"


def test_an_account_outside_the_partners_units_is_not_booked() -> None:
    owing_accounts(1)
    make_accounts(1, unit_id=7, first=50)
    bank, day = a_bank(units=(1,)), clock.today()
    with clock.at(clock.now() + DAY):
        made = compared(bank, day, [TheirRow("S1", "A0000050", 900)])
        assert acts(made) == [("S1", "theirs_only", "leave")]
        (each,) = payments.reconciliation(made.id)[1]
        assert each.account_id == 0
        payments.choose_act(CASHIER, each.id, "book")
        assert payments.release_day(MANAGER, made.id).open_count == 1
        assert payments.reconciliation(made.id)[1][0].said == "unknown_account"
        assert payments_of(50) == []


def test_the_same_serial_for_another_account_can_only_be_left() -> None:
    (one, two), bank = owing_accounts(2), a_bank(LENIENT)
    paid(bank, one, "S1")
    day = clock.today()
    with clock.at(clock.now() + DAY):
        made = compared(bank, day, [TheirRow("S1", two, OWED)])
        assert acts(made) == [("S1", "other_account", "leave")]
        (each,) = payments.reconciliation(made.id)[1]
        assert refused(lambda: payments.choose_act(CASHIER, each.id, "correct")) == "bad_act"


def test_a_correction_whose_booking_is_refused_reverses_nothing() -> None:
    (number, *_), bank = owing_accounts(1), a_bank(LENIENT)
    paid(bank, number, "S1", 2_000)
    day = clock.today()
    with clock.at(clock.now() + timedelta(days=200)):  # too far back for a value day
        made = compared(bank, day, [TheirRow("S1", number, OWED)])
        assert payments.release_day(MANAGER, made.id).open_count == 1
        assert payments.reconciliation(made.id)[1][0].said == "value_too_early"
        assert [each.reversed_by for each in payments_of(1)] == [0]


def test_while_a_day_is_being_released_no_file_and_no_choice_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    (one, two), bank = owing_accounts(2), a_bank(LENIENT)
    paid(bank, one, "S1")
    paid(bank, two, "S2")
    day, heard = clock.today(), []
    with clock.at(clock.now() + DAY):
        made = compared(bank, day, [])
        last = payments.reconciliation(made.id)[1][-1]

        def meanwhile(actor: Actor, found: DayReconciliation, each: DayDifference) -> int:
            heard.append(refused(lambda: payments.choose_act(MANAGER, last.id, "leave")))
            heard.append(refused(lambda: compared(bank, day, [TheirRow("S1", one, OWED)])))
            monkeypatch.setattr(day_reconciliation, "done_for", done_for)
            return done_for(actor, found, each)

        monkeypatch.setattr(day_reconciliation, "done_for", meanwhile)
        assert payments.release_day(MANAGER, made.id).state == "released"
        assert heard == ["wrong_reconciliation_state", "day_reconciled"]


def test_a_transfer_does_not_come_before_its_day() -> None:
    (number, *_), bank = owing_accounts(1), a_bank()
    paid(bank, number, "S1")
    day = clock.today()
    with clock.at(clock.now() + DAY):
        made = compared(bank, day, [TheirRow("S1", number_of(1), OWED)])
        payments.release_day(MANAGER, made.id)
        assert refused(lambda: payments.settle_day(CASHIER, made.id, OWED, "T-1", day - DAY)) == "value_too_early"
        assert payments.settle_day(CASHIER, made.id, OWED, "T-1", day).state == "settled"
