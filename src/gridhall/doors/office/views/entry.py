"""Signing in and out, the second factor, and one's own page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from gridhall.doors.look.views import safe_next
from gridhall.doors.office import factor, forms, staff
from gridhall.doors.office.rail import screen
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import StaffAccess

SESSION_SECONDS = 10 * 3600  # a working day


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password; six failures of a name from one address lock it for 15 minutes (django-axes)."""
    following = safe_next(request, "/office/")
    if staff.access_of(request) is not None:
        return redirect(following)
    form = forms.SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, username=form.cleaned_data["username"], password=form.cleaned_data["password"])
        access = StaffAccess.objects.select_related("role", "user").filter(user_id=user.pk).first() if user else None
        if isinstance(user, User) and access is not None:
            login(request, user)
            request.session.set_expiry(SESSION_SECONDS)
            request.session[staff.SEEN] = int(clock.now().timestamp())
            audit.record(staff.actor_of(access), "staff.sign_in", f"staff:{user.get_username()}")
            return redirect(following)
        form.add_error(
            None, _("User name or password is wrong. After six wrong tries the name is locked for 15 minutes.")
        )
    shown = {"form": form, "next": following, "demo": settings.DEMO, "ended": "ended" in request.GET}
    return render(request, "office/sign_in.html", shown, status=422 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    access = staff.access_of(request)
    if access is not None:
        audit.record(staff.actor_of(access), "staff.sign_out", f"staff:{access.user.get_username()}")
    logout(request)
    return redirect("office:sign_in")


@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """The one-time code after the password."""
    access = staff.access_of(request)
    if access is None:
        return redirect("office:sign_in")
    following = safe_next(request, "/office/")
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = staff.actor_of(access)
        if factor.check(access.user_id, form.cleaned_data["code"], clock.now()):
            request.session.cycle_key()
            request.session[staff.FACTOR_SHOWN] = access.user_id
            audit.record(actor, "staff.second_factor", f"staff:{actor.name}")
            return redirect(following)
        audit.record(actor, "staff.second_factor_wrong", f"staff:{actor.name}")
        form.add_error(
            "code", _("This code does not fit. Wait for the next one; after six wrong tries it locks for 15 minutes.")
        )
    return render(request, "office/second_factor.html", {"form": form, "next": following})


@never_cache
@staff.before_factor
@staff.desk()
def me(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One's own page: role, units, password, second factor."""
    form = forms.PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _change_password(request, actor, form):
        return redirect("office:me")
    shown: dict[str, Any] = {
        "form": form,
        "units": staff.units_of(actor),
        "enrolled": factor.enrolled(actor.id),
    }
    return screen(request, actor, "office/me.html", shown)


def _change_password(request: HttpRequest, actor: Actor, form: forms.PasswordForm) -> bool:
    user = request.user
    assert isinstance(user, User)
    if not user.check_password(form.cleaned_data["old"]):
        form.add_error("old", _("This is not your password until now."))
        return False
    try:
        validate_password(form.cleaned_data["new"], user)
    except ValidationError as wrong:
        form.add_error("new", wrong)
        return False
    user.set_password(form.cleaned_data["new"])
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    audit.record(actor, "staff.password", f"staff:{actor.name}")
    messages.success(request, _("The password is changed."))
    return True


@never_cache
@staff.before_factor
@staff.desk()
def enrol(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Set up the second factor: scan, type the first code, keep the recovery codes."""
    if factor.enrolled(actor.id):
        return redirect("office:me")
    secret = factor.begin(actor.id)
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = factor.confirm(actor.id, form.cleaned_data["code"], clock.now())
        if codes:
            request.session[staff.FACTOR_SHOWN] = actor.id
            audit.record(actor, "staff.factor_enrolled", f"staff:{actor.name}")
            return screen(request, actor, "office/recovery.html", {"codes": codes})
        form.add_error("code", _("This code does not fit. Is the clock of your phone right?"))
    address = factor.address(secret, actor.name, f"Gridhall {settings.SUPPLIER_NAME_EN}")
    shown = {
        "form": form,
        # segno draws rectangles from our own text; nothing of a user is in it unescaped
        "qr": mark_safe(factor.qr(address)),
        "spelled": factor.spelled(secret),
        "must": factor.required(_role(request)),
    }
    return screen(request, actor, "office/enrol.html", shown)


def _role(request: HttpRequest) -> str:
    access = staff.access_of(request)
    return access.role_id if access else ""


@require_POST
@staff.desk()
def factor_off(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Take one's own second factor off, with the code of the moment."""
    if factor.check(actor.id, request.POST.get("code", ""), clock.now()):
        factor.remove(actor.id)
        audit.record(actor, "staff.factor_removed", f"staff:{actor.name}")
        messages.success(request, _("The second factor is off."))
    else:
        messages.error(request, _("This code does not fit; the second factor stays."))
    return redirect("office:me")
