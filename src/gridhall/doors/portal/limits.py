"""How often one address may try: against one caller who tries many numbers (each number is counted by customers)."""

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from gridhall.doors.portal.models import Knock
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal

WITHIN = timedelta(minutes=15)
KEPT = timedelta(hours=1)
MOST = {"failure": 30, "code": 30}  # a whole office or village may share one address


def _address(request: HttpRequest) -> str:
    key = hashlib.sha256(b"gridhall.portal.knock\0" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, str(request.META.get("REMOTE_ADDR", "")).encode(), hashlib.sha256).hexdigest()


def refuse_many(request: HttpRequest, kind: str) -> None:
    """Refuse `too_many` where this address has knocked too often in a quarter of an hour."""
    since = clock.now() - WITHIN
    if Knock.objects.filter(address=_address(request), kind=kind, at__gt=since).count() >= MOST[kind]:
        raise Refusal(
            "too_many",
            "Too many tries from your address. Please try again in a quarter of an hour, or call us.",
            "来自您网络的尝试次数过多，请一刻钟后再试，或致电我们。",
        )


def knock(request: HttpRequest, kind: str) -> None:
    """Count one; what is older than an hour is dropped."""
    moment = clock.now()
    Knock.objects.filter(at__lt=moment - KEPT).delete()
    Knock.objects.create(address=_address(request), kind=kind, at=moment)
