"""`gridhall ledger`: the proof of the books, their rebuild, the trial balance and the close of a period."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gridhall.doors.cli import exemptions
from gridhall.doors.cli.given import money, period_of, units_of
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger

app = typer.Typer(help="Check, rebuild and close the books; who is exempt from late charge.", no_args_is_help=True)
app.add_typer(exemptions.app, name="late")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]
Period = Annotated[str, typer.Option(help="Posting period, e.g. 2026-10")]


def _unit_id(code: str) -> int:
    """The unit of a code, 0 for `all`. Refuses `unknown_unit`."""
    return 0 if code == "all" else units_of([code])[0]


@app.command()
def check(as_json: AsJson = False) -> None:
    """Prove every invariant of the books; each broken row is named, and the exit code is 1."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console,
        disable=as_json, transient=True,
    ) as shown:  # fmt: skip
        task = shown.add_task("check", total=None)
        proven = 0

        def told(name: str, done: int, total: int) -> None:
            nonlocal proven
            proven = total
            shown.update(task, description=name, completed=done, total=total)

        broken = ledger.check(told)
    if as_json:
        typer.echo(json.dumps({"broken": [asdict(row) for row in broken]}, ensure_ascii=False))
    elif not broken:
        typer.echo(f"Every invariant holds: {proven} checks.")
    for row in [] if as_json else broken:
        typer.echo(str(row))
    raise typer.Exit(1 if broken else 0)


@app.command()
def rebuild(as_json: AsJson = False) -> None:
    """Compute open items and balances anew from movements and allocations, and tell what was wrong."""
    done = ledger.rebuild(system("cli"))
    if as_json:
        changes = [asdict(row) for row in done.changes]
        typer.echo(json.dumps({"items": done.items, "balances": done.balances, "changes": changes}, ensure_ascii=False))
        return
    for row in done.changes:
        typer.echo(str(row))
    typer.echo(f"{done.items} open items and {done.balances} balances put right.")


def _show(books: ledger.TrialBalance, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**asdict(books), "balanced": books.balanced}, ensure_ascii=False))
        return
    table = Table(title=f"{books.period // 100}-{books.period % 100:02d}" + (" (closed)" if books.closed else ""))
    for head in ("account", "name", "opening", "debit", "credit", "closing"):
        table.add_column(head, justify="right" if head in ("opening", "debit", "credit", "closing") else "left")
    for row in books.rows:
        amounts = (row.opening, row.debit, row.credit, row.closing)
        if any(amounts):
            table.add_row(str(row.code), f"{row.name_zh} {row.name_en}", *(money(amount) for amount in amounts))
    table.add_section()
    sums = [sum(getattr(row, field) for row in books.rows) for field in ("opening", "debit", "credit", "closing")]
    table.add_row("", "", *(money(amount) for amount in sums))
    Console().print(table)


@app.command("trial-balance")
def trial_balance(
    period: Period, unit: Annotated[str, typer.Option(help="Code of an accounting unit, or all")] = "all",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Debits and credits of a posting period by account of the books, with what stood before and after."""
    _show(ledger.trial_balance(_unit_id(unit), period_of(period)), as_json)


@app.command()
def close(
    period: Period, unit: Annotated[str, typer.Option(help="Code of an accounting unit")], as_json: AsJson = False
) -> None:
    """Close a posting period of a unit: nothing is posted into it any more."""
    unit_id = _unit_id(unit)
    if not unit_id:
        raise Refusal("unknown_unit", "Close one unit at a time.", "请逐个核算单元结账。", field="unit", value=unit)
    _show(ledger.close_period(system("cli"), unit_id, period_of(period)), as_json)
