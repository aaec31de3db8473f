"""Nobody leaves in the midst of days that are billed: the bills would stay issued, on terms that had ended."""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from gridhall.kernel.refusal import Refusal

# The account first: bills are keyed by it.
BILLED = """
SELECT w.row, w.until, max(b.to_on)
FROM unnest(%(agreements)s::bigint[], %(days)s::date[]) WITH ORDINALITY AS w (agreement_id, until, row)
JOIN customers_agreement a ON a.id = w.agreement_id
JOIN bill b ON b.account_id = a.account_id AND b.agreement_id = a.id AND b.state = 1 AND b.to_on > w.until
GROUP BY w.row, w.until ORDER BY w.row LIMIT 1
"""


def object_to_leaving(leaving: Sequence[tuple[int, date]]) -> None:
    """Refuses `billed_already` where an agreement has an issued bill with days from the last one on. Cancel those
    bills, enter the move-out, and make them again: the month of leaving is then billed to that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            BILLED, {"agreements": [agreement for agreement, _ in leaving], "days": [on for _, on in leaving]}
        )
        found = cursor.fetchone()
    if found:
        row, on, until = found
        raise Refusal(
            "billed_already",
            f"It is billed to {until} already. Cancel the bills from {on} on, enter the move-out, make them again.",
            f"已出账至 {until}。请先作废 {on} 起的账单，登记迁出后再重出。",
            field="on", row=int(row) - 1, value=on.isoformat(),
        )  # fmt: skip
