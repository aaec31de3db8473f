"""What the bill run reads: pieces of registers from one accepted value to the next, and who has to wait.

On the hot path: two merge joins over keys that begin with the account, decoded by column, nothing per row.
"""

import numpy as np
from django.db import connection

from gridhall.columns.answer import answer
from gridhall.columns.copy import DATE, INT2, INT4, INT8
from gridhall.metering import checks, given, history, models
from gridhall.metering.given import Ints
from gridhall.metering.views import ReadingColumns

# Places of the unit's accounts that hung in the period or were read for it, each with its accepted readings of the
# period, and each of those with the accepted readings of the period before. A register that hung twice at one account
# tells its readings apart by the day. The bounds on the account stand thrice: each join reads its stretch alone.
CURRENT = """
SELECT place.account_id, place.agreement_id, place.register_id, place.tou, place.digits, place.decimals,
       place.multiplier, COALESCE(current.read_on, date '0001-01-01'), COALESCE(current.value, 0),
       COALESCE(current.kind, 0::smallint), COALESCE(previous.read_on, date '0001-01-01'),
       COALESCE(previous.value, 0), COALESCE(previous.kind, 0::smallint)
FROM register_place place
LEFT JOIN reading current
    ON current.account_id = place.account_id AND current.register_id = place.register_id
    AND current.period = %(period)s AND current.state = 1
    AND current.account_id BETWEEN %(account_from)s AND %(account_to)s
    AND current.read_on <= place.until AND (current.read_on > place.since OR current.kind = 4)
LEFT JOIN reading previous
    ON previous.account_id = place.account_id AND previous.register_id = place.register_id
    AND previous.period = %(before)s AND previous.state = 1
    AND previous.account_id BETWEEN %(account_from)s AND %(account_to)s
WHERE place.account_id BETWEEN %(account_from)s AND %(account_to)s AND place.unit_id = %(unit)s
  AND (place.since < %(until)s AND place.until > %(since)s OR current.register_id IS NOT NULL)
"""

HELD = """
SELECT held.account_id, place.agreement_id, held.register_id, held.reason::bigint
FROM metering_heldreading held
JOIN register_place place ON place.account_id = held.account_id AND place.register_id = held.register_id
WHERE held.unit_id = %(unit)s AND held.period = %(period)s AND held.settled_at IS NULL
  AND held.account_id BETWEEN %(account_from)s AND %(account_to)s
"""

CURRENT_SHAPE = {
    "account_id": INT8, "agreement_id": INT8, "register_id": INT8, "tou": INT2, "digits": INT2, "decimals": INT2,
    "multiplier": INT4, "current_on": DATE, "current_value": INT8, "kind": INT2, "previous_on": DATE,
    "previous_value": INT8, "previous_kind": INT2,
}  # fmt: skip
HELD_SHAPE = {"account_id": INT8, "agreement_id": INT8, "register_id": INT8, "reason": INT8}

Columns = dict[str, Ints]


def usable_readings(unit_id: int, account_from: int, account_to: int, period: int) -> ReadingColumns:
    """See public.usable_readings."""
    following, before = given.shifted(period, 1), given.shifted(period, -1)
    parameters = {
        "unit": unit_id, "account_from": account_from, "account_to": account_to, "period": period, "before": before,
        "since": given.first_day(period), "until": given.first_day(following),
    }  # fmt: skip
    with connection.cursor() as cursor:
        rows = answer(cursor, CURRENT, CURRENT_SHAPE, parameters)
        held = answer(cursor, HELD, HELD_SHAPE, parameters)
    rows = _last_previous(rows)
    waiting = _waiting(rows, held)
    rows = _chained(_without(rows, waiting), before)
    return ReadingColumns(
        *(rows[name] for name in (
            "account_id", "agreement_id", "register_id", "tou", "previous_on", "previous_value", "after_estimate",
            "current_on", "current_value", "kind", "multiplier", "decimals", "digits",
        )),
        *(waiting[name] for name in ("account_id", "agreement_id", "register_id", "reason")),
    )  # fmt: skip


def _which(rows: Columns, where: np.ndarray) -> Columns:
    return {name: column[where] for name, column in rows.items()}


def _same_as_next(rows: Columns, names: tuple[str, ...]) -> np.ndarray:
    """Where a row is like the next one in all of these columns; the last row is not."""
    same = np.zeros(len(rows["account_id"]), np.bool_)
    if len(same):
        same[:-1] = np.logical_and.reduce([rows[name][:-1] == rows[name][1:] for name in names])
    return same


def _last_previous(rows: Columns) -> Columns:
    """In order of register and day, and each reading of the period once, with the latest previous value."""
    # taken away on the day on which it was read: the reading comes first
    removed = rows["kind"] == models.REMOVED
    names = ("current_on", "register_id", "agreement_id", "account_id")
    rows = _which(rows, np.lexsort((rows["previous_on"], removed, *(rows[name] for name in names))))
    twice = _same_as_next(rows, ("register_id", "agreement_id", "current_on", "kind"))
    return _which(rows, ~twice) if twice.any() else rows


def _waiting(rows: Columns, held: Columns) -> Columns:
    """Registers that are held, and those without a reading that closes the period."""
    closed = (rows["kind"] != 0) & (rows["kind"] != models.INSTALLED)
    # a register is closed by any of its readings: look at the last one of each
    last = ~_same_as_next(rows, ("register_id", "agreement_id"))
    missing = _which(rows, last & ~closed)
    names = ("account_id", "agreement_id", "register_id")
    both = {name: np.concatenate([held[name], missing[name]]) for name in names}
    both["reason"] = np.concatenate([held["reason"], np.full(len(missing["account_id"]), checks.MISSING, np.int64)])
    # the first of a register stays: what is held tells more than that nothing was accepted
    _, first = np.unique(np.stack([both["register_id"], both["agreement_id"]]), axis=1, return_index=True)
    order = first[np.lexsort((both["register_id"][first], both["account_id"][first]))]
    return _which(both, order)


def _without(rows: Columns, waiting: Columns) -> Columns:
    if len(waiting["register_id"]) == 0:
        return rows
    out = np.isin(rows["register_id"], waiting["register_id"])
    # a register may hang at two agreements in one period, and wait at one of them
    pairs = set(zip(waiting["register_id"].tolist(), waiting["agreement_id"].tolist(), strict=True))
    for row in np.flatnonzero(out).tolist():
        out[row] = (int(rows["register_id"][row]), int(rows["agreement_id"][row])) in pairs
    return _which(rows, ~out)


def _chained(rows: Columns, before: int) -> Columns:
    """From readings to pieces: each goes on from the one before it, the first of a period from an earlier period."""
    follows = np.zeros(len(rows["account_id"]), np.bool_)
    follows[1:] = _same_as_next(rows, ("register_id", "agreement_id"))[:-1]
    at = np.flatnonzero(follows)
    for previous, current in (
        ("previous_on", "current_on"),
        ("previous_value", "current_value"),
        ("previous_kind", "kind"),
    ):
        rows[previous][at] = rows[current][at - 1]
    # an INSTALLED reading begins a chain and ends no piece
    rows = _which(rows, rows["kind"] != models.INSTALLED)
    lost = np.flatnonzero(rows["previous_kind"] == 0)
    if len(lost):
        found = history.latest(rows["account_id"][lost], rows["register_id"][lost], given.shifted(before, -1))
        rows["previous_on"][lost], rows["previous_value"][lost] = found.on, found.value
        rows["previous_kind"][lost] = found.kind
    rows["after_estimate"] = (rows["previous_kind"] == models.ESTIMATED).astype(np.int64)
    return rows
