"""A member of staff at the command line: the name, the password and the code, as at the office's door.

What another person must sign is signed so. The machine's own operator needs none of it, and acts as Gridhall itself.
"""

import typer
from django.contrib.auth import authenticate
from django.http import HttpRequest

from gridhall.doors.office import factor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import StaffAccess
from gridhall.kernel.refusal import Refusal

DOOR = "cli"


def signed_in(username: str) -> Actor:
    """The member of staff of this name, after asking for the password (never an option: it would stay in the shell's
    history) and, where a second factor is set up, for its code.

    Wrong tries count as they do in the office: six lock the name for 15 minutes. Refuses not_signed_in, factor_missing
    (the role needs a second factor and none is set up), factor_wrong.
    """
    password = typer.prompt(f"Password of {username}", hide_input=True, err=True)
    user = authenticate(_asked_here(), username=username, password=password)
    access = StaffAccess.objects.select_related("role", "user").filter(user_id=user.pk).first() if user else None
    if access is None:
        raise Refusal(
            "not_signed_in",
            "User name or password is wrong. After six wrong tries the name is locked for 15 minutes.",
            "用户名或密码错误。连续六次错误后锁定 15 分钟。", field="as",
        )  # fmt: skip
    actor = Actor(
        "staff", access.user.get_username(), DOOR, id=access.user_id, permissions=frozenset(access.role.permissions),
        units=frozenset(access.units), everywhere=access.everywhere, role=access.role_id,
    )  # fmt: skip
    _second_factor(actor)
    audit.record(actor, "staff.sign_in", f"staff:{actor.name}")
    return actor


def _second_factor(actor: Actor) -> None:
    if not factor.enrolled(actor.id):
        if factor.required(actor.role):
            raise Refusal(
                "factor_missing", "This role needs a second factor: set it up in the office first.",
                "该角色须启用第二重验证，请先在营业后台设置。", field="as",
            )  # fmt: skip
        return
    if not factor.check(actor.id, typer.prompt("One-time code", err=True), clock.now()):
        audit.record(actor, "staff.second_factor_wrong", f"staff:{actor.name}")
        raise Refusal("factor_wrong", "This code does not fit.", "验证码不正确。", field="code")


def _asked_here() -> HttpRequest:
    """The request by which wrong tries are counted: of this machine."""
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": DOOR, "PATH_INFO": DOOR}
    return request
