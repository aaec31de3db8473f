"""The end of an attempt: every debit has a result and the books hold what the bank debited; then try again or close."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction

from gridhall.debits import issuing, telling
from gridhall.debits.cycles import ANNOUNCED, FILED, RECONCILED, SHUT, held_cycle
from gridhall.debits.data import CycleView
from gridhall.debits.files import leave_out
from gridhall.debits.models import (
    NOT_KNOWN,
    OK,
    RETRYABLE,
    WAITING,
    Cycle,
    DebitBank,
    DebitResult,
    ResultFile,
)
from gridhall.debits.owing import owed_on
from gridhall.debits.queries import cycle_view, debit_of, parked_within
from gridhall.debits.refusals import refusal
from gridhall.debits.results import LOADED, post_results
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor

# Debits of an attempt without a word of the bank, apart from those that wait for the customer's or are withdrawn.
OPEN_SQL = """
SELECT count(*) FROM debit AS d
LEFT JOIN debits_withdrawal AS w ON w.account_id = d.account_id AND w.cycle_id = d.cycle_id AND w.attempt = d.attempt
LEFT JOIN debits_holdanswer AS a ON a.account_id = d.account_id AND a.cycle_id = d.cycle_id AND a.attempt = d.attempt
LEFT JOIN debit_result AS r ON r.account_id = d.account_id AND r.cycle_id = d.cycle_id AND r.attempt = d.attempt
    AND r.outcome <> 20
WHERE d.cycle_id = %s AND d.attempt = %s AND r.outcome IS NULL AND w.id IS NULL AND (d.held = 0 OR a.id IS NOT NULL)
"""

# What the bank debited in an attempt beside what the books hold of it.
BOTH_SIDES_SQL = """
SELECT count(*), coalesce(sum(r.amount), 0)::bigint, count(p.no), coalesce(sum(p.amount), 0)::bigint
FROM debit_result AS r
JOIN debit_line AS l ON l.account_id = r.account_id AND l.cycle_id = r.cycle_id AND l.attempt = r.attempt
LEFT JOIN payment_key AS k ON k.account_id = r.account_id
    AND k.key = concat('debit:', lpad(l.file_id::text, 8, '0'), ':', lpad(l.line::text, 7, '0'))
LEFT JOIN payment AS p ON p.account_id = k.account_id AND p.no = k.payment_no AND p.amount = r.amount
WHERE r.cycle_id = %s AND r.attempt = %s AND r.outcome = 1
"""
AGAIN_SQL = """
SELECT n.account_id, n.mandate_id, n.bank_id, n.announced, n.usual
FROM debit_now AS n JOIN debits_mandate AS m ON m.id = n.mandate_id AND m.state = 'active'
WHERE n.cycle_id = %s AND n.attempt = %s AND n.state = 6 AND n.outcome = ANY(%s) ORDER BY n.account_id
"""
UNANSWERED_SQL = "SELECT account_id FROM debit_now WHERE cycle_id = %s AND attempt = %s AND state = 1"


@dataclass(frozen=True)
class BothSides:
    """What the bank says it debited, and what of it the books hold: counts and minor units."""

    bank_count: int
    bank_amount: int
    our_count: int
    our_amount: int

    @property
    def agree(self) -> bool:
        return (self.bank_count, self.bank_amount) == (self.our_count, self.our_amount)


def both_sides(cycle_id: int, attempt: int) -> BothSides:
    """The two sides of an attempt."""
    with connection.cursor() as cursor:
        cursor.execute(BOTH_SIDES_SQL, [cycle_id, attempt])
        return BothSides(*cursor.fetchone())


def reconcile(actor: Actor, cycle_id: int) -> CycleView:
    """Close the books of an attempt: no debit without a result, and both sides the same.

    Refuses: not_allowed, unknown_cycle, wrong_cycle_state, results_missing (how many), not_posted (what is not booked).
    """
    actor.require("debits.run")
    with transaction.atomic():
        cycle = held_cycle(actor, cycle_id, FILED)
        with connection.cursor() as cursor:
            cursor.execute(OPEN_SQL, [cycle.pk, cycle.attempt])
            missing = cursor.fetchone()[0]
        if missing:
            raise refusal("results_missing", field="cycle", value=missing)
        sides = both_sides(cycle.pk, cycle.attempt)
        if not sides.agree:
            raise refusal("not_posted", field="amount", value=sides.bank_amount - sides.our_amount)
        cycle.state = RECONCILED
        cycle.save(update_fields=["state"])
        after = {"attempt": cycle.attempt, "count": sides.our_count, "amount": sides.our_amount}
        audit.record(actor, "debits.reconcile", f"debit_cycle:{cycle.pk}", after=after)
    return cycle_view(cycle)


def settle_unknown(
    actor: Actor, account_id: int, cycle_id: int, attempt: int, *, debited: bool, evidence: str
) -> None:  # fmt: skip
    """A person's word on a debit whose result nobody has: the bank's statement shows it, or shows that it was not made.
    It is booked as a result of the bank is.

    Refuses: not_allowed, evidence_missing, unknown_debit, not_unknown.
    """
    actor.require("debits.approve")
    if not 3 <= len(evidence.strip()) <= 300:
        raise refusal("evidence_missing", field="evidence")
    with transaction.atomic():
        cycle = held_cycle(actor, cycle_id)
        found = debit_of(account_id, cycle_id, attempt)
        if found is None:
            raise refusal("unknown_debit", field="cycle", value=cycle_id)
        DebitBank.objects.select_for_update().get(pk=found.bank_id)
        found = debit_of(account_id, cycle_id, attempt) or found
        if found.state not in (4, 7):
            raise refusal("not_unknown", field="state", value=found.state)
        outcome = OK if debited else issuing_failure()
        key = {"account_id": account_id, "cycle_id": cycle_id, "attempt": attempt}
        made = ResultFile.objects.create(
            bank_id=found.bank_id, name=f"by hand {account_id}/{cycle_id}/{attempt}", state=LOADED, rows=1,
            digest=f"by hand {account_id}/{cycle_id}/{attempt}", taken_by_name=actor.name, taken_at=clock.now(),
            debited=int(debited), debited_amount=found.amount if debited else 0, failed=int(not debited),
            failed_amount=0 if debited else found.amount,
        )  # fmt: skip
        on = min(cycle.debit_on, clock.today())
        said = {"result_id": made.pk, "row": 1, "outcome": outcome, "amount": found.amount, "on": on}
        if not DebitResult.objects.filter(**key, outcome=NOT_KNOWN).update(**said):
            DebitResult.objects.create(**key, **said)
        audit.record(
            actor, "debits.settle_unknown", f"debit:{account_id}/{cycle_id}/{attempt}", reason=evidence.strip(),
            after={"debited": debited, "amount": found.amount},
        )  # fmt: skip
    post_results(made.pk)


def issuing_failure() -> int:
    """The outcome of a debit that was not made and nobody says why: it may be tried again."""
    return RETRYABLE[-1]


def try_again(actor: Actor, cycle_id: int) -> CycleView:
    """Begin the next attempt, on the next day that was stated: what failed for want of money or by the bank's fault,
    where all before has failed, and never above what was announced.

    Refuses: not_allowed, unknown_cycle, wrong_cycle_state, no_retry_left.
    """
    actor.require("debits.run")
    with transaction.atomic():
        cycle = held_cycle(actor, cycle_id, RECONCILED)
        days = [day for day in map(date.fromisoformat, cycle.retry_on) if day >= clock.today()]
        if not days:
            raise refusal("no_retry_left", field="retry_on")
        with connection.cursor() as cursor:
            cursor.execute(AGAIN_SQL, [cycle.pk, cycle.attempt, list(RETRYABLE)])
            rows = cursor.fetchall()
        cycle.debit_on, cycle.retry_on = days[0], [day.isoformat() for day in days[1:]]
        cycle.attempt += 1
        cycle.state, cycle.announced_on = ANNOUNCED, clock.today()
        cycle.save()
        if rows:
            account, mandate, bank, announced, usual = (np.array(each, np.int64) for each in zip(*rows, strict=True))
            amount = np.minimum(owed_on(account, cycle.debit_on), announced)
            keep = amount > 0
            nothing = np.zeros(int(keep.sum()), np.int64)
            issuing.write(
                cycle.pk, cycle.attempt, account[keep], mandate[keep], bank[keep], amount[keep], usual[keep], nothing
            )
        telling.tell("debit_announced", cycle, cycle.attempt, (WAITING,))
        telling.tell_low(cycle, cycle.attempt, (WAITING,))
        audit.record(actor, "debits.try_again", f"debit_cycle:{cycle.pk}", after={"attempt": cycle.attempt})
    return cycle_view(cycle)


def close(actor: Actor, cycle_id: int) -> CycleView:
    """End a cycle: its debts are free for others, and what is unpaid is told for dunning (`debit_unpaid`).

    Refuses: not_allowed, unknown_cycle, wrong_cycle_state.
    """
    actor.require("debits.run")
    with transaction.atomic():
        cycle = held_cycle(actor, cycle_id, RECONCILED)
        for attempt in range(1, cycle.attempt + 1):
            _unanswered(cycle, attempt, actor)
            telling.tell_unpaid(cycle, attempt)
        cycle.state, cycle.closed_at = SHUT, clock.now()
        cycle.save(update_fields=["state", "closed_at"])
        audit.record(actor, "debits.close", f"debit_cycle:{cycle.pk}", after={"attempts": cycle.attempt})
    return cycle_view(cycle)


def _unanswered(cycle: Cycle, attempt: int, actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNANSWERED_SQL, [cycle.pk, attempt])
        accounts = np.array([row[0] for row in cursor.fetchall()], np.int64)
    if len(accounts):
        leave_out(cycle, accounts, "declined", actor.name)


def settle_parked(actor: Actor, parked_id: int, note: str) -> None:
    """A person's word on a parked row: what was done about it. Refuses: not_allowed, unknown_row, evidence_missing."""
    actor.require("debits.approve")
    if not 3 <= len(note.strip()) <= 300:
        raise refusal("evidence_missing", field="note")
    with transaction.atomic():
        row = parked_within(actor).select_for_update().filter(pk=parked_id, settled_at__isnull=True).first()
        if row is None:
            raise refusal("unknown_row", field="row", value=parked_id)
        row.settled_by_name, row.settled_at, row.note = actor.name, clock.now(), note.strip()
        row.save()
        audit.record(
            actor, "debits.settle_parked", f"debit_result:{row.result_id}", after={"row": row.row}, reason=row.note
        )
