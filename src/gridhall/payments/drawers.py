"""What the counter asks of the tills: which there are, and what went through one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from gridhall.payments.data import PaymentView, SessionView
from gridhall.payments.queries import _sessions

TILLS_SQL = """
SELECT t.id, t.outlet_id, t.unit_id, t.code, t.name_en, t.name_zh, coalesce(s.clerk_id, 0)
FROM payments_till AS t
LEFT JOIN payments_tillsession AS s ON s.till_id = t.id AND s.closed_at IS NULL
WHERE %(everywhere)s OR t.unit_id = ANY(%(units)s)
ORDER BY t.code
"""

OF_SESSION_SQL = """
SELECT p.account_id, p.no, p.kind, p.unit_id, p.door, p.method, p.amount, p.to_credit, p.session_id, p.reverses,
    coalesce(r.no, 0), p.received_at, p.value_on, p.left_owed
FROM payment AS p
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND p.kind = 1
WHERE p.session_id = %s AND p.session_id > 0
ORDER BY p.received_at DESC, p.no DESC LIMIT %s
"""


@dataclass(frozen=True)
class TillView:
    """A cash drawer; `open_by`: the user id of the clerk who has it open, 0 while it is free."""

    id: int
    outlet_id: int
    unit_id: int
    code: str
    name_en: str
    name_zh: str
    open_by: int


def tills(unit_ids: Iterable[int] | None = None) -> list[TillView]:
    """The cash drawers of some units (None: all) by code."""
    units = None if unit_ids is None else list(unit_ids)
    with connection.cursor() as cursor:
        cursor.execute(TILLS_SQL, {"everywhere": units is None, "units": units or []})
        return [TillView(*row) for row in cursor.fetchall()]


def sessions_of_clerk(user_id: int, limit: int = 100) -> list[SessionView]:
    """The till sessions of one clerk, the latest first."""
    return _sessions("s.clerk_id = %(clerk)s", {"clerk": user_id, "limit": limit})


def payments_of_session(session_id: int, limit: int = 500) -> list[PaymentView]:
    """What was received and reversed at a till session, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(OF_SESSION_SQL, [session_id, limit])
        return [PaymentView(*row) for row in cursor.fetchall()]
