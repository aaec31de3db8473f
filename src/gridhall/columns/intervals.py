"""Interval loads over columns: one load by many tariffs, and many loads by one tariff, by the rules, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gridhall.columns import _interval_loops as loops
from gridhall.rules import interval_layout as at
from gridhall.rules.apparent_power import apparent_of, by_power_factor, highest_of_months
from gridhall.rules.calendar import is_leap
from gridhall.rules.interval_bills import (
    DOLLAR_DECIMALS,
    CannotRate,
    MonthBill,
    bills_of,
    window_steps,
)
from gridhall.rules.interval_layout import Desk, LoadSteps
from gridhall.rules.interval_tariff import MEETINGS, IntervalTariff
from gridhall.rules.intervals import HOURS, MONTHS

Ints = npt.NDArray[np.int64]
Steps = npt.NDArray[np.int64] | npt.NDArray[np.int32]
STEP_MAX = at.MONTH_WH_MAX // (31 * HOURS)  # Wh in an hour: a month then stays within what amounts are divided by
INT32_MAX = (1 << 31) - 1
NOTHING: Ints = np.zeros(0, np.int64)
NO_STEPS = np.zeros(0, np.int32)


@dataclass(frozen=True)
class Load:
    """A year of energy by steps: whole Wh, and what else is known of it. Made by `load_of`.

    `fed`: what was fed in, `system`: Wh of the supplier's whole system, `vah`: VA-hours; empty where not known.
    `month_var`: the highest reactive power of each month (var; -1 where not known). `slots`: the sums and peaks of its
    slots by the width of the demand window in steps, gathered on first use.
    """

    wh: Steps
    year: int
    first_weekday: int
    steps: int
    meters: int = 1
    fed: Steps = field(default_factory=lambda: NO_STEPS)
    system: Steps = field(default_factory=lambda: NOTHING)
    vah: Steps = field(default_factory=lambda: NO_STEPS)
    month_var: Ints = field(default_factory=lambda: np.full(MONTHS, -1, np.int64))
    slots: dict[int, Ints] = field(default_factory=dict, compare=False, repr=False)

    def facts(self, meeting: str) -> Ints:
        """The load's calendar and how blocks are to meet, as the rules read them."""
        calendar = (self.year, self.first_weekday, self.steps)
        facts = (*calendar, self.meters, MEETINGS.index(meeting), DOLLAR_DECIMALS, int(len(self.fed) > 0))
        return np.array(facts, np.int64)

    def gathered(self, width: int) -> LoadSteps:
        """The load as the rules read it, with a demand window of some steps."""
        slots = self.slots.get(width)
        if slots is None:
            slots = loops.new_slots()
            loops.gather(self.wh, self.vah, self.fed, self.facts(MEETINGS[0]), width, slots)
            slots[at.MONTH_VAR :] = self.month_var
            self.slots[width] = slots
        vah = self.vah if len(self.vah) else self.wh
        return LoadSteps(self.wh, vah, self.system, slots)  # type: ignore[arg-type]  # arrays for sequences


def check_range(wh: Steps, year: int, steps: int, what: str = "value") -> None:
    """Raise ValueError unless there are exactly the steps of the year along the last axis, none negative or beyond
    bounds."""
    count = (366 if is_leap(year) else 365) * HOURS * steps
    if wh.shape[-1] != count:
        raise ValueError(f"{wh.shape[-1]} values, but {year} has {count} steps ({steps} an hour)")
    if int(wh.min()) < 0 or int(wh.max()) > STEP_MAX // steps:
        place = int(np.argmax(((wh < 0) | (wh > STEP_MAX // steps)).reshape(-1))) % count
        raise ValueError(f"{what} {place + 1} is negative or beyond bounds")


def narrow(column: Steps) -> Steps:
    """The column as int32 where its values fit: half the memory, and the rules are compiled for it already."""
    fits = not len(column) or int(column.max()) <= INT32_MAX
    return np.ascontiguousarray(column, np.int32) if fits else np.ascontiguousarray(column, np.int64)


def load_of(
    wh: Steps, year: int, first_weekday: int, steps: int, meters: int = 1, *,
    fed: Steps = NOTHING, system: Steps = NOTHING, reactive: Steps = NOTHING,
    power_factor: tuple[int, int] | None = None,
) -> Load:  # fmt: skip
    """A load of whole Wh. `fed`, `system` and `reactive` (varh) have as many steps; a power factor that never changes,
    instead of reactive energy, is a fraction: (9, 10). Raises ValueError unless a column has exactly the steps of the
    year, none negative or beyond bounds."""
    check_range(wh, year, steps)
    for name, column in (("fed-in value", fed), ("system value", system), ("reactive value", reactive)):
        if len(column):
            check_range(column, year, steps, name)
    load = Load(narrow(wh), year, first_weekday, steps, meters, narrow(fed), system)
    if power_factor is not None:
        vah, varh = by_power_factor(wh.tolist(), power_factor)
    elif len(reactive):
        vah, varh = apparent_of(wh.tolist(), reactive.tolist()), reactive.tolist()
    else:
        return load
    month_var = np.array(highest_of_months(varh, year, steps), np.int64)
    return replace(load, vah=narrow(np.array(vah, np.int64)), month_var=month_var)


def pack(tariffs: Sequence[IntervalTariff]) -> tuple[Ints, Ints]:
    """The tables of tariffs one behind the other, and where each begins."""
    starts = np.cumsum([0, *(len(tariff.table) for tariff in tariffs)])
    table = np.fromiter((value for tariff in tariffs for value in tariff.table), np.int64, int(starts[-1]))
    return table, starts[:-1].astype(np.int64)


def _desk(cells: int) -> Desk:
    return Desk(*(np.zeros(size, np.int64) for size in at.desk_sizes(cells)))  # type: ignore[arg-type]


def rate_many(tariffs: Sequence[IntervalTariff], load: Load, meeting: str) -> list[list[MonthBill] | CannotRate]:
    """The twelve bills of one load by each of many tariffs, or why one cannot rate it."""
    widths: list[int | CannotRate] = []
    for tariff in tariffs:
        try:
            widths.append(window_steps(tariff.window, load.steps))
        except CannotRate as problem:
            widths.append(problem)
    answers: list[list[MonthBill] | CannotRate] = [width if isinstance(width, CannotRate) else [] for width in widths]
    for width in {each for each in widths if isinstance(each, int)}:
        rows = [k for k, each in enumerate(widths) if each == width]
        table, starts = pack([tariffs[k] for k in rows])
        cells = max(MONTHS * tariffs[k].table[at.ENERGY] * tariffs[k].table[at.ENERGY_BLOCKS] for k in rows)
        bills = np.zeros((len(rows), at.BILL_SIZE), np.int64)
        loops.rate_tariffs(table, starts, load.facts(meeting), load.gathered(width), _desk(cells), bills)
        for k, bill in zip(rows, bills.tolist(), strict=True):
            try:
                answers[k] = bills_of(bill)
            except CannotRate as problem:
                answers[k] = problem
    return answers


def rate_load(tariff: IntervalTariff, load: Load, meeting: str) -> list[MonthBill]:
    """The twelve bills of a load by a tariff. Raises CannotRate."""
    [answer] = rate_many([tariff], load, meeting)
    if isinstance(answer, CannotRate):
        raise answer
    return answer


@dataclass(frozen=True)
class RatedYears:
    """Many accounts × twelve months by one tariff, int64. `total_minor`, `peak_w`: account × month. `energy_wh`:
    account × month × period × block, whole Wh (rounded down; see `interval_layout.Desk`). `bills` holds the exact
    amounts of each account; `months` reads them. `fault`: 0, or why an account cannot be rated."""

    bills: Ints
    energy_wh: Ints

    @property
    def total_minor(self) -> Ints:
        return self._of_month(at.MINOR)

    @property
    def peak_w(self) -> Ints:
        return self._of_month(at.PEAK_W)

    @property
    def fault(self) -> Ints:
        return self.bills[:, at.FAULT]

    def _of_month(self, place: int) -> Ints:
        return self.bills[:, place : MONTHS * at.MONTH_SIZE : at.MONTH_SIZE]

    def months(self, account: int) -> list[MonthBill]:
        """The exact bills of an account. Raises CannotRate where it has a fault."""
        return bills_of(self.bills[account].tolist())


def rate_accounts(
    tariff: IntervalTariff, loads: Steps, year: int, first_weekday: int, steps: int, meeting: str, *,
    meters: Ints | None = None, fed: Steps | None = None, system: Steps = NOTHING, with_energy: bool = True,
) -> RatedYears:  # fmt: skip
    """A year of bills of many accounts: `loads` account × step, whole Wh (int32 is read fastest). Raises ValueError
    as `load_of` does."""
    width = window_steps(tariff.window, steps)
    accounts = len(loads)
    for row in (loads, *(() if fed is None else (fed,))):
        if row.ndim != 2 or len(row) != accounts:
            raise ValueError("loads must be account × step")
        if row.size:
            check_range(row, year, steps)
    if len(system):
        check_range(system, year, steps, "system value")
    loads = loads if loads.dtype == np.int32 else narrow(loads)
    cells = MONTHS * tariff.table[at.ENERGY] * tariff.table[at.ENERGY_BLOCKS]
    bills = np.zeros((accounts, at.BILL_SIZE), np.int64)
    energy = np.zeros((accounts, cells if with_energy else 0), np.int64)
    calendar = (year, first_weekday, steps)
    facts = np.array((*calendar, 1, MEETINGS.index(meeting), DOLLAR_DECIMALS, int(fed is not None)), np.int64)
    loops.rate_accounts(
        np.array(tariff.table, np.int64), loads, np.zeros((accounts, 0), loads.dtype) if fed is None else fed, system,
        np.ones(accounts, np.int64) if meters is None else meters, facts, width, loops.new_slots(), _desk(cells),
        bills, energy,
    )  # fmt: skip
    shape = (accounts, MONTHS, tariff.table[at.ENERGY], tariff.table[at.ENERGY_BLOCKS])
    return RatedYears(bills, energy.reshape(shape if with_energy else (accounts, 0)))
