"""Random lives of two accounts: whatever happens in whatever order, the books stay right after every step."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, owed, rebuild, reverse_bills
from gridhall.payments.public import PaymentIn, Receipt, receive, reverse, set_off_credit
from tests.payments.town import SYSTEM, bill, make_accounts, moment

pytestmark = pytest.mark.django_db

PERIODS = [202601 + n for n in range(12)]


@dataclass
class Life:
    """What should be true, kept by plain sums: money in, bills that stand."""

    now: datetime
    money: dict[int, int] = field(default_factory=lambda: {1: 0, 2: 0})
    bills: dict[tuple[int, int, int], int] = field(default_factory=dict)
    next_seq: dict[tuple[int, int], int] = field(default_factory=dict)
    received: list[Receipt] = field(default_factory=list)
    reversed: set[int] = field(default_factory=set)
    keys: int = 0


account = st.sampled_from([1, 2])
STEPS = st.one_of(
    st.tuples(st.just("bill"), account, st.sampled_from(PERIODS), st.integers(-3_000, 20_000)),
    st.tuples(st.just("pay"), account, st.integers(1, 25_000)),
    st.tuples(st.just("pay all"), account),
    st.tuples(st.just("pay twice"), account, st.integers(1, 5_000), st.integers(1, 5_000)),
    st.tuples(st.just("replay"), st.integers(0, 50)),
    st.tuples(st.just("reverse"), st.integers(0, 50)),
    st.tuples(st.just("cancel"), st.integers(0, 50)),
    st.tuples(st.just("set off")),
    st.tuples(st.just("days"), st.integers(1, 40)),
)


def pay(life: Life, *payments: tuple[int, int]) -> None:
    batch = []
    for who, amount in payments:
        life.keys += 1
        batch.append(PaymentIn(amount, f"k{life.keys}", who))
    for (who, amount), answer in zip(payments, receive(SYSTEM, batch), strict=True):
        assert isinstance(answer, Receipt)
        assert sum(item.amount for item in answer.paid) + answer.to_credit == amount
        life.money[who] += amount
        life.received.append(answer)


def step(life: Life, what: str, *given_: int) -> None:
    if what == "bill":
        who, period, amount = given_
        seq = life.next_seq.get((who, period), 1)
        if amount == 0 or seq > 20:
            return
        life.next_seq[who, period] = seq + 1
        on = life.now.date()
        bill(who, period, amount, seq=seq, issued=on, due=on + timedelta(days=15))
        life.bills[who, period, seq] = amount
    elif what == "pay":
        pay(life, (given_[0], given_[1]))
    elif what == "pay all":
        total = owed(given_[0]).total
        if total:
            pay(life, (given_[0], total))
            assert owed(given_[0]).total == 0
    elif what == "pay twice":
        pay(life, (given_[0], given_[1]), (given_[0], given_[2]))
    elif what == "replay" and life.received:
        first = life.received[given_[0] % len(life.received)]
        key = f"k{life.received.index(first) + 1}"
        again = receive(SYSTEM, [PaymentIn(first.amount, key, first.account_id)])[0]
        assert isinstance(again, Receipt)
        assert again.replayed
        assert (again.payment_no, again.paid, again.to_credit) == (first.payment_no, first.paid, first.to_credit)
    elif what == "reverse" and life.received:
        undo(life, life.received[given_[0] % len(life.received)])
    elif what == "cancel" and life.bills:
        key = sorted(life.bills)[given_[0] % len(life.bills)]
        with transaction.atomic():
            reverse_bills(connection.connection, [key])
        del life.bills[key]
    elif what == "set off":
        set_off_credit(SYSTEM, [1, 2])
        for view in balances([1, 2]).values():
            assert view.owed == 0 or view.credit == 0
    elif what == "days":
        life.now += timedelta(days=given_[0])


def undo(life: Life, paid: Receipt) -> None:
    code = ""
    try:
        reverse(SYSTEM, paid.account_id, paid.payment_no, "model")
    except Refusal as no:
        code = no.code
    assert (code == "already_reversed") == (paid.payment_no in life.reversed)
    if code:
        assert code in ("not_today", "already_reversed", "credit_used")
        return
    life.reversed.add(paid.payment_no)
    life.money[paid.account_id] -= paid.amount


def late_charged(who: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(amount), 0)::bigint FROM late_charge WHERE account_id = %s", [who])
        return int(cursor.fetchone()[0])


def holds(life: Life) -> None:
    assert check() == []
    seen = balances([1, 2])
    for who in (1, 2):
        billed = sum(amount for (account_id, _, _), amount in life.bills.items() if account_id == who)
        net = seen[who].owed - seen[who].credit if who in seen else 0
        assert net == billed + late_charged(who) - life.money[who]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=3, max_size=14))
def test_the_books_are_right_after_every_step(steps: list[tuple[str, ...]]) -> None:
    with transaction.atomic():
        make_accounts(2)
        life = Life(moment(2026, 1, 5))
        for what, *more in steps:
            with clock.at(life.now):
                step(life, what, *(int(each) for each in more))
                holds(life)
        assert rebuild(SYSTEM).changes == ()
        transaction.set_rollback(True)
