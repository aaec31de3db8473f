"""A map of areas drawn on the server: a disc where each area's customers live, as large as what it stands for.

No tiles, no script, nothing from elsewhere: distances are true, roads are not shown. Places are in per cent of the
plot, so that type and discs keep their size on a phone. A table of the same figures stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt

WIDE, HIGH = 8, 5  # the shape of the plot, which its CSS keeps
MARGIN = 9.0  # per cent left free at each edge, for the discs that lie there
LEAST_PX, MOST_PX = 4, 26  # radius of a disc
LABEL_WIDE, LABEL_HIGH = 24.0, 8.0  # per cent that two labels need between them on a phone
MICRO = 1_000_000
NARROWEST = 0.002  # degrees, about 200 m: areas that all lie in one spot are not spread further


@dataclass(frozen=True)
class Spot:
    """An area to draw: its place in millionths of a degree, what it stands for (whole number, any sign), as read."""

    name: str
    longitude: int
    latitude: int
    value: int
    text: str


@dataclass(frozen=True)
class Disc:
    spot: Spot
    x: str
    y: str
    radius: str
    colour: str
    labelled: bool


@dataclass(frozen=True)
class AreaMap:
    """Ready for look/area_map.html; the largest discs first, so that small ones are not hidden."""

    title: str
    less: str
    more: str
    discs: tuple[Disc, ...]


def draw(title: str, less: str, more: str, spots: Sequence[Spot]) -> AreaMap | None:
    """Lay the areas out, north above; `less` and `more` say what the two colours mean. None where fewer than two of
    them have a place: one disc tells nothing."""
    if len(spots) < 2:
        return None
    squeeze = cos(radians(sum(spot.latitude for spot in spots) / len(spots) / MICRO))
    across = [spot.longitude / MICRO * squeeze for spot in spots]
    up = [spot.latitude / MICRO for spot in spots]
    # one scale for both directions, so that distances stay true
    span = max((max(across) - min(across)) / WIDE, (max(up) - min(up)) / HIGH, NARROWEST / WIDE)
    middle = ((max(across) + min(across)) / 2, (max(up) + min(up)) / 2)
    inner = 100 - 2 * MARGIN
    most = max(abs(spot.value) for spot in spots) or 1
    taken: list[tuple[float, float]] = []
    discs = []
    for k in sorted(range(len(spots)), key=lambda k: (-abs(spots[k].value), spots[k].name)):
        x = 50 + (across[k] - middle[0]) / (span * WIDE) * inner
        y = 50 - (up[k] - middle[1]) / (span * HIGH) * inner
        free = all(abs(x - other) >= LABEL_WIDE or abs(y - over) >= LABEL_HIGH for other, over in taken)
        if free:
            taken.append((x, y))
        value = spots[k].value
        radius = LEAST_PX + (MOST_PX - LEAST_PX) * sqrt(abs(value) / most)  # the surface is what is compared
        colour = "quiet" if value == 0 else "good" if value < 0 else "cost"
        discs.append(Disc(spots[k], f"{x:.2f}%", f"{y:.2f}%", f"{radius:.1f}", colour, free))
    return AreaMap(title, less, more, tuple(discs))
