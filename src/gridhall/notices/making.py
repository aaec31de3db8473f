"""From facts to notices: one fact makes all its notices at once, in the transaction of its delivery.

A delivery is committed with what it wrote, so a fact makes its notices once; `fact_id` in the key refuses a second
time. Who gets what: every notice stands in the inbox; by another way it goes where the customer has an address that
works and has not switched the occasion off.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from gridhall.columns.arrays import column_cursor
from gridhall.columns.copy import INT2, INT4, INT8, MOMENT, TEXT, copy_in
from gridhall.customers import public as customers
from gridhall.kernel import clock, outbox
from gridhall.kernel.outbox import Happened
from gridhall.notices import debit_facts, money_facts
from gridhall.notices.bounces import digest
from gridhall.notices.choosing import bad_addresses, switched_off
from gridhall.notices.models import MAIL, WAITING
from gridhall.notices.occasions import BY_NAME, Occasion
from gridhall.notices.ports import way
from gridhall.notices.said import Said as Said
from gridhall.notices.texts import in_force

SUBSCRIBER = "notices.say"

NOTICE_SHAPE = {
    "id": INT8, "account_id": INT8, "occasion": INT2, "fact_id": INT8, "n": INT4, "text_id": INT8, "said": TEXT,
    "made_at": MOMENT,
}  # fmt: skip
SENDING_SHAPE = {
    "notice_id": INT8, "way": INT2, "account_id": INT8, "address": TEXT, "language": TEXT, "state": INT2,
    "tries": INT2, "next_at": MOMENT, "answer": TEXT,
}  # fmt: skip
NUMBERS_SQL = "SELECT gridhall_take_numbers('notice_id_seq', %s)"
MADE_SQL = "SELECT EXISTS (SELECT FROM notice WHERE fact_id = %s)"
ROWS_AT_ONCE = 20_000

# Kind of fact → (occasion, what is said to whom).
SAYS: dict[str, tuple[str, Callable[[Happened], list[Said]]]] = {
    "bill_issued": ("bill_issued", money_facts.bills),
    "payment_received": ("payment_received", money_facts.received),
    "payment_reversed": ("payment_reversed", money_facts.taken_back),
    "credit_refunded": ("credit_refunded", money_facts.refunded),
    "cheque_returned": ("cheque_returned", money_facts.cheque_returned),
    "debit_announced": ("debit_announced", debit_facts.announced),
    "debit_balance_low": ("debit_balance_low", debit_facts.balance_low),
    "debit_done": ("debit_done", debit_facts.done),
    "debit_failed": ("debit_failed", debit_facts.failed),
    "mandate_changed": ("mandate_changed", debit_facts.mandate_changed),
}


def subscribe() -> None:
    """Hear what notices are made of."""
    for kind in SAYS:
        outbox.subscribe(kind, SUBSCRIBER, handle)


def handle(fact: Happened) -> None:
    """Say what a fact has to say."""
    name, rows_of = SAYS[fact.kind]
    make(fact, BY_NAME[name], rows_of(fact))


def make(fact: Happened, occasion: Occasion, rows: Sequence[Said]) -> int:
    """Make the notices of a fact: how many. In the open transaction; a fact that has made its notices makes none, and
    who has no account is passed over. Refuses: unknown_text (no version is in force)."""
    with connection.cursor() as cursor:
        cursor.execute(MADE_SQL, [fact.id])
        if cursor.fetchone() == (True,):
            return 0
    text_id = in_force(occasion, clock.today())
    starts = range(0, len(rows), ROWS_AT_ONCE)
    return sum(_write(fact, occasion, text_id, rows[start : start + ROWS_AT_ONCE]) for start in starts)


@dataclass(frozen=True)
class _Known:
    row: Said
    person: customers.Contact


def _write(fact: Happened, occasion: Occasion, text_id: int, rows: Sequence[Said]) -> int:
    people = customers.contacts({row.account_id for row in rows})
    known = [_Known(row, people[row.account_id]) for row in rows if row.account_id in people]
    if not known:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS_SQL, [len(known)])
        first = int((cursor.fetchone() or (0,))[0])
    raw = column_cursor(connection.connection)
    notices: dict[str, Any] = {
        "id": np.arange(first, first + len(known), dtype=np.int64),
        "account_id": np.array([each.row.account_id for each in known], np.int64), "occasion": occasion.code,
        "fact_id": fact.id, "n": np.array([each.row.n for each in known], np.int64), "text_id": text_id,
        "said": [_said(each) for each in known], "made_at": _micros(clock.now()),
    }  # fmt: skip
    copy_in(raw, "notice", NOTICE_SHAPE, notices)
    _write_mail(raw, occasion, first, [each.person for each in known])
    return len(known)


def _write_mail(raw: Any, occasion: Occasion, first: int, people: Sequence[customers.Contact]) -> None:
    """The letters of these notices: to whoever has an address, wants them, and whose mail does not come back. None
    where no way by mail is set up: else, on the day it is, letters of years would go out."""
    if way(MAIL) is None:
        return
    ids = {person.account_id for person in people}
    off = set() if occasion.required else switched_off(ids, occasion, MAIL)
    bad = bad_addresses(ids, MAIL)
    going = [
        (first + place, person)
        for place, person in enumerate(people)
        if person.email and person.account_id not in off and _works(person, bad)
    ]
    sendings: dict[str, Any] = {
        "notice_id": np.array([notice_id for notice_id, _ in going], np.int64), "way": MAIL,
        "account_id": np.array([person.account_id for _, person in going], np.int64),
        "address": [person.email for _, person in going],
        "language": ["zh" if person.language.startswith("zh") else "en" for _, person in going], "state": WAITING,
        "tries": 0, "next_at": _micros(clock.now()), "answer": [""] * len(going),
    }  # fmt: skip
    copy_in(raw, "notice_sending", SENDING_SHAPE, sendings)


def _works(person: customers.Contact, bad: dict[int, str]) -> bool:
    return person.account_id not in bad or bad[person.account_id] != digest(person.email)


def _said(each: _Known) -> str:
    told = {"account": each.person.number, "name": each.person.name, **each.row.values}
    return json.dumps(told, ensure_ascii=False)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
