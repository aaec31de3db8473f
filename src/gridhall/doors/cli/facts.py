"""`gridhall facts`: the outbox: deliver what waits, see and settle what could not be delivered."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from gridhall.kernel import outbox
from gridhall.kernel.access import system

app = typer.Typer(help="Facts: what happened, on its way to who listens.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]
Number = Annotated[int, typer.Argument(help="Number of the failed delivery")]


@app.command()
def deliver() -> None:
    """Hand what waits to its subscribers now (the worker does so each minute)."""
    done = 0
    while handled := outbox.deliver():
        done += handled
    typer.echo(f"{done} delivered, {outbox.failed_count()} given up.")


@app.command()
def failed(as_json: AsJson = False) -> None:
    """Deliveries that were given up, with their reason."""
    found = outbox.failed()
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, default=str))
        return
    for each in found:
        typer.echo(f"{each.id}  {each.at:%Y-%m-%d %H:%M}  {each.kind} for {each.subscriber}: {each.reason}")
    typer.echo(f"{len(found)} given up.")


@app.command()
def retry(number: Number) -> None:
    """Have a failed delivery tried again from the start."""
    outbox.settle_failed(system("cli"), number, again=True)
    typer.echo("It is tried again.")


@app.command()
def drop(number: Number, reason: Annotated[str, typer.Option(help="Why it may be dropped")]) -> None:
    """Drop a failed delivery, with a reason for the audit."""
    outbox.settle_failed(system("cli"), number, again=False, reason=reason)
    typer.echo("Dropped.")
