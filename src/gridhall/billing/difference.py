"""Two runs, or one period on two tariff versions, side by side."""

from collections.abc import Sequence

import numpy as np
from django.db import connection

from gridhall.billing.models import BillRun
from gridhall.billing.on_version import rated_on
from gridhall.billing.stored import stored_bills
from gridhall.billing.views import Difference, DifferenceReport
from gridhall.kernel.refusal import Refusal
from gridhall.tariffs import public as tariffs

# The issued bills of two runs by agreement; a run's bills lie in the partition of its period.
RUNS = """
SELECT COALESCE(a.account_id, b.account_id), COALESCE(a.agreement_id, b.agreement_id), COALESCE(a.unit_id, b.unit_id),
    COALESCE(a.class_code, b.class_code), COALESCE(a.wh, 0), COALESCE(a.amount, 0), COALESCE(b.wh, 0),
    COALESCE(b.amount, 0)
FROM (
    SELECT * FROM bill WHERE period = %(period_a)s AND run_id = %(run_a)s AND state = 1
        AND (%(units)s::int[] IS NULL OR unit_id = ANY (%(units)s))
) a
FULL JOIN (
    SELECT * FROM bill WHERE period = %(period_b)s AND run_id = %(run_b)s AND state = 1
        AND (%(units)s::int[] IS NULL OR unit_id = ANY (%(units)s))
) b USING (agreement_id)
WHERE a.amount IS DISTINCT FROM b.amount OR a.wh IS DISTINCT FROM b.wh
ORDER BY abs(COALESCE(b.amount, 0) - COALESCE(a.amount, 0)) DESC, 1
"""
# Bills of either side, and the money of each.
RUN_TOTALS = """
SELECT count(*), COALESCE(sum(a.amount), 0)::bigint, COALESCE(sum(b.amount), 0)::bigint
FROM (
    SELECT agreement_id, amount FROM bill WHERE period = %(period_a)s AND run_id = %(run_a)s AND state = 1
        AND (%(units)s::int[] IS NULL OR unit_id = ANY (%(units)s))
) a
FULL JOIN (
    SELECT agreement_id, amount FROM bill WHERE period = %(period_b)s AND run_id = %(run_b)s AND state = 1
        AND (%(units)s::int[] IS NULL OR unit_id = ANY (%(units)s))
) b USING (agreement_id)
"""


def difference_of_runs(run_a: int, run_b: int, unit_ids: Sequence[int] | None = None) -> DifferenceReport:
    """The issued bills of two runs side by side, agreement by agreement, the largest difference first.

    With `unit_ids`, rows and totals are of those units alone. Refuses unknown_run.
    """
    periods = dict(BillRun.objects.filter(pk__in=(run_a, run_b)).values_list("pk", "period"))
    for wanted in (run_a, run_b):
        if wanted not in periods:
            raise Refusal("unknown_run", f"There is no bill run {wanted}.", f"没有出账任务 {wanted}。")
    parameters = {
        "run_a": run_a, "run_b": run_b, "period_a": periods[run_a], "period_b": periods[run_b],
        "units": None if unit_ids is None else list(unit_ids),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RUNS, parameters)
        rows = tuple(Difference(*row) for row in cursor.fetchall())
        cursor.execute(RUN_TOTALS, parameters)
        bills, before, after = cursor.fetchone()
    return DifferenceReport(f"run:{run_a}", f"run:{run_b}", bills, bills - len(rows), before, after, rows)


def difference_of_versions(
    period: int, version_a: int, version_b: int, unit_ids: Sequence[int] | None = None
) -> DifferenceReport:
    """The issued bills of a period on the tariff of the two versions, rated on each of them. Nothing is written.

    Where a bill has several segments, those on any version of this tariff are rated on the version looked at. Bills
    that one of the two cannot rate are counted in `not_rated` and nowhere else. Refuses
    unknown_version, other_tariff (the two are not versions of one tariff).
    """
    plans = [plan_of(version) for version in (version_a, version_b)]
    if plans[0].tariff != plans[1].tariff:
        raise Refusal("other_tariff", "The two versions are of different tariffs.", "两个版本不属于同一电价。")
    own = [each.version_id for each in tariffs.versions(plans[0].tariff)]
    bills = stored_bills(period, units=unit_ids, plans=own)
    rated = [rated_on(plan, own, bills) for plan in plans]
    good = (rated[0].fault == 0) & (rated[1].fault == 0)
    amounts, energies = [each.bill_amount for each in rated], [each.bill_wh for each in rated]
    changed = np.flatnonzero(good & (amounts[0] != amounts[1]))
    changed = changed[np.argsort(-np.abs(amounts[1][changed] - amounts[0][changed]), kind="stable")]
    rows = tuple(
        Difference(
            int(bills.account_id[k]), int(bills.agreement_id[k]), int(bills.unit_id[k]), int(bills.class_code[k]),
            int(energies[0][k]), int(amounts[0][k]), int(energies[1][k]), int(amounts[1][k]),
        )
        for k in changed.tolist()
    )  # fmt: skip
    return DifferenceReport(
        f"version:{version_a}", f"version:{version_b}", int(good.sum()), int(good.sum()) - len(rows),
        int(amounts[0][good].sum()), int(amounts[1][good].sum()), rows, int(len(bills) - good.sum()),
    )  # fmt: skip


def plan_of(version: int) -> tariffs.CompiledPlan:
    """The plan of a version, a draft too. Refuses unknown_version."""
    try:
        return tariffs.plan(version)
    except LookupError:
        raise Refusal(
            "unknown_version", f"There is no tariff version {version}.", f"没有电价版本 {version}。", value=str(version)
        ) from None
