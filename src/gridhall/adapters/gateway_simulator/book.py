"""What a simulated payment service knows: trades and their refunds, in memory, under one lock."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

WAITING, PAID, CLOSED = "waiting", "paid", "closed"


@dataclass(frozen=True)
class Returned:
    """A refund that the service has done. `at`: seconds since 1970."""

    refund_no: str
    amount: int
    at: float


@dataclass(frozen=True)
class Trade:
    """An order at the service. `more`: what its protocol needs besides."""

    order_no: str
    amount: int
    subject: str
    return_url: str
    notify_url: str
    until: float
    state: str = WAITING
    paid_at: float = 0.0
    refunds: tuple[Returned, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def refunded(self) -> int:
        return sum(each.amount for each in self.refunds)


class Book:
    """The trades of the service by order number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trades: dict[str, Trade] = {}

    def place(self, trade: Trade) -> Trade:
        """Enter an order; the same number again changes nothing."""
        with self._lock:
            return self._trades.setdefault(trade.order_no, trade)

    def trade(self, order_no: str) -> Trade | None:
        with self._lock:
            found = self._trades.get(order_no)
            if found and found.state == WAITING and found.until < time.time():
                found = self._trades[order_no] = replace(found, state=CLOSED)
            return found

    def trades(self) -> list[Trade]:
        with self._lock:
            return list(self._trades.values())

    def decide(self, order_no: str, state: str) -> tuple[Trade | None, bool]:
        """The customer pays or leaves, once: the trade, and whether this has changed it."""
        self.trade(order_no)
        with self._lock:
            found = self._trades.get(order_no)
            if found is None or found.state != WAITING:
                return found, False
            found = replace(found, state=state, paid_at=time.time() if state == PAID else 0.0)
            self._trades[order_no] = found
            return found, True

    def refund(self, order_no: str, refund_no: str, amount: int) -> Returned | None:
        """Give back of a paid trade, once for a key and never more than was paid; None where that cannot be."""
        with self._lock:
            found = self._trades.get(order_no)
            if found is None or found.state != PAID:
                return None
            before = next((each for each in found.refunds if each.refund_no == refund_no), None)
            if before is not None:
                return before
            if amount <= 0 or found.refunded + amount > found.amount:
                return None
            done = Returned(refund_no, amount, time.time())
            self._trades[order_no] = replace(found, refunds=(*found.refunds, done))
            return done
