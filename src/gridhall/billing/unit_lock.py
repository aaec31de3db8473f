"""Who bills a unit at the same time: the slices of runs beside each other, a correction by itself.

A slice writes its bills and then ends the holds that they settle; a released hold is locked first and billed then. In
one transaction each, the two would wait for each other. So whoever bills takes the unit before anything else: slices
together, a correction alone. It waits for the slices at work, not for their run: those that come later queue behind it.
"""

from collections.abc import Iterable

from django.db import connection

# Advisory locks by (this, unit), to the end of the transaction.
_SPACE = 0x62696C6C
SHARED = "SELECT pg_advisory_xact_lock_shared(%s, %s)"
ALONE = "SELECT pg_advisory_xact_lock(%s, %s)"


def with_slices(unit_id: int) -> None:
    """Take a unit as a slice of a run does, in the open transaction, before a bill or a hold is touched."""
    with connection.cursor() as cursor:
        cursor.execute(SHARED, [_SPACE, unit_id])


def alone(unit_ids: Iterable[int]) -> None:
    """Take units for a correction, in order, in the open transaction, before a bill or a hold is touched."""
    with connection.cursor() as cursor:
        for unit_id in sorted(set(unit_ids)):
            cursor.execute(ALONE, [_SPACE, unit_id])
