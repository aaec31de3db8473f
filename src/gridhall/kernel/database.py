"""Which database: the embedded one, or the server that `DATABASE_URL` names."""

import contextlib
import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from gridhall.kernel import embedded


def uses_embedded() -> bool:
    return not os.environ.get("DATABASE_URL")


def django_settings() -> dict[str, Any]:
    """Django's `DATABASES['default']`. Nothing is started here; `ensure_running` does that."""
    options: dict[str, Any] = {"pool": False}
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
    if uses_embedded():
        where = embedded.socket()
        return common | {
            "NAME": os.environ.get("GRIDHALL_DATABASE", "gridhall"),
            "HOST": str(where.folder),
            "PORT": where.port,
            "USER": where.user,
            "OPTIONS": options,
        }
    url = urlsplit(os.environ["DATABASE_URL"])
    if url.scheme not in ("postgres", "postgresql"):
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not {url.scheme}://")
    query = dict(parse_qsl(url.query))
    return common | {
        "NAME": unquote(url.path.lstrip("/")) or "gridhall",
        "HOST": unquote(query.pop("host", url.hostname or "")),
        "PORT": url.port or 5432,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "OPTIONS": options | query,
    }


def ensure_running() -> None:
    """Start the embedded server and make the database, where the embedded one is used."""
    if not uses_embedded():
        return
    import psycopg

    where = embedded.start()
    name = django_settings()["NAME"]
    conninfo = {"host": str(where.folder), "port": where.port, "user": where.user, "dbname": "postgres"}
    with psycopg.connect(**conninfo, autocommit=True) as connection:  # type: ignore[arg-type]
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            identifier = psycopg.sql.Identifier(name)
            # another process may make it between the question and the making
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(identifier))


def conninfo() -> str:
    """A libpq connection string for programs and processes beside Django (workers, benchmarks)."""
    from psycopg.conninfo import make_conninfo

    settings = django_settings()
    options = {key: value for key, value in settings["OPTIONS"].items() if key != "pool"}
    return make_conninfo(
        host=settings["HOST"] or None, port=settings["PORT"], user=settings["USER"] or None,
        password=settings.get("PASSWORD") or None, dbname=settings["NAME"], **options,
    )  # fmt: skip
