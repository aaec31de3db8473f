"""Sending what waits: taken in batches, tried again where the other side says so, and recorded word by word.

A batch is marked as being sent before it goes out. Who is killed in between leaves it marked; after a while it is sent
once more under the same message number, so that a mailbox may see a message twice and never not at all.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from gridhall.billing import public as billing
from gridhall.billing.public import DocumentError
from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.notices import models, texts
from gridhall.notices.occasions import BY_NAME
from gridhall.notices.ports import AGAIN, NEVER, TAKEN, Attachment, Message, Outcome, Way
from gridhall.notices.ports import way as the_way
from gridhall.notices.refusals import refusal

log = logging.getLogger(__name__)

AT_ONCE = 100
TRIES_MOST = 10  # with the waits below a good day, as mail servers expect it
WAIT_FIRST, WAIT_MOST = timedelta(minutes=2), timedelta(hours=4)
LEASE = timedelta(minutes=15)  # after which one that was being sent is taken for lost
ANSWER_MOST = 500

TAKE_SQL = """
UPDATE notice_sending AS s SET state = 2, tries = s.tries + 1, next_at = %(until)s
FROM (
    SELECT notice_id, way FROM notice_sending
    WHERE way = %(way)s AND state IN (1, 2) AND next_at <= %(now)s
    ORDER BY next_at, notice_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
) AS due, notice AS n
WHERE s.notice_id = due.notice_id AND s.way = due.way AND n.id = s.notice_id
RETURNING s.notice_id, s.account_id, s.address, s.language, s.tries, n.text_id, n.said, n.occasion
"""
DONE_SQL = """
UPDATE notice_sending AS s SET state = d.state, next_at = d.next_at, answer = d.answer,
    sent_at = CASE WHEN d.state = 3 THEN %s ELSE s.sent_at END
FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[], %s::text[]) AS d (notice_id, state, next_at, answer)
WHERE s.notice_id = d.notice_id AND s.way = %s AND s.state = 2
"""


@dataclass(frozen=True)
class _Taken:
    notice_id: int
    account_id: int
    address: str
    language: str
    tries: int
    text_id: int
    said: str
    occasion: int


def send_waiting(way: int = models.MAIL, most: int = AT_ONCE) -> int:
    """Send what is due by a way: how many were tried. Nothing where the way is not set up. Safe to repeat, and at the
    same time elsewhere."""
    out = the_way(way)
    if out is None:
        return 0
    batch = _take(way, most)
    if batch:
        _record(way, batch, _sent(out, batch))
    return len(batch)


def _take(way: int, most: int) -> list[_Taken]:
    moment = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE_SQL, {"way": way, "now": moment, "until": moment + LEASE, "most": most})
        return [_Taken(*row) for row in cursor.fetchall()]


def _sent(out: Way, batch: Sequence[_Taken]) -> list[Outcome]:
    versions = {each.id: each for each in texts.texts_numbered({each.text_id for each in batch})}
    messages = []
    for each in batch:
        language = "en" if each.language == "en" else "zh"
        values = json.loads(each.said)
        words = versions[each.text_id].words(values, language)
        messages.append(
            Message(
                f"notice-{each.notice_id}", each.address, words.title, words.body, language,
                _attachments(each, values, language),
            )
        )  # fmt: skip
    try:
        outcomes = out.send(messages)
    except Exception as error:
        # whatever a way raises must not lose what was to be sent
        log.exception("a batch of %d messages failed", len(messages))
        outcomes = [Outcome(AGAIN, f"{type(error).__name__}: {error}")] * len(messages)
    return outcomes


def _attachments(each: _Taken, values: dict[str, object], language: str) -> tuple[Attachment, ...]:
    """A bill goes with the notice of it."""
    if each.occasion != BY_NAME["bill_issued"].code:
        return ()
    try:
        period, seq = int(str(values["period"])), int(str(values["seq"]))
        data = billing.document(each.account_id, period, seq, language)
    except (Refusal, DocumentError, KeyError, ValueError):
        log.exception("the bill of notice %d cannot go with it", each.notice_id)
        return ()
    return (Attachment(f"{values['account']}-{period}.pdf", "application/pdf", data),)


def _record(way: int, batch: Sequence[_Taken], outcomes: Sequence[Outcome]) -> None:
    moment = clock.now()
    states, times, answers = [], [], []
    for each, outcome in zip(batch, outcomes, strict=True):
        state, at = _after(each.tries, outcome, moment)
        states.append(state)
        times.append(at)
        answers.append(outcome.answer[:ANSWER_MOST].replace("\0", ""))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DONE_SQL, [moment, [each.notice_id for each in batch], states, times, answers, way])


def _after(tries: int, outcome: Outcome, moment: datetime) -> tuple[int, datetime]:
    """The state of a sending after an answer, and when it is tried next."""
    if outcome.state == TAKEN:
        return models.SENT, moment
    if outcome.state == NEVER:
        return models.REFUSED, moment
    if tries >= TRIES_MOST:
        return models.GIVEN_UP, moment
    return models.WAITING, moment + min(WAIT_FIRST * 2 ** (tries - 1), WAIT_MOST)


def send_again(actor: Actor, notice_id: int, way: int = models.MAIL) -> None:
    """Try once more what was refused or given up. Refuses: not_allowed, wrong_sending_state."""
    actor.require("notices.write")
    with transaction.atomic():
        found = models.Sending.objects.filter(
            notice_id=notice_id, way=way, state__in=(models.REFUSED, models.GIVEN_UP, models.BOUNCED)
        )
        account_id = found.values_list("account_id", flat=True).first() or 0
        account = customers.accounts([account_id]).get(account_id)
        if account is None or not actor.sees_unit(account.unit_id):  # another unit's is not there for the actor
            raise refusal("wrong_sending_state", field="notice", value=notice_id)
        if not found.update(state=models.WAITING, tries=0, next_at=clock.now()):
            raise refusal("wrong_sending_state", field="notice", value=notice_id)
        audit.record(actor, "notices.send_again", f"notice:{notice_id}", after={"way": way})


def send_example(actor: Actor, text_id: int, address: str, language: str, way: int = models.MAIL) -> Outcome:
    """Send a text's made-up case to an address, to see how it arrives: what the other side said. Refuses: not_allowed,
    unknown_text, unknown_way (not set up)."""
    actor.require("notices.write")
    words = texts.text(text_id).example(language)
    out = the_way(way)
    if out is None:
        raise refusal("unknown_way", field="way", value=way)
    ident = f"try-{text_id}-{int(clock.now().timestamp())}"
    (outcome,) = out.send([Message(ident, address, words.title, words.body, language)])
    audit.record(actor, "notices.try", f"text:{text_id}", after={"outcome": outcome.state})
    return outcome
