"""Meters, their registers, where they hang, and what was read."""

from datetime import date

from django.db import models

# The end of a place where a register still hangs.
OPEN_END = date.max

# Time-of-use codes of a register (and of a bill line): what it counts.
TOTAL, SHARP, PEAK, FLAT, VALLEY, REACTIVE, DEMAND = 0, 1, 2, 3, 4, 5, 6
DEEP_VALLEY = 7
# The highest demand in each period; energy fed in, in all and in each period; reactive energy fed in.
DEMAND_SHARP, DEMAND_PEAK, DEMAND_FLAT, DEMAND_VALLEY, DEMAND_DEEP = 8, 9, 10, 11, 12
EXPORT, EXPORT_SHARP, EXPORT_PEAK, EXPORT_FLAT, EXPORT_VALLEY, EXPORT_DEEP, REACTIVE_EXPORT = 13, 14, 15, 16, 17, 18, 19
LAST_TOU = REACTIVE_EXPORT
# Registers that show a highest demand: their value is taken as it stands.
DEMANDS = frozenset({DEMAND, DEMAND_SHARP, DEMAND_PEAK, DEMAND_FLAT, DEMAND_VALLEY, DEMAND_DEEP})

# Kinds of reading.
ACTUAL, ESTIMATED, CORRECTED, INSTALLED, REMOVED, CUSTOMER_READ = 1, 2, 3, 4, 5, 6

# States of reading: only ACCEPTED is billed. REPLACED was superseded by a later seq.
ACCEPTED, HELD, REJECTED, REPLACED = 1, 2, 3, 4


class Meter(models.Model):
    id = models.BigIntegerField(primary_key=True)
    serial = models.CharField(max_length=32, unique=True)
    model = models.CharField(max_length=40, blank=True)
    phases = models.SmallIntegerField(default=1)


class Register(models.Model):
    """One counter of a meter. A value has `digits` digits before and `decimals` after the point.

    It is stored as a whole number of its last decimal. `multiplier` is CT × PT.
    Energy in Wh = value × 1000 × multiplier / 10**decimals.
    """

    id = models.BigIntegerField(primary_key=True)
    meter = models.ForeignKey(Meter, on_delete=models.PROTECT, related_name="registers")
    tou = models.SmallIntegerField(default=TOTAL)
    digits = models.SmallIntegerField(default=6)
    decimals = models.SmallIntegerField(default=2)
    multiplier = models.IntegerField(default=1)


class RegisterPlace(models.Model):
    """A register hangs on an agreement from `since` to `until` (excluded; date.max while it hangs).

    `account_id` and `unit_id` are the agreement's. What never changes of a register stands here again, so that the bill
    run reads places and readings by account alone, in the order of their keys, and touches no registry.
    """

    pk = models.CompositePrimaryKey("account_id", "register_id", "since")
    account_id = models.BigIntegerField()
    register_id = models.BigIntegerField()
    since = models.DateField()
    until = models.DateField()
    agreement_id = models.BigIntegerField()
    unit_id = models.IntegerField()
    meter_id = models.BigIntegerField()
    tou = models.SmallIntegerField()
    digits = models.SmallIntegerField()
    decimals = models.SmallIntegerField()
    multiplier = models.IntegerField()

    class Meta:
        managed = False
        db_table = "register_place"


class NeighbourUse(models.Model):
    """What neighbours used in a period: the median of Wh a day over an area, class and kind of register.

    Taken from the largest batch of readings so far; a single reading is compared with it.
    """

    period = models.IntegerField()
    area_id = models.IntegerField()
    class_code = models.SmallIntegerField()
    tou = models.SmallIntegerField()
    wh_per_day = models.BigIntegerField()
    members = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "area_id", "class_code", "tou"], name="neighbour_use_once"),
        ]


class ReadingBatch(models.Model):
    """One delivery of readings: a file, a round, a screen. `digest` refuses the same file twice."""

    at = models.DateTimeField()
    source = models.CharField(max_length=24)  # file | meters | customers (files of them) | office | portal | api | demo
    door = models.CharField(max_length=24, blank=True)  # through which it came; none: made by another act
    name = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    rows = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], condition=~models.Q(digest=""), name="same_file_once"),
        ]


class Reading(models.Model):
    """A register's value on a day, for a period (partitioned by it). Never edited but for its state: a correction is a
    new `seq`, the old one becomes REPLACED. Reasons are the codes in metering/checks.py."""

    pk = models.CompositePrimaryKey("account_id", "period", "register_id", "seq")
    account_id = models.BigIntegerField()
    period = models.IntegerField()
    register_id = models.BigIntegerField()
    seq = models.SmallIntegerField()
    read_on = models.DateField()
    value = models.BigIntegerField()
    kind = models.SmallIntegerField()
    state = models.SmallIntegerField()
    reason = models.SmallIntegerField()
    batch_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "reading"


class HeldReading(models.Model):
    """The work list of readings that wait for a person; a small table beside the big one.

    `note` is what the person said about it.
    """

    account_id = models.BigIntegerField()
    unit_id = models.IntegerField(db_index=True)
    period = models.IntegerField()
    register_id = models.BigIntegerField()
    seq = models.SmallIntegerField()
    reason = models.SmallIntegerField()
    detail = models.JSONField(default=dict)  # what was expected and what came, in Wh
    held_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=16, blank=True)  # accepted | corrected | estimated | rejected
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "period", "register_id", "seq"], name="held_once"),
        ]
        indexes = [
            models.Index(fields=["unit_id", "period"], condition=models.Q(settled_at__isnull=True), name="held_open"),
        ]
