from typing import Any

from django.db import migrations

ROLES = ("cashier", "manager")
PERMISSION = "refunds.approve"


def give(apps: Any, _: Any) -> None:
    """Roles as shipped may approve refunds; what a supplier made itself is left alone."""
    for role in apps.get_model("kernel", "Role").objects.filter(code__in=ROLES):
        if PERMISSION not in role.permissions:
            role.permissions = [*role.permissions, PERMISSION]
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_functions")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
