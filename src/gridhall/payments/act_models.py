"""Acts on a customer's money that need limits and a second person, and agreements to pay by parts."""

from django.db import models

# Acts on money, as they stand in `MoneyAct.act` and `ActLimit.act`.
REVERSE, REFUND, TRANSFER, CORRECT, INSTALMENTS, WRITE_OFF, RECOVER = (
    "reverse", "refund", "transfer", "correct", "instalments", "write_off", "recover",
)  # fmt: skip
ACTS = (REVERSE, REFUND, TRANSFER, CORRECT, INSTALMENTS, WRITE_OFF, RECOVER)


class ActLimit(models.Model):
    """What a role may do from `since` on: `alone` without a second person, and `most` with one (as the one who asks or
    the one who agrees). Minor units. The latest row of a role and an act counts; without one, it may nothing."""

    act = models.CharField(max_length=16)
    role = models.CharField(max_length=24)
    since = models.DateField()
    alone = models.BigIntegerField()
    most = models.BigIntegerField()
    entered_by = models.CharField(max_length=120)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "role", "since"], name="act_limit_once")]


class MoneyAct(models.Model):
    """An act on the money of an account: asked by one, done when another agrees (or at once within one's limit)."""

    act = models.CharField(max_length=16)
    account_id = models.BigIntegerField(db_index=True)
    unit_id = models.IntegerField()
    amount = models.BigIntegerField()
    told = models.JSONField(default=dict)  # what the act needs besides; bank accounts are sealed
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=12, default="asked")  # asked | done | declined
    asked_by = models.BigIntegerField(default=0)
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    done_no = models.BigIntegerField(default=0)  # the number in the books, or of the plan

    class Meta:
        indexes = [
            models.Index(fields=["unit_id"], condition=models.Q(state="asked"), name="money_act_waiting"),
        ]


class InstalmentTerm(models.Model):
    """From `since` on: whether late charge accrues while a plan is kept, how many days after a part's day it is
    broken, and how many parts and days a plan may have."""

    since = models.DateField(unique=True)
    late_while_kept = models.BooleanField()
    grace_days = models.SmallIntegerField()
    parts_most = models.SmallIntegerField()
    days_most = models.SmallIntegerField()
    source = models.CharField(max_length=200)


class InstalmentPlan(models.Model):
    """An agreement to pay a debt by dated parts that come to it exactly. kept → fulfilled, broken (all is due at once)
    or ended (by agreement)."""

    account_id = models.BigIntegerField()
    unit_id = models.IntegerField()
    total = models.BigIntegerField()
    made_on = models.DateField()
    state = models.CharField(max_length=12, default="kept", db_index=True)
    ended_on = models.DateField(null=True)
    grace_days = models.SmallIntegerField()
    late_stopped = models.BooleanField(default=False)  # no late charge accrues on its bills while it is kept

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id"], condition=models.Q(state="kept"), name="one_plan_kept")
        ]


class InstalmentPart(models.Model):
    """A part of a plan: `amount` by `due_on`."""

    plan = models.ForeignKey(InstalmentPlan, on_delete=models.PROTECT, related_name="parts")
    n = models.SmallIntegerField()
    due_on = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "n"], name="part_once")]


class InstalmentItem(models.Model):
    """An open item that a plan covers, and what was open of it when the plan was made."""

    plan = models.ForeignKey(InstalmentPlan, on_delete=models.PROTECT, related_name="items")
    period = models.IntegerField()
    kind = models.SmallIntegerField()
    seq = models.SmallIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "period", "kind", "seq"], name="plan_item_once")]
