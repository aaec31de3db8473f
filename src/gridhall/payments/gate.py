"""The gate: payments that arrive at the same time share one batch, one transaction and one commit.

Each caller waits for its own answer. One thread of the process carries the batches to the database on its own
connection; what arrives meanwhile makes up the next batch, so the batches grow just as the callers do.
"""

import contextvars
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db import connection

from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments.data import PaymentIn, Receipt
from gridhall.payments.receiving import Request, receive_for

log = logging.getLogger(__name__)

BATCH_MAX = 1000
LINGER_NS = 1_000_000


Asked = TypeVar("Asked")
Done = TypeVar("Done")


@dataclass
class _Waiting(Generic[Asked, Done]):
    """A caller at the gate. `done` is held until the answer is there."""

    request: Asked
    context: contextvars.Context
    done: threading.Lock = field(default_factory=threading.Lock)
    answer: Done | Refusal | None = None
    error: BaseException | None = None


class Gate(Generic[Asked, Done]):
    """A gate with its thread, which starts with the first caller and ends with the process.

    `book`: the act behind it, for what has arrived, in one transaction; an answer each.
    """

    def __init__(self, book: Callable[[Sequence[Asked]], list[Done | Refusal]], batch_max: int = BATCH_MAX) -> None:
        self.batch_max = batch_max
        self._book = book
        self._arrived: queue.SimpleQueue[_Waiting[Asked, Done]] = queue.SimpleQueue()
        self._start = threading.Lock()
        self._pid = 0

    def pass_one(self, request: Asked) -> Done | Refusal:
        """Do one; blocks until it is committed.

        Must not be called inside a transaction: the gate commits by itself. Raises what the database raises.
        """
        (answer,) = self.pass_all([request])
        if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
            raise answer
        return answer

    def pass_all(self, requests: Sequence[Asked]) -> list[Done | Refusal | BaseException]:
        """Do what came together; it shares the next batches with whoever else comes. The answer of each at its place:
        what the database raised stands there too and harms no other."""
        self._ensure_thread()
        context = contextvars.copy_context()
        waiting: list[_Waiting[Asked, Done]] = [_Waiting(request, context) for request in requests]
        for each in waiting:
            each.done.acquire()
            self._arrived.put(each)
        for each in waiting:
            each.done.acquire()
        return [each.error or each.answer or AssertionError("the gate gave no answer") for each in waiting]

    def _ensure_thread(self) -> None:
        if self._pid == os.getpid():
            return
        with self._start:
            if self._pid != os.getpid():  # first caller, or a child after a fork
                self._arrived = queue.SimpleQueue()
                self._pid = os.getpid()
                threading.Thread(target=self._run, name="payments-gate", daemon=True).start()

    def _run(self) -> None:
        arrived = self._arrived
        expected = 1
        while True:
            batch = self._gather(arrived, expected)
            self._carry(batch)
            expected = len(batch) + arrived.qsize()

    def _gather(
        self, arrived: "queue.SimpleQueue[_Waiting[Asked, Done]]", expected: int
    ) -> "list[_Waiting[Asked, Done]]":
        """The next batch: who is there, and within a moment those who have just been answered and come straight back.

        Without that moment the callers fall into two halves that wait for each other's commit. One caller alone, or
        fewer than before, wait for nobody longer than LINGER_NS.
        """
        batch = [arrived.get()]
        until = time.monotonic_ns() + LINGER_NS
        while len(batch) < self.batch_max:
            left_ns = until - time.monotonic_ns() if len(batch) < expected else 0
            try:
                batch.append(arrived.get(timeout=left_ns / 10**9) if left_ns > 0 else arrived.get_nowait())
            except queue.Empty:
                break
        return batch

    def _carry(self, batch: list[_Waiting[Asked, Done]]) -> None:
        """Book a batch; where it fails as a whole, each by itself, so that a bad one harms no other."""
        try:
            connection.close_if_unusable_or_obsolete()
            connection.ensure_connection()
            if connection.connection.prepare_threshold is None:
                connection.connection.prepare_threshold = 3  # the same few statements, on a connection of our own
            # the clock of the first caller holds for all: a test or a demo sets it for everybody
            answers = batch[0].context.run(self._book, [each.request for each in batch])
            for each, answer in zip(batch, answers, strict=True):
                each.answer = answer
        except BaseException as error:
            if len(batch) > 1:
                log.warning("a batch of %d at the gate failed, each is tried by itself: %s", len(batch), error)
                for each in batch:
                    self._carry([each])
                return
            batch[0].error = error
        for each in batch:
            each.done.release()


_gate: Gate[Request, Receipt] = Gate(receive_for)


def receive_one(actor: Actor, payment: PaymentIn) -> Receipt | Refusal:
    """Receive one payment, as `payments.public.receive` does, through the gate of this process; blocks until it is
    committed. Must not be called inside a transaction."""
    actor.require("payments.take")
    return _gate.pass_one(Request(actor, payment))


def receive_together(requests: Sequence[Request]) -> list[Receipt | Refusal | BaseException]:
    """Receive payments that came together, of several actors, through the gate of this process (`Gate.pass_all`)."""
    for request in requests:
        request.actor.require("payments.take")
    return _gate.pass_all(requests)
