"""Bills put right: held ones released, wrong ones cancelled and made again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.models import Count

from gridhall.billing import recording, unit_lock
from gridhall.billing.facts import Stretch
from gridhall.billing.models import CANCELLED, ISSUED, Bill, BillHold, BillSegment, BillUse
from gridhall.billing.reasons import DOUBTS, sentence
from gridhall.billing.slices import bill_stretch
from gridhall.billing.views import BillKey, HoldView, Rebilled, Released, WaitingCount
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments

# Accounts whose ids are nearer to each other than this are billed in one stretch.
NEAR = 2000
OUTCOMES = ("accepted", "corrected")


def holds(
    unit_ids: Sequence[int] | None = None,
    period: int | None = None,
    account_id: int | None = None,
    open_only: bool = True,
    limit: int = 500,
    reason: str = "",
    offset: int = 0,
) -> list[HoldView]:
    """Bills that wait for a person, the oldest first; of these units, a period, an account, a reason."""
    rows = BillHold.objects.order_by("held_at", "id")
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=list(unit_ids))
    if period is not None:
        rows = rows.filter(period=period)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if open_only:
        rows = rows.filter(released_at=None)
    if reason:
        rows = rows.filter(reason=reason)
    return [_hold_view(row) for row in rows[offset : offset + limit]]


def waiting_counts(unit_ids: Sequence[int] | None = None) -> list[WaitingCount]:
    """How many bills wait for a person, by unit, period and reason."""
    rows = BillHold.objects.filter(released_at=None)
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=list(unit_ids))
    counted = rows.values_list("unit_id", "period", "reason").annotate(count=Count("id"))
    return [WaitingCount(*row) for row in counted.order_by("unit_id", "period", "reason")]


def release_hold(actor: Actor, hold_ids: Sequence[int], outcome: str = "accepted", reason: str = "") -> Released:
    """Bill held agreements now: `accepted` as the use is, `corrected` after readings were put right (doubted again).

    Refuses not_allowed, unknown_hold, bad_outcome, needs_correction (no person can accept what is missing).
    """
    actor.require("holds.settle")
    if outcome not in OUTCOMES:
        raise Refusal("bad_outcome", f"{outcome} is no outcome.", f"{outcome} 不是有效的处理结果。", field="outcome")
    moment = clock.now()
    billed: list[int] = []
    again: list[tuple[int, str]] = []
    with transaction.atomic():
        waiting = BillHold.objects.filter(pk__in=hold_ids, released_at=None)
        unit_lock.alone(waiting.values_list("unit_id", flat=True))
        rows = list(waiting.select_for_update().order_by("id"))
        missing = set(hold_ids) - {row.pk for row in rows}
        if missing:
            raise Refusal(
                "unknown_hold", f"There is no open hold {min(missing)}.", f"没有待处理的挂起记录 {min(missing)}。",
                field="hold_ids", value=str(min(missing)),
            )  # fmt: skip
        for row in rows:
            if not actor.sees_unit(row.unit_id):
                raise Refusal("not_allowed", f"Unit {row.unit_id} is not yours.", "该核算单元不在您的管辖范围。")
            if outcome == "accepted" and row.reason not in DOUBTS:
                raise _needs_correction(row)
            row.released_at, row.released_by, row.outcome = moment, actor.name, outcome
        BillHold.objects.bulk_update(rows, ["released_at", "released_by", "outcome"])
        for stretch in _stretches(rows, outcome == "accepted"):
            recording.prepare(stretch.period, stretch.issued_on)
            decided = bill_stretch(stretch, moment)
            billed += decided.bills["account_id"].tolist()
            again += [(each.account_id, each.reason) for each in decided.held]
        audit.record_many(
            actor, "bills.release",
            [
                (f"hold:{row.pk}", {"reason": row.reason}, {"outcome": outcome, "period": row.period}, reason)
                for row in rows
            ],
        )  # fmt: skip
    return Released(tuple(billed), tuple(again))


def cancel_bill(actor: Actor, account_id: int, period: int, seq: int, reason: str) -> None:
    """Cancel an issued bill: reversed in the ledger, kept for ever; money that had paid it becomes credit.

    Refuses not_allowed, unknown_bill, bill_cancelled, reason_missing, period_closed.
    """
    actor.require("bills.cancel")
    _need_reason(reason)
    with transaction.atomic():
        _cancel(actor, _issued(actor, account_id, period, seq), reason)


def rebill(actor: Actor, account_id: int, period: int, reason: str) -> Rebilled:
    """Bill an account's period again from its readings and terms as they are now; an issued bill is cancelled first.

    Answers the new bills, and the later bills of the block year that rest on figures which have changed: make those
    again too, in this order. Refuses not_allowed, unknown_bill (no bill of this period to make again), reason_missing,
    still_held (it cannot be billed: nothing is changed), period_closed.
    """
    actor.require("bills.cancel")
    _need_reason(reason)
    moment, today = clock.now(), clock.today()
    recording.prepare(period, today)
    with transaction.atomic():
        unit_lock.alone(
            Bill.objects.filter(account_id=account_id, period=period).values_list("unit_id", flat=True).distinct()
        )
        old = list(Bill.objects.select_for_update().filter(account_id=account_id, period=period).order_by("seq"))
        if not old:
            raise _unknown_bill(account_id, period, 0)
        if not all(actor.sees_unit(row.unit_id) for row in old):
            raise Refusal("not_allowed", "The unit is not yours.", "该核算单元不在您的管辖范围。")
        for row in old:
            if row.state == ISSUED:
                _cancel(actor, _issued(actor, account_id, period, row.seq), reason)
        agreements = tuple(sorted({row.agreement_id for row in old}))
        decided = bill_stretch(
            Stretch(old[-1].run_id, period, old[-1].unit_id, account_id, account_id, today, agreements, accept=True),
            moment,
        )
        if decided.held:
            en, zh = sentence(decided.held[0].reason)
            raise Refusal("still_held", f"It cannot be billed: {en}", f"无法出账：{zh}", value=decided.held[0].reason)
        made = tuple(BillKey(account_id, period, seq) for seq in decided.bills["seq"].tolist())
        audit.record(
            actor, "bills.rebill", f"account:{account_id}", reason=reason,
            after={"period": period, "amount": int(decided.bills["amount"].sum())},
        )  # fmt: skip
    return Rebilled(made, later_affected(account_id, period, agreements))


def later_affected(account_id: int, period: int, agreements: Iterable[int]) -> tuple[BillKey, ...]:
    """Later issued bills that rest on figures which are no longer so: a reading they begin with, or the year's use.

    From the first such bill on all of the block year are named, since each begins where the one before it ends.
    """
    found: list[BillKey] = []
    for agreement in agreements:
        rows = list(
            Bill.objects.filter(
                account_id=account_id, agreement_id=agreement, state=ISSUED,
                period__gte=period // 100 * 100,
            ).order_by("period", "seq")
        )  # fmt: skip
        used: dict[int, int] = defaultdict(int)
        stale = False
        ends: dict[int, int] = {}
        for row in rows:
            year, before = row.period // 100, _used_before(row)
            reaches_back = row.from_on.year < year
            first_year = row.from_on.year if reaches_back and before != row.year_used_wh else year
            if row.period > period:
                begins, values = _register_values(row)
                moved = any(ends.get(register, value) != value for register, value in begins.items())
                stale = stale or moved or before != used[first_year]
                if stale:
                    found.append(BillKey(account_id, row.period, row.seq))
                ends.update(values)
            else:
                ends.update(_register_values(row)[1])
            # of a bill over the turn of the year, what lies in its last year (models.Bill.year_used_wh)
            used[year] += row.wh + (row.year_used_wh if reaches_back else 0)
    return tuple(found)


def _used_before(row: Bill) -> int:
    """The year's use before a bill, in the block year of its first day."""
    first = BillSegment.objects.filter(account_id=row.account_id, period=row.period, seq=row.seq).order_by("n").first()
    return row.year_used_wh if first is None or first.year_used_wh is None else first.year_used_wh


def _register_values(row: Bill) -> tuple[dict[int, int], dict[int, int]]:
    """First and last value of each register of a bill."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    uses = BillUse.objects.filter(account_id=row.account_id, period=row.period, seq=row.seq).order_by("current_on", "n")
    for register, previous, current in uses.values_list("register_id", "previous_value", "current_value"):
        first.setdefault(register, previous)
        last[register] = current
    return first, last


def _issued(actor: Actor, account_id: int, period: int, seq: int) -> Bill:
    row = Bill.objects.select_for_update().filter(account_id=account_id, period=period, seq=seq).first()
    if row is None:
        raise _unknown_bill(account_id, period, seq)
    if not actor.sees_unit(row.unit_id):
        raise Refusal("not_allowed", f"Unit {row.unit_id} is not yours.", "该核算单元不在您的管辖范围。")
    if row.state != ISSUED:
        raise Refusal(
            "bill_cancelled", "This bill is cancelled already.", "此账单已作废。", field="seq", value=str(seq)
        )
    return row


def _cancel(actor: Actor, row: Bill, reason: str) -> None:
    key = (row.account_id, row.period, row.seq)
    Bill.objects.filter(account_id=row.account_id, period=row.period, seq=row.seq).update(state=CANCELLED)
    with connection.cursor():
        to_set_off = ledger.reverse_bills(connection.connection, [key])
    if len(to_set_off):
        payments.set_off_credit(actor, to_set_off, connection.connection)
    audit.record(
        actor, "bills.cancel", "bill:{}-{}-{}".format(*key), reason=reason,
        before={"state": "issued", "amount": row.amount, "wh": row.wh}, after={"state": "cancelled"},
    )  # fmt: skip


def _stretches(rows: Sequence[BillHold], accept: bool) -> list[Stretch]:
    """The held agreements as few stretches of accounts that lie near each other."""
    today = clock.today()
    groups: dict[tuple[int, int], list[BillHold]] = defaultdict(list)
    for row in rows:
        groups[(row.period, row.unit_id)].append(row)
    found: list[Stretch] = []
    for (period, unit), members in sorted(groups.items()):
        members.sort(key=lambda row: row.account_id)
        near: list[list[BillHold]] = []
        for row in members:
            if not near or row.account_id - near[-1][-1].account_id > NEAR:
                near.append([])
            near[-1].append(row)
        found += [
            Stretch(
                max(row.run_id for row in group), period, unit, group[0].account_id, group[-1].account_id, today,
                tuple(sorted(row.agreement_id for row in group)), accept,
            )
            for group in near
        ]  # fmt: skip
    return found


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal("reason_missing", "A reason is needed.", "请填写原因。", field="reason")


def _needs_correction(row: BillHold) -> Refusal:
    en, zh = sentence(row.reason)
    return Refusal(
        "needs_correction", f"It cannot be billed as it is: {en} Put it right, then check it again.",
        f"不能按现状出账：{zh}请先处理，再重新校核。", field="hold_ids", value=str(row.pk),
    )  # fmt: skip


def _unknown_bill(account_id: int, period: int, seq: int) -> Refusal:
    return Refusal(
        "unknown_bill", f"There is no such bill of {period}.", f"没有 {period} 的这张账单。",
        value=f"{account_id}-{period}-{seq}",
    )  # fmt: skip


def _hold_view(row: BillHold) -> HoldView:
    en, zh = sentence(row.reason)
    return HoldView(
        row.pk, row.account_id, row.agreement_id, row.unit_id, row.period, row.reason, en, zh, row.detail, row.held_at,
        row.released_at, row.released_by, row.outcome, row.reason in DOUBTS,
    )  # fmt: skip
