"""What is known of readings before they are decided on: what stands there already, the past, the neighbours."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from gridhall.columns.copy import DATE, INT2, INT4, INT8, array_text, copy_out
from gridhall.customers import public as customers
from gridhall.metering import checks, given, history, models
from gridhall.metering.finding import Places
from gridhall.metering.given import Flags, Ints
from gridhall.metering.limits import Thresholds

STANDING = """
SELECT u.n, r.seq, r.read_on, r.value, r.kind, r.state, r.batch_id
FROM unnest(%(account)s::bigint[], %(register)s::bigint[]) WITH ORDINALITY AS u (account_id, register_id, n)
JOIN reading r ON r.account_id = u.account_id AND r.register_id = u.register_id AND r.period = %(period)s
"""

KNOWN_NEIGHBOURS = """
SELECT area_id, class_code, tou, wh_per_day, members FROM metering_neighbouruse WHERE period = %s
"""

# The figure of the largest batch stays: a single reading of a late day says nothing of the neighbours.
KEEP_NEIGHBOURS = """
INSERT INTO metering_neighbouruse (period, area_id, class_code, tou, wh_per_day, members)
SELECT %(period)s, * FROM unnest(%(area)s::integer[], %(class)s::smallint[], %(tou)s::smallint[], %(use)s::bigint[],
                                 %(members)s::integer[])
ON CONFLICT (period, area_id, class_code, tou) DO UPDATE
SET wh_per_day = EXCLUDED.wh_per_day, members = EXCLUDED.members
WHERE metering_neighbouruse.members < EXCLUDED.members
"""


@dataclass(frozen=True)
class Standing:
    """What stands in the period already for each reading that comes.

    `last_seq`: the highest seq, 0 for none. `previous`: the last accepted value in the period, 0 days where none.
    `twin`: the same day and value has been read; `twin_batch`: in which batch. For the rest see checks.
    """

    last_seq: Ints
    previous: history.Values
    twin: np.ndarray
    twin_batch: Ints
    conflict: np.ndarray
    estimate_there: np.ndarray

    def part(self, which: Any) -> "Standing":
        """The rows of a mask."""
        previous = history.Values(self.previous.on[which], self.previous.value[which], self.previous.kind[which])
        return Standing(
            self.last_seq[which], previous, self.twin[which], self.twin_batch[which], self.conflict[which],
            self.estimate_there[which],
        )  # fmt: skip


def standing(account_id: Ints, register_id: Ints, period: int, read_on: Ints, value: Ints, kind: Ints) -> Standing:
    """Look up what the period holds of each register (each once)."""
    count = len(account_id)
    with connection.cursor() as cursor:
        rows = copy_out(
            cursor, STANDING,
            {"n": INT8, "seq": INT2, "on": DATE, "value": INT8, "kind": INT2, "state": INT2, "batch": INT8},
            {"account": array_text(account_id), "register": array_text(register_id), "period": period},
        )  # fmt: skip
    order = np.lexsort((rows["seq"], rows["on"]))
    n, seq, on, seen, of_kind, state, batch = (column[order] for column in rows.values())
    n = n - 1
    last_seq = np.zeros(count, np.int64)
    np.maximum.at(last_seq, n, seq)
    accepted = state == models.ACCEPTED
    previous = history.nothing(count)
    for into, column in ((previous.on, on), (previous.value, seen), (previous.kind, of_kind)):
        into[n[accepted]] = column[accepted]
    live = (state != models.REPLACED) & (of_kind != models.INSTALLED)
    same_day = live & (on == read_on[n])
    # a real reading of the value that was estimated is no twin: it makes the estimate true
    twins = same_day & (seen == value[n]) & ((of_kind == models.ESTIMATED) == (kind[n] == models.ESTIMATED))
    twin, twin_batch = np.zeros(count, np.bool_), np.zeros(count, np.int64)
    twin[n[twins]], twin_batch[n[twins]] = True, batch[twins]
    estimates = live & accepted & (of_kind == models.ESTIMATED)
    estimate_there = np.zeros(count, np.bool_)
    estimate_there[n[estimates]] = True
    # a reading of the first day of the next month or later closes the period: nothing is read after it
    closing = accepted & (on >= given.first_day(given.shifted(period, 1)).toordinal()) & (on < read_on[n])
    other = (state != models.REJECTED) & live & (of_kind != models.ESTIMATED) & ((on == read_on[n]) | closing)
    conflict = np.zeros(count, np.bool_)
    conflict[n[other]] = True
    return Standing(last_seq, previous, twin, twin_batch, conflict, estimate_there)


def facts(places: Places, period: Ints, read_on: Ints, value: Ints, kind: Ints, there: Standing) -> checks.Facts:
    """Everything that the checks look at; all rows are of one period."""
    account, register, this = places.account_id, places.register_id, int(period[0])
    previous = _previous(account, register, this, there)
    actual = _last_actual(account, register, this, previous)
    past = history.start_of_past(account, register, this)
    year_from = history.latest_of(account, register, (given.shifted(this, -13),))
    year_to = history.latest_of(account, register, (given.shifted(this, -12),))
    return checks.Facts(
        meter_id=places.meter_id, tou=places.tou, digits=places.digits, decimals=places.decimals,
        multiplier=places.multiplier, kind=kind, read_on=read_on, value=value, previous_on=previous.on,
        previous_value=previous.value, previous_kind=previous.kind, actual_on=actual.on,
        actual_value=actual.value, past_on=past.on, past_value=past.value,
        year_from_on=year_from.on, year_from_value=year_from.value, year_to_on=year_to.on, year_to_value=year_to.value,
        parts=places.parts, conflict=there.conflict, estimate_there=there.estimate_there,
        read_later=_read_later(account, register, this),
    )  # fmt: skip


def _last_actual(account: Ints, register: Ints, period: int, previous: history.Values) -> history.Values:
    """The previous value; where that is an estimate, the last one before it that is none."""
    rows = np.flatnonzero(previous.kind == models.ESTIMATED)
    if len(rows) == 0:
        return previous
    before = history.latest(account[rows], register[rows], given.shifted(period, -1), real=True)
    actual = history.Values(previous.on.copy(), previous.value.copy(), previous.kind.copy())
    actual.on[rows], actual.value[rows], actual.kind[rows] = before.on, before.value, before.kind
    return actual


def _read_later(account: Ints, register: Ints, period: int) -> Flags:
    """Where the next period has been read already: it would go on from another value than it was checked against."""
    later = history.latest_of(account, register, (given.shifted(period, 1),))
    later_read: Flags = later.known & (later.kind != models.INSTALLED)
    return later_read


def _previous(account: Ints, register: Ints, period: int, there: Standing) -> history.Values:
    """The value that each reading goes on from. A reading that would take the place of what stands there (an estimate,
    or another value of the same time) is compared with what was before the period."""
    replaces = there.estimate_there | there.conflict
    from_before = ~there.previous.known | replaces
    found = history.Values(*(column.copy() for column in vars(there.previous).values()))
    rows = np.flatnonzero(from_before)
    before = history.latest(account[rows], register[rows], given.shifted(period, -1))
    # hung in this very period: what was installed is all there is before
    installed = there.previous.kind[rows] == models.INSTALLED
    for name in ("on", "value", "kind"):
        column = getattr(found, name)
        column[rows] = np.where(installed & ~before.known, column[rows], getattr(before, name))
    return found


def neighbours(places: Places, period: int, known: checks.Facts, uses: checks.Uses, limits: Thresholds) -> Ints:
    """The median Wh a day of each row's neighbours (same area, class and kind of register), -1 unknown.

    Groups that are large enough in this batch are kept for the single readings that come later.
    """
    facts_of = customers.account_columns(places.account_id)
    at = np.searchsorted(facts_of.account_id, places.account_id)
    area, class_code = facts_of.area_id[at], facts_of.class_code[at]
    sound = (known.previous_on > 0) & (uses.days > 0) & (uses.wh >= 0) & (known.kind != models.ESTIMATED)
    groups = checks.medians(
        area[sound], class_code[sound], known.tou[sound], uses.per_day[sound], limits.neighbours_least
    )
    with connection.cursor() as cursor:
        if len(groups.area_id):
            cursor.execute(
                KEEP_NEIGHBOURS,
                {
                    "period": period, "area": groups.area_id.tolist(), "class": groups.class_code.tolist(),
                    "tou": groups.tou.tolist(), "use": groups.wh_per_day.tolist(), "members": groups.members.tolist(),
                },
            )  # fmt: skip
    return kept_neighbours(period, area, class_code, known.tou)


def kept_neighbours(period: int, area: Ints, class_code: Ints, tou: Ints) -> Ints:
    """The median Wh a day that is kept of each row's neighbours in a period, -1 unknown."""
    with connection.cursor() as cursor:
        kept = copy_out(
            cursor, KNOWN_NEIGHBOURS, {"area": INT4, "class": INT2, "tou": INT2, "use": INT8, "members": INT4}, [period]
        )
    if len(kept["area"]) == 0:
        return np.full(len(area), -1, np.int64)
    keys = (kept["area"] << 16) + (kept["class"] << 8) + kept["tou"]
    order = np.argsort(keys)
    wanted = (area << 16) + (class_code << 8) + tou
    places = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    return np.where(keys[order][places] == wanted, kept["use"][order][places], -1)


def shown_day(day: int) -> str:
    """A day number as people write it."""
    return date.fromordinal(int(day)).isoformat() if 1 <= day <= date.max.toordinal() else str(day)


def detail(k: int, decided: checks.Decisions, facts: checks.Facts) -> dict[str, int | str]:
    """What was expected of row k and what came, for the person who settles it: Wh, days, the values of the register."""
    kept: dict[str, int | str] = {"use_wh": int(decided.uses.wh[k]), "days": int(decided.uses.days[k])}
    if facts.previous_on[k]:
        kept |= {"previous_on": shown_day(facts.previous_on[k]), "previous_value": int(facts.previous_value[k])}
    if decided.from_wh[k] >= 0:
        kept["from_wh"] = int(decided.from_wh[k])
    if decided.to_wh[k] >= 0:
        kept["to_wh"] = int(decided.to_wh[k])
    if decided.uses.high_per_day[k] >= 0:
        kept["expected_wh"] = int(decided.uses.high_per_day[k] * max(int(decided.uses.days[k]), 0))
    return kept
