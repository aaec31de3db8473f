"""What is known of registers from earlier periods: columns in the order in which the caller asks."""

from dataclasses import dataclass

import numpy as np
from django.db import connection

from gridhall.columns.copy import DATE, INT2, INT8, array_text, copy_out
from gridhall.metering.given import Flags, Ints
from gridhall.metering.given import shifted as _shifted

# One partition at a time: a join over the parent would look into every period that ever was.
ACCEPTED_IN_PERIOD = """
SELECT u.n, r.read_on, r.value, r.kind, r.seq
FROM unnest(%(account)s::bigint[], %(register)s::bigint[]) WITH ORDINALITY AS u (account_id, register_id, n)
JOIN reading r ON r.account_id = u.account_id AND r.register_id = u.register_id AND r.period = %(period)s
WHERE r.state = 1 AND (NOT %(hung)s OR r.kind = 4) AND (NOT %(real)s OR r.kind <> 2)
"""

PERIODS = """
SELECT substring(child.relname FROM '[0-9]+$')::integer
FROM pg_inherits JOIN pg_class child ON child.oid = pg_inherits.inhrelid
WHERE pg_inherits.inhparent = 'reading'::regclass ORDER BY 1
"""


@dataclass(frozen=True)
class Values:
    """Values of registers: day numbers, values, kinds; `on` 0 where there is none."""

    on: Ints
    value: Ints
    kind: Ints

    @property
    def known(self) -> Flags:
        """Where there is a value."""
        known: Flags = self.on > 0
        return known


def periods() -> list[int]:
    """The periods that have a partition, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(PERIODS)
        return [row[0] for row in cursor.fetchall()]


def nothing(count: int) -> Values:
    """No value for any of them."""
    return Values(*(np.zeros(count, np.int64) for _ in range(3)))


def in_period(
    account_id: Ints, register_id: Ints, period: int, *, installed: bool = False, real: bool = False
) -> Values:
    """The last accepted value of each register in a period: any, the one with which it was hung, or one that is no
    estimate."""
    found = nothing(len(account_id))
    if len(account_id) == 0:
        return found
    with connection.cursor() as cursor:
        rows = copy_out(
            cursor, ACCEPTED_IN_PERIOD, {"n": INT8, "on": DATE, "value": INT8, "kind": INT2, "seq": INT2},
            {
                "account": array_text(account_id), "register": array_text(register_id), "period": period,
                "hung": installed, "real": real,
            },
        )  # fmt: skip
    order = np.lexsort((rows["seq"], rows["on"]))  # written in this order, the last one stays
    places = rows["n"][order] - 1
    for name, into in (("on", found.on), ("value", found.value), ("kind", found.kind)):
        into[places] = rows[name][order]
    return found


def latest_of(account_id: Ints, register_id: Ints, wanted: tuple[int, ...]) -> Values:
    """The last accepted value of each register in the first of these periods that has one."""
    found = nothing(len(account_id))
    have = set(periods())
    for period in wanted:
        missing = np.flatnonzero(~found.known)
        if period in have and len(missing):
            _fill(found, missing, in_period(account_id[missing], register_id[missing], period))
    return found


def start_of_past(account_id: Ints, register_id: Ints, period: int) -> Values:
    """Where the last three months before a period begin: the value of four months ago, or as early as there is one, at
    least the one with which the register was hung."""
    found = latest_of(account_id, register_id, tuple(_shifted(period, -back) for back in (4, 3, 2)))
    missing = np.flatnonzero(~found.known)
    if len(missing) and _shifted(period, -1) in periods():
        hung = in_period(account_id[missing], register_id[missing], _shifted(period, -1), installed=True)
        _fill(found, missing, hung)
    return found


def _fill(found: Values, rows: Ints, here: Values) -> None:
    found.on[rows], found.value[rows], found.kind[rows] = here.on, here.value, here.kind


def latest(account_id: Ints, register_id: Ints, period_most: int, *, real: bool = False) -> Values:
    """The last accepted value of each register up to a period (included), however long ago; `real`: no estimate.

    Looks back one partition at a time, with those that are still without one: nearly all are found at the first step.
    """
    found = nothing(len(account_id))
    missing = np.arange(len(account_id))
    for period in reversed([each for each in periods() if each <= period_most]):
        if len(missing) == 0:
            break
        here = in_period(account_id[missing], register_id[missing], period, real=real)
        _fill(found, missing, here)
        missing = missing[~here.known]
    return found
