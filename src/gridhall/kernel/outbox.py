"""The outbox: facts for the rooms above, published in the transaction of the act and delivered afterwards.

A room publishes; rooms above subscribe when they are loaded (`AppConfig.ready`). Each subscriber gets each fact at
least once, and the facts of one account in the order in which they were committed: whoever holds an account publishes
before he lets go. What a subscriber cannot handle is tried again, then laid aside with its reason, for a person.
"""

import json
import logging
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import Delivery, Fact
from gridhall.kernel.refusal import Refusal

log = logging.getLogger(__name__)

TRIES_MOST = 8  # about ten minutes altogether
WAIT_FIRST, WAIT_MOST = timedelta(seconds=10), timedelta(minutes=5)
KEPT = timedelta(days=30)  # how long a fact that everybody has handled stays to be looked at
AT_ONCE = 1000
LOCK = 7_310_002  # with the number of the subscriber's name: one deliverer a subscriber

PUBLISH_SQL = """
WITH fact AS (
    INSERT INTO kernel_fact (kind, account_low, account_high, payload, at)
    VALUES (%s, %s, %s, %s::jsonb, %s::timestamptz) RETURNING id, at
)
INSERT INTO kernel_delivery (fact_id, subscriber, tries, next_at, reason)
SELECT fact.id, subscriber, 0, fact.at, ''
FROM fact, unnest(string_to_array(nullif(%s::text, ''), ',')) AS subscriber
"""

WAITING_SQL = """
SELECT d.id, d.tries, d.next_at, f.id, f.kind, f.account_low, f.account_high, f.payload, f.at
FROM kernel_delivery AS d JOIN kernel_fact AS f ON f.id = d.fact_id
WHERE d.subscriber = %s AND d.fact_id > %s AND d.dead_at IS NULL ORDER BY d.fact_id LIMIT %s
"""


@dataclass(frozen=True)
class Happened:
    """A fact as a subscriber gets it. `id` is the same however often it comes: the handler's key against doing twice
    what is outside of the database (what it writes in the database is committed together with the delivery)."""

    id: int
    kind: str
    account_low: int
    account_high: int
    payload: dict[str, Any]
    at: datetime


Handler = Callable[[Happened], None]
_subscribers: dict[str, dict[str, Handler]] = {}  # name → kind → handler


@dataclass(frozen=True)
class Failed:
    """A delivery that was given up: what, to whom, after how many tries, and why."""

    id: int
    fact_id: int
    kind: str
    payload: dict[str, Any]
    subscriber: str
    tries: int
    reason: str
    at: datetime
    dead_at: datetime


def subscribe(kind: str, subscriber: str, handler: Handler) -> None:
    """Have facts of a kind from now on. `subscriber` (`room.what`, no comma) names who handles it, for ever."""
    _subscribers.setdefault(subscriber, {})[kind] = handler


def statement(kind: str, accounts: tuple[int, int], payload: dict[str, Any]) -> tuple[str, list[Any]]:
    """A fact as a statement with its parameters, for acts that send theirs to the database in one go."""
    names = ",".join(name for name, kinds in _subscribers.items() if kind in kinds)
    return PUBLISH_SQL, [kind, *accounts, json.dumps(payload, ensure_ascii=False), clock.now(), names]


def publish(kind: str, payload: dict[str, Any], accounts: tuple[int, int] = (0, 0)) -> None:
    """Tell a fact in the open transaction of Django's connection; undone with it, it was never told.

    `accounts`: the lowest and the highest that it is about.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a fact is published in the transaction of its act")
    with connection.cursor() as cursor:
        cursor.execute(*statement(kind, accounts, payload))


def deliver(at_once: int = AT_ONCE) -> int:
    """Hand waiting facts to their subscribers: how many were handled. Safe to repeat, and at the same time elsewhere:
    one at a time serves a subscriber."""
    return sum(_serve(name, kinds, at_once) for name, kinds in list(_subscribers.items()))


def _serve(subscriber: str, kinds: dict[str, Handler], at_once: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, subscriber])
        if cursor.fetchone() != (True,):
            return 0
        try:
            # past those that wait: however many they are, the facts of other accounts behind them are handed on
            done, last, waiting = 0, 0, list[tuple[int, int]]()
            while done < at_once:
                cursor.execute(WAITING_SQL, [subscriber, last, at_once])
                rows = cursor.fetchall()
                done += _in_order(subscriber, kinds, rows, waiting)
                if len(rows) < at_once:
                    break
                last = rows[-1][3]
            return done
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCK, subscriber])


def _in_order(
    subscriber: str, kinds: dict[str, Handler], rows: Sequence[tuple[Any, ...]], waiting: list[tuple[int, int]]
) -> int:
    """Handle what is due; behind a fact that must wait, the later ones of its accounts wait too: they are added to
    `waiting`, from the lowest account to the highest, apart from each other."""
    done = 0
    for delivery_id, tries, next_at, fact_id, kind, low, high, payload, at in rows:
        told = json.loads(payload) if isinstance(payload, str) else payload
        fact = Happened(fact_id, kind, low, high, told, at)
        due = next_at <= clock.now() and not _meets(waiting, low, high)
        if due and _handle(subscriber, kinds.get(fact.kind), delivery_id, tries, fact):
            done += 1
        elif not due or tries + 1 < TRIES_MOST:
            _add(waiting, low, high)
    return done


def _meets(spans: list[tuple[int, int]], low: int, high: int) -> bool:
    """Whether one of the spans, in order and apart, shares an account with this one."""
    before = bisect_right(spans, high, key=itemgetter(0))
    return before > 0 and spans[before - 1][1] >= low


def _add(spans: list[tuple[int, int]], low: int, high: int) -> None:
    """Add a span; those that it meets become one with it."""
    end = bisect_right(spans, high, key=itemgetter(0))
    first = end
    while first > 0 and spans[first - 1][1] >= low:
        first -= 1
        low, high = min(low, spans[first][0]), max(high, spans[first][1])
    spans[first:end] = [(low, high)]


def _handle(subscriber: str, handler: Handler | None, delivery_id: int, tries: int, fact: Happened) -> bool:
    """One delivery: what the handler writes and the end of the delivery are committed together."""
    try:
        if handler is None:
            raise LookupError(f"{subscriber} no longer handles {fact.kind}")
        with transaction.atomic():
            handler(fact)
            Delivery.objects.filter(pk=delivery_id).delete()
    except Exception as error:
        # whatever a handler raises must neither stop the others nor be lost
        log.exception("fact %s (%s) for %s", fact.id, fact.kind, subscriber)
        _keep_failure(delivery_id, tries + 1, f"{type(error).__name__}: {error}"[:1000])
        return False
    return True


def _keep_failure(delivery_id: int, tries: int, reason: str) -> None:
    moment = clock.now()
    Delivery.objects.filter(pk=delivery_id).update(
        tries=tries, reason=reason, next_at=moment + min(WAIT_FIRST * 2 ** (tries - 1), WAIT_MOST),
        dead_at=moment if tries >= TRIES_MOST else None,
    )  # fmt: skip


def failed(limit: int = 200) -> list[Failed]:
    """The deliveries that were given up, the latest first."""
    found = Delivery.objects.filter(dead_at__isnull=False).select_related("fact").order_by("-dead_at", "-pk")
    return [
        Failed(
            each.pk, each.fact_id, each.fact.kind, each.fact.payload, each.subscriber, each.tries, each.reason,
            each.fact.at, each.dead_at,
        )
        for each in found[:limit]
        if each.dead_at
    ]  # fmt: skip


def failed_count() -> int:
    return Delivery.objects.filter(dead_at__isnull=False).count()


def settle_failed(actor: Actor, delivery_id: int, *, again: bool, reason: str = "") -> None:
    """A person's word on a delivery that was given up: try it again from the start, or drop it with a reason.

    Refuses: not_allowed, unknown_delivery, reason_missing (to drop).
    """
    actor.require("staff.manage")
    if not again and len(reason.strip()) < 3:
        raise Refusal("reason_missing", "Say why it may be dropped.", "请说明放弃的原因。", field="reason")
    with transaction.atomic():
        found = Delivery.objects.select_for_update().filter(pk=delivery_id, dead_at__isnull=False).first()
        if found is None:
            raise Refusal(
                "unknown_delivery", "There is no such failed delivery.", "没有此条投递失败记录。", field="delivery_id",
                value=str(delivery_id),
            )  # fmt: skip
        audit.record(
            actor, "kernel.settle_failed", f"fact:{found.fact_id}", reason=reason.strip(),
            before={"subscriber": found.subscriber, "why": found.reason}, after={"again": again},
        )  # fmt: skip
        if again:
            found.tries, found.dead_at, found.next_at = 0, None, clock.now()
            found.save(update_fields=["tries", "dead_at", "next_at"])
        else:
            found.delete()


def prune(limit: int = 10_000) -> int:
    """Take away facts that everybody has handled long ago: how many."""
    old = Fact.objects.filter(at__lt=clock.now() - KEPT, deliveries__isnull=True).order_by("pk")
    return Fact.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).delete()[0]
