from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_segments")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE bill_segment ADD COLUMN year_used_wh bigint, ADD COLUMN year_months smallint",
            "ALTER TABLE bill_segment DROP COLUMN year_used_wh, DROP COLUMN year_months",
        ),
        migrations.AddField("billsegment", "year_used_wh", models.BigIntegerField(null=True)),
        migrations.AddField("billsegment", "year_months", models.SmallIntegerField(null=True)),
    ]
