"""Who calls the API: a partner by key. What it may see is by scope and unit."""

from typing import cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from gridhall.customers import public as customers
from gridhall.kernel import keys
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal

# Text without control characters: a NUL is text that the database does not know.
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"


class PartnerKey(HttpBearer):
    """`Authorization: Bearer gh_…`, a key made by `gridhall key make`."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return keys.actor_of(token)


def caller(request: HttpRequest, permission: str) -> Actor:
    """The calling partner; refuses `not_allowed` where its key lacks the scope."""
    actor = cast(Actor, request.auth)  # type: ignore[attr-defined]  # django-ninja puts it there
    actor.require(permission)
    return actor


def payee_of(actor: Actor, number: str) -> int:
    """The id of the account of this number, where no more of it is needed; refused as by `account_of`."""
    found = customers.account_place(number) if number.isprintable() else None
    if found is None or not actor.sees_unit(found[1]):
        raise _unknown(number)
    return found[0]


def account_of(actor: Actor, number: str) -> customers.AccountView:
    """The account of this number. One outside the caller's units is unknown to it."""
    found = customers.account_by_number(number) if number.isprintable() else None
    if found is None or not actor.sees_unit(found.unit_id):
        raise _unknown(number)
    return found


def _unknown(number: str) -> Refusal:
    return Refusal(
        "unknown_account", f"There is no account {number}.", f"没有户号 {number}。", field="account", value=number
    )
