"""Banks and agents that take money for the supplier, what they sent, and the comparison of both books by day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Partner(models.Model):
    """A bank or an agent (银行代收、代收网点). `units`: accounts of these units alone, of all with `everywhere`.

    `payment_most`: the most of one payment, minor units; `part_allowed`: less than is owed may be paid;
    `over_allowed`: more than is owed, which becomes credit; `batch_seconds`: how long the number of a query is good.
    """

    code = models.CharField(max_length=24, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    units = ArrayField(models.IntegerField(), default=list)
    everywhere = models.BooleanField(default=False)
    payment_most = models.BigIntegerField()
    part_allowed = models.BooleanField(default=False)
    over_allowed = models.BooleanField(default=False)
    batch_seconds = models.IntegerField(default=600)
    day_file = models.CharField(max_length=40, default="delimited")  # layout of its file of a day
    suspended_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()


class PartnerKey(models.Model):
    """A key of a partner. `secret`, sealed: the shared secret of an HMAC, or our own private key with which answers to
    an RSA partner are signed; `public_key` (PEM): the partner's."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=24, unique=True)
    algorithm = models.CharField(max_length=16)
    secret = models.TextField()
    public_key = models.TextField(blank=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class PartnerNonce(models.Model):
    """A nonce that was used: a signed request comes once. Kept as long as its time stamp could still be good."""

    partner_id = models.BigIntegerField()
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner_id", "nonce"], name="nonce_once")]


class PartnerSerial(models.Model):
    """A serial that a partner sent a payment under, written before the payment is booked. One serial is one payment,
    one batch number (of a query) pays once. `void`: a reversal came before its payment, which is refused when it comes.

    `bank_on`: the day of the partner's books; `reversal_serial`: the serial of the reversal that was done.
    """

    partner_id = models.BigIntegerField()
    serial = models.CharField(max_length=40)
    batch = models.CharField(max_length=40)
    account_id = models.BigIntegerField()
    amount = models.BigIntegerField()
    bank_on = models.DateField()
    outlet = models.CharField(max_length=40, blank=True)
    operator = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    void = models.BooleanField(default=False)
    reversal_serial = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner_id", "serial"], name="serial_once"),
            models.UniqueConstraint(
                fields=["partner_id", "batch"], condition=~models.Q(batch=""), name="batch_pays_once"
            ),
        ]
        indexes = [models.Index(fields=["partner_id", "bank_on"], name="serial_of_day")]


class DayReconciliation(models.Model):
    """The books of a day and a counterparty's file. `counterparty`: `bank:<partner id>` or `online:<gateway>`.

    proposed (by one) → releasing (by another; the acts are being done) → released
    → settled (its transfer is at our bank). A corrected file before the release makes the old comparison `replaced`.
    """

    counterparty = models.CharField(max_length=40)
    on = models.DateField()
    state = models.CharField(max_length=12, default="proposed", db_index=True)
    file_name = models.CharField(max_length=120)
    file_digest = models.CharField(max_length=64)
    their_count = models.IntegerField()
    their_amount = models.BigIntegerField()
    their_fee = models.BigIntegerField(default=0)  # what a gateway keeps of it
    our_count = models.IntegerField()
    our_amount = models.BigIntegerField()
    both_count = models.IntegerField()
    both_amount = models.BigIntegerField()
    made_by = models.BigIntegerField(default=0)
    made_by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    released_by_name = models.CharField(max_length=120, blank=True)
    released_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=120, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_on = models.DateField(null=True)
    transfer = models.CharField(max_length=80, blank=True)  # the bank's reference of its transfer

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["counterparty", "on"], condition=~models.Q(state="replaced"), name="day_reconciled_once"
            ),
            models.UniqueConstraint(
                fields=["transfer"], condition=~models.Q(transfer=""), name="transfer_settles_once"
            ),
        ]


class DayDifference(models.Model):
    """A payment on which the two books of a day differ. `kind`: theirs_only | ours_only | amount_differs |
    other_account | other_day; `act`: what is to be done (book | reverse | correct | move | leave); `done_no`: the
    payment or reversal that was booked for it."""

    reconciliation = models.ForeignKey(DayReconciliation, on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=16)
    serial = models.CharField(max_length=40)
    account_number = models.CharField(max_length=16, blank=True)
    account_id = models.BigIntegerField(default=0)
    about = models.CharField(max_length=40, blank=True)  # the order that a gateway's refund is of
    their_amount = models.BigIntegerField(default=0)
    our_amount = models.BigIntegerField(default=0)
    payment_no = models.BigIntegerField(default=0)
    act = models.CharField(max_length=12)
    chosen_by = models.BigIntegerField(default=0)  # who chose another act than the one proposed
    state = models.CharField(max_length=12, default="open")  # open | done
    done_no = models.BigIntegerField(default=0)
    said = models.CharField(max_length=200, blank=True)  # the code of the refusal where the act could not be done

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reconciliation", "serial"], name="difference_once")]
