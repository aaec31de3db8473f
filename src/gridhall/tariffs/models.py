"""Tariff books as dated, approved data. A version is never edited once approved: the next one supersedes it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

DRAFT, SENT, APPROVED, REJECTED, WITHDRAWN = "draft", "sent", "approved", "rejected", "withdrawn"


class Tariff(models.Model):
    code = models.CharField(max_length=80, primary_key=True)
    name_en = models.CharField(max_length=160)
    name_zh = models.CharField(max_length=160)
    currency = models.CharField(max_length=3, default="CNY")
    class_code = models.SmallIntegerField(default=1)
    # For whom the tariff is, as its book says: who may choose between tariffs chooses among those for the same.
    place = models.CharField(max_length=120, blank=True)
    meter = models.CharField(max_length=20, blank=True)


class TariffVersion(models.Model):
    """In force from `from_on` (included) to `until_on` (excluded, null while open). `plan_id` in bills is this id."""

    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="versions")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    book = models.TextField()  # the YAML text as it was approved
    source = models.TextField(blank=True)
    policy_en = models.TextField(blank=True)
    policy_zh = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)
    seasons = ArrayField(models.CharField(max_length=40, blank=True), default=list)  # names, by season code
    sample = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64, db_index=True)
    # The compiled numbers (rules.layout): bills are rated, and rated again years later, from these.
    table = ArrayField(models.BigIntegerField(), default=list)
    decimals = models.SmallIntegerField(default=2)
    state = models.CharField(max_length=12, default=DRAFT)
    entered_by = models.CharField(max_length=120, blank=True)
    sent_by = models.CharField(max_length=120, blank=True)
    # Whoever wrote or sent it, by name and (where it has a number) as kind:number; none of them decides on it.
    hands = ArrayField(models.CharField(max_length=150), default=list)
    sent_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # why it was rejected or withdrawn
    approved_by = models.CharField(max_length=120, blank=True)
    approved_at = models.DateTimeField(null=True)


class Component(models.Model):
    """A component of a version: what a bill line's `component` (this id) means, in words."""

    version = models.ForeignKey(TariffVersion, on_delete=models.PROTECT, related_name="components")
    position = models.SmallIntegerField()
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=24)
    name_en = models.CharField(max_length=160)
    name_zh = models.CharField(max_length=160)
    clause_en = models.TextField(blank=True)
    clause_zh = models.TextField(blank=True)
    ledger_class = models.SmallIntegerField(default=0)
    unit = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="component_place")]


class PriceSeries(models.Model):
    """Prices that change from hour to hour, under the name that books give (`hourly: [{series: …}]`). `step`: minutes
    for which a price holds; `offsets`: whether its minutes are in UTC (tariffs.price_series)."""

    code = models.CharField(max_length=80, primary_key=True)
    step = models.SmallIntegerField()
    offsets = models.BooleanField()


class SeriesPrice(models.Model):
    """A price of a series (10**-10 of the currency unit per kWh) and the minute from which it holds."""

    series = models.ForeignKey(PriceSeries, on_delete=models.PROTECT)
    minute = models.BigIntegerField()
    price = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "minute"], name="price_of_a_moment")]
