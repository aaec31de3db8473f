"""`gridhall`: the command line. A room's commands are loaded when they are called, so that `--help` is quick."""

import os
import sys
import warnings
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from gridhall.kernel.refusal import Refusal

# Command → (module that has `app`, what it is for, whether it needs the database made ready).
# The modules are named, not imported: some of them stand on floors above this one.
COMMANDS: dict[str, tuple[str, str, bool]] = {
    "demo": ("gridhall.project.demo.command", "A sample town, read, billed and open in the browser", False),
    "setup": ("gridhall.doors.cli.setup", "Make or bring up to date the database", False),
    "serve": ("gridhall.doors.cli.serve", "Serve the portal, the office and the API", True),
    "import": ("gridhall.doors.cli.importing", "Customers, meters and readings from CSV or Excel", True),
    "readings": ("gridhall.doors.cli.readings", "Readings: held ones, estimates", True),
    "intervals": ("gridhall.doors.cli.intervals", "Interval data: load, gaps, show, determinants", True),
    "tariff": ("gridhall.doors.cli.tariff", "Tariffs: list, check, enter books; read and rate files", False),
    "customer": ("gridhall.doors.cli.customers", "Terms of supply, changed from a day on", True),
    "bill": ("gridhall.doors.cli.bill", "Bill runs, bills and their documents", True),
    "ledger": ("gridhall.doors.cli.ledger", "Check, rebuild and close the books", True),
    "payments": ("gridhall.doors.cli.payments", "Money of a day", True),
    "acts": ("gridhall.doors.cli.acts", "Acts on money by two persons, cheques, plans, money between units", True),
    "partner": ("gridhall.doors.cli.partners", "Banks and agents that take money: contracts and keys", True),
    "reconcile": ("gridhall.doors.cli.reconcile", "A bank's file of a day against our books", True),
    "token-module": ("gridhall.adapters.sts.command", "The security module for keypad meters' tokens", False),
    "statement": ("gridhall.doors.cli.statements", "Statements of our bank, and money in suspense", True),
    "teller": ("gridhall.adapters.bank_teller.command", "The TCP line for tellers' systems", True),
    "notices": ("gridhall.doors.cli.notices", "What is said to customers, its proof, what did not arrive", True),
    "facts": ("gridhall.doors.cli.facts", "What happened, on its way to who listens", True),
    "staff": ("gridhall.doors.cli.staff", "Members of staff", True),
    "key": ("gridhall.doors.cli.keys", "API keys of partner systems", True),
    "database": ("gridhall.doors.cli.database", "Back up and restore the database", True),
    "sandbox-bank": ("gridhall.adapters.sandbox_bank.command", "A bank on loopback for trying payments", True),
}


class _Rooms(TyperGroup):
    """The commands by name, each a stand-in with its line of help; the command itself is loaded when it is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: TyperGroup(name=name, help=line) for name, (_, line, _) in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, stand_in, rest = super().resolve_command(ctx, args)
        if stand_in is None or name is None:
            return name, stand_in, rest
        return name, load(name), rest


def load(name: str) -> Any:
    """The command itself, with the database ready where it needs one."""
    from gridhall.doors.cli import ready

    module, _, needs_database = COMMANDS[name]
    if ready.wants_help():
        if needs_database:
            ready.django_only()
    elif needs_database:
        ready.database_ready()
    command = typer.main.get_command(import_module(module).app)
    command.name = name
    return command


app = typer.Typer(cls=_Rooms, no_args_is_help=True, help="Gridhall: from the meter reading to the paid bill.")


@app.callback(invoke_without_command=False)
def _root() -> None:
    """Gridhall: from the meter reading to the paid bill."""


def main() -> None:
    """Run; a refusal is one sentence on the error stream and exit code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")
    # root has no XDG_RUNTIME_DIR on a bare machine, and nothing of ours is kept there
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    os.environ.setdefault("PYTHONWARNINGS", "ignore:XDG_RUNTIME_DIR")  # likewise in what we start
    try:
        app()
    except Refusal as refusal:
        from gridhall.doors.cli import ready

        where = f" ({refusal.field})" if refusal.field else ""
        where += f" [{refusal.row}]" if refusal.row >= 0 else ""
        typer.echo(refusal.text(ready.language()) + where, err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
