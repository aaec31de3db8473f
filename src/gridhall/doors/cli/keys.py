"""`gridhall key`: API keys of partner systems."""

import json
from typing import Annotated

import typer

from gridhall.kernel.access import ROLES, system

app = typer.Typer(help="API keys of partner systems", no_args_is_help=True)


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="Whose key it is, as the audit will show it")],
    scope: Annotated[list[str], typer.Option(help="A permission, such as payments.take; may be given often")],
    unit: Annotated[list[int] | None, typer.Option(help="Only accounts of these accounting units; all if none")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Make a key. It is shown once."""
    from gridhall.kernel import keys

    known = {permission for _, _, permissions in ROLES.values() for permission in permissions}
    unknown = sorted(set(scope) - known)
    if unknown:
        raise typer.BadParameter(f"unknown scope {unknown[0]}; known: {', '.join(sorted(known))}")
    key = keys.make(system("cli"), name, scope, unit or (), everywhere=not unit)
    typer.echo(json.dumps({"key": key}) if as_json else key)


@app.command()
def revoke(prefix: Annotated[str, typer.Argument(help="The eight characters after gh_")]) -> None:
    """End a key at once."""
    from gridhall.kernel import keys

    keys.revoke(system("cli"), prefix)
    typer.echo(f"{prefix} revoked")
