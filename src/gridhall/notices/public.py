"""Notices for the doors: what is said on which occasion, what was said to whom, and the proof of it."""

from gridhall.notices.bounces import take_bounce
from gridhall.notices.choosing import choices, choose
from gridhall.notices.models import (
    APPROVED,
    BOUNCED,
    DRAFT,
    GIVEN_UP,
    INBOX,
    MAIL,
    REFUSED,
    SENDING,
    SENT,
    WAITING,
)
from gridhall.notices.occasions import OCCASIONS, Occasion
from gridhall.notices.ports import AGAIN, NEVER, TAKEN, Outcome, way
from gridhall.notices.queries import (
    DayCount,
    FailedView,
    NoticeView,
    SendingView,
    by_day,
    count_of,
    failures,
    mark_read,
    notice_of,
    notices_of,
    unread,
)
from gridhall.notices.refusals import WORDS as REFUSAL_WORDS
from gridhall.notices.rendering import Words
from gridhall.notices.sending import send_again, send_example, send_waiting
from gridhall.notices.texts import NewText, Seen, TextView, decide_text, preview, text, texts, write_text

__all__ = [
    "AGAIN", "APPROVED", "BOUNCED", "DRAFT", "GIVEN_UP", "INBOX", "MAIL", "NEVER", "OCCASIONS", "REFUSAL_WORDS",
    "REFUSED", "SENDING", "SENT", "TAKEN", "WAITING", "DayCount", "FailedView", "NewText", "NoticeView",
    "Occasion", "Outcome", "Seen", "SendingView", "TextView", "Words", "by_day", "choices", "choose", "count_of",
    "decide_text", "failures", "mark_read", "notice_of", "notices_of", "preview", "send_again", "send_example",
    "send_waiting", "take_bounce", "text", "texts", "unread", "way", "write_text",
]  # fmt: skip
