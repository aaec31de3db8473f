"""What metering tells and takes: frozen values and columns.

A register's value is a whole number of its last decimal (123.45 kWh with two decimals is 12345); use is in Wh.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridhall.kernel.refusal import Refusal

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class NewMeters:
    """Meters to hang, one row per register; rows with the same serial are one meter and agree in what is said of it.

    A serial that is known already hangs again where it is free (the next customer of the premise); its registers
    must be the same. `value`: what the register shows when it is hung, a whole number of its last decimal. An empty
    column means the default for every row: one register of TOTAL, six digits and two decimals, multiplier 1, value
    0. `agreement_id` 0 means the agreement of the account on that day. `period` 0: the month of `since`.
    """

    serial: Sequence[str]
    account_id: Sequence[int]
    since: Sequence[date]
    tou: Sequence[int] = ()
    digits: Sequence[int] = ()
    decimals: Sequence[int] = ()
    multiplier: Sequence[int] = ()
    value: Sequence[int] = ()
    model: Sequence[str] = ()
    phases: Sequence[int] = ()
    agreement_id: Sequence[int] = ()
    period: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.serial)


@dataclass(frozen=True)
class MetersRegistered:
    """What a batch did. With any refusal nothing was written and the ids are empty. Row k of the batch has id k."""

    refused: tuple[Refusal, ...] = ()
    meter_ids: tuple[int, ...] = ()
    register_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class RemovedMeters:
    """Meters that are taken from an agreement (exchanged, or the customer leaves), one row per register.

    `on`: the first day on which it no longer hangs there. `period` 0: the month of the day before.
    """

    serial: Sequence[str]
    on: Sequence[date]
    value: Sequence[int]
    tou: Sequence[int] = ()
    period: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.serial)


@dataclass(frozen=True)
class NewReadings:
    """Readings to take, by columns of equal length. A register is named by `register_id`, or by `serial` and `tou`.

    `period`: YYYYMM, 0 the month of the day before `read_on`. `value_decimals`: how many decimals `value` counts; -1 or
    no column: those of the register. `account_id` 0 or no column: whoever the register hangs at. `kind` default ACTUAL.
    """

    read_on: Sequence[date] | Ints  # days, or day numbers (date.toordinal)
    value: Sequence[int] | Ints
    register_id: Sequence[int] | Ints = ()
    serial: Sequence[str] = ()
    tou: Sequence[int] | Ints = ()
    account_id: Sequence[int] | Ints = ()
    period: Sequence[int] | Ints = ()
    kind: Sequence[int] | Ints = ()
    value_decimals: Sequence[int] | Ints = ()

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True)
class ReadingsTaken:
    """What became of a batch of readings. `refused`: one for each row that was not taken, with row, field and value.

    `batch_id` 0: nothing was written (a dry run, or all refused). `reasons`: held rows counted by reason code.
    `held_rows`: (row, register id, reason code) of held rows in order; where they are very many, not of all.
    """

    rows: int = 0
    accepted: int = 0
    held: int = 0
    refused: tuple[Refusal, ...] = ()
    reasons: Mapping[int, int] = field(default_factory=dict)
    batch_id: int = 0
    held_rows: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True)
class FileTaken:
    """A file that was imported, and what became of its rows. `kind`: customers | meters | readings."""

    kind: str
    name: str
    at: datetime
    rows: int
    accepted: int
    held: int
    refused: int


@dataclass(frozen=True)
class ReadingColumns:
    """The readings of a period for the bill run, int64 columns of equal length, one entry per piece of a register.

    A piece runs from the previous value to the current one, days as day numbers; it is sorted by account, agreement,
    register and current day. A meter exchange gives pieces of two registers, a reading in mid-period two of one.
    `after_estimate` is 1 where the previous value was estimated (rules.usage.register_use takes it so).
    `waiting_*`: registers whose reading is held or missing; `waiting_reason` is a code of checks.REASONS.
    """

    account_id: Ints
    agreement_id: Ints
    register_id: Ints
    tou: Ints
    previous_on: Ints
    previous_value: Ints
    after_estimate: Ints
    current_on: Ints
    current_value: Ints
    kind: Ints
    multiplier: Ints
    decimals: Ints
    digits: Ints
    waiting_account_id: Ints
    waiting_agreement_id: Ints
    waiting_register_id: Ints
    waiting_reason: Ints

    def __len__(self) -> int:
        return len(self.account_id)


@dataclass(frozen=True)
class HeldView:
    """A reading that waits (or waited) for a person. Values are whole numbers of the register's last decimal.

    `detail` holds what was expected and what came: use_wh, days, expected_wh, from_wh, to_wh (missing: unknown).
    """

    id: int
    account_id: int
    unit_id: int
    period: int
    register_id: int
    seq: int
    serial: str
    tou: int
    decimals: int
    reason: int
    code: str
    en: str
    zh: str
    kind: int
    read_on: date
    value: int
    previous_on: date | None
    previous_value: int | None
    detail: Mapping[str, Any]
    held_at: datetime
    settled_at: datetime | None
    settled_by: str
    outcome: str


@dataclass(frozen=True)
class HeldCount:
    """How many readings of a unit and period wait for a reason."""

    unit_id: int
    period: int
    reason: int
    code: str
    en: str
    zh: str
    count: int


@dataclass(frozen=True)
class Settled:
    """What settling did: readings settled, and those (held ids) left as they were, with why."""

    settled: int
    left: tuple[tuple[int, Refusal], ...] = ()


@dataclass(frozen=True)
class EstimatesMade:
    """Registers estimated for a period, and those for which nothing is known to estimate from."""

    period: int
    unit_id: int
    estimated: int
    without_past: int


@dataclass(frozen=True)
class RegisterValue:
    """One line of the register values of an account (表码): from the value before to this one."""

    period: int
    serial: str
    register_id: int
    tou: int
    decimals: int
    multiplier: int
    previous_on: date | None
    previous_value: int | None
    read_on: date
    value: int
    kind: int
    state: int
    wh: int


@dataclass(frozen=True)
class RegisterView:
    """A counter of a meter; see metering.models.Register."""

    id: int
    tou: int
    digits: int
    decimals: int
    multiplier: int


@dataclass(frozen=True)
class MeterView:
    """A meter where it hangs or hung: from `since` to `until` (excluded; None while it hangs)."""

    id: int
    serial: str
    model: str
    phases: int
    account_id: int
    agreement_id: int
    since: date
    until: date | None
    registers: tuple[RegisterView, ...]


@dataclass(frozen=True)
class ReadingProgress:
    """How far the readings of a period have come in a unit, in registers that hang at its end."""

    unit_id: int
    period: int
    expected: int
    accepted: int
    estimated: int
    held: int

    @property
    def missing(self) -> int:
        """Registers without any reading of the period."""
        return self.expected - self.accepted - self.estimated - self.held
