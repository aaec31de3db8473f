"""`gridhall readings`: how far a period has come, what is held, settling, estimates."""

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.cli import bill
from gridhall.doors.cli.given import period_of, units_of
from gridhall.doors.cli.ledger import Period
from gridhall.kernel.access import system
from gridhall.metering import public as metering
from gridhall.territory import public as territory

app = typer.Typer(help="Readings: progress, held ones, estimates.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]
Units = Annotated[list[str] | None, typer.Option("--unit", help="Code of an accounting unit; all if none")]


@app.command()
def progress(period: Period, unit: Units = None, as_json: AsJson = False) -> None:
    """How many registers are read, estimated, held and missing, by unit."""
    rows = metering.reading_progress(period_of(period), units_of(unit or []) or None)
    codes = {each.id: each.code for each in territory.units()}
    table = [
        {"unit": codes.get(row.unit_id, str(row.unit_id)), "expected": row.expected, "accepted": row.accepted,
         "estimated": row.estimated, "held": row.held, "missing": row.missing}
        for row in rows
    ]  # fmt: skip
    _show(table, as_json)


@app.command()
def held(
    period: Annotated[str, typer.Option(help="e.g. 2026-10; all if none")] = "", unit: Units = None,
    limit: Annotated[int, typer.Option(help="How many at most")] = 50, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Readings that wait for a person."""
    found = metering.held(units_of(unit or []) or None, period_of(period) if period else None, limit=limit)
    views = customers.accounts({row.account_id for row in found})
    table = [
        {"id": row.id, "customer": views[row.account_id].number, "period": bill.month(row.period), "meter": row.serial,
         "register": billing.REGISTER_NAMES[row.tou][0], "value": shown(row.value, row.decimals),
         "previous": "" if row.previous_value is None else shown(row.previous_value, row.decimals),
         "reason": row.code, "why": row.en}
        for row in found
    ]  # fmt: skip
    _show(table, as_json)


@app.command()
def settle(
    held_id: Annotated[list[int], typer.Argument(help="Ids as `gridhall readings held` shows them")],
    outcome: Annotated[str, typer.Option(help="accepted, corrected, estimated or rejected")],
    value: Annotated[int, typer.Option(help="For corrected: the value, in units of the last decimal")] = -1,
    note: Annotated[str, typer.Option(help="Why")] = "",
    as_json: AsJson = False,
) -> None:
    """Decide held readings."""
    values = dict.fromkeys(held_id, value) if value >= 0 else {}
    done = metering.settle_held(system("cli"), held_id, outcome, values, note)
    left = [{"id": each, "code": why.code, "why": why.en} for each, why in done.left]
    if as_json:
        typer.echo(json.dumps({"settled": done.settled, "left": left}, ensure_ascii=False))
    else:
        typer.echo(f"{done.settled} settled")
        for row in left:
            typer.echo(f"{row['id']}: {row['why']}", err=True)
    if left:
        raise typer.Exit(1)


@app.command()
def estimate(period: Period, unit: Units = None, as_json: AsJson = False) -> None:
    """Estimate the registers that nobody read in the period, by unit."""
    codes = {each.id: each.code for each in territory.units()}
    table = []
    for unit_id in units_of(unit or []) or sorted(codes):
        done = metering.estimate_missing(system("cli"), period_of(period), unit_id)
        table.append({"unit": codes[unit_id], "estimated": done.estimated, "without_past": done.without_past})
    _show(table, as_json)


def shown(value: int, decimals: int) -> str:
    """A register's value with its point."""
    if decimals == 0:
        return str(value)
    text = str(value).zfill(decimals + 1)
    return f"{text[:-decimals]}.{text[-decimals:]}"


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"rows": rows}, ensure_ascii=False))
        return
    if not rows:
        typer.echo("nothing")
        return
    table = Table(box=None)
    # the code of a reason is for machines; people get the words
    names = [name for name in rows[0] if not (name == "reason" and "why" in rows[0])]
    for name in names:
        widest = max(len(str(row[name])) for row in rows)
        # numbers and register values stand one under the other and are never cut
        figures = isinstance(rows[0][name], int) or name in ("value", "previous")
        table.add_column(name, justify="right" if figures else "left", min_width=None if name == "why" else widest)
    for row in rows:
        table.add_row(*(str(row[name]) for name in names))
    Console(width=None if sys.stdout.isatty() else bill.PIPE_WIDTH).print(table)
