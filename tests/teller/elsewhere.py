"""A tellers' line in a process of its own that dies when it is about to send the answer to a payment.

Run as `python -m tests.teller.elsewhere PORT`.
"""

import asyncio
import os
import signal
import sys
from typing import Any

import django

django.setup()

from gridhall.adapters.bank_teller import desk, server  # noqa: E402  # Django comes first


def dying(pairs: Any) -> None:
    for done, answer in pairs:
        if isinstance(answer[0], dict) and "payment_no" in answer[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        done.set_result(answer)


async def main() -> None:
    desk._hand_out = dying
    line = server.TellerServer()
    await line.start("127.0.0.1", int(sys.argv[1]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
