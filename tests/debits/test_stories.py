"""Batch debit over weeks, by the calendar: who is debited what and when, what the books say, who is told."""

from datetime import date

import pytest

from gridhall.debits.models import DebitResult
from gridhall.debits.public import (
    DEBITED,
    FAILED,
    HELD,
    SENT,
    UNKNOWN,
    WITHDRAWN,
    NewMandate,
    answer_held,
    close,
    cycle_within,
    debits_of,
    issue,
    make_files,
    mandate_of,
    move,
    notice_rows,
    parked,
    plan_cycle,
    reconcile,
    send_file,
    settle_unknown,
    sign,
    sums,
    take_results,
    try_again,
    withdraw,
)
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import Fact
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check
from gridhall.payments.public import payments_of
from tests.debits.town import (
    AGAIN,
    DAY,
    announced,
    make_bank,
    make_debtors,
    manager,
    officer,
    pay_at_counter,
    pipe_answer,
    sent,
    the_file,
)
from tests.payments.town import SYSTEM, make_accounts, moment

pytestmark = pytest.mark.django_db


def states() -> dict[int, int]:
    """The newest debit of accounts 1 to 5 and how it stands."""
    return {account: found[0].state for account in range(1, 6) if (found := debits_of(account))}


def facts(kind: str) -> list[dict[str, object]]:
    return list(Fact.objects.filter(kind=kind).order_by("pk").values_list("payload", flat=True))


def test_november_of_five_customers() -> None:
    """5 Nov announced; 10 Nov sent; 12 Nov debited: 1 and 2 pay, 3 has too little, 4's account is closed, 5 pays at the
    counter before the file. 18 Nov: 3 is tried again and pays. 2 Nov bills: 100.00, 200.00, 300.00, 400.00, 500.00."""
    bank = make_bank()
    make_debtors({1: 10_000, 2: 20_000, 3: 30_000, 4: 40_000, 5: 50_000}, bank)
    cycle = announced()
    assert cycle.state == "announced"
    told = facts("debit_announced")
    # 100 + 200 + 300 + 400 + 500 = 1,500.00
    assert [(each["count"], each["amount"], each["debit_on"]) for each in told] == [(5, 150_000, "2026-11-12")]
    rows = notice_rows(cycle.id, 1, (1, 5), (2,))
    assert [(row.account_id, row.amount, row.debit_on, row.last_four) for row in rows][:1] == [(1, 10_000, DAY, "0001")]
    assert rows[0].items == ((202610, 1, 1, 10_000),)

    pay_at_counter(5, 50_000, date(2026, 11, 9))
    (file,) = sent(cycle.id)
    assert (file.rows, file.amount, file.state) == (4, 100_000, "sent")
    assert states() == {1: SENT, 2: SENT, 3: SENT, 4: SENT, 5: WITHDRAWN}

    with clock.at(moment(2026, 11, 13)):
        answer = pipe_answer(file.id, {3: "1001", 4: "1004"})
        done = take_results(officer(), "CCB", "r1.txt", answer)
        assert (done.debited, done.debited_amount, done.failed, done.failed_amount) == (2, 30_000, 2, 70_000)
        assert states() == {1: DEBITED, 2: DEBITED, 3: FAILED, 4: FAILED, 5: WITHDRAWN}
        assert [(each["count"], each["amount"], each["retry_on"]) for each in facts("debit_failed")] == [
            (2, 70_000, "2026-11-18")
        ]
        itemised = notice_rows(cycle.id, 1, (1, 5), (DEBITED,), done.id)
        assert [(row.account_id, row.items) for row in itemised] == [
            (1, ((202610, 1, 1, 10_000),)), (2, ((202610, 1, 1, 20_000),)),
        ]  # fmt: skip
        closed_account = mandate_of(4)
        assert closed_account
        assert (closed_account.state, closed_account.reason) == ("suspended", "CLOSED")
        assert [p.value_on for p in payments_of(1)] == [DAY]
        reconcile(officer(), cycle.id)
        again = try_again(officer(), cycle.id)
    assert (again.attempt, again.debit_on, again.retry_on) == (2, AGAIN[0], AGAIN[1:])
    assert [each["count"] for each in facts("debit_balance_low")] == [1]  # 3 had too little on the 12th

    (second,) = sent(cycle.id, date(2026, 11, 16))
    assert (second.rows, second.amount) == (1, 30_000)
    with clock.at(moment(2026, 11, 19)):
        take_results(officer(), "CCB", "r2.txt", pipe_answer(second.id, {}, AGAIN[0]))
        reconcile(officer(), cycle.id)
        close(officer(), cycle.id)
    # 4 alone is left: 400.00
    assert {account: row.owed for account, row in balances(range(1, 6)).items()} == {1: 0, 2: 0, 3: 0, 4: 40_000, 5: 0}
    assert [(each["count"], each["amount"]) for each in facts("debit_unpaid")] == [(1, 40_000)]
    assert check() == []


def test_the_same_file_twice_books_once() -> None:
    make_debtors({1: 10_000, 2: 20_000}, make_bank())
    cycle = announced()
    (file,) = sent(cycle.id)
    with clock.at(moment(2026, 11, 13)):
        answer = pipe_answer(file.id, {})
        take_results(officer(), "CCB", "r.txt", answer)
        with pytest.raises(Refusal) as told:
            take_results(officer(), "CCB", "again.txt", answer)
        assert told.value.code == "result_file_known"
        # the bank sends the same results in another file: they say what is known
        other = take_results(officer(), "CCB", "other.txt", pipe_answer(file.id, {}, date(2026, 11, 13)))
    assert (other.debited, other.repeated, other.parked) == (0, 2, 0)
    assert [len(payments_of(account)) for account in (1, 2)] == [1, 1]
    assert check() == []


def test_what_is_unknown_is_never_sent_again_before_it_is_reconciled() -> None:
    """1 is answered; of 2 the bank says that it does not know, of 3 it says nothing."""
    make_debtors({1: 10_000, 2: 20_000, 3: 30_000}, make_bank())
    cycle = announced()
    (file,) = sent(cycle.id)
    with clock.at(moment(2026, 11, 13)):
        done = take_results(officer(), "CCB", "r.txt", pipe_answer(file.id, {2: "9999"}, skip=[3]))
        assert (done.debited, done.unknown) == (1, 1)
        assert states() == {1: DEBITED, 2: UNKNOWN, 3: SENT}
        for act in (reconcile, try_again, close):
            with pytest.raises(Refusal) as told:
                act(officer(), cycle.id)
            assert told.value.code in ("results_missing", "wrong_cycle_state")
        # neither does a new cycle debit them
        other = plan_cycle(officer(), 1, date(2026, 11, 20))
        issue(officer(), other.id)
        assert sums([other.id]) == []
        # the statement shows that 2 was debited and 3 was not
        settle_unknown(manager(), 2, cycle.id, 1, debited=True, evidence="statement of 13 November, line 7")
        settle_unknown(manager(), 3, cycle.id, 1, debited=False, evidence="not on the statement")
        with pytest.raises(Refusal) as told:
            settle_unknown(manager(), 2, cycle.id, 1, debited=True, evidence="statement of 13 November, line 7")
        assert told.value.code == "not_unknown"
        reconcile(officer(), cycle.id)
        again = try_again(officer(), cycle.id)
    assert {account: row.owed for account, row in balances([1, 2, 3]).items()} == {1: 0, 2: 0, 3: 30_000}
    assert [(each.state, each.count, each.amount) for each in sums([again.id]) if each.attempt == 2] == [(2, 1, 30_000)]
    assert check() == []


def test_an_unknown_result_that_becomes_known_is_booked_once() -> None:
    make_debtors({1: 10_000}, make_bank())
    cycle = announced()
    (file,) = sent(cycle.id)
    with clock.at(moment(2026, 11, 13)):
        take_results(officer(), "CCB", "r1.txt", pipe_answer(file.id, {1: "9999"}))
        assert payments_of(1) == []
        done = take_results(officer(), "CCB", "r2.txt", pipe_answer(file.id, {}))
        assert done.debited == 1
        # and a later doubt does not make it unknown again
        late = take_results(officer(), "CCB", "r3.txt", pipe_answer(file.id, {1: "9999"}, date(2026, 11, 13)))
        assert (late.unknown, late.parked) == (0, 0)
    assert states() == {1: DEBITED}
    assert len(payments_of(1)) == 1
    assert check() == []


def test_a_shock_is_held_and_asked_about_first() -> None:
    """Usual 100.00. 310.00 is above three times that (300.00) and above 100 + 200 (300.00): held. 290.00 is not."""
    make_debtors({1: 31_000, 2: 29_000, 3: 31_000}, make_bank(), usual=10_000)
    cycle = announced()
    assert states() == {1: HELD, 2: 2, 3: HELD}
    assert [each["count"] for each in facts("debit_held")] == [2]
    customer = SYSTEM.__class__("customer", "A0000001", "portal", id=1)
    with clock.at(moment(2026, 11, 8)):
        with pytest.raises(Refusal):
            answer_held(customer, 3, cycle.id, 1, agree=True)
        answer_held(customer, 1, cycle.id, 1, agree=True)
        answer_held(manager(), 3, cycle.id, 1, agree=False)
        with pytest.raises(Refusal) as told:
            answer_held(customer, 1, cycle.id, 1, agree=False)
        assert told.value.code == "not_held"
    (file,) = sent(cycle.id)
    assert (file.rows, file.amount) == (2, 60_000)  # 310.00 + 290.00
    assert states() == {1: SENT, 2: SENT, 3: WITHDRAWN}


def test_a_mandates_limit_holds() -> None:
    make_debtors({1: 10_001, 2: 10_000}, make_bank(), limit=10_000)
    announced()
    assert states() == {1: HELD, 2: 2}
    assert [each.held for each in debits_of(1)] == [2]


def test_a_debit_is_withdrawn_or_with_the_bank_never_both() -> None:
    make_debtors({1: 10_000, 2: 20_000}, make_bank())
    cycle = announced()
    with clock.at(moment(2026, 11, 10)):
        (made,) = make_files(officer(), cycle.id)
        assert withdraw(SYSTEM, 1) == 1  # at the counter, while the file is only prepared
        with pytest.raises(Refusal) as told:
            send_file(officer(50, "debits.approve"), made.id)
        assert told.value.code == "second_person_needed"
        file = send_file(manager(), made.id)
        assert (file.rows, file.amount) == (1, 20_000)
        with pytest.raises(Refusal) as told:
            withdraw(SYSTEM, 2)
        assert told.value.code == "debit_under_way"
    assert states() == {1: WITHDRAWN, 2: SENT}
    with clock.at(moment(2026, 11, 13)):
        # a bank that debits a line which was withdrawn is not believed
        done = take_results(officer(), "CCB", "r.txt", pipe_answer(file.id, {}))
    assert (done.debited, done.parked) == (1, 1)
    assert [row.code for row in parked(SYSTEM, done.id)] == ["line_not_sent"]
    assert DebitResult.objects.count() == 1


def test_what_was_paid_in_part_meanwhile_is_debited_less() -> None:
    """200.00 owed; 50.00 paid on the 8th: the file asks for 150.00. 30.00 more before it is sent: 120.00."""
    make_debtors({1: 20_000}, make_bank())
    cycle = announced()
    pay_at_counter(1, 5_000, date(2026, 11, 8))
    with clock.at(moment(2026, 11, 10)):
        (made,) = make_files(officer(), cycle.id)
    assert made.amount == 15_000
    pay_at_counter(1, 3_000, date(2026, 11, 10))
    with clock.at(moment(2026, 11, 10, 15)):
        assert send_file(manager(), made.id).amount == 12_000
    with clock.at(moment(2026, 11, 13)):
        take_results(officer(), "CCB", "r.txt", pipe_answer(the_file().pk, {}))
    assert balances([1])[1].owed == 0
    assert check() == []


def test_money_paid_while_the_bank_has_the_debit_becomes_credit() -> None:
    """A transfer of 100.00 comes on the 11th, the debit of 100.00 on the 12th: nothing is lost, 100.00 is credit."""
    make_debtors({1: 10_000}, make_bank())
    cycle = announced()
    (file,) = sent(cycle.id)
    pay_at_counter(1, 10_000, date(2026, 11, 11))
    with clock.at(moment(2026, 11, 13)):
        take_results(officer(), "CCB", "r.txt", pipe_answer(file.id, {}))
        reconcile(officer(), cycle.id)
    found = balances([1])[1]
    assert (found.owed, found.credit) == (0, 10_000)
    assert cycle_within(officer(), cycle.id).state == "reconciled"
    assert check() == []


def test_days_are_stated_and_in_time() -> None:
    make_bank()
    with clock.at(moment(2026, 11, 10)):
        for day, again, code in (
            (date(2026, 11, 12), (), "too_late_to_announce"),  # three days before is the 9th
            (date(2026, 11, 20), (date(2026, 11, 20),), "bad_debit_days"),
            (date(2026, 11, 20), (date(2026, 11, 25), date(2026, 11, 24)), "bad_debit_days"),
        ):
            with pytest.raises(Refusal) as told:
                plan_cycle(officer(), 1, day, again)
            assert told.value.code == code
        plan_cycle(officer(), 1, date(2026, 11, 20))
        with pytest.raises(Refusal) as told:
            plan_cycle(officer(), 1, date(2026, 11, 20))
        assert told.value.code == "cycle_there"


def test_what_the_bank_signed_for_us_is_not_made_active_by_who_entered_it() -> None:
    """It comes in confirmed, so that who enters it and makes it active alone could have anybody's account debited."""
    make_accounts(1)
    enters, other = (officer(number, "mandates.take", "mandates.confirm") for number in (70, 71))
    made = sign(enters, NewMandate(1, make_bank(), "客户1", "6222020000000017", "bank", date(2026, 11, 1)))
    with pytest.raises(Refusal) as told:
        move(enters, made.id, "activate")
    assert told.value.code == "second_person_needed"
    assert move(other, made.id, "activate").state == "active"


def test_a_customer_who_names_a_cycle_that_never_was_is_refused() -> None:
    make_accounts(1)
    customer = Actor("customer", "客户1", "portal", id=1)
    with pytest.raises(Refusal) as told:
        answer_held(customer, 1, 999, 1, agree=True)
    assert told.value.code == "unknown_debit"
