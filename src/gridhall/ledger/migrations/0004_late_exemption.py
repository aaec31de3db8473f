from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_late_accrued")]

    operations = [
        migrations.CreateModel(
            name="LateExemption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField(db_index=True, default=0)),
                ("class_code", models.SmallIntegerField(default=0)),
                ("period", models.IntegerField(default=0)),
                ("seq", models.SmallIntegerField(default=0)),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                ("reason", models.CharField(max_length=300)),
                ("entered_by", models.CharField(max_length=120)),
                ("entered_at", models.DateTimeField()),
            ],
        )
    ]
