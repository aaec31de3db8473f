"""Reading suspense: the items that wait, what was done about them, and what it comes to by age."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from gridhall.customers.public import AccountHead
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.payments.matching import propose
from gridhall.payments.refusals import refusal
from gridhall.payments.statement_data import ActView, Proposal, SuspenseView
from gridhall.payments.statement_models import SuspenseAct

SUSPENSE_SQL = Path(__file__).with_name("sql").joinpath("suspense.sql").read_text()

WORD_LEAST = 2  # characters of a search

AGES = (7, 30, 90)  # days: up to so many, and beyond

SUMS_SQL = """
SELECT unit_id, open > 0, (%(today)s - "on"), count(*), sum(open)::bigint
FROM payments_suspenseitem WHERE open <> 0 AND (%(all)s OR unit_id = ANY(%(units)s))
GROUP BY unit_id, open > 0, (%(today)s - "on")
"""


@dataclass(frozen=True)
class SuspenseSum:
    """Open money of one side by age: `upto` days (0: older than the last of AGES), how many items, how much."""

    came: bool
    upto: int
    count: int
    amount: int


def suspense(
    unit_ids: Iterable[int] | None = None, *, open_only: bool = True, statement_id: int = 0, word: str = "",
    amount: int = 0, limit: int = 200,
) -> list[SuspenseView]:  # fmt: skip
    """Money in suspense of some units (None: all), the oldest first. `word` is looked for in what payer and bank say;
    `amount` (minor units) finds items of that size as well."""
    units = None if unit_ids is None else list(unit_ids)
    word = word.strip()[:80] if len(word.strip()) >= WORD_LEAST else ""
    like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return _items(
        {"all": units is None, "units": units or [], "ids": None, "open": open_only, "statement": statement_id,
         "word": word, "like": like, "exact": amount or -1, "limit": limit}
    )  # fmt: skip


def items_by_id(ids: Iterable[int]) -> dict[int, SuspenseView]:
    """Items by id, whatever their unit and state."""
    wanted = list(ids)
    asked = {
        "all": True, "units": [], "ids": wanted, "open": False, "statement": 0, "word": "", "like": "", "exact": -1,
        "limit": len(wanted),
    }  # fmt: skip
    return {each.id: each for each in _items(asked)}


def item_within(actor: Actor, item_id: int) -> SuspenseView:
    """An item. Refuses unknown_item, also for one of a unit that is not the actor's."""
    found = items_by_id([item_id]).get(item_id)
    if found is None or not actor.sees_unit(found.unit_id):
        raise refusal("unknown_item", field="item", value=item_id)
    return found


def _items(asked: dict[str, Any]) -> list[SuspenseView]:
    with connection.cursor() as cursor:
        cursor.execute(SUSPENSE_SQL, asked)
        return [SuspenseView(*row) for row in cursor.fetchall()]


def acts_of(item_ids: Iterable[int]) -> dict[int, list[ActView]]:
    """What was or is to be done about items, the latest first, by item."""
    found: dict[int, list[ActView]] = {}
    for each in SuspenseAct.objects.filter(item_id__in=list(item_ids)).order_by("-pk"):
        found.setdefault(each.item_id, []).append(act_view(each))
    return found


def waiting_acts(unit_ids: Iterable[int] | None = None, limit: int = 200) -> list[ActView]:
    """What waits for a second person, of some units (None: all), the oldest first."""
    found = SuspenseAct.objects.filter(state="asked").order_by("pk")
    if unit_ids is not None:
        found = found.filter(item__unit_id__in=list(unit_ids))
    return [act_view(each) for each in found[:limit]]


def proposals(items: Iterable[SuspenseView]) -> dict[int, list[Proposal]]:
    """Accounts that the free money of items may be meant for, by item, the surest first."""
    return proposals_with_accounts(items)[0]


def proposals_with_accounts(
    items: Iterable[SuspenseView], also: Iterable[int] = ()
) -> tuple[dict[int, list[Proposal]], Mapping[int, AccountHead]]:
    """`proposals`, and what the accounts in them and in `also` are called: six queries at most, however many."""
    return propose([each for each in items if each.free > 0], also)


def suspense_sums(unit_ids: Iterable[int] | None = None, today: date | None = None) -> list[SuspenseSum]:
    """Open money in suspense of some units (None: all) by side and age."""
    units = None if unit_ids is None else list(unit_ids)
    with connection.cursor() as cursor:
        cursor.execute(SUMS_SQL, {"today": today or clock.today(), "all": units is None, "units": units or []})
        rows = cursor.fetchall()
    sums: dict[tuple[bool, int], tuple[int, int]] = {}
    for _, came, days, count, amount in rows:
        upto = next((most for most in AGES if days <= most), 0)
        before = sums.get((came, upto), (0, 0))
        sums[came, upto] = (before[0] + count, before[1] + amount)
    return [
        SuspenseSum(came, upto, *sums[came, upto])
        for came in (True, False)
        for upto in (*AGES, 0)
        if (came, upto) in sums
    ]


def act_view(found: SuspenseAct) -> ActView:
    """The act as a frozen value."""
    return ActView(
        found.pk, found.item_id, found.kind, found.amount, found.state, found.account_id, found.payment_no,
        found.other_id, found.confirms, found.points, found.note, found.made_by, found.made_by_name, found.made_at,
        found.decided_by_name, found.decided_at,
    )  # fmt: skip
