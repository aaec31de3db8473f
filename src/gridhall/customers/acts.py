"""Writing customers: accounts opened in batches, moves in and out, changes of terms. One is a batch of one."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.db import transaction

from gridhall.customers import models
from gridhall.customers.opening import OpeningFrame, assemble, write
from gridhall.customers.views import AccountsRegistered, NewAccounts, TermChange
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal


def register_accounts(actor: Actor, new: NewAccounts, *, dry_run: bool = False) -> AccountsRegistered:
    """Open accounts: customer, premise, account, agreement and first term of each row, all of them or none.

    Returns the ids by row; or every row that is refused, and then nothing was written. `dry_run` checks only.
    Refusals: name_missing, address_missing, text_too_long, bad_character, unknown_area, unknown_class, bad_number,
    number_twice,
    number_taken, tariff_missing, since_missing, negative, unknown_premise, premise_taken.
    """
    actor.require("customers.change")
    with transaction.atomic():
        frame: OpeningFrame = assemble(new)
        if frame.refused or dry_run or len(new) == 0:
            return AccountsRegistered(refused=tuple(frame.refused))
        written = write(frame)
        audit.record(
            actor, "customers.register", f"accounts:{written.account_ids[0]}..{written.account_ids[-1]}",
            after={"accounts": len(new)},
        )  # fmt: skip
    return written


Leaving = Sequence[tuple[int, date]]  # agreement and its first day that is no longer supplied, row by row
_objections: list[Callable[[Leaving], None]] = []
_objections_to_change: list[Callable[[Leaving], None]] = []


def before_leaving(objects: Callable[[Leaving], None]) -> None:
    """Let a room above refuse move-outs, in the transaction that writes them."""
    if objects not in _objections:
        _objections.append(objects)


def before_change(objects: Callable[[Leaving], None]) -> None:
    """Let a room above refuse changes of terms (agreement and first day of the new terms), in their transaction."""
    if objects not in _objections_to_change:
        _objections_to_change.append(objects)


def move_in(actor: Actor, new: NewAccounts) -> AccountsRegistered:
    """New customers move into premises that are there (`premise_id` in each row). As register_accounts."""
    if len(new.premise_id) != len(new) or not all(new.premise_id):
        raise Refusal(
            "unknown_premise",
            "A move-in names the premise in every row.",
            "迁入须逐行指明用电地址。",
            field="premise_id",
        )
    return register_accounts(actor, new)


def move_out(actor: Actor, account_id: int, on: date) -> None:
    """The customer leaves on `on` (the first day that is no longer supplied on this account): agreement and term end.

    The account closes; what it owes stays owed, and a final bill is made by the bill run of the period.
    Refuses: unknown_account, already_closed, day_too_early, and what a room above has to say (`before_leaving`):
    billed_already, while issued bills have days from `on` on.
    """
    move_out_many(actor, [account_id], [on])


def move_out_many(actor: Actor, account_ids: Sequence[int], days: Sequence[date]) -> None:
    """Many move-outs, all or none; row k of a refusal is place k. As move_out."""
    actor.require("customers.change")
    with transaction.atomic():
        accounts = {
            each.id: each
            for each in models.Account.objects.select_for_update().filter(id__in=account_ids).order_by("id")
        }
        open_now = {
            each.account_id: each
            for each in models.Agreement.objects.filter(account_id__in=account_ids, until__isnull=True)
        }
        agreements, terms, closing = [], [], []
        last_terms = {
            each.agreement_id: each
            for each in models.SupplyTerm.objects.filter(
                agreement_id__in=[each.id for each in open_now.values()], until__isnull=True
            )
        }
        for row, (account_id, on) in enumerate(zip(account_ids, days, strict=True)):
            account, agreement = accounts.get(account_id), open_now.get(account_id)
            if account is None:
                raise _unknown_account(account_id, row)
            if agreement is None or account.closed_on is not None:
                raise Refusal(
                    "already_closed", f"Account {account.number} is closed.", f"户号 {account.number} 已销户。",
                    field="account_id", row=row, value=account.number,
                )  # fmt: skip
            term = last_terms[agreement.id]
            _not_before(on, max(agreement.since, term.since), account.number, row)
            agreement.until = term.until = account.closed_on = on
            agreements.append(agreement)
            terms.append(term)
            closing.append(account)
        for objects in _objections:
            objects([(agreement.id, on) for agreement, on in zip(agreements, days, strict=True)])
        models.Agreement.objects.bulk_update(agreements, ["until"], batch_size=2000)
        models.SupplyTerm.objects.bulk_update(terms, ["until"], batch_size=2000)
        models.Account.objects.bulk_update(closing, ["closed_on"], batch_size=2000)
        audit.record_many(
            actor, "customers.move_out",
            [(f"account:{each.id}", None, {"on": str(each.closed_on)}, "") for each in closing],
        )  # fmt: skip


def change_terms(actor: Actor, batch: Sequence[TermChange]) -> None:
    """From a day on agreements are rated otherwise: the open term ends that day and the next begins; all or none.

    A change on the very day on which the open term began replaces what that term says.
    Refuses: unknown_account, already_closed, day_too_early, negative, too_great, and what a room above has to say
    (`before_change`): billed_already.
    """
    actor.require("customers.change")
    with transaction.atomic():
        wanted = [change.account_id for change in batch]
        list(models.Account.objects.select_for_update().filter(id__in=wanted).order_by("id").values_list("id"))
        open_terms = {
            each.account_id: each
            for each in models.SupplyTerm.objects.filter(account_id__in=wanted, until__isnull=True)
        }
        ended, opened, replaced, entries = [], [], [], []
        changing: list[tuple[int, date]] = []
        for row, change in enumerate(batch):
            term = open_terms.get(change.account_id)
            if term is None:
                raise _unknown_account(change.account_id, row)
            following = _following(term, change, row)
            before, after = _words(term), _words(following)
            if change.since == term.since:
                following.id = term.id
                replaced.append(following)
            else:
                _not_before(change.since, term.since + timedelta(days=1), str(change.account_id), row)
                term.until = change.since
                ended.append(term)
                opened.append(following)
            entries.append((f"account:{change.account_id}", before, after, ""))
            changing.append((term.agreement_id, change.since))
        for objects in _objections_to_change:
            objects(changing)
        models.SupplyTerm.objects.bulk_update(ended, ["until"], batch_size=2000)
        models.SupplyTerm.objects.bulk_update(replaced, list(_TERM_FIELDS), batch_size=2000)
        models.SupplyTerm.objects.bulk_create(opened, batch_size=2000)
        audit.record_many(actor, "customers.change_terms", entries)


SHARE_MOST = 10_000  # a share of all the use, in hundredths of a per cent
_TERM_FIELDS = (
    "tariff_code", "voltage", "capacity_va", "contract_w", "power_factor_standard", "persons", "allowance_wh",
    "sub_share", "sub_wh",
)  # fmt: skip


def _following(term: models.SupplyTerm, change: TermChange, row: int) -> models.SupplyTerm:
    following = models.SupplyTerm(agreement_id=term.agreement_id, account_id=term.account_id, since=change.since)
    for name in _TERM_FIELDS:
        value = getattr(change, name)
        if isinstance(value, int) and value < 0:
            raise Refusal("negative", f"{name} is negative.", f"{name} 为负数。", field=name, row=row, value=str(value))
        if name == "sub_share" and value is not None and value > SHARE_MOST:
            raise Refusal("too_great", f"{name} is too great.", f"{name} 过大。", field=name, row=row, value=str(value))
        setattr(following, name, getattr(term, name) if value is None else value)
    return following


def _words(term: models.SupplyTerm) -> dict[str, str]:
    return {"since": term.since.isoformat()} | {name: str(getattr(term, name)) for name in _TERM_FIELDS}


def _not_before(on: date, least: date, number: str, row: int) -> None:
    if on < least:
        raise Refusal(
            "day_too_early", f"Account {number}: {on} is before {least}.", f"户号 {number}：{on} 早于 {least}。",
            field="on", row=row, value=on.isoformat(),
        )  # fmt: skip


def _unknown_account(account_id: int, row: int) -> Refusal:
    return Refusal(
        "unknown_account", f"There is no open account {account_id}.", f"没有编号为 {account_id} 的在用户号。",
        field="account_id", row=row, value=str(account_id),
    )  # fmt: skip


def set_language(actor: Actor, account_id: int, language: str) -> None:
    """The language (zh | en) of bills and messages for the customer of an account. Refuses `unknown_account`,
    `language_unknown`."""
    if language not in ("zh", "en"):
        raise Refusal(
            "language_unknown", "The language is not known.", "不支持此语言。", field="language", value=language[:20]
        )
    with transaction.atomic():
        customer = models.Customer.objects.select_for_update().filter(account__id=account_id).first()
        if customer is None:
            raise _unknown_account(account_id, -1)
        before, customer.language = customer.language, language
        customer.save(update_fields=["language"])
        audit.record(
            actor, "customers.set_language", f"account:{account_id}",
            before={"language": before}, after={"language": language},
        )  # fmt: skip


def record_sent(account_id: int, to: str, way: str, occasion: str, text: str) -> None:
    """Keep in the message log what was sent to a customer. Never pass a secret outside a demo."""
    models.SentMessage.objects.create(
        account_id=account_id or None, to=to, way=way, occasion=occasion, text=text, sent_at=clock.now()
    )
