"""`gridhall notices`: what was said to customers, how it went out, and mail that came back."""

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.notices import public as said

app = typer.Typer(help="Notices to customers: send, failures, proof, mail that came back.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]
STATES = {
    said.WAITING: "waits", said.SENDING: "being sent", said.SENT: "sent", said.REFUSED: "refused",
    said.GIVEN_UP: "given up", said.BOUNCED: "came back",
}  # fmt: skip


@app.command()
def send() -> None:
    """Send what is due now (the worker does so each minute). Stopped in between, it goes on with the next call."""
    if said.way(said.MAIL) is None:
        typer.echo("No mail server is set up (GRIDHALL_SMTP_URL): nothing is sent.", err=True)
        raise typer.Exit(2)
    done = 0
    while tried := said.send_waiting():
        done += tried
    typer.echo(f"{done} tried; {len(said.failures())} did not arrive.")


@app.command()
def of(number: Annotated[str, typer.Argument(help="Number of the account")], as_json: AsJson = False) -> None:
    """What was said to an account, word by word, and how it went."""
    account = customers.account_by_number(number)
    if account is None:
        raise Refusal("unknown_account", "There is no such account.", "没有此户号。", field="number", value=number)
    found = said.notices_of(account.account_id, "zh" if account.language.startswith("zh") else "en")
    if as_json:
        rows = [
            {"id": each.id, "occasion": each.occasion.name, "at": each.made_at, "read_at": each.read_at,
             "title": each.words.title, "body": each.words.body, "mail": asdict(each.mail) if each.mail else None}
            for each in found
        ]  # fmt: skip
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for each in found:
        mail = f"mail {STATES[each.mail.state]} {each.mail.address} {each.mail.answer}" if each.mail else "no mail"
        read = f"read {each.read_at:%Y-%m-%d %H:%M}" if each.read_at else "unread"
        typer.echo(f"{each.id}  {each.made_at:%Y-%m-%d %H:%M}  {each.words.title}  [{read}; {mail}]")


@app.command()
def failed(as_json: AsJson = False) -> None:
    """What did not arrive, with the other side's words."""
    found = said.failures()
    if as_json:
        rows = [{**asdict(each), "occasion": each.occasion.name, "state": STATES[each.state]} for each in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for each in found:
        typer.echo(f"{each.notice_id}  {each.occasion.name}  {STATES[each.state]}  {each.address}: {each.answer}")
    typer.echo(f"{len(found)} did not arrive.")


@app.command()
def again(number: Annotated[int, typer.Argument(help="Number of the notice")]) -> None:
    """Try once more what was refused, given up or came back."""
    said.send_again(system("cli"), number)
    typer.echo("It is tried again.")


@app.command()
def days(
    back: Annotated[int, typer.Option(min=1, max=400, help="How many days")] = 14, as_json: AsJson = False
) -> None:
    """How many went out on each day, by way and state."""
    found = said.by_day(clock.today() - timedelta(days=back - 1))
    ways = {said.INBOX: "inbox", said.MAIL: "mail"}
    if as_json:
        rows = [{"day": each.day, "way": ways[each.way], "state": STATES[each.state], "count": each.count}
                for each in found]  # fmt: skip
        typer.echo(json.dumps(rows, default=str))
        return
    for each in found:
        typer.echo(f"{each.day}  {ways[each.way]:6} {STATES[each.state]:10} {each.count}")


@app.command()
def bounces(
    files: Annotated[list[Path], typer.Argument(exists=True, help="Delivery reports, or folders of them")],
) -> None:
    """Read delivery reports (RFC 3464): an address that is none gets no more mail until it is changed."""
    reports = [one for path in files for one in (sorted(path.rglob("*")) if path.is_dir() else [path]) if one.is_file()]
    noted = sum(said.take_bounce(system("cli"), report.read_bytes()) for report in reports)
    typer.echo(f"{len(reports)} read, {noted} about notices of ours that did not arrive.")
