"""The transfer of a counterparty for a day that is reconciled: from money in transit (1012) to our bank (1002)."""

from datetime import date

from django.db import IntegrityError, connection, transaction

from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.ledger.public import guard_periods, post_transit_settled, prepare_movements
from gridhall.payments.day_reconciliation import OPEN, RELEASED, SETTLED, ReconciliationView, reconciliation
from gridhall.payments.gateway_books import by_unit, gateway_of
from gridhall.payments.partner_models import DayReconciliation
from gridhall.payments.partners import require_reach
from gridhall.payments.refusals import refusal

REFERENCE_MOST = 80

# The money of a day by unit of the accounts: what stands under its serials, what was booked in their place, and what of
# its differences went into suspense.
BY_UNIT_SQL = """
SELECT unit_id, sum(amount)::bigint
FROM (
SELECT p.unit_id, p.amount
FROM (
    SELECT k.account_id, k.payment_no
    FROM payments_partnerserial AS s
    JOIN payment_key AS k ON k.account_id = s.account_id AND k.key = concat_ws(':', 'bank', s.partner_id, s.serial)
    WHERE s.partner_id = %(partner)s AND s.bank_on = %(on)s
    UNION
    SELECT d.account_id, d.done_no
    FROM payments_daydifference AS d WHERE d.reconciliation_id = %(day)s AND d.state = 'done' AND d.done_no > 0
) AS day
JOIN payment AS p ON p.account_id = day.account_id AND p.no = day.payment_no AND p.kind = 1
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2 AND r.method <> 6
WHERE r.no IS NULL
UNION ALL
SELECT i.unit_id, i.amount
FROM payments_suspenseitem AS i JOIN payments_daydifference AS d ON d.id = i.difference_id
WHERE d.reconciliation_id = %(day)s
) AS part
GROUP BY unit_id ORDER BY unit_id
"""


def settle_day(
    actor: Actor, reconciliation_id: int, amount: int, transfer: str, on: date | None = None
) -> ReconciliationView:
    """Book that the bank's transfer of a day has come: `amount` minor units, its reference, the day it came.

    Only once all differences are settled, and only the amount of the day; a gateway's may be less its fees, which are
    then booked as bank charges. Refuses: not_allowed, unknown_reconciliation,
    wrong_reconciliation_state, differences_open, transfer_differs, transfer_used, slip_missing, value_in_future,
    value_too_early (before the day itself), period_closed.
    """
    actor.require("tills.all")
    transfer, today = transfer.strip(), clock.today()
    day = on or today
    if not 1 <= len(transfer) <= REFERENCE_MOST or not transfer.isprintable():
        raise refusal("slip_missing", field="transfer")
    if day > today:
        raise refusal("value_in_future", field="on", value=day)
    prepare_movements(day.year * 100 + day.month)
    try:
        with transaction.atomic():
            closed = guard_periods(connection.connection)
            found = DayReconciliation.objects.select_for_update().filter(pk=reconciliation_id).first()
            if found is None:
                raise refusal("unknown_reconciliation", field="reconciliation", value=reconciliation_id)
            require_reach(actor, found.counterparty)
            if found.state != RELEASED:
                raise refusal("wrong_reconciliation_state", field="reconciliation", value=reconciliation_id)
            if day < found.on:
                raise refusal("value_too_early", field="on", value=day)
            if found.differences.filter(state=OPEN).exists():
                raise refusal("differences_open", field="reconciliation", value=reconciliation_id)
            units, fees = _by_unit(found, amount)
            kept = sum(part for _, part in fees)
            if amount + kept != found.their_amount or amount + kept != sum(part for _, part in units):
                raise refusal("transfer_differs", field="amount", value=amount)
            for unit, _ in units:
                if day.year * 100 + day.month <= closed.get(unit, 0):
                    raise refusal("period_closed", field="on", value=day)
            post_transit_settled(column_cursor(connection.connection), found.pk, units, day, fees)
            found.state, found.transfer, found.settled_on = SETTLED, transfer, day
            found.settled_by_name, found.settled_at = actor.name, clock.now()
            found.save()
            audit.record(
                actor, "payments.settle_day", f"reconciliation:{found.pk}",
                after={"amount": amount, "fees": kept, "transfer": transfer, "on": day.isoformat()},
            )  # fmt: skip
    except IntegrityError as error:
        raise refusal("transfer_used", field="transfer", value=transfer) from error
    return reconciliation(reconciliation_id)[0]


def _by_unit(found: DayReconciliation, amount: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The money of the day by unit, and what of it a gateway kept: nothing where it transferred the whole and sends an
    invoice for its fees."""
    if gateway_of(found.counterparty):
        amounts, fees = by_unit(gateway_of(found.counterparty), found.on)
        return amounts, [] if amount == found.their_amount else fees
    partner = int(found.counterparty.partition(":")[2])
    with connection.cursor() as cursor:
        cursor.execute(BY_UNIT_SQL, {"partner": partner, "on": found.on, "day": found.pk})
        return list(cursor.fetchall()), []
