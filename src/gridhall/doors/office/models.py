"""What the office itself keeps: second factors of staff, and long work that a worker does for a screen."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"


class SecondFactor(models.Model):
    """A member of staff's one-time codes (TOTP, RFC 6238). The secret is encrypted; a step is never taken twice."""

    user_id = models.BigIntegerField(primary_key=True)
    secret = models.TextField()  # encrypted by factor.py
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    tries = models.SmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    recovery = ArrayField(models.CharField(max_length=64), default=list)  # keyed digests of unused recovery codes


class Job(models.Model):
    """Long work asked for on a screen and done by a worker. `result` is what the screen shows when it is done."""

    kind = models.CharField(max_length=24)
    asked = models.JSONField(default=dict)
    actor = models.JSONField(default=dict)  # who asked: frozen with the rights of that moment
    by_user = models.BigIntegerField(db_index=True)
    state = models.CharField(max_length=12, default=QUEUED)
    done = models.BigIntegerField(default=0)
    whole = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    refused_en = models.TextField(blank=True)
    refused_zh = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Flag(models.Model):
    """Something that happened and that a second person looks at once: a till that did not tally, a payment undone.
    Made from a fact (`fact_id` keeps it single); `told` is what the fact said."""

    fact_id = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=48)
    unit_id = models.IntegerField()
    account_id = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    told = models.JSONField(default=dict)
    seen_by = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["unit_id"], condition=models.Q(seen_at__isnull=True), name="flag_unseen")]
