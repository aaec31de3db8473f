"""Cash on its way from the tills to the bank: whole till sessions, one slip of the bank, and a second person where the
bank counted something else than the clerks did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction

from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.ledger.public import guard_periods, post_cash_banked, prepare_movements
from gridhall.payments.models import Banking, TillSession
from gridhall.payments.refusals import refusal

PROPOSED, BOOKED, DECLINED = "proposed", "booked", "declined"
SLIP_MOST = 40

# What the tills' sessions hold of the cash of each unit's books: the till's, even for accounts of other units (cash
# taken before units cleared with one another stands in the customer's unit); the difference of the count as well.
CASH_BY_UNIT_SQL = """
SELECT unit_id, sum(amount)::bigint
FROM (
    SELECT coalesce(o.holder_unit, p.unit_id) AS unit_id, CASE p.kind WHEN 1 THEN p.amount ELSE -p.amount END AS amount
    FROM payment AS p LEFT JOIN payments_interunit AS o ON o.number = p.no
    WHERE p.session_id = ANY(%(sessions)s) AND p.session_id > 0 AND p.method = 1
    UNION ALL
    SELECT t.unit_id, s.difference
    FROM payments_tillsession AS s JOIN payments_till AS t ON t.id = s.till_id WHERE s.id = ANY(%(sessions)s)
) AS part
GROUP BY unit_id HAVING sum(amount) <> 0 ORDER BY unit_id
"""

TO_BANK_SQL = """
SELECT s.id, t.code, t.name_en, t.name_zh, t.unit_id, s.clerk_id, s.closed_at, s.counted - s.float_amount
FROM payments_tillsession AS s JOIN payments_till AS t ON t.id = s.till_id
WHERE s.closed_at IS NOT NULL AND s.banking_id IS NULL AND s.counted <> s.float_amount
    AND (%(all)s OR t.unit_id = ANY(%(units)s))
ORDER BY t.unit_id, s.closed_at, s.id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class ToBank:
    """A closed till session whose cash is still in the house: `cash` = counted − float, minor units."""

    session_id: int
    till_code: str
    till_name_en: str
    till_name_zh: str
    unit_id: int
    clerk_id: int
    closed_at: datetime
    cash: int


@dataclass(frozen=True)
class BankingView:
    """Cash brought to the bank. `state`: proposed | booked | declined; `difference` = amount − counted."""

    id: int
    unit_id: int
    amount: int
    counted: int
    slip: str
    banked_on: date
    note: str
    state: str
    made_by: int
    made_by_name: str
    made_at: datetime
    decided_by_name: str
    decided_at: datetime | None

    @property
    def difference(self) -> int:
        return self.amount - self.counted


def cash_to_bank(unit_ids: Iterable[int] | None = None, limit: int = 1000) -> list[ToBank]:
    """Closed till sessions whose cash has not been brought to the bank, of some units (None: all), the oldest first."""
    units = None if unit_ids is None else list(unit_ids)
    with connection.cursor() as cursor:
        cursor.execute(TO_BANK_SQL, {"all": units is None, "units": units or [], "limit": limit})
        return [ToBank(*row) for row in cursor.fetchall()]


def bankings(unit_ids: Iterable[int] | None = None, on: date | None = None, limit: int = 100) -> list[BankingView]:
    """Cash brought to the bank, the latest first: of some units (None: all), on a day."""
    found = Banking.objects.order_by("-banked_on", "-pk")
    if unit_ids is not None:
        found = found.filter(unit_id__in=list(unit_ids))
    if on is not None:
        found = found.filter(banked_on=on)
    return [_view(each) for each in found[:limit]]


def bank_cash(
    actor: Actor, session_ids: Sequence[int], amount: int, slip: str, banked_on: date | None = None, note: str = ""
) -> BankingView:
    """Book that the cash of closed till sessions of one unit is at the bank. `amount`: what the slip says, minor units.

    Where it is not what was counted, the note must say why, nothing is booked yet, and a second person decides
    (`decide_banking`). Refuses: not_allowed, nothing_to_bank, unknown_till, till_still_open, several_units,
    banked_already, slip_missing, slip_used, amount_not_positive, amount_too_large, bad_banking_day, reason_missing,
    period_closed.
    """
    actor.require("tills.all")
    slip, note, today = slip.strip(), note.strip(), clock.today()
    day = banked_on or today
    wanted = sorted(set(session_ids))
    _refuse_words(wanted, amount, slip)
    prepare_movements(day.year * 100 + day.month)
    try:
        with transaction.atomic():
            closed = guard_periods(connection.connection)
            sessions = _sessions(actor, wanted)
            unit_id = sessions[0].till.unit_id
            counted = sum(_cash(each) for each in sessions)
            _refuse_day(sessions, day, today)
            if amount != counted and len(note) < 3:
                raise refusal("reason_missing", field="note")
            made = Banking.objects.create(
                unit_id=unit_id, amount=amount, counted=counted, slip=slip, banked_on=day, note=note[:300],
                state=BOOKED if amount == counted else PROPOSED, made_by=actor.id, made_by_name=actor.name,
                made_at=clock.now(),
            )  # fmt: skip
            TillSession.objects.filter(pk__in=wanted).update(banking=made)
            if made.state == BOOKED:
                _post(made, wanted, closed)
            audit.record(
                actor, "payments.bank_cash", f"banking:{made.pk}", reason=note,
                after={"sessions": wanted, "amount": amount, "counted": counted, "slip": slip, "state": made.state},
            )  # fmt: skip
    except IntegrityError as error:
        if "banking_slip_once" in str(error):
            raise refusal("slip_used", field="slip", value=slip) from error
        raise
    return _view(made)


def decide_banking(actor: Actor, banking_id: int, *, approve: bool, reason: str = "") -> BankingView:
    """A second person's word on cash of which the bank counted another amount: book it with the difference, or decline
    it (the tills' cash is then still to be banked).

    Refuses: not_allowed, unknown_banking, wrong_banking_state, second_person_needed, reason_missing (to decline),
    period_closed.
    """
    actor.require("tills.all")
    with transaction.atomic():
        closed = guard_periods(connection.connection)
        found = Banking.objects.select_for_update().filter(pk=banking_id).first()
        if found is None or not actor.sees_unit(found.unit_id):
            raise refusal("unknown_banking", field="banking_id", value=banking_id)
        if found.state != PROPOSED:
            raise refusal("wrong_banking_state", field="banking_id", value=found.state)
        if found.made_by == actor.id:
            raise refusal("second_person_needed", field="banking_id", value=banking_id)
        if not approve and len(reason.strip()) < 3:
            raise refusal("reason_missing", field="reason")
        found.state, found.decided_by_name, found.decided_at = BOOKED if approve else DECLINED, actor.name, clock.now()
        found.save()
        if approve:
            _post(found, list(found.sessions.values_list("pk", flat=True)), closed)
        else:
            found.sessions.update(banking=None)
        audit.record(
            actor, "payments.decide_banking", f"banking:{found.pk}", after={"state": found.state}, reason=reason.strip()
        )
    return _view(found)


def _cash(session: TillSession) -> int:
    return (session.counted or 0) - session.float_amount


def _refuse_words(wanted: list[int], amount: int, slip: str) -> None:
    if not wanted:
        raise refusal("nothing_to_bank", field="session_ids")
    if amount <= 0:
        raise refusal("amount_not_positive", field="amount", value=amount)
    if amount > 1 << 53:
        raise refusal("amount_too_large", field="amount", value=amount)
    if not slip or len(slip) > SLIP_MOST or not slip.isprintable():
        raise refusal("slip_missing", field="slip", value=ascii(slip[:SLIP_MOST]))


def _sessions(actor: Actor, wanted: list[int]) -> list[TillSession]:
    """The closed sessions, locked; refused where one is not there, open, another unit's or banked already."""
    found = list(
        TillSession.objects.select_for_update(of=("self",)).select_related("till").filter(pk__in=wanted).order_by("pk")
    )
    missing = set(wanted) - {each.pk for each in found if actor.sees_unit(each.till.unit_id)}
    if missing:
        raise refusal("unknown_till", field="session_ids", value=min(missing))
    for each in found:
        if each.till.unit_id != found[0].till.unit_id:
            raise refusal("several_units", field="session_ids", value=each.pk)
        if each.closed_at is None:
            raise refusal("till_still_open", field="session_ids", value=each.pk)
        if each.banking_id is not None:
            raise refusal("banked_already", field="session_ids", value=each.pk)
    return found


def _refuse_day(sessions: list[TillSession], day: date, today: date) -> None:
    """Cash is banked after it was counted, and not in the future."""
    first = max(each.closed_at.astimezone(clock.zone()).date() for each in sessions if each.closed_at)
    if not first <= day <= today:
        raise refusal("bad_banking_day", field="banked_on", value=day)


def _post(banking: Banking, session_ids: list[int], closed: dict[int, int]) -> None:
    day = banking.banked_on
    with connection.cursor() as asking:
        asking.execute(CASH_BY_UNIT_SQL, {"sessions": session_ids})
        by_unit = asking.fetchall()
    for unit in {banking.unit_id, *(unit for unit, _ in by_unit)}:
        if day.year * 100 + day.month <= closed.get(unit, 0):
            raise refusal("period_closed", field="banked_on", value=day)
    difference = banking.amount - banking.counted
    cursor = column_cursor(connection.connection)
    post_cash_banked(cursor, banking.pk, by_unit, banking.unit_id, difference, day)


def _view(found: Banking) -> BankingView:
    return BankingView(
        found.pk, found.unit_id, found.amount, found.counted, found.slip, found.banked_on, found.note, found.state,
        found.made_by, found.made_by_name, found.made_at, found.decided_by_name, found.decided_at,
    )  # fmt: skip
