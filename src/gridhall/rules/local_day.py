"""The steps of a local calendar day: 24 hours, or 23 and 25 where the clocks change. Whole minutes only."""

from datetime import UTC, date, datetime, timedelta, tzinfo

DAY_MINUTES = 1440


def midnight(day: int, zone: tzinfo) -> datetime:
    """When a day (number) begins, in UTC. A day whose midnight the clocks skip begins with its first minute."""
    start = datetime.combine(date.fromordinal(day), datetime.min.time(), zone)
    return start.astimezone(UTC)


def minutes_of(day: int, zone: tzinfo) -> int:
    """How many minutes a day has."""
    return int((midnight(day + 1, zone) - midnight(day, zone)).total_seconds()) // 60


def steps_of(day: int, zone: tzinfo, minutes: int) -> int:
    """How many steps of `minutes` a day has."""
    return minutes_of(day, zone) // minutes


def place_of(moment: datetime, zone: tzinfo) -> tuple[int, int]:
    """(day number, minutes since the day began) of an aware moment; an hour that the clocks repeat counts twice."""
    day = moment.astimezone(zone).toordinal()
    return day, int((moment - midnight(day, zone)).total_seconds()) // 60


def wall_minutes(day: int, zone: tzinfo, minutes: int) -> tuple[int, ...]:
    """What the clock on the wall shows (minutes since 00:00) when each step of a day begins."""
    if minutes_of(day, zone) == DAY_MINUTES and midnight(day, zone).astimezone(zone).minute == 0:
        start, end = midnight(day, zone).astimezone(zone), midnight(day + 1, zone).astimezone(zone)
        if start.utcoffset() == end.utcoffset():
            return tuple(range(0, DAY_MINUTES, minutes))
    shown = []
    for k in range(steps_of(day, zone, minutes)):
        clock = (midnight(day, zone) + timedelta(minutes=k * minutes)).astimezone(zone)
        shown.append(clock.hour * 60 + clock.minute)
    return tuple(shown)
