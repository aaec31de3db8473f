"""Acts on a customer's money with limits and four eyes: asked by one, done once another agrees, or at once within a
limit. What is done is done in one transaction with the decision, on the facts of that moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.ledger.public import guard_periods, in_order, prepare
from gridhall.payments import act_models as models
from gridhall.payments.act_doing import DOING, Todo, told_of
from gridhall.payments.act_limits import limit_of
from gridhall.payments.act_models import MoneyAct
from gridhall.payments.refusals import refusal

ASKED, DONE, DECLINED = "asked", "done", "declined"


@dataclass(frozen=True)
class MoneyActView:
    """An act on money. `state`: asked | done | declined; `told`: what it needs besides, without secrets; `done_no`: its
    number in the books, or its plan."""

    id: int
    act: str
    account_id: int
    unit_id: int
    amount: int
    told: Mapping[str, Any]
    reason: str
    state: str
    asked_by: int
    asked_by_name: str
    asked_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    done_no: int


def ask_money_act(
    actor: Actor, act: str, account_id: int, amount: int, reason: str, told: Mapping[str, Any] | None = None
) -> MoneyActView:
    """Ask for an act on the money of an account; done at once where the actor's limit lets him do it alone.

    `told` by act: reverse: payment_no, session_id (0: the till where it came in). refund: session_id (cash out of that
    till), or bank_account and bank_holder. transfer: to_account. correct: payment_no and to_account, or payment_no,
    from_item, to_item (each period, kind, seq). instalments: parts ([day, amount] each). write_off: items (period,
    kind, seq each). recover: nothing. Amounts in minor units; what `amount` must be
    follows from the act where it is the whole of something.

    Refuses: not_allowed (not staff), account_not_yours (another unit's), unknown_account, bad_money_act,
    amount_not_positive, reason_missing, over_limit, and what the act itself refuses (`act_doing`), now as well as when
    it is decided.
    """
    if actor.kind not in ("staff", "system"):
        actor.require("payments.reverse.staff")  # nobody else has it
    if act not in models.ACTS:
        raise refusal("bad_money_act", field="act", value=act[:40])
    if len(reason.strip()) < 3:
        raise refusal("reason_missing", field="reason")
    if amount <= 0:
        raise refusal("amount_not_positive", field="amount", value=amount)
    account = customers.accounts([account_id]).get(account_id)
    if account is None:
        raise refusal("unknown_account", field="account_id", value=account_id)
    limit = limit_of(actor, act, clock.today())
    if amount > limit.most:
        raise refusal("over_limit", field="amount", value=amount)
    kept = told_of(act, account_id, amount, told or {})
    _refuse_stranger(actor, act, account.unit_id, kept)
    _prepare()
    made: list[MoneyAct] = []

    def enter() -> None:
        guard_periods(connection.connection)
        asked = MoneyAct.objects.create(
            act=act, account_id=account_id, unit_id=account.unit_id, amount=amount, told=kept,
            reason=reason.strip()[:300], asked_by=actor.id, asked_by_name=actor.name, asked_at=clock.now(),
        )  # fmt: skip
        audit.record(
            actor, "payments.ask_act", f"act:{asked.pk}", reason=asked.reason,
            after={"act": act, "account": account_id, "amount": amount},
        )  # fmt: skip
        if amount <= limit.alone:
            _do(actor, asked)
        made[:] = [asked]

    in_order(enter)
    return _view(made[0])


def decide_money_act(actor: Actor, act_id: int, *, approve: bool, reason: str = "") -> MoneyActView:
    """A second person's word on an act: agreed, it is done now; or it is declined.

    Refuses: not_allowed, unknown_money_act, wrong_act_state, second_person_needed, over_limit, reason_missing (to
    decline), and what the act itself refuses on the facts of now (it then waits as it was).
    """
    actor.require("refunds.approve")
    _prepare()
    done: list[MoneyAct] = []

    def decide() -> None:
        guard_periods(connection.connection)
        found = _held(act_id)
        if found is None or not actor.sees_unit(found.unit_id):
            raise refusal("unknown_money_act", field="act", value=act_id)
        if found.state != ASKED:
            raise refusal("wrong_act_state", field="act", value=found.state)
        if found.asked_by == actor.id:
            raise refusal("second_person_needed", field="act", value=act_id)
        if approve:
            if found.amount > limit_of(actor, found.act, clock.today()).most:
                raise refusal("over_limit", field="amount", value=found.amount)
            _do(actor, found)
        else:
            if len(reason.strip()) < 3:
                raise refusal("reason_missing", field="reason")
            found.state, found.decided_by_name, found.decided_at = DECLINED, actor.name, clock.now()
            found.save()
        audit.record(
            actor, "payments.decide_act", f"act:{act_id}", after={"act": found.act, "state": found.state},
            reason=reason.strip(),
        )  # fmt: skip
        done[:] = [found]

    in_order(decide)
    return _view(done[0])


def _held(act_id: int) -> MoneyAct | None:
    """The act, held: of two who decide at once, the second finds it decided."""
    return MoneyAct.objects.select_for_update().filter(pk=act_id).first()


def _do(actor: Actor, found: MoneyAct) -> None:
    todo = Todo(found.pk, found.account_id, found.amount, found.told, found.reason, found.asked_by)
    found.done_no = DOING[found.act](actor, todo)
    found.state, found.decided_by_name, found.decided_at = DONE, actor.name, clock.now()
    found.save()
    audit.record(
        actor, f"payments.act_{found.act}", f"account:{found.account_id}", reason=found.reason,
        after={"act": found.pk, "amount": found.amount, "number": found.done_no},
    )  # fmt: skip


def _prepare() -> None:
    today = clock.today()
    prepare(today.year * 100 + today.month, today)


def _refuse_stranger(actor: Actor, act: str, unit_id: int, told: Mapping[str, Any]) -> None:
    """Units of the account, and of the account where the money goes. A payment is undone where it was taken: the act
    itself looks whose till it is."""
    if act == models.REVERSE:
        return
    units = [unit_id]
    if told.get("to_account"):
        units += [each.unit_id for each in customers.accounts([told["to_account"]]).values()]
    if not all(actor.sees_unit(unit) for unit in units):
        raise refusal("account_not_yours", field="account_id")


def money_act(act_id: int) -> MoneyActView:
    """An act on money. Refuses unknown_money_act."""
    found = MoneyAct.objects.filter(pk=act_id).first()
    if found is None:
        raise refusal("unknown_money_act", field="act", value=act_id)
    return _view(found)


def money_acts(unit_ids: Iterable[int] | None = None, waiting: bool = False, limit: int = 100) -> list[MoneyActView]:
    """Acts on money of some units (None: all), the latest first; `waiting`: those that wait for a second person."""
    found = MoneyAct.objects.order_by("-pk")
    if unit_ids is not None:
        found = found.filter(unit_id__in=list(unit_ids))
    if waiting:
        found = found.filter(state=ASKED)
    return [_view(each) for each in found[:limit]]


def money_acts_of(account_id: int, limit: int = 100) -> list[MoneyActView]:
    """The acts on an account's money, the latest first."""
    return [_view(each) for each in MoneyAct.objects.filter(account_id=account_id).order_by("-pk")[:limit]]


def _view(found: MoneyAct) -> MoneyActView:
    shown = {key: value for key, value in found.told.items() if key != "bank_account"}
    return MoneyActView(
        found.pk, found.act, found.account_id, found.unit_id, found.amount, shown, found.reason, found.state,
        found.asked_by, found.asked_by_name, found.asked_at, found.decided_by_name, found.decided_at, found.done_no,
    )  # fmt: skip
