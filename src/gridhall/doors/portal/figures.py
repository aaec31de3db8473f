"""From what billing tells to what is drawn: months, blocks and the change since last month. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext

from gridhall.billing.public import MonthUse, YearBlocks
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


@dataclass(frozen=True)
class Months:
    """The months shown, the oldest first, and by period the same months of the year before."""

    shown: tuple[MonthUse, ...]
    before: dict[int, MonthUse]

    @property
    def billed(self) -> list[MonthUse]:
        return [month for month in self.shown if month.days]


def months(history: Sequence[MonthUse], number: int) -> Months:
    """The last `number` months, from the first one with a bill on; the year before them lies in `history` too."""
    before = {month.period + 100: month for month in history if month.days}
    return Months(tuple(from_first_bill(history[-number:])), before)


def use_chart(months: Months, language: str) -> charts.ColumnChart:
    """Energy by month, stacked by period of the day where the meter tells them apart, marked with the year before."""
    history = months.shown
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
        before = months.before.get(month.period)
        columns.append(
            charts.Column(
                label=_label(month.period, place == 0, language),
                name=formats.month(month.period, language),
                values=values,
                texts=tuple(formats.whole_kwh(value) for value in values),
                text=formats.whole_kwh(month.wh) if month.days else "",
                now=place == len(history) - 1,
                before=before.wh if before else None,
                before_text=formats.whole_kwh(before.wh) if before else "",
            )
        )
    title = gettext("Energy by month")
    return charts.columns(title, gettext("kWh"), series, columns, formats.whole_kwh, grain=1000)


def cost_chart(months: Months, language: str) -> charts.ColumnChart:
    """What each month came to, marked with the year before."""
    decimals = settings.CURRENCY_DECIMALS
    history = months.shown

    def whole(minor: int) -> str:
        return formats.decimal(_rounded(minor, 10**decimals), 0)

    columns = []
    for place, month in enumerate(history):
        before = months.before.get(month.period)
        columns.append(
            charts.Column(
                label=_label(month.period, place == 0, language),
                name=formats.month(month.period, language),
                values=(month.amount,),
                texts=(formats.money(month.amount, decimals),),
                text=whole(month.amount) if month.days else "",
                now=place == len(history) - 1,
                before=before.amount if before else None,
                before_text=whole(before.amount) if before else "",
            )
        )
    sign = formats.sign(settings.CURRENCY)
    series = [charts.Series(gettext("Cost"), "cost")]
    return charts.columns(gettext("Cost by month"), sign, series, columns, whole, 10**decimals, sign_first=True)


def _rounded(value: int, unit: int) -> int:
    """To whole units, halves away from zero: for reading, never for reckoning."""
    whole = (abs(value) * 2 + unit) // (2 * unit)
    return -whole if value < 0 else whole


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
    def bounds(self) -> list[int]:
        """Where one block ends and the next begins, for the bar."""
        return [row.high_wh for row in self.rows if row.high_wh is not None]

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
    """The newest month beside another."""

    wh: int
    amount: int
    days: int
    beside: int  # the other month's period

    @property
    def less_wh(self) -> int:
        return -self.wh

    @property
    def alike(self) -> bool:
        """Whether the difference disappears in whole kilowatt-hours."""
        return abs(self.wh) < 500


def change(months: Months) -> Change | None:
    """The newest month beside the one before; None where one of them has no bill."""
    return _change(months.shown[-2], months.shown[-1]) if len(months.shown) > 1 else None


def year_change(months: Months) -> Change | None:
    """The newest month beside the same month of the year before."""
    before = months.before.get(months.shown[-1].period) if months.shown else None
    return _change(before, months.shown[-1]) if before else None


def _change(before: MonthUse, now: MonthUse) -> Change | None:
    if not before.days or not now.days:
        return None
    return Change(now.wh - before.wh, now.amount - before.amount, now.days - before.days, before.period)
