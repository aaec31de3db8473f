"""Metering for the other rooms: meters hung and taken away, readings taken, checked, settled and given to bills."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from gridhall.columns.interval_store import Snapshot
from gridhall.kernel.access import Actor
from gridhall.metering import estimating, hanging, hung, intake, queries, removing, settling, usable
from gridhall.metering.checks import MISSING, REASONS
from gridhall.metering.given import Ints
from gridhall.metering.importing import taken
from gridhall.metering.importing.report import HeldRow, ImportReport, RefusedRow
from gridhall.metering.importing.running import Options, import_customers, import_meters, import_readings
from gridhall.metering.intervals import asking, loading
from gridhall.metering.intervals import gaps as gap_acts
from gridhall.metering.intervals.asking import DayHours, LoadDay
from gridhall.metering.intervals.gaps import Gap, GapsFilled
from gridhall.metering.intervals.loading import IntervalsLoaded, LoadTerms
from gridhall.metering.models import (
    ACCEPTED,
    ACTUAL,
    CORRECTED,
    CUSTOMER_READ,
    DEEP_VALLEY,
    DEMAND,
    ESTIMATED,
    FLAT,
    HELD,
    INSTALLED,
    PEAK,
    REACTIVE,
    REJECTED,
    REMOVED,
    REPLACED,
    SHARP,
    TOTAL,
    VALLEY,
)
from gridhall.metering.registers import is_demand, is_fed_in_part, is_part, is_taken
from gridhall.metering.views import (
    EstimatesMade,
    FileTaken,
    HeldCount,
    HeldView,
    MetersRegistered,
    MeterView,
    NewMeters,
    NewReadings,
    ReadingColumns,
    ReadingProgress,
    ReadingsTaken,
    RegisterValue,
    RegisterView,
    RemovedMeters,
    Settled,
)

__all__ = [
    "ACCEPTED",
    "ACTUAL",
    "CORRECTED",
    "CUSTOMER_READ",
    "DEEP_VALLEY",
    "DEMAND",
    "ESTIMATED",
    "FLAT",
    "HELD",
    "INSTALLED",
    "MISSING",
    "PEAK",
    "REACTIVE",
    "REASONS",
    "REJECTED",
    "REMOVED",
    "REPLACED",
    "SHARP",
    "TOTAL",
    "VALLEY",
    "DayHours",
    "EstimatesMade",
    "FileTaken",
    "Gap",
    "GapsFilled",
    "HeldCount",
    "HeldRow",
    "HeldView",
    "ImportReport",
    "IntervalsLoaded",
    "LoadDay",
    "LoadTerms",
    "MeterView",
    "MetersRegistered",
    "NewMeters",
    "NewReadings",
    "Options",
    "ReadingColumns",
    "ReadingProgress",
    "ReadingsTaken",
    "RefusedRow",
    "RegisterValue",
    "RegisterView",
    "RemovedMeters",
    "Settled",
    "accounts_of_meter",
    "correct_reading",
    "estimate_missing",
    "exchange_meters",
    "files_taken",
    "fill_interval_gaps",
    "held",
    "held_counts",
    "hours_of_account",
    "import_customers",
    "import_meters",
    "import_readings",
    "interval_gaps",
    "interval_months",
    "interval_snapshot",
    "is_demand",
    "is_fed_in_part",
    "is_part",
    "is_taken",
    "load_day_versions",
    "load_days",
    "load_intervals",
    "meters_hung",
    "meters_of",
    "missing_registers",
    "reading_progress",
    "register_meters",
    "register_of",
    "register_values",
    "remove_meters",
    "serials_of",
    "settle_held",
    "take_in_parts",
    "take_readings",
    "tidy_intervals",
    "usable_readings",
]  # fmt: skip


def register_meters(actor: Actor, new: NewMeters, *, dry_run: bool = False) -> MetersRegistered:
    """Hang meters on agreements with their first values (INSTALLED readings): all of them, or none with every refusal.

    Refusals: serial_missing, text_too_long, unknown_account, no_agreement, meter_hangs, meter_differs, register_twice,
    unknown_tou, bad_digits, bad_multiplier, value_too_long, bad_period, bad_character,
    not_your_unit.
    """
    return hanging.register_meters(actor, new, dry_run=dry_run)


def remove_meters(actor: Actor, removed: RemovedMeters) -> None:
    """Take meters from where they hang, with their last values (REMOVED readings). All or none.

    Refuses: not_hanging, not_your_unit, day_too_early, register_missing, value_too_long, below_previous.
    """
    removing.remove_meters(actor, removed)


def exchange_meters(actor: Actor, removed: RemovedMeters, new: NewMeters) -> MetersRegistered:
    """Old meters down and new ones up in one act. Both meters give a piece to the bill. Refuses as its two halves."""
    return removing.exchange_meters(actor, removed, new)


def take_readings(
    actor: Actor, new: NewReadings, source: str = "office", name: str = "", digest: str = "", *, dry_run: bool = False
) -> ReadingsTaken:
    """Take readings: each row is accepted, held for a person, or refused; none stands in the way of another.

    `source`: file | office | portal | api | demo. `digest`: of the file, so that the same one is known again (refused,
    `same_file`). A `dry_run` says what would happen. Codes of refused rows: unknown_meter, wrong_account,
    not_installed, not_your_unit, bad_period, period_unlike_date, future_date, too_many_digits, too_many_decimals,
    negative_value, duplicate, already_read, unknown_kind.
    """
    return intake.take_readings(actor, new, source, name, digest, dry_run=dry_run)


def take_in_parts(
    actor: Actor, parts: Iterable[NewReadings], source: str, name: str = "", digest: str = "", *, dry_run: bool = False
) -> ReadingsTaken:
    """As take_readings, of a batch that comes in parts and is never whole in memory: one transaction, one batch.

    Rows are counted over all parts. They may be made while they are taken; their exception leaves nothing behind.
    """
    return intake.take_in_parts(actor, parts, source, name, digest, dry_run=dry_run)


def settle_held(
    actor: Actor, held_ids: Sequence[int], outcome: str, values: Mapping[int, int] | None = None, note: str = ""
) -> Settled:
    """Decide held readings: `accepted` as read, `corrected` (with `values` by held id), `estimated`, or `rejected`.

    Values are whole numbers of the register's last decimal. Refusals by held id: unknown_held, already_settled,
    value_missing, too_many_digits, below_previous, no_past, not_allowed (a unit that the actor does not see).
    Refuses as a whole: unknown_outcome.
    """
    return settling.settle_held(actor, held_ids, outcome, values, note)


def correct_reading(
    actor: Actor, account_id: int, period: int, register_id: int, value: int, note: str, seq: int = 0
) -> None:
    """Replace an accepted reading (`seq`, or the last one of the period); the old one is kept as REPLACED.

    Bills that came from it stay as they are until they are made again; the next bill of a register whose billed value
    changed is held for a person and goes on from the value that was billed. Refuses: unknown_reading, too_many_digits,
    below_previous.
    """
    settling.correct_reading(actor, account_id, period, register_id, value, note, seq)


def held(
    unit_ids: Sequence[int] | None = None,
    period: int | None = None,
    account_id: int | None = None,
    reason: int | None = None,
    open_only: bool = True,
    limit: int = 200,
    offset: int = 0,
) -> list[HeldView]:
    """Readings that wait for a person, the oldest first."""
    return queries.held(unit_ids, period, account_id, reason, open_only, limit, offset)


def held_counts(unit_ids: Sequence[int] | None = None, period: int | None = None) -> list[HeldCount]:
    """How many readings wait, by unit, period and reason."""
    return queries.held_counts(unit_ids, period)


def estimate_missing(actor: Actor, period: int, unit_id: int, account_id: int = 0) -> EstimatesMade:
    """Estimate the registers of a unit (or of one account of it) that hang at the end of the period and have no reading
    of it, nor a held one.

    By the same month of last year, else the last three months, else the neighbours. The true-up comes by itself: the
    next bill goes on from the estimated value that was billed, also where the real one came after the bill.
    """
    return estimating.estimate_missing(actor, period, unit_id, account_id)


def missing_registers(account_id: int, unit_id: int, period: int) -> list[int]:
    """Registers of an account that hang at the end of the period and have no reading of it, nor a held one."""
    return estimating.missing_registers(account_id, unit_id, period)


def usable_readings(unit_id: int, account_from: int, account_to: int, period: int) -> ReadingColumns:
    """What the bill run of a period reads of the unit's accounts (ids from..to, both included). See ReadingColumns."""
    return usable.usable_readings(unit_id, account_from, account_to, period)


def meters_hung(unit_id: int, account_from: int, account_to: int, period: int) -> dict[str, Ints]:
    """Meters of the unit's accounts that hung from the period to the month after it: agreement_id, meter_id, since,
    until (day numbers), one entry per meter and place."""
    return hung.meters_hung(unit_id, account_from, account_to, period)


def register_values(account_id: int, months: int = 24, until_period: int = 999912) -> list[RegisterValue]:
    """The values of an account's registers month by month, the newest first; held and replaced ones are left out."""
    return queries.register_values(account_id, months, until_period)


def accounts_of_meter(serial: str) -> list[int]:
    """Accounts at which the meter hangs or hung, the newest first; nothing for an unknown serial."""
    return queries.accounts_of_meter(serial)


def meters_of(account_id: int) -> list[MeterView]:
    """The meters of an account, those that hang first, then the newest."""
    return queries.meters_of(account_id)


def files_taken(actor: Actor, door: str, limit: int) -> list[FileTaken]:
    """The files taken through a door (cli | office), the newest first; of the kinds that the actor may take."""
    return taken.files_taken(actor, door, limit)


def serials_of(register_ids: Iterable[int]) -> dict[int, str]:
    """The serial of the meter of each register."""
    return queries.serials_of(register_ids)


def reading_progress(period: int, unit_ids: Sequence[int] | None = None) -> list[ReadingProgress]:
    """How far the readings of a period have come, by unit."""
    return queries.reading_progress(period, unit_ids)


def load_intervals(
    actor: Actor, files: Sequence[Path], terms: LoadTerms, *, dry_run: bool = False
) -> IntervalsLoaded:  # fmt: skip
    """Load interval data from CSV, Excel, Parquet and Green Button files into the store: all files in one commit.

    A register-day that is loaded again goes over the old one, which is kept; what says nothing new is left out. Rows
    are refused one by one: unknown_meter, not_installed, not_your_unit, steps_of_day, step_twice, off_grid, bad_time,
    ambiguous_time, clock_change, too_many_decimals, beyond_bounds, negative_value, future_date and those of the fields.
    Refuses a file as a whole: no_file, unknown_columns, columns_of_a_day, bad_step, not_xml, dtd_refused, not_parquet.
    """
    return loading.load_intervals(actor, files, terms, dry_run=dry_run)


def interval_gaps(months: Sequence[int] | None = None, units: Sequence[int] | None = None) -> Iterator[Gap]:
    """Registers with interval data that lack days or steps, by month and unit."""
    return gap_acts.gaps(months, units)


def fill_interval_gaps(actor: Actor, months: Sequence[int], units: Sequence[int] | None = None) -> GapsFilled:
    """Estimate what is missing by `rules.gaps`: up to two hours by a straight line, else by like days. Each such step
    is marked as estimated; a later reading goes over it. Of units that the actor does not see nothing is touched."""
    return gap_acts.fill_gaps(actor, months, units)


def load_days(
    register_id: int, months: Sequence[int], as_of: datetime | None = None, unit_id: int | None = None
) -> list[LoadDay]:  # fmt: skip
    """The days of a register's interval data in some months, in order; as known at a moment, where one is given."""
    return asking.load_days(register_id, months, as_of, unit_id)


def load_day_versions(register_id: int, day: date) -> list[LoadDay]:
    """Every version of a day's interval data that was ever loaded, the oldest first."""
    return asking.versions(register_id, day)


def interval_months(account_id: int) -> list[int]:
    """The months in which there may be interval data of an account, the newest first."""
    return asking.months_of_account(account_id)


def hours_of_account(account_id: int, month: int) -> list[DayHours]:
    """The days of an account in a month by the hour, only of the days on which the meter hung at this account."""
    return asking.hours_of_account(account_id, month)


def register_of(serial: str, tou: int = TOTAL) -> int | None:
    """The register of a meter by its serial and code; None where there is none."""
    return asking.register_of(serial, tou)


def interval_snapshot() -> Snapshot:
    """The interval store as it is now, to be read by columns (`columns.determinants`, `columns.store_bills`)."""
    return loading.the_store().snapshot()


def tidy_intervals(months: Sequence[int] | None = None) -> tuple[int, int]:
    """Gather the store's files and delete those that are part of it no longer: (files fewer, files deleted)."""
    return loading.tidy_store(months)
