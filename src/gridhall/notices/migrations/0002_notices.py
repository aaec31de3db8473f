from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.RunSQL(Path(__file__).with_name("sql_0002.sql").read_text(), migrations.RunSQL.noop),
    ]
