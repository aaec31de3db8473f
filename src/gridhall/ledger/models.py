"""Movements (appended), open items, allocations and balances; the books of each accounting unit by period."""

from django.db import models

# Kinds of movement. With (account, period, kind, source, n) a movement is unique by nature: posting twice cannot be.
BILL, BILL_CANCELLED, PAYMENT, PAYMENT_REVERSED, LATE_CHARGE, LATE_CHARGE_REVERSED, CREDIT_SET_OFF, ADJUSTMENT = range(
    1, 9
)

# Kinds of open item.
ITEM_BILL, ITEM_LATE, ITEM_OTHER = 1, 2, 3


class GlAccount(models.Model):
    """An account of the supplier's books; `code` stands in movements."""

    code = models.SmallIntegerField(primary_key=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)  # asset | liability | income | expense


class Movement(models.Model):
    """One movement of money: debit account, credit account, a positive whole amount in minor units.

    `period` is the posting period (partition). `source`: for a bill its period × 1000 + seq; for a payment its number.
    """

    pk = models.CompositePrimaryKey("account_id", "period", "kind", "source", "n")
    account_id = models.BigIntegerField()
    period = models.IntegerField()
    kind = models.SmallIntegerField()
    source = models.BigIntegerField()
    n = models.SmallIntegerField()
    unit_id = models.IntegerField()
    debit = models.SmallIntegerField()
    credit = models.SmallIntegerField()
    amount = models.BigIntegerField()
    value_on = models.DateField()
    posted_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "movement"


class OpenItem(models.Model):
    """Something owed: a bill, a late charge. `open` = amount − allocations (checked by `gridhall ledger check`).

    `period`, `seq`: those of the bill (a late charge carries its bill's period; its seq counts the charges).
    `late_upto`: the day up to which late charge has been charged (or the due day); `late_charged`: how much.
    """

    pk = models.CompositePrimaryKey("account_id", "period", "kind", "seq")
    account_id = models.BigIntegerField()
    period = models.IntegerField()
    kind = models.SmallIntegerField()
    seq = models.SmallIntegerField()
    unit_id = models.IntegerField()
    class_code = models.SmallIntegerField()
    amount = models.BigIntegerField()
    open = models.BigIntegerField()
    issued_on = models.DateField()
    due_on = models.DateField()
    late_upto = models.DateField()
    late_charged = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "open_item"


class Allocation(models.Model):
    """What part of a payment paid which item. A reversal appends the same rows with negative amounts."""

    pk = models.CompositePrimaryKey("account_id", "payment_no", "n")
    account_id = models.BigIntegerField()
    payment_no = models.BigIntegerField()
    n = models.SmallIntegerField()
    item_period = models.IntegerField()
    item_kind = models.SmallIntegerField()
    item_seq = models.SmallIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "allocation"


class Balance(models.Model):
    """What an account owes in all and what it has in credit; its row is the lock of the account."""

    account_id = models.BigIntegerField(primary_key=True)
    unit_id = models.IntegerField()
    owed = models.BigIntegerField()
    credit = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "balance"


class ClosedPeriod(models.Model):
    """A posting period of a unit that is closed: nothing is posted into it any more. Totals as they stood."""

    unit_id = models.IntegerField()
    period = models.IntegerField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=120)
    trial_balance = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit_id", "period"], name="closed_once")]
