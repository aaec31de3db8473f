"""Prices that change from hour to hour, as dated data: what a tariff's `hourly` names is found here."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tariffs", "0004_hands")]
    operations = [
        migrations.CreateModel(
            "PriceSeries",
            [
                ("code", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("step", models.SmallIntegerField()),
                ("offsets", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            "SeriesPrice",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minute", models.BigIntegerField()),
                ("price", models.BigIntegerField()),
                (
                    "series",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tariffs.priceseries"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["series", "minute"], name="price_of_a_moment")],
            },
        ),
    ]
