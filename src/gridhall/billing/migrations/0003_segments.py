from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_big_tables")]

    operations = [
        migrations.CreateModel(
            name="BillSegment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "period",
                        "seq",
                        "n",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("period", models.IntegerField()),
                ("seq", models.SmallIntegerField()),
                ("n", models.SmallIntegerField()),
                ("plan_id", models.IntegerField()),
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                ("period_days", models.IntegerField()),
                ("period_months", models.SmallIntegerField()),
                ("wh_total", models.BigIntegerField()),
                ("wh_sharp", models.BigIntegerField()),
                ("wh_peak", models.BigIntegerField()),
                ("wh_flat", models.BigIntegerField()),
                ("wh_valley", models.BigIntegerField()),
                ("varh", models.BigIntegerField()),
                ("demand_w", models.BigIntegerField()),
                ("capacity_va", models.BigIntegerField()),
                ("contract_w", models.BigIntegerField()),
                ("persons", models.SmallIntegerField()),
                ("allowance_wh", models.BigIntegerField()),
                ("power_factor_standard", models.SmallIntegerField()),
            ],
            options={"db_table": "bill_segment", "managed": False},
        ),
        migrations.AddField(model_name="billhold", name="run_id", field=models.IntegerField(default=0)),
        migrations.AddField(model_name="billrun", name="issued_on", field=models.DateField(null=True)),
    ]
