"""The life of a version: drafted, sent for approval, approved by another person, superseded by the next.

MOVES is all that may happen. A version that is approved stays as it is for ever: bills stand on it. Whether it is in
force, will be, or was, is not a state but a matter of its days (`standing`).
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.rules.facts_needed import DIVIDED, HOURLY, IN_TIME, facts_needed
from gridhall.tariffs import models, queries
from gridhall.tariffs.book import load_book, read_yaml
from gridhall.tariffs.models import APPROVED, DRAFT, REJECTED, SENT, WITHDRAWN
from gridhall.tariffs.views import VersionView

# What may happen to a version in a state, and what it is then. Gridhall itself (shipped samples, the operator of the
# machine) approves drafts without sending them; people do not.
MOVES: dict[tuple[str, str], str] = {
    (DRAFT, "edit"): DRAFT,
    (DRAFT, "send"): SENT,
    (DRAFT, "withdraw"): WITHDRAWN,
    (SENT, "approve"): APPROVED,
    (SENT, "reject"): REJECTED,
    (SENT, "take_back"): DRAFT,
    (REJECTED, "edit"): DRAFT,
    (REJECTED, "withdraw"): WITHDRAWN,
}

WORDS = {
    DRAFT: ("a draft", "草稿"),
    SENT: ("waiting for approval", "待批准"),
    APPROVED: ("approved", "已审批"),
    REJECTED: ("rejected", "已退回"),
    WITHDRAWN: ("withdrawn", "已撤回"),
}

# Facts behind `period` in rules.plan.FACT_NAMES that the bill run lays on its segments; a test in billing compares.
BILL_RUN_GATHERS: frozenset[str] = frozenset({
    "supplied_months", "wh_deep", "demand_sharp", "demand_peak", "demand_flat", "demand_valley", "demand_deep",
    "past_demand_w", "meters", "export_wh", "export_sharp", "export_peak", "export_flat", "export_valley",
    "export_deep", "credit_wh", "true_up", "year_counted", "year_ends",
    *HOURLY, *IN_TIME, DIVIDED, "sub_share", "sub_wh",
})  # fmt: skip
InForce = Callable[[str, date, date | None], None]  # tariff, first day, first day that is no longer (None: open)
_objections: list[InForce] = []


def before_approval(objects: InForce) -> None:
    """Let a room above refuse a version to be put in force, in the transaction that does."""
    if objects not in _objections:
        _objections.append(objects)


def may(state: str, act: str) -> bool:
    """Whether an act may happen to a version in a state."""
    return (state, act) in MOVES


def send(actor: Actor, version_id: int) -> None:
    """Lay a draft before another person for approval. Refuses: unknown_version, wrong_state."""
    actor.require("tariffs.enter")
    with transaction.atomic():
        version = _locked(version_id)
        hands = hands_with(actor, version.hands)
        _move(version, "send", actor, "", sent_by=actor.name, sent_at=clock.now(), reason="", hands=hands)


def take_back(actor: Actor, version_id: int) -> None:
    """Take a version that waits for approval back to change it. Refuses: unknown_version, wrong_state."""
    actor.require("tariffs.enter")
    with transaction.atomic():
        _move(_locked(version_id), "take_back", actor, "")


def reject(actor: Actor, version_id: int, reason: str) -> None:
    """Send a version back to the one who entered it, and say why. Refuses: unknown_version, wrong_state, same_person,
    reason_missing."""
    actor.require("tariffs.approve")
    with transaction.atomic():
        version = _locked(version_id)
        _other_person(actor, version)
        _move(version, "reject", actor, _reason(reason), reason=_reason(reason))


def withdraw(actor: Actor, version_id: int, reason: str = "") -> None:
    """Put a draft away. An approved version stays: bills stand on it. Refuses: unknown_version, wrong_state."""
    actor.require("tariffs.enter")
    with transaction.atomic():
        _move(_locked(version_id), "withdraw", actor, reason.strip(), reason=reason.strip())
    queries.forget()


def approve(actor: Actor, version_id: int, bill_again: bool = False) -> None:
    """Put a version in force that was sent for approval, from its first day on. Another person than the one who
    wrote or sent it, however long ago; Gridhall itself may do both for shipped samples, without sending.

    The version before it ends on the day this one begins. `bill_again`: that bills have been made for days of it is
    known, and they will be made again. Refuses: unknown_version, wrong_state, approved_already, same_person,
    facts_not_gathered, and what a room above has to say (`before_approval`): billed_already.
    """
    actor.require("tariffs.approve")
    with transaction.atomic():
        version = _locked(version_id)
        if version.state == APPROVED:
            return
        itself = actor.kind == "system"
        if not itself:
            _other_person(actor, version)
        if not may(version.state, "approve") and not (itself and version.state == DRAFT):
            raise _wrong_state(version)
        _gathered(version)
        # one version of a tariff after the other: two at once would not see each other, and both be in force
        models.Tariff.objects.select_for_update().get(code=version.tariff_id)
        _supersede(version)
        for objects in () if bill_again else _objections:
            objects(version.tariff_id, version.from_on, version.until_on)
        version.state, version.approved_by, version.approved_at = APPROVED, actor.name, clock.now()
        version.save(update_fields=["state", "approved_by", "approved_at"])
        models.Tariff.objects.filter(code=version.tariff_id).update(**of_book(version.book))
        audit.record(
            actor, "tariffs.approve", f"tariff:{version.tariff_id}",
            after={"version": version.pk, "from_on": version.from_on.isoformat(), "hash": version.content_hash},
        )  # fmt: skip
    queries.forget()


def _gathered(version: models.TariffVersion) -> None:
    """Refuses `facts_not_gathered` where bill runs would rate the version without facts that it needs: such a tariff
    would bill too little and nobody would see it."""
    needed = facts_needed(version.table) - BILL_RUN_GATHERS
    missing = sorted({"in_time" if name in IN_TIME else name for name in needed})
    if missing:
        raise Refusal(
            "facts_not_gathered",
            f"Bill runs do not gather what this tariff needs ({', '.join(missing)}); it can rate loads, not readings.",
            f"发行时尚不采集该电价所需的数据（{'、'.join(missing)}），只能用于负荷数据试算，不能用于抄表计费。",
            value=", ".join(missing),
        )


def of_book(text: str) -> dict[str, Any]:
    """What a tariff is called and for whom it is, as its book says. Raises BookError where it cannot be read."""
    book, stated = load_book(text), read_yaml(text)[0]["for"]
    return {
        "name_en": book.name_en, "name_zh": book.name_zh, "currency": book.currency, "class_code": book.class_code,
        "place": str(stated.get("place", "")), "meter": str(stated.get("meter", "")),
    }  # fmt: skip


def approved_already(from_on: date) -> Refusal:
    """Another approved version begins on that day."""
    return Refusal(
        "approved_already", f"Another approved version begins on {from_on}.", f"{from_on} 起已有另一已审批版本。",
        field="from", value=from_on.isoformat(),
    )  # fmt: skip


def edited(version: models.TariffVersion) -> None:
    """Refuses `wrong_state` where a version may not be changed (any more)."""
    if not may(version.state, "edit"):
        raise _wrong_state(version)


def _locked(version_id: int) -> models.TariffVersion:
    version = models.TariffVersion.objects.select_for_update().filter(id=version_id).first()
    if version is None:
        raise Refusal("unknown_version", f"There is no tariff version {version_id}.", f"没有电价版本 {version_id}。")
    return version


def _move(version: models.TariffVersion, act: str, actor: Actor, why: str, **more: object) -> None:
    before = version.state
    if not may(before, act):
        raise _wrong_state(version)
    version.state = MOVES[before, act]
    for name, value in more.items():
        setattr(version, name, value)
    version.save(update_fields=["state", *more])
    audit.record(
        actor, f"tariffs.{act}", f"tariff:{version.tariff_id}", before={"version": version.pk, "state": before},
        after={"version": version.pk, "state": version.state}, reason=why,
    )  # fmt: skip


def _wrong_state(version: models.TariffVersion) -> Refusal:
    en, zh = WORDS[version.state]
    return Refusal(
        "wrong_state", f"This version is {en}; that cannot be done with it now.", f"该版本{zh}，不能这样处理。",
        field="state", value=version.state,
    )  # fmt: skip


def had_a_hand(actor: Actor, version: models.TariffVersion | VersionView) -> bool:
    """Whether the actor wrote or sent the version, once at least: then another person decides on it."""
    known = {version.entered_by, version.sent_by, *version.hands}
    return not known.isdisjoint(_marks(actor))


def hands_with(actor: Actor, *before: Iterable[str]) -> list[str]:
    """The hands in a version, and the actor's."""
    return sorted({*_marks(actor), *(each for hands in before for each in hands)})


def _marks(actor: Actor) -> list[str]:
    return [actor.name, f"{actor.kind}:{actor.id}"] if actor.id else [actor.name]


def _other_person(actor: Actor, version: models.TariffVersion) -> None:
    if had_a_hand(actor, version):
        raise Refusal(
            "same_person",
            "Another person than the one who entered it decides on a tariff.",
            "录入人或提交人不得自行审批电价。",
        )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Refusal("reason_missing", "A reason is needed.", "请填写原因。", field="reason")
    return reason.strip()


def _supersede(version: models.TariffVersion) -> None:
    others = models.TariffVersion.objects.filter(tariff_id=version.tariff_id, state=APPROVED)
    if others.filter(from_on=version.from_on).exists():
        raise approved_already(version.from_on)
    earlier = others.filter(from_on__lt=version.from_on).filter(
        Q(until_on__isnull=True) | Q(until_on__gt=version.from_on)
    )
    earlier.update(until_on=version.from_on)
    later = others.filter(from_on__gt=version.from_on).order_by("from_on").first()
    if later is not None and (version.until_on is None or version.until_on > later.from_on):
        version.until_on = later.from_on
        version.save(update_fields=["until_on"])
