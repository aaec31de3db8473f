"""Who really calls, where the pages stand behind proxies of the supplier's own."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


def caller_address(get_response: Answer) -> Answer:
    """Middleware: with `TRUSTED_PROXIES` = n, the caller is the n-th address from the right of X-Forwarded-For.

    What stands further left was written by the caller and is worth nothing. With 0 the header is not looked at.
    """
    count = settings.TRUSTED_PROXIES

    def answer(request: HttpRequest) -> HttpResponseBase:
        if count:
            named = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            if len(named) >= count and named[-count]:
                request.META["REMOTE_ADDR"] = named[-count]
        return get_response(request)

    return answer
