"""`gridhall tariff`: the catalogue, tariff books checked and entered, and tariffs from files.

Each command makes ready what it needs: reading and rating files goes without database and Django.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridhall.doors.cli import ready, tariff_load

app = typer.Typer(help="Tariffs: list, check, enter books; read and rate files", no_args_is_help=True)
app.command()(tariff_load.rate)
app.command("import-urdb")(tariff_load.import_urdb)
Json = Annotated[bool, typer.Option("--json", help="One JSON value for machines")]


@app.command("list")
def list_(
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day (today)")] = None,
    as_json: Json = False,
) -> None:
    """Every tariff with the version in force on a day."""
    ready.database_ready()
    from gridhall.kernel import clock
    from gridhall.tariffs import public as tariffs

    day = on.date() if on else clock.today()
    views = tariffs.tariffs(day)
    if as_json:
        rows = [
            {
                "code": view.code, "name_en": view.name_en, "name_zh": view.name_zh, "currency": view.currency,
                "version": view.version.version_id if view.version else None,
                "from": view.version.from_on.isoformat() if view.version else None,
                "hash": view.version.content_hash if view.version else None,
            }
            for view in views
        ]  # fmt: skip
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("code", "name", "currency", "version", "from", "until", "source")
    for view in views:
        version = view.version
        row = (
            [str(version.version_id), str(version.from_on), str(version.until_on or ""), version.source]
            if version
            else []
        )
        table.add_row(view.code, view.name_zh, view.currency, *row)
    Console().print(table)


@app.command()
def check(
    book: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Tariff books (YAML)")],
    as_json: Json = False,
) -> None:
    """Read and compile books and rate their examples; needs no database. Names everything that is wrong, each with its
    file and line; exit code 2 where anything is."""
    from gridhall.tariffs.checking import check_text

    wrong, answers = 0, []
    for path in book:
        checked = check_text(open_book(path))
        wrong += len(checked.faults)
        answers += [{"file": str(path), "line": fault.line, "path": fault.path, "what": fault.what}
                    for fault in checked.faults]  # fmt: skip
        if as_json:
            continue
        for fault in checked.faults:
            typer.echo(f"{path}:{fault.line}: {fault.path or 'book'}: {fault.what}", err=True)
        if not checked.faults:
            counts = f"versions {len(checked.versions)}, examples {sum(each.examples for each in checked.versions)}"
            room = min(each.room for each in checked.versions)
            typer.echo(f"{path}: right ({counts}; the highest bill it could make fits {room:,} times)")
    if as_json:
        typer.echo(json.dumps(answers, ensure_ascii=False))
    if wrong:
        raise typer.Exit(2)


def open_book(path: Path) -> str:
    """The text of a book. Refuses `bad_book` what is no text."""
    from gridhall.kernel.refusal import Refusal

    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as bad:
        raise Refusal(
            "bad_book", f"{path} is not UTF-8 text: byte {bad.start}", f"{path} 不是UTF-8文本：第{bad.start}字节"
        ) from None


@app.command()
def enter(
    book: Annotated[Path, typer.Argument(exists=True, help="A tariff book (YAML)")],
    approve: Annotated[bool, typer.Option(help="Put it in force at once (the machine's own operator only)")] = False,
    bill_again: Annotated[
        bool, typer.Option("--bill-again", help="With --approve: also into billed months; their bills are listed")
    ] = False,
) -> None:
    """Keep the versions of a book as drafts for another person to approve in the office."""
    ready.database_ready()
    from gridhall.kernel.access import system
    from gridhall.tariffs import public as tariffs

    actor = system("cli")
    for version_id in tariffs.enter_book(actor, book.read_text("utf-8")):
        if approve:
            tariffs.approve(actor, version_id, bill_again)
        typer.echo(f"version {version_id} {'in force' if approve else 'entered as a draft'}")
        if bill_again:
            _list_bills_of(version_id)


def _list_bills_of(version_id: int) -> None:
    """What is to be made again after a version was put in force for days that are billed, one line a bill."""
    from gridhall.billing import public as billing
    from gridhall.customers import public as customers

    keys = billing.bills_of_version(version_id)
    numbers = {view.account_id: view.number for view in customers.accounts([key.account_id for key in keys]).values()}
    for key in keys:
        month = f"{key.period // 100}-{key.period % 100:02d}"
        typer.echo(f"  gridhall bill rebill {numbers[key.account_id]} --period {month} --reason …")
    typer.echo(f"{len(keys):,} bills to be made again")
