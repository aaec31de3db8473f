"""`gridhall acts`: acts on customers' money that need a second person, cheques, plans, and money between units.

The command line acts as the system itself, which may ask and may agree, but never both for one act.
"""

import json
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gridhall.customers import public as customers
from gridhall.doors.cli.given import day_of, money
from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments
from gridhall.territory import public as territory

app = typer.Typer(help="Acts on customers' money with a second person.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]
Reason = Annotated[str, typer.Option(help="Why")]


def _shown(found: payments.MoneyActView, number: str) -> dict[str, Any]:
    return {
        "id": found.id, "act": found.act, "account": number, "amount": found.amount, "state": found.state,
        "reason": found.reason, "asked_by": found.asked_by_name, "decided_by": found.decided_by_name,
    }  # fmt: skip


def _numbers(account_ids: set[int]) -> dict[int, str]:
    return {account: view.number for account, view in customers.accounts(account_ids).items()}


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Decided ones as well")] = False, as_json: AsJson = False
) -> None:
    """Acts that wait for a second person."""
    found = payments.money_acts(waiting=not everything, limit=500)
    numbers = _numbers({each.account_id for each in found})
    rows = [_shown(each, numbers.get(each.account_id, "")) for each in found]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("id", "act", "account", "amount", "state", "asked by", "reason")
    for row in rows:
        table.add_row(
            str(row["id"]), row["act"], row["account"], money(row["amount"]), row["state"], row["asked_by"],
            row["reason"],
        )  # fmt: skip
    Console().print(table)


@app.command()
def ask(
    act: Annotated[str, typer.Argument(help=f"One of: {', '.join(payments.ACTS)}")],
    account: Annotated[str, typer.Argument(help="Customer number")],
    amount: Annotated[int, typer.Argument(help="Minor units")],
    reason: Reason,
    told: Annotated[str, typer.Option(help="What the act needs besides, as JSON")] = "{}",
) -> None:
    """Ask for an act; a member of staff decides it in the office."""
    ids = customers.account_ids([account])
    if account not in ids:
        raise Refusal("unknown_account", "There is no such account.", "没有此户号。", field="account", value=account)
    try:
        needs = json.loads(told)
    except ValueError as error:
        raise Refusal("bad_json", "This is not JSON.", "不是有效的 JSON。", field="told", value=told[:40]) from error
    done = payments.ask_money_act(system("cli"), act, ids[account], amount, reason, needs)
    typer.echo(f"{done.id}: {done.state}")


@app.command()
def decide(
    act_id: int,
    approve: Annotated[bool, typer.Option("--approve/--decline")],
    reason: Annotated[str, typer.Option(help="Why it is declined")] = "",
) -> None:
    """Agree to an act that somebody else asked for, or decline it."""
    done = payments.decide_money_act(system("cli"), act_id, approve=approve, reason=reason)
    typer.echo(f"{done.id}: {done.state}")


@app.command()
def cheques(as_json: AsJson = False) -> None:
    """Cheques in the drawers and at the bank."""
    found = payments.cheques(states=["held", "presented"], limit=1000)
    if as_json:
        keys = ("id", "number", "bank", "amount", "state", "unit_id")
        typer.echo(json.dumps([{key: getattr(each, key) for key in keys} for each in found], ensure_ascii=False))
        return
    for each in found:
        typer.echo(f"{each.id}  {each.bank} {each.number}  {money(each.amount)}  {each.state}")
    typer.echo(f"{len(found)} cheques at no end.")


@app.command()
def plans(
    follow: Annotated[bool, typer.Option(help="First end those that are paid or broken")] = False,
    as_json: AsJson = False,
) -> None:
    """Agreements to pay by parts that are being kept."""
    changed = payments.follow_plans() if follow else []
    found = payments.plans(limit=1000)
    if as_json:
        keys = ("id", "account_id", "total", "left", "state")
        typer.echo(json.dumps([{key: getattr(each, key) for key in keys} for each in (*changed, *found)]))
        return
    numbers = _numbers({each.account_id for each in (*changed, *found)})
    for each in (*changed, *found):
        part = each.next_part
        due = f", next {money(part.open)} by {part.due_on}" if part else ""
        left = f"{money(each.left)} of {money(each.total)}"
        typer.echo(f"{each.id}  {numbers.get(each.account_id, '')}  {left}  {each.state}{due}")
    typer.echo(f"{len(found)} plans are being kept.")


@app.command()
def units(
    on: Annotated[str, typer.Option(help="A day (YYYY-MM-DD); all that is open without it")] = "",
    propose: Annotated[str, typer.Option(help="Put together what is open up to this day, for a second person")] = "",
    as_json: AsJson = False,
) -> None:
    """What units took for one another's customers."""
    if propose:
        made = payments.propose_settlement(system("cli"), day_of(propose, "propose"))
        typer.echo(f"Settlement {made.id} up to {made.on}: {money(made.amount)}; a second person books it.")
        return
    if on:
        pairs = [pair for pair, _state in payments.units_day(None, day_of(on, "on"))]
    else:
        pairs = payments.units_owe(None, date.min, clock.today())
    if as_json:
        typer.echo(json.dumps([vars(each) for each in pairs]))
        return
    names = {unit.id: unit.name_zh for unit in territory.units()}
    for each in pairs:
        pair = f"{names.get(each.holder, each.holder)} → {names.get(each.owner, each.owner)}"
        typer.echo(f"{pair}  {each.count}  {money(each.amount)}")
    typer.echo(f"{len(pairs)} pairs of units.")
