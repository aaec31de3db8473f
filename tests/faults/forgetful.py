"""The control of the doors' storm: the same programs, in which no payment's key is ever seen twice.

`gridhall` as `python -m tests.faults.forgetful line PORT`, the hands as `… hands`, and `application` for the web.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import django

django.setup()

from gridhall.payments import receiving  # noqa: E402  # Django comes first
from gridhall.project.wsgi import application as application  # noqa: E402  # served from here

_salts = count()


def salted(made: Callable[..., Any]) -> Callable[..., Any]:
    """Batches with keys of their own each time."""

    def make(*given: Any) -> Any:
        batch = made(*given)
        return replace(batch, key=[f"{key}~{id(sys)}~{next(_salts)}" for key in batch.key])

    return make


receiving._batch = salted(receiving._batch)
receiving._columns_batch = salted(receiving._columns_batch)

if __name__ == "__main__":
    if sys.argv[1] == "hands":
        from tests.faults import door_hands

        door_hands.main()
    else:
        from gridhall.doors.cli.main import app

        app(["teller", "serve", "--port", sys.argv[2]])
