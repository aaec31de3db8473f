"""From what billing tells to what is drawn: months, blocks and the change since last month. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext

from gridhall.billing.public import BillView, MonthUse, YearBlocks
from gridhall.doors.look import charts, formats
from gridhall.metering import public as metering

# Register codes 1..4 (sharp, peak, flat, valley) as MonthUse.parts orders them; drawn with the valley at the foot.
PARTS = ((3, "valley"), (2, "flat"), (1, "peak"), (0, "sharp"))
BLOCK_COLOURS = ("valley", "flat", "peak", "sharp")


def part_name(colour: str) -> str:
    return {
        "sharp": gettext("sharp"),
        "peak": gettext("peak"),
        "flat": gettext("flat"),
        "valley": gettext("valley"),
    }[colour]


def register_name(tou: int) -> str:
    """What a register counts, by its code (metering: 0 total … 6 demand)."""
    names = {
        0: gettext("total"),
        1: gettext("sharp"),
        2: gettext("peak"),
        3: gettext("flat"),
        4: gettext("valley"),
        5: gettext("reactive"),
        6: gettext("demand"),
    }
    return names.get(tou, str(tou))


def reading_kind(kind: int) -> str:
    """How a value came about."""
    names = {
        metering.ACTUAL: gettext("read"),
        metering.ESTIMATED: gettext("estimated"),
        metering.CORRECTED: gettext("corrected"),
        metering.INSTALLED: gettext("meter hung"),
        metering.REMOVED: gettext("meter taken away"),
        metering.CUSTOMER_READ: gettext("read by you"),
    }
    return names.get(kind, "")


def _label(period: int, first: bool, language: str) -> str:
    # January says the year: the eye finds its place
    if period % 100 == 1 and not first:
        return f"{period // 100}"
    return formats.month_short(period, language)


def from_first_bill(history: Sequence[MonthUse]) -> list[MonthUse]:
    """The months from the first one with a bill on: before it there was no supply to show."""
    first = next((place for place, month in enumerate(history) if month.days), len(history))
    return list(history[first:])


def use_chart(history: Sequence[MonthUse], language: str) -> charts.ColumnChart:
    """Energy by month, stacked by period of the day where the meter tells them apart."""
    present = [(at, colour) for at, colour in PARTS if any(month.parts[at] for month in history)]
    split = len(present) > 1
    series = (
        [charts.Series(part_name(colour), colour) for _, colour in present]
        if split
        else [charts.Series(gettext("Energy"), "total")]
    )
    columns = []
    for place, month in enumerate(history):
        values = tuple(month.parts[at] for at, _ in present) if split else (month.wh,)
        columns.append(
            charts.Column(
                label=_label(month.period, place == 0, language),
                name=formats.month(month.period, language),
                values=values,
                texts=tuple(_whole_kwh(value) for value in values),
                text=_whole_kwh(month.wh) if month.days else "",
                now=place == len(history) - 1,
            )
        )
    return charts.columns(gettext("Energy by month"), gettext("kWh"), series, columns, _whole_kwh)


def cost_chart(history: Sequence[MonthUse], language: str) -> charts.ColumnChart:
    """What each month came to."""
    decimals = settings.CURRENCY_DECIMALS

    def whole(minor: int) -> str:
        return formats.decimal(_rounded(minor, 10**decimals), 0)

    columns = [
        charts.Column(
            label=_label(month.period, place == 0, language),
            name=formats.month(month.period, language),
            values=(month.amount,),
            texts=(formats.money(month.amount, decimals),),
            text=whole(month.amount) if month.days else "",
            now=place == len(history) - 1,
        )
        for place, month in enumerate(history)
    ]
    sign = formats.sign(settings.CURRENCY)
    return charts.columns(gettext("Cost by month"), sign, [charts.Series(gettext("Cost"), "cost")], columns, whole)


def _rounded(value: int, unit: int) -> int:
    """To whole units, halves away from zero: for reading, never for reckoning."""
    whole = (abs(value) * 2 + unit) // (2 * unit)
    return -whole if value < 0 else whole


def _whole_kwh(wh: int) -> str:
    return formats.decimal(_rounded(wh, 1000), 0)


@dataclass(frozen=True)
class BlockRow:
    n: int
    colour: str
    low_wh: int
    high_wh: int | None
    used_wh: int
    price: int
    current: bool


@dataclass(frozen=True)
class BlocksShown:
    """The bar of the blocks: `parts` for `share_bar`, `whole_wh` its length; rows to read beside it."""

    cycle: str
    year: int
    used_wh: int
    whole_wh: int
    parts: list[tuple[str, int]]
    rows: tuple[BlockRow, ...]
    left_wh: int | None  # until the next block begins; None in the last one

    @property
    def current(self) -> BlockRow | None:
        return next((row for row in self.rows if row.current), None)


def blocks(found: YearBlocks | None) -> BlocksShown | None:
    """How far the year (or month) has come through its blocks; None where the tariff has none."""
    if found is None or not found.blocks:
        return None
    rows = tuple(
        BlockRow(
            block.n,
            BLOCK_COLOURS[min(place, len(BLOCK_COLOURS) - 1)],
            block.low_wh,
            block.high_wh,
            block.used_wh,
            block.price,
            block.current,
        )
        for place, block in enumerate(found.blocks)
    )
    ends = [row.high_wh for row in rows if row.high_wh is not None]
    current = next((row for row in rows if row.current), None)
    left = current.high_wh - found.used_wh if current is not None and current.high_wh is not None else None
    return BlocksShown(
        found.cycle,
        found.year,
        found.used_wh,
        max([found.used_wh, *ends]),
        [(row.colour, row.used_wh) for row in rows],
        rows,
        left,
    )


@dataclass(frozen=True)
class Change:
    """The newest month beside the one before."""

    wh: int
    amount: int
    days: int

    @property
    def less_wh(self) -> int:
        return -self.wh


def change(history: Sequence[MonthUse]) -> Change | None:
    if len(history) < 2 or not history[-2].days or not history[-1].days:
        return None
    before, now = history[-2], history[-1]
    return Change(now.wh - before.wh, now.amount - before.amount, now.days - before.days)


@dataclass(frozen=True)
class ChangeRow:
    name: str
    amount: int


def compare(before: BillView, now: BillView, language: str) -> list[ChangeRow]:
    """Line by line, what makes one bill more or less than another; the rows add up to the difference of the two.

    Lines of the same name are taken together; what did not change is left out; the largest change first.
    """

    def amounts(bill: BillView) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in bill.lines:
            name = line.name(language)
            found[name] = found.get(name, 0) + line.amount
        rest = bill.amount - sum(found.values())
        if rest:
            found[gettext("Rounding")] = rest
        return found

    old, new = amounts(before), amounts(now)
    names = list(dict.fromkeys([*new, *old]))
    rows = [ChangeRow(name, new.get(name, 0) - old.get(name, 0)) for name in names]
    return sorted((row for row in rows if row.amount), key=lambda row: -abs(row.amount))
