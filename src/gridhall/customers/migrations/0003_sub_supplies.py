"""Sub-supplies as agreed: a share of the use and a fixed energy a month that are priced as another class of use."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_numbers_and_search")]
    operations = [
        migrations.AddField("supplyterm", "sub_share", models.SmallIntegerField(default=0, db_default=0)),
        migrations.AddField("supplyterm", "sub_wh", models.BigIntegerField(default=0, db_default=0)),
    ]
