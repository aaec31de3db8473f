"""Making ready before a command: Django, a running database, tables as they should be."""

import os
import sys


def django_only() -> None:
    """Load Django without touching the database; enough for `--help`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")
    import django

    django.setup()


def database_ready() -> None:
    """Load Django, start the embedded database where that is used, and make its tables where there are none yet.

    Nothing is made in a home that has no database: refuses `no_database`, since a mistyped home is likelier. Tables of
    an older release are not changed unasked: refuses `not_migrated` and names the command.
    """
    django_only()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from gridhall.kernel import database, embedded
    from gridhall.kernel.refusal import Refusal

    if database.uses_embedded() and not (embedded.data_folder() / "PG_VERSION").exists():
        place = embedded.data_folder().parent
        demo = place / "demo"
        hint = f" The demo lives in {demo}." if demo.exists() else ""
        raise Refusal(
            "no_database",
            f"There is no Gridhall in {place}. Set GRIDHALL_HOME to its folder, or run: gridhall setup.{hint}",
            f"{place} 中没有 Gridhall 数据。请将 GRIDHALL_HOME 设为其目录，或先运行：gridhall setup",
            field="GRIDHALL_HOME",
        )
    database.ensure_running()
    executor = MigrationExecutor(connection)
    if not executor.loader.applied_migrations:
        make_tables(quiet=True)
    elif executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refusal(
            "not_migrated",
            "The database is of an older release. Run: gridhall setup",
            "数据库为旧版本，请先运行：gridhall setup",
        )


def make_tables(*, quiet: bool) -> None:
    """Bring the tables up to this release and add the roles as shipped. Safe to run again, and by two at once."""
    from django.core.management import call_command
    from django.db import connection

    from gridhall.kernel import staff

    with connection.cursor() as cursor:
        # the lock is of this session: the second one waits and then finds nothing to do
        cursor.execute("SELECT pg_advisory_lock(hashtext('gridhall_migrate'))")
    try:
        call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
        staff.seed_roles()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('gridhall_migrate'))")


def language() -> str:
    """Language of what the command line says: `GRIDHALL_CLI_LANGUAGE`, else that of the locale, else English."""
    chosen = os.environ.get("GRIDHALL_CLI_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if chosen.lower().startswith("zh") else "en"


def wants_help() -> bool:
    return "--help" in sys.argv
