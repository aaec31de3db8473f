"""`gridhall statement`: statements of our bank brought in and matched, and the money that waits in suspense."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from gridhall.customers import public as customers
from gridhall.doors.cli.given import money, units_of
from gridhall.kernel.access import system
from gridhall.payments import public as payments
from gridhall.territory import public as territory

app = typer.Typer(help="Statements of our bank, and money in suspense.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]


@app.command("account")
def account(
    number: Annotated[str, typer.Argument(help="Its number as the bank writes it (an IBAN, or digits)")],
    name_en: Annotated[str, typer.Argument(help="Name in English")],
    name_zh: Annotated[str, typer.Argument(help="Name in Chinese")],
    unit: Annotated[str, typer.Option(help="Unit whose books keep what comes in until it is known whose it is")],
    virtual: Annotated[str, typer.Option(help="What the bank's virtual accounts begin with")] = "",
    points: Annotated[int, typer.Option(help="Booked by itself from so many points of 100 on; 101: never")] = 80,
) -> None:
    """Enter an account of ours."""
    (unit_id,) = units_of([unit])
    made = payments.add_bank_account(
        system("cli"), number, name_en, name_zh, unit_id, virtual_prefix=virtual, post_points=points
    )
    typer.echo(f"{made.number} added")


@app.command("accounts")
def list_accounts(as_json: AsJson = False) -> None:
    """Our accounts."""
    found = payments.bank_accounts()
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False))
        return
    units = {unit.id: unit.code for unit in territory.units()}
    table = Table(Column("number", no_wrap=True), "name", "unit", "currency", "virtual accounts", "booked from")
    for each in found:
        unit = units.get(each.unit_id, str(each.unit_id))
        table.add_row(each.number, each.name_en, unit, each.currency, each.virtual_prefix, f"{each.post_points} points")
    Console().print(table)


@app.command("load")
def load(
    files: Annotated[list[Path], typer.Argument(help="Files of one form", exists=True, dir_okay=False)],
    form: Annotated[str, typer.Option(help="camt.053, mt940, csv")] = "camt.053",
    account_number: Annotated[str, typer.Option("--account", help="Our account, where a file does not say it")] = "",
    columns: Annotated[str, typer.Option(help="List of columns of a CSV")] = "bank-zh",
    match: Annotated[bool, typer.Option(help="Match and book what is certain afterwards")] = True,
    as_json: AsJson = False,
) -> None:
    """Bring in statements; each file whole or not at all, each statement once. Then match what came in."""
    options = payments.StatementOptions(account_number, columns)
    done: list[payments.Loaded] = []
    for path in files:
        done += payments.load_statements(system("cli"), form, path.read_bytes(), path.name, options)
    matched = payments.match_suspense(system("cli")) if match else payments.Matched(0, 0, 0)
    returned = payments.settle_returns(system("cli")) if match else 0
    if as_json:
        told = {"statements": [asdict(each) for each in done], "matched": asdict(matched), "returned": returned}
        typer.echo(json.dumps(told))
        return
    for each in done:
        gap = f"; a statement is missing before it: {money(each.gap)} apart" if each.gap else ""
        state = "had come before" if each.known else f"{each.new} lines booked, {each.confirmed} known"
        typer.echo(f"{each.account} {each.ident}: {each.entries} lines, {state}{gap}")
    _tell(matched, returned)


@app.command("match")
def match(as_json: AsJson = False) -> None:
    """Match all money that waits, and book what is certain."""
    matched = payments.match_suspense(system("cli"))
    returned = payments.settle_returns(system("cli"))
    if as_json:
        typer.echo(json.dumps({**asdict(matched), "returned": returned}))
        return
    _tell(matched, returned)


def _tell(matched: payments.Matched, returned: int) -> None:
    sent = f"; {returned} returns carried out" if returned else ""
    typer.echo(f"{matched.posted} of {matched.looked_at} matched, {money(matched.amount)}{sent}")


@app.command("list")
def list_statements(
    gaps: Annotated[bool, typer.Option("--gaps", help="Only those before which one is missing")] = False,
    as_json: AsJson = False,
) -> None:
    """Statements that were brought in, the latest first."""
    found = payments.statements(gaps_only=gaps)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], default=str, ensure_ascii=False))
        return
    table = Table("number", "statement", "days", "opening", "came", "went", "closing", "gap", "waiting")
    for each in found:
        table.add_row(
            str(each.id), each.ident, f"{each.from_on} {each.to_on}", money(each.opening), money(each.came),
            money(each.went), money(each.closing), money(each.gap) if each.gap else "", str(each.open_count),
        )  # fmt: skip
    Console().print(table)


@app.command("waiting")
def waiting(as_json: AsJson = False) -> None:
    """Money in suspense, the oldest first, with the account that it is most likely meant for."""
    found = payments.suspense()
    proposed = payments.proposals(found)
    if as_json:
        told = [{**asdict(each), "proposals": [asdict(one) for one in proposed.get(each.id, [])]} for each in found]
        typer.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    numbers = customers.account_numbers({part[0] for some in proposed.values() for one in some for part in one.parts})
    table = Table("number", "day", "open", "payer", "text", "likely")
    for each in found:
        best = next(iter(proposed.get(each.id, [])), None)
        likely = " ".join(numbers.get(account, "") for account, _ in best.parts) + f" ({best.points})" if best else ""
        table.add_row(str(each.id), f"{each.on}", money(each.open), each.payer_name, each.text[:60], likely)
    Console().print(table)


@app.command("accept")
def accept(
    item: Annotated[int, typer.Argument(help="Number of the money in suspense")],
    parts: Annotated[list[str], typer.Argument(help="customer number=minor units (fen), one or several")],
    note: Annotated[str, typer.Option(help="For the audit")] = "",
) -> None:
    """Give money in suspense to one account or to several."""
    told = [part.partition("=") for part in parts]
    given = [(number, int(amount)) for number, _, amount in told if amount.isascii() and amount.isdecimal()]
    if len(given) != len(parts):
        raise typer.BadParameter("write each part as customer number=minor units")
    for receipt in payments.accept(system("cli"), item, given, note):
        typer.echo(f"payment {receipt.payment_no}: {money(receipt.amount)}, {money(receipt.to_credit)} of it as credit")
