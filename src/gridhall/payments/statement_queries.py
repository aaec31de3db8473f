"""Reading statements: with what came and went, what waits, and where one is missing between two."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import connection

from gridhall.kernel.access import Actor
from gridhall.payments.refusals import refusal
from gridhall.payments.statement_data import StatementView

STATEMENTS_SQL = Path(__file__).with_name("sql").joinpath("statements.sql").read_text()

# The gap of some statements to the one before each.
GAPS_SQL = """
SELECT id, gap FROM (
    SELECT id, opening - lag(closing) OVER (PARTITION BY account_id ORDER BY to_on, sequence, id) AS gap
    FROM payments_statement
) AS s WHERE id = ANY(%s)
"""


def statements(
    unit_ids: Iterable[int] | None = None, *, gaps_only: bool = False, limit: int = 100
) -> list[StatementView]:
    """Statements of the accounts of some units (None: all), the latest first; `gaps_only`: those before which one is
    missing."""
    return _statements(unit_ids, gaps_only=gaps_only, limit=limit)


def statement_within(actor: Actor, statement_id: int) -> StatementView:
    """A statement. Refuses unknown_statement, also for one of a unit that is not the actor's."""
    units = None if actor.everywhere or actor.kind == "system" else sorted(actor.units)
    found = _statements(units, statement_id=statement_id, limit=1)
    if not found:
        raise refusal("unknown_statement", field="statement", value=statement_id)
    return found[0]


def gaps_of(statement_ids: Iterable[int]) -> dict[int, int | None]:
    """Opening balance less the closing balance of the statement before, by statement; None for the first."""
    with connection.cursor() as cursor:
        cursor.execute(GAPS_SQL, [list(statement_ids)])
        return dict(cursor.fetchall())


def _statements(
    unit_ids: Iterable[int] | None, *, statement_id: int = 0, gaps_only: bool = False, limit: int
) -> list[StatementView]:
    units = None if unit_ids is None else list(unit_ids)
    asked: dict[str, Any] = {
        "all": units is None, "units": units or [], "id": statement_id, "gaps": gaps_only, "limit": limit,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS_SQL, asked)
        return [StatementView(*row) for row in cursor.fetchall()]
