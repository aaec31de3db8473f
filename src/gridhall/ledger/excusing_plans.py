"""No late charge on the bills of an agreement to pay by parts, while it is kept."""

from collections.abc import Iterable
from datetime import timedelta

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.ledger.excusing import _enter, _forget_when_committed
from gridhall.ledger.models import LateExemption


def excuse_plan(actor: Actor, plan_id: int, account_id: int, bills: Iterable[tuple[int, int]]) -> None:
    """From tomorrow no late charge accrues on the bills (period, seq) of an account. The caller sees to who may."""
    tomorrow = clock.today() + timedelta(days=1)
    for period, seq in bills:
        row = LateExemption(account_id=account_id, period=period, seq=seq, since=tomorrow, plan_id=plan_id)
        _enter(actor, row, f"plan {plan_id}")


def end_plan_excuse(plan_id: int) -> None:
    """From tomorrow late charge accrues again on what the agreement covers, in the open transaction."""
    tomorrow = clock.today() + timedelta(days=1)
    rows = LateExemption.objects.select_for_update().filter(plan_id=plan_id, until__isnull=True)
    for row in rows.order_by("pk"):
        row.until = max(tomorrow, row.since)
        row.save(update_fields=["until"])
    _forget_when_committed()
