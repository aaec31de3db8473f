"""The ways of paying online: their names, and what the customer pays at."""

import re

import segno
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from gridhall.payments import public as payments

NAMES: dict[str, Promise] = {
    "alipay": _("Alipay"),
    "wechat": _("WeChat Pay"),
    "stripe": _("Bank card"),
    "sandbox": _("Sandbox bank, for trying out"),
}
PHONES = re.compile(r"Mobile|Android|iPhone|iPad|HarmonyOS")


def choices() -> list[tuple[str, str | Promise]]:
    """The ways that are set up, in the order of the settings, with their names."""
    return [(name, NAMES.get(name, name)) for name in payments.gateways()]


def device(request: HttpRequest) -> str:
    """desk | phone, as the browser says: some gateways have a page for each. A wrong guess is only less handy."""
    return "phone" if PHONES.search(request.headers.get("user-agent", "")) else "desk"


def caller(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def code(address: str) -> SafeString | None:
    """The picture of an address that is scanned; None for one that a browser opens."""
    if not address or re.match(r"https?://", address):
        return None
    # segno draws rectangles: nothing of the address stands in the picture as text
    return mark_safe(segno.make(address, error="m").svg_inline(scale=5, omitsize=True, light="#fff", border=3))
