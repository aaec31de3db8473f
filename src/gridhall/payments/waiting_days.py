"""Days of all doors whose money is not where it belongs yet: one list for the reconciliation centre.

A room above that has days of its own (files of debits, gateways) adds a source when it is loaded; this room does not
know it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.payments.partner_days import partner_days
from gridhall.payments.partners import partner_within, partners
from gridhall.payments.statement_queries import statements


@dataclass(frozen=True)
class WaitingDay:
    """A day that waits. `door`: bank | statement | online | debit…; `state`: a word of that door; `amount`: minor
    units that are on their way or in question; `subject`: what the page of the day is found by (`noun:key`)."""

    door: str
    name_en: str
    name_zh: str
    on: date
    amount: int
    count: int
    state: str
    subject: str
    age: int


Source = Callable[[Actor], list[WaitingDay]]
_sources: dict[str, Source] = {}


def add_waiting_days(door: str, source: Source) -> None:
    """Let a room add its open days: a function of who asks, which tells only what lies within his reach."""
    _sources[door] = source


def waiting_days(actor: Actor) -> list[WaitingDay]:
    """The days of all doors that wait, the oldest first."""
    found = [each for source in _sources.values() for each in source(actor)]
    return sorted(found, key=lambda each: (each.on, each.door, each.subject))


def _of_partners(actor: Actor) -> list[WaitingDay]:
    reach = {each.id: each for each in partners() if partner_within(actor, each)}
    if not reach:
        return []
    today = clock.today()
    return [
        WaitingDay(
            "bank", reach[day.partner_id].name_en, reach[day.partner_id].name_zh, day.on, day.in_transit, day.payments,
            day.state or "no_file",
            f"reconciliation:{day.reconciliation_id}" if day.reconciliation_id
            else f"partner:{reach[day.partner_id].code}", day.age,
        )
        for day in partner_days(list(reach.values()), open_only=True)
        if day.on < today
    ]  # fmt: skip


def _of_statements(actor: Actor) -> list[WaitingDay]:
    units = None if actor.everywhere or actor.kind == "system" else sorted(actor.units)
    today = clock.today()
    waiting = [each for each in statements(units, limit=400) if each.gap or each.open_count]
    return [
        WaitingDay(
            "statement", each.ident, each.ident, each.to_on, each.gap or each.open_amount, each.open_count,
            "gap" if each.gap else "waiting", f"statement:{each.id}", (today - each.to_on).days,
        )
        for each in waiting
    ]  # fmt: skip


add_waiting_days("bank", _of_partners)
add_waiting_days("statement", _of_statements)
