"""Whose money it is: accounts that money in suspense may be meant for, with points (rules.transfer_match).

Facts are gathered for many items at once, the rule decides, and the answer is the same for the screen and for what is
booked without a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.ledger.public import ITEM_BILL, Owed, owed_of
from gridhall.payments.statement_data import Proposal, SuspenseView
from gridhall.payments.transfer_texts import Named, name_fit, named_in
from gridhall.rules.transfer_match import (
    ALL_OWED,
    BILL_NUMBER,
    CUSTOMER_NUMBER,
    NO_REFERENCE,
    SPLIT,
    amount_fit,
    match_points,
)

SPLIT_MOST = 12  # accounts that one transfer may pay together before a person must say so
ALIKE_MOST = 50  # accounts of one name that are looked at


@dataclass(frozen=True)
class _Facts:
    """What is known about the accounts that some transfers may be meant for."""

    by_number: Mapping[str, int]
    by_name: Mapping[str, Sequence[int]]
    heads: Mapping[int, customers.AccountHead]
    owed: Mapping[tuple[date, int], Owed]

    def owed_on(self, item: SuspenseView, account: int) -> Owed:
        """What an account owed on the day from which the money counts, its late charge up to that day."""
        return self.owed[item.value_on, account]


def propose(
    items: Sequence[SuspenseView], also: Iterable[int] = ()
) -> tuple[dict[int, list[Proposal]], Mapping[int, customers.AccountHead]]:
    """Proposals for money that came in, by item, the surest first; and what the accounts in them are called (and those
    in `also`, for who shows both)."""
    wanted = [each for each in items if each.amount > 0]
    named = {each.id: _named(each) for each in wanted}
    facts = _gather(wanted, named, frozenset(also))
    return {each.id: _proposals(each, named[each.id], facts) for each in wanted}, facts.heads


def _named(item: SuspenseView) -> list[Named]:
    named = named_in(item.text, item.virtual_account, item.virtual_prefix)
    if item.account_number and all(each.number != item.account_number for each in named):
        named.insert(0, Named(item.account_number, CUSTOMER_NUMBER))  # a bank's day tells it in a field of its own
    return named


def _gather(items: Sequence[SuspenseView], named: Mapping[int, Sequence[Named]], also: frozenset[int]) -> _Facts:
    numbers = {each.number for some in named.values() for each in some}
    by_number = customers.account_ids(numbers) if numbers else {}
    nameless = {each.payer_name for each in items if each.payer_name and not named[each.id]}
    by_name = customers.accounts_named(nameless) if nameless else {}
    by_day: dict[date, set[int]] = defaultdict(set)
    for each in items:
        by_day[each.value_on] |= {by_number[one.number] for one in named[each.id] if one.number in by_number}
        if not named[each.id]:
            by_day[each.value_on] |= set(by_name.get(each.payer_name, ())[:ALIKE_MOST])
    noon = time(12, tzinfo=clock.zone())
    owed = {
        (day, account): view
        for day, ids in by_day.items()
        for account, view in owed_of(ids, datetime.combine(day, noon)).items()
    }
    heads = customers.account_heads({account for _, account in owed} | also)
    return _Facts(by_number, by_name, heads, owed)


def _proposals(item: SuspenseView, named: Sequence[Named], facts: _Facts) -> list[Proposal]:
    known = [(each, facts.by_number[each.number]) for each in named if each.number in facts.by_number]
    if known:
        found = [_weigh(item, account, each.reference, len(known) - 1, facts, each) for each, account in known]
        found += _split(item, [account for _, account in known], facts)
    else:
        found = [] if named else _by_name(item, facts)
    return sorted((each for each in found if each.points > 0), key=lambda each: (-each.points, each.parts))


def _weigh(
    item: SuspenseView, account: int, reference: int, rivals: int, facts: _Facts, named: Named | None = None
) -> Proposal:
    owed, view = facts.owed_on(item, account), facts.heads[account]
    bills = [each for each in owed.items if each.kind == ITEM_BILL]
    if named is not None and named.reference == BILL_NUMBER:
        bills = [each for each in bills if (each.period, each.seq) == (named.period, named.seq)]
    fit = amount_fit(item.free, owed.total, any(item.free == each.open + each.late_now for each in bills))
    name = name_fit(item.payer_name, view.name)
    points = match_points(reference, fit, name, rivals, view.closed_on is not None)
    return Proposal(points, reference, fit, name, rivals, ((account, item.free),))


def _split(item: SuspenseView, accounts: Sequence[int], facts: _Facts) -> list[Proposal]:
    """All accounts that the text names together, where the amount is exactly what they owe."""
    owing = [account for account in accounts if facts.owed_on(item, account).total > 0]
    if not 2 <= len(owing) <= SPLIT_MOST or sum(facts.owed_on(item, account).total for account in owing) != item.free:
        return []
    parts = tuple((account, facts.owed_on(item, account).total) for account in owing)
    return [Proposal(SPLIT, CUSTOMER_NUMBER, ALL_OWED, 0, 0, parts)]


def _by_name(item: SuspenseView, facts: _Facts) -> list[Proposal]:
    """Accounts of the payer's name that owe exactly the amount."""
    same = facts.by_name.get(item.payer_name, ())[:ALIKE_MOST]
    fitting = [account for account in same if facts.owed_on(item, account).total == item.free]
    return [_weigh(item, account, NO_REFERENCE, len(fitting) - 1, facts) for account in fitting]


def certain(proposals: Iterable[Proposal], points_least: int) -> Proposal | None:
    """The one proposal that may be booked without a person: enough points, and none beside it has as many."""
    best = [each for each in proposals if each.points >= points_least]
    return best[0] if len(best) == 1 else None
