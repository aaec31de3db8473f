from typing import Any

from django.db import migrations

GIVEN = {
    "billing": ("notices.see", "notices.write"),
    "manager": ("notices.see", "notices.write", "notices.approve"),
    "clerk": ("notices.see",),
    "cashier": ("notices.see",),
}


def give(apps: Any, _: Any) -> None:
    """Roles as shipped may see, write and approve what is said to customers; a supplier's own are left alone."""
    for role in apps.get_model("kernel", "Role").objects.filter(code__in=GIVEN):
        missing = [name for name in GIVEN[role.code] if name not in role.permissions]
        if missing:
            role.permissions = [*role.permissions, *missing]
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_outbox")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
