"""People, their accounts, the premises and the agreements by which a premise is supplied on an account."""

from django.db import models

# Customer classes: they choose the tariff and the late-charge rates. Stored as small numbers in the big tables.
RESIDENTIAL, COMMERCIAL, INDUSTRIAL = 1, 2, 3


class Customer(models.Model):
    """A person or an organisation."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12, default="person")  # person | organisation
    name = models.CharField(max_length=160)
    name_key = models.CharField(max_length=700)  # search tokens, the pinyin first, so that it sorts too (keys.py)
    phone = models.CharField(max_length=32, blank=True, db_index=True)
    email = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8, default="zh")


class Premise(models.Model):
    """A place that is supplied. It belongs to exactly one area."""

    id = models.BigIntegerField(primary_key=True)
    area_id = models.IntegerField(db_index=True)
    address = models.CharField(max_length=240)
    address_key = models.CharField(max_length=900)  # search tokens (keys.py); indexes in sql_0002.sql
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)


class Account(models.Model):
    """A customer's account (户号): owes and pays. Its id begins the key of every big table and never changes."""

    id = models.BigIntegerField(primary_key=True)
    number = models.CharField(max_length=16, unique=True)  # with check digit (kernel.ids)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    unit_id = models.IntegerField(db_index=True)
    area_id = models.IntegerField(db_index=True)
    class_code = models.SmallIntegerField(default=RESIDENTIAL)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)


class Agreement(models.Model):
    """Supply of one premise on one account, from move-in (`since`) to move-out (`until`, excluded; null while open).

    At most one agreement of an account is open at a time.
    """

    id = models.BigIntegerField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="agreements")
    premise = models.ForeignKey(Premise, on_delete=models.PROTECT, related_name="agreements")
    since = models.DateField()
    until = models.DateField(null=True)


class SupplyTerm(models.Model):
    """What an agreement is rated by, from `since` (included) to `until` (excluded, null while open).

    Every change of tariff, capacity, contract demand, household size or allowance closes one term and opens the next.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="terms")
    account_id = models.BigIntegerField(db_index=True)
    since = models.DateField()
    until = models.DateField(null=True)
    tariff_code = models.CharField(max_length=80)
    voltage = models.CharField(max_length=24, default="<1kV")
    capacity_va = models.BigIntegerField(default=0)
    contract_w = models.BigIntegerField(default=0)
    power_factor_standard = models.SmallIntegerField(default=0)  # hundredths: 0 none, 80, 85, 90
    persons = models.SmallIntegerField(default=0)
    allowance_wh = models.BigIntegerField(default=0)  # free energy per month, Wh
    # Sub-supply as agreed: its share of the use, in hundredths of a per cent, and a fixed energy a month, Wh.
    sub_share = models.SmallIntegerField(default=0, db_default=0)
    sub_wh = models.BigIntegerField(default=0, db_default=0)


class PortalCredential(models.Model):
    """A customer's password for the portal (hashed by Django's hashers); one per account."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True)
    password = models.CharField(max_length=200)
    changed_at = models.DateTimeField()


class SignInCode(models.Model):
    """A one-time code that was sent: only its keyed hash is kept; it expires and counts tries."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)


class SignInFailure(models.Model):
    """A sign-in that failed, whether or not there is such an account: counted to lock the number for a while."""

    number = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["number", "at"], name="sign_in_failure_number")]


class SentMessage(models.Model):
    """What was said to a customer, by which way (a first message log; codes are masked outside a demo)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)
    to = models.CharField(max_length=200)
    way = models.CharField(max_length=16)
    occasion = models.CharField(max_length=40)
    text = models.TextField()
    sent_at = models.DateTimeField(db_index=True)
