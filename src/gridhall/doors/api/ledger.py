"""The books of a unit."""

from django.http import HttpRequest
from ninja import Router, Schema

from gridhall.doors.api.access import caller
from gridhall.doors.api.problems import Problem
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger

router = Router(tags=["ledger"])


class Row(Schema):
    """One account of the books, minor units; debit is positive in opening and closing."""

    code: int
    name_zh: str
    name_en: str
    opening: int
    debit: int
    credit: int
    closing: int


class TrialBalance(Schema):
    """Debits and credits of every account of a unit in a posting period."""

    unit: int
    period: int
    closed: bool
    rows: list[Row]


@router.get(
    "/units/{unit}/trial-balance/{period}",
    response={200: TrialBalance, frozenset({400, 401, 403, 404}): Problem},
    summary="Trial balance",
)
def trial_balance(request: HttpRequest, unit: int, period: int) -> TrialBalance:
    """The trial balance of an accounting unit (0 for all of them, where the key sees all)."""
    actor = caller(request, "ledger.see")
    if not (actor.everywhere if unit == 0 else actor.sees_unit(unit)):
        raise Refusal(
            "unknown_unit", f"There is no unit {unit}.", f"没有核算单元 {unit}。", field="unit", value=str(unit)
        )
    if not (190001 <= period <= 999912 and 1 <= period % 100 <= 12):
        raise Refusal("bad_period", f"{period} is not a period (YYYYMM).", f"{period} 不是有效的账期。", field="period")
    answer = ledger.trial_balance(unit, period)
    return TrialBalance(
        unit=unit,
        period=period,
        closed=answer.closed,
        rows=[
            Row(
                code=row.code,
                name_zh=row.name_zh,
                name_en=row.name_en,
                opening=row.opening,
                debit=row.debit,
                credit=row.credit,
                closing=row.closing,
            )
            for row in answer.rows
        ],
    )
