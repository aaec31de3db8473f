"""A bank's teller: query, pay, last response, reverse."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check
from gridhall.payments import public as payments
from gridhall.payments import teller
from gridhall.payments.gate import receive_together
from gridhall.payments.public import Paid, Pay, Receipt, last, payments_of, query, reverse_by_serial
from gridhall.payments.receiving import Request
from tests.payments.partner_town import CONTRACT, LENIENT, OWED, a_bank, asked, code_of, owing_accounts, paid, sent
from tests.payments.town import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as no:
        act()
    return no.value.code


def test_query_and_pay_at_a_bank() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    owes = asked(bank, number)
    assert (owes.total, owes.principal, owes.late, len(owes.items)) == (OWED, OWED, 0, 1)
    assert len(owes.batch_no) == 40
    done = sent(bank, Pay("S1", number, owes.batch_no, OWED))
    assert isinstance(done, Paid)
    assert (done.receipt.amount, done.receipt.left_owed, done.receipt.to_credit) == (OWED, 0, 0)
    assert asked(bank, number).total == 0
    (booked,) = payments_of(1)
    assert (booked.door, booked.method) == (payments.DOOR_BANK, payments.ONLINE)
    assert check() == []


def test_the_late_charge_is_in_the_answer_to_the_day() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    with clock.at(clock.now() + timedelta(days=10)):
        owes = asked(bank, number)
        # 25.00 at 0.1 % a day for 10 days is 0.25, charged as the least of 1.00 where the terms say so
        assert (owes.principal, owes.late) == (OWED, 100)
        done = sent(bank, Pay("S1", number, owes.batch_no, owes.total))
        assert isinstance(done, Paid)
        assert (done.receipt.late_part, done.receipt.left_owed) == (100, 0)


def test_the_same_message_again_is_the_same_answer() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    payment = Pay("S1", number, asked(bank, number).batch_no, OWED)
    first, again = sent(bank, payment), sent(bank, payment)
    assert isinstance(first, Paid)
    assert isinstance(again, Paid)
    assert again.receipt.payment_no == first.receipt.payment_no
    assert again.receipt.replayed
    # ...even when the batch number has become too old meanwhile
    with clock.at(clock.now() + timedelta(hours=2)):
        assert code_of(sent(bank, payment)) == "paid"
    assert len(payments_of(1)) == 1


def test_after_a_time_out_the_last_response_tells_what_was_done() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    (unknown,) = last([(bank, "S1")])
    assert code_of(unknown) == "unknown_serial"
    first = paid(bank, number, "S1")
    (told,) = last([(bank, "S1")])
    assert isinstance(told, Paid)
    assert (told.receipt.payment_no, told.receipt.left_owed) == (first.receipt.payment_no, 0)
    (others,) = last([(a_bank(code="OTHER"), "S1")])
    assert code_of(others) == "unknown_serial"


def test_one_batch_number_pays_once_and_one_serial_is_one_payment() -> None:
    (one, two, _), bank = owing_accounts(), a_bank(LENIENT)
    owes, other = asked(bank, one), asked(bank, two)
    assert code_of(sent(bank, Pay("S1", one, owes.batch_no, 1_000))) == "paid"
    assert code_of(sent(bank, Pay("S2", one, owes.batch_no, 1_000))) == "batch_used"
    assert code_of(sent(bank, Pay("S1", two, other.batch_no, 1_000))) == "serial_reused"
    assert code_of(sent(bank, Pay("S1", one, owes.batch_no, 1_001))) == "serial_reused"
    assert balances([1])[1].owed == OWED - 1_000
    assert payments_of(2) == []


def test_what_the_contract_does_not_allow_is_refused() -> None:
    (number, other, _), bank = owing_accounts(), a_bank()
    batch = asked(bank, number).batch_no
    strange = asked(a_bank(code="OTHER"), number).batch_no
    today = clock.today()
    for payment, code in [
        (Pay("S1", number, batch, OWED - 1), "part_not_allowed"),
        (Pay("S1", number, batch, OWED + 1), "more_than_owed"),
        (Pay("S1", number, batch, 0), "amount_not_positive"),
        (Pay("S1", number, batch, CONTRACT.payment_most + 1), "above_limit"),
        (Pay("S1", other, batch, OWED), "bad_batch"),
        (Pay("S1", number, strange, OWED), "bad_batch"),
        (Pay("S1", number, batch[:-1] + ("A" if batch[-1] != "A" else "B"), OWED), "bad_batch"),
        (Pay("S1", number, "", OWED), "bad_batch"),
        (Pay("", number, batch, OWED), "bad_serial"),
        (Pay("S 1", number, batch, OWED), "bad_serial"),
        (Pay("S1", number, batch, OWED, today - timedelta(days=2)), "bad_bank_day"),
        (Pay("S1", number, batch, OWED, outlet="a\0b"), "not_printable"),
    ]:
        assert code_of(sent(bank, payment)) == code, payment
    with clock.at(clock.now() + timedelta(seconds=CONTRACT.batch_seconds + 5)):
        assert code_of(sent(bank, Pay("S1", number, batch, OWED))) == "batch_expired"
    # nothing of all this stays: the batch number is still good
    assert code_of(sent(bank, Pay("S1", number, batch, OWED))) == "paid"


def test_an_account_outside_the_partners_units_is_unknown() -> None:
    (number, *_), bank = owing_accounts(), a_bank(units=(7,))
    (answer,) = query([(bank, number)])
    assert isinstance(answer, Refusal)
    assert answer.code == "unknown_account"


def test_a_payment_of_today_is_reversed_by_its_serial_once() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    first = paid(bank, number, "S1")
    done = reverse_by_serial(bank, "S1", "R1")
    assert done.reverses == first.receipt.payment_no
    assert asked(bank, number).total == OWED
    assert reverse_by_serial(bank, "S1", "R1").no == done.no
    assert refused(lambda: reverse_by_serial(bank, "S1", "R2")) == "already_reversed"
    (told,) = last([(bank, "S1")])
    assert isinstance(told, Paid)
    assert told.reversal_no == done.no
    assert check() == []


def test_a_reversal_on_the_next_day_is_refused() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    paid(bank, number, "S1")
    with clock.at(clock.now() + timedelta(days=1)):
        assert refused(lambda: reverse_by_serial(bank, "S1", "R1")) == "not_today"


def test_a_reversal_that_overtakes_its_payment_stops_it() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    batch = asked(bank, number).batch_no
    assert refused(lambda: reverse_by_serial(bank, "S1", "R1")) == "unknown_serial"
    assert code_of(sent(bank, Pay("S1", number, batch, OWED))) == "serial_void"
    assert payments_of(1) == []
    # a new query and a new serial pay as ever
    paid(bank, number, "S2")
    assert check() == []


def test_a_payment_that_is_refused_by_the_books_can_be_asked_about() -> None:
    """The serial is written down, nothing is booked: in progress for two minutes, then unknown, then free to come."""
    (number, *_), bank = owing_accounts(), a_bank(LENIENT)
    batch = asked(bank, number).batch_no
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_partnerserial (partner_id, serial, batch, account_id, amount, bank_on, outlet,"
            " operator, at, void, reversal_serial) VALUES (%s, 'S1', %s, 1, %s, %s, '', '', %s, false, '')",
            [bank.id, batch, OWED, clock.today(), clock.now()],
        )
    assert code_of(last([(bank, "S1")])[0]) == "in_progress"
    assert refused(lambda: reverse_by_serial(bank, "S1", "R1")) == "in_progress"
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert code_of(last([(bank, "S1")])[0]) == "unknown_serial"
        assert code_of(sent(bank, Pay("S1", number, batch, OWED))) == "paid"


def test_a_reversal_while_a_slow_payment_is_on_its_way_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The partner was told that nothing is booked and gives the money back: then nothing may be booked either."""
    (number, *_), bank = owing_accounts(), a_bank()
    payment = Pay("S1", number, asked(bank, number).batch_no, OWED)
    book, heard = receive_together, []

    def slow(requests: Sequence[Request]) -> list[Receipt | Refusal | BaseException]:
        with clock.at(clock.now() + timedelta(minutes=3)):
            heard.append(refused(lambda: reverse_by_serial(bank, "S1", "R1")))
        return book(requests)

    monkeypatch.setattr(teller, "receive_together", slow)
    assert code_of(sent(bank, payment)) == "serial_void"
    assert heard == ["unknown_serial"]
    assert payments_of(1) == []
    assert check() == []


def test_a_payment_that_is_booked_while_its_reversal_looks_is_reversed(monkeypatch: pytest.MonkeyPatch) -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    payment = Pay("S1", number, asked(bank, number).batch_no, OWED)
    known = teller._known

    def overtaken(names: Sequence[tuple[int, str]]) -> dict[tuple[int, str], teller._Known]:
        monkeypatch.setattr(teller, "_known", known)
        found = known(names)
        assert code_of(sent(bank, payment)) == "paid"
        return found

    monkeypatch.setattr(teller, "_known", overtaken)
    done = reverse_by_serial(bank, "S1", "R1")
    (undone,) = [each for each in payments_of(1) if each.reversed_by]
    assert (undone.no, undone.reversed_by) == (done.reverses, done.no)
    assert balances([1])[1].owed == OWED
    assert check() == []


def test_a_payment_sent_again_is_on_its_way_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first booking failed; minutes later the same message comes again and is asked for."""
    (number, *_), bank = owing_accounts(), a_bank()
    payment = Pay("S1", number, asked(bank, number).batch_no, OWED)
    book, heard = receive_together, []

    def fails(requests: Sequence[Request]) -> list[Receipt | Refusal | BaseException]:
        return [RuntimeError("the database is away") for _ in requests]

    def asked_for(requests: Sequence[Request]) -> list[Receipt | Refusal | BaseException]:
        heard.append(code_of(last([(bank, "S1")])[0]))
        return book(requests)

    monkeypatch.setattr(teller, "receive_together", fails)
    with pytest.raises(RuntimeError):
        sent(bank, payment)
    monkeypatch.setattr(teller, "receive_together", asked_for)
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert code_of(sent(bank, payment)) == "paid"
    assert heard == ["in_progress"]


def test_many_tellers_send_the_same_payments_and_each_is_booked_once() -> None:
    """40 payments, each sent four times by 16 threads at once: one payment each, the same number in every answer."""
    numbers, bank = owing_accounts(40), a_bank()
    batches = {number: asked(bank, number).batch_no for number in numbers}
    work = [(f"S{n}", number) for _ in range(4) for n, number in enumerate(numbers)]
    heard: dict[str, set[int]] = {}
    guard = threading.Lock()

    def bring(each: tuple[str, str]) -> None:
        try:
            answer = sent(bank, Pay(each[0], each[1], batches[each[1]], OWED))
            assert isinstance(answer, Paid), answer.code
            with guard:
                heard.setdefault(each[0], set()).add(answer.receipt.payment_no)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(bring, work))
    assert Counter(len(each) for each in heard.values()) == {1: 40}
    assert sum(view.owed for view in balances(range(1, 41)).values()) == 0
    assert check() == []


def test_two_reversals_at_once_are_one() -> None:
    (number, *_), bank = owing_accounts(), a_bank()
    paid(bank, number, "S1")
    answers: list[str] = []

    def undo(serial: str) -> None:
        try:
            answers.append(str(reverse_by_serial(bank, "S1", serial).no))
        except Refusal as no:
            answers.append(no.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=undo, args=(f"R{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answer == "already_reversed" for answer in answers) == {True: 3, False: 1}
    assert check() == []


def test_a_suspended_partner_is_refused() -> None:
    a_bank()
    payments.suspend_partner(SYSTEM, "LAKEBANK", suspended=True, reason="contract ended")
    assert refused(lambda: payments.partner_in_service("LAKEBANK")) == "partner_suspended"
    payments.suspend_partner(SYSTEM, "LAKEBANK", suspended=False, reason="new contract")
    assert payments.partner_in_service("LAKEBANK").code == "LAKEBANK"
