"""Money that one accounting unit holds for another, and the settlements by which units pay one another."""

from django.db import models


class UnitSettlement(models.Model):
    """What a past day (and days before it) left between units, put together by one and booked by another."""

    on = models.DateField(db_index=True)
    state = models.CharField(max_length=12, default="proposed")  # proposed | booked | declined
    transfer = models.CharField(max_length=80, blank=True)  # the reference of the transfers between the units' banks
    made_by = models.BigIntegerField(default=0)
    made_by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    settled_on = models.DateField(null=True)


class InterUnit(models.Model):
    """Under a number (`payment_no`) the `holder` unit owes the `owner` unit `amount`: it took money for an account of
    the owner's; below zero where it gave some back. `on`: the day it was booked."""

    number = models.BigIntegerField(primary_key=True)
    on = models.DateField()
    holder_unit = models.IntegerField()
    owner_unit = models.IntegerField()
    amount = models.BigIntegerField()
    settlement = models.ForeignKey(UnitSettlement, on_delete=models.PROTECT, null=True, related_name="rows")

    class Meta:
        indexes = [
            models.Index(fields=["on"], name="inter_unit_day"),
            models.Index(fields=["on"], condition=models.Q(settlement__isnull=True), name="inter_unit_open"),
        ]
