"""Through which door a batch came; of those that stand there already, the audit trail knows."""

from django.db import migrations, models

FROM_AUDIT = """
UPDATE metering_readingbatch batch SET door = entry.door FROM kernel_auditentry entry
WHERE entry.act = 'metering.take' AND entry.subject = 'readings:' || batch.id;
UPDATE metering_readingbatch batch SET door = entry.door FROM kernel_auditentry entry
WHERE entry.act IN ('import.meters', 'import.customers') AND batch.digest <> ''
  AND entry.subject = 'file:' || left(batch.digest, 16);
"""


class Migration(migrations.Migration):
    dependencies = [("metering", "0002_big_tables"), ("kernel", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="readingbatch",
            name="door",
            field=models.CharField(blank=True, default="", max_length=24),
            preserve_default=False,
        ),
        migrations.RunSQL(FROM_AUDIT, migrations.RunSQL.noop),
    ]
