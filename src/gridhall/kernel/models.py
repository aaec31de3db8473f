"""Audit, roles, access, idempotency and API keys: what every room needs and no business noun in it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

SUBJECT_MOST = 120  # characters of what an act was done to; what is longer stands beside it


class AuditEntry(models.Model):
    """One act: who did what, when, through which door, to what, before and after. Appended only."""

    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(default=0)
    actor_name = models.CharField(max_length=120)
    door = models.CharField(max_length=24)
    act = models.CharField(max_length=64, db_index=True)
    subject = models.CharField(max_length=SUBJECT_MOST, db_index=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["-id"]


class Role(models.Model):
    """A set of permissions that staff can hold."""

    code = models.CharField(max_length=32, primary_key=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    permissions = ArrayField(models.CharField(max_length=64), default=list)


class StaffAccess(models.Model):
    """What a member of staff may do, and where (units by id; `everywhere` for all)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access")
    role = models.ForeignKey(Role, on_delete=models.PROTECT)
    full_name_en = models.CharField(max_length=120)
    full_name_zh = models.CharField(max_length=120)
    units = ArrayField(models.IntegerField(), default=list)
    everywhere = models.BooleanField(default=False)


class ApiKey(models.Model):
    """A partner's key: only its SHA-256 is kept. Scopes are permission names; `units` as for staff."""

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=64), default=list)
    units = ArrayField(models.IntegerField(), default=list)
    everywhere = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class IdempotentRequest(models.Model):
    """A request that came with an Idempotency-Key: what was asked (hash) and what was answered."""

    scope = models.CharField(max_length=120)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.IntegerField(default=0)
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotent_once")]


class Fact(models.Model):
    """Something that happened, told in the transaction in which it happened.

    `account_low` to `account_high`: the accounts that it is about (0 to 0: none); `payload`: what its kind says
    (docs/reference/facts.md).
    """

    kind = models.CharField(max_length=48)
    account_low = models.BigIntegerField(default=0)
    account_high = models.BigIntegerField(default=0)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField()


class Delivery(models.Model):
    """A fact on its way to a subscriber; gone when it has been handled. `dead_at`: given up, for a person to settle."""

    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=80)
    tries = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField()
    dead_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscriber", "fact"], name="delivered_once")]
