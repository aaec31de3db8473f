"""What is done about money in suspense besides giving it to customers: sent back, confirmed, charged as a fee, netted;
and payments that were made from it taken back. Where money leaves the house or a customer, a second person decides."""

from collections.abc import Callable
from datetime import date

from django.db import IntegrityError, connection, transaction

from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import (
    BANK,
    BANK_CHARGES,
    IN_TRANSIT,
    SuspenseMove,
    guard_periods,
    in_order,
    post_suspense_cleared,
    prepare,
)
from gridhall.payments.booked_before import DAYS_BACK, Booked, booked_before
from gridhall.payments.clearing import is_settled, printable, take_open
from gridhall.payments.refusals import refusal
from gridhall.payments.reversing import take_back
from gridhall.payments.statement_data import ActView, SuspenseView
from gridhall.payments.statement_models import SuspenseAct, SuspenseItem
from gridhall.payments.statements import first_open_day
from gridhall.payments.suspense_queries import act_view, item_within, items_by_id

PAY, BACK, KNOWN, FEE, NET, UNDO, AGAIN = "pay", "back", "known", "fee", "net", "undo", "again"
ASKED, AGREED, DONE, DECLINED, UNDONE = "asked", "agreed", "done", "declined", "undone"
NOTE_LEAST = 2  # two characters are a reason in Chinese


def return_reference(act_id: int) -> str:
    """What the order to send money back must carry, so that its line on a statement is known again."""
    return f"RT{act_id:08d}"


def ask_act(actor: Actor, item_id: int, kind: str, amount: int, note: str) -> ActView:
    """Ask that money be sent `back` to who sent it, that it be a `fee` (or interest) of the bank, or that a payment
    which the bank never had be taken back (`undo`). A second person decides.

    `amount`: minor units, with the item's sign. Refuses: not_allowed, unknown_item, bad_act, wrong_side,
    reason_missing, more_than_free, day_not_settled.
    """
    actor.require("tills.all")
    if kind not in (BACK, FEE, UNDO):
        raise refusal("bad_act", field="kind", value=ascii(kind[:20]))
    if len(note.strip()) < NOTE_LEAST:
        raise refusal("reason_missing", field="note")
    with transaction.atomic():
        item = _held(actor, item_id)
        _refuse_side(item, kind, amount)
        if item.reconciliation_id and not is_settled(item.reconciliation_id):
            raise refusal("day_not_settled", field="item", value=item_id)
        made = SuspenseAct.objects.create(
            item_id=item_id, kind=kind, amount=amount, note=printable(note.strip())[:300], made_by=actor.id,
            made_by_name=actor.name, made_at=clock.now(),
            account_id=item.payment_account if kind == UNDO else 0, payment_no=item.payment_no if kind == UNDO else 0,
        )  # fmt: skip
        audit.record(
            actor, f"suspense.ask_{kind}", f"suspense:{item_id}", after={"act": made.pk, "amount": amount},
            reason=made.note,
        )  # fmt: skip
    return act_view(made)


def _held(actor: Actor, item_id: int) -> SuspenseView:
    """The item, held till the transaction ends."""
    list(SuspenseItem.objects.select_for_update().filter(pk=item_id).values_list("pk"))
    return item_within(actor, item_id)


def _refuse_side(item: SuspenseView, kind: str, amount: int) -> None:
    if (kind == BACK and item.amount < 0) or (kind == UNDO and not (item.side == "ours" and item.payment_no)):
        raise refusal("wrong_side", field="kind", value=kind)
    if kind == UNDO and amount != item.amount:
        raise refusal("more_than_free", field="amount", value=amount)
    if kind == FEE and not item.statement_id:
        raise refusal("wrong_side", field="kind", value=kind)
    _refuse_amount(item, amount)


def _refuse_amount(item: SuspenseView, amount: int) -> None:
    if amount == 0 or (amount > 0) != (item.amount > 0):
        raise refusal("wrong_side", field="amount", value=amount)
    if abs(amount) > abs(item.free):
        raise refusal("more_than_free", field="amount", value=amount)


def ask_again(actor: Actor, item_id: int, act_id: int, note: str) -> ActView:
    """Ask that what an account got from suspense go back into it, because it was not meant for that account. A second
    person decides. Refuses: not_allowed, unknown_item, unknown_act, reason_missing."""
    actor.require("tills.all")
    if len(note.strip()) < NOTE_LEAST:
        raise refusal("reason_missing", field="note")
    with transaction.atomic():
        item = _held(actor, item_id)
        paid = SuspenseAct.objects.filter(pk=act_id, item_id=item.id, kind=PAY, state=DONE).first()
        if paid is None or _put_back(paid, (ASKED, DONE)):
            raise refusal("unknown_act", field="act", value=act_id)
        made = SuspenseAct.objects.create(
            item_id=item_id, kind=AGAIN, amount=-paid.amount, account_id=paid.account_id, payment_no=paid.payment_no,
            other_id=paid.pk, note=printable(note.strip())[:300], made_by=actor.id, made_by_name=actor.name,
            made_at=clock.now(),
        )  # fmt: skip
        audit.record(
            actor, "suspense.ask_again", f"suspense:{item_id}", reason=made.note,
            after={"act": made.pk, "account": paid.account_id, "payment": paid.payment_no, "amount": paid.amount},
        )  # fmt: skip
    return act_view(made)


def _put_back(paid: SuspenseAct, states: tuple[str, ...]) -> bool:
    return SuspenseAct.objects.filter(kind=AGAIN, other_id=paid.pk, state__in=states).exists()


def decide_act(actor: Actor, act_id: int, *, approve: bool, reason: str = "") -> ActView:
    """A second person's word. A return is `agreed`: the order to the bank carries `return_reference`, and is booked
    when its line comes on a statement. The others are booked at once.

    Refuses: not_allowed, unknown_act, second_person_needed, reason_missing (to decline), more_than_free,
    already_reversed, period_closed.
    """
    actor.require("refunds.approve")
    if not approve and len(reason.strip()) < NOTE_LEAST:
        raise refusal("reason_missing", field="reason")
    today = clock.today()
    prepare(today.year * 100 + today.month, today)

    def decide() -> ActView:
        closed = guard_periods(connection.connection)
        waiting = SuspenseAct.objects.filter(pk=act_id, state=ASKED).first()
        if waiting is None:
            raise refusal("unknown_act", field="act", value=act_id)
        item = _held(actor, waiting.item_id)
        found = SuspenseAct.objects.select_for_update().filter(pk=act_id, state=ASKED).first()
        if found is None:
            raise refusal("unknown_act", field="act", value=act_id)
        if actor.kind == "staff" and found.made_by == actor.id:
            raise refusal("second_person_needed", field="act", value=act_id)
        found.decided_by_name, found.decided_at = actor.name, clock.now()
        found.state = DECLINED if not approve else AGREED if found.kind == BACK else DONE
        if approve and found.kind != BACK:
            _carry_out(actor, item, found, today, closed.get(item.unit_id, 0))
        found.save()
        audit.record(
            actor, f"suspense.decide_{found.kind}", f"suspense:{item.id}", reason=reason.strip(),
            after={"act": act_id, "state": found.state, "amount": found.amount},
        )  # fmt: skip
        return act_view(found)

    return in_order(decide)


def _carry_out(actor: Actor, item: SuspenseView, found: SuspenseAct, today: date, last_closed: int) -> None:
    """Book a fee, a payment taken back that the bank never had, or one that goes back into suspense."""
    if today < first_open_day(last_closed):
        raise refusal("period_closed", field="act", value=found.pk)
    if found.kind in (UNDO, AGAIN):
        reason = f"suspense {item.id}: {found.note}"
        take_back(Actor(actor.kind, actor.name, "suspense", id=actor.id), found.account_id, found.payment_no, reason)
    against = {FEE: BANK_CHARGES, UNDO: IN_TRANSIT}.get(found.kind, BANK)
    found.posted_on = today
    post_suspense_cleared(
        column_cursor(connection.connection), [SuspenseMove(found.pk, item.unit_id, found.amount, today, against)]
    )
    take_open([(item.id, found.amount)])


def could_confirm(item: SuspenseView) -> list[Booked]:
    """Bookings at our bank of the item's amount that no statement has confirmed yet: the item may be their line."""
    if not item.statement_id or item.free != item.amount:
        return []
    return booked_before(item.value_on - DAYS_BACK, item.amount).by_amount.get(item.amount, [])


def confirm(actor: Actor, item_id: int, what: str) -> ActView:
    """The line is the bank's side of what stands on 1002 already (`what`: as in `could_confirm`): it leaves suspense.

    Refuses: not_allowed, unknown_item, nothing_to_confirm, period_closed.
    """
    actor.require("tills.all")
    return _at_once(actor, item_id, KNOWN, lambda item: _confirmed(item, what), confirms=what)


def _confirmed(item: SuspenseView, what: str) -> int:
    if all(each.what != what for each in could_confirm(item)):
        raise refusal("nothing_to_confirm", field="what", value=ascii(what[:40]))
    return item.amount


def _at_once(
    actor: Actor, item_id: int, kind: str, amount_of: Callable[[SuspenseView], int], confirms: str = ""
) -> ActView:
    today = clock.today()
    prepare(today.year * 100 + today.month, today)
    try:
        with transaction.atomic():
            closed = guard_periods(connection.connection)
            item = _held(actor, item_id)
            amount = amount_of(item)
            if today < first_open_day(closed.get(item.unit_id, 0)):
                raise refusal("period_closed", field="item", value=item_id)
            made = _done(actor, item, kind, amount, today, confirms=confirms)
    except IntegrityError as error:
        raise refusal("nothing_to_confirm", field="what", value=ascii(confirms)) from error
    return act_view(made)


def _done(
    actor: Actor, item: SuspenseView, kind: str, amount: int, today: date, *, confirms: str = "", other_id: int = 0
) -> SuspenseAct:
    moment = clock.now()
    made = SuspenseAct.objects.create(
        item_id=item.id, kind=kind, amount=amount, state=DONE, confirms=confirms, other_id=other_id, made_by=actor.id,
        made_by_name=actor.name, made_at=moment, posted_on=today,
    )  # fmt: skip
    move = SuspenseMove(made.pk, item.unit_id, amount, today)
    post_suspense_cleared(column_cursor(connection.connection), [move])
    take_open([(item.id, amount)])
    audit.record(
        actor, f"suspense.{kind}", f"suspense:{item.id}",
        after={"amount": amount, "confirms": confirms, "other": other_id},
    )  # fmt: skip
    return made


def net(actor: Actor, item_id: int, other_id: int) -> ActView:
    """Money without an owner against money that is missed: the smaller of the two ends. A return that the bank has
    carried out is netted by itself (`settle_returns`).

    Refuses: not_allowed, unknown_item, wrong_side, more_than_free (one has nothing left), day_not_settled,
    period_closed.
    """
    actor.require("tills.all")
    today = clock.today()
    prepare(today.year * 100 + today.month, today)
    with transaction.atomic():
        closed = guard_periods(connection.connection)
        list(SuspenseItem.objects.select_for_update().filter(pk__in=[item_id, other_id]).order_by("pk"))
        item, other = item_within(actor, item_id), item_within(actor, other_id)
        if (item.amount > 0) == (other.amount > 0):
            raise refusal("wrong_side", field="other", value=other_id)
        amount = min(abs(item.free), abs(other.free))
        if amount == 0:
            raise refusal("more_than_free", field="other", value=other_id)
        for each in (item, other):
            if today < first_open_day(closed.get(each.unit_id, 0)):
                raise refusal("period_closed", field="item", value=each.id)
            if each.reconciliation_id and not is_settled(each.reconciliation_id):
                raise refusal("day_not_settled", field="item", value=each.id)
        sign = 1 if item.amount > 0 else -1
        made = _done(actor, item, NET, sign * amount, today, other_id=other.id)
        _done(actor, other, NET, -sign * amount, today, other_id=item.id)
    return act_view(made)


def settle_returns(actor: Actor) -> int:
    """Find the lines by which the bank has sent money back as agreed, by their reference and amount, and end both;
    how many."""
    done = 0
    for act in SuspenseAct.objects.filter(kind=BACK, state=AGREED).order_by("pk"):
        reference = return_reference(act.pk)
        lines = SuspenseItem.objects.filter(open=-act.amount, entry__text__contains=reference).order_by("pk")
        line = lines.values_list("pk", flat=True).first()
        if line is not None:
            try:
                done += _sent(actor, act.pk, line)
            except Refusal:
                continue  # its month was closed meanwhile: it stays as it is and is looked at by a person
    return done


def _sent(actor: Actor, act_id: int, line_id: int) -> int:
    today = clock.today()
    prepare(today.year * 100 + today.month, today)
    with transaction.atomic():
        closed = guard_periods(connection.connection)
        act = SuspenseAct.objects.get(pk=act_id)
        list(SuspenseItem.objects.select_for_update().filter(pk__in=[act.item_id, line_id]).order_by("pk"))
        act = SuspenseAct.objects.select_for_update().get(pk=act_id)
        items = items_by_id([act.item_id, line_id])
        item, line = items[act.item_id], items[line_id]
        if act.state != AGREED or line.free != -act.amount:
            return 0
        for each in (item, line):
            if today < first_open_day(closed.get(each.unit_id, 0)):
                raise refusal("period_closed", field="item", value=each.id)
        act.state, act.other_id, act.posted_on = DONE, line.id, today
        act.save(update_fields=["state", "other_id", "posted_on"])
        post_suspense_cleared(
            column_cursor(connection.connection), [SuspenseMove(act.pk, item.unit_id, act.amount, today)]
        )
        take_open([(item.id, act.amount)])
        _done(actor, line, NET, line.amount, today, other_id=item.id)
    return 1
