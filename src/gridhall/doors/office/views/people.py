"""Members of staff: who they are, new ones, a lost phone, the end of access."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gridhall.doors.office import factor, forms, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel import audit as trail
from gridhall.kernel import staff as register
from gridhall.kernel.access import Actor
from gridhall.kernel.models import Role, StaffAccess


@staff.desk("staff.manage")
def people(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Members of staff within the actor's units: role, units, second factor, last sign-in."""
    names = words.unit_names()
    with_factor = set(factor.enrolled_among(list(StaffAccess.objects.values_list("user_id", flat=True))))
    rows = [
        {
            "it": each,
            "units": [names.get(unit, str(unit)) for unit in each.units],
            "factor": each.user_id in with_factor,
            "must": factor.required(each.role_id),
        }
        for each in StaffAccess.objects.select_related("user", "role").order_by("role_id", "user__username")
        if staff.within(actor, each.units, each.everywhere)
    ]
    return screen(request, actor, "office/people.html", {"rows": rows})


@never_cache
@staff.desk("staff.manage")
def person_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A new member of staff; the first password is made up and shown once."""
    roles = [(role.code, words.of(role)) for role in Role.objects.order_by("code")]
    units = [(unit.id, words.of(unit)) for unit in staff.units_of(actor)]
    form = forms.PersonForm(request.POST or None, roles=roles, units=units)
    shown: dict[str, Any] = {"form": form, "units": units}
    if request.method == "POST" and form.is_valid():
        given, password = form.cleaned_data, secrets.token_urlsafe(12)
        places = given["units"] or ([] if actor.everywhere else sorted(actor.units))
        register.add(
            actor,
            given["username"],
            password,
            given["role"],
            given["name_en"],
            given["name_zh"],
            units=places,
            everywhere=actor.everywhere and not places,
        )
        return screen(request, actor, "office/person_made.html", {"username": given["username"], "password": password})
    return screen(request, actor, "office/person_new.html", shown, status=422 if form.errors else 200)


@require_POST
@staff.desk("staff.manage")
def person_act(request: HttpRequest, actor: Actor, user_id: int, act: str) -> HttpResponseBase:
    """Unlock a name, take a lost second factor off, or end and renew somebody's access.

    Never one's own, nor of somebody whose units reach beyond the actor's.
    """
    access = StaffAccess.objects.select_related("user").filter(user_id=user_id).first()
    if access is None or user_id == actor.id or not staff.within(actor, access.units, access.everywhere):
        raise Http404
    user = access.user
    if act == "factor":
        factor.remove(user_id)
        messages.success(request, _("The second factor is off; it can be set up anew."))
    elif act == "unlock":
        from axes.utils import reset

        reset(username=user.username)
        messages.success(request, _("Unlocked."))
    else:
        user.is_active = act == "admit"
        user.save(update_fields=["is_active"])
        messages.success(request, _("Access is given.") if user.is_active else _("Access has ended."))
    trail.record(actor, f"staff.{act}", f"staff:{user.username}")
    return redirect("office:people")
