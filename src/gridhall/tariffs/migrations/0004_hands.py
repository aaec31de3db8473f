"""A version knows everybody who had a hand in it: the last to write it is not the only one who may not approve it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tariffs", "0003_sent_and_for_whom")]
    operations = [
        migrations.AddField(
            "tariffversion",
            "hands",
            django.contrib.postgres.fields.ArrayField(models.CharField(max_length=150), default=list),
        ),
        migrations.RunSQL(
            "UPDATE tariffs_tariffversion SET hands = array_remove(ARRAY[entered_by, sent_by], '')",
            migrations.RunSQL.noop,
        ),
    ]
