"""`gridhall staff`: the first members of staff; the others are added in the office."""

import json
import secrets
from typing import Annotated

import typer

from gridhall.kernel.access import system

app = typer.Typer(help="Members of staff: add, list, take a lost second factor off", no_args_is_help=True)


@app.command()
def add(
    username: Annotated[str, typer.Argument(help="Name to sign in with")],
    role: Annotated[str, typer.Option(help="clerk, cashier, reader, billing or manager, or a role of your own")],
    name_zh: Annotated[str, typer.Option(help="Full name in Chinese")] = "",
    name_en: Annotated[str, typer.Option(help="Full name in English")] = "",
    unit: Annotated[list[int] | None, typer.Option(help="Accounting units; everywhere if none is given")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Add a member of staff. The first password is made up and shown once; it is changed on "My page"."""
    from gridhall.kernel import staff

    password = secrets.token_urlsafe(12)
    staff.add(
        system("cli"), username, password, role, name_en or name_zh or username, name_zh or name_en or username,
        units=unit or (), everywhere=not unit,
    )  # fmt: skip
    typer.echo(json.dumps({"username": username, "password": password}) if as_json else password)


@app.command("list")
def list_staff(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Who may sign in, and as what."""
    from gridhall.kernel.models import StaffAccess

    rows = [
        {"username": each.user.get_username(), "role": each.role_id, "active": each.user.is_active, "units": each.units}
        for each in StaffAccess.objects.select_related("user").order_by("role_id", "user__username")
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(f"{row['username']}\t{row['role']}\t{'' if row['active'] else 'ended'}")


@app.command()
def factor_off(username: Annotated[str, typer.Argument(help="Whose phone is lost")]) -> None:
    """Take a second factor off, so that it can be set up anew."""
    from gridhall.doors.office import factor
    from gridhall.kernel import audit
    from gridhall.kernel.models import StaffAccess
    from gridhall.kernel.refusal import Refusal

    found = StaffAccess.objects.filter(user__username=username).first()
    if found is None:
        raise Refusal("unknown_staff", f"There is no {username}.", f"没有用户 {username}。", field="username")
    factor.remove(found.user_id)
    audit.record(system("cli"), "staff.factor", f"staff:{username}")
    typer.echo(f"{username}: second factor off")
