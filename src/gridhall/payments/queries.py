"""What was paid: receipts, an account's payments, till sessions, the day's money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from gridhall.kernel import clock
from gridhall.ledger.public import ITEM_LATE
from gridhall.payments.data import (
    DayMoneyRow,
    OrderView,
    PaidItem,
    PaymentView,
    Receipt,
    ReceiptView,
    SessionView,
)
from gridhall.payments.models import MOVED, GatewayOrder
from gridhall.payments.refusals import refusal

SQL = Path(__file__).with_name("sql")
SESSIONS_SQL = SQL.joinpath("sessions.sql").read_text()
DAY_SQL = SQL.joinpath("day.sql").read_text()

# What a payment paid, item by item: as it stands, where an allocation was moved since.
RECEIPTS_SQL = """
SELECT p.account_id, p.no, p.amount, p.to_credit, p.left_owed, p.received_at, a.item_period, a.item_kind, a.item_seq,
    a.amount
FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (account_id, no)
JOIN payment AS p ON p.account_id = wanted.account_id AND p.no = wanted.no
LEFT JOIN (
    SELECT a.account_id, a.payment_no, a.item_period, a.item_kind, a.item_seq, sum(a.amount)::bigint AS amount,
        min(a.n) AS n
    FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (account_id, no)
    JOIN allocation AS a ON a.account_id = wanted.account_id AND a.payment_no = wanted.no
    GROUP BY a.account_id, a.payment_no, a.item_period, a.item_kind, a.item_seq HAVING sum(a.amount) <> 0
) AS a ON a.account_id = p.account_id AND a.payment_no = p.no
ORDER BY p.account_id, p.no, a.n
"""

PAYMENTS_SQL = """
SELECT p.account_id, p.no, p.kind, p.unit_id, p.door, p.method, p.amount, p.to_credit, p.session_id, p.reverses,
    coalesce(r.no, 0), p.received_at, p.value_on, p.left_owed
FROM payment AS p
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND p.kind = 1
WHERE p.account_id = %s AND (%s = 0 OR p.no = %s)
ORDER BY p.received_at DESC, p.no DESC LIMIT %s
"""

RECEIPT_SQL = """
SELECT p.account_id, p.no, p.kind, p.unit_id, p.door, p.method, p.amount, p.to_credit, p.session_id, p.reverses,
    coalesce(r.no, 0), p.received_at, p.value_on, p.left_owed, coalesce(k.key, ''), coalesce(t.reference, '')
FROM payment AS p
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND p.kind = 1
LEFT JOIN payment_key AS k ON k.account_id = p.account_id AND k.payment_no = p.no
LEFT JOIN payment_reference AS t ON t.account_id = p.account_id AND t.no = p.no
WHERE p.account_id = %s AND p.no = %s
"""


def receipts_of(wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Receipt]:
    """Receipts as first given, by (account, payment number)."""
    if not wanted:
        return {}
    wanted = sorted(set(wanted))
    with connection.cursor() as cursor:
        keys = [[account for account, _ in wanted], [no for _, no in wanted]]
        cursor.execute(RECEIPTS_SQL, [*keys, *keys])
        rows = cursor.fetchall()
    found: dict[tuple[int, int], tuple[Any, list[PaidItem]]] = {}
    for row in rows:
        _, items = found.setdefault((row[0], row[1]), (row, []))
        if row[6] is not None:
            items.append(PaidItem(*row[6:]))
    return {
        key: Receipt(
            row[0], row[1], row[2], tuple(items), sum(item.amount for item in items if item.kind == ITEM_LATE),
            row[3], row[4], row[5],
        )
        for key, (row, items) in found.items()
    }  # fmt: skip


def payments_of(account_id: int, limit: int = 100) -> list[PaymentView]:
    """The payments, reversals and set-offs of an account, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(PAYMENTS_SQL, [account_id, 0, 0, limit])
        return [PaymentView(*row) for row in cursor.fetchall()]


def payment_now(account_id: int, payment_no: int) -> PaymentView:
    """A payment as it stands. Refuses `unknown_payment`."""
    with connection.cursor() as cursor:
        cursor.execute(PAYMENTS_SQL, [account_id, payment_no, payment_no, 1])
        row = cursor.fetchone() if payment_no > 0 else None
    if row is None:
        raise refusal("unknown_payment", field="payment_no", value=payment_no)
    return PaymentView(*row)


def was_moved(payment: PaymentView) -> bool:
    """Whether a payment was undone because it belongs to another account, where it is booked now: its money came."""
    return payment.reversed_by > 0 and payment_now(payment.account_id, payment.reversed_by).method == MOVED


def receipt(account_id: int, payment_no: int) -> ReceiptView:
    """Everything a printed receipt needs. Refuses `unknown_payment`."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIPT_SQL, [account_id, payment_no])
        row = cursor.fetchone()
    if row is None:
        raise refusal("unknown_payment", field="payment_no", value=payment_no)
    payment, key, reference = PaymentView(*row[:-2]), row[-2], row[-1]
    first = receipts_of([(account_id, payment_no)])[account_id, payment_no]
    at_till = session(payment.session_id) if payment.session_id else None
    allocated = sum(item.amount for item in first.paid)
    return ReceiptView(
        payment=payment, paid=first.paid, late_part=first.late_part, principal_part=allocated - first.late_part,
        to_credit=payment.to_credit, left_owed=payment.left_owed, reference=reference, key=key,
        clerk=at_till.clerk if at_till else "", till_code=at_till.till_code if at_till else "",
        till_name_en=at_till.till_name_en if at_till else "", till_name_zh=at_till.till_name_zh if at_till else "",
        outlet_id=at_till.outlet_id if at_till else 0,
    )  # fmt: skip


def session(session_id: int) -> SessionView:
    """A till session with its money so far. Refuses `unknown_till`."""
    found = _sessions("s.id = %(id)s", {"id": session_id, "limit": 1})
    if not found:
        raise refusal("unknown_till", field="session_id", value=session_id)
    return found[0]


def till_session_of(user_id: int) -> SessionView | None:
    """The open till session of a member of staff (by user id), None without one."""
    found = _sessions("s.clerk_id = %(clerk)s AND s.closed_at IS NULL", {"clerk": user_id, "limit": 1})
    return found[0] if found else None


def sessions(
    unit_ids: Iterable[int] | None = None, on: date | None = None, open_only: bool = False, limit: int = 200
) -> list[SessionView]:
    """Till sessions, the latest first: of some units (None: all), opened on a day, only the open ones."""
    terms, values = ["true"], {"limit": limit}  # type: tuple[list[str], dict[str, Any]]
    if unit_ids is not None:
        terms.append("t.unit_id = ANY(%(units)s)")
        values["units"] = list(unit_ids)
    if on is not None:
        terms.append("s.opened_at >= %(day)s AND s.opened_at < %(next)s")
        values["day"], values["next"] = _day(on)
    if open_only:
        terms.append("s.closed_at IS NULL")
    return _sessions(" AND ".join(terms), values)


def _sessions(where: str, values: dict[str, Any]) -> list[SessionView]:
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS_SQL.replace("/* which */ true", where), values)
        return [SessionView(*row) for row in cursor.fetchall()]


def day_money(unit_ids: Iterable[int] | None, on: date) -> list[DayMoneyRow]:
    """The money of a calendar day by unit of the account, door, method and outlet; of some units (None: all)."""
    units = None if unit_ids is None else list(unit_ids)
    start, end = _day(on)
    with connection.cursor() as cursor:
        cursor.execute(DAY_SQL, {"start": start, "end": end, "all": units is None, "units": units or []})
        return [DayMoneyRow(*row) for row in cursor.fetchall()]


def _day(on: date) -> tuple[datetime, datetime]:
    zone = clock.zone()
    return datetime.combine(on, time(0), zone), datetime.combine(on + timedelta(days=1), time(0), zone)


def order(order_no: str) -> OrderView:
    """An online order. Refuses `unknown_order`."""
    found = GatewayOrder.objects.filter(order_no=order_no).first()
    if found is None:
        raise refusal("unknown_order", field="order_no", value=order_no)
    return _order_view(found)


def waiting_orders(limit: int = 200) -> list[OrderView]:
    """Online orders that have begun and whose end is not known, the oldest first."""
    found = GatewayOrder.objects.filter(state="begun").order_by("begun_at")[:limit]
    return [_order_view(each) for each in found]


def _order_view(found: GatewayOrder) -> OrderView:
    return OrderView(
        found.order_no, found.gateway, found.account_id, found.amount, found.state, found.begun_at, found.paid_at,
        found.payment_no,
    )  # fmt: skip


RECEIVED_BETWEEN_SQL = """
SELECT account_id, no, amount, to_credit, left_owed, value_on, door FROM payment
WHERE account_id BETWEEN %s AND %s AND no BETWEEN %s AND %s AND kind = 1 ORDER BY account_id, no
"""


@dataclass(frozen=True)
class ReceivedRow:
    """A payment as a notice tells it: minor units; `left_owed`: afterwards."""

    account_id: int
    no: int
    amount: int
    to_credit: int
    left_owed: int
    value_on: date
    door: int


def received_between(numbers: tuple[int, int], accounts: tuple[int, int]) -> list[ReceivedRow]:
    """The payments of a batch, as its fact names them: one query."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIVED_BETWEEN_SQL, [*accounts, *numbers])
        return [ReceivedRow(*row) for row in cursor.fetchall()]
