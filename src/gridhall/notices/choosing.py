"""What a customer does not want to be told by a way, and addresses that are none."""

from collections.abc import Iterable

from django.db import transaction

from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.notices.models import MAIL, BadAddress, Choice
from gridhall.notices.occasions import BY_NAME, OCCASIONS, Occasion
from gridhall.notices.refusals import refusal

WAYS_OUT = (MAIL,)


def switched_off(account_ids: Iterable[int], occasion: Occasion, way: int) -> set[int]:
    """Those of the accounts that do not want the occasion by the way."""
    found = Choice.objects.filter(account_id__in=list(account_ids), occasion=occasion.code, way=way)
    return set(found.values_list("account_id", flat=True))


def bad_addresses(account_ids: Iterable[int], way: int) -> dict[int, str]:
    """By account, the digest of its address that the other side said is none."""
    found = BadAddress.objects.filter(account_id__in=list(account_ids), way=way)
    return dict(found.values_list("account_id", "digest"))


def choices(account_id: int, way: int = MAIL) -> list[tuple[Occasion, bool]]:
    """Each occasion and whether the account is told of it by the way."""
    off = set(Choice.objects.filter(account_id=account_id, way=way).values_list("occasion", flat=True))
    return [(each, each.required or each.code not in off) for each in OCCASIONS]


def choose(actor: Actor, account_id: int, occasion: str, way: int, *, wanted: bool) -> None:
    """Want an occasion by a way, or not. Refuses: not_allowed, unknown_occasion, unknown_way, notice_required."""
    if actor.kind == "customer" and actor.id != account_id:
        raise Refusal("not_allowed", "This account is not yours.", "这不是您的户号。", field="account")
    if actor.kind != "customer":
        actor.require("customers.change")
    found = BY_NAME.get(occasion)
    if found is None:
        raise refusal("unknown_occasion", field="occasion", value=occasion)
    if way not in WAYS_OUT:
        raise refusal("unknown_way", field="way", value=way)
    if found.required and not wanted:
        raise refusal("notice_required", field="occasion", value=occasion)
    with transaction.atomic():
        row = Choice.objects.filter(account_id=account_id, occasion=found.code, way=way)
        if wanted == (not row.exists()):
            return
        if wanted:
            row.delete()
        else:
            Choice.objects.get_or_create(account_id=account_id, occasion=found.code, way=way)
        audit.record(
            actor, "notices.choose", f"account:{account_id}", after={"occasion": occasion, "way": way, "wanted": wanted}
        )
