"""Late charge against a second reckoning of its own: plain Python, day by day. Amounts in fen."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gridhall.kernel import clock
from gridhall.ledger.public import balances, check, owed
from gridhall.payments.public import PaymentIn, Receipt, receive, reverse
from tests.payments.town import SYSTEM, bill, make_accounts, moment

pytestmark = pytest.mark.django_db

START = date(2026, 1, 5)
LEAST = 100


@dataclass
class Debt:
    """A bill as the reckoning sees it: a home pays 0.1 % of what is open for each day after the due day."""

    due: date
    open: int
    late_open: int = 0
    charged: int = 0
    accrued: int = 0
    counted_to: date | None = None

    def count(self, day: date) -> None:
        """Every day since the last count bears a thousandth of what is open; halves of a fen upwards."""
        since = max(self.counted_to or self.due, self.due)
        thousandths = sum(self.open for _ in range((day - since).days))
        if thousandths <= 0:
            return
        accrues = (thousandths + 500) // 1000
        add = max(max(self.accrued + accrues, LEAST) - self.charged, 0)
        if accrues or add:
            self.accrued += accrues
            self.charged += add
            self.late_open += add
            self.counted_to = day

    def pay(self, money: int) -> int:
        late = min(money, self.late_open)
        self.late_open -= late
        own = min(money - late, self.open)
        self.open -= own
        return money - late - own


@dataclass
class Reckoning:
    debts: list[Debt] = field(default_factory=list)

    def pay(self, money: int, day: date) -> None:
        for debt in self.debts:
            debt.count(day)
        for debt in sorted(self.debts, key=lambda debt: debt.due):
            money = debt.pay(money)

    def undo(self, day: date) -> None:
        """A payment came and went: its late charges went with it; days that charged nothing stay counted."""
        for debt in self.debts:
            later = Debt(**vars(debt))
            later.count(day)
            if later.charged == debt.charged:
                debt.count(day)

    def total(self, day: date) -> int:
        def now(debt: Debt) -> int:
            later = Debt(**vars(debt))
            later.count(day)
            return later.open + later.late_open

        return sum(map(now, self.debts))


STEP = st.tuples(st.sampled_from(["pay", "pay some", "undo"]), st.integers(1, 30), st.integers(1, 9_000))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 15_000), min_size=1, max_size=3), st.lists(STEP, min_size=1, max_size=8))
# 50.00, 20 days late: 1.00, whether it is paid at once or 1 fen of it on the first day
@example([5_000], [("pay", 16, 1), ("pay", 19, 5_099)])
# the least charge covers the days to the first part, but they count
@example([5_000], [("pay", 16, 1), ("pay", 19, 4_000), ("pay", 25, 10)])
@example([5_000], [("pay", 16, 1), ("undo", 19, 4_000), ("pay", 25, 10)])
def test_whatever_is_paid_when(amounts: list[int], steps: list[tuple[str, int, int]]) -> None:
    """Bills due 15, 46, 77 days after the start; parts paid, paid and undone, at any days."""
    with transaction.atomic():
        make_accounts(1)
        reckoning = Reckoning()
        for n, amount in enumerate(amounts):
            due = START + timedelta(days=15 + 31 * n)
            bill(1, 202601 + n, amount, issued=START, due=due)
            reckoning.debts.append(Debt(due, amount))
        day = START
        for n, (what, days, amount) in enumerate(steps):
            day += timedelta(days=days)
            with clock.at(moment(day.year, day.month, day.day)):
                assert owed(1).total == reckoning.total(day)
                paid = receive(SYSTEM, [PaymentIn(amount, f"k{n}", 1)])[0]
                assert isinstance(paid, Receipt)
                if what == "undo":
                    reverse(SYSTEM, 1, paid.payment_no, "model")
                    reckoning.undo(day)
                else:
                    reckoning.pay(amount, day)
                assert owed(1).total == reckoning.total(day)
                assert balances([1])[1].owed == sum(debt.open + debt.late_open for debt in reckoning.debts)
                assert check() == []
        transaction.set_rollback(True)


def test_a_part_paid_on_the_first_day_makes_the_late_charge_no_dearer() -> None:
    """50.00 due 25 March. 1 fen on 26 March: 1.00 is charged, the least (0.05 by the day). On 14 April 20 days have
    come to 1.00: nothing more is charged, and 50.99 are owed. On 19 April: 25 days, 1.25."""
    make_accounts(1)
    bill(1, 202602, 5_000, issued=date(2026, 3, 2), due=date(2026, 3, 25))
    with clock.at(moment(2026, 3, 26)):
        assert receive(SYSTEM, [PaymentIn(1, "a", 1)])[0].late_part == 1  # type: ignore[union-attr]
    with clock.at(moment(2026, 4, 14)):
        assert owed(1).total == 5_099
    with clock.at(moment(2026, 4, 19)):
        assert owed(1).total == 5_124
    with connection.cursor() as cursor:
        cursor.execute("SELECT late_charged, late_accrued FROM open_item WHERE account_id = 1 AND kind = 1")
        assert cursor.fetchone() == (100, 5)
