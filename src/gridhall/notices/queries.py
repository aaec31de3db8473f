"""What was said: a customer's inbox, the proof of each sending, what failed, and how much went out."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from gridhall.kernel import clock
from gridhall.notices import models
from gridhall.notices.occasions import BY_CODE, Occasion
from gridhall.notices.refusals import refusal
from gridhall.notices.rendering import Words, say

LIST_SQL = """
SELECT n.id, n.occasion, n.said, n.made_at, n.read_at, s.state, s.address, s.tries, s.sent_at, s.answer, s.next_at,
    CASE WHEN %s THEN t.title_zh ELSE t.title_en END, CASE WHEN %s THEN t.body_zh ELSE t.body_en END
FROM notice AS n JOIN notices_text AS t ON t.id = n.text_id
LEFT JOIN notice_sending AS s ON s.notice_id = n.id AND s.way = 2
WHERE n.account_id = %s AND (%s = 0 OR n.id = %s) ORDER BY n.id DESC LIMIT %s OFFSET %s
"""
FAILED_SQL = """
SELECT s.notice_id, s.account_id, n.occasion, s.state, s.address, s.tries, s.answer, s.next_at
FROM notice_sending AS s JOIN notice AS n ON n.id = s.notice_id
WHERE s.state > 3 ORDER BY s.next_at DESC, s.notice_id DESC LIMIT %s
"""
BY_DAY_SQL = """
SELECT (made_at AT TIME ZONE %s)::date AS day, 1 AS way, 3 AS state, count(*) FROM notice
WHERE made_at >= %s GROUP BY 1
UNION ALL
SELECT (coalesce(s.sent_at, s.next_at) AT TIME ZONE %s)::date, s.way, s.state, count(*) FROM notice_sending AS s
WHERE coalesce(s.sent_at, s.next_at) >= %s GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class SendingView:
    """How a notice went out by mail. `address` is masked; `answer`: the other side's last word."""

    state: int
    address: str
    tries: int
    sent_at: datetime | None
    answer: str
    next_at: datetime


@dataclass(frozen=True)
class NoticeView:
    """A notice as it was said, word by word, in the reader's language. `values`: what stands in it."""

    id: int
    occasion: Occasion
    words: Words
    values: dict[str, object]
    made_at: datetime
    read_at: datetime | None
    mail: SendingView | None


@dataclass(frozen=True)
class FailedView:
    """A sending that did not arrive."""

    notice_id: int
    account_id: int
    occasion: Occasion
    state: int
    address: str
    tries: int
    answer: str
    at: datetime


@dataclass(frozen=True)
class DayCount:
    """How many of a day stand in a state, by way."""

    day: date
    way: int
    state: int
    count: int


def notices_of(account_id: int, language: str, limit: int = 50, offset: int = 0) -> list[NoticeView]:
    """An account's notices, the latest first: one query."""
    return _views(account_id, 0, language, limit, offset)


def notice_of(account_id: int, notice_id: int, language: str) -> NoticeView:
    """One of them. Refuses: unknown_notice (also another account's)."""
    found = _views(account_id, notice_id, language, 1, 0) if notice_id > 0 else []
    if not found:
        raise refusal("unknown_notice", field="notice", value=notice_id)
    return found[0]


def count_of(account_id: int) -> int:
    return models.Notice.objects.filter(account_id=account_id).count()


def unread(account_id: int) -> int:
    """How many an account has not read; a hundred stands for many."""
    return len(models.Notice.objects.filter(account_id=account_id, read_at=None).values_list("pk")[:100])


def mark_read(account_id: int, notice_id: int = 0) -> None:
    """A customer has seen one, or all of them."""
    found = models.Notice.objects.filter(account_id=account_id, read_at=None)
    (found.filter(pk=notice_id) if notice_id else found).update(read_at=clock.now())


def failures(limit: int = 200) -> list[FailedView]:
    """What was refused, given up or came back, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(FAILED_SQL, [limit])
        return [
            FailedView(number, account, BY_CODE[occasion], state, masked(address), tries, answer, at)
            for number, account, occasion, state, address, tries, answer, at in cursor.fetchall()
        ]


def by_day(since: date) -> list[DayCount]:
    """How many notices were made and sent on each day."""
    zone = str(clock.zone())
    begin = datetime(since.year, since.month, since.day, tzinfo=clock.zone())
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY_SQL, [zone, begin, zone, begin])
        return [DayCount(*row) for row in cursor.fetchall()]


def masked(address: str) -> str:
    """An address that proves itself to who knows it, and tells others nothing: `l••••@example.org`."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}••••{at}{domain}" if at else f"{address[:1]}••••"


def _views(account_id: int, notice_id: int, language: str, limit: int, offset: int) -> list[NoticeView]:
    zh = language == "zh"
    with connection.cursor() as cursor:
        cursor.execute(LIST_SQL, [zh, zh, account_id, notice_id, notice_id, limit, offset])
        rows = cursor.fetchall()
    found = []
    for number, code, said, made_at, read_at, state, address, tries, sent_at, answer, next_at, title, body in rows:
        values, occasion = json.loads(said), BY_CODE[code]
        mail = None if state is None else SendingView(state, masked(address), tries, sent_at, answer, next_at)
        tongue = "zh" if zh else "en"
        words = Words(say(occasion, title, values, tongue), say(occasion, body, values, tongue))
        found.append(NoticeView(number, occasion, words, values, made_at, read_at, mail))
    return found
