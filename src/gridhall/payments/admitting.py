"""Which payments of a batch may be booked: every door comes through here, with the accounts and tills held.

A payment whose key is known is not asked again: it was booked, whatever has been closed or has passed since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from django.conf import settings

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import BANK, CARDS_UNUSED, CASH, CHEQUES, IN_TRANSIT, Facts, posting_periods
from gridhall.payments import models
from gridhall.payments.refusals import refusal

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CREDIT_MAX = 1 << 60  # minor units that one account may have in credit: sums of a unit's accounts stay within 64 bits

# Where the money of each method lies until it is banked.
DEBIT_OF_METHOD = {
    models.CASH: CASH, models.CARD: IN_TRANSIT, models.ONLINE: IN_TRANSIT, models.TRANSFER: BANK,
    models.CHEQUE: CHEQUES, models.RECHARGE: CARDS_UNUSED,
}  # fmt: skip

# A clerk cannot close a till while money is being put into it.
SESSIONS_SQL = """
SELECT array_agg(id), array_agg(clerk_id), array_agg(is_open), array_agg(unit_id)
FROM (
    SELECT s.id, s.clerk_id, (s.closed_at IS NULL)::int AS is_open, t.unit_id
    FROM payments_tillsession AS s JOIN payments_till AS t ON t.id = s.till_id
    WHERE s.id = ANY(%s) ORDER BY s.id FOR SHARE OF s
) AS session
"""

# Serials under which partners bring payments, held while they are booked: a reversal that comes meanwhile waits, and
# either finds the payment booked or has stopped it.
CLAIMS_SQL = """
SELECT array_agg(row), array_agg(void)
FROM (
    SELECT c.row - 1 AS row, s.void::int AS void
    FROM unnest(%s, %s) WITH ORDINALITY AS c (partner_id, serial, row)
    JOIN payments_partnerserial AS s ON s.partner_id = c.partner_id AND s.serial = c.serial
    ORDER BY s.id FOR SHARE OF s
) AS claim
"""


@dataclass(frozen=True)
class Batch:
    """Payments as checked columns; `value_on` day numbers; `clerk`, `partner`: the staff user or the partner who brings
    it, 0 for others."""

    account_id: Ints
    amount: Ints
    value_on: Ints
    door: Ints
    method: Ints
    session_id: Ints
    clerk: Ints
    partner: Ints
    key: Sequence[str]
    reference: Sequence[str]

    def take(self, places: Ints) -> "Batch":
        rows = places.tolist()
        return Batch(
            self.account_id[places], self.amount[places], self.value_on[places], self.door[places],
            self.method[places], self.session_id[places], self.clerk[places], self.partner[places],
            [self.key[row] for row in rows], [self.reference[row] for row in rows],
        )  # fmt: skip


def partner_key(actor: Actor, serial: str) -> str:
    """The key of a payment that a partner brings under a serial of its own: no two partners' keys are alike."""
    return f"{actor.door}:{actor.id}:{serial}"


def may_use_till(actor: Actor, clerk_id: int, unit_id: int) -> bool:
    """Whether the actor may take money out of a till, or close it: the clerk who opened it, and whoever has all tills
    of its unit."""
    if actor.kind == "staff" and actor.id == clerk_id:
        return True
    return actor.may("tills.all") and actor.sees_unit(unit_id)


def value_days(today: date) -> tuple[date, date]:
    """The first and the last day from which money that comes in today may count."""
    return date.fromordinal(max(today.toordinal() - settings.VALUE_DAYS, 1)), today


def refusals_of(batch: Batch, facts: Facts, known: Flags, received_at: datetime) -> dict[int, Refusal]:
    """The refusal of each row that may not be booked. `known`: rows that have been booked already; `facts.more` begins
    with the till sessions and the partners' serials of the batch, locked, where there are any."""
    refused: dict[int, Refusal] = {}
    _refuse_void(facts.more, batch, refused)
    _refuse_tills(facts.more, batch, refused)
    _refuse_unknown(batch, facts.held.account_id, refused)
    _refuse_days(batch, received_at.astimezone(clock.zone()).date(), refused)
    _refuse_closed(batch, facts, refused)
    for row in np.flatnonzero(known).tolist():
        refused.pop(row, None)
    _refuse_huge(batch, facts, known, refused)
    return refused


def till_units(answers: list[list[Ints]], batch: Batch) -> Ints:
    """The unit of the till at which each row comes in, 0 where it comes in at none."""
    units = np.zeros(len(batch.session_id), np.int64)
    at_till = np.flatnonzero(batch.session_id > 0)
    if len(at_till) and len(answers[0][0]):
        ids, of_till = answers[0][0], answers[0][3]
        place = np.minimum(np.searchsorted(ids, batch.session_id[at_till]), len(ids) - 1)
        units[at_till] = np.where(ids[place] == batch.session_id[at_till], of_till[place], 0)
    return units


def _refuse_tills(answers: list[list[Ints]], batch: Batch, refused: dict[int, Refusal]) -> None:
    """Refuse rows whose till session (locked by now against closing) is not there, is closed or not the clerk's own,
    and cash that comes into no till: nobody would count it."""
    for row in np.flatnonzero((batch.method == models.CASH) & (batch.session_id <= 0)).tolist():
        refused[row] = refusal("till_needed", field="session_id", row=row, value=0)
    at_till = np.flatnonzero(batch.session_id > 0)
    if not len(at_till):
        return
    ids, owners, are_open, _ = (column.tolist() for column in answers[0])
    sessions = dict(zip(ids, zip(owners, are_open, strict=True), strict=True))
    for row in at_till.tolist():
        session, clerk = int(batch.session_id[row]), int(batch.clerk[row])
        owner, is_open = sessions.get(session, (0, 0))
        if session not in sessions:
            refused[row] = refusal("unknown_till", field="session_id", row=row, value=session)
        elif not is_open:
            refused[row] = refusal("till_closed", field="session_id", row=row, value=session)
        elif clerk not in (0, owner):
            refused[row] = refusal("not_your_till", field="session_id", row=row, value=session)


def _refuse_void(answers: list[list[Ints]], batch: Batch, refused: dict[int, Refusal]) -> None:
    """Refuse what a partner brings under a serial whose reversal came first: it was told that nothing is booked."""
    brought = np.flatnonzero(batch.partner)
    if not len(brought):
        return
    places, void = answers[1 if (batch.session_id > 0).any() else 0]
    for row in brought[places[void > 0]].tolist():
        refused[row] = refusal("serial_void", field="serial", row=row, value=batch.key[row])


def _refuse_unknown(batch: Batch, known: Ints, refused: dict[int, Refusal]) -> None:
    for row in np.flatnonzero(~np.isin(batch.account_id, known)).tolist():
        refused[row] = refusal("unknown_account", field="account_id", row=row, value=int(batch.account_id[row]))


def _refuse_days(batch: Batch, today: date, refused: dict[int, Refusal]) -> None:
    """Late charge is counted to the value day, and its month is that of the books: a bank's day, but not any day."""
    first, last = (day.toordinal() for day in value_days(today))
    for row in np.flatnonzero((batch.value_on < first) | (batch.value_on > last)).tolist():
        day = int(batch.value_on[row])
        code = "value_in_future" if day > last else "value_too_early"
        refused.setdefault(row, refusal(code, field="value_on", row=row, value=date.fromordinal(day)))


def _refuse_closed(batch: Batch, facts: Facts, refused: dict[int, Refusal]) -> None:
    held, closed = facts.held, facts.closed
    if not closed or not len(held.account_id):
        return
    last = np.array([closed.get(unit, 0) for unit in held.unit_id.tolist()], np.int64)
    at = np.minimum(np.searchsorted(held.account_id, batch.account_id), len(last) - 1)
    periods = posting_periods(batch.value_on)
    shut = last[at]
    takers = till_units(facts.more, batch)  # the books of the unit that takes it must be open too
    for unit in np.unique(takers).tolist():
        shut = np.where(takers == unit, np.maximum(shut, closed.get(unit, 0)), shut)
    for row in np.flatnonzero(periods <= shut).tolist():
        refused.setdefault(row, refusal("period_closed", field="value_on", row=row, value=int(periods[row])))


def _refuse_huge(batch: Batch, facts: Facts, known: Flags, refused: dict[int, Refusal]) -> None:
    """Refuse rows with which the credit of their account could pass all bounds."""
    held = facts.held
    if int(held.credit.max(initial=0)) + int(batch.amount.max(initial=0)) * len(batch.amount) <= CREDIT_MAX:
        return  # not even all of them on one account could
    credit = dict(zip(held.account_id.tolist(), held.credit.tolist(), strict=True))
    for row, (account, amount) in enumerate(zip(batch.account_id.tolist(), batch.amount.tolist(), strict=True)):
        if known[row] or row in refused:
            continue
        if credit[account] + amount > CREDIT_MAX:
            refused[row] = refusal("amount_too_large", field="amount", row=row, value=amount)
        else:
            credit[account] += amount
