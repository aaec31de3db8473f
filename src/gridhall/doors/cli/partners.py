"""`gridhall partner`: banks and agents that take money for the supplier, their contracts and keys."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridhall.doors.cli.given import money
from gridhall.kernel.access import system
from gridhall.payments import public as payments

app = typer.Typer(help="Banks and agents: contracts and keys.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="The partner's code")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]


@app.command("add")
def add(
    code: Code,
    name_en: Annotated[str, typer.Argument(help="Name in English")],
    name_zh: Annotated[str, typer.Argument(help="Name in Chinese")],
    most: Annotated[int, typer.Option(help="The most of one payment, in minor units (fen)")] = 5_000_000,
    part: Annotated[bool, typer.Option("--part", help="Less than is owed may be paid")] = False,
    over: Annotated[bool, typer.Option("--over", help="More than is owed may be paid; it becomes credit")] = False,
    minutes: Annotated[int, typer.Option(help="How long the batch number of a query is good")] = 10,
    file: Annotated[str, typer.Option(help="Layout of its file of a day")] = "delimited",
    unit: Annotated[list[int] | None, typer.Option(help="Only accounts of these accounting units; all if none")] = None,
) -> None:
    """Enter a bank or an agent."""
    contract = payments.Contract(most, part, over, minutes * 60, file)
    if file not in payments.day_layouts():
        raise typer.BadParameter(f"there is no layout {file}; there are {', '.join(payments.day_layouts())}")
    payments.add_partner(system("cli"), code, name_en, name_zh, contract, units=unit or (), everywhere=not unit)
    typer.echo(f"{code} added. Next: gridhall partner key {code}")


@app.command("key")
def make_key(
    code: Code,
    algorithm: Annotated[str, typer.Option(help=", ".join(payments.ALGORITHMS))] = payments.ALGORITHMS[0],
    public_key: Annotated[Path | None, typer.Option(help="The partner's RSA public key (PEM)", exists=True)] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. A shared secret is shown once; with RSA, our public key for checking answers is printed."""
    made = payments.make_partner_key(system("cli"), code, algorithm, public_key.read_text() if public_key else "")
    if as_json:
        typer.echo(json.dumps(asdict(made)))
        return
    typer.echo(f"key {made.key_id} ({made.algorithm})")
    typer.echo(f"secret (Base64) {made.secret}" if made.secret else made.our_public_key)


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="As printed when it was made")]) -> None:
    """End a key."""
    payments.revoke_partner_key(system("cli"), key_id)
    typer.echo(f"{key_id} revoked")


@app.command("suspend")
def suspend(
    code: Code,
    reason: Annotated[str, typer.Option(help="Why, for the audit")],
    resume: Annotated[bool, typer.Option("--resume", help="Let it in again")] = False,
) -> None:
    """Take a partner out of service, or let it in again."""
    payments.suspend_partner(system("cli"), code, suspended=not resume, reason=reason)
    typer.echo(f"{code} is {'in' if resume else 'out of'} service")


@app.command("list")
def list_partners(as_json: AsJson = False) -> None:
    """All partners with their contract and keys."""
    found = payments.partners()
    if as_json:
        rows = [
            {
                "code": each.code, "name_en": each.name_en, "name_zh": each.name_zh, "units": sorted(each.units),
                "contract": asdict(each.contract), "suspended": each.suspended,
                "keys": [{"key": key.key_id, "algorithm": key.algorithm} for key in each.keys],
            }
            for each in found
        ]  # fmt: skip
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("code", "name", "most of one payment", "in service", "keys")
    for each in found:
        keys = ", ".join(f"{key.key_id} {key.algorithm}" for key in each.keys)
        table.add_row(
            each.code, each.name_en, money(each.contract.payment_most), "no" if each.suspended else "yes", keys
        )
    Console().print(table)
