"""In a demo only: the messages that were sent, since nobody has the customers' phones."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from gridhall.customers import public as customers

SHOWN = 30


@never_cache
def messages(request: HttpRequest) -> HttpResponse:
    """The last messages, newest first; there is no such page outside a demo."""
    if not settings.DEMO:
        raise Http404
    return render(request, "portal/messages.html", {"sent": customers.messages(limit=SHOWN)})
