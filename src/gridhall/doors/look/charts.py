"""Charts drawn on the server as SVG in per cent: no script, no style attribute, type that keeps its size.

A table of the same figures stands beside each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

TickText = Callable[[int], str]
DENSE = 14  # more columns than this, and numbers stand closer than they can be read on a phone
TOP, BOTTOM = 9.0, 88.0  # per cent of the plot's height between which the columns stand


@dataclass(frozen=True)
class Series:
    """What one colour means. `colour`: sharp | peak | flat | valley | total | cost | good | bad | info | quiet."""

    name: str
    colour: str


@dataclass(frozen=True)
class Column:
    """One column. `values`: one whole number for each series (same unit); `texts`: the same numbers as people read
    them; `text`: their total, read; `label`: below the column; `name`: its full name, for the table and for those who
    listen."""

    label: str
    name: str
    values: tuple[int, ...]
    texts: tuple[str, ...]
    text: str
    href: str = ""
    now: bool = False


@dataclass(frozen=True)
class Box:
    """A rectangle in per cent of the plot, as texts ready for SVG."""

    colour: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class DrawnColumn:
    column: Column
    boxes: tuple[Box, ...]
    middle: str
    above: str
    detail: str  # the parts in words, where there are several
    sparse: bool  # left out of the labels where there is little room
    label: str  # below it; empty for every second one where columns stand close


@dataclass(frozen=True)
class Tick:
    y: str
    text: str


@dataclass(frozen=True)
class ColumnChart:
    """Ready for look/chart.html."""

    title: str
    unit: str
    series: tuple[Series, ...]
    columns: tuple[DrawnColumn, ...]
    ticks: tuple[Tick, ...]
    base: str
    dense: bool


def per_cent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def nice_step(reach: int, steps: int = 3) -> int:
    """The smallest of 1, 2, 2.5, 5 × 10**n that spans `reach` in at most `steps` steps."""
    if reach <= 0:
        return 1
    need = -(-reach // steps)
    power = int(10 ** (len(str(need)) - 1))
    for tenths in (10, 20, 25, 50, 100):
        step = power * tenths // 10
        if step >= need and step * 10 == power * tenths:
            return step
    return power * 10


def _scale(columns: Sequence[Column]) -> tuple[int, int, int]:
    """(lowest, highest, step) of the axis; a negative column reaches below zero."""
    totals = [sum(column.values) for column in columns] or [0]
    low, high = min(0, *totals), max(0, *totals)
    step = nice_step(max(high, -low))
    below = -(low // step) * step
    return -below, max(step, -(-high // step) * step), step


def _in_words(series: Sequence[Series], item: Column) -> str:
    if len(series) < 2:
        return ""
    return ", ".join(f"{one.name} {text}" for one, text in zip(series, item.texts, strict=True))


def columns(
    title: str,
    unit: str,
    series: Sequence[Series],
    items: Sequence[Column],
    tick_text: TickText,
) -> ColumnChart:
    """Lay out stacked columns. All of one unit; a column whose values mix signs is drawn by its total."""
    low, high, step = _scale(items)
    reach = high - low

    def height_at(value: int) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - low) / reach

    drawn = []
    slot = 100 / max(1, len(items))
    for place, item in enumerate(items):
        values = item.values if min(item.values, default=0) >= 0 else (sum(item.values),)
        boxes, level = [], 0
        for one, value in zip(series, values, strict=False):
            if value == 0:
                continue
            top, foot = height_at(max(level, level + value)), height_at(min(level, level + value))
            boxes.append(
                Box(
                    one.colour,
                    per_cent(slot * (place + 0.16)),
                    per_cent(top),
                    per_cent(slot * 0.68),
                    per_cent(foot - top),
                )
            )
            level += value
        drawn.append(
            DrawnColumn(
                item,
                tuple(boxes),
                per_cent(slot * (place + 0.5)),
                per_cent(height_at(max(0, level)) - 1.5),
                _in_words(series, item),
                len(items) > 8 and (len(items) - 1 - place) % (4 if len(items) > DENSE else 2) != 0,
                "" if len(items) > DENSE and (len(items) - 1 - place) % 2 else item.label,
            )
        )
    ticks = tuple(Tick(per_cent(height_at(value)), tick_text(value)) for value in range(low, high + 1, step))
    return ColumnChart(title, unit, tuple(series), tuple(drawn), ticks, per_cent(height_at(0)), len(items) > DENSE)


@dataclass(frozen=True)
class LinePiece:
    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    label: str
    title: str
    anchor: str


@dataclass(frozen=True)
class LineChart:
    """Ready for look/line_chart.html."""

    title: str
    unit: str
    colour: str
    pieces: tuple[LinePiece, ...]
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    base: str


@dataclass(frozen=True)
class Point:
    """`at`: place along the axis (days, months…); `label` below it (may be empty); `title`: said when pointed at."""

    at: int
    value: int
    label: str
    title: str


def line(title: str, unit: str, colour: str, points: Sequence[Point], tick_text: TickText) -> LineChart:
    """Lay out one line over points in rising order of `at`, values ≥ 0."""
    step = nice_step(max((point.value for point in points), default=0))
    high = step * max(1, -(-max((point.value for point in points), default=0) // step))
    first, last = (points[0].at, points[-1].at) if points else (0, 1)
    reach = max(1, last - first)
    spots = [(2 + 96 * (point.at - first) / reach, BOTTOM - (BOTTOM - TOP) * point.value / high) for point in points]
    pieces = tuple(
        LinePiece(per_cent(x1), per_cent(y1), per_cent(x2), per_cent(y2)) for (x1, y1), (x2, y2) in pairwise(spots)
    )
    dots = tuple(
        Dot(per_cent(x), per_cent(y), point.label, point.title, "start" if x < 8 else "end" if x > 92 else "middle")
        for (x, y), point in zip(spots, points, strict=True)
    )
    ticks = tuple(
        Tick(per_cent(BOTTOM - (BOTTOM - TOP) * value / high), tick_text(value)) for value in range(0, high + 1, step)
    )
    return LineChart(title, unit, colour, pieces, dots, ticks, per_cent(BOTTOM))


@dataclass(frozen=True)
class Share:
    """A part of a bar."""

    colour: str
    x: str
    width: str


def shares(parts: Sequence[tuple[str, int]], whole: int) -> tuple[Share, ...]:
    """Parts (colour, amount) of a bar that stands for `whole`; what exceeds the whole is cut at its end."""
    placed, start = [], 0.0
    for colour, amount in parts:
        width = min(100 - start, 100 * max(0, amount) / max(1, whole))
        if width > 0:
            placed.append(Share(colour, per_cent(start), per_cent(width)))
        start += width
    return tuple(placed)
