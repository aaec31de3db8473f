"""The other sides of the doors' storm. Each does what a real one does: it sends late, twice, or hangs up before hearing
the answer; and where it heard none it asks, or sends the very same again, until it knows.

A `Way` brings one payment and gives what it was told: the payment's number, or 0 where that door tells none. It raises
`NotHeard` where it must be brought again.
"""

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import random
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gridhall.adapters.bank_teller.simulator import Teller
from gridhall.kernel import clock
from gridhall.payments.public import Key
from tests.faults.keeper import Keeper

HANG_UP = 0.15  # how often a counterpart hangs up before it hears
WAIT_SECONDS = 20


class NotHeard(Exception):
    """No answer, or one that says "ask again": nobody knows what became of it."""


@dataclass(frozen=True)
class Intent:
    """A payment that somebody wants made, once."""

    door: str
    account: int
    number: str
    amount: int

    @property
    def key(self) -> str:
        return f"{self.door}-{self.account}"


class Way(Protocol):
    def bring(self, intent: Intent, chance: random.Random) -> int: ...


def post(port: int, path: str, body: bytes, headers: dict[str, str], hang_up: bool = False) -> tuple[int, bytes]:
    """POST; status and body. `hang_up`: send, and go before the answer comes."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
    try:
        asked.request("POST", path, body, {"Content-Type": "application/json", **headers})
        if hang_up:
            raise NotHeard("hung up")
        answer = asked.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise NotHeard(repr(error)) from error
    finally:
        asked.close()


@dataclass
class ByLine:
    """A bank's teller system on the TCP line: after a silence it asks for the last response first."""

    keeper: Keeper
    key: Key
    batches: dict[str, str] = field(default_factory=dict)

    def bring(self, intent: Intent, chance: random.Random) -> int:
        try:
            return asyncio.run(self._bring(intent, chance.random() < HANG_UP))
        except (OSError, EOFError, TimeoutError) as error:
            raise NotHeard(repr(error)) from error

    async def _bring(self, intent: Intent, hang_up: bool) -> int:
        teller = await Teller("LINEBANK", self.key).connect("127.0.0.1", self.keeper.line_port)
        try:
            if intent.key in self.batches:
                last = await teller.last(intent.key)
                if last.result == "0":
                    return int(last.values["payment_no"])
            else:
                owes = await teller.query(intent.number)
                if owes.result != "0":
                    raise NotHeard(owes.values["text"])
                self.batches.setdefault(intent.key, owes.values["batch_no"])
            if hang_up:
                asked = {"account": intent.number, "batch_no": self.batches[intent.key], "amount": intent.amount}
                await teller.send(teller.message(2, intent.key, **asked))
                raise NotHeard("hung up")
            done = await teller.pay(intent.key, intent.number, self.batches[intent.key], intent.amount)
            if done.result != "0":
                raise NotHeard(done.values["text"])
            return int(done.values["payment_no"])
        finally:
            await teller.close()


@dataclass
class BySignature:
    """A bank's system at the signed API."""

    keeper: Keeper
    key_id: str
    secret: bytes
    batches: dict[str, str] = field(default_factory=dict)

    def bring(self, intent: Intent, chance: random.Random) -> int:
        if intent.key not in self.batches:
            owes = self._post("/query", {"account": intent.number}, False)
            self.batches.setdefault(intent.key, owes["batch_no"])
        asked = {
            "serial": intent.key, "account": intent.number, "batch_no": self.batches[intent.key],
            "amount": intent.amount,
        }  # fmt: skip
        return int(self._post("/pay", asked, chance.random() < HANG_UP)["payment_no"])

    def _post(self, path: str, asked: dict[str, Any], hang_up: bool) -> dict[str, Any]:
        body, nonce, stamp = json.dumps(asked).encode(), secrets.token_hex(16), clock.now().isoformat()
        path = f"/api/partner/v1{path}"
        text = "\n".join(("GRIDHALL-1", "POST", path, stamp, nonce, hashlib.sha256(body).hexdigest())).encode()
        headers = {
            "X-Gridhall-Key": self.key_id, "X-Gridhall-Timestamp": stamp, "X-Gridhall-Nonce": nonce,
            "X-Gridhall-Signature": base64.b64encode(hmac.digest(self.secret, text, "sha256")).decode(),
        }  # fmt: skip
        status, answer = post(self.keeper.web_port, path, body, headers, hang_up)
        if status != 200:
            raise NotHeard(answer.decode())
        found: dict[str, Any] = json.loads(answer)
        return found


@dataclass
class ByApi:
    """A partner with an API key, who sends the same key again until it has its answer."""

    keeper: Keeper
    token: str

    def bring(self, intent: Intent, chance: random.Random) -> int:
        body = json.dumps({"account": intent.number, "amount": intent.amount}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": intent.key}
        hang_up = chance.random() < HANG_UP
        status, answer = post(self.keeper.web_port, "/api/v1/payments", body, headers, hang_up)
        if status not in (200, 201):
            raise NotHeard(answer.decode())
        return int(json.loads(answer)["payment_no"])


@dataclass
class ByCallBack:
    """The online bank, which calls until it is told that its word has been taken; it is told no number."""

    keeper: Keeper
    orders: dict[str, str]
    pem: Path

    def bring(self, intent: Intent, chance: random.Random) -> int:
        order = self.orders[str(intent.account)]
        said = {"order_no": order, "state": "paid", "amount": intent.amount, "serial": intent.key}
        body, stamp, nonce = json.dumps(said).encode(), str(int(time.time())), secrets.token_hex(16)
        key = load_pem_private_key(self.pem.read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        headers = {
            "x-sandbox-timestamp": stamp, "x-sandbox-nonce": nonce,
            "x-sandbox-signature": base64.b64encode(key.sign(f"{stamp}\n{nonce}\n".encode() + body)).decode(),
        }  # fmt: skip
        hang_up = chance.random() < HANG_UP
        status, answer = post(self.keeper.web_port, "/pay/sandbox/notify", body, headers, hang_up)
        if status != 200:
            raise NotHeard(answer.decode(errors="replace"))
        return 0


@dataclass
class ByHands:
    """A clerk at the till, a file of one payment, a statement of one transfer, or the bank's answer to all debits."""

    keeper: Keeper
    session: int
    clerk: int
    result: str

    def bring(self, intent: Intent, chance: random.Random) -> int:
        asked: dict[str, Any] = {"door": intent.door}
        if intent.door == "till":
            asked |= {
                "account": intent.account, "amount": intent.amount, "key": intent.key, "session": self.session,
                "clerk": self.clerk,
            }  # fmt: skip
        elif intent.door == "transfer":
            asked |= {"account": intent.account, "number": intent.number, "amount": intent.amount, "key": intent.key}
        elif intent.door == "debit":
            asked |= {"result": self.result}
        else:
            asked |= {"accounts": [intent.account], "amounts": [intent.amount], "keys": [intent.key]}
        try:
            answer = self.keeper.ask(intent.door, asked)
        except ConnectionError as error:
            raise NotHeard("killed") from error
        if "error" in answer:
            raise NotHeard(answer["error"])
        return answer["numbers"][0] if answer["numbers"] else 0
