"""A waterfall drawn on the server as SVG in per cent: how one amount becomes another, cause by cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gridhall.doors.look.charts import Box, Tick, TickText, nice_step, per_cent

TOP, BOTTOM = 10.0, 86.0  # per cent of the plot's height between which the bars stand
LEAST = 0.6  # per cent of the height that a bar has however little it stands for


@dataclass(frozen=True)
class Step:
    """A bar: a cause and what it adds or takes. `label` below it, `name` in full, `text` the value as it is read."""

    label: str
    name: str
    value: int
    text: str


@dataclass(frozen=True)
class Bar:
    step: Step
    box: Box
    middle: str
    above: str
    whole: bool  # one of the two amounts, not a cause
    low: bool  # its label stands a line lower, so that neighbours do not run into each other


@dataclass(frozen=True)
class Waterfall:
    """Ready for look/waterfall.html. `links`: (x1, x2, y) of the threads from bar to bar."""

    title: str
    unit: str
    bars: tuple[Bar, ...]
    links: tuple[tuple[str, str, str], ...]
    ticks: tuple[Tick, ...]
    base: str


def waterfall(
    title: str, unit: str, before: Step, steps: Sequence[Step], after: Step, tick_text: TickText, grain: int = 1
) -> Waterfall:
    """Lay out how `before` becomes `after`: each step hangs where the one before it ended.

    `grain`: what the axis counts in, in the unit of the values. Raises ValueError unless `before.value` plus the steps
    comes to `after.value`.
    """
    levels = [before.value]
    for step in steps:
        levels.append(levels[-1] + step.value)
    if levels[-1] != after.value:
        raise ValueError(f"the steps come to {levels[-1]}, not {after.value}")
    low, high = min(0, *levels), max(0, *levels)
    tick = nice_step(-(-max(high, -low, 1) // grain)) * grain
    low, high = low // tick * tick, max(tick, -(-high // tick) * tick)

    def height_at(value: int) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low)

    slot = 100 / (len(steps) + 2)
    spans = [(0, before.value), *pairwise(levels), (0, after.value)]
    bars = []
    for place, (step, (start, end)) in enumerate(zip((before, *steps, after), spans, strict=True)):
        whole = place in (0, len(steps) + 1)
        colour = "total" if whole else "cost" if step.value > 0 else "good"
        top, foot = height_at(max(start, end)), height_at(min(start, end))
        box = Box(
            colour, per_cent(slot * (place + 0.12)), per_cent(top), per_cent(slot * 0.76),
            per_cent(max(LEAST, foot - top)),
        )  # fmt: skip
        low_label = len(steps) > 3 and place % 2 == 1
        bars.append(Bar(step, box, per_cent(slot * (place + 0.5)), per_cent(top - 1.5), whole, low_label))
    links = tuple(
        (per_cent(slot * (place + 0.12)), per_cent(slot * (place + 1.88)), per_cent(height_at(level)))
        for place, level in enumerate(levels)
    )
    ticks = tuple(Tick(per_cent(height_at(value)), tick_text(value)) for value in range(low, high + 1, tick))
    return Waterfall(title, unit, tuple(bars), links, ticks, per_cent(height_at(0)))
