"""`gridhall setup`: the database made, or brought up to this release."""

import typer

from gridhall.doors.cli import ready

app = typer.Typer(help="Make or bring up to date the database")


@app.command()
def setup() -> None:
    """Start the database where Gridhall runs its own, and make or update its tables. Safe to run again."""
    ready.django_only()
    from gridhall.kernel import database
    from gridhall.kernel.home import home

    database.ensure_running()
    ready.make_tables(quiet=True)
    typer.echo(f"Ready. Home: {home()}")
