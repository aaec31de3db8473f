"""Accounts by columns, for rooms that work on batches of them: no row passes through Python."""

from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from gridhall.columns.arrays import ask
from gridhall.columns.copy import DATE, INT2, INT4, INT8, array_text, copy_out

Ints = NDArray[np.int64]

ACCOUNT_FACTS = """
SELECT id, unit_id, area_id, class_code FROM customers_account WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id
"""

AGREEMENT_FACTS = """
SELECT account_id, id, since, COALESCE(until, date '9999-12-31') FROM customers_agreement
WHERE account_id = ANY(%(ids)s::bigint[]) ORDER BY account_id, since, id
"""

NUMBERS = "SELECT array_agg(id), array_agg(number::bigint) FROM customers_account"


@dataclass(frozen=True)
class AccountColumns:
    """Where accounts belong, sorted by account: int64 columns of equal length."""

    account_id: Ints
    unit_id: Ints
    area_id: Ints
    class_code: Ints


@dataclass(frozen=True)
class AgreementColumns:
    """Agreements of accounts, sorted by account and `since`: int64 columns of equal length. Days are day numbers,
    `until` (excluded) is OPEN_DAY while open."""

    account_id: Ints
    agreement_id: Ints
    since: Ints
    until: Ints


def account_columns(account_ids: Ints) -> AccountColumns:
    """Unit, area and class of those of the accounts that are there."""
    shape = {"account_id": INT8, "unit_id": INT4, "area_id": INT4, "class_code": INT2}
    with connection.cursor() as cursor:
        return AccountColumns(**copy_out(cursor, ACCOUNT_FACTS, shape, {"ids": array_text(np.unique(account_ids))}))


def agreement_columns(account_ids: Ints) -> AgreementColumns:
    """All agreements of the accounts, open and ended."""
    shape = {"account_id": INT8, "agreement_id": INT8, "since": DATE, "until": DATE}
    with connection.cursor() as cursor:
        return AgreementColumns(**copy_out(cursor, AGREEMENT_FACTS, shape, {"ids": array_text(np.unique(account_ids))}))


def number_columns() -> tuple[Ints, Ints]:
    """Every account's id and its number (ten digits, as a whole number), by id: for files of many accounts."""
    connection.ensure_connection()
    (answer,) = ask(connection.connection, [(NUMBERS, None)])
    ids, numbers = answer
    order = np.argsort(ids, kind="stable")
    return ids[order], numbers[order]
