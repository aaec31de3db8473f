"""The workers of the doors' storm: started, killed as a power cut would, and started again."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO, Any

from tests.faults.server import ROOT, Server

DATABASE = "gridhall"
HANDS = ("till", "file", "transfer", "debit")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Keeper:
    """The web, the tellers' line, and hands for a till, files, statements and debits, all on one database.

    `forgetful`: the control, in which no payment's key is seen twice.
    """

    def __init__(self, server: Server, forgetful: bool) -> None:
        self.server, self.web_port, self.line_port = server, free_port(), free_port()
        python, own = sys.executable, "tests.faults.forgetful"
        hands = [python, "-m", own, "hands"] if forgetful else [python, "-m", "tests.faults.door_hands"]
        line = [python, "-m", own, "line"] if forgetful else [
            python, "-m", "gridhall.doors.cli.main", "teller", "serve", "--port",
        ]  # fmt: skip
        application = f"{own if forgetful else 'gridhall.project.wsgi'}:application"
        self.commands = {
            "web": [
                python, "-m", "granian", "--interface", "wsgi", "--port", str(self.web_port), "--workers", "1",
                "--blocking-threads", "4", "--log-level", "error", "--respawn-failed-workers", application,
            ],
            "line": [*line, str(self.line_port)],
            **dict.fromkeys(HANDS, hands),
        }  # fmt: skip
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.killed: dict[str, int] = dict.fromkeys([*self.commands, "database"], 0)
        self._one = threading.Lock()

    def start(self, name: str) -> None:
        pipe = subprocess.PIPE if name in HANDS else None
        self.running[name] = subprocess.Popen(
            self.commands[name], env=self.server.environment(DATABASE), cwd=ROOT, text=True, stdin=pipe, stdout=pipe,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def start_all(self) -> None:
        for name in self.commands:
            self.start(name)
        until = time.monotonic() + 60
        for port in (self.web_port, self.line_port):
            while time.monotonic() < until:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)

    def kill(self, name: str) -> None:
        """Kill a worker or the database, and start it again."""
        with self._one:
            self.killed[name] += 1
            if name == "database":
                self.server.kill()
                self.server.python("from gridhall.kernel import database; database.ensure_running()", DATABASE)
                return
            self._end(name)
            self.start(name)

    def _end(self, name: str) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def stop(self) -> None:
        for name in self.running:
            self._end(name)

    def ask(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Have a pair of hands do something. Raises ConnectionError where they were killed before they answered."""
        with self._one:
            if self.running[name].poll() is not None:  # it died by itself: whoever looks after it starts it again
                self.start(name)
        running = self.running[name]
        ins, outs = running.stdin, running.stdout
        assert ins is not None
        assert outs is not None
        return _line(ins, outs, asked)

    def rage(self, until: float, chance: random.Random, every: tuple[float, float]) -> None:
        """Kill again and again: each of them once, in any order, before one is killed again."""
        left: list[str] = []
        while time.monotonic() + every[1] < until:
            time.sleep(chance.uniform(*every))
            left = left or chance.sample(sorted(self.killed), len(self.killed))
            self.kill(left.pop())


def _line(ins: IO[str], outs: IO[str], asked: dict[str, Any]) -> dict[str, Any]:
    try:
        ins.write(json.dumps(asked) + "\n")
        ins.flush()
        answer = outs.readline()
    except (OSError, ValueError) as error:
        raise ConnectionError from error
    if not answer.endswith("\n"):
        raise ConnectionError("killed before it answered")
    found: dict[str, Any] = json.loads(answer)
    return found
