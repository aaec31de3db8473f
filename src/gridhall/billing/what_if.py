"""What a tariff version does to every customer: the stored uses of issued bills, rated on it. Nothing is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from django.db import connection

from gridhall.billing.difference import plan_of
from gridhall.billing.on_version import rated_on
from gridhall.billing.stored import StoredBills, stored_bills
from gridhall.columns.rating import rate_amounts
from gridhall.kernel.refusal import Refusal
from gridhall.rules.other_plan import cut_for, lacking
from gridhall.rules.plan import FACT_NAMES, rate_with
from gridhall.tariffs import public as tariffs

Ints = npt.NDArray[np.int64]
Progress = Callable[[int, int], None]

ACCOUNTS_AT_ONCE = 200_000  # bounds the memory: about 150 MB
# The first account of each stretch of a month's bills.
STRETCHES = """
SELECT min(account_id) FROM (
    SELECT account_id, ntile(
        (SELECT 1 + count(*) / %(size)s FROM bill WHERE period = %(period)s AND state = 1)::integer
    ) OVER (ORDER BY account_id) AS tile
    FROM bill WHERE period = %(period)s AND state = 1
) tiled GROUP BY tile ORDER BY 1
"""

# Bounds of the distribution: change in thousandths of what is paid now. A customer of nothing counts as unchanged.
BOUNDS = (-200, -100, -50, -20, 0, 20, 50, 100, 200)
TOP = 100


@dataclass(frozen=True)
class WhatIfRows:
    """One row per account, sorted by it, int64: what its bills came to and what they would come to (minor units)."""

    account_id: Ints
    unit_id: Ints
    area_id: Ints
    class_code: Ints
    wh: Ints
    before: Ints
    after: Ints

    def __len__(self) -> int:
        return len(self.account_id)

    @property
    def change(self) -> Ints:
        return self.after - self.before


@dataclass(frozen=True)
class Bin:
    """Customers whose bills change by more than `above` up to `upto` thousandths; None: without end.

    The bin of 0 to 0 holds those whose bills do not change at all.
    """

    above: int | None
    upto: int | None
    customers: int
    change: int


@dataclass(frozen=True)
class GroupTotal:
    """What the version does to a group (an area, a class, a unit)."""

    key: int
    customers: int
    winners: int
    losers: int
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class AccountChange:
    account_id: int
    wh: int
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class WhatIf:
    """What a version does: totals, distribution, groups, the customers it changes most, and every row.

    `winners` pay less, `losers` more. `not_rated`: bills that the version cannot rate (registers it does not price);
    they count nowhere else. `lacking`: facts that the version charges by and that none of the bills tells
    (rules.other_plan); `after` is too little by what they would have come to.
    """

    version_id: int
    periods: tuple[int, ...]
    bills: int
    not_rated: int
    total: GroupTotal
    won: int
    lost: int
    bins: tuple[Bin, ...]
    by_class: tuple[GroupTotal, ...]
    by_area: tuple[GroupTotal, ...]
    by_unit: tuple[GroupTotal, ...]
    most_less: tuple[AccountChange, ...]
    most_more: tuple[AccountChange, ...]
    rows: WhatIfRows
    lacking: tuple[str, ...] = ()

    @property
    def equal(self) -> int:
        return self.total.customers - self.total.winners - self.total.losers


def what_if(
    version_id: int,
    periods: Sequence[int],
    *,
    from_tariffs: Sequence[str] | None = (),
    unit_ids: Sequence[int] | None = None,
    account_ids: Sequence[int] | None = None,
    area_ids: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """Rate the issued bills of these periods on a version, as if it had been in force, and lay both side by side.

    The bills are those on the version's own tariff, or on `from_tariffs` (for a tariff that nobody has yet; None: on
    any); of `unit_ids`, `area_ids` or of `account_ids` alone where given. A million bills take some seconds. Refuses
    unknown_version, unknown_tariff, bad_period (no periods).
    """
    plan = plan_of(version_id)
    if not periods:
        raise Refusal("bad_period", "Name at least one billing period.", "请至少指定一个账期。", field="period")
    own = _versions_of(None if from_tariffs is None else from_tariffs or (plan.tariff,))
    work = [(period, first, last) for period in periods for first, last in _stretches(period)]
    gathered: WhatIfRows | None = None
    bills = not_rated = 0
    told: set[str] = set()
    for done, (period, first, last) in enumerate(work, 1):
        stored = stored_bills(period, first=first, last=last, units=unit_ids, plans=own)
        wanted = _wanted(stored, account_ids, area_ids)
        rows, failed = _rated_on(plan, own, stored, wanted)
        told |= _told(stored, wanted) if lacking(plan.table, told) else set()
        bills, not_rated = bills + len(rows), not_rated + failed
        gathered = rows if gathered is None else _added(gathered, rows)
        if progress is not None:
            progress(done, len(work))
    if gathered is None:
        gathered = WhatIfRows(*(np.zeros(0, np.int64) for _ in range(7)))
    found = _report(version_id, tuple(periods), bills, not_rated, _added(gathered, None))
    return replace(found, lacking=tuple(sorted(lacking(plan.table, told))) if bills else ())


def _versions_of(codes: Sequence[str] | None) -> list[int]:
    known = tariffs.version_ids(codes)
    for code in codes or ():
        if code not in known:
            raise Refusal(
                "unknown_tariff", f"There is no tariff {code}.", f"没有电价 {code}。", field="tariff", value=code
            )
    return [version for versions in known.values() for version in versions]


def _stretches(period: int) -> list[tuple[int, int]]:
    """(first, last) account of each part of a month's bills, both included."""
    with connection.cursor() as cursor:
        cursor.execute(STRETCHES, {"period": period, "size": ACCOUNTS_AT_ONCE})
        firsts = [int(first) for (first,) in cursor.fetchall()]
    return [(first, after - 1) for first, after in zip(firsts, [*firsts[1:], 2**62][: len(firsts)], strict=True)]


def _wanted(
    stored: StoredBills, account_ids: Sequence[int] | None, area_ids: Sequence[int] | None
) -> npt.NDArray[np.bool_]:
    wanted = np.ones(len(stored), np.bool_)
    for ids, column in ((account_ids, stored.account_id), (area_ids, stored.area_id)):
        if ids is not None:
            wanted &= np.isin(column, np.array(ids, np.int64))
    return wanted


def _told(stored: StoredBills, wanted: npt.NDArray[np.bool_]) -> set[str]:
    """The facts that some segment of the bills has."""
    mine = wanted[stored.segments.bill]
    return {name for name in FACT_NAMES if bool((getattr(stored.segments, name)[mine] != 0).any())}


def _rated_on(
    plan: tariffs.CompiledPlan, own: Sequence[int], stored: StoredBills, wanted: npt.NDArray[np.bool_]
) -> tuple[WhatIfRows, int]:
    """The bills (one row each) as they were and on the plan; and how many the plan cannot rate, or their own cannot
    rate again."""
    old = rate_amounts(stored.plans(), stored.segments, len(stored))
    new = rated_on(plan, own, stored)
    rates = (old.fault == 0) & (new.fault == 0)
    good = wanted & rates
    failed = int(np.count_nonzero(wanted & ~rates))
    # what was settled outside the prices stays as it is
    after = stored.amount + new.bill_amount - old.bill_amount
    columns = (stored.account_id, stored.unit_id, stored.area_id, stored.class_code, new.bill_wh, stored.amount, after)
    return WhatIfRows(*(column[good] for column in columns)), failed


def _added(one: WhatIfRows, other: WhatIfRows | None) -> WhatIfRows:
    """Rows added up by account; where an account belongs, the later rows say."""
    parts = [one] if other is None else [one, other]
    account = np.concatenate([part.account_id for part in parts])
    accounts, at = np.unique(account, return_inverse=True)
    found: dict[str, Ints] = {"account_id": accounts}
    for name in ("unit_id", "area_id", "class_code"):
        found[name] = np.zeros(len(accounts), np.int64)
        found[name][at] = np.concatenate([getattr(part, name) for part in parts])
    for name in ("wh", "before", "after"):
        found[name] = np.zeros(len(accounts), np.int64)
        np.add.at(found[name], at, np.concatenate([getattr(part, name) for part in parts]))
    return WhatIfRows(**found)


def _report(version_id: int, periods: tuple[int, ...], bills: int, not_rated: int, rows: WhatIfRows) -> WhatIf:
    change = rows.change
    order = np.argsort(change, kind="stable")
    less = [k for k in order[:TOP].tolist() if change[k] < 0]
    more = [k for k in order[::-1][:TOP].tolist() if change[k] > 0]
    (total,) = _groups(np.zeros(len(rows), np.int64), rows) or (GroupTotal(0, 0, 0, 0, 0, 0),)
    return WhatIf(
        version_id=version_id, periods=periods, bills=bills, not_rated=not_rated, total=total,
        won=int(change[change < 0].sum()), lost=int(change[change > 0].sum()), bins=_bins(rows),
        by_class=_groups(rows.class_code, rows), by_area=_groups(rows.area_id, rows),
        by_unit=_groups(rows.unit_id, rows), most_less=_accounts(rows, less), most_more=_accounts(rows, more),
        rows=rows,
    )  # fmt: skip


def _accounts(rows: WhatIfRows, places: Sequence[int]) -> tuple[AccountChange, ...]:
    return tuple(
        AccountChange(int(rows.account_id[k]), int(rows.wh[k]), int(rows.before[k]), int(rows.after[k])) for k in places
    )


def _groups(keys: Ints, rows: WhatIfRows) -> tuple[GroupTotal, ...]:
    found, at = np.unique(keys, return_inverse=True)
    change = rows.change

    def counted(which: npt.NDArray[np.bool_]) -> Ints:
        return np.bincount(at[which], minlength=len(found))

    sums = []
    for values in (rows.before, rows.after):
        added = np.zeros(len(found), np.int64)
        np.add.at(added, at, values)
        sums.append(added)
    columns = (found, np.bincount(at, minlength=len(found)), counted(change < 0), counted(change > 0), *sums)
    return tuple(GroupTotal(*(int(column[k]) for column in columns)) for k in range(len(found)))


def _bins(rows: WhatIfRows) -> tuple[Bin, ...]:
    """The distribution: bounds belong to the bin nearer to nothing; those who do not change have a bin of their own."""
    change = rows.change
    base = np.maximum(np.abs(rows.before), 1)
    # compared as products, so that no rounding moves a customer over a bound: change × 1000 against bound × before
    places = np.zeros(len(rows), np.int64)
    for bound in BOUNDS:
        beyond = change * 1000 > bound * base if bound >= 0 else change * 1000 >= bound * base
        places += beyond
    middle = BOUNDS.index(0)
    same = change == 0
    falling = ~same & (places <= middle)
    edges: list[tuple[int | None, int | None, npt.NDArray[np.bool_]]] = []
    for k in range(len(BOUNDS) + 1):
        low, high = BOUNDS[k - 1] if k else None, BOUNDS[k] if k < len(BOUNDS) else None
        if k == middle + 1:
            edges.append((0, 0, same))
        mine = (places == k) & (falling if k <= middle else ~same & ~falling)
        edges.append((low, high, mine))
    return tuple(Bin(low, high, int(mine.sum()), int(change[mine].sum())) for low, high, mine in edges)


@dataclass(frozen=True)
class ComponentChange:
    """What a component of a bill comes to now and on the version tried (minor units)."""

    name_en: str
    name_zh: str
    before: int
    after: int


def components_on(version_id: int, account_id: int, period: int) -> tuple[ComponentChange, ...]:
    """An account's issued bills of a period component by component, as rated and on a version; empty where there is
    none or the version cannot rate it. Components are found by their key. Refuses unknown_version.
    """
    plan = plan_of(version_id)
    stored = stored_bills(period, first=account_id, last=account_id)
    used = list(dict.fromkeys(stored.plan_ids.tolist()))
    plans = [tariffs.plan(version) for version in used]
    facts = [
        {name: int(getattr(stored.segments, name)[i]) for name in FACT_NAMES}
        | {"plan": used.index(int(stored.plan_ids[i]))}
        for i in range(len(stored.segments))
    ]
    sums: dict[str, list[int]] = {}
    names: dict[str, tuple[str, str]] = {}
    for bill in range(len(stored)):
        mine = [piece for piece in facts if piece["bill"] == bill]
        pieces = [piece | {"plan": 0} for segment in mine for piece in cut_for(plan.table, segment)]
        for side, owners, segments in ((0, plans, mine), (1, [plan], pieces)):
            rated = rate_with(owners, segments)
            if rated.fault:
                return ()
            for line in rated.lines:
                words = owners[segments[line.segment]["plan"]].components[line.component]
                names[words.key] = (words.name_en, words.name_zh)
                sums.setdefault(words.key, [0, 0])[side] += line.amount
    return tuple(ComponentChange(*names[key], before, after) for key, (before, after) in sums.items())
