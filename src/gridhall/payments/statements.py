"""Bringing in statements of our bank: each once, whole or not at all. Every line is booked to suspense, from where it
is matched (`clearing`), unless it is the bank's side of what our books have already."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection, transaction

from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.ledger.public import SuspenseMove, guard_periods, post_suspended, prepare_movements
from gridhall.payments.bank_accounts import bank_account_within
from gridhall.payments.booked_before import DAYS_BACK, BookedBefore, booked_before
from gridhall.payments.ports import StatementOptions, statement_reader
from gridhall.payments.refusals import refusal
from gridhall.payments.statement_data import BankAccountView, EntryIn, Loaded, StatementIn
from gridhall.payments.statement_models import Statement, StatementEntry
from gridhall.payments.statement_queries import gaps_of

SQL = Path(__file__).with_name("sql")
ENTRIES_SQL = SQL.joinpath("entries.sql").read_text()
SUSPENDED_SQL = SQL.joinpath("suspended.sql").read_text()

BYTES_MOST = 200_000_000
AMOUNT_MOST = 1 << 53
DAYS_APART_MOST = 366  # between the day of a line in the bank's books and the day from which it counts
LOCK = 7_310_020  # statements of our accounts come in one at a time: each is laid beside those before it


@dataclass(frozen=True)
class _Ready:
    """A statement that is right in itself, with the account of ours that it is of."""

    account: BankAccountView
    told: StatementIn
    digest: str


def load_statements(
    actor: Actor, form: str, data: bytes, file_name: str, options: StatementOptions | None = None
) -> list[Loaded]:
    """Bring in a file of statements; all of them or, where one is refused, none.

    A statement that has come before is harmless (`known`), and so is a line of it that came in another one. `form`: a
    name among `STATEMENT_READERS` of the settings. Refuses: not_allowed, unknown_form, unknown_columns, bad_statement
    (row: the line of the file; field), statement_unsafe, statement_too_large, statement_empty, statement_unbalanced,
    statement_altered, statement_currency, statement_future, unknown_bank_account.
    """
    actor.require("tills.all")
    if len(data) > BYTES_MOST:
        raise refusal("statement_too_large", field="file", value=len(data))
    told = statement_reader(form).read(data, options or StatementOptions())
    if not told:
        raise refusal("statement_empty", field="file")
    today = clock.today()
    ready = [_ready(actor, each, today) for each in told]
    for day in {entry.value_on for each in ready for entry in each.told.entries if entry.value_on <= today} | {today}:
        prepare_movements(day.year * 100 + day.month)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        closed = guard_periods(connection.connection)
        known = booked_before(min(each.told.from_on for each in ready) - DAYS_BACK)
        done = [_load(actor, each, form, file_name, closed, known, today) for each in ready]
    gaps = gaps_of([each.statement_id for each in done])
    return [
        Loaded(
            each.statement_id, each.account, each.ident, each.entries, each.new, each.confirmed, each.known,
            gaps.get(each.statement_id),
        )
        for each in done
    ]  # fmt: skip


def _ready(actor: Actor, told: StatementIn, today: date) -> _Ready:
    account = bank_account_within(actor, told.account)
    if told.currency and told.currency != account.currency:
        raise refusal("statement_currency", field="currency", row=told.row, value=ascii(told.currency[:8]))
    if max(abs(told.opening), abs(told.closing)) > AMOUNT_MOST:
        raise refusal("bad_statement", field="balance", row=told.row)
    for each in told.entries:
        if not 0 < abs(each.amount) <= AMOUNT_MOST:
            raise refusal("bad_statement", field="amount", row=each.row, value=each.amount)
        if each.booked_on > today:
            raise refusal("statement_future", field="booked_on", row=each.row, value=each.booked_on)
        if each.booked_on.year < 2000 or abs((each.value_on - each.booked_on).days) > DAYS_APART_MOST:
            raise refusal("bad_statement", field="value_on", row=each.row, value=each.value_on)
    comes_to = told.opening + sum(each.amount for each in told.entries)
    if comes_to != told.closing:
        raise refusal("statement_unbalanced", field="closing", row=told.row, value=f"{comes_to} / {told.closing}")
    if told.from_on.year < 2000:
        raise refusal("bad_statement", field="from_on", row=told.row, value=told.from_on)
    if told.to_on > today:
        raise refusal("statement_future", field="to_on", row=told.row, value=told.to_on)
    return _Ready(account, told, _digest(told))


def _digest(told: StatementIn) -> str:
    """What a statement says, whatever its file looked like."""
    parts = [f"{told.opening} {told.closing} {told.currency}"]
    parts += ["\x1f".join(map(str, _facts(each))) for each in told.entries]
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def _facts(each: EntryIn) -> tuple[object, ...]:
    return (
        each.booked_on, each.value_on, each.amount, each.bank_ref, each.payer_name, each.payer_account,
        each.virtual_account, each.text,
    )  # fmt: skip


def _load(
    actor: Actor, ready: _Ready, form: str, file_name: str, closed: Mapping[int, int], known: BookedBefore, today: date
) -> Loaded:
    told, account = ready.told, ready.account
    ident = told.ident or f"{told.from_on:%Y%m%d}-{told.to_on:%Y%m%d} {ready.digest[:12]}"
    before = Statement.objects.filter(account_id=account.id, ident=ident, sequence=told.sequence).first()
    if before is not None:
        if before.digest != ready.digest:
            raise refusal("statement_altered", field="ident", row=told.row, value=ascii(ident[:60]))
        return Loaded(before.pk, account.number, ident, len(told.entries), 0, 0, True, None)
    made = Statement.objects.create(
        account_id=account.id, ident=ident, sequence=told.sequence, from_on=told.from_on, to_on=told.to_on,
        opening=told.opening, closing=told.closing, entries_told=len(told.entries), digest=ready.digest,
        file_name=file_name[:120], form=form, loaded_by_name=actor.name, loaded_at=clock.now(),
    )  # fmt: skip
    confirms = [known.take(each) for each in told.entries]
    _write_entries(made, told, confirms)
    moves = _suspend(made, account, closed.get(account.unit_id, 0), today)
    new = made.entries.count()
    confirmed = made.entries.exclude(confirms="").count()
    audit.record(
        actor, "statements.load", f"statement:{made.pk}",
        after={
            "account": account.number, "ident": ident, "sequence": told.sequence, "opening": told.opening,
            "closing": told.closing, "entries": len(told.entries), "new": new, "confirmed": confirmed,
            "suspended": sum(moves),
        },
    )  # fmt: skip
    return Loaded(made.pk, account.number, ident, len(told.entries), new, confirmed, False, None)


def _write_entries(made: Statement, told: StatementIn, confirms: Sequence[str]) -> None:
    rows = told.entries
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES_SQL, {
            "account": made.account_id, "statement": made.pk, "line": [each.row for each in rows],
            "key": _keys(told), "booked_on": [each.booked_on for each in rows],
            "value_on": [each.value_on for each in rows], "amount": [each.amount for each in rows],
            "bank_ref": [each.bank_ref[:64] for each in rows], "payer_name": [each.payer_name[:160] for each in rows],
            "payer_account": [each.payer_account[:40] for each in rows],
            "virtual_account": [each.virtual_account[:40] for each in rows],
            "text": [each.text[:700] for each in rows], "confirms": list(confirms),
        })  # fmt: skip


def _keys(told: StatementIn) -> list[str]:
    """What makes each line single for its account. The bank's own number with day and amount; without one, all that the
    line says, and in a statement with a number of its own that number too. Lines that are alike are told apart by
    their order."""
    seen: Counter[str] = Counter()
    keys = []
    for each in told.entries:
        if each.bank_ref:
            fact = f"ref\x1f{each.bank_ref}\x1f{each.booked_on}\x1f{each.amount}"
        else:
            owner = f"{told.ident}\x1f{told.sequence}" if told.ident else ""
            fact = "\x1f".join(["line", owner, *map(str, _facts(each))])
        seen[fact] += 1
        keys.append(hashlib.sha256(f"{fact}\x1f{seen[fact]}".encode()).hexdigest())
    return keys


def _suspend(made: Statement, account: BankAccountView, last_closed: int, today: date) -> list[int]:
    """Book the new lines into suspense; their amounts. Refuses period_closed where today's month is closed."""
    if today < first_open_day(last_closed):
        raise refusal("period_closed", field="account", value=account.number)
    with connection.cursor() as cursor:
        cursor.execute(SUSPENDED_SQL, {
            "unit": account.unit_id, "first_open": first_open_day(last_closed), "today": today, "at": clock.now(),
            "statement": made.pk,
        })  # fmt: skip
        items = cursor.fetchall()
    moves = [SuspenseMove(item, account.unit_id, amount, on) for item, amount, on in items]
    post_suspended(column_cursor(connection.connection), moves)
    return [amount for _, amount, _ in items]


def first_open_day(last_closed: int) -> date:
    """The first day after a closed period (YYYYMM; 0: none is closed)."""
    if not last_closed:
        return date.min
    year, month = divmod(last_closed, 100)
    return date(year + month // 12, month % 12 + 1, 1)


def lines_of(statement_id: int, limit: int = 500) -> list[StatementEntry]:
    """The lines of a statement in its order, each with its item in suspense where it has one."""
    found = StatementEntry.objects.filter(statement_id=statement_id).select_related("item").order_by("line", "pk")
    return list(found[:limit])
