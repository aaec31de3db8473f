"""Importing files: one transaction a file, in bounded memory; what cannot be taken is reported by row.

Interrupted anywhere, nothing is imported and the same command starts anew; done once, the same file is known again.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import hanging, intake, models, queries
from gridhall.metering.importing import fields, kinds, workbook
from gridhall.metering.importing.report import HeldRow, ImportReport, RefusedRow, refused_row, write_refused
from gridhall.metering.importing.table import Column, Table, open_table
from gridhall.metering.views import NewMeters, NewReadings
from gridhall.territory import public as territory

ROWS_AT_ONCE = 50_000
REFUSED_MOST = 200_000
Progress = Callable[[int], None]  # rows read so far
Record = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """How a file is imported. `refused_to`: where refused rows are written. `encoding`: named instead of recognised."""

    dry_run: bool = False
    all_or_nothing: bool = False
    encoding: str = ""
    refused_to: Path | None = None
    language: str = "en"
    progress: Progress | None = None


@dataclass
class _Reading:
    """A file while it is read: the line of each row that was understood, and the rows that were refused."""

    table: Table
    options: Options
    lines: "array[int]" = field(default_factory=lambda: array("q"))
    refused: list[RefusedRow] = field(default_factory=list)
    rows: int = 0

    def refuse(self, refusal: Refusal, line: int) -> None:
        self.refused.append(refused_row(refusal, line, self.table))
        if len(self.refused) > REFUSED_MOST:
            raise Refusal(
                "too_many_refused", f"More than {REFUSED_MOST:,} rows are refused; nothing was imported.",
                f"退回行数超过 {REFUSED_MOST:,}，整个文件未导入。", field="file", value=self.table.path.name,
            )  # fmt: skip


def import_readings(actor: Actor, path: Path, options: Options | None = None) -> ImportReport:
    """Take a file of readings; its columns: kinds.READINGS. Refuses whole files as open_table and same_file do."""
    actor.require("readings.take")
    options = options or Options()
    reading = _open(path, kinds.READINGS, options)
    digest = "" if options.dry_run else reading.table.digest
    _known_before(reading.table.digest)
    with transaction.atomic():
        taken = intake.take_in_parts(actor, _reading_parts(reading), "file", path.name, digest, dry_run=options.dry_run)
        for refusal in taken.refused:
            reading.refuse(refusal, reading.lines[refusal.row])
        stopped = options.all_or_nothing and bool(reading.refused)
        if stopped:
            transaction.set_rollback(True)
        elif taken.batch_id:
            counted = models.ReadingBatch.objects.filter(id=taken.batch_id)
            counted.update(rows=reading.rows, refused=len(reading.refused))
    imported = taken.batch_id > 0 and not stopped
    serials = queries.serials_of({register for _, register, _ in taken.held_rows}) if taken.held_rows else {}
    held = [HeldRow(reading.lines[row], serials[register], why) for row, register, why in taken.held_rows]
    return _report("readings", reading, taken.accepted, taken.held, imported, dict(taken.reasons), tuple(held))


def import_meters(actor: Actor, path: Path, options: Options | None = None) -> ImportReport:
    """Hang the meters of a file; see kinds.METERS for its columns."""
    actor.require("readings.take")
    reading = _open(path, kinds.METERS, options or Options())
    return _register("meters", actor, reading, kinds.HANG, "serial", _hang)


def import_customers(
    actor: Actor, path: Path, options: Options | None = None, tariffs: frozenset[str] = frozenset()
) -> ImportReport:
    """Open the accounts of a file; see kinds.CUSTOMERS for its columns. `tariffs`: the codes that are known, if any."""
    actor.require("customers.change")
    reading = _open(path, kinds.CUSTOMERS, options or Options())
    areas = {each.code: each.id for each in territory.areas()}

    def check(record: Record) -> None:
        if record["area"] not in areas:
            raise fields.refuse("unknown_area", "There is no such area.", "没有此责任区。", "area", record["area"])
        if tariffs and record["tariff"] not in tariffs:
            raise fields.refuse(
                "unknown_tariff", "There is no such tariff.", "没有此电价。", "tariff", record["tariff"]
            )
        record["area_id"] = areas[record["area"]]

    return _register("customers", actor, reading, kinds.OPEN, "", _open_accounts, check)


def _open(path: Path, columns: tuple[Column, ...], options: Options) -> _Reading:
    return _Reading(open_table(path, columns, options.encoding), options)


def _known_before(digest: str) -> None:
    earlier = models.ReadingBatch.objects.filter(digest=digest).first()
    if earlier is not None:
        raise intake.same_file(earlier)


def _records(reading: _Reading, parsers: dict[str, Callable[[str, str], Any]]) -> Iterator[tuple[int, Record]]:
    """(line, record) of the rows that are understood; the others are refused."""
    table = reading.table
    width, places = len(table.header), table.columns
    for line, cells in table.rows():
        reading.rows += 1
        if reading.options.progress and reading.rows % 1000 == 0:
            reading.options.progress(reading.rows)
        try:
            _check_width(cells, width)
            yield line, {name: _field(name, cells, places.get(name, -1), parse) for name, parse in parsers.items()}
        except Refusal as refusal:
            reading.refuse(refusal, line)


def _check_width(cells: list[str], width: int) -> None:
    if len(cells) < width:
        raise fields.refuse(
            "too_few_columns", f"The row has {len(cells)} of {width} columns; it may be cut off.",
            f"该行只有 {len(cells)} 列（应为 {width} 列），可能不完整。", "row", cells[-1] if cells else "",
        )  # fmt: skip
    if any(each.strip() for each in cells[width:]):
        raise fields.refuse(
            "too_many_columns", f"The row has {len(cells)} columns, the header {width}.",
            f"该行有 {len(cells)} 列，表头只有 {width} 列。", "row", cells[width],
        )  # fmt: skip


def _field(name: str, cells: list[str], place: int, parse: Callable[[str, str], Any]) -> Any:
    if place < 0:
        return parse(name, "")
    cell = cells[place]
    if isinstance(cell, workbook.ErrorCell):
        raise fields.refuse("error_cell", "The cell shows an error of Excel.", "单元格为 Excel 错误值。", name, "#")
    if isinstance(cell, workbook.FormulaCell) or cell.startswith("="):
        raise fields.refuse(
            "formula_cell", "The cell holds a formula; paste it as a value.", "单元格为公式，请粘贴为数值。", name, cell
        )
    return parse(name, fields.clean(name, cell))


def _reading_parts(reading: _Reading) -> Iterator[NewReadings]:
    """The file in parts; the rows of one meter that stand together are not torn apart."""
    part: list[Record] = []
    for line, record in _records(reading, kinds.READ):
        if len(part) >= ROWS_AT_ONCE and record["serial"] != part[-1]["serial"]:
            yield _readings(part)
            part = []
        reading.lines.append(line)
        part.append(record)
    yield _readings(part)


def _readings(part: list[Record]) -> NewReadings:
    return NewReadings(
        serial=[each["serial"] for each in part],
        tou=[each["tou"] for each in part],
        account_id=_accounts(part),
        read_on=[each["read_on"] for each in part],
        value=[each["value"][0] for each in part],
        value_decimals=[each["value"][1] for each in part],
        period=[each["period"] for each in part],
        kind=[each["kind"] for each in part],
    )


def _accounts(part: list[Record]) -> list[int]:
    """Account ids by number; 0 where the file names none, -1 where there is no such account."""
    numbers = {each["account"] for each in part} - {""}
    known = customers.account_ids(numbers) if numbers else {}
    return [known.get(each["account"], -1) if each["account"] else 0 for each in part]


Write = Callable[[Actor, list[Record]], list[Refusal]]


def _register(
    kind: str, actor: Actor, reading: _Reading, parsers: dict[str, Callable[[str, str], Any]], together: str,
    write: Write, check: Callable[[Record], None] | None = None,
) -> ImportReport:  # fmt: skip
    """Write the rows of a file in parts by an act that takes all or none: what it refuses is left out."""
    _known_before(reading.table.digest)
    options, written = reading.options, 0
    with transaction.atomic():
        for part in _parts(reading, parsers, together, check):
            written += _write_part(actor, reading, part, write)
        stopped = options.dry_run or (options.all_or_nothing and bool(reading.refused)) or written == 0
        if stopped:
            transaction.set_rollback(True)
        else:
            models.ReadingBatch.objects.create(
                at=clock.now(), source=kind, door=actor.door, name=reading.table.path.name[:200],
                digest=reading.table.digest, rows=reading.rows, accepted=written, refused=len(reading.refused),
            )  # fmt: skip
            audit.record(
                actor, f"import.{kind}", f"file:{reading.table.digest[:16]}",
                after={"name": reading.table.path.name, "accepted": written, "refused": len(reading.refused)},
            )  # fmt: skip
    return _report(kind, reading, written, 0, not stopped, {})


def _parts(
    reading: _Reading,
    parsers: dict[str, Callable[[str, str], Any]],
    together: str,
    check: Callable[[Record], None] | None,
) -> Iterator[list[tuple[int, Record]]]:
    part: list[tuple[int, Record]] = []
    for line, record in _records(reading, parsers):
        try:
            if check:
                check(record)
        except Refusal as refusal:
            reading.refuse(refusal, line)
            continue
        torn = together and part and part[-1][1][together] == record[together]
        if len(part) >= ROWS_AT_ONCE and not torn:
            yield part
            part = []
        part.append((line, record))
    if part:
        yield part


def _write_part(actor: Actor, reading: _Reading, part: list[tuple[int, Record]], write: Write) -> int:
    """Write what the act takes. A refused row may have hidden what is wrong with another, so it is asked again."""
    while part:
        refused = write(actor, [record for _, record in part])
        if not refused:
            return len(part)
        wrong: dict[int, Refusal] = {}
        for refusal in refused:
            wrong.setdefault(refusal.row, refusal)
        for row, refusal in sorted(wrong.items()):
            reading.refuse(refusal, part[row][0])
        part = [each for row, each in enumerate(part) if row not in wrong]
    return 0


def _hang(actor: Actor, part: list[Record]) -> list[Refusal]:
    """Hang a part. A meter of which a row is refused is refused whole: half its registers would be another meter."""
    accounts = [max(each, 0) for each in _accounts(part)]
    values, scaling = [], []
    for row, each in enumerate(part):
        value, own = each["value"]
        decimals = min(max(each["decimals"], 0), 9)
        if own > decimals and value % 10 ** (own - decimals):
            scaling.append(Refusal(
                "too_many_decimals", "More decimals than the register has.", "小数位多于表计。", field="value", row=row,
                value=str(value),
            ))  # fmt: skip
        values.append(value * 10 ** max(decimals - own, 0) // 10 ** max(own - decimals, 0))
    if scaling:
        return _whole_meters(part, scaling)
    limits = {name: [min(each[name], 1 << 40) for each in part] for name in ("digits", "decimals", "multiplier")}
    done = hanging.register_meters(actor, NewMeters(
        serial=[each["serial"] for each in part], account_id=accounts, since=[each["since"] for each in part],
        tou=[each["tou"] for each in part], value=[min(value, 1 << 62) for value in values],
        model=[each["model"] for each in part], phases=[each["phases"] for each in part], **limits,
    ))  # fmt: skip
    return _whole_meters(part, list(done.refused))


def _whole_meters(part: list[Record], refused: list[Refusal]) -> list[Refusal]:
    wrong = {part[refusal.row]["serial"]: refusal for refusal in reversed(refused)}
    named = {refusal.row for refusal in refused}
    others = []
    for row, each in enumerate(part):
        if row not in named and each["serial"] in wrong:
            of = wrong[each["serial"]]
            others.append(Refusal(
                "other_row_refused", f"Another row of this meter is refused: {of.en}", f"同一表号另有行被退回：{of.zh}",
                field=of.field, row=row, value=of.value,
            ))  # fmt: skip
    return refused + others


def _open_accounts(actor: Actor, part: list[Record]) -> list[Refusal]:
    def column(name: str) -> list[Any]:
        return [each[name] for each in part]

    done = customers.register_accounts(actor, customers.NewAccounts(
        name=column("name"), address=column("address"), area_id=column("area_id"), class_code=column("class"),
        tariff_code=column("tariff"), since=column("since"), number=column("account"), kind=column("kind"),
        phone=column("phone"), email=column("email"), language=column("language"),
        longitude_millionths=column("longitude"),
        latitude_millionths=column("latitude"), voltage=column("voltage"),
        capacity_va=column("capacity_kva"),
        contract_w=column("contract_kw"),
        power_factor_standard=column("power_factor"),
        persons=column("persons"),
        allowance_wh=column("allowance_kwh"),
        sub_share=column("sub_supply_percent"),
        sub_wh=column("sub_supply_kwh"),
    ))  # fmt: skip
    return list(done.refused)


def _report(
    kind: str, reading: _Reading, accepted: int, held: int, imported: bool, reasons: dict[int, int],
    held_rows: tuple[HeldRow, ...] = (),
) -> ImportReport:  # fmt: skip
    table, options = reading.table, reading.options
    refused = tuple(sorted(reading.refused, key=lambda each: each.row))
    where = None
    if refused and options.refused_to is not None:
        where = write_refused(table, refused, options.refused_to, options.language)
    return ImportReport(
        kind, table.path.name, table.recognised, reading.rows, accepted, held, refused, imported, options.dry_run,
        reasons, table.ignored, table.notes, where, held_rows,
    )  # fmt: skip
