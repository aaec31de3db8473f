"""What the portal itself keeps: from which addresses sign-ins fail or codes are asked for."""

from django.db import models


class Knock(models.Model):
    """One failed sign-in or one code asked for, by a keyed hash of the caller's address; kept for an hour."""

    address = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)  # failure | code
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "kind", "at"], name="knock_by_address")]
