"""Which meters hang at which agreement, for tariffs that charge by the meter."""

from django.db import connection

from gridhall.columns.answer import answer
from gridhall.columns.copy import DATE, INT8
from gridhall.metering import given
from gridhall.metering.given import Ints

HUNG = """
SELECT DISTINCT agreement_id, meter_id, since, until FROM register_place
WHERE account_id BETWEEN %(first)s AND %(last)s AND unit_id = %(unit)s AND since < %(until)s AND until >= %(since)s
"""


def meters_hung(unit_id: int, account_from: int, account_to: int, period: int) -> dict[str, Ints]:
    """See public.meters_hung."""
    asked = {
        "unit": unit_id, "first": account_from, "last": account_to,
        "since": given.first_day(period), "until": given.first_day(given.shifted(period, 2)),
    }  # fmt: skip
    with connection.cursor() as cursor:
        return answer(cursor, HUNG, {"agreement_id": INT8, "meter_id": INT8, "since": DATE, "until": DATE}, asked)
