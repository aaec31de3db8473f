"""Hanging meters on agreements and taking them away: checked by columns, written by COPY, with their readings."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from django.db import connection, transaction

from gridhall.columns.copy import DATE, INT2, INT4, INT8, TEXT, copy_in
from gridhall.customers import public as customers
from gridhall.kernel import audit, clock, ids, partitions
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import given, models
from gridhall.metering.given import Ints
from gridhall.metering.views import MetersRegistered, NewMeters

OPEN_DAY = models.OPEN_END.toordinal()
SERIAL_LONGEST, MODEL_LONGEST = 32, 40
DIGITS_MOST, DECIMALS_MOST, MULTIPLIER_MOST = 10, 6, 100_000  # a full register stays below 2**62 Wh

KNOWN_METERS = """
SELECT meter.serial, meter.id, register.id, register.tou, register.digits, register.decimals, register.multiplier,
       COALESCE((SELECT max(until) FROM register_place place WHERE place.register_id = register.id), date '0001-01-01')
FROM metering_meter meter JOIN metering_register register ON register.meter_id = meter.id
WHERE meter.serial = ANY(%s)
"""

READING = {
    "account_id": INT8, "period": INT4, "register_id": INT8, "seq": INT2, "read_on": DATE, "value": INT8,
    "kind": INT2, "state": INT2, "reason": INT2, "batch_id": INT8,
}  # fmt: skip
PLACE = {
    "account_id": INT8, "register_id": INT8, "since": DATE, "until": DATE, "agreement_id": INT8, "unit_id": INT4,
    "meter_id": INT8, "tou": INT2, "digits": INT2, "decimals": INT2, "multiplier": INT4,
}  # fmt: skip


@dataclass(frozen=True)
class _Known:
    meter_id: int
    register_id: int
    digits: int
    decimals: int
    multiplier: int
    free_from: int


@dataclass
class _Hanging:
    """A batch while it is worked on: its columns, who is supplied, what is known of its meters, and its refusals."""

    actor: Actor
    serial: list[str]
    model: list[str]
    numbers: dict[str, Ints]
    unit_id: Ints
    known: dict[tuple[str, int], _Known]
    registers_of: dict[str, int]
    refused: list[Refusal] = field(default_factory=list)


def register_meters(actor: Actor, new: NewMeters, *, dry_run: bool = False) -> MetersRegistered:
    """See public.register_meters."""
    actor.require("readings.take")
    if len(new) == 0:
        return MetersRegistered()
    with transaction.atomic():
        batch = _assemble(actor, new)
        for check in (_texts, _counters, _whereabouts, _same_meter, _known_meters):
            batch.refused.extend(check(batch))
        if batch.refused or dry_run:
            return MetersRegistered(refused=tuple(sorted(batch.refused, key=lambda refusal: refusal.row)))
        return _write(actor, batch)


def _assemble(actor: Actor, new: NewMeters) -> _Hanging:
    count = len(new)
    serial = [each.strip() for each in new.serial]
    columns = {
        "account_id": given.numbers("account_id", new.account_id, count, 0),
        "since": given.days("since", new.since, count),
        "tou": given.numbers("tou", new.tou, count, models.TOTAL),
        "digits": given.numbers("digits", new.digits, count, 6),
        "decimals": given.numbers("decimals", new.decimals, count, 2),
        "multiplier": given.numbers("multiplier", new.multiplier, count, 1),
        "value": given.numbers("value", new.value, count, 0),
        "phases": given.numbers("phases", new.phases, count, 1),
        "agreement_id": given.numbers("agreement_id", new.agreement_id, count, 0),
        "period": given.numbers("period", new.period, count, 0),
    }
    columns["period"] = np.where(columns["period"] == 0, given.period_of(columns["since"]), columns["period"])
    facts = customers.account_columns(columns["account_id"])
    units = _looked_up(facts.account_id, facts.unit_id, columns["account_id"])
    agreements = _agreement_on(columns["account_id"], columns["since"])
    wanted = columns["agreement_id"]
    columns["agreement_id"] = np.where((wanted == 0) | (wanted == agreements), agreements, -1)
    known: dict[tuple[str, int], _Known] = {}
    registers_of: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_METERS, [sorted(set(serial))])
        for name, meter_id, register_id, tou, digits, decimals, multiplier, until in cursor.fetchall():
            known[name, tou] = _Known(meter_id, register_id, digits, decimals, multiplier, until.toordinal())
            registers_of[name] = registers_of.get(name, 0) + 1
    return _Hanging(actor, serial, given.texts("model", new.model, count), columns, units, known, registers_of)


def _looked_up(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    """`values` by sorted `keys` for each wanted key, -1 where there is none."""
    if len(keys) == 0:
        return np.full(len(wanted), -1, np.int64)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], -1)


def _agreement_on(account_ids: Ints, days: Ints) -> Ints:
    """The agreement of each account on each day (since included, until excluded), 0 where there is none."""
    columns = customers.agreement_columns(account_ids)
    if len(columns.account_id) == 0:
        return np.zeros(len(account_ids), np.int64)
    # a day number has 22 bits
    keys = (columns.account_id << 22) + columns.since
    places = np.searchsorted(keys, (account_ids << 22) + days, side="right") - 1
    at = np.maximum(places, 0)
    right = (places >= 0) & (columns.account_id[at] == account_ids) & (days < columns.until[at])
    return np.where(right, columns.agreement_id[at], 0)


def _refuse(
    batch: _Hanging, wrong: np.ndarray, name: str, code: str, en: str, zh: str, value: Ints | list[str] | None = None
) -> Iterator[Refusal]:
    column = batch.numbers.get(name) if value is None else value
    for row in np.flatnonzero(wrong):
        shown = "" if column is None else str(column[row])
        yield Refusal(code, en, zh, field=name, row=int(row), value=shown)


def _texts(batch: _Hanging) -> Iterator[Refusal]:
    serial = pl.Series(batch.serial, dtype=pl.String)
    absent = (serial.str.len_chars() == 0).to_numpy()
    yield from _refuse(
        batch, absent, "serial", "serial_missing", "The meter number is missing.", "缺少表号。", batch.serial
    )
    for name, texts, most in (("serial", batch.serial, SERIAL_LONGEST), ("model", batch.model, MODEL_LONGEST)):
        series = pl.Series(texts, dtype=pl.String)
        long = (series.str.len_chars() > most).to_numpy()
        yield from _refuse(
            batch, long, name, "text_too_long",
            f"{name} is longer than {most} characters.", f"{name} 超过 {most} 个字符。", texts,
        )  # fmt: skip
        odd = series.str.contains(r"[\x00-\x1f\x7f]").to_numpy()
        yield from _refuse(
            batch, odd, name, "bad_character", f"{name} has a control character in it.", f"{name} 含有控制字符。", texts
        )


def _counters(batch: _Hanging) -> Iterator[Refusal]:
    at = batch.numbers
    yield from _refuse(
        batch, (at["tou"] < models.TOTAL) | (at["tou"] > models.LAST_TOU), "tou", "unknown_tou",
        "There is no such kind of register.", "没有此类示数类型。",
    )  # fmt: skip
    bad_digits = (at["digits"] < 1) | (at["digits"] > DIGITS_MOST)
    yield from _refuse(
        batch, bad_digits, "digits", "bad_digits",
        f"A register has 1 to {DIGITS_MOST} digits before the point.", f"示数整数位须为 1 至 {DIGITS_MOST} 位。",
    )  # fmt: skip
    bad_decimals = (at["decimals"] < 0) | (at["decimals"] > DECIMALS_MOST)
    yield from _refuse(
        batch, bad_decimals, "decimals", "bad_digits",
        f"A register has 0 to {DECIMALS_MOST} decimals.", f"示数小数位须为 0 至 {DECIMALS_MOST} 位。",
    )  # fmt: skip
    yield from _refuse(
        batch, (at["multiplier"] < 1) | (at["multiplier"] > MULTIPLIER_MOST), "multiplier", "bad_multiplier",
        f"A multiplier is a whole number from 1 to {MULTIPLIER_MOST}.", f"倍率须为 1 至 {MULTIPLIER_MOST} 的整数。",
    )  # fmt: skip
    span = 10 ** np.clip(at["digits"] + at["decimals"], 1, DIGITS_MOST + DECIMALS_MOST)
    yield from _refuse(
        batch, ((at["value"] < 0) | (at["value"] >= span)) & ~bad_digits & ~bad_decimals, "value", "value_too_long",
        "The register cannot show this value.", "示数超出表计量程。",
    )  # fmt: skip
    yield from _refuse(
        batch,
        ~given.is_period(at["period"]),
        "period",
        "bad_period",
        "This is no period (YYYYMM).",
        "账期（YYYYMM）无效。",
    )


def _whereabouts(batch: _Hanging) -> Iterator[Refusal]:
    at = batch.numbers
    unknown = batch.unit_id < 0
    units = [unit for unit in np.unique(batch.unit_id[~unknown]).tolist() if not batch.actor.sees_unit(unit)]
    yield from _refuse(
        batch, np.isin(batch.unit_id, units), "account_id", "not_your_unit",
        "The account is in a unit that is not yours.", "该户不在您负责的核算单元。",
    )  # fmt: skip
    yield from _refuse(batch, unknown, "account_id", "unknown_account", "There is no such account.", "没有此户号。")
    yield from _refuse(
        batch, (at["agreement_id"] <= 0) & ~unknown, "since", "no_agreement",
        "The account has no such agreement on that day.", "该户当日没有生效的供用电合同。",
        [str(day) for day in at["since"]],
    )  # fmt: skip


def _same_meter(batch: _Hanging) -> Iterator[Refusal]:
    """Rows of one serial say the same of the meter and name each register once."""
    at = batch.numbers
    frame = pl.DataFrame(
        {"serial": batch.serial, "model": batch.model}
        | {name: at[name] for name in ("account_id", "since", "phases", "agreement_id", "period", "tou")}
    )
    for name in ("account_id", "since", "phases", "model", "period"):
        differs = frame.select((pl.col(name) != pl.col(name).first().over("serial")).alias("x"))["x"].to_numpy()
        yield from _refuse(
            batch, differs, name, "meter_differs",
            "Another row says something else of this meter.", "同一表号的各行不一致。",
            frame[name].cast(pl.String).to_list(),
        )  # fmt: skip
    twice = (~frame.select(pl.struct("serial", "tou").is_first_distinct().alias("x"))["x"]).to_numpy()
    yield from _refuse(
        batch, twice, "tou", "register_twice", "This register of the meter stands twice.", "该表的此示数类型重复。"
    )


def _known_meters(batch: _Hanging) -> Iterator[Refusal]:
    """Serials that are known hang again only where they are free, with the registers that they have."""
    if not batch.known:
        return
    rows_of: dict[str, int] = {}
    for serial in batch.serial:
        rows_of[serial] = rows_of.get(serial, 0) + 1
    at = batch.numbers
    for row, serial in enumerate(batch.serial):
        if serial not in batch.registers_of:
            continue
        register = batch.known.get((serial, int(at["tou"][row])))
        facts = (int(at["digits"][row]), int(at["decimals"][row]), int(at["multiplier"][row]))
        if register is None or rows_of[serial] != batch.registers_of[serial] or facts != (
            register.digits, register.decimals, register.multiplier
        ):  # fmt: skip
            yield Refusal(
                "meter_differs", f"Meter {serial} is known with other registers.",
                f"表号 {serial} 已登记，示数类型或参数不同。",
                field="serial", row=row, value=serial,
            )  # fmt: skip
        elif register.free_from > at["since"][row]:
            yield Refusal(
                "meter_hangs", f"Meter {serial} hangs elsewhere on that day.", f"表号 {serial} 当日仍在装。",
                field="serial", row=row, value=serial,
            )  # fmt: skip


def _write(actor: Actor, batch: _Hanging) -> MetersRegistered:
    at, count = batch.numbers, len(batch.serial)
    meter_ids, register_ids = _new_ids(batch)
    # two who hang the same meter at once: the second waits at the unique index of open places and fails there
    with connection.cursor() as cursor:
        _write_registry(cursor, batch, meter_ids, register_ids)
        where = {name: at[name] for name in ("account_id", "since", "agreement_id", "tou", "digits", "decimals")}
        copy_in(
            cursor, "register_place", PLACE,
            where | {"register_id": register_ids, "until": OPEN_DAY, "unit_id": batch.unit_id, "meter_id": meter_ids,
                     "multiplier": at["multiplier"]},
        )  # fmt: skip
        write_readings(
            cursor, account_id=at["account_id"], period=at["period"], register_id=register_ids, read_on=at["since"],
            value=at["value"], kind=models.INSTALLED, name="install",
        )  # fmt: skip
    audit.record(
        actor, "metering.hang", f"meters:{int(meter_ids.min())}..{int(meter_ids.max())}", after={"registers": count}
    )
    return MetersRegistered(meter_ids=tuple(meter_ids.tolist()), register_ids=tuple(register_ids.tolist()))


def _new_ids(batch: _Hanging) -> tuple[Ints, Ints]:
    """Ids by row: those that are known, and new ones in the order of the rows."""
    fresh = [serial for serial in dict.fromkeys(batch.serial) if serial not in batch.registers_of]
    meters = dict(zip(fresh, ids.take("meter_id", len(fresh)), strict=True))
    meters |= {serial: known.meter_id for (serial, _), known in batch.known.items()}
    new_rows = sum(1 for serial in batch.serial if serial not in batch.registers_of)
    registers = iter(ids.take("register_id", new_rows))
    tou = batch.numbers["tou"].tolist()
    meter_ids = np.fromiter((meters[serial] for serial in batch.serial), np.int64, len(batch.serial))
    register_ids = np.fromiter(
        (
            batch.known[serial, tou[row]].register_id if serial in batch.registers_of else next(registers)
            for row, serial in enumerate(batch.serial)
        ),
        np.int64,
        len(batch.serial),
    )
    return meter_ids, register_ids


def _write_registry(cursor: object, batch: _Hanging, meter_ids: Ints, register_ids: Ints) -> None:
    at = batch.numbers
    new = np.fromiter((serial not in batch.registers_of for serial in batch.serial), np.bool_, len(batch.serial))
    _, first = np.unique(meter_ids, return_index=True)
    first = np.sort(first[new[first]])
    copy_in(
        cursor, "metering_meter", {"id": INT8, "serial": TEXT, "model": TEXT, "phases": INT2},
        {
            "id": meter_ids[first], "serial": [batch.serial[row] for row in first],
            "model": [batch.model[row] for row in first], "phases": at["phases"][first],
        },
    )  # fmt: skip
    copy_in(
        cursor, "metering_register",
        {"id": INT8, "meter_id": INT8, "tou": INT2, "digits": INT2, "decimals": INT2, "multiplier": INT4},
        {"id": register_ids[new], "meter_id": meter_ids[new]}
        | {name: at[name][new] for name in ("tou", "digits", "decimals", "multiplier")},
    )  # fmt: skip


LAST_SEQ = """
SELECT u.n, COALESCE(max(r.seq), 0)::bigint
FROM unnest(%(account)s::bigint[], %(register)s::bigint[]) WITH ORDINALITY AS u (account_id, register_id, n)
JOIN reading r ON r.account_id = u.account_id AND r.register_id = u.register_id AND r.period = %(period)s
GROUP BY u.n
"""


def write_readings(
    cursor: object,
    *,
    account_id: Ints,
    period: Ints,
    register_id: Ints,
    read_on: Ints,
    value: Ints,
    kind: int,
    name: str,
) -> None:
    """Append accepted readings that come with an act (install, remove), each with the next seq of its key."""
    at = clock.now()
    seq = np.ones(len(account_id), np.int64)
    for each in np.unique(period).tolist():
        partitions.ensure(["reading"], each)
        rows = np.flatnonzero(period == each)
        parameters = {"account": account_id[rows].tolist(), "register": register_id[rows].tolist(), "period": each}
        with connection.cursor() as asking:
            asking.execute(LAST_SEQ, parameters)
            for n, last in asking.fetchall():
                seq[rows[n - 1]] = last + 1
    batch = models.ReadingBatch.objects.create(at=at, source=name, rows=len(account_id), accepted=len(account_id))
    copy_in(
        cursor, "reading", READING,
        {
            "account_id": account_id, "period": period, "register_id": register_id, "seq": seq, "read_on": read_on,
            "value": value, "kind": kind, "state": models.ACCEPTED, "reason": 0, "batch_id": batch.id,
        },
    )  # fmt: skip
