"""The bridge from the server's many sessions to the database: what arrives together goes to it together.

Two threads, each with a connection of its own: one asks (query, last response), one books (payments through the gate,
and reversals). A session waits for its own answer alone.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, close_old_connections, connections

from gridhall.adapters.bank_teller import acts
from gridhall.adapters.bank_teller.messages import Message
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

log = logging.getLogger(__name__)

BATCH_MOST = 500
WAIT_SECONDS = 30  # a message that has waited for so long is not begun any more: its sender has given up

Answer = tuple[acts.Values | Refusal, list[acts.Values]]


@dataclass(frozen=True)
class _Waiting:
    partner: payments.PartnerView
    message: Message
    since: float
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[Answer]"


class Desk:
    """Start it, `do` messages from any number of tasks, and `stop` it when the last is done."""

    def __init__(self) -> None:
        self._asking: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._booking: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, args=(arrived,), name=name, daemon=True)
            for name, arrived in (("teller-asking", self._asking), ("teller-booking", self._booking))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let both threads finish what has arrived, and end."""
        self._asking.put(None)
        self._booking.put(None)
        for thread in self._threads:
            thread.join()

    async def do(self, partner: payments.PartnerView, message: Message) -> Answer:
        """The answer to a message, committed."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Answer] = loop.create_future()
        waiting = _Waiting(partner, message, time.monotonic(), loop, done)
        (self._asking if message.kind.name in ("query", "last") else self._booking).put(waiting)
        return await done

    def _run(self, arrived: "queue.SimpleQueue[_Waiting | None]") -> None:
        try:
            while (first := arrived.get()) is not None:
                batch, ended = [first], False
                while len(batch) < BATCH_MOST and not arrived.empty():
                    more = arrived.get()
                    if more is None:
                        ended = True
                        break
                    batch.append(more)
                self._carry(batch)
                if ended:
                    return
        finally:
            connections.close_all()

    def _carry(self, batch: Sequence[_Waiting]) -> None:
        close_old_connections()
        late = time.monotonic() - WAIT_SECONDS
        by_kind: dict[str, list[_Waiting]] = {}
        for each in batch:
            by_kind.setdefault("late" if each.since < late else each.message.kind.name, []).append(each)
        for kind, these in by_kind.items():
            answers = [_BUSY] * len(these) if kind == "late" else _done(kind, these)
            # one call into each loop for all of its sessions: waking it is what costs
            for loop in {each.loop for each in these}:
                pairs = [(each.done, answer) for each, answer in zip(these, answers, strict=True) if each.loop is loop]
                loop.call_soon_threadsafe(_hand_out, pairs)


_BUSY: Answer = (Refusal("too_busy", "We are too busy: ask for the last response.", "系统繁忙，请查询上次应答。"), [])
_DOWN: Answer = (
    Refusal(
        "database", "The books cannot be reached: ask for the last response.", "账务系统暂不可用，请查询上次应答。"
    ),
    [],
)


def _done(kind: str, these: Sequence[_Waiting]) -> list[Answer]:
    """Answers of messages of a kind. Where they fail as a whole, each by itself, so that one harms no other."""
    asks = [(each.partner, each.message) for each in these]
    try:
        return _ACTS[kind](asks)
    except DatabaseError as error:
        log.warning("%d teller messages (%s) failed: %s", len(asks), kind, error)
    except Exception:
        log.exception("%d teller messages (%s) failed", len(asks), kind)
    if len(these) == 1:
        return [_DOWN]
    return [answer for each in these for answer in _done(kind, [each])]


def _plain(act: "Callable[[Sequence[Ask]], list[acts.Values | Refusal]]") -> "Callable[[Sequence[Ask]], list[Answer]]":
    return lambda asks: [(each, []) for each in act(asks)]


Ask = tuple[payments.PartnerView, Message]
_ACTS: dict[str, Callable[[Sequence[Ask]], list[Answer]]] = {
    "query": acts.queries,
    "pay": _plain(acts.pays),
    "last": _plain(acts.lasts),
    "reverse": _plain(acts.reversals),
}


def _hand_out(pairs: Sequence[tuple["asyncio.Future[Answer]", Answer]]) -> None:
    for done, answer in pairs:
        if not done.cancelled():
            done.set_result(answer)
