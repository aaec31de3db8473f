from django.db import migrations, models

# Until now what had accrued was taken to be what had been charged.
SQL = """
ALTER TABLE open_item ADD COLUMN late_accrued bigint NOT NULL DEFAULT 0;
UPDATE open_item SET late_accrued = late_charged WHERE late_charged > 0;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_big_tables")]

    operations = [
        migrations.RunSQL(
            SQL,
            "ALTER TABLE open_item DROP COLUMN late_accrued",
            state_operations=[migrations.AddField("openitem", "late_accrued", models.BigIntegerField(default=0))],
        )
    ]
