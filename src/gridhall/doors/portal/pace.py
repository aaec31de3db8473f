"""Answers that take the same time whatever was found: how long one waits must not tell whether a number exists."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


@contextmanager
def steady(seconds: float | None = None) -> Iterator[None]:
    """Let the block take at least so many seconds (`SIGN_IN_PACE_S` of the settings), well ended or refused.

    More than sending a code or hashing a password takes, so that what is added hides what was done.
    """
    until = time.monotonic() + (settings.SIGN_IN_PACE_S if seconds is None else seconds)
    try:
        yield
    finally:
        time.sleep(max(until - time.monotonic(), 0))
