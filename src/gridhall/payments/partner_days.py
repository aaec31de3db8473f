"""What banks and agents have taken and not yet paid over (1012): by day, with its age, and what has been settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from gridhall.kernel import clock
from gridhall.payments.partners import PartnerView

PARTNER_DAYS_SQL = Path(__file__).with_name("sql").joinpath("partner_days.sql").read_text()
DAYS_BACK = 120


@dataclass(frozen=True)
class PartnerDay:
    """A day of a partner's books. `amount`: what stands in ours of it; `state`: of its comparison, empty where its file
    has not come; `in_transit`: what it owes us of the day, by its own file where that has come; `age`: days since."""

    partner_id: int
    on: date
    payments: int
    amount: int
    reconciliation_id: int
    state: str
    their_amount: int
    settled_on: date | None
    transfer: str
    open_count: int
    suspended: int
    age: int

    @property
    def in_transit(self) -> int:
        if self.state == "settled":
            return 0
        return self.their_amount if self.state else self.amount


def partner_days(
    partners: Sequence[PartnerView], *, open_only: bool = False, since: date | None = None, limit: int = 400
) -> list[PartnerDay]:
    """Days of these partners, the latest first; `open_only`: those that are not settled. `since`: 120 days back."""
    today = clock.today()
    asked: dict[str, Any] = {
        "partners": [each.id for each in partners], "counterparties": [each.counterparty for each in partners],
        "since": since or today - timedelta(days=DAYS_BACK), "open": open_only, "limit": limit,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(PARTNER_DAYS_SQL, asked)
        return [PartnerDay(*(*row, (today - row[1]).days)) for row in cursor.fetchall()]
