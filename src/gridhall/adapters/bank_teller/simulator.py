"""A teller's system for trying the line out: it speaks the same messages from the other side, or misbehaves.

Ways to misbehave: send twice, send without waiting for the answer, hang up after any byte, sign wrongly, send byte by
byte, or anything else that `message` and `send` put together.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from gridhall.adapters.bank_teller.acts import mac_of
from gridhall.adapters.bank_teller.messages import Layout, framed, layout, read_answer, write
from gridhall.kernel import clock
from gridhall.payments.public import Key

QUERY, PAY, REVERSE, LAST, HEARTBEAT = 1, 2, 3, 4, 99


@dataclass(frozen=True)
class Heard:
    """An answer: `result` "0" when all is well, the values and the items, and whether its MAC is ours."""

    result: str
    values: Mapping[str, str]
    items: tuple[Mapping[str, str], ...]
    proven: bool


@dataclass
class Teller:
    """A teller's system on one connection. `agent`: the partner's code; `key`: the secret that both sides have."""

    agent: str
    key: Key
    how: Layout = field(default_factory=layout)
    outlet: str = "湖滨支行"
    operator: str = "柜员01"

    def __post_init__(self) -> None:
        self._serial = count(1)
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def connect(self, host: str, port: int) -> "Teller":
        """Open the connection."""
        self.reader, self.writer = await asyncio.open_connection(host, port)
        return self

    async def close(self) -> None:
        """Hang up."""
        if self.writer:
            self.writer.close()

    def message(self, code: int, serial: str, **values: object) -> bytes:
        """A message as it goes over the line, signed."""
        moment = clock.now().astimezone(clock.zone())
        head: dict[str, object] = {
            "code": code, "agent": self.agent, "date": f"{moment:%Y%m%d}", "time": f"{moment:%H%M%S}",
            "serial": serial or f"{self.agent}-{next(self._serial)}", "outlet": self.outlet, "operator": self.operator,
        }  # fmt: skip
        body = write(self.how, self.how.head, head) + write(self.how, self.how.kinds[code].ask, values)
        return framed(self.how, body + mac_of(self.how, self.key, body).encode("ascii"))

    async def send(self, data: bytes) -> None:
        """Put bytes on the line."""
        assert self.writer
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self, timeout: float = 30) -> Heard:
        """The next answer. Raises IncompleteReadError where the line is cut, TimeoutError where none comes."""
        assert self.reader
        async with asyncio.timeout(timeout):
            body = await self.reader.readexactly(int(await self.reader.readexactly(self.how.length_digits)))
        values, items = read_answer(self.how, body)
        mac = body[-self.how.mac_digits :].decode("ascii")
        proven = mac == mac_of(self.how, self.key, body[: -self.how.mac_digits])
        return Heard(values["result"], values, tuple(items), proven)

    async def ask(self, code: int, serial: str = "", **values: object) -> Heard:
        """Send a message and hear its answer."""
        await self.send(self.message(code, serial, **values))
        return await self.hear()

    async def query(self, account: str) -> Heard:
        return await self.ask(QUERY, account=account, month="99999999")

    async def pay(self, serial: str, account: str, batch_no: str, amount: int) -> Heard:
        return await self.ask(PAY, serial, account=account, batch_no=batch_no, amount=amount)

    async def last(self, original: str) -> Heard:
        return await self.ask(LAST, original=original)

    async def reverse(self, serial: str, account: str, original: str) -> Heard:
        return await self.ask(REVERSE, serial, account=account, original=original)
