"""Agreements to pay a debt by dated parts (分期协议): the debt stays in its open items, the parts say by when.

What is open of the items that a plan covers shows how far it has been paid, whoever pays and through whatever door.
A part that is not paid when its day and the days of grace are over breaks the plan: all that is left is due at once,
and late charge accrues again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db import IntegrityError, connection, transaction
from django.db.models import Case, When

from gridhall.columns.arrays import column_cursor, tell
from gridhall.kernel import audit, clock, outbox
from gridhall.kernel.access import Actor, system
from gridhall.ledger.public import (
    ITEM_BILL,
    Facts,
    accrue_late,
    end_plan_excuse,
    excuse_plan,
    read_facts,
    take_number,
    writing,
)
from gridhall.payments.act_models import InstalmentItem, InstalmentPart, InstalmentPlan, InstalmentTerm
from gridhall.payments.refusals import refusal

KEPT, FULFILLED, BROKEN, ENDED = "kept", "fulfilled", "broken", "ended"

# The parts of plans, each with what is left open of the items that its plan covers.
PARTS_SQL = """
SELECT part.plan_id, part.n, part.due_on, part.amount, coalesce(rest.open, 0)
FROM payments_instalmentpart AS part LEFT JOIN (
    SELECT p.plan_id, sum(least(i.open, p.amount))::bigint AS open
    FROM payments_instalmentitem AS p
    JOIN payments_instalmentplan AS plan ON plan.id = p.plan_id
    JOIN open_item AS i ON i.account_id = plan.account_id AND i.period = p.period AND i.kind = p.kind AND i.seq = p.seq
    WHERE p.plan_id = ANY(%(plans)s) GROUP BY p.plan_id
) AS rest ON rest.plan_id = part.plan_id
WHERE part.plan_id = ANY(%(plans)s) ORDER BY part.plan_id, part.n
"""

Parts = Sequence[tuple[date, int]]


@dataclass(frozen=True)
class PartView:
    """A part of a plan: `paid` of its `amount` so far (parts are paid in their order)."""

    n: int
    due_on: date
    amount: int
    paid: int

    @property
    def open(self) -> int:
        return self.amount - self.paid


@dataclass(frozen=True)
class PlanView:
    """An agreement to pay by parts. `state`: kept | fulfilled | broken | ended; `left`: still open of `total`."""

    id: int
    account_id: int
    unit_id: int
    total: int
    left: int
    made_on: date
    state: str
    ended_on: date | None
    grace_days: int
    late_stopped: bool
    parts: tuple[PartView, ...]

    @property
    def next_part(self) -> PartView | None:
        """The part that is to be paid next; None when nothing is left or the plan is over."""
        if self.state != KEPT:
            return None
        return next((each for each in self.parts if each.open), None)


def terms_on(day: date) -> InstalmentTerm:
    """The terms of plans made on a day. Refuses unknown_term."""
    found = InstalmentTerm.objects.filter(since__lte=day).order_by("-since").first()
    if found is None:
        raise refusal("unknown_term", field="since", value=day)
    return found


def split_evenly(amount: int, count: int, first: date) -> list[tuple[date, int]]:
    """A proposal: `count` parts a month apart that come to `amount` exactly; what does not divide is in the first."""
    part, days = amount // count, []
    for n in range(count):
        month = first.month - 1 + n
        year, month = first.year + month // 12, month % 12 + 1
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        days.append(date(year, month, min(first.day, last)))
    return [(day, part + (amount - part * count if n == 0 else 0)) for n, day in enumerate(days)]


def refuse_parts(parts: Parts, amount: int, today: date) -> None:
    """Refuse parts that are not a plan for `amount`: parts_differ, bad_parts, too_many_parts."""
    term = terms_on(today)
    days = [day for day, _ in parts]
    if not parts or any(part <= 0 for _, part in parts) or days[0] <= today:
        raise refusal("bad_parts", field="parts")
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise refusal("bad_parts", field="parts")
    if len(parts) > term.parts_most or (days[-1] - today).days > term.days_most:
        raise refusal("too_many_parts", field="parts", value=len(parts))
    if sum(part for _, part in parts) != amount:
        raise refusal("parts_differ", field="parts", value=sum(part for _, part in parts))


def make_plan(actor: Actor, facts: Facts, parts: Parts, amount: int) -> int:
    """Make a plan for all that the one account held in `facts` owes, late charge up to today included: its id.

    Runs in the open transaction. Refuses: nothing_owed, changed_since (the debt is not `amount`), plan_kept, bad_parts.
    """
    today = clock.today()
    refuse_parts(parts, amount, today)
    raw = connection.connection
    account = int(facts.held.account_id[0])
    number = take_number(column_cursor(raw))
    tell(raw, [writing(accrue_late(facts.held, facts.items, number, today), clock.now())])
    facts = read_facts(raw, facts.held.account_id, [], [])
    items = [(int(row[1]), int(row[2]), int(row[3]), int(row[7])) for row in facts.items.rows()]
    if not items:
        raise refusal("nothing_owed", field="account_id", value=account)
    if sum(open_ for *_, open_ in items) != amount:
        raise refusal("changed_since", field="amount", value=sum(open_ for *_, open_ in items))
    term = terms_on(today)
    try:
        with transaction.atomic():
            plan = InstalmentPlan.objects.create(
                account_id=account, unit_id=int(facts.held.unit_id[0]), total=amount, made_on=today,
                grace_days=term.grace_days,
            )  # fmt: skip
    except IntegrityError as error:
        raise refusal("plan_kept", field="account_id", value=account) from error
    InstalmentPart.objects.bulk_create(
        InstalmentPart(plan=plan, n=n, due_on=day, amount=part) for n, (day, part) in enumerate(parts, 1)
    )
    InstalmentItem.objects.bulk_create(
        InstalmentItem(plan=plan, period=period, kind=kind, seq=seq, amount=open_) for period, kind, seq, open_ in items
    )
    if not term.late_while_kept:
        bills = [(period, seq) for period, kind, seq, _ in items if kind == ITEM_BILL]
        excuse_plan(actor, plan.pk, account, bills)
        InstalmentPlan.objects.filter(pk=plan.pk).update(late_stopped=True)
    told = {"plan": plan.pk, "amount": amount, "unit": plan.unit_id, "next": parts[0][0].isoformat()}
    outbox.publish("plan_made", told, (account, account))
    return int(plan.pk)


def end_plan(actor: Actor, plan_id: int, reason: str) -> PlanView:
    """End a plan that is being kept, by agreement: what is left is owed as any debt. Refuses: not_allowed,
    reason_missing, unknown_plan."""
    actor.require("refunds.approve")
    if len(reason.strip()) < 3:
        raise refusal("reason_missing", field="reason")
    with transaction.atomic():
        plan = InstalmentPlan.objects.select_for_update().filter(pk=plan_id, state=KEPT).first()
        if plan is None or not actor.sees_unit(plan.unit_id):
            raise refusal("unknown_plan", field="plan", value=plan_id)
        _over(actor, plan, ENDED, reason.strip())
    return plan_view(plan_id)


def follow_plans(today: date | None = None, account_ids: Iterable[int] | None = None) -> list[PlanView]:
    """Look at the plans that are being kept: those paid whole are fulfilled, those with a part unpaid after its days of
    grace are broken. The ones that changed. Called daily (`payments.tasks`); safe to repeat."""
    day = today or clock.today()
    wanted = InstalmentPlan.objects.filter(state=KEPT)
    if account_ids is not None:
        wanted = wanted.filter(account_id__in=list(account_ids))
    changed = []
    for plan_id in wanted.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            plan = InstalmentPlan.objects.select_for_update().filter(pk=plan_id, state=KEPT).first()
            state = _state_now(plan, day) if plan else KEPT
            if plan is None or state == KEPT:
                continue
            _over(system("plans"), plan, state, "")
            changed.append(plan_id)
    return [plan_view(each) for each in changed]


def follow_plan(account_id: int) -> None:
    """Look at the plan of one account, in the open transaction."""
    follow_plans(account_ids=[account_id])


def _state_now(plan: InstalmentPlan, day: date) -> str:
    view = _views([plan])[0]
    if view.left == 0:
        return FULFILLED
    late = [part for part in view.parts if part.open and part.due_on + timedelta(days=plan.grace_days) < day]
    return BROKEN if late else KEPT


def _over(actor: Actor, plan: InstalmentPlan, state: str, reason: str) -> None:
    plan.state, plan.ended_on = state, clock.today()
    plan.save(update_fields=["state", "ended_on"])
    end_plan_excuse(plan.pk)
    audit.record(actor, f"payments.plan_{state}", f"account:{plan.account_id}", after={"plan": plan.pk}, reason=reason)
    told = {"plan": plan.pk, "unit": plan.unit_id}
    outbox.publish(f"plan_{state}", told, (plan.account_id, plan.account_id))


def plan_view(plan_id: int) -> PlanView:
    """A plan. Refuses unknown_plan."""
    found = InstalmentPlan.objects.filter(pk=plan_id).first()
    if found is None:
        raise refusal("unknown_plan", field="plan", value=plan_id)
    return _views([found])[0]


def plan_of(account_id: int) -> PlanView | None:
    """The plan of an account: the one being kept, or the last there was."""
    kept_first = Case(When(state=KEPT, then=0), default=1)
    found = InstalmentPlan.objects.filter(account_id=account_id).order_by(kept_first, "-pk").first()
    return _views([found])[0] if found else None


def plan_kept(account_id: int) -> PlanView | None:
    """The plan of an account that is being kept."""
    found = InstalmentPlan.objects.filter(account_id=account_id, state=KEPT).first()
    return _views([found])[0] if found else None


def plans(unit_ids: Iterable[int] | None = None, kept_only: bool = True, limit: int = 200) -> list[PlanView]:
    """Plans of some units (None: all), the latest first."""
    found = InstalmentPlan.objects.order_by("-pk")
    if unit_ids is not None:
        found = found.filter(unit_id__in=list(unit_ids))
    if kept_only:
        found = found.filter(state=KEPT)
    return _views(list(found[:limit]))


def _views(found: Sequence[InstalmentPlan]) -> list[PlanView]:
    parts: dict[int, list[tuple[int, date, int]]] = {}
    left: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(PARTS_SQL, {"plans": [each.pk for each in found]})
        for plan_id, n, due_on, amount, rest in cursor.fetchall():
            parts.setdefault(plan_id, []).append((n, due_on, amount))
            left[plan_id] = rest
    return [
        PlanView(
            each.pk, each.account_id, each.unit_id, each.total, left[each.pk], each.made_on, each.state, each.ended_on,
            each.grace_days, each.late_stopped, _paid_in_order(parts[each.pk], each.total - left[each.pk]),
        )
        for each in found
    ]  # fmt: skip


def _paid_in_order(parts: Sequence[tuple[int, date, int]], paid: int) -> tuple[PartView, ...]:
    views = []
    for n, due_on, amount in parts:
        views.append(PartView(n, due_on, amount, min(amount, paid)))
        paid -= views[-1].paid
    return tuple(views)
