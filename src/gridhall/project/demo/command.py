"""`gridhall demo`: the sample town, made, read, billed and served; or the same walked and checked without a server."""

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from gridhall.project.demo import home

app = typer.Typer(help="A sample town, read, billed and open in the browser")

DEFAULT_SIZE, SEED = 20_000, 7


@app.command()
def demo(
    size: Annotated[int, typer.Option(min=20, max=1_000_000, help="Premises of the town")] = DEFAULT_SIZE,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives another town")] = SEED,
    port: Annotated[int, typer.Option(help="Port of the web pages")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    fresh: Annotated[bool, typer.Option("--fresh", help="Make the town anew even where it stands")] = False,
    serve: Annotated[bool, typer.Option(help="Open it in the browser afterwards")] = True,
    check: Annotated[
        bool, typer.Option("--check", help="Walk the whole main job and check every figure; no server")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --check: one JSON object on the output")] = False,
) -> None:
    """A whole town in a folder of its own: read, billed, written to the ledger, and open in the browser till Ctrl-C."""
    from gridhall.doors.cli import serve as serving
    from gridhall.project.demo import home

    folder = home.move_in("demo-check" if check else "demo")
    serving.end_on_signals()
    if check:
        _check(folder, seed, size, as_json)
        return
    if serve:
        # the sandbox bank listens beside the platform
        os.environ.setdefault("GRIDHALL_SANDBOX_BANK_URL", f"http://127.0.0.1:{port + 1}")
        serving.refuse_taken_port(host, port)
        serving.refuse_taken_port("127.0.0.1", urlsplit(os.environ["GRIDHALL_SANDBOX_BANK_URL"]).port or 80)
    from gridhall.kernel import embedded

    ours = not embedded.is_running()
    try:
        made = _make(folder, seed, size, fresh)
        if serve:
            serving.run(host, port, workers=2, told=lambda: _welcome(made, host, port))
        else:
            _welcome(made, host, port)
    finally:
        # a server that ran before us is somebody else's
        if ours:
            embedded.stop()


def _check(folder: Path, seed: int, size: int, as_json: bool) -> None:
    """Walk and check; exit code 1 where anything did not hold."""
    from gridhall.doors.cli import ready
    from gridhall.kernel import embedded
    from gridhall.project.demo import home

    ours = not embedded.is_running()
    started = time.monotonic()
    home.loopback_addresses()
    try:
        home.clear(folder)
        ready.django_only()
        ready.make_tables(quiet=True)
        from gridhall.project.demo import walk

        steps = walk.walk(folder, seed, size, lambda line: typer.echo(line, err=True))
    finally:
        if ours:
            embedded.stop()
    held = all(step.held for step in steps)
    summary: dict[str, Any] = {
        "demo": "check", "size": size, "seed": seed, "held": held, "seconds": round(time.monotonic() - started, 1),
        "steps": [step.as_json() for step in steps],
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        typer.echo(f"{'All held' if held else 'NOT ALL HELD'}: {len(steps)} steps in {summary['seconds']} s")
    if not held:
        sys.exit(1)


def _make(folder: Path, seed: int, size: int, fresh: bool) -> "home.Made":
    """The town in the database, unless it stands there already."""
    from gridhall.doors.cli import ready
    from gridhall.kernel import database
    from gridhall.project.demo import home

    stands = home.standing(folder)
    if stands and not fresh and (stands.seed, stands.size, stands.edition) == (seed, size, home.Made.edition):
        # the town is the demo's own: a newer release brings its tables up to date without being asked
        database.ensure_running()
        ready.django_only()
        ready.make_tables(quiet=True)
        typer.echo("The town stands already (--fresh makes it anew).")
        return stands
    home.clear(folder)
    ready.django_only()
    ready.make_tables(quiet=True)
    from gridhall.project.demo import story

    made = story.tell(seed, size)
    home.note(folder, made)
    return made


def _welcome(made: "home.Made", host: str, port: int) -> None:
    """What a visitor needs to know: addresses, people, passwords."""
    from rich.console import Console
    from rich.table import Table

    from gridhall.project.demo import people, samples

    console = Console()
    console.print(f"\nPortal  http://{host}:{port}/\nOffice  http://{host}:{port}/office/")
    console.print(f"API     http://{host}:{port}/api/v1/docs\nCodes   http://{host}:{port}/demo/messages")
    console.print(f"Folder  GRIDHALL_HOME={os.environ['GRIDHALL_HOME']}\n", soft_wrap=True)
    # passwords stand on lines of their own: a title is cut where the table is narrower
    console.print(f"Office · password {people.STAFF_PASSWORD}", soft_wrap=True)
    staff = Table("user", "role")
    for name, role, *_ in people.STAFF:
        staff.add_row(name, role)
    console.print(staff)
    console.print(f"\nPortal · password {people.CUSTOMER_PASSWORD}, or a code", soft_wrap=True)
    customers = Table("customer number", "name", "who", "owes")
    customers.columns[0].no_wrap = True
    for sample in samples.shown([(account_id, who) for account_id, who in made.samples]):
        customers.add_row(sample.number, sample.name, sample.who, sample.owes)
    console.print(customers)
    console.print(f"API key of the town's bank: {made.key}", soft_wrap=True)
    console.print("Ctrl-C stops everything.\n")
