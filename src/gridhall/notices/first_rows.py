"""The texts that come with the program: there from the first migration on."""

from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import yaml
from django.db import connections

from gridhall.notices.occasions import BY_NAME

SINCE = date(2020, 1, 1)
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
TABLE = "notices_text"


def ensure(using: str = "default", **_: Any) -> None:
    """Give each occasion that has no text at all the one that comes with the program. Called after each `migrate`;
    changes nothing that is there."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [TABLE])
        if cursor.fetchone() != (True,):
            return
        cursor.execute("SELECT DISTINCT occasion FROM notices_text")
        there = {row[0] for row in cursor.fetchall()}
        missing = [row for row in _rows() if row[0] not in there]
        cursor.executemany(
            "INSERT INTO notices_text (occasion, from_on, title_zh, body_zh, title_en, body_en, state, made_by,"
            " made_at, approved_by, approved_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, 'approved', 'gridhall', %s, 'gridhall', %s)",
            missing,
        )


def _rows() -> list[tuple[Any, ...]]:
    given = yaml.safe_load(resources.files("gridhall.notices").joinpath("first_texts.yaml").read_text(encoding="utf-8"))
    return [
        (
            BY_NAME[name].code, SINCE, text["zh"]["title"], text["zh"]["body"], text["en"]["title"],
            text["en"]["body"], MOMENT, MOMENT,
        )
        for name, text in given.items()
    ]  # fmt: skip
