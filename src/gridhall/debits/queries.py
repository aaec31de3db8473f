"""What is asked of batch debit: cycles, sums by state, files, results, an account's debits, rows for notices."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from gridhall.debits.data import (
    CycleView,
    DebitView,
    FileView,
    NoticeRow,
    ParkedView,
    ResultView,
    StateSum,
)
from gridhall.debits.models import INSUFFICIENT, RETRYABLE, Cycle, DebitFile, ParkedRow, ResultFile
from gridhall.debits.refusals import refusal
from gridhall.kernel.access import Actor

DEBITS_SQL = """
SELECT n.account_id, n.cycle_id, n.attempt, n.mandate_id, n.bank_id, n.announced, n.amount, n.usual, n.held, n.state,
    n.outcome, n.bank_on, n.file_id, n.line, m.last_four, c.announced_on, c.debit_on, c.attempt, c.retry_on,
    (SELECT min(f.sent_at)::date FROM debits_debitfile AS f WHERE f.id = n.file_id)
FROM debit_now AS n JOIN debits_mandate AS m ON m.id = n.mandate_id JOIN debits_cycle AS c ON c.id = n.cycle_id
"""
OF_ACCOUNT = "WHERE n.account_id = %(account)s ORDER BY n.cycle_id DESC, n.attempt DESC LIMIT %(limit)s"
OF_CYCLE = (
    "WHERE n.cycle_id = %(cycle)s AND n.attempt = %(attempt)s AND n.state = ANY(%(states)s)"
    " ORDER BY n.account_id OFFSET %(skip)s LIMIT %(limit)s"
)
UNDER_WAY_STATES = (1, 2, 3, 4, 7)

SUMS_SQL = """
SELECT cycle_id, attempt, bank_id, state, count(*), sum(amount)::bigint FROM debit_now
WHERE cycle_id = ANY(%s) GROUP BY cycle_id, attempt, bank_id, state ORDER BY cycle_id, attempt, bank_id, state
"""

NOTICES_SQL = """
SELECT n.account_id, n.amount, c.debit_on, b.name_en, b.name_zh, m.last_four, n.state, n.outcome, c.retry_on, coalesce((
    SELECT r.outcome FROM debit_result AS r
    WHERE r.account_id = n.account_id AND (r.cycle_id, r.attempt) < (n.cycle_id, n.attempt)
    ORDER BY r.cycle_id DESC, r.attempt DESC LIMIT 1
), 0), k.payment_no
FROM debit_now AS n JOIN debits_mandate AS m ON m.id = n.mandate_id JOIN debits_cycle AS c ON c.id = n.cycle_id
JOIN debits_debitbank AS b ON b.id = n.bank_id
LEFT JOIN payment_key AS k ON k.account_id = n.account_id
    AND k.key = concat('debit:', lpad(n.file_id::text, 8, '0'), ':', lpad(n.line::text, 7, '0'))
WHERE n.cycle_id = %(cycle)s AND n.attempt = %(attempt)s AND n.account_id BETWEEN %(low)s AND %(high)s
    AND n.state = ANY(%(states)s) AND (%(result)s = 0 OR n.result_id = %(result)s)
ORDER BY n.account_id
"""
OPEN_SQL = """
SELECT account_id, period, kind, seq, open FROM open_item
WHERE account_id = ANY(%s) AND open > 0 ORDER BY account_id, due_on, kind, seq
"""
PAID_SQL = """
SELECT p.account_id, a.item_period, a.item_kind, a.item_seq, a.amount
FROM unnest(%s::bigint[], %s::bigint[]) AS p (account_id, no)
JOIN allocation AS a ON a.account_id = p.account_id AND a.payment_no = p.no ORDER BY p.account_id, a.n
"""


def cycle_view(row: Cycle) -> CycleView:
    """The cycle as it stands."""
    days = tuple(date.fromisoformat(each) for each in row.retry_on)
    return CycleView(
        row.pk, row.unit_id, row.debit_on, row.attempt, days, row.notice_days, row.state, row.announced_on,
        row.made_by_name, row.made_at, row.closed_at,
    )  # fmt: skip


def cycles(unit_ids: Sequence[int], limit: int = 60) -> list[CycleView]:
    """The cycles of units, the newest first."""
    return [cycle_view(row) for row in Cycle.objects.filter(unit_id__in=unit_ids).order_by("-pk")[:limit]]


def cycle_within(actor: Actor, cycle_id: int) -> CycleView:
    """A cycle of the actor's reach. Refuses `unknown_cycle`."""
    row = Cycle.objects.filter(pk=cycle_id).first()
    if row is None or not actor.sees_unit(row.unit_id):
        raise refusal("unknown_cycle", field="cycle", value=cycle_id)
    return cycle_view(row)


def sums(cycle_ids: Iterable[int]) -> list[StateSum]:
    """Debits of cycles by attempt, bank and state: one query."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS_SQL, [list(cycle_ids)])
        return [StateSum(*row) for row in cursor.fetchall()]


def debits_of(account_id: int, limit: int = 60) -> list[DebitView]:
    """The debits of an account, the newest first."""
    return _debits(OF_ACCOUNT, {"account": account_id, "limit": limit})


def debits_under_way(account_id: int) -> list[DebitView]:
    """Debits of an account that are held, waiting, in a file, with the bank, or unknown."""
    return [each for each in debits_of(account_id) if each.state in UNDER_WAY_STATES]


def debits_in(cycle_id: int, attempt: int, states: Sequence[int], skip: int = 0, limit: int = 50) -> list[DebitView]:
    """Debits of an attempt of a cycle in some states, by account."""
    asked = {"cycle": cycle_id, "attempt": attempt, "states": list(states), "skip": skip, "limit": limit}
    return _debits(OF_CYCLE, asked)


def debit_of(account_id: int, cycle_id: int, attempt: int) -> DebitView | None:
    """One debit."""
    where = "WHERE n.account_id = %(account)s AND n.cycle_id = %(cycle)s AND n.attempt = %(attempt)s"
    found = _debits(where, {"account": account_id, "cycle": cycle_id, "attempt": attempt})
    return found[0] if found else None


def _debits(where: str, asked: dict[str, Any]) -> list[DebitView]:
    with connection.cursor() as cursor:
        cursor.execute(DEBITS_SQL + where, asked)
        return [_debit(*row) for row in cursor.fetchall()]


def _debit(
    account: int, cycle: int, attempt: int, mandate: int, bank: int, announced: int, amount: int, usual: int,
    held: int, state: int, outcome: int, bank_on: date | None, file_id: int, line: int, last_four: str,
    announced_on: date | None, debit_on: date, at_work: int, retry_on: Any, sent_on: date | None,
) -> DebitView:  # fmt: skip
    days = _days(retry_on)
    again = days[0] if days and outcome in RETRYABLE and attempt == at_work else None
    on = debit_on if attempt == at_work else (bank_on or sent_on or debit_on)
    return DebitView(
        account, cycle, attempt, mandate, bank, on, announced, amount, usual, held, state, outcome, bank_on, file_id,
        line, last_four, announced_on, again,
    )  # fmt: skip


def _days(stored: Any) -> list[date]:
    """Days of a JSON column, which raw SQL may answer as text."""
    import json

    return [date.fromisoformat(each) for each in (json.loads(stored) if isinstance(stored, str) else stored)]


def notice_rows(
    cycle_id: int, attempt: int, accounts: tuple[int, int], states: Sequence[int], result_id: int = 0
) -> list[NoticeRow]:
    """What notices about the debits of a stretch of accounts say, as a fact names it: two or three queries for all.

    `items`: what a debit that was made has paid; else what is open on the account.
    """
    asked: dict[str, Any] = {
        "cycle": cycle_id, "attempt": attempt, "low": accounts[0], "high": accounts[1], "states": list(states),
        "result": result_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(NOTICES_SQL, asked)
        rows = cursor.fetchall()
        paid = {row[0]: row[10] for row in rows if row[10]}
        cursor.execute(PAID_SQL, [list(paid), list(paid.values())])
        parts = cursor.fetchall()
        cursor.execute(OPEN_SQL, [[row[0] for row in rows if not row[10]]])
        parts += cursor.fetchall()
    items: dict[int, list[tuple[int, int, int, int]]] = {}
    for account, *item in parts:
        items.setdefault(account, []).append((item[0], item[1], item[2], item[3]))
    return [_notice(row, tuple(items.get(row[0], ()))) for row in rows]


def _notice(row: Sequence[Any], items: tuple[tuple[int, int, int, int], ...]) -> NoticeRow:
    account, amount, on, name_en, name_zh, last_four, state, outcome, retry_on, before, _ = row
    days = _days(retry_on)
    again = days[0] if days and outcome in RETRYABLE else None
    return NoticeRow(
        account, amount, on, name_en, name_zh, last_four, state, outcome, again, before == INSUFFICIENT, items
    )


def files_of(cycle_id: int) -> list[FileView]:
    """The files of a cycle, in the order in which they were made."""
    return [file_view(row) for row in DebitFile.objects.filter(cycle_id=cycle_id).order_by("pk")]


def file_view(row: DebitFile) -> FileView:
    """The file as it stands."""
    return FileView(
        row.pk, row.cycle_id, row.attempt, row.bank_id, row.state, row.rows, row.amount, row.name, row.digest,
        row.made_by, row.made_by_name, row.made_at, row.sent_by_name, row.sent_at,
    )  # fmt: skip


def results(limit: int = 60) -> list[ResultView]:
    """Result files, the newest first."""
    return [result_view(row) for row in ResultFile.objects.order_by("-pk")[:limit]]


def parked_within(actor: Actor) -> QuerySet[ParkedRow]:
    """Parked rows of the actor's reach: a row that names no file of ours belongs to no unit, and everybody sees it."""
    if actor.kind == "system" or actor.everywhere:
        return ParkedRow.objects.all()
    beyond = DebitFile.objects.exclude(cycle__unit_id__in=actor.units).values("pk")
    return ParkedRow.objects.exclude(file_id__in=beyond)


def result_view(row: ResultFile) -> ResultView:
    """The result file as it stands."""
    return ResultView(
        row.pk, row.bank_id, row.name, row.state, row.rows, row.debited, row.debited_amount, row.failed,
        row.failed_amount, row.unknown, row.repeated, row.parked, row.taken_by_name, row.taken_at, row.posted_at,
    )  # fmt: skip


def parked(actor: Actor, result_id: int = 0, *, settled: bool = False, limit: int = 200) -> list[ParkedView]:
    """Rows that were not believed, the newest file first; of one result file or of all. Of files of the actor's units,
    and what names no file of ours."""
    found = parked_within(actor).order_by("-result_id", "row")
    if result_id:
        found = found.filter(result_id=result_id)
    if not settled:
        found = found.filter(settled_at__isnull=True)
    return [
        ParkedView(
            row.pk, row.result_id, row.row, row.code, row.field, row.value, row.file_id, row.line, row.amount,
            row.settled_by_name, row.settled_at, row.note,
        )
        for row in found[:limit]
    ]  # fmt: skip
