from django.db import migrations, models

TABLE = """
CREATE TABLE bill_fact (
    account_id bigint NOT NULL, period integer NOT NULL, seq smallint NOT NULL, n smallint NOT NULL,
    fact smallint NOT NULL, value bigint NOT NULL,
    PRIMARY KEY (account_id, period, seq, n, fact)
) PARTITION BY LIST (period)
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_segments_in_their_year")]

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE bill_fact"),
        migrations.CreateModel(
            name="BillFact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "period",
                        "seq",
                        "n",
                        "fact",
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
                ("fact", models.SmallIntegerField()),
                ("value", models.BigIntegerField()),
            ],
            options={"db_table": "bill_fact", "managed": False},
        ),
    ]
