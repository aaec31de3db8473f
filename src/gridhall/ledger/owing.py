"""What is owed: open items with the late charge up to a moment, balances and debtors."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import numpy as np
from django.db import connection

from gridhall.columns.settling import late_charge_of, order_keys
from gridhall.kernel import clock
from gridhall.ledger import terms
from gridhall.ledger.data import BalanceView, Debtor, ItemView, Owed
from gridhall.ledger.excusing import off_days
from gridhall.ledger.models import ITEM_BILL, ITEM_LATE, LateTerm, OpenItem
from gridhall.ledger.settling import POLICY
from gridhall.rules.late_charge import days_late

OPEN_SQL = """
SELECT account_id, period, kind, seq, class_code, amount, open, issued_on, due_on, late_upto, late_charged,
    late_accrued
FROM open_item WHERE account_id = ANY(%s) AND open > 0
"""

DEBTORS_SQL = """
SELECT b.account_id, b.unit_id, b.owed, min(item.due_on), count(*)
FROM balance AS b JOIN open_item AS item ON item.account_id = b.account_id AND item.open > 0
    AND item.period >= b.open_from
WHERE b.owed > 0 AND (%(all)s OR b.unit_id = ANY(%(units)s))
GROUP BY b.account_id, b.unit_id, b.owed
ORDER BY b.owed DESC, b.account_id
LIMIT %(limit)s
"""


def open_items(account_id: int) -> list[ItemView]:
    """The items that are open on an account, in the order in which a payment pays them; late charge up to now."""
    return list(owed(account_id).items)


def owed(account_id: int, moment: datetime | None = None) -> Owed:
    """What an account owes at a moment (aware; now when None), late charge included up to its calendar day.

    Paying exactly `total` at that moment leaves nothing open.
    """
    return owed_of([account_id], moment)[account_id]


def owed_of(account_ids: Iterable[int], moment: datetime | None = None) -> dict[int, Owed]:
    """`owed` of several accounts, by account: two queries, however many. Every screen's sums come from here."""
    day = (moment or clock.now()).astimezone(clock.zone()).date().toordinal()
    wanted = list(dict.fromkeys(account_ids))
    with connection.cursor() as cursor:
        cursor.execute(OPEN_SQL, [wanted])
        rows = cursor.fetchall()
        cursor.execute("SELECT account_id, credit FROM balance WHERE account_id = ANY(%s)", [wanted])
        credit = dict(cursor.fetchall())
    by_account: dict[int, list[ItemView]] = {account_id: [] for account_id in wanted}
    for row in rows:
        by_account[row[0]].append(_view(row, day))
    return {account: _owed(account, items, credit.get(account, 0), day) for account, items in by_account.items()}


def _owed(account_id: int, items: list[ItemView], credit: int, day: int) -> Owed:
    """The sums of an account's open items, which are put in the order in which a payment pays them."""
    if not items:
        return Owed(account_id, (), 0, 0, 0, credit, 0, None)
    keys = order_keys(
        POLICY, np.array([item.due_on.toordinal() for item in items]), np.array([item.kind for item in items])
    ).tolist()
    items = [item for _, _, item in sorted(zip(keys, range(len(items)), items, strict=True))]
    late = sum(item.late_now + (item.open if item.kind == ITEM_LATE else 0) for item in items)
    principal = sum(item.open for item in items if item.kind != ITEM_LATE)
    overdue = sum(item.open + item.late_now for item in items if item.due_on.toordinal() < day)
    return Owed(
        account_id, tuple(items), principal, late, principal + late, credit, overdue,
        min(item.due_on for item in items),
    )  # fmt: skip


def _view(row: Sequence[int | date], day: int) -> ItemView:
    account_id, period, kind, seq, class_code, amount, open_, issued_on, due_on, late_upto, charged, accrued = row
    due, upto = due_on.toordinal(), late_upto.toordinal()  # type: ignore[union-attr]  # these columns are dates
    rate, carried, first, inclusive, *_ = terms.current().row(class_code, due)  # type: ignore[arg-type]
    late, days = 0, 0
    if kind == ITEM_BILL and due < day:
        bill = (account_id, class_code, period, seq, due)
        late = _late(bill, day, open_, upto, accrued, charged)  # type: ignore[arg-type]
        days = sum(days_late(due, due, day, first, inclusive))
    return ItemView(
        account_id, period, kind, seq, amount, open_, issued_on, due_on, late_upto, charged,  # type: ignore[arg-type]
        days, late, accrued, rate, carried,  # type: ignore[arg-type]
    )  # fmt: skip


def _late(bill: tuple[int, int, int, int, int], day: int, *item: int) -> int:
    """The late charge to add as of a day to an item: its bill (account, class, period, seq, due day), what is open, up
    to which day, accrued, charged."""
    account, class_code, period, seq, due = (np.array([each], np.int64) for each in bill)
    open_, upto, accrued, charged = (np.array([each], np.int64) for each in item)
    row = terms.rows(class_code, due)
    off = off_days(account, class_code, period, seq, due, upto, day, row)
    return int(late_charge_of(open_, due, upto, day, row, accrued, charged, off)[1][0])


def balances(account_ids: Iterable[int]) -> dict[int, BalanceView]:
    """Owed and credit of accounts, by account; those without any entry in the ledger are missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, unit_id, owed, credit FROM balance WHERE account_id = ANY(%s)", [list(account_ids)]
        )
        return {row[0]: BalanceView(*row) for row in cursor.fetchall()}


def open_of_bills(account_ids: Iterable[int], period: int) -> dict[tuple[int, int], int]:
    """What is still open of the bills of a period, by (account, seq); bills that came to nothing have no item."""
    rows = OpenItem.objects.filter(account_id__in=list(account_ids), period=period, kind=ITEM_BILL)
    return {(account, seq): left for account, seq, left in rows.values_list("account_id", "seq", "open")}


def debtors(unit_ids: Iterable[int] | None = None, limit: int = 1000) -> list[Debtor]:
    """Accounts that owe, the largest debt first, of some units (None: all)."""
    units = None if unit_ids is None else list(unit_ids)
    with connection.cursor() as cursor:
        cursor.execute(DEBTORS_SQL, {"all": units is None, "units": units or [], "limit": limit})
        return [Debtor(*row) for row in cursor.fetchall()]


def late_terms(class_code: int, due_on: date) -> LateTerm | None:
    """The late-charge terms for a debt of a class that fell due on a day; None where none are entered."""
    return LateTerm.objects.filter(class_code=class_code, since__lte=due_on).order_by("-since").first()


def late_by_day(item: OpenItem | ItemView, class_code: int, until: date) -> list[tuple[date, int]]:
    """How the late charge of an item grows: (day, late charge in all if it is paid on that day) from its due day on."""
    first = max(item.late_upto, item.due_on).toordinal() + 1
    days = [date.fromordinal(day) for day in range(first, until.toordinal() + 1)]
    return [(day, late_on(item, class_code, day)) for day in days]


def late_on(item: OpenItem | ItemView, class_code: int, on: date) -> int:
    """The late charge of an item in all, charged and arisen since, if it is paid on a day."""
    item_now = (item.open, item.late_upto.toordinal(), item.late_accrued, item.late_charged)
    bill = (item.account_id, class_code, item.period, item.seq, item.due_on.toordinal())
    return item.late_charged + _late(bill, on.toordinal(), *item_now)
