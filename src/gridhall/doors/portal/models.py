"""What the portal itself keeps: from which addresses sign-ins fail or codes are asked for."""

from django.db import models


class Knock(models.Model):
    """One failed sign-in, code asked for or payment without signing in, by a keyed hash of the caller's address; a
    wrong amount by one of the customer number; kept for an hour."""

    address = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)  # failure | code | guest | fact
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "kind", "at"], name="knock_by_address")]
