"""`gridhall ledger late`: who is exempt from late charge, and bills in dispute."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridhall.customers import public as customers
from gridhall.doors.cli.given import day_of
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger

app = typer.Typer(help="Exempt an account or a class from late charge; list and end it.", no_args_is_help=True)

CLASSES = {
    "residential": customers.RESIDENTIAL, "commercial": customers.COMMERCIAL, "industrial": customers.INDUSTRIAL,
}  # fmt: skip
Number = Annotated[str, typer.Option("--account", help="Customer number")]
ClassOf = Annotated[str, typer.Option("--class", help="residential, commercial or industrial: every account of it")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the act")]


def _subject(number: str, class_name: str) -> tuple[int, int]:
    """(account, class), 0 where not named. Refuses `unknown_account`, `unknown_class`."""
    account = customers.account_by_number(number) if number else None
    if number and account is None:
        raise Refusal(
            "unknown_account", f"There is no customer {number}.", f"没有户号 {number}。", field="number", value=number
        )
    if class_name and class_name not in CLASSES:
        raise Refusal(
            "unknown_class", f"There is no class {class_name}.", f"没有用电类别 {class_name}。", field="class",
            value=class_name,
        )  # fmt: skip
    return (account.account_id if account else 0), CLASSES.get(class_name, 0)


@app.command()
def exempt(
    since: Annotated[str, typer.Option(help="First day, YYYY-MM-DD, tomorrow at the earliest")],
    reason: Reason, account: Number = "", class_name: ClassOf = "",
    until: Annotated[str, typer.Option(help="First day that is no longer exempt; else till it is ended")] = "",
) -> None:  # fmt: skip
    """No late charge accrues on the bills of an account, or of a whole class, on these days."""
    account_id, class_code = _subject(account, class_name)
    last = day_of(until, "until") if until else None
    made = ledger.exempt(system("cli"), day_of(since, "since"), last, reason, account_id, class_code)
    typer.echo(f"Exemption {made}: {account or class_name} from {since}{f' to before {until}' if until else ''}.")


@app.command("list")
def listed(
    account: Number = "", class_name: ClassOf = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines")] = False,
) -> None:  # fmt: skip
    """What of an account, and of a class, is not over yet."""
    account_id, class_code = _subject(account, class_name)
    if not account_id and not class_code:
        raise Refusal("needs_subject", "Name an account or a class.", "请指定户号或用电类别。", field="account_id")
    rows = ledger.exemptions(account_id, class_code) if account_id else ledger.exemptions(-1, class_code)
    if as_json:
        typer.echo(json.dumps({"exemptions": [asdict(row) for row in rows]}, ensure_ascii=False, default=str))
        return
    table = Table("id", "of", "from", "to before", "reason", "by")
    names = {code: name for name, code in CLASSES.items()}
    for row in rows:
        of = (
            f"bill {row.period // 100}-{row.period % 100:02d}/{row.seq}"
            if row.period
            else names.get(row.class_code, "")
        )
        table.add_row(
            str(row.id), of or f"account {account}", f"{row.since}", f"{row.until or ''}", row.reason, row.entered_by
        )
    Console().print(table)


@app.command()
def end(exemption: Annotated[int, typer.Argument(help="Its number, as `list` shows it")], reason: Reason) -> None:
    """Let late charge accrue again from tomorrow."""
    ledger.end_exemption(system("cli"), exemption, reason)
    typer.echo(f"Exemption {exemption} ended.")
