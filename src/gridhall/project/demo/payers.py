"""How the town pays: most at once, some late, some in parts, a few never; at counters, banks and online."""

from dataclasses import dataclass

import numpy as np

from gridhall.payments.public import DOOR_API, DOOR_COUNTER, DOOR_PORTAL
from gridhall.project.demo.town import STREAM_PAYERS, Ints, Town

PROMPT, LATE, IN_PARTS, SKIPS, AHEAD, NEVER = range(6)
SHARES = (0.725, 0.16, 0.045, 0.045, 0.02, 0.005)


@dataclass(frozen=True)
class Payers:
    """By row of the town: the kind of payer and the door that it likes."""

    kind: Ints
    door: Ints


def draw(town: Town) -> Payers:
    """Drawn once for the town. Every town has somebody of each kind."""
    random = town.random(STREAM_PAYERS)
    kind = random.choice(6, town.size, p=SHARES)
    kind[random.permutation(town.size)[:6]] = range(6)
    door = random.choice([DOOR_API, DOOR_PORTAL, DOOR_COUNTER], town.size, p=[0.5, 0.35, 0.15])
    return Payers(kind.astype(np.int64), door.astype(np.int64))


BILLED_AFTER_DAYS = 2  # after the readings

# Days after the bills of a month go out on which money is taken in one go, and who pays then.
WAVES = (6, 13, 27)


def amounts(town: Town, payers: Payers, month: int, wave: int, owed: Ints) -> Ints:
    """What each row pays in a wave (0, 1, 2) of the month, minor units; 0 for nothing. `owed`: what its account owes.

    Late payers come a month after and round up for the late charge; whole yuan over become credit.
    """
    random = town.random(STREAM_PAYERS, 1 + month * 3 + wave)
    chance = random.random(town.size)
    kind = payers.kind
    whole = -(-owed // 100) * 100
    prompt = (kind == PROMPT) & (chance < (0.55, 0.97, 0.9)[wave])
    late = (kind == LATE) & (wave == 2) & (chance < 0.85)
    parts = (kind == IN_PARTS) & (wave == 1)
    skips = (kind == SKIPS) & (wave == 2) & (chance < 0.35)
    ahead = (kind == AHEAD) & (wave == 0) & (chance < 0.3)
    paid = np.select(
        [prompt, late, parts, skips, ahead],
        [owed, whole + whole // 100 // 50 * 100 + 100, owed * 6 // 10, whole + 500, owed + 20_000],
        default=0,
    )
    return np.where((owed > 0) | (ahead & (chance < 0.1)), paid, 0)
