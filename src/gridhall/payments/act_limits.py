"""What each role may do alone and with a second person, from a day on: data that the supplier enters."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.payments.act_models import ACTS, ActLimit
from gridhall.payments.refusals import refusal

AMOUNT_MOST = 1 << 53


@dataclass(frozen=True)
class LimitView:
    """A role's limit for an act from `since` on, minor units: `alone`, and `most` with a second person."""

    act: str
    role: str
    since: date
    alone: int
    most: int
    entered_by: str = ""


def limit_of(actor: Actor, act: str, on: date) -> LimitView:
    """What the actor may do: of his role's latest limit up to a day; nothing where there is none. The system itself
    (the command line on its own machine) may do all, with a second person."""
    if actor.kind == "system":
        return LimitView(act, "system", on, 0, AMOUNT_MOST)
    found = ActLimit.objects.filter(act=act, role=actor.role, since__lte=on).order_by("-since").first()
    if found is None:
        return LimitView(act, actor.role, on, 0, 0)
    return _view(found)


def limits(on: date | None = None) -> list[LimitView]:
    """The limits as entered, act by act and role by role, the latest first; those in force on a day where one is
    given."""
    rows = ActLimit.objects.order_by("act", "role", "-since")
    if on is None:
        return [_view(each) for each in rows]
    seen: dict[tuple[str, str], LimitView] = {}
    for each in rows.filter(since__lte=on):
        seen.setdefault((each.act, each.role), _view(each))
    return list(seen.values())


def enter_limit(actor: Actor, act: str, role: str, since: date, alone: int, most: int) -> LimitView:
    """Enter a role's limit from a day on; what is past stays as it was.

    Refuses: not_allowed, bad_money_act (no such act or role, `alone` above `most`, entered for that day already),
    amount_too_large, value_too_early (before today).
    """
    actor.require("staff.manage")
    if act not in ACTS or not 1 <= len(role) <= 24:
        raise refusal("bad_money_act", field="act", value=act[:40])
    if not 0 <= alone <= most:
        raise refusal("bad_money_act", field="alone", value=alone)
    if most > AMOUNT_MOST:
        raise refusal("amount_too_large", field="most", value=most)
    if since < clock.today():
        raise refusal("value_too_early", field="since", value=since)
    try:
        with transaction.atomic():
            made = ActLimit.objects.create(
                act=act, role=role, since=since, alone=alone, most=most, entered_by=actor.name, entered_at=clock.now()
            )
            audit.record(
                actor, "payments.enter_limit", f"limit:{act}-{role}",
                after={"since": since.isoformat(), "alone": alone, "most": most},
            )  # fmt: skip
    except IntegrityError as error:
        raise refusal("bad_money_act", field="since", value=since) from error
    return _view(made)


def _view(found: ActLimit) -> LimitView:
    return LimitView(found.act, found.role, found.since, found.alone, found.most, found.entered_by)
