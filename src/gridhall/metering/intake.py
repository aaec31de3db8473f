"""Taking readings: gather what is known of each, decide over columns, write by COPY. One reading is a batch of one."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, transaction

from gridhall.columns.copy import copy_in
from gridhall.kernel import audit, clock, outbox, partitions
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import checks, gathering, given, models
from gridhall.metering.finding import Places, find
from gridhall.metering.given import Ints
from gridhall.metering.hanging import READING
from gridhall.metering.limits import limits_on
from gridhall.metering.views import NewReadings, ReadingsTaken

KINDS = (models.ACTUAL, models.ESTIMATED, models.CUSTOMER_READ)
REFUSED_KEPT = 1_000_000
HELD_KEPT = 200_000  # held rows that are told one by one; beyond them they are only counted

# Two who take readings of the same period at once would give the same seq; the second waits for the first.
LOCK_PERIOD = "SELECT pg_advisory_xact_lock(hashtext('gridhall_readings'), %s)"


@dataclass
class _Tally:
    rows: int = 0
    accepted: int = 0
    held: int = 0
    refused: list[Refusal] = field(default_factory=list)
    reasons: Counter[int] = field(default_factory=Counter)
    held_rows: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Rows:
    """The rows of a batch that have a place, as columns. `row`: which row of the batch each is."""

    row: Ints
    places: Places
    period: Ints
    read_on: Ints
    value: Ints
    kind: Ints

    def part(self, which: Any) -> "_Rows":
        places = Places(**{name: column[which] for name, column in vars(self.places).items()})
        return _Rows(
            self.row[which], places, self.period[which], self.read_on[which], self.value[which], self.kind[which]
        )


def take_readings(
    actor: Actor, new: NewReadings, source: str = "office", name: str = "", digest: str = "", *, dry_run: bool = False
) -> ReadingsTaken:
    """See public.take_readings."""
    return take_in_parts(actor, [new], source, name, digest, dry_run=dry_run)


def take_in_parts(
    actor: Actor, parts: Iterable[NewReadings], source: str, name: str = "", digest: str = "", *, dry_run: bool = False
) -> ReadingsTaken:
    """As take_readings, of a batch that comes in parts and is never whole in memory: one transaction, one batch.

    Rows are counted over all parts. They may be made while they are taken; their exception leaves nothing behind.
    """
    actor.require("readings.take")
    tally = _Tally()
    with transaction.atomic():
        batch = _open(actor, source, name, digest)
        for part in parts:
            _take(actor, part, batch.id, tally)
            tally.rows += len(part)
        kept = tally.accepted + tally.held > 0 and not dry_run
        if kept:
            _close(actor, batch, tally)
        else:
            transaction.set_rollback(True)
    refused = tuple(sorted(tally.refused, key=lambda refusal: refusal.row))
    return ReadingsTaken(
        tally.rows, tally.accepted, tally.held, refused, dict(tally.reasons), batch.id if kept else 0,
        tuple(sorted(tally.held_rows)),
    )  # fmt: skip


def _open(actor: Actor, source: str, name: str, digest: str) -> models.ReadingBatch:
    if digest:
        earlier = models.ReadingBatch.objects.filter(digest=digest).first()
        if earlier is not None:
            raise same_file(earlier)
    return models.ReadingBatch.objects.create(
        at=clock.now(), source=source, door=actor.door, name=name[:200], digest=digest
    )


def same_file(earlier: models.ReadingBatch) -> Refusal:
    """The refusal of a file that was taken before."""
    at = earlier.at.astimezone(clock.zone())
    return Refusal(
        "same_file",
        f"This file was imported on {at:%Y-%m-%d %H:%M} ({earlier.accepted} accepted, {earlier.held} held,"
        f" {earlier.refused} refused); nothing was done.",
        f"该文件已于 {at:%Y-%m-%d %H:%M} 导入（入账 {earlier.accepted}，待核 {earlier.held}，"
        f"退回 {earlier.refused}），本次未处理。",
        field="file", value=earlier.name,
    )  # fmt: skip


def _close(actor: Actor, batch: models.ReadingBatch, tally: _Tally) -> None:
    batch.rows, batch.accepted, batch.held = tally.rows, tally.accepted, tally.held
    batch.refused = len(tally.refused)
    batch.save()
    counts = {"accepted": tally.accepted, "held": tally.held, "refused": len(tally.refused)}
    audit.record(actor, "metering.take", f"readings:{batch.id}", after=counts | {"name": batch.name})


def _take(actor: Actor, part: NewReadings, batch_id: int, tally: _Tally) -> None:
    rows, refused = _assemble(actor, part)
    for refusal in refused:
        refusal.row += tally.rows
    tally.refused.extend(refused)
    if len(tally.refused) > REFUSED_KEPT:
        raise Refusal(
            "too_many_refused", f"More than {REFUSED_KEPT:,} rows are refused; nothing was taken.",
            f"退回行数超过 {REFUSED_KEPT:,}，整批未导入。", field="file",
        )  # fmt: skip
    for group in _in_order(rows):
        _take_group(group, batch_id, tally)


def _assemble(actor: Actor, part: NewReadings) -> tuple[_Rows, list[Refusal]]:
    count = len(part)
    by_register = len(part.register_id) > 0 or count == 0
    register_id = given.numbers("register_id", part.register_id, count, 0)
    serial = [] if by_register else given.texts("serial", part.serial, count)
    tou = given.numbers("tou", part.tou, count, models.TOTAL)
    read_on = given.days("read_on", part.read_on, count)
    value = given.numbers("value", part.value, count, 0)
    kind = given.numbers("kind", part.kind, count, models.ACTUAL)
    period = given.numbers("period", part.period, count, 0)
    period = np.where(period == 0, given.period_of(read_on - 1), period)
    refused = list(_plain_refusals(tou, read_on, value, kind, period))
    wrong = np.zeros(count, np.bool_)
    wrong[[refusal.row for refusal in refused]] = True
    places, unplaced = find(
        register_id, serial, np.clip(tou, 0, 99), read_on, given.numbers("account_id", part.account_id, count, 0)
    )
    unplaced += _abroad(actor, places)
    refused.extend(refusal for refusal in unplaced if not wrong[refusal.row])
    wrong[[refusal.row for refusal in unplaced]] = True
    value, more = _scaled(value, given.numbers("value_decimals", part.value_decimals, count, -1), places, wrong)
    refused.extend(more)
    wrong[[refusal.row for refusal in more]] = True
    rows = _Rows(np.arange(count), places, period, read_on, value, kind)
    return rows.part(places.found & ~wrong), refused


def _abroad(actor: Actor, places: Places) -> list[Refusal]:
    """Rows of meters in units that the actor does not see."""
    units = [unit for unit in np.unique(places.unit_id[places.found]).tolist() if not actor.sees_unit(unit)]
    return [
        Refusal(
            "not_your_unit", "The meter hangs in a unit that is not yours.", "该表不在您负责的核算单元。",
            field="serial", row=row, value=str(places.register_id[row]),
        )
        for row in np.flatnonzero(places.found & np.isin(places.unit_id, units)).tolist()
    ]  # fmt: skip


def _plain_refusals(tou: Ints, read_on: Ints, value: Ints, kind: Ints, period: Ints) -> Iterator[Refusal]:
    """What is wrong with a row by itself; at most one refusal a row."""
    today = clock.today().toordinal()
    good_period = given.is_period(period)
    months = given.month_number(period) - given.month_number(given.period_of(read_on - 1))
    tests = (
        (value < 0, value, "value", "negative_value", "A register shows no negative value.", "示数不能为负。"),
        (~np.isin(kind, KINDS), kind, "kind", "unknown_kind", "There is no such kind of reading.", "没有此抄表方式。"),
        (
            (tou < models.TOTAL) | (tou > models.LAST_TOU), tou, "tou", "unknown_meter",
            "There is no such kind of register.", "没有此类示数类型。",
        ),
        (read_on > today, None, "read_on", "future_date", "The day lies in the future.", "抄表日期在今天之后。"),
        (~good_period, period, "period", "bad_period", "This is no period (YYYYMM).", "账期（YYYYMM）无效。"),
        (
            good_period & (np.abs(months) > 1), period, "period", "period_unlike_date",
            "The period is more than a month away from the day of reading.", "账期与抄表日期相差一个月以上。",
        ),
    )  # fmt: skip
    done = np.zeros(len(value), np.bool_)
    for wrong, column, name, code, en, zh in tests:
        for row in np.flatnonzero(wrong & ~done).tolist():
            shown = gathering.shown_day(read_on[row]) if column is None else str(column[row])
            yield Refusal(code, en, zh, field=name, row=row, value=shown)
        done |= wrong


def _scaled(value: Ints, decimals: Ints, places: Places, wrong: np.ndarray) -> tuple[Ints, list[Refusal]]:
    """Values in the last decimal of their register; refuses what the register cannot show."""
    own = np.where(places.found, places.decimals, 0)
    more = np.where(decimals < 0, 0, own - decimals)
    down = 10 ** np.clip(-more, 0, 18)
    up = 10 ** np.clip(more, 0, 6)
    span = 10 ** (np.where(places.found, places.digits, 1) + own)
    inexact = value % down != 0
    scaled = value // down
    too_long = scaled >= span // up
    refused = []
    for row in np.flatnonzero(places.found & ~wrong & (inexact | too_long)).tolist():
        if inexact[row]:
            code, en, zh = "too_many_decimals", "More decimals than the register has.", "小数位多于表计。"
        else:
            code, en, zh = "too_many_digits", "More digits than the register has.", "示数位数超出表计。"
        refused.append(Refusal(code, en, zh, field="value", row=row, value=_decimal(value[row], decimals[row])))
    return np.where(too_long, 0, scaled * up), refused


def _decimal(value: int, decimals: int) -> str:
    text = str(value)
    if decimals <= 0:
        return text
    text = text.zfill(int(decimals) + 1)
    return f"{text[:-decimals]}.{text[-decimals:]}"


def _in_order(rows: _Rows) -> Iterator[_Rows]:
    """Groups that can be decided together: one period each, and in it each register once, the earliest days first."""
    order = np.lexsort((rows.row, rows.read_on, rows.places.register_id, rows.period))
    rows = rows.part(order)
    same = (rows.period[1:] == rows.period[:-1]) & (rows.places.register_id[1:] == rows.places.register_id[:-1])
    starts = np.flatnonzero(np.r_[True, ~same]) if len(order) else np.zeros(0, np.int64)
    turn = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    for period in np.unique(rows.period).tolist():
        here = rows.period == period
        for k in range(int(turn[here].max()) + 1):
            yield rows.part(here & (turn == k))


def _take_group(rows: _Rows, batch_id: int, tally: _Tally) -> None:
    period = int(rows.period[0])
    partitions.ensure(["reading"], period)
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PERIOD, [period])
    there = gathering.standing(
        rows.places.account_id, rows.places.register_id, period, rows.read_on, rows.value, rows.kind
    )
    for k in np.flatnonzero(there.twin).tolist():
        same_batch = there.twin_batch[k] == batch_id
        code = "duplicate" if same_batch else "already_read"
        en = "The same reading stands in this batch before." if same_batch else "This reading has been taken before."
        zh = "本批中重复的抄表行。" if same_batch else "该示数此前已录入。"
        tally.refused.append(
            Refusal(code, en, zh, field="value", row=int(rows.row[k]) + tally.rows, value=str(rows.value[k]))
        )
    rows, there = rows.part(~there.twin), there.part(~there.twin)
    if len(rows.row) == 0:
        return
    facts = gathering.facts(rows.places, rows.period, rows.read_on, rows.value, rows.kind, there)
    uses = checks.uses_of(facts)
    limits = limits_on(date(period // 100, period % 100, 1))
    neighbours = gathering.neighbours(rows.places, period, facts, uses, limits)
    decided = checks.decide(facts, uses, neighbours, limits)
    _write(rows, there.last_seq + 1, decided, facts, batch_id)
    held = decided.reason != 0
    tally.accepted += int((~held).sum())
    tally.held += int(held.sum())
    tally.reasons.update(decided.reason[held].tolist())
    told = np.flatnonzero(held)[: HELD_KEPT - len(tally.held_rows)]
    columns = (rows.row[told] + tally.rows, rows.places.register_id[told], decided.reason[told])
    tally.held_rows.extend(zip(*(column.tolist() for column in columns), strict=True))


def _write(rows: _Rows, seq: Ints, decided: checks.Decisions, facts: checks.Facts, batch_id: int) -> None:
    held = decided.reason != 0
    order = np.lexsort((rows.places.register_id, rows.places.account_id))
    columns = {
        "account_id": rows.places.account_id, "period": rows.period, "register_id": rows.places.register_id, "seq": seq,
        "read_on": rows.read_on, "value": rows.value, "kind": rows.kind,
        "state": np.where(held, models.HELD, models.ACCEPTED), "reason": decided.reason,
    }  # fmt: skip
    with connection.cursor() as cursor:
        copy_in(cursor, "reading", READING, {n: c[order] for n, c in columns.items()} | {"batch_id": batch_id})
    at = clock.now()
    models.HeldReading.objects.bulk_create(
        (
            models.HeldReading(
                account_id=int(rows.places.account_id[k]), unit_id=int(rows.places.unit_id[k]),
                period=int(rows.period[k]),
                register_id=int(rows.places.register_id[k]), seq=int(seq[k]), reason=int(decided.reason[k]), held_at=at,
                detail=gathering.detail(k, decided, facts),
            )
            for k in np.flatnonzero(held).tolist()
        ),
        batch_size=2000,
    )  # fmt: skip
    if held.any():
        accounts = rows.places.account_id[held]
        told = {"batch": batch_id, "count": int(held.sum()), "period": int(rows.period.min())}
        outbox.publish("reading_held", told, (int(accounts.min()), int(accounts.max())))
