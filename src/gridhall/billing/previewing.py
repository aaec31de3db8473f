"""What a run would do: totals by unit and class, who would be held, and the bills far from the customer's own past."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from gridhall.billing import reasons
from gridhall.billing.deciding import Decided, decide
from gridhall.billing.facts import Stretch, gather
from gridhall.billing.plausible import by_class, extremes, limits
from gridhall.billing.terms import BillTerms, terms_on
from gridhall.billing.views import ClassTotal, HoldCount, Outlier, Preview
from gridhall.columns.plausible import judge_uses
from gridhall.customers import public as customers
from gridhall.rules import plausible

SLICE_ACCOUNTS = 25_000
OUTLIERS_MOST = 200


def stretches(run_id: int, period: int, unit_ids: Sequence[int], issued_on: date) -> list[Stretch]:
    """The accounts of the units in stretches of about SLICE_ACCOUNTS each, in order."""
    return [
        Stretch(run_id, period, unit_id, first, last, issued_on)
        for unit_id in unit_ids
        for first, last in customers.account_stretches(unit_id, SLICE_ACCOUNTS)
    ]


def look(period: int, unit_ids: Sequence[int], issued_on: date, moment: datetime) -> Preview:
    """Decide everything and write nothing."""
    totals: list[ClassTotal] = []
    holds: Counter[tuple[int, str]] = Counter()
    outliers: list[Outlier] = []
    already: Counter[int] = Counter()
    terms = terms_on(issued_on)
    for stretch in stretches(0, period, unit_ids, issued_on):
        decided = decide(gather(stretch))
        totals += _totals(stretch.unit_id, decided)
        holds.update((stretch.unit_id, each.reason) for each in decided.held)
        outliers += _outliers(stretch.unit_id, decided, terms) + _held_outliers(stretch.unit_id, decided)
        outliers = sorted(outliers, key=_weight, reverse=True)[:OUTLIERS_MOST]
        already[stretch.unit_id] += decided.already
    counted = tuple(HoldCount(unit, reason, count) for (unit, reason), count in sorted(holds.items()))
    return Preview(_added(totals), counted, tuple(outliers), already.total(), moment, tuple(sorted((+already).items())))


def of_units(preview: Preview, sees: Callable[[int], bool]) -> Preview:
    """What of a preview lies in the units that somebody sees."""
    already = tuple(each for each in preview.already_by_unit if sees(each[0]))
    return replace(
        preview,
        totals=tuple(each for each in preview.totals if sees(each.unit_id)),
        holds=tuple(each for each in preview.holds if sees(each.unit_id)),
        outliers=tuple(each for each in preview.outliers if sees(each.unit_id)),
        already_billed=sum(count for _, count in already),
        already_by_unit=already,
    )


def _totals(unit_id: int, decided: Decided) -> list[ClassTotal]:
    found = []
    classes, past = decided.bills["class_code"], decided.past
    for code in np.unique(classes).tolist():
        mine = classes == code
        month, year = mine & (past.month_days > 0), mine & (past.year_days > 0)
        found.append(
            ClassTotal(
                unit_id=unit_id, class_code=code, bills=int(mine.sum()),
                wh=int(decided.bills["wh"][mine].sum()), amount=int(decided.bills["amount"][mine].sum()),
                last_month_bills=int(month.sum()), last_month_wh=int(past.month_wh[month].sum()),
                last_month_amount=int(past.month_amount[month].sum()),
                last_year_bills=int(year.sum()), last_year_wh=int(past.year_wh[year].sum()),
                last_year_amount=int(past.year_amount[year].sum()),
            )
        )  # fmt: skip
    return found


def _added(totals: list[ClassTotal]) -> tuple[ClassTotal, ...]:
    """One row for each unit and class."""
    sums: dict[tuple[int, int], Counter[str]] = {}
    for each in totals:
        row = sums.setdefault((each.unit_id, each.class_code), Counter())
        for name, value in asdict(each).items():
            if name not in ("unit_id", "class_code"):
                row[name] += value
    return tuple(ClassTotal(unit_id=unit, class_code=code, **row) for (unit, code), row in sorted(sums.items()))


def _outliers(unit_id: int, decided: Decided, terms: BillTerms) -> list[Outlier]:
    """Bills that will be issued, though they stand out."""
    bills, past = decided.bills, decided.past
    days = np.maximum(bills["to_on"] - bills["from_on"], 1)
    rate = bills["wh"] // days
    highest, lowest = extremes(past)
    floor = by_class(terms.floor_wh_a_day, bills["class_code"]) // 3
    far = limits(terms.outlier_high_permille, terms.outlier_low_permille, floor)
    verdict = judge_uses(bills["wh"], rate, highest, lowest, far)
    high = verdict == plausible.TOO_HIGH
    found = []
    for k in np.flatnonzero(verdict != plausible.BELIEVED).tolist():
        nearest = int(highest[k]) if high[k] else int(lowest[k])
        found.append(
            Outlier(
                account_id=int(bills["account_id"][k]), agreement_id=int(bills["agreement_id"][k]), unit_id=unit_id,
                class_code=int(bills["class_code"][k]), wh=int(bills["wh"][k]), amount=int(bills["amount"][k]),
                days=int(days[k]), last_month_wh=int(past.month_wh[k]), last_month_amount=int(past.month_amount[k]),
                last_year_wh=int(past.year_wh[k]), last_year_amount=int(past.year_amount[k]),
                change_permille=int(rate[k]) * 1000 // max(nearest, 1), held=False,
            )
        )  # fmt: skip
    return found


def _held_outliers(unit_id: int, decided: Decided) -> list[Outlier]:
    """Those that will be held for their use; they have no amount, since they are not rated."""
    found = []
    for each in decided.held:
        if each.reason not in (reasons.TOO_HIGH, reasons.TOO_LOW, reasons.NEGATIVE):
            continue
        past_wh = each.detail["last_month_wh"] or each.detail["last_year_wh"]
        found.append(
            Outlier(
                account_id=each.account_id, agreement_id=each.agreement_id, unit_id=unit_id, class_code=0,
                wh=each.detail["wh"], amount=0, days=each.detail["days"],
                last_month_wh=each.detail["last_month_wh"], last_month_amount=0,
                last_year_wh=each.detail["last_year_wh"], last_year_amount=0,
                change_permille=each.detail["wh"] * 1000 // max(past_wh, 1), held=True,
            )
        )  # fmt: skip
    return found


def _weight(outlier: Outlier) -> tuple[bool, int]:
    """Held ones first, then by how much energy they are away from last month (or last year)."""
    return outlier.held, abs(outlier.wh - (outlier.last_month_wh or outlier.last_year_wh))


def as_json(preview: Preview) -> dict[str, Any]:
    return asdict(preview) | {"seen_at": preview.seen_at.isoformat()}


def from_json(kept: dict[str, Any]) -> Preview | None:
    """The preview as it was kept with its run; None where the run has none."""
    if not kept:
        return None
    return Preview(
        totals=tuple(ClassTotal(**each) for each in kept["totals"]),
        holds=tuple(HoldCount(**each) for each in kept["holds"]),
        outliers=tuple(Outlier(**each) for each in kept["outliers"]),
        already_billed=kept["already_billed"],
        seen_at=datetime.fromisoformat(kept["seen_at"]),
        already_by_unit=tuple((unit, count) for unit, count in kept.get("already_by_unit", ())),
    )
