"""Pages and the API served as in production, and a caller over kept connections: for the benchmarks that speak HTTP."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def served() -> Iterator[int]:
    """Served by Granian with two workers of four threads, as `gridhall serve` does, on a free port: the port."""
    from gridhall.doors.look.collect import collect_if_changed

    collect_if_changed()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2",
            "--blocking-threads", "4", "--log-level", "error", "gridhall.project.wsgi:application",
        ]
    )  # fmt: skip
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, headers: str, body: bytes | None = None
) -> tuple[int, bytes, bytes]:
    """One request on a kept connection (a POST where there is a body): status, head, body."""
    if body is None:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode())
    else:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        writer.write(head.encode() + body)
    got = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", got)
    answer = await reader.readexactly(int(found.group(1))) if found else b""
    return int(got[9:12]), got, answer
