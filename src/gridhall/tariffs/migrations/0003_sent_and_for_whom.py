"""Versions are sent for approval and may be rejected with a reason; a tariff knows for whom it is."""

from typing import Any

import yaml
from django.db import migrations, models


def read_for_whom(apps: Any, _schema_editor: Any) -> None:
    tariffs, versions = apps.get_model("tariffs", "Tariff"), apps.get_model("tariffs", "TariffVersion")
    for tariff in tariffs.objects.all():
        newest = versions.objects.filter(tariff_id=tariff.code).order_by("-id").first()
        stated = (yaml.safe_load(newest.book) or {}).get("for", {}) if newest else {}
        tariff.place, tariff.meter = str(stated.get("place", "")), str(stated.get("meter", ""))
        tariff.save(update_fields=["place", "meter"])


class Migration(migrations.Migration):
    dependencies = [("tariffs", "0002_layout_1002")]
    operations = [
        migrations.AddField("tariff", "place", models.CharField(blank=True, max_length=120, default=""), False),
        migrations.AddField("tariff", "meter", models.CharField(blank=True, max_length=20, default=""), False),
        migrations.AddField(
            "tariffversion", "sent_by", models.CharField(blank=True, max_length=120, default=""), False
        ),
        migrations.AddField("tariffversion", "sent_at", models.DateTimeField(null=True)),
        migrations.AddField("tariffversion", "reason", models.TextField(blank=True, default=""), False),
        migrations.RunPython(read_for_whom, migrations.RunPython.noop),
    ]
