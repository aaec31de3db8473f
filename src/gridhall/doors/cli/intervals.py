"""`gridhall intervals`: load interval data, find and fill gaps, show a day, determinants by tariff."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gridhall.doors.cli.given import day_of, moment_of, period_of, units_of
from gridhall.kernel.access import system
from gridhall.metering import public as metering
from gridhall.rules.interval_use import ESTIMATED, MISSING, REVISED
from gridhall.territory import public as territory

app = typer.Typer(help="Interval data: load, gaps, show, determinants.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]
Units = Annotated[list[str] | None, typer.Option("--unit", help="Code of an accounting unit; all if none")]
Months = Annotated[list[str] | None, typer.Option("--month", help="As 2026-10; all if none")]
ROWS_SHOWN = 20
ROWS_AT_ONCE = 1_000  # of a table, and of one question for the meters' serials


def _months(texts: list[str] | None) -> list[int] | None:
    return [period_of(text) for text in texts] if texts else None


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="CSV, Excel, Parquet or Green Button XML", exists=True)],
    energy: Annotated[str, typer.Option(help="What the values of CSV and Excel are: kwh or wh")] = "kwh",
    cumulative: Annotated[bool, typer.Option("--cumulative", help="Values are the register's, not a step's")] = False,
    stamp_ends: Annotated[bool, typer.Option("--stamp-ends", help="A time is that of the end of its step")] = False,
    minutes: Annotated[int, typer.Option(help="Minutes of a step; found in the file if not given")] = 0,
    meter: Annotated[list[str] | None, typer.Option(help="Green Button: SERIAL, or USAGE_POINT=SERIAL")] = None,
    encoding: Annotated[str, typer.Option(help="utf-8, utf-16 or gb18030, where it is not recognised")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing")] = False,
    as_json: AsJson = False,
) -> None:
    """Load interval data into the store: all files in one commit, or nothing."""
    from gridhall.doors.cli import ready

    if energy not in ("kwh", "wh"):
        raise typer.BadParameter("--energy is kwh or wh")
    meters = {each.rpartition("=")[0]: each.rpartition("=")[2] for each in meter or []}
    terms = metering.LoadTerms(energy, cumulative, stamp_ends, minutes, encoding, meters)
    done = metering.load_intervals(system("cli"), files, terms, dry_run=dry_run)
    refused = sum(done.refused.values())
    if as_json:
        rows = [
            {"file": name, "row": each.row, "code": each.code, "field": each.field, "value": each.value, "why": each.en}
            for name, each in done.rows
        ]
        shown = {"files": done.files, "register_days": done.given, "written": done.written, "known": done.known,
                 "revision": done.revision, "dry_run": done.dry_run, "refused": refused,
                 "by_code": dict(done.refused), "refused_rows": rows}  # fmt: skip
        typer.echo(json.dumps(shown, ensure_ascii=False))
    else:
        did = "would be written" if done.dry_run else "written"
        days = f"{done.given:,} register-days · {done.written:,} {did} · {done.known:,} known already"
        typer.echo(f"{days} · {refused:,} refused")
        for name, each in done.rows[:ROWS_SHOWN]:
            typer.echo(f"{name} row {each.row}: {each.text(ready.language())} ({each.field} {each.value})", err=True)
        if refused > ROWS_SHOWN:
            typer.echo(f"… {refused:,} rows in all: {dict(done.refused)}", err=True)
    if refused:
        raise typer.Exit(1)


@app.command()
def gaps(
    month: Months = None, unit: Units = None,
    fill: Annotated[bool, typer.Option("--fill", help="Estimate what is missing, and mark it")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Registers that lack days or steps; with --fill they are estimated (of the months named)."""
    if fill:
        if not month:
            raise typer.BadParameter("say the months with --month", param_hint="--fill")
        done = metering.fill_interval_gaps(system("cli"), _months(month) or [], units_of(unit or []) or None)
        if as_json:
            typer.echo(json.dumps(asdict(done)))
        else:
            typer.echo(
                f"{done.steps:,} steps of {done.register_days:,} register-days estimated · {done.left:,} still missing"
            )
        return
    _show(_gap_rows(metering.interval_gaps(_months(month), units_of(unit or []) or None)), as_json)


def _gap_rows(found: Iterator[metering.Gap]) -> Iterator[dict[str, Any]]:
    codes = {each.id: each.code for each in territory.units()}
    while some := list(islice(found, ROWS_AT_ONCE)):
        serials = metering.serials_of(gap.register for gap in some)
        for gap in some:
            yield {
                "month": gap.month, "unit": codes.get(gap.unit, str(gap.unit)), "meter": serials.get(gap.register, ""),
                "register": gap.register, "days missing": gap.days, "steps missing": gap.steps,
                "estimated": gap.estimated, "from": date.fromordinal(gap.first_day).isoformat(),
            }  # fmt: skip


@app.command()
def show(
    meter: Annotated[str, typer.Argument(help="Serial of the meter")],
    day: Annotated[str, typer.Argument(help="As 2026-10-05, or a month as 2026-10")],
    as_of: Annotated[str, typer.Option(help="As it was known at a moment (ISO 8601)")] = "",
    every_version: Annotated[bool, typer.Option("--versions", help="Every version of the day")] = False,
    as_json: AsJson = False,
) -> None:
    """A day of a meter step by step, or a month day by day."""
    register = metering.register_of(meter)
    if register is None:
        raise typer.BadParameter(f"there is no meter {meter}")
    moment = moment_of(as_of, "as_of") if as_of else None
    if len(day) <= 7:
        days = metering.load_days(register, [period_of(day)], moment)
        _show([
            {"day": each.day.isoformat(), "minutes": each.minutes, "kWh": _kwh(each.wh_total), "missing": each.missing,
             "estimated": each.estimated, "revised": each.revised, "revision": each.revision}
            for each in days
        ], as_json)  # fmt: skip
        return
    wanted = day_of(day, "day")
    if every_version:
        found = metering.load_day_versions(register, wanted)
    else:
        month = wanted.year * 100 + wanted.month
        found = [each for each in metering.load_days(register, [month], moment) if each.day == wanted]
    _show([
        {"revision": each.revision, "from": start.isoformat(timespec="minutes"), "Wh": wh, "quality": _words(quality)}
        for each in found for start, wh, quality in zip(each.starts(), each.wh, each.quality, strict=True)
    ], as_json)  # fmt: skip


@app.command()
def determinants(
    month: Annotated[str, typer.Argument(help="As 2026-10")],
    tariff: Annotated[Path, typer.Option(help="A tariff book; its windows tell the periods", exists=True)],
    unit: Units = None,
    coincident: Annotated[bool, typer.Option("--coincident", help="Power at the peak of all registers too")] = False,
    as_json: AsJson = False,
) -> None:
    """kWh and highest demand by period of each register of a month, with the time of the peak."""
    from gridhall.doors.cli.interval_determinants import rows_of

    _show(rows_of(period_of(month), tariff, units_of(unit or []) or None, coincident), as_json)


@app.command()
def tidy(month: Months = None) -> None:
    """Gather the store's files and delete what is no longer part of it. Harmless at any moment."""
    fewer, deleted = metering.tidy_intervals(_months(month))
    typer.echo(f"{fewer:,} files fewer · {deleted:,} deleted")


def _kwh(wh: int) -> str:
    return f"{wh // 1000}.{wh % 1000:03}"


def _words(quality: int) -> str:
    if quality == MISSING:
        return "missing"
    words = ["estimated" if quality & ESTIMATED else "measured"]
    return ", ".join([*words, "revised"] if quality & REVISED else words)


def _show(rows: Iterable[dict[str, Any]], as_json: bool) -> None:
    """Write rows as they come, so that any number of them takes little memory: one JSON object, or tables."""
    coming = iter(rows)
    if as_json:
        between = '{"rows": ['
        for row in coming:
            typer.echo(between + json.dumps(row, ensure_ascii=False), nl=False)
            between = ", "
        typer.echo("]}" if between == ", " else '{"rows": []}')
        return
    shown = False
    while some := list(islice(coming, ROWS_AT_ONCE)):
        names = list(dict.fromkeys(name for row in some for name in row))
        table = Table(*names, box=None)
        for row in some:
            table.add_row(*(str(row.get(name, "")) for name in names))
        Console().print(table)
        shown = True
    if not shown:
        typer.echo("nothing")
