"""The server of the tellers' line: sessions over TCP, several messages in each, answered in their order."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import DatabaseError, connections

from gridhall.adapters.bank_teller import acts
from gridhall.adapters.bank_teller.desk import Desk
from gridhall.adapters.bank_teller.messages import Layout, layout
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much of the server one session may take. Times in seconds, sizes in bytes."""

    sessions: int = 4000
    message_most: int = 4096
    idle: float = 300  # without any message; heartbeats keep a session open
    message_time: float = 10  # from the first byte of a message to its last
    stop_within: float = 20
    learn_every: float = 3  # how soon a revoked key or a suspended partner is heard of


@dataclass(eq=False)  # each is itself alone
class _Session:
    """A teller's connection. `busy`: a message is being dealt with, and its answer is still to be sent."""

    writer: asyncio.StreamWriter
    task: "asyncio.Task[None] | None" = None
    busy: bool = False


@dataclass
class TellerServer:
    """Start it on an address, and stop it in order: messages in work are answered, then the sessions end."""

    limits: Limits = field(default_factory=Limits)
    how: Layout = field(default_factory=layout)
    desk: Desk = field(default_factory=Desk)

    def __post_init__(self) -> None:
        self._sessions: set[_Session] = set()
        self._server: asyncio.Server | None = None
        self._stopping = False
        self._known: Mapping[str, payments.PartnerView] = {}
        self._learning: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; the port (a free one for 0)."""
        self._known = await asyncio.to_thread(_partners)
        self._learning = asyncio.create_task(self._learn())
        self.desk.start()
        self._server = await asyncio.start_server(
            self._session, host, port, backlog=1024, limit=self.limits.message_most * 4
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take nothing new, answer what is in work, end."""
        self._stopping = True
        if self._learning:
            self._learning.cancel()
        if self._server:
            self._server.close()
        for session in list(self._sessions):
            if not session.busy:
                session.writer.close()
        tasks = [session.task for session in self._sessions if session.task]
        if tasks:
            await asyncio.wait(tasks, timeout=self.limits.stop_within)
        for session in list(self._sessions):
            session.writer.transport.abort()
        await asyncio.to_thread(self.desk.stop)

    async def _learn(self) -> None:
        """Hear of new, revoked and suspended partners. While the books cannot be reached those known stay."""
        while True:
            await asyncio.sleep(self.limits.learn_every)
            try:
                self._known = await asyncio.to_thread(_partners)
            except (DatabaseError, Refusal) as error:
                log.warning("the partners could not be read: %s", error)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(writer, asyncio.current_task())
        if self._stopping or len(self._sessions) >= self.limits.sessions:
            writer.close()
            return
        self._sessions.add(session)
        try:
            while not self._stopping and await self._one(session, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass  # the line is cut, or silent for too long: what was booked is found by the last response
        except Exception:
            log.exception("a teller's session ended")
        finally:
            self._sessions.discard(session)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _one(self, session: _Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One message and its answer; False where the session ends."""
        first = await asyncio.wait_for(reader.readexactly(1), self.limits.idle)
        async with asyncio.timeout(self.limits.message_time):
            digits = first + await reader.readexactly(self.how.length_digits - 1)
            least = self.how.head_width + self.how.mac_digits
            if not digits.isdigit() or not least <= int(digits) <= self.limits.message_most:
                # where the next message begins cannot be known any more
                writer.write(acts.answer(self.how, None, _NO_HEAD, None, _bad_length(digits)))
                await writer.drain()
                return False
            body = await reader.readexactly(int(digits))
        session.busy = True
        try:
            writer.write(await self._answer(body))
            async with asyncio.timeout(self.limits.message_time):
                await writer.drain()
        finally:
            session.busy = False
        return True

    async def _answer(self, body: bytes) -> bytes:
        try:
            message, partner, key = acts.checked(self.how, self._known, body)
        except Refusal as no:
            return acts.answer(self.how, None, _head_of(self.how, body), None, no)
        head: Mapping[str, object] = message.values
        if message.kind.name == "heartbeat":
            return acts.answer(self.how, message, head, key, {})
        done, items = await self.desk.do(partner, message)
        return acts.answer(self.how, message, head, key, done, items)


def _partners() -> Mapping[str, payments.PartnerView]:
    """The partners with their keys by code, in a thread of its own: the loop must not wait for the database."""
    try:
        return {each.code: each for each in payments.partners_with_keys()}
    finally:
        connections.close_all()


_NO_HEAD: Mapping[str, object] = {}


def _bad_length(digits: bytes) -> Refusal:
    return Refusal("bad_message", "The length is none.", "报文长度无效。", field="length", value=ascii(digits))


def _head_of(how: Layout, body: bytes) -> Mapping[str, object]:
    """Of a message that is refused as a whole: its code and serial, as far as they can be read, so that its sender
    knows which it was."""
    at, told = 0, {}
    for each in how.head:
        piece = body[at : at + each.width]
        at += each.width
        text = piece.decode(how.encoding, "replace").rstrip(" ")
        if each.number:
            told[each.name] = text if piece.isdigit() else "0"
        elif text.isprintable() and text.isascii():
            told[each.name] = text
    return told


async def serve(host: str, port: int, stop: asyncio.Event, limits: Limits | None = None) -> None:
    """Serve until `stop` is set."""
    server = TellerServer(limits or Limits())
    port = await server.start(host, port)
    log.info("tellers' line at %s:%d since %s", host, port, clock.now())
    await stop.wait()
    await server.stop()
