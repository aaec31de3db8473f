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
        """Let the registers count a share of a month's use; the demand register shows the month's highest."""
        places = np.arange(len(self.row)) if rows is None else self.of(rows)
        row, tou = self.row[places], self.tou[places]
        grows = by_register(use, row, tou) * numerator // denominator
        self.stands[places] = np.where(tou == DEMAND, by_register(use, row, tou), self.stands[places] + grows)


def by_register(use: MonthUse, row: Ints, tou: Ints) -> Ints:
    """The month's use of registers, by row of the town and register code."""
    shared = np.clip(tou - 1, 0, 3)
    return np.select(
        [tou == TOTAL, tou == REACTIVE, tou == DEMAND],
        [use.total[row], use.reactive[row], use.demand[row]],
        default=use.parts[row, shared],
    ).astype(np.int64)


def hang_all(town: Town) -> Hanging:
    """The registers of the town before any meter has a number in the database (register ids are 0)."""
    lengths = np.array([len(REGISTERS[kind]) for kind in range(4)])[town.meter_kind]
    row = np.repeat(np.arange(town.size), lengths)
    tou = np.concatenate([np.array(REGISTERS[kind]) for kind in town.meter_kind.tolist()])
    first = np.where(tou == TOTAL, town.start[row], 0)
    return Hanging(
        row=row, tou=tou, register_id=np.zeros(len(row), np.int64), stands=first,
        modulus=10 ** (town.digits[row] + DECIMALS),
        serial=[f"GH{town.seed % 100:02d}{number:08d}" for number in range(town.size)],
        exchanged=np.zeros(town.size, np.int64),
    )  # fmt: skip


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
