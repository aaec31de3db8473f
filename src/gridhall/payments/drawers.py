"""What the counter asks of the tills: one clerk's, and what went through one."""

from django.db import connection

from gridhall.payments.data import PaymentView, SessionView
from gridhall.payments.queries import _sessions

OF_SESSION_SQL = """
SELECT p.account_id, p.no, p.kind, p.unit_id, p.door, p.method, p.amount, p.to_credit, p.session_id, p.reverses,
    coalesce(r.no, 0), p.received_at, p.value_on, p.left_owed
FROM payment AS p
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND p.kind = 1
WHERE p.session_id = %s AND p.session_id > 0
ORDER BY p.received_at DESC, p.no DESC LIMIT %s
"""


def sessions_of_clerk(user_id: int, limit: int = 100) -> list[SessionView]:
    """The till sessions of one clerk, the latest first."""
    return _sessions("s.clerk_id = %(clerk)s", {"clerk": user_id, "limit": limit})


def payments_of_session(session_id: int, limit: int = 500) -> list[PaymentView]:
    """What was received and reversed at a till session, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(OF_SESSION_SQL, [session_id, limit])
        return [PaymentView(*row) for row in cursor.fetchall()]
