"""What another process does in the tests of money: bring payments, or be killed in the middle of one.

Run as `python -m tests.payments.elsewhere bring SEED` or `… killed STEP KEY`.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from gridhall.kernel import clock  # noqa: E402  # Django comes first
from gridhall.kernel.access import system  # noqa: E402
from gridhall.payments import receiving, recording  # noqa: E402
from gridhall.payments.public import PaymentIn, Receipt, receive  # noqa: E402

PAYMENTS, ACCOUNTS = 100, 30

# The steps of an act in their order: each is passed once, and the process dies just before it.
STEPS = ("read_facts", "settle", "writing", "tell", "receipts", "commit", "answer")


def the_payments() -> list[PaymentIn]:
    """100 payments over 30 accounts: several of an account, no two keys alike."""
    return [
        PaymentIn(amount=1_000 + n, key=f"api:race:{n}", account_id=1 + n % ACCOUNTS, value_on=clock.today())
        for n in range(PAYMENTS)
    ]


def bring(seed: int) -> None:
    """Bring all payments, in an order of our own, in batches."""
    mine = the_payments()
    random.Random(seed).shuffle(mine)
    for start in range(0, PAYMENTS, 7):
        for answer in receive(system("api"), mine[start : start + 7]):
            assert isinstance(answer, Receipt), answer


def dying(act: Callable[..., Any]) -> Callable[..., Any]:
    def die(*_: Any, **__: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    del act
    return die


def killed(step: str, key: str) -> None:
    """Receive a payment and die at a step."""
    from django.db import connection

    if step in ("read_facts", "settle", "writing", "tell"):
        setattr(recording, step, dying(getattr(recording, step)))
    elif step == "receipts":
        receiving._receipts = dying(receiving._receipts)
    elif step == "commit":
        connection.ensure_connection()
        connection._commit = dying(connection._commit)  # type: ignore[attr-defined]
    receive(system("api"), [PaymentIn(1_000, key, 1)])
    os.kill(os.getpid(), signal.SIGKILL)  # after the commit, before anybody heard of it


if __name__ == "__main__":
    if sys.argv[1] == "bring":
        bring(int(sys.argv[2]))
    else:
        killed(sys.argv[2], sys.argv[3])
