"""Settlement between accounting units: what a day's payments across units left, put together and booked by two."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.ledger.public import guard_periods, post_units_settled, prepare_movements
from gridhall.payments.refusals import refusal
from gridhall.payments.unit_models import InterUnit, UnitSettlement

PROPOSED, BOOKED, DECLINED = "proposed", "booked", "declined"
TRANSFER_MOST = 80

# Who owes whom, pair by pair. Money given back stands with what was taken.
PAIRS_SQL = """
SELECT holder_unit, owner_unit, count(*), sum(amount)::bigint
FROM payments_interunit
WHERE (%(settlement)s = 0 AND settlement_id IS NULL OR settlement_id = %(settlement)s)
    AND "on" BETWEEN %(first)s AND %(last)s
    AND (%(all)s OR holder_unit = ANY(%(units)s) OR owner_unit = ANY(%(units)s))
GROUP BY holder_unit, owner_unit ORDER BY holder_unit, owner_unit
"""

# The days of which something is not settled.
OPEN_DAYS_SQL = """
SELECT "on", count(*), sum(abs(amount))::bigint
FROM payments_interunit WHERE settlement_id IS NULL
    AND (%(all)s OR holder_unit = ANY(%(units)s) OR owner_unit = ANY(%(units)s))
GROUP BY "on" ORDER BY "on"
"""

DAY_SQL = """
SELECT holder_unit, owner_unit, count(*), sum(amount)::bigint, max(coalesce(s.state, ''))
FROM payments_interunit AS i LEFT JOIN payments_unitsettlement AS s ON s.id = i.settlement_id
WHERE i."on" = %(on)s AND (%(all)s OR holder_unit = ANY(%(units)s) OR owner_unit = ANY(%(units)s))
GROUP BY holder_unit, owner_unit ORDER BY holder_unit, owner_unit
"""


@dataclass(frozen=True)
class PairOwes:
    """`holder` (unit) took `amount` minor units in `count` payments for accounts of `owner`; below zero: gave."""

    holder: int
    owner: int
    count: int
    amount: int


@dataclass(frozen=True)
class OpenDay:
    """A day on which units took money for one another that is not settled: how many payments, how much moved."""

    on: date
    count: int
    amount: int


@dataclass(frozen=True)
class SettlementView:
    """A settlement between units. `pairs`: what the days came to; `by_unit`: what each unit pays (below zero: gets)."""

    id: int
    on: date
    state: str
    transfer: str
    made_by: int
    made_by_name: str
    made_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    settled_on: date | None
    pairs: tuple[PairOwes, ...]

    @property
    def by_unit(self) -> dict[int, int]:
        return net_by_unit(self.pairs)

    @property
    def amount(self) -> int:
        """What changes hands in all: the sum of what the paying units pay."""
        return sum(each for each in self.by_unit.values() if each > 0)


def net_by_unit(pairs: Iterable[PairOwes]) -> dict[int, int]:
    """What each unit owes the others together (below zero: is owed); the sum over the units is 0."""
    net: dict[int, int] = {}
    for each in pairs:
        net[each.holder] = net.get(each.holder, 0) + each.amount
        net[each.owner] = net.get(each.owner, 0) - each.amount
    return dict(sorted(net.items()))


def units_owe(unit_ids: Iterable[int] | None, first: date, last: date) -> list[PairOwes]:
    """What is not settled between units of days from `first` to `last`, where one of `unit_ids` (None: all) is part."""
    return _pairs(_scope(unit_ids) | {"settlement": 0, "first": first, "last": last})


def units_day(unit_ids: Iterable[int] | None, on: date) -> list[tuple[PairOwes, str]]:
    """What a day came to between units, with the state of its settlement (empty: not settled)."""
    with connection.cursor() as cursor:
        cursor.execute(DAY_SQL, _scope(unit_ids) | {"on": on})
        return [(PairOwes(*row[:4]), row[4]) for row in cursor.fetchall()]


def open_unit_days(unit_ids: Iterable[int] | None = None) -> list[OpenDay]:
    """The days of which something is not settled between units, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_DAYS_SQL, _scope(unit_ids))
        return [OpenDay(*row) for row in cursor.fetchall()]


def propose_settlement(actor: Actor, upto: date) -> SettlementView:
    """Put together what units owe one another up to a past day, for a second person to book.

    Refuses: not_allowed, unit_day_not_over, nothing_to_settle, not_all_units (a unit is part that is not the actor's).
    """
    actor.require("tills.all")
    if upto >= clock.today():
        raise refusal("unit_day_not_over", field="on", value=upto)
    with transaction.atomic():
        rows = InterUnit.objects.select_for_update().filter(settlement__isnull=True, on__lte=upto)
        found = list(rows.values_list("number", "holder_unit", "owner_unit"))
        if not found:
            raise refusal("nothing_to_settle", field="on", value=upto)
        if not all(actor.sees_unit(unit) for _, holder, owner in found for unit in (holder, owner)):
            raise refusal("not_all_units", field="on", value=upto)
        made = UnitSettlement.objects.create(
            on=upto, made_by=actor.id, made_by_name=actor.name, made_at=clock.now(), state=PROPOSED
        )
        InterUnit.objects.filter(pk__in=[number for number, _, _ in found]).update(settlement=made)
        audit.record(
            actor, "payments.propose_settlement", f"settlement:{made.pk}",
            after={"on": upto.isoformat(), "payments": len(found)},
        )  # fmt: skip
    return settlement(made.pk)


def decide_settlement(
    actor: Actor, settlement_id: int, *, approve: bool, transfer: str = "", reason: str = ""
) -> SettlementView:  # fmt: skip
    """A second person's word: book that the units have paid one another (`transfer`: the bank's reference), or decline
    it (its payments are then to be settled again).

    Refuses: not_allowed, unknown_settlement, wrong_settlement_state, second_person_needed, not_all_units, slip_missing,
    reason_missing (to decline), period_closed.
    """
    actor.require("refunds.approve")
    today, transfer = clock.today(), transfer.strip()
    prepare_movements(today.year * 100 + today.month)
    with transaction.atomic():
        closed = guard_periods(connection.connection)
        found = UnitSettlement.objects.select_for_update().filter(pk=settlement_id).first()
        if found is None:
            raise refusal("unknown_settlement", field="settlement", value=settlement_id)
        if found.state != PROPOSED:
            raise refusal("wrong_settlement_state", field="settlement", value=found.state)
        if found.made_by == actor.id:
            raise refusal("second_person_needed", field="settlement", value=settlement_id)
        by_unit = net_by_unit(_of(found.pk))
        if not all(actor.sees_unit(unit) for unit in by_unit):
            raise refusal("not_all_units", field="settlement", value=settlement_id)
        if approve:
            if not 1 <= len(transfer) <= TRANSFER_MOST or not transfer.isprintable():
                raise refusal("slip_missing", field="transfer")
            for unit in by_unit:
                if today.year * 100 + today.month <= closed.get(unit, 0):
                    raise refusal("period_closed", field="settlement", value=unit)
            post_units_settled(column_cursor(connection.connection), found.pk, by_unit.items(), today)
            found.transfer, found.settled_on = transfer, today
        else:
            if len(reason.strip()) < 3:
                raise refusal("reason_missing", field="reason")
            InterUnit.objects.filter(settlement=found).update(settlement=None)
        found.state, found.decided_by_name, found.decided_at = BOOKED if approve else DECLINED, actor.name, clock.now()
        found.save()
        audit.record(
            actor, "payments.decide_settlement", f"settlement:{found.pk}", reason=reason.strip(),
            after={"state": found.state, "transfer": found.transfer},
        )  # fmt: skip
    return settlement(settlement_id)


def units_of_payment(number: int) -> tuple[int, int] | None:
    """The unit that took a payment and the unit whose customer paid, where they are two; by the payment's number."""
    found = InterUnit.objects.filter(pk=number).first()
    return (found.holder_unit, found.owner_unit) if found else None


def settlement(settlement_id: int) -> SettlementView:
    """A settlement between units. Refuses unknown_settlement."""
    found = UnitSettlement.objects.filter(pk=settlement_id).first()
    if found is None:
        raise refusal("unknown_settlement", field="settlement", value=settlement_id)
    return _view(found)


def settlements(limit: int = 50) -> list[SettlementView]:
    """Settlements between units, the latest first."""
    found = list(UnitSettlement.objects.order_by("-pk").prefetch_related("rows")[:limit])
    return [_view(each, _sum(each)) for each in found]


def _sum(each: UnitSettlement) -> list[PairOwes]:
    sums: dict[tuple[int, int], list[int]] = {}
    for row in each.rows.all():
        pair = sums.setdefault((row.holder_unit, row.owner_unit), [0, 0])
        pair[0] += 1
        pair[1] += row.amount
    return [PairOwes(*key, *pair) for key, pair in sorted(sums.items())]


def _of(settlement_id: int) -> list[PairOwes]:
    return _pairs(_scope(None) | {"settlement": settlement_id, "first": date.min, "last": date.max})


def _scope(unit_ids: Iterable[int] | None) -> dict[str, Any]:
    units = None if unit_ids is None else list(unit_ids)
    return {"all": units is None, "units": units or []}


def _pairs(asked: dict[str, Any]) -> list[PairOwes]:
    with connection.cursor() as cursor:
        cursor.execute(PAIRS_SQL, asked)
        return [PairOwes(*row) for row in cursor.fetchall()]


def _view(found: UnitSettlement, pairs: list[PairOwes] | None = None) -> SettlementView:
    return SettlementView(
        found.pk, found.on, found.state, found.transfer, found.made_by, found.made_by_name, found.made_at,
        found.decided_by_name, found.decided_at, found.settled_on, tuple(_of(found.pk) if pairs is None else pairs),
    )  # fmt: skip
