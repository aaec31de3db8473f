"""What is due, as a customer is told it: one number, one day, one sentence."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.ledger.public import ITEM_LATE, ItemView, Owed


@dataclass(frozen=True)
class Due:
    """`state`: clear | due | overdue. `days`: left until the first due day, or late since it. `grows`: minor units that
    the late charge grows by with one more day (0 while nothing is overdue)."""

    state: str
    total: int
    late: int
    overdue: int
    credit: int
    days: int
    first_due_on: date | None
    period: int
    bills: int
    grows: int
    items: tuple[ItemView, ...]

    @property
    def one_bill(self) -> ItemView | None:
        """The bill, where exactly one is open."""
        bills = [item for item in self.items if item.kind != ITEM_LATE]
        return bills[0] if len(bills) == 1 else None


def read(account_id: int, class_code: int, moment: datetime) -> Due:
    """What an account owes at a moment, as it is told. Two queries."""
    today = moment.astimezone(clock.zone()).date()
    return summary(ledger.owed(account_id, moment), class_code, today)


def summary(owed: Owed, class_code: int, today: date) -> Due:
    """Decide what to say."""
    first = owed.first_due_on
    if owed.total == 0 or first is None:
        return Due("clear", 0, 0, 0, owed.credit, 0, None, 0, 0, 0, ())
    days = (first - today).days
    bills = [item for item in owed.items if item.kind != ITEM_LATE]
    tomorrow = today + timedelta(days=1)
    grows = sum(
        ledger.late_on(item, class_code, tomorrow) - item.late_charged - item.late_now
        for item in bills
        if item.due_on < today
    )
    return Due(
        state="due" if days >= 0 else "overdue",
        total=owed.total,
        late=owed.late,
        overdue=owed.overdue,
        credit=owed.credit,
        days=abs(days),
        first_due_on=first,
        period=owed.items[0].period,
        bills=len(bills),
        grows=grows,
        items=owed.items,
    )
