"""Our accounts at banks, their statements, and the money that waits in suspense (2999) for its owner."""

from django.db import models


class BankAccount(models.Model):
    """An account of ours at a bank. Its unit keeps what comes in until it is known whose it is.

    `number`: as it stands in statements. `virtual_prefix`: the bank's virtual accounts are this and a customer number.
    `post_points`: from so many points (rules.transfer_match) a transfer is booked without a person; 101: never.
    """

    number = models.CharField(max_length=34, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    unit_id = models.IntegerField()
    currency = models.CharField(max_length=3)
    virtual_prefix = models.CharField(max_length=24, blank=True)
    post_points = models.SmallIntegerField(default=80)
    made_at = models.DateTimeField()


class Statement(models.Model):
    """A statement of a bank account, once. `ident`, `sequence`: what the bank calls it; `digest`: of what it says."""

    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="statements")
    ident = models.CharField(max_length=80)
    sequence = models.IntegerField(default=0)
    from_on = models.DateField()
    to_on = models.DateField()
    opening = models.BigIntegerField()
    closing = models.BigIntegerField()
    entries_told = models.IntegerField()  # in the file; those that came before are not booked again
    digest = models.CharField(max_length=64)
    file_name = models.CharField(max_length=120)
    form = models.CharField(max_length=16)
    loaded_by_name = models.CharField(max_length=120)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "ident", "sequence"], name="statement_once"),
        ]
        indexes = [models.Index(fields=["account", "to_on", "sequence"], name="statement_order")]


class StatementEntry(models.Model):
    """A line of a statement. `amount`: minor units, negative for what left the account; `key`: what makes it single for
    the bank account. `confirms`: what of our books it is the bank's side of, where that was booked before."""

    account_id = models.BigIntegerField()
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="entries")
    line = models.IntegerField()
    key = models.CharField(max_length=64)
    booked_on = models.DateField()
    value_on = models.DateField()
    amount = models.BigIntegerField()
    bank_ref = models.CharField(max_length=64, blank=True)
    payer_name = models.CharField(max_length=160, blank=True)
    payer_account = models.CharField(max_length=40, blank=True)
    virtual_account = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=700, blank=True)
    confirms = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "key"], name="entry_once"),
            models.UniqueConstraint(fields=["confirms"], condition=~models.Q(confirms=""), name="confirms_once"),
        ]


class SuspenseItem(models.Model):
    """Money in suspense. `amount`: positive for money without an owner, negative for money that is missed; `open`: what
    of it has not been cleared (nearer to 0 or 0). It came by a line of a statement or by a difference of a day."""

    unit_id = models.IntegerField(db_index=True)
    amount = models.BigIntegerField()
    open = models.BigIntegerField()
    on = models.DateField()  # the day from which the money counts, where the books were open
    entry = models.OneToOneField(StatementEntry, on_delete=models.PROTECT, null=True, related_name="item")
    difference_id = models.BigIntegerField(null=True, db_index=True)
    side = models.CharField(max_length=8, blank=True)  # of a day: theirs | ours
    looked_at = models.DateTimeField(null=True)  # when it was last matched by itself
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["difference_id", "side"], name="difference_suspended_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, open__gte=0, open__lte=models.F("amount"))
                | models.Q(amount__lt=0, open__lte=0, open__gte=models.F("amount")),
                name="suspense_open_within",
            ),
        ]
        indexes = [models.Index(fields=["unit_id", "on"], condition=~models.Q(open=0), name="suspense_open")]


class SuspenseAct(models.Model):
    """What was or is to be done about money in suspense. `amount` has the item's sign.

    `kind`: pay (to an account) | back (to its sender) | known (the bank's side of what is booked) | fee (the bank's
    charges, interest) | net (against another item) | undo (a payment is taken back). `state`: asked → agreed (a
    return that the bank has yet to carry out) → done; or declined; undone (a payment was put back into suspense).
    """

    item = models.ForeignKey(SuspenseItem, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=8, default="asked", db_index=True)
    account_id = models.BigIntegerField(default=0)
    payment_no = models.BigIntegerField(default=0)
    other_id = models.BigIntegerField(default=0)  # the item netted against
    confirms = models.CharField(max_length=40, blank=True)
    points = models.SmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    made_by = models.BigIntegerField(default=0)
    made_by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    posted_on = models.DateField(null=True)  # day of its movements

    class Meta:
        indexes = [models.Index(fields=["account_id", "payment_no"], name="act_of_payment")]
