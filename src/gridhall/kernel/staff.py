"""Members of staff: the roles as shipped, and people who hold them."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.db import transaction

from gridhall.kernel import audit
from gridhall.kernel.access import ROLES, Actor
from gridhall.kernel.models import Role, StaffAccess
from gridhall.kernel.refusal import Refusal


def seed_roles() -> None:
    """Add the roles as shipped that are not there; what a supplier has changed stays."""
    Role.objects.bulk_create(
        (
            Role(code=code, name_en=name_en, name_zh=name_zh, permissions=list(permissions))
            for code, (name_en, name_zh, permissions) in ROLES.items()
        ),
        ignore_conflicts=True,
    )


def add(
    actor: Actor,
    username: str,
    password: str,
    role: str,
    name_en: str,
    name_zh: str,
    *,
    units: Sequence[int] = (),
    everywhere: bool = False,
) -> int:
    """A new member of staff who may sign in; returns the user's id.

    Nobody gives a wider reach than his own. Refuses: not_allowed, unknown_role, user_taken.
    """
    actor.require("staff.manage")
    if (everywhere and not actor.everywhere) or not all(map(actor.sees_unit, units)):
        raise Refusal("not_allowed", "Not all of these units are yours.", "其中有单元不在您的管辖范围。", field="units")
    users = get_user_model().objects
    if not Role.objects.filter(code=role).exists():
        raise Refusal("unknown_role", f"There is no role {role}.", f"没有角色 {role}。", field="role", value=role)
    if users.filter(username=username).exists():
        raise Refusal(
            "user_taken", f"{username} is taken.", f"用户名 {username} 已存在。", field="username", value=username
        )
    with transaction.atomic():
        user = users.create_user(username=username, password=password)
        StaffAccess.objects.create(
            user=user,
            role_id=role,
            full_name_en=name_en,
            full_name_zh=name_zh,
            units=list(units),
            everywhere=everywhere,
        )
        audit.record(
            actor,
            "staff.add",
            f"user:{username}",
            after={"role": role, "units": list(units), "everywhere": everywhere},
        )
    return int(user.pk)
