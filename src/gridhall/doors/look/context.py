"""What every page needs: how this reader wants it shown, and whose house it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from gridhall.doors.look import formats

THEMES = ("auto", "light", "dark")
CONTRASTS = ("auto", "more")
SIZES = ("normal", "large", "larger")
COOKIES = {"theme": THEMES, "contrast": CONTRASTS, "size": SIZES}


def display(request: HttpRequest) -> dict[str, str]:
    """The reader's choices from cookies; anything unknown counts as the first choice."""
    chosen = {}
    for name, allowed in COOKIES.items():
        value = request.COOKIES.get(f"gridhall_{name}", allowed[0])
        chosen[name] = value if value in allowed else allowed[0]
    return chosen


HINTS = ("office", "counter", "portal")
HINT_COOKIE = "gridhall_hints"


def hints(request: HttpRequest) -> frozenset[str]:
    """The first-time hints that this browser has put away."""
    return frozenset(request.COOKIES.get(HINT_COOKIE, "").split(".")) & frozenset(HINTS)


def look(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `display`, `supplier`, `supplier_phone`, `currency_sign`, `is_zh`, `demo`, `in_office`."""
    chinese = formats.is_chinese(get_language() or "zh")
    return {
        "display": display(request),
        "supplier": settings.SUPPLIER_NAME_ZH if chinese else settings.SUPPLIER_NAME_EN,
        "supplier_phone": settings.SUPPLIER_PHONE,
        "currency_sign": formats.sign(settings.CURRENCY),
        "is_zh": chinese,
        "demo": settings.DEMO,
        "in_office": request.path.startswith("/office/"),
    }
