"""Stories of a tellers' line in a loop of their own."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections


def in_a_loop(story: Coroutine[Any, Any, None]) -> None:
    """Run to the end in a fresh thread: a browser test of the same process leaves its loop running in the main one."""

    def run() -> None:
        try:
            asyncio.run(story)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        one.submit(run).result()
