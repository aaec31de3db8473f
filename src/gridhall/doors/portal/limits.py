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
# a whole office or village may share one address
MOST = {"failure": 30, "code": 30, "guest": 40, "fact": 5}
FACT_WITHIN = timedelta(hours=1)  # how long wrong amounts for one number are counted, from wherever they come


def _address(request: HttpRequest) -> str:
    return _hidden(str(request.META.get("REMOTE_ADDR", "")))


def _hidden(text: str) -> str:
    key = hashlib.sha256(b"gridhall.portal.knock\0" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


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
    _count(_address(request), kind)


def may_guess(number: str) -> bool:
    """Whether an amount may still be tried for a customer number: a few wrong ones an hour, whoever tries."""
    since = clock.now() - FACT_WITHIN
    return Knock.objects.filter(address=_hidden(f"number {number}"), kind="fact", at__gt=since).count() < MOST["fact"]


def wrong_guess(number: str) -> None:
    """Count a wrong amount for a customer number, whether there is such a number or not."""
    _count(_hidden(f"number {number}"), "fact")


def _count(address: str, kind: str) -> None:
    moment = clock.now()
    Knock.objects.filter(at__lt=moment - KEPT).delete()
    Knock.objects.create(address=address, kind=kind, at=moment)
