"""Clearing money in suspense towards customers: one item or many, to one account or several, through `receive`.

What leaves suspense and what the account gets stand in one transaction. The money goes back to 1002 of the unit that
kept it, and the payment takes it from 1002 of the customer's unit: the bank account is the company's, its balance is
kept by unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from gridhall.columns.arrays import column_cursor
from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor, system
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import SuspenseMove, guard_periods, in_order, post_suspense_cleared, prepare_movements
from gridhall.payments.admitting import value_days
from gridhall.payments.data import PaymentIn, Receipt
from gridhall.payments.matching import certain
from gridhall.payments.models import DOOR_STATEMENT, TRANSFER
from gridhall.payments.partner_models import DayReconciliation
from gridhall.payments.receiving import receive
from gridhall.payments.refusals import refusal
from gridhall.payments.statement_data import Matched, SuspenseView
from gridhall.payments.statement_models import BankAccount, SuspenseAct, SuspenseItem
from gridhall.payments.statements import first_open_day
from gridhall.payments.suspense_queries import item_within, items_by_id, proposals, suspense

AT_ONCE = 500  # items that are matched, locked and booked together

PARTS_MOST = 50


@dataclass(frozen=True)
class Part:
    """What an account gets of an item, minor units; `points` as proposed, 0 where a person chose."""

    item_id: int
    account_id: int
    amount: int
    points: int = 0


def prepare_days(since: date) -> None:
    """The partitions for movements from a day on to today. Call before the transaction."""
    today = clock.today()
    year, month = max(since, value_days(today)[0]).year, max(since, value_days(today)[0]).month
    while (year, month) <= (today.year, today.month):
        prepare_movements(year * 100 + month)
        year, month = year + month // 12, month % 12 + 1


def accept(actor: Actor, item_id: int, parts: Sequence[tuple[str, int]], note: str = "") -> list[Receipt]:
    """Give money in suspense to one account, or to several; what is left of it stays. All parts or none.

    `parts`: (customer number, minor units). Refuses: not_allowed, unknown_item, wrong_side, no_parts, account_twice,
    unknown_account (row: the part), amount_not_positive, more_than_free, day_not_settled, and what `receive` refuses.
    """
    actor.require("tills.all")
    item = item_within(actor, item_id)
    if not 1 <= len(parts) <= PARTS_MOST:
        raise refusal("no_parts", field="parts")
    ids = customers.account_ids({number for number, _ in parts})
    wanted: list[Part] = []
    for row, (number, amount) in enumerate(parts):
        if number not in ids:
            raise refusal("unknown_account", field="account_number", row=row, value=number)
        if amount <= 0:
            raise refusal("amount_not_positive", field="amount", row=row, value=amount)
        if any(each.account_id == ids[number] for each in wanted):
            raise refusal("account_twice", field="account_number", row=row, value=number)
        wanted.append(Part(item_id, ids[number], amount))
    prepare_days(item.value_on)

    def book() -> list[Receipt]:
        answers = _book(actor, wanted, note, strict=True)
        return [each for each in answers if isinstance(each, Receipt)]

    return in_order(book)


def match_suspense(actor: Actor, statement_id: int = 0, unit_ids: Sequence[int] | None = None) -> Matched:
    """Match the money that came in and waits, of one statement or of all, and book what is certain enough for its bank
    account (`post_points`); the rest stays, and so does what other units than the actor's keep. Killed in between, it
    is simply asked again.

    Refuses: not_allowed.
    """
    actor.require("tills.all")
    limits = dict(BankAccount.objects.values_list("id", "post_points"))
    waiting = [
        each.id
        for each in suspense(unit_ids, statement_id=statement_id, limit=1_000_000)
        if each.free > 0
        and each.bank_account_id in limits
        and each.free == each.amount
        and actor.sees_unit(each.unit_id)
    ]
    posted = amount = 0
    for start in range(0, len(waiting), AT_ONCE):
        done = _match(actor, waiting[start : start + AT_ONCE], limits)
        posted += len(done)
        amount += sum(each.amount for each in done)
    return Matched(len(waiting), posted, amount)


def _match(actor: Actor, item_ids: Sequence[int], limits: Mapping[int, int]) -> list[Receipt]:
    items = items_by_id(item_ids)
    found = proposals(items.values())
    SuspenseItem.objects.filter(pk__in=item_ids).update(looked_at=clock.now())
    wanted = []
    for item_id, some in sorted(found.items()):
        best = certain(some, limits[items[item_id].bank_account_id])
        if best is not None:
            wanted += [Part(item_id, account, amount, best.points) for account, amount in best.parts]
    if not wanted:
        return []
    prepare_days(min(items[each.item_id].value_on for each in wanted))
    answers = in_order(lambda: _book(actor, _whole(wanted), "", strict=False))
    return [each for each in answers if isinstance(each, Receipt)]


def _whole(wanted: Sequence[Part]) -> list[Part]:
    """Only items that go to one account: what is split is looked at by a person."""
    several = {each.item_id for each in wanted if sum(other.item_id == each.item_id for other in wanted) > 1}
    return [each for each in wanted if each.item_id not in several]


def _book(actor: Actor, wanted: Sequence[Part], note: str, *, strict: bool) -> list[Receipt | Refusal]:
    """Book parts in the open transaction: periods, then items, then accounts are held in that order. `strict`: a
    refusal ends all; else its item is left as it is."""
    closed = guard_periods(connection.connection)
    held = _hold({each.item_id for each in wanted})
    good = [each for each in wanted if _may(each, held, strict)]
    if not good:
        return []
    if strict and sum(each.amount for each in good) > held[good[0].item_id].free:
        raise refusal("more_than_free", field="amount", value=sum(each.amount for each in good))
    made = _acts(actor, good, note)
    payments = _payments(good, made, held, closed)
    answers = receive(system("statement", actor.name), payments)
    booked = [
        (act, part, payment, answer)
        for act, part, payment, answer in zip(made, good, payments, answers, strict=True)
        if isinstance(answer, Receipt)
    ]
    if strict and len(booked) < len(good):
        raise next(each for each in answers if isinstance(each, Refusal))
    refused = [act.pk for act, answer in zip(made, answers, strict=True) if isinstance(answer, Refusal)]
    SuspenseAct.objects.filter(pk__in=refused).delete()
    moves = []
    for act, part, payment, answer in booked:
        act.payment_no, act.state, act.posted_on = answer.payment_no, "done", payment.value_on
        held_item = held[part.item_id]
        moves.append(SuspenseMove(act.pk, held_item.unit_id, part.amount, payment.value_on or clock.today()))
    SuspenseAct.objects.bulk_update([act for act, *_ in booked], ["payment_no", "state", "posted_on"])
    post_suspense_cleared(column_cursor(connection.connection), moves)
    take_open([(part.item_id, part.amount) for _, part, *_ in booked])
    audit.record_many(
        actor, "suspense.pay",
        [
            (f"suspense:{part.item_id}", None,
             {"account": part.account_id, "payment": answer.payment_no, "amount": part.amount, "points": part.points},
             note)
            for _, part, _, answer in booked
        ],
    )  # fmt: skip
    return answers


def _hold(item_ids: set[int]) -> dict[int, SuspenseView]:
    """The items, held in the order of their ids."""
    list(SuspenseItem.objects.select_for_update().filter(pk__in=item_ids).order_by("pk").values_list("pk"))
    return items_by_id(item_ids)


def _may(part: Part, held: Mapping[int, SuspenseView], strict: bool) -> bool:
    item = held[part.item_id]
    code = ""
    if item.amount < 0:
        code = "wrong_side"
    elif part.amount > item.free:
        code = "more_than_free"
    elif item.reconciliation_id and not is_settled(item.reconciliation_id):
        code = "day_not_settled"
    if code and strict:
        raise refusal(code, field="item", value=part.item_id)
    return not code


def is_settled(reconciliation_id: int) -> bool:
    """Whether the money of a reconciled day is at our bank."""
    return DayReconciliation.objects.filter(pk=reconciliation_id, state="settled").exists()


def _acts(actor: Actor, parts: Sequence[Part], note: str) -> list[SuspenseAct]:
    moment = clock.now()
    return SuspenseAct.objects.bulk_create(
        SuspenseAct(
            item_id=each.item_id, kind="pay", amount=each.amount, state="booking", account_id=each.account_id,
            points=each.points, note=note[:300], made_by=actor.id, made_by_name=actor.name, made_at=moment,
        )
        for each in parts
    )  # fmt: skip


def _payments(
    parts: Sequence[Part], acts: Sequence[SuspenseAct], held: Mapping[int, SuspenseView], closed: Mapping[int, int]
) -> list[PaymentIn]:
    heads = customers.account_heads({each.account_id for each in parts})
    units = {account: head.unit_id for account, head in heads.items()}
    first, today = value_days(clock.today())
    made = []
    for part, act in zip(parts, acts, strict=True):
        item = held[part.item_id]
        least = max(first, first_open_day(max(closed.get(units[part.account_id], 0), closed.get(item.unit_id, 0))))
        made.append(
            PaymentIn(
                amount=part.amount, key=f"statement:{part.item_id}:{act.pk}", account_id=part.account_id,
                door=DOOR_STATEMENT, method=TRANSFER, value_on=min(max(item.value_on, least), today),
                reference=printable(" ".join(filter(None, (item.payer_name, item.bank_ref, item.text))))[:200],
            )
        )  # fmt: skip
    return made


def printable(text: str) -> str:
    """Text as a payment keeps it: what cannot be printed is a blank."""
    return "".join(char if char.isprintable() else " " for char in text)


def take_open(amounts: Sequence[tuple[int, int]]) -> None:
    """Lessen what is open of items by amounts of their own sign, in the open transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_SQL, [[item for item, _ in amounts], [amount for _, amount in amounts]])


TAKE_SQL = """
UPDATE payments_suspenseitem AS i SET open = i.open - taken.amount
FROM (
    SELECT item_id, sum(amount)::bigint AS amount
    FROM unnest(%s::bigint[], %s::bigint[]) AS t (item_id, amount) GROUP BY item_id
) AS taken
WHERE i.id = taken.item_id
"""
