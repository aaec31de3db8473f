"""`gridhall bill`: run bills, look at them, print them, put them right."""

import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.cli import ready
from gridhall.doors.cli.given import money, period_of, units_of
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.territory import public as territory

app = typer.Typer(help="Bill runs, bills and their documents.", no_args_is_help=True)
ACTOR = system("cli")
PIPE_WIDTH = 200  # a pipe has no width of its own: nothing is broken over lines there

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines")]
Period = Annotated[str, typer.Option(help="Billing period, e.g. 2026-10")]
Units = Annotated[list[str], typer.Option("--unit", help="Accounting unit by code or number; may be repeated")]
Number = Annotated[str, typer.Argument(help="Customer number")]
Seq = Annotated[int, typer.Option(help="Which bill of the period; 0 for the newest")]
Reason = Annotated[str, typer.Option(help="Why; kept in the audit")]


def month(period: int) -> str:
    """A period as people write it: 2026-10."""
    return f"{period // 100}-{period % 100:02d}"


def kwh(wh: int) -> str:
    return billing.decimal_text(wh, 3)


def account_of(number: str) -> customers.AccountView:
    """The account of a number. Refuses `unknown_account`."""
    found = customers.account_by_number(number)
    if found is None:
        raise Refusal(
            "unknown_account", f"There is no customer {number}.", f"没有户号 {number}。", field="number", value=number
        )
    return found


def newest_seq(account_id: int, period: int, seq: int) -> int:
    """The number asked for, or that of the newest bill of the period. Refuses `unknown_bill`."""
    if seq:
        return seq
    found = [each.seq for each in billing.bills_of(account_id) if each.period == period]
    if not found:
        raise Refusal("unknown_bill", f"There is no bill of {period}.", f"没有 {period} 的账单。", value=str(period))
    return max(found)


def plain(value: Any) -> Any:
    """For json.dumps: dates as ISO text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not for JSON")


def show_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=plain))


@app.command()
def run(
    period: Period,
    unit: Units = [],  # noqa: B006  Typer reads the default and never changes it
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Preview only")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve without asking")] = False,
    processes: Annotated[int, typer.Option(help="Processes of this machine")] = 2,
    as_json: AsJson = False,
) -> None:
    """Preview, approve and run the bills of a period. Interrupted, the same command goes on where it stopped."""
    wanted, units = period_of(period), units_of(unit)
    console = Console(stderr=True)
    begun = None if dry_run else _begun(wanted, units)
    if begun is None:
        with console.status("preview"):
            seen = billing.preview(ACTOR, wanted, units)
        if not as_json:
            _show_preview(Console(), seen)
        if dry_run:
            billing.abandon(ACTOR, seen.id)
            if as_json:
                show_json({"run": seen.id, "period": wanted, "preview": asdict(_preview(seen))})
            return
        if not yes and not typer.confirm("Issue these bills?", err=True):
            billing.abandon(ACTOR, seen.id)
            raise typer.Exit(1)
        begun = _approved(seen)
    with _progress(console, as_json) as shown:
        task = shown.add_task(f"run {begun.id}", total=None)
        done = billing.run(
            ACTOR, begun.id, processes,
            lambda view: shown.update(
                task, completed=view.slices_done, total=view.slices, description=f"{view.bills:,} bills"
            ),
        )  # fmt: skip
    if as_json:
        show_json(
            {"run": done.id, "period": done.period, "state": done.state, "bills": done.bills, "held": done.held,
             "wh": done.wh, "amount": done.amount, "units": [asdict(each) for each in done.units]}
        )  # fmt: skip
        return
    typer.echo(f"Run {done.id}: {done.bills:,} bills, {kwh(done.wh)} kWh, {money(done.amount)}; {done.held:,} held.")


def _approved(seen: billing.RunView) -> billing.RunView:
    """Approve; a run that is refused is put away, since nobody will come back to it."""
    try:
        return billing.approve(ACTOR, seen.id)
    except Refusal:
        billing.abandon(ACTOR, seen.id)
        raise


def _begun(period: int, units: list[int]) -> billing.RunView | None:
    """A run of these units that was approved or begun and is not done."""
    wanted = set(units or [each.id for each in territory.units()])
    for each in billing.runs(ACTOR, limit=200):
        if each.period == period and each.state in ("approved", "running") and set(each.unit_ids) == wanted:
            return each
    return None


def _preview(seen: billing.RunView) -> billing.Preview:
    assert seen.preview is not None, "a previewed run carries its preview"
    return seen.preview


def _progress(console: Console, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console,
        disable=quiet, transient=True,
    )  # fmt: skip


def _show_preview(console: Console, seen: billing.RunView) -> None:
    preview = _preview(seen)
    names = {each.id: each.name_en for each in territory.units()}
    heads = ("Unit", "Class", "Bills", "kWh", "Amount", "Last month", "Last year")
    table = Table(*heads, title=f"Preview of {month(seen.period)}")
    for row in preview.totals:
        table.add_row(
            names.get(row.unit_id, str(row.unit_id)), str(row.class_code), f"{row.bills:,}", kwh(row.wh),
            money(row.amount), money(row.last_month_amount), money(row.last_year_amount),
        )  # fmt: skip
    console.print(table)
    typer.echo(
        f"{preview.bills:,} bills, {kwh(preview.wh)} kWh, {money(preview.amount)}; "
        f"{preview.held:,} would be held, {preview.already_billed:,} are billed already."
    )
    for hold in preview.holds:
        typer.echo(f"  held: {hold.count:,} × {hold.reason} ({names.get(hold.unit_id, hold.unit_id)})")
    views = customers.accounts({outlier.account_id for outlier in preview.outliers[:20]})
    for outlier in preview.outliers[:20]:
        typer.echo(
            f"  {'held' if outlier.held else 'outlier'}: customer {views[outlier.account_id].number}: "
            f"{kwh(outlier.wh)} kWh, last month {kwh(outlier.last_month_wh)}, last year {kwh(outlier.last_year_wh)}"
        )


@app.command("runs")
def list_runs(as_json: AsJson = False) -> None:
    """The newest runs with their progress."""
    found = billing.runs(ACTOR)
    if as_json:
        show_json([asdict(each) | {"preview": None} for each in found])
        return
    for each in found:
        typer.echo(
            f"{each.id}: {month(each.period)} {each.state}, {each.slices_done}/{each.slices} slices, "
            f"{each.bills:,} bills, {money(each.amount)}"
        )


@app.command()
def show(number: Number, period: Period, seq: Seq = 0, as_json: AsJson = False) -> None:
    """One bill: every line with its sentence, the readings, the blocks used."""
    account = account_of(number)
    wanted = period_of(period)
    view = billing.bill(account.account_id, wanted, newest_seq(account.account_id, wanted, seq))
    if as_json:
        show_json(asdict(view))
        return
    language = ready.language()
    typer.echo(f"{view.number}  {account.name}  {view.from_on} – {view.to_on}")
    typer.echo(view.sentence(language))
    for line in view.lines:
        typer.echo(f"  {money(line.amount):>12}  {line.name(language)}: {line.sentence(language)}")
        if line.clause(language):
            typer.echo(f"  {'':>12}  {line.clause(language)}")
    for use in view.uses:
        estimated = " (estimated)" if use.estimated else ""
        typer.echo(
            f"  {use.meter_serial} {billing.REGISTER_NAMES[use.tou][0]}: {use.previous_text} on {use.previous_on} → "
            f"{use.current_text} on {use.current_on}{estimated}, {kwh(use.wh)} kWh"
        )
    typer.echo(f"  {money(view.amount):>12}  due on {view.due_on}")


@app.command()
def document(
    number: Number,
    period: Period,
    seq: Seq = 0,
    language: Annotated[str, typer.Option(help="zh or en; empty for the customer's own")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; the bill's number.pdf by default")] = None,
) -> None:
    """The bill as a PDF of one page."""
    account = account_of(number)
    wanted = period_of(period)
    which = newest_seq(account.account_id, wanted, seq)
    pdf = billing.document(account.account_id, wanted, which, language)
    path = out or Path(f"{billing.bill_number(account.number, wanted, which)}.pdf")
    path.write_bytes(pdf)
    typer.echo(str(path))


@app.command()
def invoice(
    number: Number,
    period: Period,
    seq: Seq = 0,
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
    issuer: Annotated[str, typer.Option(help="The form of invoice")] = "facturx",
    out: Annotated[Path | None, typer.Option(help="File to write; the invoice's name by default")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The data set instead of a file")] = False,
) -> None:
    """The electronic invoice of a bill."""
    account = account_of(number)
    wanted = period_of(period)
    which = newest_seq(account.account_id, wanted, seq)
    if as_json:
        data = billing.invoice(account.account_id, wanted, which, language)
        typer.echo(json.dumps(asdict(data), default=str, ensure_ascii=False))
        return
    issued = billing.issue_invoice(account.account_id, wanted, which, language, issuer)
    path = out or Path(issued.file_name)
    path.write_bytes(issued.data)
    typer.echo(str(path))


@app.command("print")
def print_bills(
    period: Period,
    area: Annotated[list[str], typer.Option(help="Area by code; all for none; may be repeated")] = [],  # noqa: B006
    language: Annotated[str, typer.Option(help="zh or en; empty for each customer's own")] = "",
    processes: Annotated[int, typer.Option(help="Processes of this machine")] = 2,
    as_json: AsJson = False,
) -> None:
    """One print file per area, all issued bills of the period in it."""
    wanted = period_of(period)
    known = {each.code: each.id for each in territory.areas()}
    for code in area:
        if code not in known:
            raise Refusal("unknown_area", f"There is no area {code}.", f"没有责任区 {code}。", field="area", value=code)
    ids = [known[code] for code in area] or list(known.values())
    made = []
    for area_id, path, pages in billing.print_files(ACTOR, ids, wanted, language, processes):
        made.append({"area": area_id, "file": str(path), "pages": pages})
        if not as_json:
            typer.echo(f"{path}: {pages:,} pages")
    if as_json:
        show_json({"period": wanted, "files": made})
    elif not made:
        raise Refusal("nothing_to_print", "There are no bills to print.", "没有可打印的账单。", field="period")


@app.command()
def cancel(number: Number, period: Period, reason: Reason, seq: Seq = 0) -> None:
    """Cancel an issued bill: it is reversed in the ledger and kept."""
    account, wanted = account_of(number), period_of(period)
    which = newest_seq(account.account_id, wanted, seq)
    billing.cancel_bill(ACTOR, account.account_id, wanted, which, reason)
    typer.echo(f"{billing.bill_number(account.number, wanted, which)} is cancelled.")


@app.command()
def rebill(number: Number, period: Period, reason: Reason, as_json: AsJson = False) -> None:
    """Make the bill of a period again from its readings as they are now."""
    account, wanted = account_of(number), period_of(period)
    done = billing.rebill(ACTOR, account.account_id, wanted, reason)
    if as_json:
        show_json(asdict(done))
        return
    for key in done.bills:
        made = billing.bill(key.account_id, key.period, key.seq)
        typer.echo(f"{made.number}: {kwh(made.wh)} kWh, {money(made.amount)}")
    if done.later:
        later = ", ".join(month(key.period) for key in done.later)
        typer.echo(f"These later bills rest on figures that have changed; make them again in this order: {later}")


@app.command()
def difference(
    before: Annotated[int, typer.Argument(help="Run, or tariff version with --period")],
    after: Annotated[int, typer.Argument(help="Run, or tariff version with --period")],
    period: Annotated[str, typer.Option(help="Compare two tariff versions on the bills of this period")] = "",
    as_json: AsJson = False,
) -> None:
    """Two runs side by side, or one period on two versions of a tariff; nothing is written."""
    if period:
        report = billing.difference_of_versions(period_of(period), before, after)
    else:
        report = billing.difference_of_runs(before, after)
    if as_json:
        show_json(asdict(report))
        return
    typer.echo(
        f"{report.before} → {report.after}: {report.bills:,} bills, {report.equal:,} equal; "
        f"{money(report.before_amount)} → {money(report.after_amount)} ({money(report.change)})"
    )
    if report.not_rated:
        typer.echo(f"{report.not_rated:,} bills that one of the two cannot rate are left out")
    views = customers.accounts({row.account_id for row in report.rows[:50]})
    for row in report.rows[:50]:
        typer.echo(
            f"  customer {views[row.account_id].number}: {money(row.before_amount)} → {money(row.after_amount)} "
            f"({money(row.change)})"
        )


@app.command()
def holds(
    period: Annotated[str, typer.Option(help="Billing period, e.g. 2026-10; all for none")] = "",
    unit: Units = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Bills that wait for a person, and why."""
    found = billing.holds(units_of(unit) or None, period_of(period) if period else None)
    if as_json:
        show_json([asdict(each) for each in found])
        return
    chinese = ready.language().startswith("zh")
    views = customers.accounts({each.account_id for each in found})
    table = Table(box=None)
    for name in ("hold", "customer", "name", "period", "why"):
        table.add_column(name, justify="right" if name == "hold" else "left", no_wrap=name != "why")
    for each in found:
        view = views[each.account_id]
        table.add_row(
            str(each.id), view.number, view.name, month(each.period), each.reason_zh if chinese else each.reason_en
        )
    if found:
        Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)
    typer.echo(f"{len(found):,} waiting.")


@app.command()
def release(
    hold: Annotated[list[int], typer.Argument(help="Numbers of holds, as `bill holds` shows them")],
    reason: Reason,
    corrected: Annotated[bool, typer.Option("--corrected", help="Readings were put right: check them again")] = False,
) -> None:
    """Bill held agreements now: as they are, or after a correction."""
    done = billing.release_hold(ACTOR, hold, "corrected" if corrected else "accepted", reason)
    typer.echo(f"{len(done.billed):,} billed.")
    views = customers.accounts({account_id for account_id, _ in done.held_again})
    for account_id, why in done.held_again:
        number = views[account_id].number
        typer.echo(f"  held again: customer {number}: {billing.HOLD_SENTENCES[why][0]}")
