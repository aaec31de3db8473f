"""Our accounts at banks: entered once, found by the number that stands in statements."""

import re
from collections.abc import Iterable

from django.conf import settings
from django.db import IntegrityError, transaction

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.payments.refusals import refusal
from gridhall.payments.statement_data import BankAccountView
from gridhall.payments.statement_models import BankAccount

POINTS_MOST = 101  # nothing is booked by itself
_NUMBER = re.compile(r"[0-9A-Z]{4,34}")
_PREFIX = re.compile(r"[0-9A-Z]{0,24}")


def plain_number(text: str) -> str:
    """An account number as it is compared: without blanks and dashes, in capitals."""
    return re.sub(r"[\s\-]", "", text).upper()


def add_bank_account(
    actor: Actor, number: str, name_en: str, name_zh: str, unit_id: int, *, currency: str = "",
    virtual_prefix: str = "", post_points: int = 80,
) -> BankAccountView:  # fmt: skip
    """Enter an account of ours. `unit_id`: whose books keep what comes in until it is known whose it is.

    Refuses: not_allowed, bad_bank_account (field), bank_account_taken.
    """
    actor.require("staff.manage")
    number, prefix = plain_number(number), plain_number(virtual_prefix)
    wrong = {
        "number": not _NUMBER.fullmatch(number), "name": not (name_en.strip() and name_zh.strip()),
        "unit": unit_id <= 0 or not actor.sees_unit(unit_id), "virtual_prefix": not _PREFIX.fullmatch(prefix),
        "post_points": not 1 <= post_points <= POINTS_MOST,
    }  # fmt: skip
    for field, bad in wrong.items():
        if bad:
            raise refusal("bad_bank_account", field=field)
    try:
        with transaction.atomic():
            made = BankAccount.objects.create(
                number=number, name_en=name_en.strip()[:80], name_zh=name_zh.strip()[:80], unit_id=unit_id,
                currency=currency or settings.CURRENCY, virtual_prefix=prefix, post_points=post_points,
                made_at=clock.now(),
            )  # fmt: skip
            audit.record(
                actor, "bank_accounts.add", f"bank_account:{number}",
                after={"unit": unit_id, "virtual_prefix": prefix, "post_points": post_points},
            )  # fmt: skip
    except IntegrityError as error:
        raise refusal("bank_account_taken", field="number", value=number) from error
    return account_view(made)


def bank_accounts(unit_ids: Iterable[int] | None = None) -> list[BankAccountView]:
    """Our accounts by number, of some units (None: all)."""
    found = BankAccount.objects.order_by("number")
    if unit_ids is not None:
        found = found.filter(unit_id__in=list(unit_ids))
    return [account_view(each) for each in found]


def bank_account_within(actor: Actor, number: str) -> BankAccountView:
    """The account of that number. Refuses unknown_bank_account, also for one of a unit that is not the actor's."""
    found = BankAccount.objects.filter(number=plain_number(number)).first()
    if found is None or not actor.sees_unit(found.unit_id):
        raise refusal("unknown_bank_account", field="account", value=ascii(number[:40]))
    return account_view(found)


def account_view(found: BankAccount) -> BankAccountView:
    """The account as a frozen value."""
    return BankAccountView(
        found.pk, found.number, found.name_en, found.name_zh, found.unit_id, found.currency, found.virtual_prefix,
        found.post_points,
    )  # fmt: skip
