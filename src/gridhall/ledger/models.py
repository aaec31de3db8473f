"""Movements (appended), open items, allocations and balances; the books of each accounting unit by period."""

from django.db import models

# Kinds of movement. With (account, period, kind, source, n) a movement is unique by nature: posting twice cannot be.
BILL, BILL_CANCELLED, PAYMENT, PAYMENT_REVERSED, LATE_CHARGE, LATE_CHARGE_REVERSED, CREDIT_SET_OFF, ADJUSTMENT = range(
    1, 9
)
CREDIT_RELEASED = 9  # what had paid a bill that was cancelled goes to the customer's credit
CASH_BANKED = 10  # cash of tills is at the bank
TRANSIT_SETTLED = 11  # money in transit of a reconciled day is at the bank
CARDS_SOLD, AGENT_SETTLED, CARDS_LAPSED = 24, 25, 26  # recharge cards: sold, paid for by the agent, run out
INTER_UNIT = 12  # a unit took or gave money for an account of another: its own side of it
INTER_UNIT_SETTLED = 13  # units paid one another what a day left between them
CREDIT_REFUNDED = 14  # credit was paid out to its customer
CREDIT_MOVED = 15  # credit went to another account
WRITTEN_OFF, WRITE_OFF_REINSTATED = 16, 17  # a bad debt was given up, and owed again
CHEQUE_CLEARED = 18  # the bank paid a cheque
# Money whose owner is not known goes into suspense, and out of it (the numbers between are free for others).
SUSPENDED, SUSPENSE_CLEARED = 20, 21

# Kinds of open item.
ITEM_BILL, ITEM_LATE, ITEM_OTHER = 1, 2, 3

# A late charge's seq is the bill's seq × this + n; SQL is given it.
LATE_SEQ = 1000
# A bill's movements have the source period × this + seq.
SOURCE_OF_SEQ = 1000


class GlAccount(models.Model):
    """An account of the supplier's books; `code` stands in movements."""

    code = models.SmallIntegerField(primary_key=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)  # asset | liability | income | expense


class Movement(models.Model):
    """One movement of money: debit account, credit account, a positive whole amount in minor units.

    `period` is the posting period (partition): the month of `value_on`. `source`: for a bill its period × 1000 + seq,
    for everything that settles (payment, set-off, reversal, release, late charge) the settlement number, for the
    difference of a till its session, for cash that is banked its banking.
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

    `period`, `seq`: those of the bill. A late charge carries its bill's period; its seq is bill seq × 1000 + n.
    `amount` is what its movements come to: 0 once the bill or the late charge has been cancelled.
    `late_upto`: the day up to which late charge has been counted (or the due day); `late_accrued`: what it came to by
    the days alone; `late_charged`: what was charged, which the least charge may have lifted above that;
    `late_n`: how many charges were made (never counted down, so that a seq is not used twice).
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
    late_n = models.SmallIntegerField(default=0)
    late_accrued = models.BigIntegerField(default=0)

    class Meta:
        managed = False
        db_table = "open_item"


class Allocation(models.Model):
    """What part of a payment paid which item. A reversal, or a release when a bill is cancelled, appends rows of
    its own number with negative amounts. The rows of one number come to what its movements credit to the receivable."""

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


class LateCharge(models.Model):
    """How a late charge arose: the principal, and the days from `from_on` to `upto_on`. Made by a settlement
    (`payment_no`); a reversal appends the row again under its own number with a negative amount."""

    pk = models.CompositePrimaryKey("account_id", "payment_no", "n")
    account_id = models.BigIntegerField()
    payment_no = models.BigIntegerField()
    n = models.SmallIntegerField()
    item_period = models.IntegerField()
    item_seq = models.SmallIntegerField()
    principal = models.BigIntegerField()
    from_on = models.DateField()
    upto_on = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "late_charge"


class LateTerm(models.Model):
    """The late-charge terms of a class for debts due from `since` on. Rates in 10**-6 of the principal a day."""

    class_code = models.SmallIntegerField()
    since = models.DateField()
    rate = models.IntegerField()  # in the year of the debt
    rate_carried = models.IntegerField()  # in later years
    first_day = models.SmallIntegerField()  # 1: the day after the due day is the first; 0: the due day itself
    inclusive = models.BooleanField()  # the day of payment counts
    minimum = models.BigIntegerField()  # minor units, per bill, 0 none
    cap_permille = models.IntegerField()  # thousandths of the open principal, 0 none
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["class_code", "since"], name="late_term_once")]


class LateExemption(models.Model):
    """Days (`until` excluded, null: open) on which no late charge accrues: on a bill (`period`, `seq`) that is in
    dispute or paid by parts, on an account, or on a class (`account_id` 0)."""

    account_id = models.BigIntegerField(default=0, db_index=True)
    class_code = models.SmallIntegerField(default=0)
    period = models.IntegerField(default=0)
    seq = models.SmallIntegerField(default=0)
    since = models.DateField()
    until = models.DateField(null=True)
    reason = models.CharField(max_length=300)
    entered_by = models.CharField(max_length=120)
    entered_at = models.DateTimeField()
    plan_id = models.BigIntegerField(default=0, db_index=True)  # the agreement to pay by parts that it belongs to


class Balance(models.Model):
    """What an account owes in all and what it has in credit; its row is the lock of the account."""

    account_id = models.BigIntegerField(primary_key=True)
    unit_id = models.IntegerField()
    owed = models.BigIntegerField()
    credit = models.BigIntegerField()
    open_from = models.IntegerField(default=0)  # no item of an earlier period is open; 0: none is open

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
