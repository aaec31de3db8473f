"""A difference of a bank's day that nobody can explain yet goes into suspense, so that the day can settle.

What the bank's file has and our books do not: money without an owner. What our books have and the file does not: money
that is missed; the customer's payment stands until a second person takes it back. Both are cleared once the day's
transfer has come.
"""

from datetime import date

from django.db import connection

from gridhall.columns.arrays import column_cursor
from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.ledger.public import IN_TRANSIT, SuspenseMove, guard_periods, post_suspended
from gridhall.payments.day_comparing import AMOUNT_DIFFERS, OTHER_DAY, OURS_ONLY, THEIRS_ONLY
from gridhall.payments.partner_models import DayDifference, DayReconciliation, PartnerSerial
from gridhall.payments.partners import PartnerView, partner_of
from gridhall.payments.queries import receipt
from gridhall.payments.refusals import refusal
from gridhall.payments.statement_models import SuspenseItem
from gridhall.payments.statements import first_open_day
from gridhall.territory import public as territory

# A payment that stands under a partner's serial: its day, and whether there is one at all.
STANDS_SQL = """
SELECT s.bank_on
FROM payments_partnerserial AS s
JOIN payment_key AS k ON k.account_id = s.account_id AND k.key = concat_ws(':', 'bank', s.partner_id, s.serial)
JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2 AND r.method <> 6
WHERE s.partner_id = %s AND s.serial = %s AND r.no IS NULL
"""


def suspend(day: DayReconciliation, each: DayDifference) -> int:
    """Put the money of a difference into suspense in the open transaction; 0, since no payment is made.

    Refuses bad_act where the books have changed since the day was compared; period_closed.
    """
    partner = partner_of(day.counterparty)
    sent = PartnerSerial.objects.select_for_update().filter(partner_id=partner.id, serial=each.serial).first()
    _refuse_changed(day, each, partner, sent)
    closed = guard_periods(connection.connection)
    today = clock.today()
    moves = []
    for side, amount, unit in _sides(each, partner):
        least = first_open_day(closed.get(unit, 0))
        if today < least:
            raise refusal("period_closed", field="on", value=day.on)
        on: date = day.on if day.on >= least else today
        item, made = SuspenseItem.objects.get_or_create(
            difference_id=each.pk, side=side,
            defaults={"unit_id": unit, "amount": amount, "open": amount, "on": on, "made_at": clock.now()},
        )  # fmt: skip
        if made:
            moves.append(SuspenseMove(item.pk, unit, amount, on, IN_TRANSIT))
    post_suspended(column_cursor(connection.connection), moves)
    return 0


def _sides(each: DayDifference, partner: PartnerView) -> list[tuple[str, int, int]]:
    """(side, amount with its sign, unit) of what goes into suspense."""
    over = each.their_amount - each.our_amount
    if each.kind in (THEIRS_ONLY, OTHER_DAY):
        return [("theirs", each.their_amount, _unit_of(each.account_id, partner))]
    unit = receipt(each.account_id, each.payment_no).payment.unit_id
    if each.kind == OURS_ONLY:
        return [("ours", -each.our_amount, unit)]
    if each.kind == AMOUNT_DIFFERS and over > 0:
        return [("theirs", over, unit)]
    return [("theirs", each.their_amount, unit), ("ours", -each.our_amount, unit)]


def _unit_of(account_id: int, partner: PartnerView) -> int:
    """The unit of the account, where the partner may take money for it; else the first of the partner's units."""
    view = customers.accounts([account_id]).get(account_id) if account_id else None
    if view is not None and partner.sees_unit(view.unit_id):
        return view.unit_id
    return min(partner.units) if partner.units else min(unit.id for unit in territory.units())


def _refuse_changed(
    day: DayReconciliation, each: DayDifference, partner: PartnerView, sent: PartnerSerial | None
) -> None:
    """Refuse what is not any more as it was compared: booked, moved or reversed since."""
    with connection.cursor() as cursor:
        cursor.execute(STANDS_SQL, [partner.id, each.serial])
        stands = [row[0] for row in cursor.fetchall()]
    if each.kind == THEIRS_ONLY:
        changed = bool(stands)
    elif each.kind == OTHER_DAY:
        changed = day.on in stands
    else:
        changed = stands != [day.on] or sent is None or sent.account_id != each.account_id
    if changed:
        raise refusal("bad_act", field="act", value=each.act)
