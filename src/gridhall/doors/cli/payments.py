"""`gridhall payments`: the money of a day, and online orders that are waiting for word."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridhall.doors.cli.given import money
from gridhall.kernel import clock
from gridhall.payments import public as payments
from gridhall.territory import public as territory

app = typer.Typer(help="Money received.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]

DOORS = {1: "counter", 2: "portal", 3: "api", 4: "file", 5: "bank", 8: "statement", 9: "credit"}
METHODS = {1: "cash", 2: "card", 3: "online", 4: "transfer", 5: "cheque", 6: "correction"}


@app.command()
def day(
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day (today)")] = None,
    as_json: AsJson = False,
) -> None:
    """What was received and reversed on a day, by unit, door, way of paying and outlet."""
    chosen = on.date() if on else clock.today()
    rows = payments.day_money(None, chosen)
    if as_json:
        told = [{**asdict(row), "net": row.net} for row in rows]
        typer.echo(json.dumps({"day": chosen.isoformat(), "rows": told, "net": sum(row.net for row in rows)}))
        return
    units = {unit.id: unit.name_zh for unit in territory.units()}
    outlets = {outlet.id: outlet.name_zh for outlet in territory.outlets()}
    table = Table("unit", "door", "method", "outlet", "count", "received", "reversed", "net", title=chosen.isoformat())
    for row in rows:
        table.add_row(
            units.get(row.unit_id, str(row.unit_id)), DOORS.get(row.door, str(row.door)),
            METHODS.get(row.method, str(row.method)), outlets.get(row.outlet_id, ""), str(row.count),
            money(row.amount), money(row.reversed_amount), money(row.net),
        )  # fmt: skip
    table.add_section()
    table.add_row(
        "", "", "", "", str(sum(row.count for row in rows)), money(sum(row.amount for row in rows)),
        money(sum(row.reversed_amount for row in rows)), money(sum(row.net for row in rows)),
    )  # fmt: skip
    Console().print(table)


@app.command()
def resolve(as_json: AsJson = False) -> None:
    """Ask the gateways about online orders of which nothing was heard, and book those that were paid."""
    outcomes = payments.resolve_waiting()
    if as_json:
        typer.echo(json.dumps([{"order": each.order_no, "state": each.state} for each in outcomes]))
        return
    for each in outcomes:
        typer.echo(f"{each.order_no}: {each.state}")
    typer.echo(f"{len(outcomes)} orders asked about.")


@app.command()
def refunds(as_json: AsJson = False) -> None:
    """Bring on the refunds that the gateways have not answered, and show those that are under way."""
    payments.pursue_refunds()
    found = payments.refunds(open_only=True)
    if as_json:
        told = [{"refund": each.refund_no, "state": each.state, "amount": each.amount} for each in found]
        typer.echo(json.dumps(told))
        return
    for each in found:
        said = f" ({each.said})" if each.said else ""
        typer.echo(f"{each.refund_no}  {money(each.amount)}  {each.state}{said}")
    typer.echo(f"{len(found)} under way.")


@app.command()
def gateways(as_json: AsJson = False) -> None:
    """The ways of paying online, and what each lacks to work. Exit code 1 where one lacks something."""
    lacks = payments.gateways_lacking()
    if as_json:
        typer.echo(json.dumps({name: lacks.get(name, []) for name in payments.gateways()}))
    else:
        for name in payments.gateways():
            typer.echo(f"{name}: {'ready' if name not in lacks else 'not set up completely'}")
            for sentence in lacks.get(name, []):
                typer.echo(f"  {sentence}")
    if lacks:
        raise typer.Exit(1)
