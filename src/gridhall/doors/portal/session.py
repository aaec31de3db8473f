"""Who is signed in at the portal.

A sign-in ends after half an hour without a page, after twelve hours, or when the password changes elsewhere.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control

from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.access import Actor

KEY = "portal"
IDLE_MOST = timedelta(minutes=30)
LENGTH_MOST = timedelta(hours=12)
NOTE_EVERY = timedelta(minutes=1)  # how often the last page is written down: not on every request

P = ParamSpec("P")


@dataclass(frozen=True)
class SignedIn:
    """The customer of this session. Name and address are as they were at sign-in; every figure is read anew."""

    account_id: int
    number: str
    name: str
    address: str
    area_id: int
    unit_id: int
    class_code: int

    @property
    def actor(self) -> Actor:
        return Actor("customer", self.number, "portal", id=self.account_id)


def sign_in(request: HttpRequest, account_id: int) -> SignedIn:
    """Open the session of an account under a new session key (a planted one is worth nothing)."""
    request.session.flush()
    return begin(request.session, account_id)


def begin(session: SessionBase, account_id: int) -> SignedIn:
    """Write into a fresh session who signed in and when. LookupError where there is no such account."""
    view = customers.account(account_id)
    if view is None:
        raise LookupError(f"there is no account {account_id}")
    who = SignedIn(view.account_id, view.number, view.name, view.address, view.area_id, view.unit_id, view.class_code)
    moment = clock.now().isoformat()
    changed = customers.password_changed_at(account_id)
    session[KEY] = {
        "who": asdict(who),
        "since": moment,
        "seen": moment,
        "password": changed.isoformat() if changed else "",
    }
    session.set_expiry(int(LENGTH_MOST.total_seconds()))
    return who


def keep_after_password_change(request: HttpRequest) -> None:
    """This session stays; all others of the account end, since they remember the old password's day."""
    held = request.session[KEY]
    changed = customers.password_changed_at(held["who"]["account_id"])
    request.session.cycle_key()
    request.session[KEY] = held | {"password": changed.isoformat() if changed else ""}


def sign_out(request: HttpRequest) -> None:
    request.session.flush()


def signed_in(request: HttpRequest) -> SignedIn | None:
    """The customer of the request, or None where nobody is signed in any more. One query for the password's day."""
    held: dict[str, Any] | None = request.session.get(KEY)
    if held is None:
        return None
    moment = clock.now()
    since, seen = datetime.fromisoformat(held["since"]), datetime.fromisoformat(held["seen"])
    changed = customers.password_changed_at(held["who"]["account_id"])
    stale = moment - seen > IDLE_MOST or moment - since > LENGTH_MOST
    if stale or held["password"] != (changed.isoformat() if changed else ""):
        request.session.flush()
        return None
    if moment - seen > NOTE_EVERY:
        request.session[KEY] = held | {"seen": moment.isoformat()}
    return SignedIn(**held["who"])


def customer_page(
    view: Callable[Concatenate[HttpRequest, SignedIn, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """A page of the signed-in customer: others are sent to sign in and come back. Never cached anywhere."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        was_in = KEY in request.session
        customer = signed_in(request)
        if customer is None:
            asked = {"next": request.get_full_path()} if request.method == "GET" and request.path != "/" else {}
            if was_in:
                asked["ended"] = "1"
            address = reverse("portal:sign_in")
            return redirect(f"{address}?{urlencode(asked)}" if asked else address)
        answer = view(request, customer, *args, **kwargs)
        patch_cache_control(answer, private=True, no_store=True)
        return answer

    # Django calls views by keyword; the exact parameters are those of `view` without the customer
    return guarded
