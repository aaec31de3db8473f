"""Charts drawn on the server as SVG in per cent: no script, no style attribute, type that keeps its size.

A table of the same figures stands beside each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

TickText = Callable[[int], str]
DENSE = 14  # more columns than this, and numbers stand closer than they can be read on a phone
FEW, SHORT_NUMBER = 8, 5  # with more columns than that, numbers longer than that run into each other
LABEL_APART = 17.0  # per cent of the width that two labels below a line need between them
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
    listen; `before`, `before_text`: what the total was a year before, drawn as a mark across the column."""

    label: str
    name: str
    values: tuple[int, ...]
    texts: tuple[str, ...]
    text: str
    href: str = ""
    now: bool = False
    before: int | None = None
    before_text: str = ""


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
    mark: Box | None  # where it stood a year before
    slot: Box  # the whole stripe of the column, for the pointer and the finger


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
    roomy: bool  # its numbers are long: they are written above the columns only where there is much room
    compared: bool  # some column is marked with the year before
    sign_first: bool  # the unit is a currency's sign: it stands before the number

    @property
    def newest(self) -> DrawnColumn | None:
        """The column that is told about before anything is pointed at."""
        told = [one for one in self.columns if one.column.text]
        return told[-1] if told else None


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


def _scale(columns: Sequence[Column], grain: int) -> tuple[int, int, int]:
    """(lowest, highest, step) of the axis; a negative column reaches below zero. `grain`: the least step, so that no
    two numbers of the axis read alike."""
    totals = [sum(column.values) for column in columns] or [0]
    totals += [column.before for column in columns if column.before is not None]
    low, high = min(0, *totals), max(0, *totals)
    step = nice_step(-(-max(high, -low) // grain)) * grain
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
    grain: int = 1,
    *,
    sign_first: bool = False,
) -> ColumnChart:
    """Lay out stacked columns. All of one unit; a column whose values mix signs is drawn by its total.

    `grain`: what the axis counts in, in the unit of the values (1000 where Wh are read as kWh).
    """
    low, high, step = _scale(items, grain)
    plot = _Plot(low, high - low, 100 / max(1, len(items)))
    drawn = tuple(_drawn(plot, series, items, place) for place in range(len(items)))
    ticks = tuple(Tick(per_cent(plot.height_at(value)), tick_text(value)) for value in range(low, high + 1, step))
    longest = max((len(item.text) for item in items), default=0)
    return ColumnChart(
        title,
        unit,
        tuple(series),
        drawn,
        ticks,
        per_cent(plot.height_at(0)),
        dense=len(items) > DENSE,
        roomy=len(items) > FEW and longest > SHORT_NUMBER,
        compared=any(item.before is not None for item in items),
        sign_first=sign_first,
    )


@dataclass(frozen=True)
class _Plot:
    """The plot's measures: lowest value, reach of the axis, width of a column's stripe in per cent."""

    low: int
    reach: int
    width: float

    def height_at(self, value: int) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - self.low) / self.reach


def _drawn(plot: _Plot, series: Sequence[Series], items: Sequence[Column], place: int) -> DrawnColumn:
    item, slot, number = items[place], plot.width, len(items)
    values = item.values if min(item.values, default=0) >= 0 else (sum(item.values),)
    left, width = per_cent(slot * (place + 0.16)), per_cent(slot * 0.68)
    boxes, level = [], 0
    for one, value in zip(series, values, strict=False):
        if value == 0:
            continue
        top, foot = plot.height_at(max(level, level + value)), plot.height_at(min(level, level + value))
        boxes.append(Box(one.colour, left, per_cent(top), width, per_cent(foot - top)))
        level += value
    mark = None
    if item.before is not None:
        at = per_cent(plot.height_at(item.before))
        mark = Box("before", per_cent(slot * (place + 0.06)), at, per_cent(slot * 0.88), "0")
    return DrawnColumn(
        item,
        tuple(boxes),
        per_cent(slot * (place + 0.5)),
        per_cent(plot.height_at(max(0, level, item.before or 0)) - 1.5),
        _in_words(series, item),
        number > FEW and (number - 1 - place) % (4 if number > DENSE else 2) != 0,
        "" if number > DENSE and (number - 1 - place) % 2 else item.label,
        mark,
        Box("", per_cent(slot * place), "0", per_cent(slot), per_cent(BOTTOM)),
    )


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
    labels = _apart([x for x, _y in spots], [point.label for point in points])
    dots = tuple(
        Dot(per_cent(x), per_cent(y), label, point.title, "start" if x < 8 else "end" if x > 92 else "middle")
        for (x, y), label, point in zip(spots, labels, points, strict=True)
    )
    ticks = tuple(
        Tick(per_cent(BOTTOM - (BOTTOM - TOP) * value / high), tick_text(value)) for value in range(0, high + 1, step)
    )
    return LineChart(title, unit, colour, pieces, dots, ticks, per_cent(BOTTOM))


def _apart(places: Sequence[float], labels: Sequence[str]) -> list[str]:
    """The labels of a line without those of its ends that would run into one between them."""
    last = len(labels) - 1
    between = [x for place, x in enumerate(places) if labels[place] and 0 < place < last]
    return [
        "" if place in (0, last) and any(abs(places[place] - x) < LABEL_APART for x in between) else label
        for place, label in enumerate(labels)
    ]


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


def marks(bounds: Sequence[int], whole: int) -> tuple[str, ...]:
    """Where bounds lie on a bar that stands for `whole`; those at its ends or beyond are left out."""
    return tuple(per_cent(100 * bound / whole) for bound in bounds if 0 < bound < whole)
