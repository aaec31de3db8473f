from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_statements"),
    ]

    operations = [
        migrations.CreateModel(
            name="GatewayNonce",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway", models.CharField(max_length=24)),
                ("nonce", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="gatewaynonce",
            constraint=models.UniqueConstraint(fields=("gateway", "nonce"), name="gateway_nonce_once"),
        ),
        migrations.AddField(
            "daydifference", "about", models.CharField(blank=True, max_length=40, default=""), preserve_default=False
        ),
        migrations.AddField("dayreconciliation", "their_fee", models.BigIntegerField(default=0)),
        migrations.AddField("gatewayorder", "fee", models.BigIntegerField(default=0)),
        migrations.AddField("gatewayorder", "paid_on", models.DateField(null=True)),
        migrations.AddField(
            "gatewayorder",
            "reference",
            models.CharField(blank=True, max_length=120, default=""),
            preserve_default=False,
        ),
        migrations.AddField("refundorder", "fee", models.BigIntegerField(default=0)),
        migrations.AddField("refundorder", "paid_on", models.DateField(null=True)),
        migrations.AddIndex("gatewayorder", models.Index(fields=["gateway", "paid_on"], name="order_of_day")),
        migrations.AddIndex("refundorder", models.Index(fields=["gateway", "paid_on"], name="refund_of_day")),
    ]
