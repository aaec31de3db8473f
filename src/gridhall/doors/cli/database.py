"""`gridhall database`: dump and restore with the programs that match the server."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Back up and restore the database", no_args_is_help=True)


def _program(name: str) -> str:
    """The embedded server's own program; for another server the system's, which must not be older than it."""
    from gridhall.kernel import database, embedded

    return str(embedded.programs_folder() / name) if database.uses_embedded() else name


@app.command()
def dump(file: Annotated[Path, typer.Argument(help="Where to write the dump")]) -> None:
    """Write everything into one file (pg_dump, custom format) while the system runs; never over an existing file."""
    from gridhall.kernel import database

    if file.exists():
        raise typer.BadParameter(f"{file} is there already")
    part = file.with_name(file.name + ".part")
    done = subprocess.run([_program("pg_dump"), "--format=custom", f"--file={part}", database.conninfo()], check=False)
    if done.returncode:
        part.unlink(missing_ok=True)
        raise typer.Exit(1)
    part.rename(file)  # a dump that broke off never carries the name that was asked for
    typer.echo(f"{file}: {file.stat().st_size:,} bytes")


@app.command()
def restore(file: Annotated[Path, typer.Argument(exists=True, help="A dump made by `gridhall database dump`")]) -> None:
    """Fill an empty database from a dump, all or nothing. Refuses where there are accounts already."""
    from django.db import connection

    from gridhall.kernel import database

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('customers_account')")
        if cursor.fetchone() != (None,):
            cursor.execute("SELECT EXISTS (SELECT FROM customers_account)")
            if cursor.fetchone() == (True,):
                raise typer.BadParameter("the database is not empty; restore into a new one (GRIDHALL_DATABASE)")
    connection.close()
    done = subprocess.run(
        [
            _program("pg_restore"),
            "--single-transaction",
            "--clean",
            "--if-exists",
            "--no-owner",
            f"--dbname={database.conninfo()}",
            str(file),
        ],
        check=False,
    )
    if done.returncode:
        raise typer.Exit(1)
    typer.echo(f"restored from {file}; now run: gridhall ledger check")
