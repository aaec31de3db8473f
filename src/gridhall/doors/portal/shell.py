"""The frame around every page of the portal: the menu, and who is signed in."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext

from gridhall.doors.portal.session import SignedIn

# (address name, icon); the words are looked up in the reader's language at each request.
MENU = (
    ("home", "house"),
    ("bills", "receipt-text"),
    ("use", "zap"),
    ("payments", "wallet"),
    ("profile", "circle-user-round"),
)


def language_of_reader() -> Literal["zh", "en"]:
    """zh or en."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _names() -> dict[str, str]:
    return {
        "home": gettext("Home"),
        "bills": gettext("Bills"),
        "use": gettext("Use"),
        "payments": gettext("Payments"),
        "profile": gettext("Account"),
    }


def page(
    request: HttpRequest,
    customer: SignedIn,
    template: str,
    context: dict[str, Any],
    *,
    place: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page of the signed-in customer; `place` is the entry of the menu it belongs to."""
    names = _names()
    menu = [
        {"name": names[name], "href": reverse(f"portal:{name}"), "icon": icon, "current": name == place}
        for name, icon in MENU
    ]
    return render(request, template, {"customer": customer, "menu": menu, **context}, status=status)
