"""Till sessions: opened with a float, closed by a count; the difference goes to the books, not under the carpet."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock, outbox
from gridhall.kernel.access import Actor
from gridhall.ledger.public import guard_periods, post_till_difference, prepare_movements
from gridhall.payments.admitting import may_use_till
from gridhall.payments.data import SessionView
from gridhall.payments.models import Till, TillSession
from gridhall.payments.queries import session as session_view
from gridhall.payments.refusals import refusal


def register_till(actor: Actor, outlet_id: int, unit_id: int, code: str, name_en: str, name_zh: str) -> int:
    """Set up a cash drawer at an outlet (or change its names, by code): its id. Refuses unknown_till for a unit that is
    not the actor's."""
    actor.require("staff.manage")
    units = {unit_id, *Till.objects.filter(code=code).values_list("unit_id", flat=True)}
    if not all(actor.sees_unit(unit) for unit in units):
        raise refusal("unknown_till", field="code", value=code)
    till, _ = Till.objects.update_or_create(
        code=code, defaults={"outlet_id": outlet_id, "unit_id": unit_id, "name_en": name_en, "name_zh": name_zh}
    )
    audit.record(actor, "payments.register_till", f"till:{till.pk}", after={"code": code, "outlet": outlet_id})
    return int(till.pk)


def open_till(actor: Actor, till_id: int, float_amount: int = 0, user_id: int | None = None) -> SessionView:
    """Open a till for the acting clerk (`user_id` for somebody else, by the system) with the cash that is in it.

    Refuses: unknown_till (or one of a unit that is not the actor's), not_your_till (for somebody else), till_in_use,
    clerk_has_till, count_missing (a negative float).
    """
    actor.require("tills.own")
    clerk = actor.id if user_id is None else user_id
    if float_amount < 0:
        raise refusal("count_missing", field="float_amount", value=float_amount)
    till = Till.objects.filter(pk=till_id).first()
    if till is None or not actor.sees_unit(till.unit_id) or not get_user_model().objects.filter(pk=clerk).exists():
        raise refusal("unknown_till", field="till_id", value=till_id)  # another unit's till is not there for the actor
    if clerk != actor.id and actor.kind != "system":
        raise refusal("not_your_till", field="till_id", value=till_id)
    try:
        with transaction.atomic():
            opened = TillSession.objects.create(
                till_id=till_id, clerk_id=clerk, opened_at=clock.now(), float_amount=float_amount
            )
            audit.record(
                actor, "payments.open_till", f"session:{opened.pk}", after={"till": till_id, "float": float_amount}
            )
    except IntegrityError as error:
        code = "clerk_has_till" if "clerk_one_till" in str(error) else "till_in_use"
        raise refusal(code, field="till_id", value=till_id) from error
    return session_view(opened.pk)


def close_till(actor: Actor, session_id: int, counted: int, note: str = "") -> SessionView:
    """Close a till session with the cash that was counted (minor units). A difference is booked to cash over and short.

    Payments that are on their way into the till finish first; later ones are refused. Refuses: unknown_till,
    till_closed, not_your_till, count_missing, period_closed.
    """
    actor.require("tills.own")
    if counted < 0:
        raise refusal("count_missing", field="counted", value=counted)
    today = clock.today()
    prepare_movements(today.year * 100 + today.month)
    with transaction.atomic():
        closed = guard_periods(connection.connection)
        found = TillSession.objects.select_for_update(of=("self",)).select_related("till").filter(pk=session_id).first()
        if found is None:
            raise refusal("unknown_till", field="session_id", value=session_id)
        if found.closed_at is not None:
            raise refusal("till_closed", field="session_id", value=session_id)
        if not may_use_till(actor, found.clerk_id, found.till.unit_id):
            raise refusal("not_your_till", field="session_id", value=session_id)
        if today.year * 100 + today.month <= closed.get(found.till.unit_id, 0):
            raise refusal("period_closed", field="session_id", value=session_id)
        money = session_view(session_id)
        found.closed_at = clock.now()
        found.expected, found.counted = money.expected, counted
        found.difference, found.note = counted - money.expected, note
        found.save()
        post_till_difference(
            column_cursor(connection.connection), session_id, found.till.unit_id, found.difference, today
        )
        told = {
            "session": session_id, "unit": found.till.unit_id, "clerk": found.clerk_id, "expected": money.expected,
            "counted": counted, "difference": found.difference,
        }  # fmt: skip
        outbox.publish("till_closed", told)
        audit.record(
            actor, "payments.close_till", f"session:{session_id}",
            after={"expected": money.expected, "counted": counted, "difference": found.difference}, reason=note,
        )  # fmt: skip
    return session_view(session_id)


@dataclass(frozen=True)
class TillView:
    """A cash drawer; `open_session` is 0 when nobody is at it."""

    id: int
    code: str
    name_en: str
    name_zh: str
    outlet_id: int
    unit_id: int
    open_session: int


def tills(unit_ids: Iterable[int] | None = None) -> list[TillView]:
    """The tills of some units (None: all), by code."""
    found = Till.objects.order_by("code")
    if unit_ids is not None:
        found = found.filter(unit_id__in=list(unit_ids))
    in_use = dict(TillSession.objects.filter(closed_at__isnull=True).values_list("till_id", "pk"))
    return [
        TillView(each.pk, each.code, each.name_en, each.name_zh, each.outlet_id, each.unit_id, in_use.get(each.pk, 0))
        for each in found
    ]
