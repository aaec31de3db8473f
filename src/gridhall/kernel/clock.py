"""The one clock. Everything else takes time as an argument or asks here, so that a story can set it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_set_to: ContextVar[datetime | None] = ContextVar("gridhall_clock", default=None)


def zone() -> ZoneInfo:
    """Time zone of the supplier (`GRIDHALL_TIME_ZONE`, by default Asia/Shanghai)."""
    return ZoneInfo(os.environ.get("GRIDHALL_TIME_ZONE", "Asia/Shanghai"))


def now() -> datetime:
    """The moment it is, aware, in the supplier's time zone.

    `GRIDHALL_CLOCK` (ISO 8601) moves the start of the clock of a whole process to another moment:
    a demo may live in its own month. Inside a process `at()` sets it exactly.
    """
    held = _set_to.get()
    if held is not None:
        return held
    return datetime.now(zone()) + _shift()


def today() -> date:
    """The supplier's calendar date."""
    return now().astimezone(zone()).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` (aware) inside the block."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes an aware moment")
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)


_started = datetime.now(zone())


def _shift() -> timedelta:
    wanted = os.environ.get("GRIDHALL_CLOCK")
    if not wanted:
        return timedelta(0)
    start = datetime.fromisoformat(wanted)
    if start.tzinfo is None:
        start = start.replace(tzinfo=zone())
    return start - _started
