"""A little supplier with three accounts, each owing for one bill, and a partner's key."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from django.test import Client

from gridhall.customers import public as customers
from gridhall.kernel import access, clock, keys
from gridhall.ledger import public as ledger
from tests.town.places import ACTOR, small_territory, three_accounts

ALL_SCOPES = (
    "customers.see", "bills.see", "payments.see", "payments.take", "payments.reverse", "readings.see", "readings.take",
    "tariffs.see", "ledger.see",
)  # fmt: skip
BILL = 17_307  # fen: 120 × 0.5469 + 180 × 0.5969 = 173.07


@dataclass
class Caller:
    """A partner that calls with its key."""

    key: str
    client: Client

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.key}", **headers})

    def post(self, path: str, body: object, idempotency_key: str | None = "k-1", **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.key}", **headers}
        if idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key
        return self.client.post(f"/api/v1{path}", body, content_type="application/json", headers=sent)


def owing_accounts() -> list[str]:
    """Three accounts of which each owes 173.07, due in the future (no late charge). Their numbers."""
    small_territory()
    opened = customers.register_accounts(ACTOR, three_accounts())
    today = clock.today()
    period = today.year * 100 + today.month
    ledger.prepare(period, today)
    connection.ensure_connection()
    with transaction.atomic():
        three = np.ones(3, np.int64)
        by_class = np.zeros((3, 6), np.int64)
        by_class[:, 1] = BILL
        ledger.post_bills(
            connection.connection,
            ledger.BillsToPost(
                account_id=np.array(opened.account_ids, np.int64),
                period=period,
                seq=three,
                unit_id=np.array([101, 101, 102], np.int64),
                class_code=three,
                by_class=by_class,
                issued_on=three * today.toordinal(),
                due_on=three * (today.toordinal() + 20),
            ),
        )
    return list(opened.numbers)


def make_caller(scopes: tuple[str, ...] = ALL_SCOPES, units: tuple[int, ...] = ()) -> Caller:
    key = keys.make(access.system("test"), "Bank of Lakes", scopes, units, everywhere=not units)
    return Caller(key, Client())


@pytest.fixture
def numbers(transactional_db: None) -> list[str]:
    return owing_accounts()


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return make_caller()
