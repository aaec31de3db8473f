"""Day-end reconciliation (日终对账): a counterparty's file of a day against our books, what is to be done about each
difference, and a second person's release."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction

from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments.day_acts import done_for, prepare_acts
from gridhall.payments.day_comparing import ACTS, LEAVE, OTHER_DAY, Difference, OurRow, TheirRow, compare
from gridhall.payments.gateway_books import gateway_of, keep_fees, on_other_days
from gridhall.payments.partner_models import DayDifference, DayReconciliation
from gridhall.payments.partners import PartnerView, partner_of, require_reach
from gridhall.payments.refusals import refusal

PROPOSED, RELEASING, RELEASED, SETTLED, REPLACED = "proposed", "releasing", "released", "settled", "replaced"
OPEN, DONE = "open", "done"

# What stands in our books under a partner's serials, without what was reversed. What was moved to another account
# (method 6) came all the same: its money is with the partner.
STANDING_SQL = """
SELECT s.serial, s.account_id, p.no, p.amount
FROM payments_partnerserial AS s
JOIN payment_key AS k ON k.account_id = s.account_id AND k.key = concat_ws(':', 'bank', s.partner_id, s.serial)
JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no
LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2 AND r.method <> 6
WHERE s.partner_id = %s AND r.no IS NULL
"""
OUR_DAY_SQL = STANDING_SQL + "AND s.bank_on = %s ORDER BY s.serial"  # by the day of the partner's books
OTHER_DAYS_SQL = STANDING_SQL + "AND s.bank_on <> %s AND s.serial = ANY(%s)"


@dataclass(frozen=True)
class ReconciliationView:
    """The books of a day compared: fields as of `DayReconciliation`; `open_count`: differences not settled yet;
    `their_fee`: what a gateway keeps of the day."""

    id: int
    counterparty: str
    on: date
    state: str
    file_name: str
    their_count: int
    their_amount: int
    their_fee: int
    our_count: int
    our_amount: int
    both_count: int
    both_amount: int
    made_by: int
    made_by_name: str
    made_at: datetime
    released_by_name: str
    released_at: datetime | None
    settled_by_name: str
    settled_on: date | None
    transfer: str
    differences: int
    open_count: int


@dataclass(frozen=True)
class DifferenceView:
    """A payment on which the books differ: fields as of `DayDifference`; `acts`: what may be done about it."""

    id: int
    kind: str
    serial: str
    account_number: str
    account_id: int
    their_amount: int
    our_amount: int
    payment_no: int
    act: str
    acts: tuple[str, ...]
    chosen_by: int
    state: str
    done_no: int
    said: str


def our_day(partner: PartnerView, on: date) -> list[OurRow]:
    """What stands in our books of a day of a partner's books, by serial."""
    return _standing(OUR_DAY_SQL, [partner.id, on])


def _on_other_days(counterparty: str, on: date, serials: set[str]) -> list[OurRow]:
    """What stands under these serials on other days of the counterparty's books."""
    if not serials:
        return []
    if gateway_of(counterparty):
        return on_other_days(gateway_of(counterparty), on, sorted(serials))
    return _standing(OTHER_DAYS_SQL, [partner_of(counterparty).id, on, sorted(serials)])


def _standing(sql: str, asked: Sequence[int | date | list[str]]) -> list[OurRow]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        rows = cursor.fetchall()
    numbers = customers.account_numbers({account for _, account, *_ in rows})
    return [OurRow(serial, account, numbers.get(account, ""), no, amount) for serial, account, no, amount in rows]


def reconcile_day(
    actor: Actor, counterparty: str, on: date, theirs: Sequence[TheirRow], ours: Sequence[OurRow], file_name: str,
    data: bytes, fees: Mapping[str, int] | None = None,
) -> ReconciliationView:  # fmt: skip
    """Compare a day and propose an act for each difference; nothing is booked yet. `fees`: what a gateway keeps, by
    serial.

    Before the release a corrected file takes the place of the one before. Refuses: not_allowed, day_not_over,
    day_reconciled (released already, or the same file again), day_file_double (row, field).
    """
    actor.require("tills.all")
    require_reach(actor, counterparty)
    if on >= clock.today():
        raise refusal("day_not_over", field="on", value=on)
    _refuse_double(theirs)
    digest = hashlib.sha256(data).hexdigest()
    elsewhere = _on_other_days(counterparty, on, {each.serial for each in theirs} - {each.serial for each in ours})
    compared = compare(theirs, ours, elsewhere)
    ids = _bookable(counterparty, {each.theirs.account_number for each in compared.differences if each.theirs})
    awaited = _awaited(counterparty)
    try:
        with transaction.atomic():
            before = DayReconciliation.objects.select_for_update().filter(counterparty=counterparty, on=on)
            standing = before.exclude(state=REPLACED).first()
            if standing and (standing.state != PROPOSED or standing.file_digest == digest):
                raise refusal("day_reconciled", field="on", value=on)
            if standing:
                standing.state = REPLACED
                standing.save(update_fields=["state"])
            made = DayReconciliation.objects.create(
                counterparty=counterparty, on=on, file_name=file_name[:120], file_digest=digest,
                their_count=compared.their_count, their_amount=compared.their_amount, our_count=compared.our_count,
                our_amount=compared.our_amount, both_count=compared.both_count, both_amount=compared.both_amount,
                made_by=actor.id, made_by_name=actor.name, made_at=clock.now(),
                their_fee=sum((fees or {}).values()),
            )  # fmt: skip
            if fees:
                keep_fees(gateway_of(counterparty), fees)
            DayDifference.objects.bulk_create(
                DayDifference(
                    reconciliation=made, kind=each.kind, serial=each.serial,
                    account_number=(each.theirs or each.ours).account_number,  # type: ignore[union-attr]  # one is there
                    account_id=each.ours.account_id if each.ours else ids.get(each.theirs.account_number, 0),  # type: ignore[union-attr]
                    about=each.theirs.about if each.theirs else "",
                    their_amount=each.theirs.amount if each.theirs else 0,
                    our_amount=each.ours.amount if each.ours else 0,
                    payment_no=each.ours.payment_no if each.ours else 0,
                    act=_proposed(each, ids, awaited),
                )
                for each in compared.differences
            )  # fmt: skip
            audit.record(
                actor, "payments.reconcile", f"reconciliation:{made.pk}",
                after={"counterparty": counterparty, "on": on.isoformat(), "theirs": compared.their_amount,
                       "ours": compared.our_amount, "differences": len(compared.differences)},
            )  # fmt: skip
    except IntegrityError as error:  # somebody else brought a file of this day at the same moment
        raise refusal("day_reconciled", field="on", value=on) from error
    return reconciliation(made.pk)[0]


def _bookable(counterparty: str, numbers: set[str]) -> dict[str, int]:
    """Accounts by number, of those that the counterparty may take money for."""
    ids = customers.account_ids(numbers)
    if not (ids and counterparty.startswith("bank:")):
        return ids
    partner, views = partner_of(counterparty), customers.accounts(ids.values())
    return {number: each for number, each in ids.items() if partner.sees_unit(views[each].unit_id)}


def _awaited(counterparty: str) -> set[str]:
    """Serials that the counterparty's file of another day has, and that are to be counted there."""
    days = DayReconciliation.objects.filter(counterparty=counterparty).exclude(state__in=[REPLACED, SETTLED])
    waiting = DayDifference.objects.filter(reconciliation__in=days, kind=OTHER_DAY, state=OPEN)
    return set(waiting.values_list("serial", flat=True))


def _proposed(each: Difference, ids: dict[str, int], awaited: set[str]) -> str:
    if each.ours is None:
        return each.act if each.theirs and ids.get(each.theirs.account_number) else LEAVE
    return LEAVE if each.theirs is None and each.serial in awaited else each.act


def _refuse_double(theirs: Iterable[TheirRow]) -> None:
    seen = set()
    for row, each in enumerate(theirs):
        if each.serial in seen:
            raise refusal("day_file_double", field="serial", row=row, value=each.serial)
        seen.add(each.serial)


def choose_act(actor: Actor, difference_id: int, act: str) -> None:
    """Choose what is to be done about a difference that is open; a second person releases it. Refuses: not_allowed,
    unknown_difference, bad_act, wrong_reconciliation_state (while the day is being released, or is settled)."""
    actor.require("tills.all")
    with transaction.atomic():
        found = DayDifference.objects.select_for_update().filter(pk=difference_id, state=OPEN).first()
        if found is None:
            raise refusal("unknown_difference", field="difference", value=difference_id)
        if act not in ACTS[found.kind]:
            raise refusal("bad_act", field="act", value=act)
        day = DayReconciliation.objects.select_for_update().get(pk=found.reconciliation_id)
        require_reach(actor, day.counterparty)
        if day.state not in (PROPOSED, RELEASED):
            raise refusal("wrong_reconciliation_state", field="reconciliation", value=day.pk)
        before, found.act, found.chosen_by = found.act, act, actor.id
        found.save(update_fields=["act", "chosen_by"])
        audit.record(
            actor, "payments.choose_act", f"reconciliation:{found.reconciliation_id}",
            before={"serial": found.serial, "act": before}, after={"serial": found.serial, "act": act},
        )  # fmt: skip


def release_day(actor: Actor, reconciliation_id: int) -> ReconciliationView:
    """A second person's word: each open difference is dealt with as proposed or chosen; what is left to ask about stays
    open, and so does what the books refuse (`said`), to be chosen and released again.

    Meanwhile no corrected file and no other choice is taken. Refuses: not_allowed, unknown_reconciliation,
    wrong_reconciliation_state, second_person_needed. Killed in between, it is simply released again: each act is
    committed with the note that it was done.
    """
    actor.require("refunds.approve")
    prepare_acts(_begin_release(actor, reconciliation_id))
    waiting = DayDifference.objects.filter(reconciliation_id=reconciliation_id, state=OPEN).exclude(act=LEAVE)
    for each in waiting.order_by("pk").values_list("pk", flat=True):
        _deal_with(actor, each)
    with transaction.atomic():
        found = DayReconciliation.objects.select_for_update().get(pk=reconciliation_id)
        if found.state == RELEASING:
            found.state = RELEASED
            if found.released_at is None:
                found.released_by_name, found.released_at = actor.name, clock.now()
            found.save(update_fields=["state", "released_by_name", "released_at"])
        audit.record(actor, "payments.release_day", f"reconciliation:{reconciliation_id}", after={"state": found.state})
    return reconciliation(reconciliation_id)[0]


def _begin_release(actor: Actor, reconciliation_id: int) -> DayReconciliation:
    with transaction.atomic():
        found = DayReconciliation.objects.select_for_update().filter(pk=reconciliation_id).first()
        if found is None:
            raise refusal("unknown_reconciliation", field="reconciliation", value=reconciliation_id)
        require_reach(actor, found.counterparty)
        if found.state not in (PROPOSED, RELEASING, RELEASED):
            raise refusal("wrong_reconciliation_state", field="reconciliation", value=reconciliation_id)
        chosen = set(found.differences.filter(state=OPEN).values_list("chosen_by", flat=True)) - {0}
        if actor.kind == "staff" and actor.id in {found.made_by, *chosen}:
            raise refusal("second_person_needed", field="reconciliation", value=reconciliation_id)
        found.state = RELEASING
        found.save(update_fields=["state"])
    return found


def _deal_with(actor: Actor, difference_id: int) -> None:
    """Do one act, as it stands now, and note the payment or reversal that it made; what the books refuse is noted by
    its code."""
    with transaction.atomic():
        found = DayDifference.objects.select_for_update().filter(pk=difference_id, state=OPEN).exclude(act=LEAVE)
        each = found.first()
        if each is None or (actor.kind == "staff" and each.chosen_by == actor.id):
            return
        try:
            each.done_no = done_for(actor, each.reconciliation, each)
            each.state, each.said = DONE, ""
        except Refusal as no:
            each.said = no.code
        each.save(update_fields=["state", "done_no", "said"])


def reconciliations(
    counterparty: str = "", on: date | None = None, limit: int = 200, *, among: Iterable[str] | None = None
) -> list[ReconciliationView]:
    """Days compared, the latest day first, without those whose file was replaced; `among`: of these counterparties."""
    found = DayReconciliation.objects.exclude(state=REPLACED).prefetch_related("differences").order_by("-on", "-pk")
    if counterparty:
        found = found.filter(counterparty=counterparty)
    if among is not None:
        found = found.filter(counterparty__in=list(among))
    if on is not None:
        found = found.filter(on=on)
    return [_view(each) for each in found[:limit]]


def reconciliation(reconciliation_id: int) -> tuple[ReconciliationView, list[DifferenceView]]:
    """A day with its differences. Refuses unknown_reconciliation."""
    found = DayReconciliation.objects.prefetch_related("differences").filter(pk=reconciliation_id).first()
    if found is None:
        raise refusal("unknown_reconciliation", field="reconciliation", value=reconciliation_id)
    rows = sorted(found.differences.all(), key=lambda each: each.serial)
    return _view(found), [
        DifferenceView(
            each.pk, each.kind, each.serial, each.account_number, each.account_id, each.their_amount, each.our_amount,
            each.payment_no, each.act, ACTS[each.kind], each.chosen_by, each.state, each.done_no, each.said,
        )
        for each in rows
    ]  # fmt: skip


def _view(found: DayReconciliation) -> ReconciliationView:
    differences = list(found.differences.all())
    return ReconciliationView(
        found.pk, found.counterparty, found.on, found.state, found.file_name, found.their_count, found.their_amount,
        found.their_fee, found.our_count, found.our_amount, found.both_count, found.both_amount, found.made_by,
        found.made_by_name, found.made_at, found.released_by_name, found.released_at, found.settled_by_name,
        found.settled_on, found.transfer, len(differences), sum(each.state == OPEN for each in differences),
    )  # fmt: skip
