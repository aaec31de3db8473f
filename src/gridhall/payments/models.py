"""Payments as they came in, the keys that keep each one single, and the tills."""

from django.conf import settings
from django.db import models

# Doors through which money comes.
DOOR_COUNTER, DOOR_PORTAL, DOOR_API, DOOR_FILE, DOOR_CREDIT = 1, 2, 3, 4, 9

# Methods.
CASH, CARD, ONLINE, TRANSFER = 1, 2, 3, 4

# Kinds of payment row.
RECEIVED, REVERSAL, SET_OFF = 1, 2, 3


class PaymentKey(models.Model):
    """The slim table that makes a payment single: (account, key) is unique for ever. `key` = door:partner:serial."""

    pk = models.CompositePrimaryKey("account_id", "key")
    account_id = models.BigIntegerField()
    key = models.CharField(max_length=120)
    payment_no = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "payment_key"


class Payment(models.Model):
    """Money received, reversed, or credit set off. Positive minor units; `reverses` names the payment undone."""

    pk = models.CompositePrimaryKey("account_id", "no")
    account_id = models.BigIntegerField()
    no = models.BigIntegerField()
    kind = models.SmallIntegerField()
    unit_id = models.IntegerField()
    door = models.SmallIntegerField()
    method = models.SmallIntegerField()
    amount = models.BigIntegerField()
    to_credit = models.BigIntegerField()
    left_owed = models.BigIntegerField()  # what the account still owed afterwards, so that a replay answers the same
    session_id = models.BigIntegerField()
    reverses = models.BigIntegerField()
    received_at = models.DateTimeField()
    value_on = models.DateField()

    class Meta:
        managed = False
        db_table = "payment"


class PaymentReference(models.Model):
    """What the payer's bank said about a payment, where it said anything."""

    pk = models.CompositePrimaryKey("account_id", "no")
    account_id = models.BigIntegerField()
    no = models.BigIntegerField()
    reference = models.CharField(max_length=200)

    class Meta:
        managed = False
        db_table = "payment_reference"


class Till(models.Model):
    """A cash drawer at an outlet."""

    outlet_id = models.BigIntegerField()
    unit_id = models.IntegerField()
    code = models.CharField(max_length=24, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)


class TillSession(models.Model):
    """A clerk at a till from opening to the counted close. `counted` and `difference` are set at close."""

    till = models.ForeignKey(Till, on_delete=models.PROTECT)
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    opened_at = models.DateTimeField()
    float_amount = models.BigIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    expected = models.BigIntegerField(null=True)
    counted = models.BigIntegerField(null=True)
    difference = models.BigIntegerField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["till"], condition=models.Q(closed_at__isnull=True), name="till_open_once"),
            models.UniqueConstraint(
                fields=["clerk"], condition=models.Q(closed_at__isnull=True), name="clerk_one_till"
            ),
        ]


class GatewayOrder(models.Model):
    """A payment begun online: made by the portal, confirmed by the gateway's signed call-back."""

    order_no = models.CharField(max_length=40, unique=True)
    gateway = models.CharField(max_length=24)
    account_id = models.BigIntegerField(db_index=True)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=12, default="begun", db_index=True)  # begun | paid | failed
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    gateway_serial = models.CharField(max_length=64, blank=True)
    payment_no = models.BigIntegerField(default=0)
