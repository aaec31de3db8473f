"""Money in suspense: given, split, sent back, confirmed, netted, put back; by two persons where it leaves the house.
Amounts in fen."""

from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, close_period, trial_balance
from gridhall.payments import clearing
from gridhall.payments import public as payments
from gridhall.payments.public import SuspenseView, load_statements, payments_of
from gridhall.payments.suspense_queries import items_by_id
from tests.payments.statement_town import OWED, Line, camt, number_of, our_account, owing
from tests.payments.town import SYSTEM, clerk, moment

pytestmark = pytest.mark.django_db(transaction=True)

CASHIER = clerk(1, "tills.all")
MANAGER = clerk(2, "tills.all", "refunds.approve")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as no:
        act()
    return no.value.code


def waiting(*lines: Line, ident: str = "S-1", opening: int = 0) -> list[SuspenseView]:
    """Lines of a statement that nobody knows, in suspense."""
    load_statements(SYSTEM, "camt.053", camt(lines, ident=ident, opening=opening), "a")
    return payments.suspense()


def books(*codes: int) -> list[int]:
    today = clock.today()
    rows = {row.code: row.closing for row in trial_balance(0, today.year * 100 + today.month).rows}
    return [rows[code] for code in codes]


def test_a_split_is_whole_or_nothing_and_the_rest_stays() -> None:
    numbers = owing(3)
    our_account()
    (item,) = waiting(Line(9_000, "rent and power"))
    first, second, _ = numbers
    assert refused(lambda: payments.accept(CASHIER, item.id, [(first, OWED), (second, 7_000)])) == "more_than_free"
    assert refused(lambda: payments.accept(CASHIER, item.id, [(first, OWED), ("0000000000", 1)])) == "unknown_account"
    assert refused(lambda: payments.accept(CASHIER, item.id, [(first, 1), (first, 1)])) == "account_twice"
    assert refused(lambda: payments.accept(CASHIER, item.id, [(first, 0)])) == "amount_not_positive"
    assert refused(lambda: payments.accept(CASHIER, item.id, [])) == "no_parts"
    assert refused(lambda: payments.accept(clerk(3), item.id, [(first, 1)])) == "not_allowed"
    assert refused(lambda: payments.accept(clerk(3, "tills.all", units=(9,)), item.id, [(first, 1)])) == "unknown_item"
    assert books(2999) == [-9_000]
    done = payments.accept(CASHIER, item.id, [(first, OWED), (second, 3_000)], "agreed on the phone")
    assert [(each.amount, each.to_credit) for each in done] == [(2_500, 0), (3_000, 500)]
    (left,) = payments.suspense()
    assert (left.open, books(2999)) == (3_500, [-3_500])  # 90.00 − 25.00 − 30.00
    assert check() == []


def test_money_goes_back_to_its_sender_by_two_persons_and_the_banks_line() -> None:
    """20.00 of 50.00 go back: asked by one, agreed by another, booked when the statement has the line with its
    reference. Until then they are reserved: 30.00 are free."""
    numbers = owing(1)
    our_account()
    (item,) = waiting(Line(5_000, "who?", name="王五"))
    asked = payments.ask_act(MANAGER, item.id, "back", 2_000, "not our customer")
    assert payments.item_within(CASHIER, item.id).free == 3_000
    assert refused(lambda: payments.accept(CASHIER, item.id, [(numbers[0], 3_001)])) == "more_than_free"
    assert refused(lambda: payments.ask_act(CASHIER, item.id, "back", 3_001, "again")) == "more_than_free"
    assert refused(lambda: payments.ask_act(CASHIER, item.id, "back", 100, "x")) == "reason_missing"
    assert refused(lambda: payments.decide_act(MANAGER, asked.id, approve=True)) == "second_person_needed"
    assert refused(lambda: payments.decide_act(CASHIER, asked.id, approve=True)) == "not_allowed"
    agreed = payments.decide_act(clerk(3, "refunds.approve"), asked.id, approve=True)
    assert (agreed.state, books(1002, 2999)) == ("agreed", [5_000, -5_000])
    assert refused(lambda: payments.decide_act(clerk(3, "refunds.approve"), asked.id, approve=True)) == "unknown_act"
    reference = payments.return_reference(asked.id)
    waiting(Line(-2_000, f"transfer {reference}"), ident="S-2", opening=5_000)
    assert payments.settle_returns(SYSTEM) == 1
    assert payments.settle_returns(SYSTEM) == 0
    assert books(1002, 2999) == [3_000, -3_000]
    (left,) = payments.suspense()
    assert (left.id, left.open, left.free) == (item.id, 3_000, 3_000)
    assert check() == []


def test_a_declined_return_is_free_again() -> None:
    our_account()
    (item,) = waiting(Line(5_000))
    asked = payments.ask_act(CASHIER, item.id, "back", 5_000, "why not")
    assert refused(lambda: payments.decide_act(MANAGER, asked.id, approve=False)) == "reason_missing"
    assert payments.decide_act(MANAGER, asked.id, approve=False, reason="it is ours").state == "declined"
    assert payments.item_within(CASHIER, item.id).free == 5_000
    assert check() == []


def test_fees_and_interest_leave_suspense_by_two_persons() -> None:
    our_account()
    fee, interest = waiting(Line(-500, "account fee"), Line(30, "interest"))
    assert refused(lambda: payments.accept(CASHIER, fee.id, [("1", 1)])) == "unknown_account"
    assert refused(lambda: payments.ask_act(CASHIER, fee.id, "back", -500, "no way")) == "wrong_side"
    assert refused(lambda: payments.ask_act(CASHIER, fee.id, "fee", 500, "no sign")) == "wrong_side"
    for item in (fee, interest):
        asked = payments.ask_act(CASHIER, item.id, "fee", item.amount, "as told by the bank")
        payments.decide_act(MANAGER, asked.id, approve=True)
    assert books(1002, 2999, 6603) == [-470, 0, 470]  # 5.00 − 0.30
    assert check() == []


def test_money_against_money_that_is_missed() -> None:
    our_account()
    came, went = waiting(Line(5_000, "a"), Line(-2_000, "taken back by the bank"))
    assert refused(lambda: payments.net(CASHIER, came.id, came.id)) == "wrong_side"
    payments.net(CASHIER, went.id, came.id)
    assert [each.open for each in payments.suspense()] == [3_000]
    assert refused(lambda: payments.net(CASHIER, went.id, came.id)) == "more_than_free"
    assert check() == []


def test_the_wrong_account_gives_it_back_and_the_right_one_gets_it() -> None:
    first, second = owing(2)
    our_account()
    (item,) = waiting(Line(OWED, "?"))
    payments.accept(CASHIER, item.id, [(first, OWED)])
    (paid, *_) = payments.acts_of([item.id])[item.id]
    asked = payments.ask_again(CASHIER, item.id, paid.id, "the customer called")
    assert refused(lambda: payments.ask_again(MANAGER, item.id, paid.id, "twice")) == "unknown_act"
    assert balances([1])[1].owed == 0
    payments.decide_act(MANAGER, asked.id, approve=True)
    assert (balances([1])[1].owed, books(1002, 2999)) == (OWED, [OWED, -OWED])
    assert [each.kind for each in payments_of(1)] == [2, 1]
    payments.accept(CASHIER, item.id, [(second, OWED)])
    assert (balances([2])[2].owed, books(1002, 2999)) == (0, [OWED, 0])
    assert check() == []


def test_a_line_of_cash_that_came_before_its_slip_is_confirmed_later() -> None:
    from gridhall.payments.models import Banking

    our_account()
    (item,) = waiting(Line(4_000, "cash"))
    assert payments.could_confirm(item) == []
    made = Banking.objects.create(
        unit_id=1, amount=4_000, counted=4_000, slip="SLIP-0077", banked_on=clock.today(), made_by_name="a",
        made_at=clock.now(),
    )  # fmt: skip
    (found,) = payments.could_confirm(item)
    assert found.what == f"banking:{made.pk}"
    assert refused(lambda: payments.confirm_item(CASHIER, item.id, "banking:999")) == "nothing_to_confirm"
    payments.confirm_item(CASHIER, item.id, found.what)
    assert books(2999) == [0]
    assert refused(lambda: payments.confirm_item(CASHIER, item.id, found.what)) == "nothing_to_confirm"


def test_a_transfer_of_last_month_counts_from_its_day_while_the_month_is_open() -> None:
    """1,000.00 fell due on 25 October and came on 30 October: 5 days of 0.1 % are 5.00, though the statement is brought
    in on 24 November. 1,005.00 was all that was owed on that day: 60 + 25 points."""
    (number,) = owing(1, owed=100_000, due=date(2026, 10, 25))
    our_account()
    with clock.at(moment(2026, 11, 24)):
        load_statements(SYSTEM, "camt.053", camt([Line(100_500, number, on=date(2026, 10, 30))]), "a")
        (item,) = payments.suspense()
        assert [each.points for each in payments.proposals([item])[item.id]] == [85]
        assert payments.match_suspense(SYSTEM).posted == 1
        (paid, *_) = payments_of(1)
        assert (paid.value_on, paid.to_credit, balances([1])[1].owed) == (date(2026, 10, 30), 0, 0)
    assert check() == []


def test_in_a_closed_month_money_counts_from_the_first_open_day() -> None:
    (number,) = owing(1, owed=100_000, due=date(2026, 10, 25))
    our_account()
    with clock.at(moment(2026, 11, 24)):
        close_period(SYSTEM, 1, 202610)
        load_statements(SYSTEM, "camt.053", camt([Line(100_500, number, on=date(2026, 10, 30))]), "a")
        (item,) = payments.suspense()
        assert item.on == date(2026, 11, 24)  # in the books of today
        payments.accept(CASHIER, item.id, [(number, 100_500)])
        (paid, *_) = payments_of(1)
        assert paid.value_on == date(2026, 11, 1)
    assert check() == []


def given_at_once(item_id: int, numbers: list[str]) -> list[str]:
    """Each number is given the whole item by a thread of its own; what became of each."""
    answers: list[str] = []

    def give(number: str) -> None:
        try:
            payments.accept(CASHIER, item_id, [(number, OWED)])
            answers.append("given")
        except Refusal as no:
            answers.append(no.code)
        except IntegrityError:
            answers.append("stopped by the database")
        finally:
            connection.close()

    threads = [Thread(target=give, args=[number]) for number in numbers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sorted(answers)


def test_two_who_give_the_same_money_at_once_give_it_once() -> None:
    numbers = owing(2)
    our_account()
    (item,) = waiting(Line(OWED, "?"))
    assert given_at_once(item.id, numbers * 2) == ["given", "more_than_free", "more_than_free", "more_than_free"]
    assert books(1002, 2999) == [OWED, 0]
    assert check() == []


def test_without_the_lock_the_race_is_there_and_the_second_wall_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: nobody holds the item, all see it free; only the bounds of the row in the database are left."""
    together = Barrier(2, timeout=20)

    def seen_by_all(item_ids: set[int]) -> dict[int, SuspenseView]:
        found = items_by_id(item_ids)
        together.wait()
        return found

    numbers = owing(2)
    our_account()
    (item,) = waiting(Line(OWED, "?"))
    monkeypatch.setattr(clearing, "_hold", seen_by_all)
    assert given_at_once(item.id, numbers) == ["given", "stopped by the database"]
    assert books(1002, 2999) == [OWED, 0]
    assert check() == []


def test_what_left_or_came_by_other_ways_is_confirmed_and_not_booked_twice() -> None:
    """A refund of 30.00 to a bank account stands on 1002 already: its line is the bank's side of it."""
    from gridhall.payments.public import REFUND, ask_money_act, decide_money_act
    from tests.payments.act_town import person

    our_account()
    owing(1)
    (came,) = waiting(Line(OWED + 3_000, "somebody"))
    number = number_of(1)
    payments.accept(CASHIER, came.id, [(number, OWED + 3_000)])
    told = {"bank_account": "6222020000001234", "bank_holder": "李梅"}
    asked = ask_money_act(person("cashier", 900), REFUND, 1, 3_000, "she moved away", told)
    done = decide_money_act(person("manager", 901), asked.id, approve=True)
    assert books(1002) == [OWED]
    (item,) = waiting(Line(-3_000, "refund"), ident="S-2", opening=OWED + 3_000)
    assert books(1002, 2999) == [OWED - 3_000, 3_000]
    (found,) = payments.could_confirm(item)
    assert (found.what, found.amount) == (f"refund:{done.done_no}", -3_000)
    payments.confirm_item(CASHIER, item.id, found.what)
    assert books(1002, 2999) == [OWED, 0]
    assert check() == []


def test_money_that_another_unit_keeps_is_not_matched_by_who_does_not_see_it() -> None:
    account = our_account(unit_id=1)
    owing(1)
    load_statements(SYSTEM, "camt.053", camt([Line(OWED, number_of(1))]), "a")
    assert account.unit_id == 1
    assert payments.match_suspense(clerk(1, "tills.all", units=(2,))).looked_at == 0
    assert payments.match_suspense(clerk(1, "tills.all", units=(1,))).looked_at == 1
