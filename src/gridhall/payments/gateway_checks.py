"""Django's system check of the gateways: a warning for each that is named in the settings and set up by half."""

from typing import Any

from django.core import checks

from gridhall.payments.ports import gateways_lacking

HINT = "See docs/operate/gateways.md; `gridhall payments gateways` tells all that is missing."


def gateways_are_set_up(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    """payments.W001 for each gateway that lacks something, with the first thing that it lacks."""
    del app_configs  # the gateways are of the settings, not of an app
    return [
        checks.Warning(f"The gateway {name} is not set up completely: {told[0]}", hint=HINT, id="payments.W001")
        for name, told in gateways_lacking().items()
    ]
