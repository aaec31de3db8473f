"""A repeat is answered with the first receipt, whatever was closed or went by in between. Amounts in fen."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.contrib.auth import get_user_model

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import check, close_period
from gridhall.payments.public import (
    CASH,
    DOOR_COUNTER,
    DOOR_FILE,
    TRANSFER,
    PaymentColumns,
    PaymentIn,
    Receipt,
    close_till,
    open_till,
    payments_of,
    receive,
    receive_columns,
    register_till,
)
from tests.payments.town import SYSTEM, clerk, make_accounts, moment

pytestmark = pytest.mark.django_db


def booked_once(first: Receipt | Refusal, again: Receipt | Refusal) -> None:
    assert isinstance(first, Receipt), first
    assert isinstance(again, Receipt), again
    assert (again.replayed, again.payment_no, again.amount) == (True, first.payment_no, first.amount)
    assert len(payments_of(1)) == 1
    assert check() == []


def test_after_the_till_was_closed() -> None:
    make_accounts(1)
    li = int(get_user_model().objects.create_user("li").pk)
    with clock.at(moment(2026, 11, 5)):
        session = open_till(clerk(li), register_till(SYSTEM, 7, 1, "T1", "Till 1", "一号台")).id
        paid = PaymentIn(900, "a", 1, door=DOOR_COUNTER, method=CASH, session_id=session)
        first = receive(clerk(li), [paid])[0]
        close_till(clerk(li), session, 900)
        again, new = receive(
            clerk(li), [paid, PaymentIn(900, "b", 1, door=DOOR_COUNTER, method=CASH, session_id=session)]
        )
    booked_once(first, again)
    assert isinstance(new, Refusal)
    assert (new.code, new.row) == ("till_closed", 1)


def test_after_the_month_was_closed() -> None:
    """1.00 of 31 October comes on 1 November; October is closed; the partner, which heard nothing, sends it again."""
    make_accounts(1)
    paid = PaymentIn(100, "api:7:1", 1, value_on=date(2026, 10, 31))
    with clock.at(moment(2026, 11, 1)):
        first = receive(SYSTEM, [paid])[0]
        close_period(SYSTEM, 1, 202610)
        booked_once(first, receive(SYSTEM, [paid])[0])
        other = receive(SYSTEM, [PaymentIn(100, "api:7:2", 1, value_on=date(2026, 10, 31))])[0]
        assert isinstance(other, Refusal)
        assert other.code == "period_closed"


def test_after_a_year_and_after_the_clock_was_set_back() -> None:
    make_accounts(1)
    paid = PaymentIn(100, "k", 1, value_on=date(2026, 11, 5))
    with clock.at(moment(2026, 11, 5)):
        first = receive(SYSTEM, [paid])[0]
    for later in (moment(2027, 11, 5), moment(2026, 11, 4)):
        with clock.at(later):
            booked_once(first, receive(SYSTEM, [paid])[0])


def test_a_file_after_the_month_was_closed() -> None:
    make_accounts(1)
    one = np.ones(1, np.int64)
    rows = PaymentColumns(one, one * 100, ["k"], one * date(2026, 10, 31).toordinal(), DOOR_FILE, TRANSFER)
    with clock.at(moment(2026, 11, 1)):
        assert receive_columns(SYSTEM, rows).taken == 1
        close_period(SYSTEM, 1, 202610)
        again = receive_columns(SYSTEM, rows)
    assert (again.taken, again.replayed, again.refused) == (0, 1, ())


@pytest.mark.parametrize(("days", "code"), [(0, ""), (31, ""), (32, "value_too_early"), (20_000, "value_too_early")])
def test_money_counts_from_a_day_not_too_long_ago(days: int, code: str) -> None:
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        day = clock.today() - timedelta(days=days)
        answer = receive(SYSTEM, [PaymentIn(100, "k", 1, value_on=day)])[0]
        one = np.ones(1, np.int64)
        file = receive_columns(SYSTEM, PaymentColumns(one, one, ["f"], one * day.toordinal(), DOOR_FILE, TRANSFER))
    assert (answer.code if isinstance(answer, Refusal) else "") == code
    assert [row[1] for row in file.refused] == ([code] if code else [])


def test_cash_comes_into_a_till_whatever_the_door() -> None:
    make_accounts(1)
    answer = receive(SYSTEM, [PaymentIn(100, "k", 1, method=CASH)])[0]
    assert isinstance(answer, Refusal)
    assert answer.code == "till_needed"
    one = np.ones(1, np.int64)
    today = one * clock.today().toordinal()
    file = receive_columns(SYSTEM, PaymentColumns(one, one, ["f"], today, DOOR_FILE, CASH))
    assert [row[1] for row in file.refused] == ["till_needed"]


def test_credit_stays_within_bounds_and_a_huge_sum_harms_no_other() -> None:
    """An account may have 2⁶⁰ in credit: 128 payments of 2⁵³ fill it, and one fen more is refused."""
    make_accounts(2)
    batch = [PaymentIn(1 << 53, f"k{n}", 1) for n in range(1030)] + [PaymentIn(100, "small", 2), PaymentIn(1, "fen", 1)]
    answers = receive(SYSTEM, batch)
    assert sum(isinstance(answer, Receipt) for answer in answers[:1030]) == 128
    assert {answer.code for answer in answers[:1030] if isinstance(answer, Refusal)} == {"amount_too_large"}
    assert isinstance(answers[1030], Receipt)
    assert isinstance(answers[1031], Refusal)
    assert check() == []
