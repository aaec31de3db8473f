"""Against guessing: wrong PINs are counted by caller, by account and by serial, and each has to wait longer after each.

What is counted lies in a table of fixed size: a name is hashed into one of 65,536 places of its kind. Whoever sends a
million wrong PINs under a million names fills no table; that an honest caller shares a place with him is one in 65,536
for each of his names, and makes that caller wait, no more. The count of a place is halved with each quiet day.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from gridhall.cards.refusals import refusal
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.sealing import derived_key

CALLER, ACCOUNT, SERIAL, ALL = range(1, 5)
KINDS = {CALLER: "caller", ACCOUNT: "account", SERIAL: "serial", ALL: "all"}
PLACES = 1 << 16
FREE = {CALLER: 3, ACCOUNT: 10, SERIAL: 3}  # wrong PINs without a wait
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)
QUIET = timedelta(days=1)
ALARM_WRONG = 200  # wrong PINs in an hour, over all doors, of which somebody must be told
ALARM_WITHIN = timedelta(hours=1)

READ_SQL = """
SELECT kind, place, wrong, last_wrong_at FROM card_guess
WHERE (kind, place) IN (SELECT * FROM unnest(%s::smallint[], %s::integer[]))
"""

COUNT_SQL = """
INSERT INTO card_guess AS g (kind, place, wrong, last_wrong_at)
SELECT kind, place, 1, %(now)s FROM unnest(%(kinds)s::smallint[], %(places)s::integer[]) AS t (kind, place)
ORDER BY kind, place
ON CONFLICT (kind, place) DO UPDATE SET
    wrong = least(
        (g.wrong >> least(floor(extract(epoch FROM %(now)s - g.last_wrong_at) / %(quiet)s)::int, 30)) + 1, 1000000
    ),
    last_wrong_at = %(now)s
"""

HOUR_SQL = """
INSERT INTO card_guess AS g (kind, place, wrong, last_wrong_at) VALUES (4, %(hour)s, %(more)s, %(now)s)
ON CONFLICT (kind, place) DO UPDATE SET
    wrong = CASE WHEN g.last_wrong_at > %(now)s - interval '1 hour' THEN g.wrong + %(more)s ELSE %(more)s END,
    last_wrong_at = %(now)s
RETURNING wrong
"""


@dataclass(frozen=True)
class Try:
    """Who tries which card for whom. `caller`: a telephone number, an address, a clerk: by what the door knows him."""

    caller: str
    account_number: str
    serial: str

    def places(self) -> list[tuple[int, int]]:
        named = ((CALLER, self.caller), (ACCOUNT, self.account_number), (SERIAL, self.serial))
        return [(kind, place_of(kind, name)) for kind, name in named if name]


def place_of(kind: int, name: str) -> int:
    """Where a name is counted: nobody outside can tell which names share a place."""
    mark = hmac.digest(derived_key("card guesses"), f"{kind}:{name}".encode(), "sha256")
    return int.from_bytes(mark[:2], "big")


def refuse_guessing(tries: Sequence[Try]) -> dict[int, datetime]:
    """Which of the tries must wait, and until when (their places in the list). Of tries that come together no more go
    on than a place has free ones left, one at least: the others wait for these."""
    wanted = sorted({place for each in tries for place in each.places()})
    moment = clock.now()
    until: dict[tuple[int, int], datetime] = {}
    left = {place: FREE[place[0]] for place in wanted}
    with connection.cursor() as cursor:
        cursor.execute(READ_SQL, [[kind for kind, _ in wanted], [place for _, place in wanted]])
        for kind, place, wrong, last in cursor.fetchall():
            counted = halved(wrong, moment - last)
            until[kind, place] = last + wait_after(kind, counted)
            left[kind, place] = max(FREE[kind] - counted, 1)
    found = {}
    for at, each in enumerate(tries):
        places = each.places()
        latest = max((until[place] for place in places if place in until), default=moment)
        if latest > moment or not all(left[place] for place in places):
            found[at] = latest
            continue
        for place in places:
            left[place] -= 1
    return found


def halved(wrong: int, quiet: timedelta) -> int:
    """What is left of a count after a time without wrong PINs."""
    return wrong >> min(max(quiet // QUIET, 0), 30)


def wait_after(kind: int, wrong: int) -> timedelta:
    """How long to wait after so many wrong PINs: a minute after the last free one, twice as long after each, a day at
    most."""
    over = wrong - FREE[kind]
    return timedelta(0) if over < 0 else min(FIRST_WAIT * 2 ** min(over, 12), LONGEST_WAIT)


def count_wrong(actor: Actor, tries: Sequence[Try]) -> None:
    """Count wrong PINs, one for each try, in their own transaction: they stand whatever becomes of the caller's."""
    moment = clock.now()
    places = sorted(place for each in tries for place in each.places())
    with transaction.atomic():
        with connection.cursor() as cursor:
            while places:  # one statement cannot touch a row twice
                once = sorted(set(places))
                for place in once:
                    places.remove(place)
                cursor.execute(
                    COUNT_SQL,
                    {
                        "now": moment, "kinds": [kind for kind, _ in once], "places": [place for _, place in once],
                        "quiet": QUIET.total_seconds(),
                    },
                )  # fmt: skip
            cursor.execute(HOUR_SQL, {"hour": 0, "more": len(tries), "now": moment})
            row = cursor.fetchone()
            assert row is not None
        if row[0] >= ALARM_WRONG:
            audit.record_seldom(actor, "cards.alarm", "cards:guessing", {"within": "hour"}, ALARM_WITHIN)


def unlock(actor: Actor, kind: int, name: str, reason: str) -> None:
    """Let a caller, an account or a serial try again at once, whose identity was seen. Refuses: not_allowed,
    reason_missing."""
    actor.require("cards.unlock")
    if len(reason.strip()) < 3:
        raise refusal("reason_missing", field="reason")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM card_guess WHERE kind = %s AND place = %s", [kind, place_of(kind, name)])
        audit.record(actor, "cards.unlock", f"{KINDS[kind]}:{name}"[:80], reason=reason)
