from datetime import date
from pathlib import Path
from typing import Any

from django.db import migrations

ROLES = {
    "clerk": ("mandates.take",),
    "billing": ("mandates.take", "debits.see", "debits.run"),
    "cashier": ("mandates.take", "mandates.confirm", "debits.see", "debits.run"),
    "manager": ("mandates.confirm", "debits.see", "debits.approve"),
}


def give(apps: Any, _: Any) -> None:
    """Roles as shipped get their part of batch debit; what a supplier made itself is left alone."""
    for role in apps.get_model("kernel", "Role").objects.filter(code__in=ROLES):
        more = [name for name in ROLES[role.code] if name not in role.permissions]
        if more:
            role.permissions = [*role.permissions, *more]
            role.save(update_fields=["permissions"])


def first_terms(apps: Any, _: Any) -> None:
    """Three times the usual and at least 200.00 above it is asked about; a first debit above 2,000.00."""
    apps.get_model("debits", "GuardTerm").objects.get_or_create(
        since=date(2000, 1, 1), defaults={"permille": 3000, "spare": 20_000, "first_most": 200_000}
    )


class Migration(migrations.Migration):
    dependencies = [("debits", "0001_initial"), ("kernel", "0004_outbox")]

    operations = [
        migrations.RunSQL(Path(__file__).with_name("sql_0002.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunPython(give, migrations.RunPython.noop),
        migrations.RunPython(first_terms, migrations.RunPython.noop),
    ]
