"""Who sits at the desk: a signed-in member of staff as an `Actor`, and the guard before every screen."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from gridhall.doors.office import factor
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import StaffAccess
from gridhall.kernel.refusal import Refusal
from gridhall.territory import public as territory

P = ParamSpec("P")
Screen = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]
Plain = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

FACTOR_SHOWN = "office_factor"
SEEN = "office_seen"
IDLE_SECONDS = 3600  # a desk that nobody works at
NOTE_EVERY_SECONDS = 60  # how often the last page is written down: not on every request


def access_of(request: HttpRequest) -> StaffAccess | None:
    """The staff record of the one signed in; kept on the request, so that a page asks once."""
    if not hasattr(request, "office_access"):
        user = request.user
        found = (
            StaffAccess.objects.select_related("role", "user").filter(user_id=user.pk).first()
            if user.is_authenticated and user.is_active
            else None
        )
        request.office_access = found  # type: ignore[attr-defined]  # Django's request is open for this
    return request.office_access  # type: ignore[attr-defined, no-any-return]


def actor_of(access: StaffAccess) -> Actor:
    """The member of staff as the one who acts."""
    return Actor(
        "staff",
        access.user.get_username(),
        "office",
        id=access.user_id,
        permissions=frozenset(access.role.permissions),
        units=frozenset(access.units),
        everywhere=access.everywhere,
        role=access.role_id,
    )


def language() -> str:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def units_of(actor: Actor) -> list[territory.Unit]:
    """The accounting units that this member of staff sees."""
    return [unit for unit in territory.units() if actor.sees_unit(unit.id)]


def unit_ids_of(actor: Actor) -> list[int]:
    return [unit.id for unit in units_of(actor)]


def within(actor: Actor, units: Iterable[int], everywhere: bool) -> bool:
    """Whether the reach of somebody else (a person, a job) lies wholly within the actor's."""
    return actor.everywhere or (not everywhere and actor.units.issuperset(units))


def people_within(actor: Actor) -> list[int]:
    """User ids of the members of staff whose reach lies within the actor's."""
    people = StaffAccess.objects.values_list("user_id", "units", "everywhere")
    return [user_id for user_id, units, everywhere in people if within(actor, units, everywhere)]


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Full names of members of staff in the reader's language, by user id. One query."""
    wanted = set(user_ids) - {0}
    field = f"full_name_{language()}"
    if not wanted:
        return {}
    return dict(StaffAccess.objects.filter(user_id__in=wanted).values_list("user_id", field))


def full_names() -> dict[str, str]:
    """Full names of all members of staff in the reader's language, by user name. One query."""
    return dict(StaffAccess.objects.values_list("user__username", f"full_name_{language()}"))


def desk(*permissions: str) -> Callable[[Screen[P]], Plain[P]]:
    """Guard a screen: signed in, second factor shown, and at least one of these permissions.

    The view gets the `Actor`. A refusal becomes a sentence: after a form, on the page it came from; else on a page
    of its own. The view carries `permissions`, which the menu reads.
    """

    def guard(view: Screen[P]) -> Plain[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            access = access_of(request)
            if access is not None and _left_alone(request):
                logout(request)
                return _to_sign_in(request, ended=True)
            if access is None:
                return _to_sign_in(request)
            if request.session.get(FACTOR_SHOWN) != access.user_id:
                if factor.enrolled(access.user_id):
                    return redirect(f"/office/second-factor?next={quote(request.get_full_path())}")
                if factor.required(access.role.code) and not getattr(guarded, "before_factor", False):
                    return redirect("office:enrol")
            actor = actor_of(access)
            if permissions and not any(actor.may(one) for one in permissions):
                raise PermissionDenied
            try:
                answer = view(request, actor, *args, **kwargs)
            except Refusal as refusal:
                return answer_refusal(request, refusal)
            # Back must not bring an old form with its old key, nor a customer's page after the sign-out
            patch_cache_control(answer, private=True, no_store=True)
            return answer

        guarded.permissions = permissions  # type: ignore[attr-defined]  # read by the menu
        return cast(Plain[P], guarded)

    return guard


def before_factor(view: Plain[P]) -> Plain[P]:
    """Mark a guarded view as reachable before a required second factor has been set up."""
    view.before_factor = True  # type: ignore[attr-defined]
    return view


def answer_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say what was refused: on the page the form came from, or on a page of its own."""
    if refusal.code == "not_allowed":
        raise PermissionDenied(refusal.text(language()))
    text = refusal.text(language())
    came_from = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    if request.method == "POST" and safe and not request.headers.get("HX-Request"):
        messages.error(request, text)
        return redirect(came_from)
    status = 404 if refusal.code.startswith("unknown_") else 409
    return render(request, "office/refused.html", {"text": text, "code": refusal.code, "rail": []}, status=status)


def _left_alone(request: HttpRequest) -> bool:
    """Whether no page was opened for so long that the sign-in ends; notes that one is opened now."""
    moment = int(clock.now().timestamp())
    seen = int(request.session.get(SEEN, moment))
    if moment - seen > IDLE_SECONDS:
        return True
    if SEEN not in request.session or moment - seen > NOTE_EVERY_SECONDS:
        request.session[SEEN] = moment
    return False


def _to_sign_in(request: HttpRequest, *, ended: bool = False) -> HttpResponse:
    # a form is not sent again by a sign-in: the way back leads to the first page
    back = request.get_full_path() if request.method == "GET" else "/office/"
    target = f"/office/sign-in?next={quote(back)}{'&ended=1' if ended else ''}"
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = "/office/sign-in"
        return answer
    return redirect(target)
