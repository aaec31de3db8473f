"""Limits, terms of cheques and of instalments to begin with: there from the first migration on, the supplier's to
change."""

from datetime import date
from typing import Any

from django.db import connections
from psycopg import sql

SINCE = date(2020, 1, 1)

# Minor units: what the role does alone, and with a second person.
LIMITS = [
    ("reverse", "clerk", 100_000, 5_000_000), ("reverse", "cashier", 1_000_000, 50_000_000),
    ("reverse", "manager", 0, 1_000_000_000),
    ("refund", "clerk", 0, 500_000), ("refund", "cashier", 0, 5_000_000), ("refund", "manager", 0, 1_000_000_000),
    ("transfer", "clerk", 0, 500_000), ("transfer", "cashier", 0, 5_000_000), ("transfer", "manager", 0, 1_000_000_000),
    ("correct", "clerk", 0, 500_000), ("correct", "cashier", 0, 5_000_000), ("correct", "manager", 0, 1_000_000_000),
    ("instalments", "clerk", 0, 1_000_000), ("instalments", "cashier", 0, 10_000_000),
    ("instalments", "billing", 0, 10_000_000), ("instalments", "manager", 0, 1_000_000_000),
    ("write_off", "cashier", 0, 1_000_000), ("write_off", "billing", 0, 10_000_000),
    ("write_off", "manager", 0, 1_000_000_000),
    ("recover", "clerk", 0, 1_000_000), ("recover", "cashier", 0, 10_000_000), ("recover", "billing", 0, 10_000_000),
    ("recover", "manager", 0, 1_000_000_000),
]  # fmt: skip

# Negotiable Instruments Law (票据法), article 91: a cheque is presented within ten days of its date. The fee and how
# many returned cheques are borne are the supplier's own.
CHEQUES = (2_000, 10, 2, "票据法 art. 91; fee: supplier's own")

# The supplier's own: no late charge while a plan is kept, three days of grace, a year at most.
PLANS = (False, 3, 12, 366, "supplier's own")

TABLES = ("payments_actlimit", "payments_chequeterm", "payments_instalmentterm")


def ensure(using: str = "default", **_: Any) -> None:
    """Add what there is nothing of yet. Called after each `migrate`; changes nothing that is there."""
    with connections[using].cursor() as cursor:
        for table in TABLES:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if cursor.fetchone() != (True,):
                return
        empty = set()
        for table in TABLES:
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table)))
            if cursor.fetchone() == (False,):
                empty.add(table)
        if "payments_actlimit" in empty:
            cursor.executemany(
                "INSERT INTO payments_actlimit (act, role, since, alone, most, entered_by, entered_at)"
                " VALUES (%s, %s, %s, %s, %s, 'gridhall', %s)",
                [(act, role, SINCE, alone, most, SINCE) for act, role, alone, most in LIMITS],
            )
        if "payments_chequeterm" in empty:
            cursor.execute(
                "INSERT INTO payments_chequeterm (since, fee, good_days, returns_most, source)"
                " VALUES (%s, %s, %s, %s, %s)",
                [SINCE, *CHEQUES],
            )
        if "payments_instalmentterm" in empty:
            cursor.execute(
                "INSERT INTO payments_instalmentterm"
                " (since, late_while_kept, grace_days, parts_most, days_most, source) VALUES (%s, %s, %s, %s, %s, %s)",
                [SINCE, *PLANS],
            )
