"""A clerk's day at a till. Amounts in fen."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth import get_user_model

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import check, trial_balance
from gridhall.payments.public import (
    CARD,
    CASH,
    DOOR_COUNTER,
    PaymentIn,
    Receipt,
    close_till,
    day_money,
    open_till,
    receipt,
    receive,
    register_till,
    reverse,
    sessions,
    till_session_of,
    tills,
)
from tests.payments.town import SYSTEM, bill, clerk, make_accounts, moment, partner

pytestmark = pytest.mark.django_db

NOVEMBER = 202611


def make_clerk(name: str) -> int:
    return int(get_user_model().objects.create_user(name).pk)


@pytest.fixture
def li() -> int:
    return make_clerk("li")


@pytest.fixture
def till() -> int:
    return register_till(SYSTEM, 7, 1, "T1", "Till 1", "一号台")


def at_counter(user: int, session: int, amount: int, key: str, method: int = CASH) -> Receipt | Refusal:
    return receive(
        clerk(user),
        [PaymentIn(amount, key, 1, door=DOOR_COUNTER, method=method, session_id=session)],
    )[0]


def code_of(answer: Receipt | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_a_day_at_the_till(li: int, till: int) -> None:
    """Float 200.00, cash 100.00 and 50.00, a card of 30.00, the 50.00 reversed: 300.00 must be in the drawer.
    Counted are 299.50: short by 0.50."""
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        bill(1, 202610, 20_000, issued=date(2026, 11, 2), due=date(2026, 11, 17))
        session = open_till(clerk(li), till, 20_000)
        assert till_session_of(li) == session
        first = at_counter(li, session.id, 10_000, "a")
        second = at_counter(li, session.id, 5_000, "b")
        at_counter(li, session.id, 3_000, "c", CARD)
        assert isinstance(first, Receipt)
        assert isinstance(second, Receipt)
        reverse(clerk(li), 1, second.payment_no, "gave the wrong number")
        shown = till_session_of(li)
        assert shown is not None
        assert (shown.cash_in, shown.cash_out, shown.other_in, shown.expected) == (15_000, 5_000, 3_000, 30_000)
        assert (shown.payments, shown.reversals) == (3, 1)
        closed = close_till(clerk(li), session.id, 29_950, "50 fen missing")
        assert (closed.expected, closed.counted, closed.difference) == (30_000, 29_950, -50)
        seen = receipt(1, first.payment_no)
        assert (seen.clerk, seen.till_code, seen.outlet_id) == ("li", "T1", 7)
        books = {row.code: (row.debit, row.credit) for row in trial_balance(1, NOVEMBER).rows}
        # cash: 100.00 + 50.00 in, 50.00 reversed, 0.50 short
        assert books[1001] == (15_000, 5_050)
        assert books[1012] == (3_000, 0)
        assert books[6711] == (50, 0)
        assert till_session_of(li) is None
        assert code_of(at_counter(li, session.id, 100, "late")) == "till_closed"
        money = [
            (row.method, row.outlet_id, row.count, row.amount, row.net) for row in day_money([1], date(2026, 11, 5))
        ]
    assert money == [(CASH, 7, 2, 15_000, 10_000), (CARD, 7, 1, 3_000, 3_000)]
    assert day_money([2], date(2026, 11, 5)) == []
    assert day_money(None, date(2026, 11, 6)) == []
    assert check() == []


def test_one_till_one_clerk(li: int, till: int) -> None:
    wang = make_clerk("wang")
    other = register_till(SYSTEM, 7, 1, "T2", "Till 2", "二号台")
    session = open_till(clerk(li), till)
    with pytest.raises(Refusal) as caught:
        open_till(clerk(wang), till)
    assert caught.value.code == "till_in_use"
    with pytest.raises(Refusal) as caught:
        open_till(clerk(li), other)
    assert caught.value.code == "clerk_has_till"
    with pytest.raises(Refusal) as caught:
        open_till(clerk(wang), 999)
    assert caught.value.code == "unknown_till"
    with pytest.raises(Refusal) as caught:
        open_till(clerk(wang), other, -1)
    assert caught.value.code == "count_missing"
    with pytest.raises(Refusal) as caught:
        close_till(clerk(wang), session.id, 0)
    assert caught.value.code == "not_your_till"
    with pytest.raises(Refusal) as caught:
        close_till(clerk(li), session.id, -1)
    assert caught.value.code == "count_missing"
    assert close_till(clerk(wang, "tills.all"), session.id, 0).difference == 0
    with pytest.raises(Refusal) as caught:
        close_till(clerk(li), session.id, 0)
    assert caught.value.code == "till_closed"
    assert [(each.code, each.open_session) for each in tills([1])] == [("T1", 0), ("T2", 0)]
    assert [each.id for each in sessions([1])] == [session.id]
    assert sessions([2]) == []


def test_money_at_a_till_is_refused_where_it_is_not_the_clerks_own(li: int, till: int) -> None:
    make_accounts(1)
    wang = make_clerk("wang")
    session = open_till(clerk(li), till)
    assert code_of(at_counter(wang, session.id, 100, "a")) == "not_your_till"
    assert code_of(at_counter(li, 999, 100, "b")) == "unknown_till"
    assert code_of(at_counter(li, 0, 100, "c")) == "till_needed"
    assert isinstance(at_counter(li, session.id, 100, "d"), Receipt)


def test_cash_cannot_leave_a_closed_till(li: int, till: int) -> None:
    make_accounts(1)
    session = open_till(clerk(li), till)
    paid = at_counter(li, session.id, 100, "a")
    assert isinstance(paid, Receipt)
    close_till(clerk(li), session.id, 100)
    with pytest.raises(Refusal) as caught:
        reverse(clerk(li), 1, paid.payment_no, "too late")
    assert caught.value.code == "till_closed"
    # the head cashier opens another till and gives the money back from there
    again = open_till(clerk(li), till, 1_000)
    assert reverse(clerk(li), 1, paid.payment_no, "from the new session", again.id).session_id == again.id
    shown = till_session_of(li)
    assert shown is not None
    assert shown.expected == 900
    assert check() == []


def test_a_till_is_its_units_and_its_clerks(li: int, till: int) -> None:
    """The head cashier of unit 2 neither opens, empties nor closes a till of unit 1;
    nor does a partner take cash out of it."""
    make_accounts(1)
    wang = make_clerk("wang")
    stranger = clerk(wang, "tills.all", units=(2,))

    def code(act: Callable[[], object]) -> str:
        with pytest.raises(Refusal) as caught:
            act()
        return caught.value.code

    assert code(lambda: open_till(stranger, till)) == "unknown_till"
    assert code(lambda: open_till(clerk(wang), till, user_id=li)) == "not_your_till"
    session = open_till(clerk(li), till)
    paid = at_counter(li, session.id, 900, "a")
    assert isinstance(paid, Receipt)
    assert code(lambda: reverse(stranger, 1, paid.payment_no, "x")) == "not_your_till"
    assert code(lambda: close_till(stranger, session.id, 0)) == "not_your_till"
    assert code(lambda: reverse(partner(7), 1, paid.payment_no, "x")) == "not_your_till"
    shown = till_session_of(li)
    assert shown is not None
    assert (shown.cash_out, shown.expected) == (0, 900)
    assert close_till(clerk(wang, "tills.all", units=(1,)), session.id, 900).difference == 0
