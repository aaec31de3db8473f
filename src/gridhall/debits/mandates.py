"""Mandates (代扣协议): signed, confirmed, active, suspended, ended. The bank account's number is sealed at rest."""

import hashlib
import re
from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction

from gridhall.customers import public as customers
from gridhall.debits import mandate_moves as moves
from gridhall.debits.data import MandateView, NewMandate
from gridhall.debits.models import DebitBank, Mandate
from gridhall.debits.refusals import refusal
from gridhall.kernel import audit, clock, outbox, sealing
from gridhall.kernel.access import Actor

PURPOSE = "debits.bank_account"
NUMBER = re.compile(r"[A-Z0-9]{6,34}")
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
HOLDER_MOST = 70


def sign(actor: Actor, new: NewMandate) -> MandateView:
    """Take a mandate in. The customer signs in the portal (after the code that was sent), staff enter paper, and what
    the bank signed for us comes in confirmed.

    Refuses: not_allowed, unknown_account, unknown_debit_bank, mandate_there, bad_bank_account (IBAN: its check digits),
    bad_holder, bad_limit, bad_preferred_day, bad_signing, bad_sign_day.
    """
    if actor.kind != "customer":
        actor.require("mandates.take")
    number = clean_number(new.number)
    holder = " ".join(new.holder.split())
    _refuse(actor, new, holder)
    bank = DebitBank.objects.filter(pk=new.bank_id).first()
    if bank is None:
        raise refusal("unknown_debit_bank", field="bank", value=new.bank_id)
    _within(actor, new.account_id)
    moment = clock.now()
    try:
        with transaction.atomic():
            made = Mandate.objects.create(
                account_id=new.account_id, reference="", bank=bank, holder=holder, last_four=number[-4:],
                number_sealed=sealing.seal(PURPOSE, number.encode()), number_digest=digest("number", number),
                holder_digest=digest("holder", holder), debtor_agent=new.debtor_agent.strip().upper()[:14],
                signed_at_door=new.at, signed_on=new.signed_on, state=moves.FIRST[new.at], limit=new.limit,
                preferred_day=new.preferred_day, made_by=actor.id, made_by_name=actor.name, made_at=moment,
                changed_at=moment,
            )  # fmt: skip
            made.reference = f"GHM{made.pk:010d}"
            made.save(update_fields=["reference"])
            _told(actor, made, "sign", "")
    except IntegrityError as there:
        raise refusal("mandate_there", field="account_id", value=new.account_id) from there
    return view(made)


def clean_number(number: str) -> str:
    """A bank account's number without spaces. Refuses `bad_bank_account`; an IBAN's check digits are proven."""
    bare = "".join(number.split()).upper()
    if not NUMBER.fullmatch(bare) or (IBAN.fullmatch(bare) and not bare.isdecimal() and not iban_holds(bare)):
        raise refusal("bad_bank_account", field="number")
    return bare


def iban_holds(iban: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616: the rest by 97 is 1)."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(each, 36)) for each in turned)) % 97 == 1


def digest(field: str, text: str) -> int:
    """A keyed digest of 63 bits by which a number or a name is compared without being opened."""
    key = sealing.derived_key(PURPOSE + "." + field)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, key=key).digest(), "big") >> 1


def _refuse(actor: Actor, new: NewMandate, holder: str) -> None:
    if not 1 <= len(holder) <= HOLDER_MOST or not holder.isprintable():
        raise refusal("bad_holder", field="holder")
    if not 0 <= new.limit < 1 << 53:
        raise refusal("bad_limit", field="limit", value=new.limit)
    if not 0 <= new.preferred_day <= 28:
        raise refusal("bad_preferred_day", field="preferred_day", value=new.preferred_day)
    if new.at not in moves.FIRST or (new.at == moves.PORTAL) != (actor.kind == "customer"):
        raise refusal("bad_signing", field="at", value=new.at)
    if new.signed_on > clock.today():
        raise refusal("bad_sign_day", field="signed_on", value=new.signed_on)


def _within(actor: Actor, account_id: int) -> None:
    """Refuse accounts that are not there or beyond the actor's reach: the same words."""
    account = customers.account(account_id)
    mine = actor.kind == "customer" and actor.id == account_id
    if account is None or not (mine or (actor.kind != "customer" and actor.sees_unit(account.unit_id))):
        raise refusal("unknown_mandate", field="account_id", value=account_id)


def move(actor: Actor, mandate_id: int, what: str, reason: str = "") -> MandateView:
    """One step of a mandate's life (`mandate_moves`). Who took a paper in does not confirm it, and who entered what the
    bank signed does not make it active: a second person does.

    Refuses: not_allowed, unknown_mandate, wrong_mandate_state, second_person_needed.
    """
    who = {"customer": moves.CUSTOMER, "system": moves.OURSELVES}.get(actor.kind, moves.STAFF)
    if who == moves.STAFF:
        actor.require(moves.permission_for(what))
    with transaction.atomic():
        row = Mandate.objects.select_for_update().filter(pk=mandate_id).first()
        if row is None:
            raise refusal("unknown_mandate", field="mandate", value=mandate_id)
        _within(actor, row.account_id)
        to = moves.after(row.state, what, who)
        # what the bank signed for us begins confirmed: its second person is who makes it active
        last = what == (moves.ACTIVATE if row.signed_at_door == moves.BANK else moves.CONFIRM)
        by_staff = row.signed_at_door != moves.PORTAL  # else `made_by` is the customer's account
        if last and who == moves.STAFF and by_staff and actor.id == row.made_by:
            raise refusal("second_person_needed", field="mandate", value=mandate_id)
        row.state, row.reason, row.changed_at = to, reason.strip()[:300], clock.now()
        row.save(update_fields=["state", "reason", "changed_at"])
        _told(actor, row, what, row.reason)
    return view(row)


def _told(actor: Actor, row: Mandate, what: str, reason: str) -> None:
    audit.record(
        actor, f"mandates.{what}", f"mandate:{row.reference}", reason=reason,
        after={"account": row.account_id, "state": row.state, "last_four": row.last_four},
    )  # fmt: skip
    told = {"mandate": row.pk, "move": what, "state": row.state, "reason": reason, "last_four": row.last_four}
    outbox.publish("mandate_changed", told, (row.account_id, row.account_id))


def suspend_for(actor: Actor, reasons: dict[int, str]) -> int:
    """Suspend the active mandates of this list (id → why) because a bank says that they cannot be used: how many. In
    the open transaction."""
    rows = list(Mandate.objects.select_for_update().filter(pk__in=reasons, state=moves.ACTIVE).order_by("pk"))
    moment = clock.now()
    for row in rows:
        row.state, row.reason, row.changed_at = moves.SUSPENDED, reasons[row.pk][:300], moment
        _told(actor, row, moves.SUSPEND, row.reason)
    Mandate.objects.bulk_update(rows, ["state", "reason", "changed_at"], batch_size=1000)
    return len(rows)


def mandate_of(account_id: int) -> MandateView | None:
    """The mandate of an account that has not ended."""
    row = Mandate.objects.select_related("bank").filter(account_id=account_id).exclude(state=moves.ENDED).first()
    return view(row) if row else None


def mandates_of(account_id: int) -> list[MandateView]:
    """All mandates of an account, the newest first."""
    return [view(row) for row in Mandate.objects.select_related("bank").filter(account_id=account_id).order_by("-pk")]


def mandate_within(actor: Actor, mandate_id: int) -> MandateView:
    """A mandate of the actor's reach. Refuses `unknown_mandate`."""
    row = Mandate.objects.select_related("bank").filter(pk=mandate_id).first()
    if row is None:
        raise refusal("unknown_mandate", field="mandate", value=mandate_id)
    _within(actor, row.account_id)
    return view(row)


def mandates_waiting(actor: Actor, limit: int = 200) -> list[MandateView]:
    """Mandates that wait for the bank's or our word, the oldest first, of the actor's units."""
    rows = Mandate.objects.select_related("bank").exclude(state__in=[moves.ACTIVE, moves.ENDED]).order_by("pk")
    found = list(rows[: limit * 4])
    seen = customers.accounts(row.account_id for row in found)
    return [
        view(row) for row in found if row.account_id in seen and actor.sees_unit(seen[row.account_id].unit_id)
    ][:limit]  # fmt: skip


def opened(rows: Iterable[Mandate]) -> dict[int, tuple[str, str, str, str, date]]:
    """What a file to a bank needs of mandates, by id: number (unsealed), holder, agent, reference, day signed."""
    return {
        row.pk: (
            sealing.unseal(PURPOSE, row.number_sealed).decode(), row.holder, row.debtor_agent, row.reference,
            row.signed_on,
        )
        for row in rows
    }  # fmt: skip


def view(row: Mandate) -> MandateView:
    """The mandate without its number."""
    return MandateView(
        row.pk, row.account_id, row.reference, row.bank_id, row.bank.code, row.bank.name_en, row.bank.name_zh,
        row.holder, row.last_four, row.signed_at_door, row.signed_on, row.state, row.limit, row.preferred_day,
        row.made_by, row.made_by_name, row.made_at, row.changed_at, row.reason,
    )  # fmt: skip
