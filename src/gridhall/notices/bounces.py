"""Mail that came back: a delivery report (RFC 3464) names our message and whether trying again would help."""

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from django.db import transaction

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.notices import models

IDENT = re.compile(r"<notice-(\d{1,18})@")
REPORT_MOST = 10 * 2**20


@dataclass(frozen=True)
class Bounce:
    """What a report says: of which notice, whether for good, and the words of the server that refused it."""

    notice_id: int
    final: bool
    words: str


def read_bounce(data: bytes) -> Bounce | None:
    """A delivery report; None where it is none, or is about no message of ours."""
    if len(data) > REPORT_MOST:
        return None
    message = message_from_bytes(data, policy=policy.default)
    status, words = "", ""
    ident = None
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in part.get_payload() if isinstance(part.get_payload(), list) else []:
                if isinstance(block, EmailMessage) and block.get("Status"):
                    status, words = str(block["Status"]), str(block.get("Diagnostic-Code", ""))
        elif kind in ("text/rfc822-headers", "message/rfc822"):
            ident = ident or IDENT.search(part.as_string())
    if not status or ident is None or status[:1] not in "45":
        return None
    return Bounce(int(ident.group(1)), status.startswith("5"), f"{status} {words}".strip()[:500])


def take_bounce(actor: Actor, data: bytes) -> bool:
    """Note a report: an address that is none gets nothing more until it is changed. Whether it was about one of ours
    that had gone out. Safe to repeat."""
    bounce = read_bounce(data)
    if bounce is None or not bounce.final:
        return False
    with transaction.atomic():
        found = models.Sending.objects.select_for_update().filter(
            notice_id=bounce.notice_id, way=models.MAIL, state__in=(models.SENT, models.BOUNCED)
        ).first()  # fmt: skip
        if found is None:
            return False
        models.Sending.objects.filter(notice_id=bounce.notice_id, way=models.MAIL).update(
            state=models.BOUNCED, answer=bounce.words
        )
        models.BadAddress.objects.update_or_create(
            account_id=found.account_id, way=models.MAIL,
            defaults={"digest": digest(found.address), "reason": bounce.words[:300], "since": clock.now()},
        )  # fmt: skip
        audit.record(actor, "notices.bounce", f"notice:{bounce.notice_id}", after={"words": bounce.words})
    return True


def digest(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()
