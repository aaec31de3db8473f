"""Settling what is held: a person decides, the reading's state follows, and the bill run sees it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection, transaction

from gridhall.columns.copy import copy_in
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import given, history, models
from gridhall.metering.estimating import Wanted, estimate
from gridhall.metering.hanging import READING
from gridhall.metering.intake import LOCK_PERIOD
from gridhall.metering.views import Settled
from gridhall.rules.usage import span_of, steps_back

OUTCOMES = ("accepted", "corrected", "estimated", "rejected")

HELD_READINGS = """
SELECT held.id, held.account_id, held.unit_id, held.period, held.register_id, held.seq, held.settled_at IS NOT NULL,
       reading.read_on, reading.value, reading.kind, register.tou, register.digits, register.decimals,
       register.multiplier,
       (SELECT max(seq) FROM reading other WHERE other.account_id = held.account_id
        AND other.register_id = held.register_id AND other.period = held.period)
FROM metering_heldreading held
JOIN metering_register register ON register.id = held.register_id
JOIN reading ON reading.account_id = held.account_id AND reading.period = held.period
    AND reading.register_id = held.register_id AND reading.seq = held.seq
WHERE held.id = ANY(%s) ORDER BY held.id FOR UPDATE OF held
"""

SET_STATE = """
UPDATE reading SET state = u.state
FROM unnest(%(account)s::bigint[], %(register)s::bigint[], %(seq)s::smallint[], %(state)s::smallint[])
     AS u (account_id, register_id, seq, state)
WHERE reading.account_id = u.account_id AND reading.register_id = u.register_id AND reading.seq = u.seq
  AND reading.period = %(period)s
"""

# What was accepted for the same day, or estimated for the period, gives way to what a person has decided.
GIVE_WAY = """
UPDATE reading SET state = 4
FROM unnest(%(account)s::bigint[], %(register)s::bigint[], %(seq)s::smallint[], %(on)s::date[])
     AS u (account_id, register_id, seq, read_on)
WHERE reading.account_id = u.account_id AND reading.register_id = u.register_id AND reading.seq <> u.seq
  AND reading.period = %(period)s AND reading.state = 1 AND reading.kind <> 4
  AND (reading.read_on = u.read_on OR reading.kind = 2)
"""


@dataclass(frozen=True)
class _Held:
    """A held reading with its register."""

    id: int
    account_id: int
    unit_id: int
    period: int
    register_id: int
    seq: int
    settled: bool
    read_on: Any
    value: int
    kind: int
    tou: int
    digits: int
    decimals: int
    multiplier: int
    last_seq: int


@dataclass
class _Work:
    """What is to be written: new states by reading, new readings, and what was left as it is."""

    states: list[tuple[_Held, int]] = field(default_factory=list)
    new: list[tuple[_Held, int, int]] = field(default_factory=list)  # held, kind, value
    left: list[tuple[int, Refusal]] = field(default_factory=list)


def settle_held(
    actor: Actor, held_ids: Sequence[int], outcome: str, values: Mapping[int, int] | None = None, note: str = ""
) -> Settled:
    """See public.settle_held."""
    actor.require("holds.settle")
    if outcome not in OUTCOMES:
        raise Refusal(
            "unknown_outcome",
            f"An outcome is one of {', '.join(OUTCOMES)}.",
            "处理结果无效。",
            field="outcome",
            value=outcome,
        )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(HELD_READINGS, [list(held_ids)])
        found = {row[0]: _Held(*row) for row in cursor.fetchall()}
        work = _Work()
        open_ones = list(_open(actor, held_ids, found, work))
        for period in sorted({held.period for held in open_ones}):
            cursor.execute(LOCK_PERIOD, [period])
        _decide(open_ones, outcome, values or {}, work)
        _write(work)
        settled = [held for held, _ in work.states]
        _close(actor, settled, outcome, note, work)
    return Settled(len(settled), tuple(work.left))


def _open(actor: Actor, wanted: Iterable[int], found: dict[int, _Held], work: _Work) -> Iterable[_Held]:
    for held_id in dict.fromkeys(wanted):
        held = found.get(held_id)
        if held is None or not actor.sees_unit(held.unit_id):
            code = "unknown_held" if held is None else "not_allowed"
            work.left.append(
                (held_id, _refusal(code, "There is no such reading here.", "没有此待核抄表。", str(held_id)))
            )
        elif held.settled:
            work.left.append(
                (held_id, _refusal("already_settled", "It is settled already.", "该抄表已处理。", str(held_id)))
            )
        else:
            yield held


def _refusal(code: str, en: str, zh: str, value: str) -> Refusal:
    return Refusal(code, en, zh, field="value", value=value)


def _decide(open_ones: list[_Held], outcome: str, values: Mapping[int, int], work: _Work) -> None:
    if outcome == "estimated":
        _estimate(open_ones, work)
        return
    before = _previous(open_ones) if outcome == "corrected" else None
    # of two values of one time only the later one can be accepted
    winner = {(held.register_id, held.period, held.read_on): held.id for held in open_ones}
    for place, held in enumerate(open_ones):
        if outcome == "accepted":
            wins = winner[held.register_id, held.period, held.read_on] == held.id
            work.states.append((held, models.ACCEPTED if wins else models.REPLACED))
        elif outcome == "rejected":
            work.states.append((held, models.REJECTED))
        elif before is not None:
            value = values.get(held.id)
            wrong = _wrong_value(held, value, int(before.value[place]), int(before.kind[place]))
            if wrong is not None or value is None:
                work.left.append(
                    (held.id, wrong or _refusal("value_missing", "The value is missing.", "缺少示数。", ""))
                )
                continue
            work.states.append((held, models.REPLACED))
            work.new.append((held, models.CORRECTED, value))


def _previous(held: list[_Held]) -> history.Values:
    """What each reading cannot be below: accepted earlier in its period or in one before, and no estimate."""
    account = np.array([each.account_id for each in held], np.int64)
    register = np.array([each.register_id for each in held], np.int64)
    read_on = np.array([each.read_on.toordinal() for each in held], np.int64)
    found = history.nothing(len(held))
    for period in sorted({each.period for each in held}):
        rows = np.flatnonzero(np.array([each.period == period for each in held]))
        here = history.in_period(account[rows], register[rows], period)
        usable = here.known & (here.on < read_on[rows]) & (here.kind != models.ESTIMATED)
        before = history.latest(account[rows], register[rows], given.shifted(period, -1), real=True)
        for name in ("on", "value", "kind"):
            getattr(found, name)[rows] = np.where(usable, getattr(here, name), getattr(before, name))
    return found


def _wrong_value(held: _Held, value: int | None, previous: int, previous_kind: int) -> Refusal | None:
    if value is None:
        return _refusal("value_missing", "The value is missing.", "缺少示数。", "")
    if not 0 <= value < span_of(held.digits, held.decimals):
        return _refusal("too_many_digits", "The register cannot show this value.", "示数超出表计量程。", str(value))
    compared = previous_kind != 0 and held.tou not in models.DEMANDS
    if compared and steps_back(previous, value, held.digits, held.decimals):
        return _refusal("below_previous", "It is below the previous value.", "示数低于上次。", str(value))
    return None


def _estimate(open_ones: list[_Held], work: _Work) -> None:
    for period in sorted({held.period for held in open_ones}):
        group = [held for held in open_ones if held.period == period]
        columns = {
            name: np.array([getattr(held, name) for held in group], np.int64)
            for name in ("account_id", "register_id", "tou", "digits", "decimals", "multiplier")
        }
        read_on = np.array([held.read_on.toordinal() for held in group], np.int64)
        value, able = estimate(Wanted(**columns, read_on=read_on), period)
        for place, held in enumerate(group):
            if able[place]:
                work.states.append((held, models.REJECTED))
                work.new.append((held, models.ESTIMATED, int(value[place])))
            else:
                nothing = _refusal("no_past", "Nothing is known to estimate from.", "无历史电量可供估抄。", "")
                work.left.append((held.id, nothing))


def _write(work: _Work) -> None:
    """States first; then what gives way to the new and the accepted; then the new readings."""
    winners = [(held, held.seq) for held, state in work.states if state == models.ACCEPTED]
    new: list[tuple[_Held, int, int, int]] = []
    seq_of: dict[tuple[int, int, int], int] = {}
    for held, kind, value in work.new:
        key = (held.account_id, held.register_id, held.period)
        seq = seq_of[key] = seq_of.get(key, held.last_seq) + 1
        new.append((held, kind, value, seq))
        winners.append((held, seq))
    with connection.cursor() as cursor:
        for period in sorted({held.period for held, _ in work.states}):
            states = [(held, state) for held, state in work.states if held.period == period]
            cursor.execute(SET_STATE, _keys([held for held, _ in states]) | {
                "seq": [held.seq for held, _ in states], "state": [state for _, state in states], "period": period,
            })  # fmt: skip
            ahead = [(held, seq) for held, seq in winners if held.period == period]
            cursor.execute(GIVE_WAY, _keys([held for held, _ in ahead]) | {
                "seq": [seq for _, seq in ahead], "on": [held.read_on for held, _ in ahead], "period": period,
            })  # fmt: skip
        if new:
            batch = models.ReadingBatch.objects.create(
                at=clock.now(), source="settle", rows=len(new), accepted=len(new)
            )
            copy_in(cursor, "reading", READING, {
                "account_id": np.array([row[0].account_id for row in new]),
                "period": np.array([row[0].period for row in new]),
                "register_id": np.array([row[0].register_id for row in new]),
                "seq": np.array([row[3] for row in new]),
                "read_on": np.array([row[0].read_on.toordinal() for row in new]),
                "value": np.array([row[2] for row in new]), "kind": np.array([row[1] for row in new]),
                "state": models.ACCEPTED, "reason": 0, "batch_id": batch.id,
            })  # fmt: skip


def _keys(held: list[_Held]) -> dict[str, Any]:
    return {"account": [each.account_id for each in held], "register": [each.register_id for each in held]}


def _close(actor: Actor, settled: list[_Held], outcome: str, note: str, work: _Work) -> None:
    models.HeldReading.objects.filter(id__in=[held.id for held in settled]).update(
        settled_at=clock.now(), settled_by=actor.name[:120], outcome=outcome, note=note[:200]
    )
    new_value = {held.id: value for held, _, value in work.new}
    audit.record_many(
        actor, "metering.settle",
        [
            (
                f"reading:{held.account_id}:{held.period}:{held.register_id}:{held.seq}", {"value": held.value},
                {"outcome": outcome, "value": new_value.get(held.id, held.value)}, note,
            )
            for held in settled
        ],
    )  # fmt: skip


READING_NOW = """
SELECT reading.seq, reading.read_on, reading.value, reading.kind, register.tou, register.digits, register.decimals,
       register.multiplier, place.unit_id,
       (SELECT max(seq) FROM reading other WHERE other.account_id = reading.account_id
        AND other.register_id = reading.register_id AND other.period = reading.period)
FROM reading
JOIN metering_register register ON register.id = reading.register_id
JOIN register_place place ON place.account_id = reading.account_id AND place.register_id = reading.register_id
WHERE reading.account_id = %(account)s AND reading.period = %(period)s AND reading.register_id = %(register)s
  AND reading.state = 1 AND (%(seq)s = 0 OR reading.seq = %(seq)s)
ORDER BY reading.read_on DESC, reading.seq DESC LIMIT 1
"""


def correct_reading(
    actor: Actor, account_id: int, period: int, register_id: int, value: int, note: str, seq: int = 0
) -> None:
    """See public.correct_reading."""
    actor.require("holds.settle")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK_PERIOD, [period])
        key = {"account": account_id, "period": period, "register": register_id, "seq": seq}
        cursor.execute(READING_NOW, key)
        row = cursor.fetchone()
        if row is None or not actor.sees_unit(row[8]):
            raise Refusal(
                "unknown_reading", "There is no such accepted reading.", "没有此有效抄表。", field="register_id",
                value=str(register_id),
            )  # fmt: skip
        now_seq, read_on, old, old_kind, tou, digits, decimals, multiplier, unit_id, last_seq = row
        held = _Held(
            0, account_id, unit_id, period, register_id, now_seq, False, read_on, old, old_kind, tou, digits, decimals,
            multiplier, last_seq,
        )  # fmt: skip
        before = _previous([held])
        wrong = _wrong_value(held, value, int(before.value[0]), int(before.kind[0]))
        if wrong is not None:
            raise wrong
        kind = models.CORRECTED if held.kind not in (models.INSTALLED, models.REMOVED) else held.kind
        work = _Work(states=[(held, models.REPLACED)], new=[(held, kind, value)])
        _write(work)
        _close(actor, [held], "corrected", note, work)
