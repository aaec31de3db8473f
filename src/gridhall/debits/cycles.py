"""The rounds of a unit's debits: planned, issued, announced, put in files, sent, reconciled, tried again, closed."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from django.db import transaction

from gridhall.debits import issuing, telling
from gridhall.debits.data import CycleView
from gridhall.debits.models import HELD, IN_FILE, WAITING, Cycle, HoldAnswer, Withdrawal
from gridhall.debits.queries import cycle_view, debit_of, debits_under_way
from gridhall.debits.refusals import refusal
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor

PLANNED, ISSUED, ANNOUNCED, LOCKED, FILED, RECONCILED, SHUT = (
    "planned", "issued", "announced", "locked", "sent", "reconciled", "closed",
)  # fmt: skip
STATES = (PLANNED, ISSUED, ANNOUNCED, LOCKED, FILED, RECONCILED, SHUT)


def plan_cycle(
    actor: Actor, unit_id: int, debit_on: date, retry_on: Sequence[date] = (), notice_days: int = 3
) -> CycleView:
    """Plan a cycle: the day of debit, the days on which what failed is tried again, and how many days before customers
    are told. Refuses: not_allowed, unknown_cycle (beyond reach), too_late_to_announce, bad_debit_days, cycle_there."""
    actor.require("debits.run")
    if not actor.sees_unit(unit_id):
        raise refusal("unknown_cycle", field="unit", value=unit_id)
    if notice_days < 0 or debit_on - timedelta(days=notice_days) < clock.today():
        raise refusal("too_late_to_announce", field="debit_on", value=debit_on)
    days = [debit_on, *retry_on]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise refusal("bad_debit_days", field="retry_on", value=", ".join(map(str, retry_on)))
    with transaction.atomic():
        if Cycle.objects.filter(unit_id=unit_id, debit_on=debit_on).exclude(state=SHUT).exists():
            raise refusal("cycle_there", field="debit_on", value=debit_on)
        made = Cycle.objects.create(
            unit_id=unit_id, debit_on=debit_on, retry_on=[day.isoformat() for day in retry_on], state=PLANNED,
            notice_days=notice_days, made_by=actor.id, made_by_name=actor.name, made_at=clock.now(),
        )  # fmt: skip
        _note(actor, made, "plan")
    return cycle_view(made)


def held_cycle(actor: Actor, cycle_id: int, *states: str) -> Cycle:
    """The cycle, held to the end of the transaction. Refuses `unknown_cycle` beyond reach, `wrong_cycle_state`."""
    row = Cycle.objects.select_for_update().filter(pk=cycle_id).first()
    if row is None or not actor.sees_unit(row.unit_id):
        raise refusal("unknown_cycle", field="cycle", value=cycle_id)
    if states and row.state not in states:
        raise refusal("wrong_cycle_state", field="state", value=row.state)
    return row


def _note(actor: Actor, cycle: Cycle, what: str, reason: str = "") -> None:
    after = {"state": cycle.state, "debit_on": cycle.debit_on.isoformat(), "attempt": cycle.attempt}
    audit.record(actor, f"debits.{what}", f"debit_cycle:{cycle.pk}", after=after, reason=reason)


def issue(actor: Actor, cycle_id: int, progress: Callable[[int], None] | None = None) -> CycleView:
    """Choose the debts and make the debits, stretch by stretch, each committed with its place: killed anywhere, it is
    simply begun again. Far more than usual or above a mandate's limit is held and asked about (`debit_held`).

    Refuses: not_allowed, unknown_cycle, wrong_cycle_state.
    """
    actor.require("debits.run")
    made = 0
    while True:
        with transaction.atomic():
            cycle = held_cycle(actor, cycle_id, PLANNED)
            done = issuing.issue_stretch(cycle)
            if not done.last:
                cycle.state = ISSUED
                cycle.save(update_fields=["state"])
                telling.tell("debit_held", cycle, cycle.attempt, (HELD,))
                _note(actor, cycle, "issue")
                return cycle_view(cycle)
            cycle.issued_upto = done.last
            cycle.save(update_fields=["issued_upto"])
        made += done.made
        if progress:
            progress(made)


def announce(actor: Actor, cycle_id: int) -> CycleView:
    """Tell the customers, at least `notice_days` before the day: amount and date (`debit_announced`), and those who had
    too little money last time besides (`debit_balance_low`).

    Refuses: not_allowed, unknown_cycle, wrong_cycle_state, too_late_to_announce.
    """
    actor.require("debits.run")
    with transaction.atomic():
        cycle = held_cycle(actor, cycle_id, ISSUED)
        if clock.today() > cycle.debit_on - timedelta(days=cycle.notice_days):
            raise refusal("too_late_to_announce", field="debit_on", value=cycle.debit_on)
        cycle.state, cycle.announced_on = ANNOUNCED, clock.today()
        cycle.save(update_fields=["state", "announced_on"])
        telling.tell("debit_announced", cycle, cycle.attempt, (WAITING,))
        telling.tell_low(cycle, cycle.attempt, (WAITING,))
        _note(actor, cycle, "announce")
    return cycle_view(cycle)


def announce_due() -> int:
    """Announce the cycles whose day to do so has come: how many. Safe to repeat."""
    from gridhall.kernel.access import system

    due = [
        row.pk for row in Cycle.objects.filter(state=ISSUED).order_by("pk")
        if row.debit_on - timedelta(days=row.notice_days) == clock.today()
    ]  # fmt: skip
    for cycle_id in due:
        announce(system("worker"), cycle_id)
    return len(due)


def answer_held(actor: Actor, account_id: int, cycle_id: int, attempt: int, *, agree: bool) -> None:
    """The word on a held debit, of its customer or of a second person: make it, or leave it out.

    Refuses: not_allowed, unknown_debit, not_held.
    """
    if actor.kind == "customer" and actor.id != account_id:
        raise refusal("unknown_debit", field="account_id", value=account_id)
    if actor.kind != "customer":
        actor.require("debits.approve")
    with transaction.atomic():
        held_cycle_of(actor, cycle_id)
        found = debit_of(account_id, cycle_id, attempt)
        if found is None:
            raise refusal("unknown_debit", field="cycle", value=cycle_id)
        if found.state != HELD:
            raise refusal("not_held", field="state", value=found.state)
        key = {"account_id": account_id, "cycle_id": cycle_id, "attempt": attempt}
        if agree:
            HoldAnswer.objects.create(**key, at=clock.now(), by_kind=actor.kind, by_name=actor.name)
        else:
            Withdrawal.objects.create(**key, why="declined", at=clock.now(), by_name=actor.name)
        audit.record(
            actor, "debits.answer_held", f"debit:{account_id}/{cycle_id}/{attempt}",
            after={"agree": agree, "amount": found.amount},
        )  # fmt: skip


def held_cycle_of(actor: Actor, cycle_id: int) -> Cycle:
    """The cycle held; a customer reaches that of his own debit whatever the unit."""
    if actor.kind != "customer":
        return held_cycle(actor, cycle_id)
    row = Cycle.objects.select_for_update().filter(pk=cycle_id).first()
    if row is None:
        raise refusal("unknown_debit", field="cycle", value=cycle_id)
    return row


def withdraw(actor: Actor, account_id: int, why: str = "paid") -> int:
    """Take an account's debits out while no bank has them: before money is taken at a counter or online. How many.

    It is decided with the cycle held, as a file is: a debit is withdrawn or goes to the bank, never both. Refuses
    `debit_under_way` where one is with the bank.
    """
    with transaction.atomic():
        cycles = sorted({each.cycle_id for each in debits_under_way(account_id)})
        list(Cycle.objects.select_for_update().filter(pk__in=cycles).order_by("pk"))
        standing = debits_under_way(account_id)
        if any(each.state not in (HELD, WAITING, IN_FILE) for each in standing):
            raise refusal("debit_under_way", field="account_id", value=account_id)
        for each in standing:
            Withdrawal.objects.create(
                account_id=account_id, cycle_id=each.cycle_id, attempt=each.attempt, why=why, at=clock.now(),
                by_name=actor.name,
            )  # fmt: skip
            audit.record(
                actor, "debits.withdraw", f"debit:{account_id}/{each.cycle_id}/{each.attempt}",
                after={"amount": each.amount}, reason=why,
            )  # fmt: skip
    return len(standing)
