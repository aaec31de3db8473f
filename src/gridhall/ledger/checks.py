"""The proof of the books: every invariant as one query; whatever breaks it is named by table and key.

A room above the ledger adds its own invariants with `register` when it is loaded; the ledger does not know them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from gridhall.ledger.data import Broken
from gridhall.ledger.models import LATE_SEQ, SOURCE_OF_SEQ

Progress = Callable[[str, int, int], None]
SHOWN_MAX = 1000  # broken rows told per check
# What the .sql files of checks are given: how seqs are numbered stands once, in Python.
NUMBERS = {"{late_seq}": LATE_SEQ, "{source_of_seq}": SOURCE_OF_SEQ}

_HEAD = re.compile(r"^-- check: (\w+) on (\w+)\n-- en: (.+)\n-- zh: (.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """An invariant: `sql` answers the rows that break it as (key, what it is, what it should be), all text."""

    name: str
    table: str
    en: str
    zh: str
    sql: str


def read_checks(path: Path) -> list[Check]:
    """The checks of a .sql file: each begins with `-- check: name on table`, `-- en: …`, `-- zh: …`."""
    text = path.read_text()
    for name, value in NUMBERS.items():
        text = text.replace(name, str(value))
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        Check(head[1], head[2], head[3], head[4], text[head.end() : end].strip().rstrip(";"))
        for head, end in zip(heads, ends, strict=True)
    ]


_checks: dict[str, Check] = {}


def register(checks: Iterable[Check]) -> None:
    """Add invariants of a room above to `check` (again with the same name: replaced)."""
    _checks.update({check.name: check for check in checks})


register(read_checks(Path(__file__).with_name("sql") / "checks.sql"))


def check(progress: Progress | None = None) -> list[Broken]:
    """Prove every invariant on one snapshot of the database; the rows that break one (none when all holds).

    `progress(name, done, total)` is called before each check. At most 1,000 rows are told per check.
    """
    broken: list[Broken] = []
    total = len(_checks)
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.get_autocommit() and len(connection.savepoint_ids) == 0:
            # all checks see the same moment, however long they take
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for done, each in enumerate(_checks.values()):
            if progress:
                progress(each.name, done, total)
            cursor.execute(f"SELECT * FROM ({each.sql}) AS broken (key, is_, should_be) LIMIT {SHOWN_MAX}")  # noqa: S608  # our own files
            broken.extend(Broken(each.name, each.table, *row) for row in cursor.fetchall())
    if progress:
        progress("", total, total)
    return broken
