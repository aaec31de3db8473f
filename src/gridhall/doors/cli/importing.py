"""`gridhall import`: customers, meters and readings from CSV or Excel files."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.metering import public as metering
from gridhall.tariffs import public as tariffs

app = typer.Typer(
    help="Take customers, meters or readings from a CSV or Excel (.xlsx) file: one transaction a file.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="CSV (UTF-8, UTF-16 or GB18030) or .xlsx", exists=True, dir_okay=False)]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would happen; the report of refused rows is written, nothing else")
]
ReportTo = Annotated[
    Path | None,
    typer.Option("--report", help="Where refused rows go, to be corrected and fed back; by default beside FILE"),
]
AllOrNothing = Annotated[bool, typer.Option("--all-or-nothing", help="Import nothing if any row is refused")]
Encoding = Annotated[str, typer.Option(help="utf-8, utf-16 or gb18030, where it is not recognised")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]

ROWS_SHOWN = 10


@app.command("readings")
def readings(
    file: File, dry_run: DryRun = False, report: ReportTo = None, all_or_nothing: AllOrNothing = False,
    encoding: Encoding = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Readings: 表号 meter, 示数 value, 抄表日期 read_on; 户号 account, 示数类型 tou, 账期 period, 抄表方式 kind."""
    _run(metering.import_readings, file, dry_run, report, all_or_nothing, encoding, as_json)


@app.command("meters")
def meters(
    file: File, dry_run: DryRun = False, report: ReportTo = None, all_or_nothing: AllOrNothing = False,
    encoding: Encoding = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Meters: 表号 meter, 户号 account, 装表日期 since; 起码 value, 示数类型 tou, digits, decimals, 倍率 multiplier."""
    _run(metering.import_meters, file, dry_run, report, all_or_nothing, encoding, as_json)


@app.command("customers")
def customers(
    file: File, dry_run: DryRun = False, report: ReportTo = None, all_or_nothing: AllOrNothing = False,
    encoding: Encoding = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Customers: 户名 name, 用电地址 address, 责任区 area, 用电类别 class, 电价 tariff, 立户日期 since, and more."""
    known = frozenset(each.code for each in tariffs.tariffs(clock.today()))
    _run(partial(metering.import_customers, tariffs=known), file, dry_run, report, all_or_nothing, encoding, as_json)


def _run(
    act: Callable[..., metering.ImportReport], file: Path, dry_run: bool, report: Path | None, all_or_nothing: bool,
    encoding: str, as_json: bool,
) -> None:  # fmt: skip
    from gridhall.doors.cli import ready

    beside = file.with_name(f"{file.stem}.refused{file.suffix}")
    with _progress(as_json) as shown:
        task = shown.add_task("rows", total=None)
        options = metering.Options(
            dry_run=dry_run, all_or_nothing=all_or_nothing, encoding=encoding, refused_to=report or beside,
            language=ready.language(), progress=lambda rows: shown.update(task, completed=rows),
        )  # fmt: skip
        done = act(system("cli"), file, options)
    if as_json:
        typer.echo(json.dumps(as_object(done), ensure_ascii=False))
    else:
        _show(done, ready.language(), all_or_nothing)
    if done.refused:
        raise typer.Exit(1)


def _progress(quiet: bool) -> AbstractContextManager[Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} rows"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet)


def as_object(done: metering.ImportReport) -> dict[str, Any]:
    """The report as JSON can hold it."""
    return {
        "kind": done.kind, "file": done.file, "recognised": done.recognised, "rows": done.rows,
        "accepted": done.accepted, "held": done.held, "refused": len(done.refused), "imported": done.imported,
        "dry_run": done.dry_run, "by_code": done.by_code,
        "held_for": {metering.REASONS[reason].code: count for reason, count in done.reasons.items()},
        "held_rows": [
            {"row": each.row, "meter": each.meter, "code": why.code, "en": why.en, "zh": why.zh}
            for each in done.held_rows
            for why in (metering.REASONS[each.reason],)
        ],
        "ignored_columns": list(done.ignored), "notes": [en for en, _ in done.notes],
        "refused_file": str(done.refused_file) if done.refused_file else None,
        "refused_rows": [asdict(each) for each in done.refused],
    }  # fmt: skip


def outcome(done: metering.ImportReport, all_or_nothing: bool) -> str:
    """What became of the rows, or in a dry run would: nothing where none can be taken, or not all of them."""
    if done.imported:
        return "imported"
    if not done.dry_run:
        return "imported: nothing"
    taken = done.accepted + done.held and not (all_or_nothing and done.refused)
    return "would be imported" if taken else "nothing would be imported"


def _show(done: metering.ImportReport, language: str, all_or_nothing: bool) -> None:
    console, chinese = Console(), language == "zh"
    did = outcome(done, all_or_nothing)
    console.print(f"{done.file}: {done.recognised}")
    console.print(
        f"{done.rows:,} {done.kind} · {done.accepted:,} accepted · {done.held:,} held"
        f" · {len(done.refused):,} refused · {did}"
    )
    for reason, count in sorted(done.reasons.items()):
        why = metering.REASONS[reason]
        console.print(f"  held {count:,}: {why.zh if chinese else why.en}")
    if done.held_rows:
        _show_held(console, done, chinese)
    if done.ignored:
        console.print(f"  columns passed over: {', '.join(done.ignored)}")
    for en, zh in done.notes:
        console.print(f"  note: {zh if chinese else en}")
    if done.refused:
        table = Table("line", "field", "reason", "value", box=None)
        for each in done.refused[:ROWS_SHOWN]:
            table.add_row(str(each.row), each.where, f"{each.code}: {each.zh if chinese else each.en}", each.value)
        console.print(table)
        if len(done.refused) > ROWS_SHOWN:
            console.print(f"  … and {len(done.refused) - ROWS_SHOWN:,} more")
        console.print(f"Refused rows: {done.refused_file} (correct them and import that file)")


def _show_held(console: Console, done: metering.ImportReport, chinese: bool) -> None:
    table = Table("line", "meter", "held for", box=None)
    for each in done.held_rows[:ROWS_SHOWN]:
        why = metering.REASONS[each.reason]
        table.add_row(str(each.row), each.meter, why.zh if chinese else why.en)
    console.print(table)
    if done.held > ROWS_SHOWN:
        console.print(f"  … and {done.held - ROWS_SHOWN:,} more held")
