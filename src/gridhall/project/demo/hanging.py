"""Which registers hang where, and what each of them stands at: the town's own truth beside the readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gridhall.metering import public as metering
from gridhall.metering.public import DEMAND, FLAT, PEAK, REACTIVE, SHARP, TOTAL, VALLEY, NewMeters, RemovedMeters
from gridhall.project.demo.town import DECIMALS, FOUR_RATE, FULL, SINGLE, TWO_RATE, Ints, Town
from gridhall.project.demo.use import MonthUse

REGISTERS = {
    SINGLE: (TOTAL,),
    TWO_RATE: (TOTAL, PEAK, VALLEY),
    FOUR_RATE: (TOTAL, SHARP, PEAK, FLAT, VALLEY),
    FULL: (TOTAL, SHARP, PEAK, FLAT, VALLEY, REACTIVE, DEMAND),
}
MODELS = {SINGLE: "DDZY-1", TWO_RATE: "DDZY-2T", FOUR_RATE: "DTZY-4T", FULL: "DTZY-M"}


@dataclass
class Hanging:
    """One entry per register of the town, sorted by row of the town: `row`, `tou`, `register_id`, and what it
    stands at.

    `stands` is not cut off at the register's digits; `shows()` is what one reads. It changes as months pass.
    """

    row: Ints
    tou: Ints
    register_id: Ints
    stands: Ints
    modulus: Ints
    serial: list[str]  # by row of the town
    exchanged: Ints  # by row of the town: how often its meter was exchanged

    def shows(self) -> Ints:
        """What each register shows."""
        return self.stands % self.modulus

    def of(self, rows: Ints) -> Ints:
        """Places of the registers of these rows of the town, in order."""
        return np.flatnonzero(np.isin(self.row, rows))

    def count(self, use: MonthUse, numerator: int = 1, denominator: int = 1, rows: Ints | None = None) -> None:
        """Let the registers count a share of a month's use, the total what its periods count; the demand register shows
        the month's highest."""
        places = np.arange(len(self.row)) if rows is None else self.of(rows)
        row, tou = self.row[places], self.tou[places]
        parts = use.parts * numerator // denominator
        grows = by_register(parts, use.reactive * numerator // denominator, row, tou)
        self.stands[places] = np.where(tou == DEMAND, use.demand[row], self.stands[places] + grows)


def by_register(parts: Ints, reactive: Ints, row: Ints, tou: Ints) -> Ints:
    """What energy registers count, by row of the town and register code."""
    shared = np.clip(tou - 1, 0, 3)
    counted: Ints = np.select(
        [tou == TOTAL, tou == REACTIVE], [parts.sum(axis=1)[row], reactive[row]], default=parts[row, shared]
    ).astype(np.int64)
    return counted


def hang_all(town: Town) -> Hanging:
    """The registers of the town before any meter has a number in the database (register ids are 0)."""
    lengths = np.array([len(REGISTERS[kind]) for kind in range(4)])[town.meter_kind]
    row = np.repeat(np.arange(town.size), lengths)
    tou = np.concatenate([np.array(REGISTERS[kind]) for kind in town.meter_kind.tolist()])
    first = _first_values(town, row, tou)
    return Hanging(
        row=row, tou=tou, register_id=np.zeros(len(row), np.int64), stands=first,
        modulus=10 ** (town.digits[row] + DECIMALS),
        serial=[f"GH{town.seed % 100:02d}{number:08d}" for number in range(town.size)],
        exchanged=np.zeros(town.size, np.int64),
    )  # fmt: skip


# How what a meter has counted before it is ours lies on its periods, hundredths; the last period takes the rest.
BEFORE = {(TWO_RATE, PEAK): 57, (FOUR_RATE, SHARP): 8, (FOUR_RATE, PEAK): 24, (FOUR_RATE, FLAT): 36}


def _first_values(town: Town, row: Ints, tou: Ints) -> Ints:
    """What each register begins with: the periods of a meter add up to its total."""
    kind = np.minimum(town.meter_kind[row], FOUR_RATE)  # FULL counts its energy as FOUR_RATE does
    start, first = town.start[row], np.where(tou == TOTAL, town.start[row], 0)
    for (of_kind, of_tou), hundredths in BEFORE.items():
        first = np.where((kind == of_kind) & (tou == of_tou), start * hundredths // 100, first)
    counted = np.bincount(row, np.where((tou >= SHARP) & (tou <= VALLEY), first, 0), town.size).astype(np.int64)
    return np.where((kind != SINGLE) & (tou == VALLEY), start - counted[row], first).astype(np.int64)


def new_meters(
    town: Town, hanging: Hanging, rows: Ints, account_id: Ints, since: date, period: int = 0
) -> tuple[NewMeters, Ints]:
    """A batch that hangs the meters of these rows as they stand, and the places of its registers."""
    places = hanging.of(rows)
    row = hanging.row[places]
    return (
        NewMeters(
            serial=[hanging.serial[each] for each in row.tolist()],
            account_id=account_id[row].tolist(),
            since=[since] * len(places),
            tou=hanging.tou[places].tolist(),
            digits=town.digits[row].tolist(),
            decimals=[DECIMALS] * len(places),
            multiplier=town.multiplier[row].tolist(),
            value=hanging.shows()[places].tolist(),
            model=[MODELS[kind] for kind in town.meter_kind[row].tolist()],
            phases=np.where(town.meter_kind[row] >= FOUR_RATE, 3, 1).tolist(),
            period=[period] * len(places) if period else (),
        ),
        places,
    )


def removed_meters(hanging: Hanging, places: Ints, on: date) -> RemovedMeters:
    """A batch that takes these registers' meters down, with what they show."""
    return RemovedMeters(
        serial=[hanging.serial[each] for each in hanging.row[places].tolist()],
        on=[on] * len(places),
        value=hanging.shows()[places].tolist(),
        tou=hanging.tou[places].tolist(),
    )


def register(hanging: Hanging, places: Ints, done: metering.MetersRegistered) -> None:
    """Keep the register ids that metering gave; raises where it refused any."""
    refuse_any(done.refused)
    hanging.register_id[places] = done.register_ids


def refuse_any(refused: Sequence[Exception]) -> None:
    """The town is made to be right: a refusal is a fault of the town or of the room."""
    if refused:
        raise refused[0]
