"""A few accounts with bills, made quickly for the tests of money. Amounts in fen, days as dates."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction

from gridhall.customers.models import Account, Customer
from gridhall.kernel.access import Actor, system
from gridhall.ledger.public import BillsPosted, BillsToPost, post_bills, prepare
from gridhall.territory.models import AccountingUnit

SYSTEM = system("test")
ZONE = ZoneInfo("Asia/Shanghai")
RESIDENTIAL, COMMERCIAL = 1, 2


def moment(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZONE)


def make_accounts(count: int, unit_id: int = 1, class_code: int = RESIDENTIAL, first: int = 1) -> list[int]:
    """Accounts first.. with numbers A0000001.. of one customer each."""
    ids = list(range(first, first + count))
    AccountingUnit.objects.get_or_create(id=unit_id, defaults={"code": str(unit_id), "name_en": "u", "name_zh": "单元"})
    Customer.objects.bulk_create(Customer(id=i, name=f"客户{i}", name_key=f"kehu{i}") for i in ids)
    Account.objects.bulk_create(
        Account(
            id=i, number=f"A{i:07d}", customer_id=i, unit_id=unit_id, area_id=1, class_code=class_code,
            opened_on=date(2020, 1, 1),
        )
        for i in ids
    )  # fmt: skip
    return ids


def bill(
    account_id: int, period: int, amount: int, *, issued: date, due: date, seq: int = 1, unit_id: int = 1,
    class_code: int = RESIDENTIAL, by_class: dict[int, int] | None = None,
) -> BillsPosted:  # fmt: skip
    """Post one bill: all of it energy, or as `by_class` says (ledger class → amount)."""
    parts = by_class or {1: amount}
    assert sum(parts.values()) == amount
    return bills([account_id], period, [parts], issued=issued, due=due, seq=seq, unit_id=unit_id, class_code=class_code)


def bills(
    account_ids: list[int], period: int, parts: list[dict[int, int]], *, issued: date, due: date, seq: int = 1,
    unit_id: int = 1, class_code: int = RESIDENTIAL, seqs: list[int] | None = None,
) -> BillsPosted:  # fmt: skip
    """Post a bill for each account; `seqs` where one has several."""
    prepare(period, issued)
    n = len(account_ids)
    by_class = np.zeros((n, 6), np.int64)
    for row, part in enumerate(parts):
        for which, amount in part.items():
            by_class[row, which] = amount

    def ones(value: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.full(n, value, np.int64)

    with transaction.atomic():
        return post_bills(
            connection.connection,
            BillsToPost(
                account_id=np.array(account_ids, np.int64), period=period,
                seq=np.array(seqs or [seq] * n, np.int64), unit_id=ones(unit_id),
                class_code=ones(class_code), by_class=by_class, issued_on=ones(issued.toordinal()),
                due_on=ones(due.toordinal()),
            ),
        )  # fmt: skip


def clerk(user_id: int, *more: str, units: tuple[int, ...] = ()) -> Actor:
    """A member of staff at a counter, of some units (none: everywhere)."""
    permissions = frozenset({"payments.take", "payments.reverse", "tills.own", *more})
    return Actor(
        "staff", f"clerk{user_id}", "counter", id=user_id, permissions=permissions, units=frozenset(units),
        everywhere=not units, role="clerk",
    )  # fmt: skip


def partner(key_id: int) -> Actor:
    """A partner that calls the API."""
    permissions = frozenset({"payments.take", "payments.reverse"})
    return Actor("partner", f"bank{key_id}", "api", id=key_id, permissions=permissions, everywhere=True)
