from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_late_exemption")]

    operations = [
        migrations.AddField("lateexemption", "plan_id", models.BigIntegerField(default=0, db_index=True)),
    ]
