"""`gridhall tariff`: the catalogue, tariff books checked and entered, and tariffs from files.

Each command makes ready what it needs: reading and rating files goes without database and Django.
"""

import json
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridhall.doors.cli import ready, tariff_acts, tariff_load

if TYPE_CHECKING:
    from gridhall.tariffs.checking import Checked
    from gridhall.territory.public import DayMean

app = typer.Typer(help="Tariffs: list, check, enter books; read and rate files", no_args_is_help=True)
app.command()(tariff_load.rate)
app.command("import-urdb")(tariff_load.import_urdb)
for _name, _act in tariff_acts.COMMANDS.items():
    app.command(_name)(_act)
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
    file and line; exit code 2 where anything is. What is allowed but seldom meant is a warning."""
    from gridhall.kernel.refusal import Refusal
    from gridhall.tariffs.checking import check_text

    wrong, answers = 0, []
    for path in book:
        try:
            checked = check_text(open_book(path))
        except Refusal as no_text:
            wrong += 1
            answers.append({"file": str(path), "line": 0, "path": "", "what": no_text.en})
            typer.echo(no_text.text(ready.language()), err=True)
            continue
        wrong += len(checked.faults)
        answers += [{"file": str(path), "line": fault.line, "path": fault.path, "what": fault.what}
                    for fault in checked.faults]  # fmt: skip
        _tell(path, checked, quiet=as_json)
    if as_json:
        typer.echo(json.dumps(answers, ensure_ascii=False))
    if wrong:
        raise typer.Exit(2)


def _tell(path: Path, checked: "Checked", quiet: bool) -> None:
    """What a check found, one line each: warnings and faults on the error stream, with `quiet` warnings alone."""
    for caution in checked.cautions:
        typer.echo(f"{path}:{caution.line}: warning: {caution.what}", err=True)
    if quiet:
        return
    for fault in checked.faults:
        typer.echo(f"{path}:{fault.line}: {fault.path or 'book'}: {fault.what}", err=True)
    if not checked.faults:
        counts = f"versions {len(checked.versions)}, examples {sum(each.examples for each in checked.versions)}"
        room = min(each.room for each in checked.versions)
        typer.echo(f"{path}: right ({counts}; the highest bill it could make fits {room:,} times)")


def open_book(path: Path) -> str:
    """The text of a book; says so where it is not in UTF-8. Refuses `bad_book` what is no text."""
    from gridhall.tariffs.book_text import book_text

    text, encoding = book_text(path.read_bytes(), str(path))
    if encoding != "UTF-8":
        typer.echo(f"{path}: read as {encoding}", err=True)
    return text


@app.command()
def enter(
    book: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A tariff book (YAML)")],
    approve: Annotated[bool, typer.Option(help="Put it in force at once (the machine's own operator only)")] = False,
    bill_again: Annotated[
        bool, typer.Option("--bill-again", help="With --approve: also into billed months; their bills are listed")
    ] = False,
    who: Annotated[str, typer.Option("--as", help="User name of the one who enters it; the password is asked")] = "",
) -> None:
    """Keep the versions of a book as drafts, to be sent and then approved by another person.

    Without --as the machine's own operator enters it, in Gridhall's name; he alone may put it in force at once.
    """
    if approve and who:
        raise typer.BadParameter("another person approves it: leave --approve away, or --as", param_hint="--approve")
    ready.database_ready()
    from gridhall.doors.cli.signing import signed_in
    from gridhall.kernel.access import system
    from gridhall.tariffs import public as tariffs

    actor = signed_in(who) if who else system("cli")
    for version_id in tariffs.enter_book(actor, open_book(book)):
        if approve:
            tariffs.approve(actor, version_id, bill_again)
        typer.echo(f"version {version_id} {'in force' if approve else 'entered as a draft'}")
        if bill_again:
            tariff_acts.list_bills_of(version_id)


@app.command("load-prices")
def load_prices(
    series: Annotated[str, typer.Argument(help="Name of the series, as books give it under hourly: [{series: …}]")],
    prices: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of moments and prices (CSV)")],
    replace_: Annotated[
        bool, typer.Option("--replace", help="A correction: prices that stand already are replaced")
    ] = False,
    who: Annotated[str, typer.Option("--as", help="User name of the one who loads them; the password is asked")] = "",
    as_json: Json = False,
) -> None:
    """Keep the prices of a series, which bill runs take for tariffs by the hour: `from,price`, a line a price."""
    ready.database_ready()
    from django.conf import settings

    from gridhall.doors.cli.signing import signed_in
    from gridhall.kernel.access import system
    from gridhall.tariffs import public as tariffs

    actor = signed_in(who) if who else system("cli")
    done = tariffs.load_prices(
        actor, series, prices.read_text(encoding="utf-8-sig"), settings.CURRENCY_DECIMALS, replace_
    )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(asdict(done)))
        return
    typer.echo(f"{series}: {done.new} new, {done.known} known, {done.replaced} replaced")


@app.command("what-if")
def what_if(
    version: Annotated[int, typer.Option("--version", help="Number of the tariff version, a draft too")],
    period: Annotated[str, typer.Option(help="Billing period, e.g. 2026-10; the last of the months")],
    months: Annotated[int, typer.Option(min=1, max=24, help="How many months, to the period")] = 1,
    from_tariff: Annotated[
        list[str] | None, typer.Option(help="Customers of these tariffs (those of the version's own)")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A CSV file with every customer")] = None,
    as_json: Json = False,
) -> None:
    """What a version does to every customer: issued bills rated on it, winners and losers; nothing is written."""
    ready.database_ready()
    from rich.progress import Progress

    from gridhall.billing import public as billing
    from gridhall.doors.cli.given import money, period_of

    last = period_of(period)
    index = last // 100 * 12 + last % 100 - 1
    periods = [(index - back) // 12 * 100 + (index - back) % 12 + 1 for back in range(months - 1, -1, -1)]
    with Progress(console=Console(stderr=True), disable=as_json, transient=True) as bar:
        task = bar.add_task("bills", total=None)
        found = billing.what_if(
            version, periods, from_tariffs=from_tariff or (),
            progress=lambda done, whole: bar.update(task, completed=done, total=whole),
        )  # fmt: skip
    if out is not None:
        billing.write_what_if(found.rows, out)
    if as_json:
        shown = asdict(replace(found, rows=None))  # type: ignore[arg-type]  # the rows are in the file
        typer.echo(json.dumps(shown | {"equal": found.equal}, ensure_ascii=False))
        return
    total = found.total
    typer.echo(
        f"{total.customers:,} customers, {found.bills:,} bills ({found.not_rated:,} it cannot rate): "
        f"{money(total.before)} → {money(total.after)} ({money(total.change)})"
    )
    if found.lacking:
        typer.echo(f"no bill tells {', '.join(found.lacking)}, which the version charges by: it counts as nothing here")
    typer.echo(f"pay less: {total.winners:,} ({money(found.won)}); pay more: {total.losers:,} ({money(found.lost)})")
    for each in found.bins:
        low, high = (
            "" if bound is None else f"{billing.decimal_text(bound, 1)} %" for bound in (each.above, each.upto)
        )
        typer.echo(f"  {low:>8} … {high:<8} {each.customers:>12,}  {money(each.change):>16}")


@app.command()
def compare(
    before: Annotated[int, typer.Argument(help="Number of a version")],
    after: Annotated[int, typer.Argument(help="Number of another version of the same tariff")],
) -> None:
    """Two versions side by side: components and prices that differ."""
    ready.database_ready()
    from gridhall.doors.look import formats
    from gridhall.kernel.refusal import Refusal
    from gridhall.tariffs import public as tariffs

    sides = []
    for number in (before, after):
        try:
            sides.append(tariffs.tariff_of_version(number).version)
        except LookupError:
            raise Refusal(
                "unknown_version", f"There is no tariff version {number}.", f"没有电价版本 {number}。"
            ) from None
    old, new = sides
    if old is None or new is None:
        return
    for each in tariffs.compare(old, new):
        if each.kind == "same":
            continue
        typer.echo(f"{each.kind}: {each.name_zh if ready.language() == 'zh' else each.name_en}")
        for price in each.prices:
            place = " ".join(str(part) for part in (price.season, price.some.tou or "", price.some.block or "") if part)
            texts = ["–" if side is None else formats.price(side.price) for side in (price.before, price.after)]
            typer.echo(f"  {place or 'all'}: {texts[0]} → {texts[1]}")


@app.command()
def weather(
    district: Annotated[str, typer.Argument(help="Code of the district")],
    file: Annotated[Path, typer.Argument(exists=True, help="CSV: day (2026-07-01), mean temperature in °C")],
    source: Annotated[str, typer.Option(help="Where the temperatures are from")],
) -> None:
    """Keep mean temperatures of a district, which tell how much of a bill's change the weather is."""
    ready.database_ready()
    import csv

    from gridhall.kernel.access import system
    from gridhall.territory import public as territory

    means = []
    with file.open(newline="", encoding="utf-8-sig") as lines:
        for row, cells in enumerate(csv.reader(lines), 1):
            if not cells or (row == 1 and not cells[0][:1].isdigit()):
                continue
            means.append(_day_mean(row, cells))
    territory.record_temperatures(system("cli"), district, means, source)
    typer.echo(f"{len(means):,} days")


def _day_mean(row: int, cells: list[str]) -> "DayMean":
    """A day and its mean in tenths of a degree. Refuses `bad_temperature`, naming the row of the file."""
    from decimal import Decimal, InvalidOperation

    from gridhall.kernel.refusal import Refusal
    from gridhall.territory import public as territory

    try:
        tenths = (Decimal(cells[1]) * 10).to_integral_value()
        return territory.DayMean(date.fromisoformat(cells[0]), int(tenths))
    except (IndexError, ValueError, InvalidOperation, OverflowError):
        raise Refusal(
            "bad_temperature", f"Row {row} is not a day and a temperature: {','.join(cells)[:60]}",
            f"第 {row} 行不是日期和气温：{','.join(cells)[:60]}", field="mean", row=row,
        ) from None  # fmt: skip
