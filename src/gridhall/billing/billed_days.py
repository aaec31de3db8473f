"""Nothing changes in the midst of billed days without a word: the bills would stand on what is no longer so."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from gridhall.billing.views import BillKey
from gridhall.kernel.refusal import Refusal
from gridhall.tariffs import public as tariffs

# The account first: bills are keyed by it.
BILLED = """
SELECT w.row, w.until, max(b.to_on)
FROM unnest(%(agreements)s::bigint[], %(days)s::date[]) WITH ORDINALITY AS w (agreement_id, until, row)
JOIN customers_agreement a ON a.id = w.agreement_id
JOIN bill b ON b.account_id = a.account_id AND b.agreement_id = a.id AND b.state = 1 AND b.to_on > w.until
GROUP BY w.row, w.until ORDER BY w.row LIMIT 1
"""

# Issued bills of a tariff with days of a stretch. A bill of a period ends in the month after it at the latest by days
# of a reading round, and it may have begun months before: only periods that end before the stretch are passed over.
OF_TARIFF = """
SELECT account_id, period, seq FROM bill
WHERE period >= %(period)s AND state = 1 AND to_on > %(from_on)s AND (%(until)s::date IS NULL OR from_on < %(until)s)
  AND plan_id = ANY(%(plans)s)
ORDER BY account_id, period, seq
"""
COUNT_OF_TARIFF = f"SELECT count(*), min(period), max(period) FROM ({OF_TARIFF}) AS found"  # noqa: S608  our own text


def object_to_leaving(leaving: Sequence[tuple[int, date]]) -> None:
    """Refuses `billed_already` where an agreement has an issued bill with days from the last one on. Cancel those
    bills, enter the move-out, and make them again: the month of leaving is then billed to that day."""
    found = _billed(leaving)
    if found:
        row, on, until = found
        raise Refusal(
            "billed_already",
            f"It is billed to {until} already. Cancel the bills from {on} on, enter the move-out, make them again.",
            f"已出账至 {until}。请先作废 {on} 起的账单，登记迁出后再重出。",
            field="on", row=row, value=on.isoformat(),
        )  # fmt: skip


def object_to_change(changing: Sequence[tuple[int, date]]) -> None:
    """Refuses `billed_already` where an agreement's terms would change on days that are on an issued bill."""
    found = _billed(changing)
    if found:
        row, on, until = found
        raise Refusal(
            "billed_already",
            f"It is billed to {until} already. Let the terms change from {until} on; or cancel the bills from {on} on, "
            "change the terms, make them again.",
            f"已出账至 {until}。请自 {until} 起变更；或先作废 {on} 起的账单，变更后再重出。",
            field="since", row=row, value=on.isoformat(),
        )  # fmt: skip


def object_to_approval(tariff_code: str, from_on: date, until_on: date | None) -> None:
    """Refuses `billed_already` where issued bills of the tariff have days on which the version would be in force."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_OF_TARIFF, _of_tariff(tariff_code, from_on, until_on))
        count, first, last = cursor.fetchone()
    if count:
        months = f"{first // 100}-{first % 100:02d}" + (f" … {last // 100}-{last % 100:02d}" if last != first else "")
        raise Refusal(
            "billed_already",
            f"{count:,} bills ({months}) have days from {from_on} on. Approve with them named to be made again, or let "
            "the version begin later.",
            f"{from_on} 起已出账 {count:,} 张（{months}）。请确认重出这些账单后审批，或推迟执行日期。",
            field="from", value=from_on.isoformat(),
        )  # fmt: skip


def bills_of_version(version_id: int) -> list[BillKey]:
    """Issued bills of a version's tariff with days on which it is in force that were made on another version: those to
    be made again after it was approved into billed months, in order."""
    tariff = tariffs.tariff_of_version(version_id)
    version = next(each for each in tariffs.versions(tariff.code) if each.version_id == version_id)
    with connection.cursor() as cursor:
        cursor.execute(OF_TARIFF, _of_tariff(tariff.code, version.from_on, version.until_on, but=version_id))
        return [BillKey(*row) for row in cursor.fetchall()]


def _of_tariff(tariff_code: str, from_on: date, until_on: date | None, but: int = 0) -> dict[str, Any]:
    month_before = from_on.year * 12 + from_on.month - 2
    plans = [each.version_id for each in tariffs.versions(tariff_code) if each.version_id != but]
    return {
        "period": month_before // 12 * 100 + month_before % 12 + 1, "from_on": from_on, "until": until_on,
        "plans": plans,
    }  # fmt: skip


def _billed(wanted: Sequence[tuple[int, date]]) -> tuple[int, date, date] | None:
    """The first row (from 0) with an issued bill beyond its day: row, that day, the day to which it is billed."""
    with connection.cursor() as cursor:
        cursor.execute(BILLED, {"agreements": [agreement for agreement, _ in wanted], "days": [on for _, on in wanted]})
        found = cursor.fetchone()
    return (int(found[0]) - 1, found[1], found[2]) if found else None
