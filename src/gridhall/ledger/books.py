"""The books of an accounting unit: the trial balance of a posting period, and its close.

A posting holds the periods' lock shared until it commits; closing takes it alone. So a period is closed either before
a posting (which is then refused) or after it (which is then in the totals), never in between.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection, transaction

from gridhall.columns.arrays import Statement, ask
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.data import TrialBalance, TrialRow
from gridhall.ledger.models import ClosedPeriod, GlAccount

PERIOD_LOCK = 7_310_001  # the advisory lock of the posting periods

# What was closed last before the period, unit by unit, with the totals that were kept.
KEPT_SQL = """
SELECT DISTINCT ON (unit_id) unit_id, period, trial_balance FROM ledger_closedperiod
WHERE period < %(period)s AND (%(unit)s = 0 OR unit_id = %(unit)s) ORDER BY unit_id, period DESC
"""

# Movements since each unit's last close, by pair of accounts: one pass. `least` is the earliest of those closes; it
# says no more than the join does, but lets the planner leave out the months before.
TRIAL_SQL = """
SELECT m.debit, m.credit, m.period = %(period)s, sum(m.amount)::bigint
FROM movement AS m LEFT JOIN unnest(%(units)s::int[], %(closes)s::int[]) AS c (unit_id, period) ON c.unit_id = m.unit_id
WHERE m.period > %(least)s AND m.period <= %(period)s AND m.period > coalesce(c.period, 0)
    AND (%(unit)s = 0 OR m.unit_id = %(unit)s)
GROUP BY m.debit, m.credit, m.period = %(period)s
"""

UNITS_SQL = "SELECT id FROM territory_accountingunit"

# The lock is one statement and the reading the next, which so sees every close that came before the lock.
GUARD: Statement = ("SELECT ARRAY[1] FROM pg_advisory_xact_lock_shared(%s)", [PERIOD_LOCK])
LAST_CLOSED: Statement = (
    "SELECT array_agg(unit_id), array_agg(period)"
    " FROM (SELECT unit_id, max(period) AS period FROM ledger_closedperiod GROUP BY unit_id) AS closed",
    [],
)


def guard_periods(raw: psycopg.Connection[Any]) -> dict[int, int]:
    """Keep the open periods open till the transaction ends. Answers the last closed period of each unit: nothing may be
    posted into it or before."""
    _, closed = ask(raw, [GUARD, LAST_CLOSED])
    return dict(zip(*(column.tolist() for column in closed), strict=True))


def closed_refusal(unit_id: int, period: int, row: int = -1) -> Refusal:
    month = f"{period // 100}-{period % 100:02d}"
    return Refusal(
        "period_closed",
        f"The books of {month} are closed for unit {unit_id}; nothing can be posted into them.",
        f"核算单元 {unit_id} 的 {month} 账期已结账，不能再记账。",
        field="period", row=row, value=str(period),
    )  # fmt: skip


_objections: list[Callable[[int, int], None]] = []


def before_close(objects: Callable[[int, int], None]) -> None:
    """Let a room above refuse the close of a (unit, period) while it has still to post into it. Asked under the lock of
    the periods."""
    if objects not in _objections:
        _objections.append(objects)


def _is_unit(unit_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM territory_accountingunit WHERE id = %s)", [unit_id])
        return bool(cursor.fetchone() == (True,))


def is_closed(unit_id: int, period: int) -> bool:
    """Whether a posting period of a unit is closed (closing a period closes all before it)."""
    return ClosedPeriod.objects.filter(unit_id=unit_id, period__gte=period).exists()


def trial_balance(unit_id: int, period: int) -> TrialBalance:
    """Debits and credits by account of the books in a posting period, with what stood before and after.

    `unit_id` 0 is all units together. One pass over the movements since the last close of each unit.
    """
    _check_period(period)
    opening, debit, credit = _sums(unit_id, period)
    rows = []
    for account in GlAccount.objects.order_by("code"):
        before, more, less = (sums.get(account.code, 0) for sums in (opening, debit, credit))
        rows.append(
            TrialRow(
                code=account.code, name_en=account.name_en, name_zh=account.name_zh, opening=before,
                debit=more, credit=less, closing=before + more - less,
            )
        )  # fmt: skip
    return TrialBalance(unit_id, period, is_closed(unit_id, period), tuple(rows))


def _sums(unit_id: int, period: int) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """By account of the books: what stood before the period, and the debits and credits in it."""
    opening: dict[int, int] = defaultdict(int)
    debits: dict[int, int] = defaultdict(int)
    credits_: dict[int, int] = defaultdict(int)
    asked = {"period": period, "unit": unit_id}
    with connection.cursor() as cursor:
        cursor.execute(KEPT_SQL, asked)
        kept = cursor.fetchall()
        for _, _, totals in kept:
            for code, amount in (json.loads(totals) if isinstance(totals, str) else totals).items():
                opening[int(code)] += int(amount)
        cursor.execute(UNITS_SQL)
        closed = {unit: last for unit, last, _ in kept}
        wanted = [unit_id] if unit_id else [unit for (unit,) in cursor.fetchall()]
        least = min((closed.get(unit, 0) for unit in wanted), default=0)
        cursor.execute(TRIAL_SQL, asked | {"units": list(closed), "closes": list(closed.values()), "least": least})
        for debit, credit, inside, amount in cursor.fetchall():
            if inside:
                debits[debit] += amount
                credits_[credit] += amount
            else:
                opening[debit] += amount
                opening[credit] -= amount
    return opening, debits, credits_


def close_period(actor: Actor, unit_id: int, period: int) -> TrialBalance:
    """Close a posting period of a unit: its totals are kept and nothing more is posted into it or a period before.

    Refuses `period_closed` (already), `earlier_open` (an earlier period with movements is open), `period_running` (the
    month is not over), `not_balanced`, `unknown_unit`, and whatever a room above has to say (`before_close`).
    """
    actor.require("ledger.close")
    _check_period(period)
    if not actor.sees_unit(unit_id):
        raise Refusal(
            "not_your_unit", "This unit is not yours.", "您无权操作该核算单元。", field="unit_id", value=str(unit_id)
        )
    if not _is_unit(unit_id):
        raise Refusal(
            "unknown_unit", f"There is no unit {unit_id}.", f"没有核算单元 {unit_id}。", field="unit_id",
            value=str(unit_id),
        )  # fmt: skip
    today = clock.today()
    if period >= today.year * 100 + today.month:
        raise Refusal(
            "period_running", "A period can be closed when its month is over.", "当月结束后方可结账。",
            field="period", value=str(period),
        )  # fmt: skip
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PERIOD_LOCK])
        if is_closed(unit_id, period):
            raise closed_refusal(unit_id, period)
        for objects in _objections:
            objects(unit_id, period)
        _refuse_earlier_open(unit_id, period)
        books = trial_balance(unit_id, period)
        if not books.balanced:
            raise Refusal("not_balanced", "Debits and credits differ; run the check.", "借贷不平，请先核对。")
        closing = {str(row.code): row.closing for row in books.rows}
        ClosedPeriod.objects.create(
            unit_id=unit_id, period=period, closed_at=clock.now(), closed_by=actor.name, trial_balance=closing
        )
        audit.record(actor, "ledger.close", f"unit:{unit_id}", after={"period": period, "closing": closing})
    return trial_balance(unit_id, period)


def _refuse_earlier_open(unit_id: int, period: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(period) FROM movement WHERE unit_id = %(unit)s AND period < %(period)s"
            " AND period NOT IN (SELECT period FROM ledger_closedperiod WHERE unit_id = %(unit)s)",
            {"unit": unit_id, "period": period},
        )
        row = cursor.fetchone()
    if row and row[0] is not None:
        raise Refusal(
            "earlier_open", f"Close {row[0]} first.", f"请先结 {row[0]} 账期。", field="period", value=str(row[0])
        )


def _check_period(period: int) -> None:
    if not (190001 <= period <= 999912 and 1 <= period % 100 <= 12):
        raise Refusal("bad_period", f"{period} is not a period (YYYYMM).", f"{period} 不是有效的账期（YYYYMM）。",
                      field="period", value=str(period))  # fmt: skip
