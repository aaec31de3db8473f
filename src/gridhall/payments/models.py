"""Payments as they came in, the keys that keep each one single, and the tills."""

from django.conf import settings
from django.db import models

from gridhall.payments import (  # noqa: F401  # Django looks for models from here
    act_models,
    cheque_models,
    partner_models,
    statement_models,
    unit_models,
)

# Doors through which money comes.
DOOR_COUNTER, DOOR_PORTAL, DOOR_API, DOOR_FILE, DOOR_BANK, DOOR_CREDIT = 1, 2, 3, 4, 5, 9
DOOR_STATEMENT = 8  # a transfer on a statement of our bank
DOOR_CALL, DOOR_TEXT = 11, 12  # a recharge card by telephone or text message

# Methods.
CASH, CARD, ONLINE, TRANSFER, CHEQUE = 1, 2, 3, 4, 5
MOVED = 6  # from another account, on which it had been booked by mistake
RECHARGE = 7  # value of a recharge card

# Kinds of payment row.
RECEIVED, REVERSAL, SET_OFF = 1, 2, 3
PAID_OUT, MOVED_OUT, MOVED_IN = 4, 5, 6  # credit paid out to its customer, or gone to another account


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


class Banking(models.Model):
    """Cash of closed till sessions of a unit brought to the bank. `counted`: what their counts say it must be;
    `amount`: what the bank's slip says. Where they differ it waits for a second person (`proposed`)."""

    unit_id = models.IntegerField(db_index=True)
    amount = models.BigIntegerField()
    counted = models.BigIntegerField()
    slip = models.CharField(max_length=40)
    banked_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=12, default="booked")  # proposed | booked | declined
    made_by = models.BigIntegerField(default=0)
    made_by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit_id", "slip"], condition=~models.Q(state="declined"), name="banking_slip_once"
            ),
        ]


class TillSession(models.Model):
    """A clerk at a till from opening to the counted close. `counted` and `difference` are set at close, `banking` when
    its cash is brought to the bank."""

    till = models.ForeignKey(Till, on_delete=models.PROTECT)
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    opened_at = models.DateTimeField()
    float_amount = models.BigIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    expected = models.BigIntegerField(null=True)
    counted = models.BigIntegerField(null=True)
    difference = models.BigIntegerField(null=True)
    note = models.TextField(blank=True)
    banking = models.ForeignKey(Banking, on_delete=models.PROTECT, null=True, related_name="sessions")

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
    reference = models.CharField(max_length=120, blank=True)  # the gateway's own name of the order, where it has one
    paid_on = models.DateField(null=True)  # the day of the gateway's books on which the payment counts
    fee = models.BigIntegerField(default=0)  # what the gateway's bill says that it keeps of it

    class Meta:
        indexes = [models.Index(fields=["gateway", "paid_on"], name="order_of_day")]


class RefundOrder(models.Model):
    """Money of a paid online order on its way back through the gateway, under a key of its own (`refund_no`).

    asked (by one) → approved (by another; from now on the gateway is asked until it answers) → confirmed (the gateway
    gave it back) → booked. Or declined (by the second person), or failed (the gateway will not).
    """

    refund_no = models.CharField(max_length=40, unique=True)
    gateway = models.CharField(max_length=24)
    order_no = models.CharField(max_length=40)
    account_id = models.BigIntegerField(db_index=True)
    unit_id = models.IntegerField()
    payment_no = models.BigIntegerField()
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=12, default="asked", db_index=True)
    asked_by = models.BigIntegerField(default=0)
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=200, blank=True)  # what the gateway said last, or why it could not be heard
    gateway_serial = models.CharField(max_length=64, blank=True)
    reversal_no = models.BigIntegerField(default=0)
    booked_at = models.DateTimeField(null=True)
    paid_on = models.DateField(null=True)  # the day of the gateway's books on which it went back
    fee = models.BigIntegerField(default=0)  # what of its fee the gateway's bill gives back (below zero)

    class Meta:
        indexes = [models.Index(fields=["gateway", "paid_on"], name="refund_of_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "payment_no"],
                condition=~models.Q(state__in=["declined", "failed"]),
                name="refund_once",
            ),
        ]


class GatewayNonce(models.Model):
    """A call-back that was heard, of a gateway whose call-backs name one: the same bytes are not heard again."""

    gateway = models.CharField(max_length=24)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "nonce"], name="gateway_nonce_once")]
