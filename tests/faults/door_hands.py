"""The doors that are no network service, in a process that can be killed: a clerk at the till, a file of
payments, a statement of our bank, and its answer to a file of debits.

Run as `python -m tests.faults.door_hands`: a JSON object a line in, an answer a line out, written only when the act has
been committed.
"""

import base64
import json
import sys
from typing import Any

import django

django.setup()

import numpy as np  # noqa: E402  # Django comes first
from django.db import close_old_connections  # noqa: E402

from gridhall.debits.public import take_results  # noqa: E402
from gridhall.kernel import clock  # noqa: E402
from gridhall.kernel.access import Actor, system  # noqa: E402
from gridhall.kernel.refusal import Refusal  # noqa: E402
from gridhall.payments import public as payments  # noqa: E402
from tests.debits.town import officer  # noqa: E402
from tests.payments.statement_town import Line, camt  # noqa: E402


def at_the_till(asked: dict[str, Any]) -> list[int]:
    """One payment in cash: [its number]."""
    clerk = Actor(
        "staff", "teller", "counter", id=asked["clerk"], permissions=frozenset({"payments.take", "tills.own"}),
        everywhere=True,
    )  # fmt: skip
    answer = payments.receive_one(
        clerk,
        payments.PaymentIn(
            asked["amount"], asked["key"], asked["account"], door=payments.DOOR_COUNTER, method=payments.CASH,
            session_id=asked["session"],
        ),
    )  # fmt: skip
    if isinstance(answer, Refusal):
        raise answer
    return [answer.payment_no]


def by_a_file(asked: dict[str, Any]) -> list[int]:
    """A file's rows: no numbers are told."""
    accounts = np.array(asked["accounts"], np.int64)
    today = np.full(len(accounts), clock.today().toordinal(), np.int64)
    columns = payments.PaymentColumns(
        accounts, np.array(asked["amounts"], np.int64), asked["keys"], today, payments.DOOR_FILE, payments.TRANSFER
    )
    done = payments.receive_columns(system("file"), columns)
    if done.refused:
        raise AssertionError(done.refused)
    return []


def by_statement(asked: dict[str, Any]) -> list[int]:
    """A statement with one transfer to the account's virtual account, brought in and matched."""
    line = Line(asked["amount"], "transfer", virtual=f"9988{asked['number']}", ref=asked["key"])
    data = camt([line], ident=asked["key"], sequence=asked["account"])
    payments.load_statements(system("bank"), "camt.053", data, asked["key"])
    payments.match_suspense(system("bank"))
    return []


def by_debit(asked: dict[str, Any]) -> list[int]:
    """The bank's answer to the file of debits; one that was taken whole is known."""
    try:
        take_results(officer(), "CCB", "answer", base64.b64decode(asked["result"]))
    except Refusal as no:
        if no.code != "result_file_known":
            raise
    return []


ACTS = {"till": at_the_till, "file": by_a_file, "transfer": by_statement, "debit": by_debit}


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            close_old_connections()
            answer: dict[str, object] = {"numbers": ACTS[asked["door"]](asked)}
        except Exception as error:
            answer = {"error": repr(error)[:300]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
