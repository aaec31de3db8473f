"""Partitions by period of the big tables (`period` = year × 100 + month), made when first needed."""

from collections.abc import Iterable

from django.db import connection, transaction

from gridhall.kernel.refusal import Refusal


def ensure(tables: Iterable[str], period: int) -> None:
    """Make the partition of each table for `period`, if missing. Safe when many processes ask at once."""
    if not (190001 <= period <= 999912 and 1 <= period % 100 <= 12):
        raise Refusal("bad_period", f"{period} is not a period (YYYYMM).", f"{period} 不是有效的账期（YYYYMM）。")
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT gridhall_ensure_partition(%s, %s)", [table, period])
