"""Days on which no late charge accrues: an account or a class is exempted, or a bill is in dispute.

They begin on the day after they are entered, never before: what has accrued once stays as it is, so that a payment
reversed later takes back what it had charged.
"""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import Q

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.models import ITEM_BILL, LateExemption, OpenItem
from gridhall.rules.late_charge import counted_days, days_excused

Ints = npt.NDArray[np.int64]
Span = tuple[int, int]

UNIT_SQL = "SELECT unit_id FROM customers_account WHERE id = %s"  # a class has account 0, and so no unit

_KEEP_SECONDS = 5  # another process knows a new exemption within this time, and it begins tomorrow
_FAR = date.max.toordinal()
_guard = threading.Lock()
_kept: tuple[float, "_Spans"] | None = None


@dataclass(frozen=True)
class Excused:
    """Days without late charge, from `since` to before `until` (None: open): of a bill in dispute (`period`, `seq`), of
    an account, or of a class (`account_id` 0)."""

    id: int
    account_id: int
    class_code: int
    period: int
    seq: int
    since: date
    until: date | None
    reason: str
    entered_by: str
    plan_id: int = 0

    @property
    def is_dispute(self) -> bool:
        return self.period > 0 and not self.plan_id


@dataclass(frozen=True)
class _Spans:
    of_class: dict[int, list[Span]]
    of_account: dict[int, list[tuple[int, int, Span]]]  # period and seq of a bill in dispute, 0 0 for every bill


def exempt(
    actor: Actor, since: date, until: date | None, reason: str, account_id: int = 0, class_code: int = 0
) -> int:  # fmt: skip
    """Exempt an account, or a whole class, from late charge on days (`until` excluded, None: till it is ended).

    Refuses not_allowed (an account of a unit that is not the actor's; a class, unless he sees every unit),
    reason_missing, day_too_early (before tomorrow), until_too_early, needs_subject (not exactly one of the two).
    """
    actor.require("bills.cancel")
    if (account_id > 0) == (class_code > 0):
        raise Refusal(
            "needs_subject", "Name an account or a class, not both.", "请指定户号或用电类别之一。", field="account_id"
        )
    row = LateExemption(account_id=account_id, class_code=class_code, since=since, until=until)
    _refuse_stranger(actor, row)
    return _enter(actor, row, reason)


def dispute(actor: Actor, account_id: int, period: int, seq: int, reason: str) -> int:
    """A bill is in dispute: no late charge accrues on it from tomorrow until the dispute is ended.

    Refuses not_allowed (a unit that is not the actor's), reason_missing, unknown_bill (nothing of it is open),
    in_dispute.
    """
    actor.require("bills.cancel")
    wanted = OpenItem.objects.filter(account_id=account_id, period=period, kind=ITEM_BILL, seq=seq, open__gt=0)
    with transaction.atomic():
        # held until it is entered: of two disputes the end of one would leave the other running
        item = wanted.select_for_update().first()
        if item is None:
            raise Refusal(
                "unknown_bill", "Nothing of this bill is open.", "该账单没有未缴金额。", value=f"{period}-{seq}"
            )
        if not actor.sees_unit(item.unit_id):
            raise Refusal("not_allowed", f"Unit {item.unit_id} is not yours.", "该核算单元不在您的管辖范围。")
        if any(each.is_dispute and (each.period, each.seq) == (period, seq) for each in exemptions(account_id)):
            raise Refusal("in_dispute", "This bill is in dispute already.", "该账单已在争议处理中。")
        tomorrow = clock.today() + timedelta(days=1)
        return _enter(actor, LateExemption(account_id=account_id, period=period, seq=seq, since=tomorrow), reason)


def end(actor: Actor, exemption_id: int, reason: str) -> None:
    """Let late charge accrue again from tomorrow. Refuses not_allowed (as `exempt`), reason_missing, unknown_exemption
    (none that is open), of_plan (an agreement to pay by parts excuses as long as it is kept)."""
    actor.require("bills.cancel")
    _need_reason(reason)
    tomorrow = clock.today() + timedelta(days=1)
    with transaction.atomic():
        row = LateExemption.objects.select_for_update().filter(_running(), pk=exemption_id).first()
        if row is None:
            raise Refusal("unknown_exemption", "There is no such exemption.", "没有这项免计。", value=str(exemption_id))
        _refuse_stranger(actor, row)
        if row.plan_id:
            raise Refusal(
                "of_plan", "It belongs to an agreement to pay by parts and ends with it.",
                "该免计属于分期付款协议，随协议结束。", value=str(row.plan_id),
            )  # fmt: skip
        before, row.until = row.until, max(tomorrow, row.since)
        row.save(update_fields=["until"])
        audit.record(
            actor, "late.end", _subject(row), reason=reason,
            before={"until": before.isoformat() if before else ""}, after={"until": row.until.isoformat()},
        )  # fmt: skip
        _forget_when_committed()


def exemptions(account_id: int, class_code: int = 0) -> list[Excused]:
    """What of it is not over yet: of an account, and of a class where one is given."""
    whose = Q(account_id=account_id)
    if class_code:
        whose |= Q(account_id=0, class_code=class_code)
    rows = LateExemption.objects.filter(_running(), whose)
    return [
        Excused(
            row.pk, row.account_id, row.class_code, row.period, row.seq, row.since, row.until, row.reason,
            row.entered_by, row.plan_id,
        )
        for row in rows.order_by("since", "id")
    ]  # fmt: skip


def off_days(
    account_id: Ints, class_code: Ints, period: Ints, seq: Ints, due_day: Ints, upto_day: Ints, as_of: int, terms: Ints
) -> Ints:  # fmt: skip
    """Of each item the days since `upto_day` on which nothing accrues: shape (n, 2), in the year of the debt and
    carried over. `terms`: its row of `ledger.terms.rows`."""
    off = np.zeros((len(account_id), 2), np.int64)
    known = _current()
    touched = np.isin(class_code, np.array(list(known.of_class), np.int64))
    touched |= np.isin(account_id, np.array(list(known.of_account), np.int64))
    for k in np.flatnonzero(touched).tolist():
        spans = list(known.of_class.get(int(class_code[k]), ()))
        bill = (int(period[k]), int(seq[k]))
        spans += [
            span
            for of_period, of_seq, span in known.of_account.get(int(account_id[k]), ())
            if of_period == 0 or (of_period, of_seq) == bill
        ]
        first, end_ = counted_days(int(due_day[k]), int(upto_day[k]), as_of, int(terms[k, 2]), int(terms[k, 3]))
        off[k] = days_excused(int(due_day[k]), first, end_, spans)
    return off


def forget() -> None:
    """Read the exemptions anew at the next question."""
    global _kept
    with _guard:
        _kept = None


def _forget_when_committed() -> None:
    """What others ask once it is committed; `_current` knows by it that this transaction has one of its own."""
    transaction.on_commit(forget)


def _current() -> _Spans:
    """All exemptions, read anew when they are older than some seconds. A transaction that has entered or ended one
    reads its own and leaves nothing of it to others: it may be undone."""
    global _kept
    own = any(each[1] is forget for each in connection.run_on_commit)
    kept = None if own else _kept
    if kept is not None and time.monotonic() - kept[0] < _KEEP_SECONDS:
        return kept[1]
    of_class: dict[int, list[Span]] = defaultdict(list)
    of_account: dict[int, list[tuple[int, int, Span]]] = defaultdict(list)
    for row in LateExemption.objects.all():
        span = (row.since.toordinal(), row.until.toordinal() if row.until else _FAR)
        if row.account_id:
            of_account[row.account_id].append((row.period, row.seq, span))
        else:
            of_class[row.class_code].append(span)
    found = _Spans(dict(of_class), dict(of_account))
    if not own:
        with _guard:
            _kept = (time.monotonic(), found)
    return found


def _running() -> Q:
    """Not over: open, or with days to come."""
    return Q(until__isnull=True) | Q(until__gt=clock.today() + timedelta(days=1))


def _enter(actor: Actor, row: LateExemption, reason: str) -> int:
    _need_reason(reason)
    if row.since <= clock.today():
        raise Refusal(
            "day_too_early", "It begins tomorrow at the earliest: what has accrued stays.",
            "最早自明日起生效，已产生的违约金不变。", field="since", value=row.since.isoformat(),
        )  # fmt: skip
    if row.until is not None and row.until <= row.since:
        raise Refusal(
            "until_too_early", "The last day is before the first.", "截止日期早于开始日期。", field="until",
            value=row.until.isoformat(),
        )  # fmt: skip
    row.reason, row.entered_by, row.entered_at = reason.strip()[:300], actor.name, clock.now()
    with transaction.atomic():
        row.save()
        audit.record(
            actor, "late.dispute" if row.period else "late.exempt", _subject(row), reason=row.reason,
            after={"since": row.since.isoformat(), "until": row.until.isoformat() if row.until else ""},
        )  # fmt: skip
        _forget_when_committed()
    return int(row.pk)


def _refuse_stranger(actor: Actor, row: LateExemption) -> None:
    """Refuse where the exemption reaches beyond the actor's units."""
    if actor.kind == "system" or actor.everywhere:
        return
    with connection.cursor() as cursor:
        cursor.execute(UNIT_SQL, [row.account_id])
        found = cursor.fetchone()
    if found is None or not actor.sees_unit(found[0]):
        raise Refusal("not_allowed", "This reaches beyond your units.", "超出您的管辖范围。")


def _subject(row: LateExemption) -> str:
    if row.period:
        return f"bill:{row.account_id}-{row.period}-{row.seq}"
    return f"account:{row.account_id}" if row.account_id else f"class:{row.class_code}"


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal("reason_missing", "A reason is needed.", "请填写原因。", field="reason")
