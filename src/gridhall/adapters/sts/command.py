"""`gridhall token-module`: the process that keeps the vending keys of keypad meters and makes their tokens."""

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridhall.kernel.home import home

if TYPE_CHECKING:
    from gridhall.adapters.sts.vault import Vault

app = typer.Typer(help="The security module for keypad meters' tokens.", no_args_is_help=True)

READ_FROM = "GRIDHALL_TOKEN_MODULE_PASSPHRASE_FILE"


def folder() -> Path:
    """The module's own folder (`GRIDHALL_TOKEN_MODULE_HOME`)."""
    path = Path(os.environ.get("GRIDHALL_TOKEN_MODULE_HOME") or home() / "token_module")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def socket_path() -> Path:
    return folder() / "socket"


@app.callback()
def _module() -> None:
    """The security module for keypad meters' tokens."""


@app.command()
def load_key(
    name: Annotated[str, typer.Argument(help="Name of the vending key, letters and digits")],
    components: Annotated[int, typer.Option(min=2, max=5, help="How many components there are")] = 2,
) -> None:
    """Enter a vending key from its components: each is typed by the person who holds it, and not shown. Stop the module
    first, and start it again afterwards."""
    from gridhall.adapters.sts.vault import VaultError

    vault = _vault()
    parts = []
    for number in range(1, components + 1):
        text = typer.prompt(f"Component {number} of {components} (40 hexadecimal digits)", hide_input=True)
        try:
            parts.append(bytes.fromhex(text))
        except ValueError as error:
            raise typer.BadParameter(f"component {number} is not hexadecimal") from error
    try:
        vault.put(name, parts)
    except VaultError as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"Vending key {name} is kept in {folder()}.")


@app.command()
def serve(
    most_kwh: Annotated[int, typer.Option(min=1, help="The most energy in one token, kWh")] = 10_000,
) -> None:
    """Make tokens until Ctrl-C or a TERM signal. The passphrase is asked for, or read from the file named by
    GRIDHALL_TOKEN_MODULE_PASSPHRASE_FILE."""
    import sqlite3

    from gridhall.adapters.sts.journal import Journal
    from gridhall.adapters.sts.module import Limits, Module
    from gridhall.adapters.sts.server import ModuleServer

    vault = _vault()
    try:
        module = Module(vault, Journal(folder() / "journal.sqlite"), Limits(most_kwh * 1000))
    except sqlite3.OperationalError as error:
        raise typer.BadParameter(f"another token module works in {folder()}: {error}") from error
    typer.echo(f"Token module with {len(vault.names())} vending keys at {socket_path()}", err=True)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        server = ModuleServer(module, socket_path())
        await server.start()
        await stop.wait()
        await server.stop()

    asyncio.run(run())


def _vault() -> "Vault":
    from gridhall.adapters.sts.vault import Vault, VaultError

    file = os.environ.get(READ_FROM)
    asked = "Passphrase of the token module"
    text = Path(file).read_text().rstrip("\n") if file else typer.prompt(asked, hide_input=True)
    try:
        return Vault(folder() / "keys.sealed", text)
    except VaultError as error:
        raise typer.BadParameter(str(error)) from error
