"""What was said to an account, as it stands in its inbox."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema

from gridhall.doors.api.access import account_of, caller
from gridhall.doors.api.problems import Problem
from gridhall.kernel.refusal import Refusal
from gridhall.notices import public as said

router = Router(tags=["notices"])
ERRORS = frozenset({400, 401, 403, 404, 422})
MOST = 200


class Notice(Schema):
    """A notice word by word. `mail`: waits | sent | failed, empty where it does not go by mail."""

    id: int
    occasion: str
    at: datetime
    read_at: datetime | None
    title: str
    body: str
    mail: str


@router.get(
    "/accounts/{number}/notices", response={200: list[Notice], ERRORS: Problem}, summary="Notices, newest first"
)
def notices(request: HttpRequest, number: str, language: Literal["zh", "en"] = "zh", limit: int = 50) -> list[Notice]:
    """The last `limit` (1 to 200) notices of an account, in a language. To read here marks nothing as read."""
    found = account_of(caller(request, "notices.see"), number)
    if not 1 <= limit <= MOST:
        raise Refusal("bad_input", "limit must be 1 to 200.", "limit 应为 1 至 200。", field="limit", value=str(limit))
    return [
        Notice(
            id=each.id, occasion=each.occasion.name, at=each.made_at, read_at=each.read_at, title=each.words.title,
            body=each.words.body, mail=_mail(each.mail),
        )
        for each in said.notices_of(found.account_id, language, limit)
    ]  # fmt: skip


def _mail(mail: said.SendingView | None) -> str:
    if mail is None:
        return ""
    if mail.state == said.SENT:
        return "sent"
    return "waits" if mail.state in (said.WAITING, said.SENDING) else "failed"
