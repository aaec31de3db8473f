"""`gridhall teller`: the line for tellers' systems of banks and agents."""

import asyncio
import signal
from typing import Annotated

import typer

app = typer.Typer(help="The TCP line for tellers' systems of banks and agents.", no_args_is_help=True)


@app.callback()
def _teller() -> None:
    """The TCP line for tellers' systems of banks and agents."""


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port to listen on")] = 7700,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    sessions: Annotated[int, typer.Option(help="How many sessions at once")] = 4000,
) -> None:
    """Serve until Ctrl-C or a TERM signal; messages in work are answered first."""
    from gridhall.adapters.bank_teller.server import Limits
    from gridhall.adapters.bank_teller.server import serve as serve_line

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await serve_line(host, port, stop, Limits(sessions=sessions))

    typer.echo(f"Tellers' line at {host}:{port}", err=True)
    try:
        asyncio.run(run())
    except OSError as error:
        raise typer.BadParameter(f"port {port} cannot be used: {error}") from error
