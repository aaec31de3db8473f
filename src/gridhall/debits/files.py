"""Files of debits for the banks: prepared from what waits, checked against what is owed, sent once and for ever."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from gridhall.columns.copy import INT2, INT4, INT8, array_text, copy_in
from gridhall.customers import public as customers
from gridhall.debits.cycles import ANNOUNCED, FILED, LOCKED, held_cycle
from gridhall.debits.data import FileHead, FileRows, FileView, Ints
from gridhall.debits.mandates import opened
from gridhall.debits.models import Cycle, DebitFile, Mandate
from gridhall.debits.owing import owed_on
from gridhall.debits.ports import form_of, key_of
from gridhall.debits.queries import file_view
from gridhall.debits.refusals import refusal
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home

PREPARED, SENDING, SENT, EMPTIED = "prepared", "sending", "sent", "emptied"

WAITING_SQL = """
SELECT n.account_id, n.announced, (m.state = 'active')::int
FROM debit_now AS n JOIN debits_mandate AS m ON m.id = n.mandate_id
WHERE n.cycle_id = %s AND n.attempt = %s AND n.bank_id = %s AND n.state = 2 ORDER BY n.account_id LIMIT %s
"""
BANKS_SQL = "SELECT DISTINCT bank_id FROM debit_now WHERE cycle_id = %s AND attempt = %s AND state = 2 ORDER BY bank_id"
LINE_SHAPE = {"account_id": INT8, "cycle_id": INT8, "attempt": INT2, "file_id": INT8, "line": INT4, "amount": INT8}

WITHDRAW_SQL = """
INSERT INTO debits_withdrawal (account_id, cycle_id, attempt, why, at, by_name)
SELECT account_id, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS account_id
"""
# The lines of a file that go to the bank.
LINES_SQL = """
SELECT l.account_id, l.line, l.amount, d.mandate_id FROM debit_line AS l
JOIN debit AS d ON d.account_id = l.account_id AND d.cycle_id = l.cycle_id AND d.attempt = l.attempt
WHERE l.file_id = %s AND NOT EXISTS (
    SELECT FROM debits_withdrawal AS w
    WHERE w.account_id = l.account_id AND w.cycle_id = l.cycle_id AND w.attempt = l.attempt
)
ORDER BY l.account_id
"""
LOWER_SQL = """
UPDATE debit_line AS l SET amount = n.amount
FROM unnest(%s::bigint[], %s::bigint[]) AS n (account_id, amount)
WHERE l.file_id = %s AND l.account_id = n.account_id
"""


def make_files(actor: Actor, cycle_id: int) -> list[FileView]:
    """Lock what waits into files, a bank each, cut at what a file may have. What has been paid meanwhile is left out,
    what is owed less is debited less; nothing is ever debited above what was announced. Each file is committed by
    itself: killed anywhere, it is simply begun again.

    Refuses: not_allowed, unknown_cycle, wrong_cycle_state.
    """
    actor.require("debits.run")
    made: list[FileView] = []
    while True:
        with transaction.atomic():
            cycle = held_cycle(actor, cycle_id, ANNOUNCED)
            with connection.cursor() as cursor:
                cursor.execute(BANKS_SQL, [cycle.pk, cycle.attempt])
                banks = [row[0] for row in cursor.fetchall()]
            if not banks:
                cycle.state = LOCKED
                cycle.save(update_fields=["state"])
                audit.record(actor, "debits.lock", f"debit_cycle:{cycle.pk}", after={"attempt": cycle.attempt})
                _all_sent(cycle)
                return made
            found = _make(actor, cycle, banks[0])
            if found:
                made.append(file_view(found))


def _make(actor: Actor, cycle: Cycle, bank_id: int) -> DebitFile | None:
    """The next file of a bank; None where nothing of the stretch is left to debit."""
    row = DebitFile(
        cycle=cycle, attempt=cycle.attempt, bank_id=bank_id, state=PREPARED, rows=0, amount=0, made_by=actor.id,
        made_by_name=actor.name, made_at=clock.now(),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WAITING_SQL, [cycle.pk, cycle.attempt, bank_id, row.bank.rows_most])
        account, announced, live = (np.array(column, np.int64) for column in zip(*cursor.fetchall(), strict=True))
        amount = np.minimum(owed_on(account, cycle.debit_on, hold=True), announced)
        leave_out(cycle, account[live == 0], "mandate", actor.name)
        leave_out(cycle, account[(live == 1) & (amount == 0)], "paid", actor.name)
        keep = (live == 1) & (amount > 0)
        if not keep.any():
            return None
        row.rows, row.amount = int(keep.sum()), int(amount[keep].sum())
        row.save()
        lines = {
            "account_id": account[keep], "cycle_id": cycle.pk, "attempt": cycle.attempt, "file_id": row.pk,
            "line": np.arange(1, row.rows + 1), "amount": amount[keep],
        }  # fmt: skip
        copy_in(cursor, "debit_line", LINE_SHAPE, lines)
    return row


def leave_out(cycle: Cycle, accounts: Ints, why: str, by: str) -> None:
    """Withdraw the debits of accounts in the attempt at work, in the transaction that holds the cycle."""
    if len(accounts):
        with connection.cursor() as cursor:
            asked: list[Any] = [cycle.pk, cycle.attempt, why, clock.now(), by, array_text(accounts)]
            cursor.execute(WITHDRAW_SQL, asked)


def send_file(actor: Actor, file_id: int) -> FileView:
    """A second person sends a file: its rows stand from then on, and it is written. Before that, what was paid since it
    was prepared is taken out. Killed while it is written, it is sent again with the same rows.

    Refuses: not_allowed, unknown_debit_file, wrong_file_state, second_person_needed.
    """
    actor.require("debits.approve")
    with transaction.atomic():
        row = _held_file(actor, file_id)
        if row.state not in (PREPARED, SENDING):
            raise refusal("wrong_file_state", field="state", value=row.state)
        if actor.kind == "staff" and actor.id == row.made_by:
            raise refusal("second_person_needed", field="file", value=file_id)
        if row.state == PREPARED:
            _trim(row, actor)
            row.state = SENDING if row.rows else EMPTIED
            row.sent_by_name, row.sent_at = actor.name, clock.now()
            row.save()
            audit.record(
                actor, "debits.send", f"debit_file:{row.pk}", after={"rows": row.rows, "amount": row.amount}
            )  # fmt: skip
    return write_file(row.pk)


def _held_file(actor: Actor, file_id: int) -> DebitFile:
    """The file with its cycle held: whoever withdraws a debit holds the cycle too."""
    row = DebitFile.objects.select_related("bank").filter(pk=file_id).first()
    if row is None:
        raise refusal("unknown_debit_file", field="file", value=file_id)
    row.cycle = held_cycle(actor, row.cycle_id)
    row.refresh_from_db()
    return row


def _trim(row: DebitFile, actor: Actor) -> None:
    """Take out of a file what is not owed any more, with payments kept waiting till it is sending."""
    account, _, amount, _ = _lines(row.pk)
    live = np.isin(account, _live(row.pk))
    owed = np.minimum(owed_on(account, row.cycle.debit_on, hold=True), amount)
    leave_out(row.cycle, account[~live], "mandate", actor.name)
    leave_out(row.cycle, account[live & (owed == 0)], "paid", actor.name)
    less = live & (owed > 0) & (owed < amount)
    if less.any():
        with connection.cursor() as cursor:
            cursor.execute(LOWER_SQL, [array_text(account[less]), array_text(owed[less]), row.pk])
    keep = live & (owed > 0)
    row.rows, row.amount = int(keep.sum()), int(owed[keep].sum())


def _live(file_id: int) -> Ints:
    """Accounts of a file whose mandate is active still."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.account_id FROM debit_line AS l JOIN debit AS d ON d.account_id = l.account_id"
            " AND d.cycle_id = l.cycle_id AND d.attempt = l.attempt JOIN debits_mandate AS m ON m.id = d.mandate_id"
            " WHERE l.file_id = %s AND m.state = 'active'",
            [file_id],
        )
        return np.array([row[0] for row in cursor.fetchall()], np.int64)


def _lines(file_id: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Account, line, amount and mandate of the lines that go to the bank, by account."""
    with connection.cursor() as cursor:
        cursor.execute(LINES_SQL, [file_id])
        rows = cursor.fetchall()
    table = np.array(rows, np.int64).reshape(len(rows), 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def write_file(file_id: int) -> FileView:
    """Write a file whose rows stand, to the folder `debits` of the home: the same bytes however often."""
    row = DebitFile.objects.select_related("bank", "cycle").get(pk=file_id)
    if row.state == SENDING:
        form = form_of(row.bank.form)
        head = _head(row)
        path = folder() / form.name_of(head)
        hashed = hashlib.sha256()
        # two who send at once write two parts: the same bytes, and whichever comes last stands
        part = path.with_suffix(f"{path.suffix}.{os.getpid()}-{secrets.token_hex(4)}.part")
        with part.open("wb") as out:
            for piece in form.write(head, _rows(row)):
                out.write(piece)
                hashed.update(piece)
            out.flush()
            os.fsync(out.fileno())  # the file counts as sent: it must outlive a power cut
        part.replace(path)
        row.state, row.name, row.digest = SENT, path.name, hashed.hexdigest()
    with transaction.atomic():
        cycle = Cycle.objects.select_for_update().get(pk=row.cycle_id)
        DebitFile.objects.filter(pk=row.pk).update(state=row.state, name=row.name, digest=row.digest)
        _all_sent(cycle)
    return file_view(row)


def _all_sent(cycle: Cycle) -> None:
    """A cycle whose files are all with their banks is sent."""
    waiting = DebitFile.objects.filter(cycle=cycle, attempt=cycle.attempt, state__in=[PREPARED, SENDING]).exists()
    if cycle.state == LOCKED and not waiting:
        cycle.state = FILED
        cycle.save(update_fields=["state"])


def folder() -> Path:
    """Where files to and from banks lie, readable by their owner alone."""
    where = home() / "debits"
    where.mkdir(mode=0o700, exist_ok=True)
    return where


def file_path(actor: Actor, file_id: int) -> Path:
    """A sent file to fetch; audited. Refuses: not_allowed, unknown_debit_file, wrong_file_state."""
    actor.require("debits.run")
    row = DebitFile.objects.select_related("cycle").filter(pk=file_id).first()
    if row is None or not actor.sees_unit(row.cycle.unit_id):
        raise refusal("unknown_debit_file", field="file", value=file_id)
    if row.state != SENT:
        raise refusal("wrong_file_state", field="state", value=row.state)
    audit.record(actor, "debits.fetch_file", f"debit_file:{file_id}", after={"name": row.name})
    return folder() / row.name


def _head(row: DebitFile) -> FileHead:
    made_at = row.sent_at or row.made_at
    return FileHead(
        row.pk, f"GH{row.pk:08d}", row.bank.code, row.bank.creditor_name, row.bank.creditor_account,
        row.bank.creditor_agent, row.bank.creditor_id, row.cycle.debit_on, made_at.astimezone(clock.zone()),
        settings.CURRENCY, settings.CURRENCY_DECIMALS, row.rows, row.amount,
    )  # fmt: skip


def _rows(row: DebitFile) -> FileRows:
    account, line, amount, mandate = _lines(row.pk)
    known = opened(Mandate.objects.filter(pk__in=mandate.tolist()))
    numbers = customers.account_numbers(account.tolist())
    each = [known[one] for one in mandate.tolist()]
    return FileRows(
        line, [key_of(row.pk, one) for one in line.tolist()], amount, [one[1] for one in each],
        [one[0] for one in each], [one[2] for one in each], [one[3] for one in each], [one[4] for one in each],
        [numbers.get(one, "") for one in account.tolist()],
    )  # fmt: skip
