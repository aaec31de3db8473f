"""`gridhall reconcile`: a bank's file of a day against our books, its release and its transfer."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridhall.doors.cli.given import money
from gridhall.kernel.access import system
from gridhall.payments import public as payments

app = typer.Typer(help="Day-end reconciliation with banks and agents.", no_args_is_help=True)
Day = Annotated[datetime, typer.Argument(help="The day of the bank's books", formats=["%Y-%m-%d"])]
Code = Annotated[str, typer.Argument(help="The partner's code")]
Number = Annotated[int, typer.Argument(help="Number of the reconciliation")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]


@app.command("load")
def load(
    code: Code,
    day: Day,
    file: Annotated[Path, typer.Argument(help="The bank's file", exists=True, dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Read a bank's file of a day and compare it with our books; nothing is booked yet."""
    partner, data, on = payments.partner(code), file.read_bytes(), day.date()
    rows = payments.read_day_file(data, partner.contract.day_file, partner.code, on).rows
    ours = payments.our_day(partner, on)
    made = payments.reconcile_day(system("cli"), partner.counterparty, on, rows, ours, file.name, data)
    _show(made.id, as_json)


@app.command("gateway")
def gateway(
    name: Annotated[str, typer.Argument(help="The gateway: alipay, wechat, stripe")],
    day: Day,
    file: Annotated[Path | None, typer.Argument(help="Its bill; fetched if left out", exists=True)] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a payment service's bill of a day with our books; nothing is booked yet."""
    data, told = (file.read_bytes(), file.name) if file else (None, "")
    made = payments.reconcile_gateway_day(system("cli"), name, day.date(), data, told)
    _show(made.id, as_json)


@app.command("show")
def show(number: Number, as_json: AsJson = False) -> None:
    """A day with its differences."""
    _show(number, as_json)


@app.command("list")
def list_days(as_json: AsJson = False) -> None:
    """Days that were compared, the latest first."""
    found = payments.reconciliations()
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], default=str))
        return
    table = Table("number", "with", "day", "theirs", "ours", "differences", "open", "state")
    for each in found:
        table.add_row(
            str(each.id), each.counterparty, f"{each.on}", money(each.their_amount), money(each.our_amount),
            str(each.differences), str(each.open_count), each.state,
        )  # fmt: skip
    Console().print(table)


@app.command("release")
def release(number: Number, as_json: AsJson = False) -> None:
    """Do what is proposed about the differences of a day."""
    payments.release_day(system("cli"), number)
    _show(number, as_json)


@app.command("settle")
def settle(
    number: Number,
    amount: Annotated[int, typer.Option(help="The transfer's amount in minor units (fen)")],
    transfer: Annotated[str, typer.Option(help="The bank's reference of the transfer")],
) -> None:
    """Book that the bank's transfer of a day has come."""
    done = payments.settle_day(system("cli"), number, amount, transfer)
    typer.echo(f"{done.on}: {money(amount)} at the bank")


def _show(number: int, as_json: bool) -> None:
    day, differences = payments.reconciliation(number)
    if as_json:
        told = {**asdict(day), "rows": [asdict(each) for each in differences]}
        typer.echo(json.dumps(told, default=str))
        return
    typer.echo(
        f"{day.id}: {day.counterparty} {day.on}, {day.state}. Theirs {day.their_count} / {money(day.their_amount)}, "
        f"ours {day.our_count} / {money(day.our_amount)}, both {day.both_count} / {money(day.both_amount)}."
    )
    table = Table("serial", "account", "what", "theirs", "ours", "act", "state")
    for each in differences:
        table.add_row(
            each.serial, each.account_number, each.kind, money(each.their_amount), money(each.our_amount), each.act,
            each.said or each.state,
        )  # fmt: skip
    if differences:
        Console().print(table)
