"""What is told of a cancelled bill: why, when, by whom, and which bill stands in its place."""

from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.models import ISSUED, Bill
from gridhall.billing.views import BillKey
from gridhall.kernel import audit


@dataclass(frozen=True)
class Cancellation:
    """`replaced_by`: the bill of the same agreement and period that is in force now, if any."""

    at: datetime
    by: str
    reason: str
    replaced_by: BillKey | None


def cancellation(account_id: int, period: int, seq: int) -> Cancellation | None:
    """How a bill was cancelled; None for one that was not."""
    entry = audit.last("bills.cancel", f"bill:{account_id}-{period}-{seq}")
    row = Bill.objects.filter(account_id=account_id, period=period, seq=seq).first()
    if entry is None or row is None or row.state == ISSUED:
        return None
    later = Bill.objects.filter(
        account_id=account_id, period=period, agreement_id=row.agreement_id, state=ISSUED, seq__gt=seq
    )
    instead = later.order_by("-seq").values_list("seq", flat=True).first()
    return Cancellation(
        entry.at, entry.actor_name, entry.reason, BillKey(account_id, period, instead) if instead else None
    )
