"""`gridhall serve`: the web application, the worker of long jobs, and in a demo the sandbox bank, till Ctrl-C."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import typer

app = typer.Typer(help="Serve the portal, the office and the API")

STOP_WITHIN_SECONDS = 10
ANSWERS_WITHIN_SECONDS = 120  # on a busy machine; after that the addresses are told all the same


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port of the web pages")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Web processes")] = 2,
    teller_port: Annotated[int, typer.Option(help="Port of the line for banks' tellers; none if 0")] = 0,
) -> None:
    """Serve until Ctrl-C; everything that was started stops with it."""
    run(host, port, workers, teller_port, lambda: typer.echo(f"http://{host}:{port}/"))


def run(host: str, port: int, workers: int, teller_port: int = 0, told: Callable[[], None] = lambda: None) -> None:
    """Start the parts, wait until one ends or we are told to stop, then stop them all.

    `told` is called once, when the pages answer: nobody is given an address that refuses him.
    """
    from gridhall.doors.look.collect import collect_if_changed

    refuse_taken_port(host, port)
    if teller_port:
        refuse_taken_port(host, teller_port)
    collect_if_changed()
    # what customers and the bank are told our address is, unless the supplier has said so
    os.environ.setdefault("GRIDHALL_PUBLIC_URL", f"http://{host}:{port}")
    end_on_signals()
    parts: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in _commands(host, port, workers, teller_port).items():
            # a session of its own: Ctrl-C comes to us alone, and we stop the parts in order
            parts[name] = subprocess.Popen(command, start_new_session=True)
        give_up_at, waiting = time.monotonic() + ANSWERS_WITHIN_SECONDS, True
        while True:
            if waiting and (answers(host, port) or time.monotonic() > give_up_at):
                waiting = False
                told()
            for name, part in parts.items():
                if part.poll() is not None:
                    typer.echo(f"{name} ended with code {part.returncode}", err=True)
                    raise typer.Exit(1)
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    finally:
        stop(list(parts.values()))


def answers(host: str, port: int) -> bool:
    """Whether the pages answer, whatever they say."""
    asked = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=10)
    try:
        asked.request("GET", "/sign-in")
        return asked.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def end_on_signals() -> None:
    """Let Ctrl-C, `kill` and a closed terminal end this process in order, so that what it started ends with it.

    A shell may have started us with Ctrl-C ignored; it is set right here.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))


def refuse_taken_port(host: str, port: int) -> None:
    """Say in one sentence that the port is taken, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise typer.BadParameter(f"port {port} is taken; choose another with --port") from taken


def stop(parts: list[subprocess.Popen[bytes]]) -> None:
    """Ask each part to end; after some seconds end what is left of it, its own workers too."""
    for part in parts:
        if part.poll() is None:
            part.terminate()
    until = time.monotonic() + STOP_WITHIN_SECONDS
    for part in parts:
        with suppress(subprocess.TimeoutExpired):
            part.wait(max(0.1, until - time.monotonic()))
        # each part leads a group of its own: a worker that outlived its leader is in it
        with suppress(ProcessLookupError):
            os.killpg(part.pid, signal.SIGKILL)
        part.wait()


def _commands(host: str, port: int, workers: int, teller_port: int) -> dict[str, list[str]]:
    python = sys.executable
    commands = {
        "web": [
            python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(workers), "--blocking-threads", "4", "--log-level", "warning",
            "gridhall.project.wsgi:application",
        ],
        "jobs": [python, "-m", "django", "procrastinate", "worker", "--concurrency", "1"],
    }  # fmt: skip
    if teller_port:
        line = [python, "-m", "gridhall.doors.cli.main", "teller", "serve", "--host", host, "--port", str(teller_port)]
        commands["tellers' line"] = line
    if os.environ.get("GRIDHALL_DEMO") == "1":
        commands["bank"] = [python, "-m", "gridhall.doors.cli.main", "sandbox-bank"]
    return commands
