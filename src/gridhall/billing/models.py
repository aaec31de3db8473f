"""Bill runs, bills and their lines, the readings they came from, and the bills held for a person."""

from django.db import models

# Kinds and states of bill.
REGULAR, FINAL = 1, 2
ISSUED, CANCELLED = 1, 2
# States of run.
PREVIEWED, APPROVED, RUNNING, DONE, ABANDONED = "previewed", "approved", "running", "done", "abandoned"


class BillRun(models.Model):
    """A run over units for a period: previewed, approved, run slice by slice, resumable."""

    period = models.IntegerField(db_index=True)
    state = models.CharField(max_length=12)
    unit_ids = models.JSONField(default=list)
    made_by = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    approved_by = models.CharField(max_length=120, blank=True)
    approved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    issued_on = models.DateField(null=True)  # the day on its bills, fixed at approval so that a resumed run is the same
    preview = models.JSONField(default=dict)  # totals and outliers as previewed


class RunSlice(models.Model):
    """A stretch of accounts of one unit; its row is written in the transaction of its bills."""

    run = models.ForeignKey(BillRun, on_delete=models.CASCADE, related_name="slices")
    unit_id = models.IntegerField()
    n = models.IntegerField()
    account_from = models.BigIntegerField()
    account_to = models.BigIntegerField()  # included
    done_at = models.DateTimeField(null=True)
    bills = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    wh = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "unit_id", "n"], name="slice_once")]


class BillHold(models.Model):
    """An agreement that could not be billed, or whose bill is implausible, with the reason, for a person."""

    account_id = models.BigIntegerField()
    agreement_id = models.BigIntegerField()
    unit_id = models.IntegerField(db_index=True)
    run_id = models.IntegerField(default=0)
    period = models.IntegerField()
    reason = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement_id", "period"], condition=models.Q(released_at__isnull=True), name="hold_once"
            )
        ]


class Bill(models.Model):
    """A bill. `seq` counts the bills of an account in a period (rebills take the next). Minor units and Wh.

    `year_used_wh`: energy in the block year before this bill; `year_months`: months entitled so far. They are part
    of the bill, so that it can be rated again to the same fen. The year is that of its period: on a bill cut at the
    turn of the year `year_used_wh` is minus what lies before the turn, so that with `wh` it is the new year's use.
    `plan_id`: the tariff version in force at its end.
    """

    pk = models.CompositePrimaryKey("account_id", "period", "seq")
    account_id = models.BigIntegerField()
    period = models.IntegerField()
    seq = models.SmallIntegerField()
    agreement_id = models.BigIntegerField()
    unit_id = models.IntegerField()
    area_id = models.IntegerField()
    run_id = models.IntegerField()
    kind = models.SmallIntegerField()
    state = models.SmallIntegerField()
    class_code = models.SmallIntegerField()
    estimated = models.BooleanField()
    plan_id = models.IntegerField()
    from_on = models.DateField()
    to_on = models.DateField()  # excluded
    wh = models.BigIntegerField()
    year_used_wh = models.BigIntegerField()
    year_months = models.SmallIntegerField()
    amount = models.BigIntegerField()
    issued_on = models.DateField()
    due_on = models.DateField()

    class Meta:
        managed = False
        db_table = "bill"


class BillLine(models.Model):
    """A line. Exact value = amount minor units + rest parts (10**(13 − currency decimals) parts a minor unit).

    `component`: tariffs.Component id; `block`: 1.. (0 none); `tou`: register code; `segment`: which stretch of it.
    `quantity` in thousandths of the priced unit; `price` at 10**-10; `base` minor units for percentages.
    """

    pk = models.CompositePrimaryKey("account_id", "period", "seq", "n")
    account_id = models.BigIntegerField()
    period = models.IntegerField()
    seq = models.SmallIntegerField()
    n = models.SmallIntegerField()
    component = models.IntegerField()
    block = models.SmallIntegerField()
    tou = models.SmallIntegerField()
    segment = models.SmallIntegerField()
    unit = models.SmallIntegerField()
    quantity = models.BigIntegerField()
    price = models.BigIntegerField()
    base = models.BigIntegerField()
    amount = models.BigIntegerField()
    rest = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "bill_line"


class BillSegment(models.Model):
    """A stretch of a bill's days on one tariff version and one set of terms.

    Written only where the bill's own row and uses do not say everything: more than one stretch, terms other than zero,
    or days and months other than the bill's own. With it any bill can be rated again to the same fen.
    """

    pk = models.CompositePrimaryKey("account_id", "period", "seq", "n")
    account_id = models.BigIntegerField()
    period = models.IntegerField()
    seq = models.SmallIntegerField()
    n = models.SmallIntegerField()
    plan_id = models.IntegerField()
    from_on = models.DateField()
    to_on = models.DateField()  # excluded
    period_days = models.IntegerField()
    period_months = models.SmallIntegerField()
    wh_total = models.BigIntegerField()
    wh_sharp = models.BigIntegerField()
    wh_peak = models.BigIntegerField()
    wh_flat = models.BigIntegerField()
    wh_valley = models.BigIntegerField()
    varh = models.BigIntegerField()
    demand_w = models.BigIntegerField()
    capacity_va = models.BigIntegerField()
    contract_w = models.BigIntegerField()
    persons = models.SmallIntegerField()
    allowance_wh = models.BigIntegerField()
    power_factor_standard = models.SmallIntegerField()
    year_used_wh = models.BigIntegerField(null=True)  # as of the bill, in the year of the stretch; none: the bill's
    year_months = models.SmallIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "bill_segment"


class BillUse(models.Model):
    """The readings a bill came from: one row per register (two where a meter was exchanged).

    Values are whole numbers of the register's last decimal; `decimals` says how many it has.
    """

    pk = models.CompositePrimaryKey("account_id", "period", "seq", "n")
    account_id = models.BigIntegerField()
    period = models.IntegerField()
    seq = models.SmallIntegerField()
    n = models.SmallIntegerField()
    register_id = models.BigIntegerField()
    tou = models.SmallIntegerField()
    kind = models.SmallIntegerField()  # kind of the current reading
    previous_on = models.DateField()
    previous_value = models.BigIntegerField()
    current_on = models.DateField()
    current_value = models.BigIntegerField()
    multiplier = models.IntegerField()
    decimals = models.SmallIntegerField()
    wh = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "bill_use"


class BillFact(models.Model):
    """A fact of a stretch (`n`, as in BillSegment) that few tariffs ask for and that is not 0: `fact` is its number in
    billing.further. With n = 0: what the bill leaves to the next one (KEPT_WH), and that it goes by interval data
    (by_interval.STORE_WH, GUESSED_STEPS)."""

    pk = models.CompositePrimaryKey("account_id", "period", "seq", "n", "fact")
    account_id = models.BigIntegerField()
    period = models.IntegerField()
    seq = models.SmallIntegerField()
    n = models.SmallIntegerField()
    fact = models.SmallIntegerField()
    value = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "bill_fact"
