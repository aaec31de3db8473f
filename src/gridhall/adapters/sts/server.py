"""The security module as a process of its own, behind a Unix socket that its user alone can reach.

A message is one line of JSON, `{"orders": […]}`, its answer one line: `{"tokens": [[…], …]}`, or `{"error": …,
"row": …, "field": …}`, and then nothing was done.
"""

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any

from gridhall.adapters.sts.module import BadOrder, Module

log = logging.getLogger(__name__)

LINE_MOST = 4 * 2**20


class ModuleServer:
    """Serves one module; messages are carried out one after the other."""

    def __init__(self, module: Module, socket: Path) -> None:
        self._module, self._socket = module, socket
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._socket, limit=LINE_MOST)
        finally:
            os.umask(before)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self._socket.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(answer(self._module, line)).encode() + b"\n")
                await writer.drain()
        except (ValueError, ConnectionError):  # a line without end, or a caller who has gone
            log.warning("a caller of the token module sent no line of JSON, or hung up")
        finally:
            writer.close()


def answer(module: Module, line: bytes) -> dict[str, Any]:
    """What is answered to a message; never an exception, and never a word of what a key is."""
    try:
        said = json.loads(line)
        orders = said["orders"]
        if not isinstance(orders, list) or not all(isinstance(each, dict) for each in orders):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"error": "is no JSON object with a list of orders", "row": 0, "field": "orders"}
    try:
        return {"tokens": module.do(orders)}
    except BadOrder as bad:
        return {"error": bad.why, "row": bad.row, "field": bad.field}
    except Exception:
        log.exception("the token module failed")
        return {"error": "the module failed: ask again", "row": 0, "field": ""}
