"""Cheques taken at a till, and what a returned one costs."""

from django.db import models


class Cheque(models.Model):
    """A cheque and where it is: held (in the drawer) → presented (at the bank, with a slip) → cleared or returned; or
    withdrawn, where its payment was undone before it was presented. `unit_id`: the unit of the till that took it."""

    account_id = models.BigIntegerField(db_index=True)
    payment_no = models.BigIntegerField()
    unit_id = models.IntegerField()
    session_id = models.BigIntegerField(db_index=True)
    amount = models.BigIntegerField()
    bank = models.CharField(max_length=80)
    number = models.CharField(max_length=40)
    drawer = models.CharField(max_length=120)
    dated_on = models.DateField()
    state = models.CharField(max_length=12, default="held")
    taken_at = models.DateTimeField()
    slip = models.CharField(max_length=40, blank=True)
    presented_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)  # cleared, returned or withdrawn
    reason = models.CharField(max_length=200, blank=True)  # why the bank returned it
    reversal_no = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "number"], condition=~models.Q(state__in=["returned", "withdrawn"]), name="cheque_once"
            ),
            models.UniqueConstraint(fields=["account_id", "payment_no"], name="cheque_of_payment"),
        ]
        indexes = [models.Index(fields=["unit_id", "state"], name="cheque_state")]


class ChequeTerm(models.Model):
    """From `since` on: the fee for a returned cheque, how many days a cheque is good for after its date, and how many
    returned within a year refuse the next one (0: none is refused)."""

    since = models.DateField(unique=True)
    fee = models.BigIntegerField()
    good_days = models.SmallIntegerField()
    returns_most = models.SmallIntegerField()
    source = models.CharField(max_length=200)
