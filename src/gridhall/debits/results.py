"""Results of banks: read whole, matched by row, then booked. Each step is committed; killed anywhere, it goes on."""

import hashlib
from collections.abc import Callable
from datetime import date

import numpy as np
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from gridhall.columns.copy import DATE, INT2, INT4, INT8, array_text, copy_in, copy_out
from gridhall.debits import telling
from gridhall.debits.banks import bank_of
from gridhall.debits.data import Ints, ResultRows, ResultView
from gridhall.debits.mandates import digest as digest_of
from gridhall.debits.mandates import suspend_for
from gridhall.debits.matching import LINES, OurLines, Sorted, sort_results
from gridhall.debits.models import (
    NOT_KNOWN,
    OK,
    OUTCOME_NAMES,
    SUSPENDING,
    Cycle,
    DebitBank,
    DebitFile,
    ParkedRow,
    ResultFile,
)
from gridhall.debits.ports import BYTES_MOST, form_of
from gridhall.debits.queries import result_view
from gridhall.debits.refusals import refusal
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor, system
from gridhall.payments.public import DOOR_FILE, TRANSFER, PaymentColumns, receive_columns

LOADED, POSTED = "loaded", "posted"
PARKED_KEPT = 100_000  # rows beyond it are counted, not kept one by one

OUR_LINES_SQL = """
SELECT l.file_id, l.line::bigint, l.account_id, l.cycle_id, l.attempt::bigint, d.mandate_id, l.amount, m.number_digest,
    m.holder_digest, coalesce(r.outcome, 0)::bigint, (w.id IS NOT NULL)::int::bigint, c.debit_on
FROM debit_line AS l
JOIN debit AS d ON d.account_id = l.account_id AND d.cycle_id = l.cycle_id AND d.attempt = l.attempt
JOIN debits_mandate AS m ON m.id = d.mandate_id
JOIN debits_cycle AS c ON c.id = l.cycle_id
LEFT JOIN debit_result AS r ON r.account_id = l.account_id AND r.cycle_id = l.cycle_id AND r.attempt = l.attempt
LEFT JOIN debits_withdrawal AS w ON w.account_id = l.account_id AND w.cycle_id = l.cycle_id AND w.attempt = l.attempt
WHERE l.file_id = ANY('{files}'::bigint[]) ORDER BY l.file_id, l.line
"""
OUR_LINES_SHAPE = {
    "file_id": INT8, "line": INT8, "account_id": INT8, "cycle_id": INT8, "attempt": INT8, "mandate_id": INT8,
    "amount": INT8, "number_digest": INT8, "holder_digest": INT8, "answered": INT8, "out": INT8, "on": DATE,
}  # fmt: skip
RESULT_SHAPE = {
    "account_id": INT8, "cycle_id": INT8, "attempt": INT2, "result_id": INT8, "row": INT4, "outcome": INT2,
    "amount": INT8, "bank_on": DATE,
}  # fmt: skip
KNOWN_NOW_SQL = """
UPDATE debit_result AS r SET result_id = %s, "row" = n.line, outcome = n.outcome, bank_on = n.bank_on
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::int[], %s::date[])
    AS n (account_id, cycle_id, attempt, line, outcome, bank_on)
WHERE r.account_id = n.account_id AND r.cycle_id = n.cycle_id AND r.attempt = n.attempt AND r.outcome = 20
"""
TO_POST_SQL = """
SELECT r.account_id, r.amount, r.bank_on, l.file_id, l.line::bigint FROM debit_result AS r
JOIN debit_line AS l ON l.account_id = r.account_id AND l.cycle_id = r.cycle_id AND l.attempt = r.attempt
WHERE r.result_id = {result} AND r.outcome = 1 ORDER BY r.account_id
"""
TO_POST_SHAPE = {"account_id": INT8, "amount": INT8, "on": DATE, "file_id": INT8, "line": INT8}

SUSPEND_SQL = """
SELECT d.mandate_id, r.outcome FROM debit_result AS r
JOIN debit AS d ON d.account_id = r.account_id AND d.cycle_id = r.cycle_id AND d.attempt = r.attempt
WHERE r.result_id = %s AND r.outcome = ANY(%s)
"""
ROUNDS_SQL = "SELECT DISTINCT cycle_id, attempt FROM debit_result WHERE result_id = %s ORDER BY 1, 2"

Progress = Callable[[int, int], None]


def payment_key(file_id: int, line: int) -> str:
    """The key under which a debit is booked: the same for ever."""
    return f"debit:{file_id:08d}:{line:07d}"


def take_results(
    actor: Actor, bank_code: str, name: str, data: bytes, progress: Progress | None = None
) -> ResultView:  # fmt: skip
    """Take a bank's result file: nothing of it counts unless the whole can be read and its totals are right. Then each
    row is believed or parked with its reason, and what was debited is booked (`payments.receive_columns`, one key a
    line). A file that broke off is given again and goes on.

    Refuses: not_allowed, unknown_debit_bank, result_file_known, result_other_bank, and what the form refuses.
    """
    actor.require("debits.run")
    if len(data) > BYTES_MOST:
        raise refusal("result_too_large", field="file", value=len(data))
    bank = bank_of(bank_code)
    digest = hashlib.sha256(data).hexdigest()
    known = ResultFile.objects.filter(digest=digest).first()
    if known and known.state == POSTED:
        raise refusal("result_file_known", field="file", value=known.name)
    if known is None:
        rows = form_of(bank.form).read(data, settings.CURRENCY, settings.CURRENCY_DECIMALS)
        known = _load(actor, bank, name, digest, rows)
    return post_results(known.pk, progress)


def _load(actor: Actor, bank: DebitBank, name: str, digest: str, rows: ResultRows) -> ResultFile:
    """Write the results that are believed and park the others, in one transaction."""
    try:
        with transaction.atomic():
            DebitBank.objects.select_for_update().get(pk=bank.pk)  # one file of a bank at a time
            named = {*np.unique(rows.file_id).tolist(), *(each[0] for each in rows.whole_files)}
            sent_files = DebitFile.objects.filter(pk__in=named, bank=bank, state__in=["sending", "sent"])
            sent = list(sent_files.values_list("pk", flat=True))
            if not sent:
                raise refusal("result_other_bank", field="file", value=name[:60])
            ours = our_lines(sent)
            rows = _for_whole_files(rows, ours)
            found = sort_results(rows, ours, digest_of)
            made = ResultFile.objects.create(
                bank=bank, name=name[:120], digest=digest, state=LOADED, taken_by_name=actor.name,
                taken_at=clock.now(), rows=len(rows.row) + len(rows.bad), repeated=found.repeated,
                parked=len(found.parked), **_sums(rows, ours, found),
            )  # fmt: skip
            _write(made.pk, rows, ours, found)
            _park(made, rows, found)
            told = {"rows": made.rows, "debited": made.debited, "amount": made.debited_amount, "parked": made.parked}
            audit.record(actor, "debits.take_results", f"debit_result:{made.pk}", after=told)
    except IntegrityError as there:
        raise refusal("result_file_known", field="file", value=name[:60]) from there
    return made


def our_lines(files: list[int]) -> OurLines:
    """The lines of files with all that a result is held against."""
    with connection.cursor() as cursor:
        sql = OUR_LINES_SQL.replace("{files}", array_text(np.array(sorted(files), np.int64)))
        return OurLines(**copy_out(cursor, sql, OUR_LINES_SHAPE))


def _for_whole_files(rows: ResultRows, ours: OurLines) -> ResultRows:
    """What a bank says of all lines of a file, as rows of those of them that it does not name."""
    for file_id, outcome, on in rows.whole_files:
        named = rows.file_id * LINES + rows.line
        of_file = np.flatnonzero((ours.file_id == file_id) & (ours.out == 0))
        more = of_file[~np.isin(ours.file_id[of_file] * LINES + ours.line[of_file], named)]
        ones = np.ones(len(more), np.int64)
        rows = ResultRows(
            np.concatenate([rows.row, ones * 0]),
            np.concatenate([rows.file_id, ours.file_id[more]]),
            np.concatenate([rows.line, ours.line[more]]),
            np.concatenate([rows.amount, ours.amount[more]]),
            np.concatenate([rows.outcome, ones * outcome]),
            np.concatenate([rows.on, ones * on]),
            bad=rows.bad,
        )
    return rows


def _sums(rows: ResultRows, ours: OurLines, found: Sorted) -> dict[str, int]:
    places = np.concatenate([found.new, found.known_now])
    at = np.concatenate([found.new_at, found.known_now_at])
    outcome, amount = rows.outcome[places], ours.amount[at]
    made, unknown = outcome == OK, outcome == NOT_KNOWN
    failed = ~made & ~unknown
    return {
        "debited": int(made.sum()), "debited_amount": int(amount[made].sum()), "failed": int(failed.sum()),
        "failed_amount": int(amount[failed].sum()), "unknown": int(unknown.sum()),
    }  # fmt: skip


def _days(rows: ResultRows, ours: OurLines, places: Ints, at: Ints) -> Ints:
    """The bank's day, or the day of debit where it says none; money never counts from a day to come."""
    on = np.where(rows.on[places] > 0, rows.on[places], ours.on[at])
    return np.minimum(on, clock.today().toordinal())


def _write(result_id: int, rows: ResultRows, ours: OurLines, found: Sorted) -> None:
    new, at = found.new, found.new_at
    in_order = np.argsort(ours.account_id[at], kind="stable")
    new, at = new[in_order], at[in_order]
    columns = {
        "account_id": ours.account_id[at], "cycle_id": ours.cycle_id[at], "attempt": ours.attempt[at],
        "result_id": result_id, "row": rows.row[new], "outcome": rows.outcome[new], "amount": ours.amount[at],
        "bank_on": _days(rows, ours, new, at),
    }  # fmt: skip
    with connection.cursor() as cursor:
        if len(new):
            copy_in(cursor, "debit_result", RESULT_SHAPE, columns)
        now, at = found.known_now, found.known_now_at
        if len(now):
            days = [date.fromordinal(day).isoformat() for day in _days(rows, ours, now, at).tolist()]
            cursor.execute(KNOWN_NOW_SQL, [
                result_id, array_text(ours.account_id[at]), array_text(ours.cycle_id[at]),
                array_text(ours.attempt[at]), array_text(rows.row[now]), array_text(rows.outcome[now]),
                "{" + ",".join(days) + "}",
            ])  # fmt: skip


def _park(made: ResultFile, rows: ResultRows, found: Sorted) -> None:
    ParkedRow.objects.bulk_create(
        [
            ParkedRow(
                result=made, row=row, code=code, field=field, value=value[:80],
                file_id=int(rows.file_id[place]) if place >= 0 else 0,
                line=int(rows.line[place]) if place >= 0 else 0,
                amount=max(int(rows.amount[place]), 0) if place >= 0 else 0,
            )
            for row, code, field, value, place in found.parked[:PARKED_KEPT]
        ],
        batch_size=5000,
    )  # fmt: skip


def post_results(result_id: int, progress: Progress | None = None) -> ResultView:
    """Book what a loaded file says was debited, and say what became of it. Safe to repeat: what was booked is
    replayed."""
    with connection.cursor() as cursor:
        columns = copy_out(cursor, TO_POST_SQL.replace("{result}", str(int(result_id))), TO_POST_SHAPE)
    keys = [payment_key(*one) for one in zip(columns["file_id"].tolist(), columns["line"].tolist(), strict=True)]
    refused: tuple[tuple[int, str, str, str], ...] = ()
    if keys:
        paid = PaymentColumns(columns["account_id"], columns["amount"], keys, columns["on"], DOOR_FILE, TRANSFER)
        refused = receive_columns(system("debits"), paid, progress).refused
    with transaction.atomic():
        row = ResultFile.objects.select_for_update().get(pk=result_id)
        if row.state == LOADED:
            ParkedRow.objects.bulk_create(
                ParkedRow(
                    result=row, row=0, code="not_posted", field=field, value=code, file_id=int(columns["file_id"][at]),
                    line=int(columns["line"][at]), amount=int(columns["amount"][at]),
                )
                for at, code, field, _ in refused
            )  # fmt: skip
            row.parked += len(refused)
            row.state, row.posted_at = POSTED, clock.now()
            row.save()
            tell_results(row.pk)
    return result_view(row)


def tell_results(result_id: int) -> None:
    """Suspend the mandates that a file's results say cannot be used, and tell who was debited and who was not."""
    with connection.cursor() as cursor:
        cursor.execute(SUSPEND_SQL, [result_id, list(SUSPENDING)])
        suspend_for(system("debits"), {mandate: OUTCOME_NAMES[outcome] for mandate, outcome in cursor.fetchall()})
        cursor.execute(ROUNDS_SQL, [result_id])
        rounds = cursor.fetchall()
    for cycle_id, attempt in rounds:
        cycle = Cycle.objects.get(pk=cycle_id)
        telling.tell_results("debit_done", cycle, attempt, result_id, made=True, result=result_id)
        again = cycle.retry_on[0] if cycle.retry_on else None
        telling.tell_results("debit_failed", cycle, attempt, result_id, made=False, result=result_id, retry_on=again)
