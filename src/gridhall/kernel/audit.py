"""The audit trail: appended in the transaction of the act itself."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import SUBJECT_MOST as SUBJECT_MOST
from gridhall.kernel.models import AuditEntry


def record(
    actor: Actor,
    act: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write one entry. `act` is `room.verb`, `subject` is `noun:key`. Never pass secrets."""
    record_many(actor, act, [(subject, before, after, reason)])


def record_seldom(actor: Actor, act: str, subject: str, after: dict[str, Any], within: timedelta) -> bool:
    """Write an entry unless the same act on the same subject with the same `after` has one from `within` before: for
    what anybody from outside can cause as often as they like. Whether it was written."""
    since = clock.now() - within
    if AuditEntry.objects.filter(act=act, subject=subject, at__gt=since, after=after).exists():
        return False
    record(actor, act, subject, after=after)
    return True


def last(act: str, subject: str) -> AuditEntry | None:
    """The newest entry of an act on a subject."""
    return AuditEntry.objects.filter(act=act, subject=subject).order_by("-id").first()


ENTRY_SQL = """
INSERT INTO kernel_auditentry
    (at, actor_kind, actor_id, actor_name, door, act, subject, before, after, reason)
VALUES (%s, %s, %s, %s, %s, %s, %s, NULL, %s::jsonb, '')
"""


def statement(actor: Actor, act: str, subject: str, after: dict[str, Any]) -> tuple[str, list[Any]]:
    """One entry as a statement with its parameters, for acts that send theirs to the database in one go."""
    who = [clock.now(), actor.kind, actor.id, actor.name, actor.door]
    return ENTRY_SQL, [*who, act, subject, json.dumps(after, ensure_ascii=False)]


def record_many(
    actor: Actor,
    act: str,
    entries: Sequence[tuple[str, dict[str, Any] | None, dict[str, Any] | None, str]],
) -> None:
    """Write many entries of one act: (subject, before, after, reason) each."""
    moment = clock.now()
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=moment,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            door=actor.door,
            act=act,
            subject=subject,
            before=before,
            after=after,
            reason=reason,
        )
        for subject, before, after, reason in entries
    )
