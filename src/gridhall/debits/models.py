"""Mandates, banks that debit for us, cycles with their files and results; the debits themselves as big tables.

A debit is a row that is never changed. What becomes of it is told by rows beside it: the line of the file that carries
it, the bank's result, a withdrawal. `debit_now` (migrations/sql_0002.sql) reads them together.
"""

from django.db import models

# How a debit stands (`state` of `debit_now`).
HELD, WAITING, IN_FILE, SENT, DEBITED, FAILED, UNKNOWN, WITHDRAWN = range(1, 9)

# Outcomes of a result; what a bank's own codes mean is data of its form.
OK = 1
INSUFFICIENT, NO_ACCOUNT, CLOSED, FROZEN, LOST, NAME_MISMATCH, NO_MANDATE, OVER_LIMIT = 2, 3, 4, 5, 6, 7, 8, 9
DUPLICATE, BAD_FORMAT, BANK_ERROR, REFUSED_BY_PAYER = 10, 11, 12, 13
NOT_KNOWN = 20
OUTCOMES = {
    "OK": OK, "INSUFFICIENT": INSUFFICIENT, "NO_ACCOUNT": NO_ACCOUNT, "CLOSED": CLOSED, "FROZEN": FROZEN, "LOST": LOST,
    "NAME_MISMATCH": NAME_MISMATCH, "NO_MANDATE": NO_MANDATE, "LIMIT": OVER_LIMIT, "DUPLICATE": DUPLICATE,
    "BAD_FORMAT": BAD_FORMAT, "BANK_ERROR": BANK_ERROR, "REFUSED": REFUSED_BY_PAYER, "UNKNOWN": NOT_KNOWN,
}  # fmt: skip
OUTCOME_NAMES = {number: name for name, number in OUTCOMES.items()}
RETRYABLE = (INSUFFICIENT, OVER_LIMIT, BANK_ERROR)  # money may be there on another day
SUSPENDING = (NO_ACCOUNT, CLOSED, FROZEN, LOST, NAME_MISMATCH, NO_MANDATE, REFUSED_BY_PAYER)  # no day will help


class DebitBank(models.Model):
    """A bank that debits its customers for us, with our account there and the form of its files."""

    code = models.CharField(max_length=16, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    form = models.CharField(max_length=40)  # pain.008.001.02 | pain.008.001.08 | text:<layout>
    creditor_name = models.CharField(max_length=70)
    creditor_account = models.CharField(max_length=34)
    creditor_agent = models.CharField(max_length=14, blank=True)  # BIC, or the bank's own code
    creditor_id = models.CharField(max_length=35)  # by which the bank knows us
    rows_most = models.IntegerField(default=50_000)  # in one file


class Mandate(models.Model):
    """A customer's word that we may debit a bank account. The account's number is sealed at rest; its last four
    characters are shown, and a keyed digest finds it again. At most one of an account lives at a time."""

    account_id = models.BigIntegerField(db_index=True)
    reference = models.CharField(max_length=35, unique=True)
    bank = models.ForeignKey(DebitBank, on_delete=models.PROTECT)
    holder = models.CharField(max_length=70)
    number_sealed = models.TextField()
    last_four = models.CharField(max_length=4)
    number_digest = models.BigIntegerField()
    holder_digest = models.BigIntegerField()
    debtor_agent = models.CharField(max_length=14, blank=True)  # the payer's bank, where it is not the same
    signed_at_door = models.CharField(max_length=8)  # paper | portal | bank
    signed_on = models.DateField()
    state = models.CharField(max_length=12)  # mandate_moves
    limit = models.BigIntegerField(default=0)  # minor units a debit; 0: none
    preferred_day = models.SmallIntegerField(default=0)  # of the month, 1 to 28; 0: any
    made_by = models.BigIntegerField()
    made_by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)  # of the last move

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id"], condition=~models.Q(state="ended"), name="one_mandate_of_an_account"
            )
        ]


class Cycle(models.Model):
    """One round of debits of an accounting unit: its first day and the days on which what failed is tried again."""

    unit_id = models.IntegerField(db_index=True)
    debit_on = models.DateField()  # of the attempt at work
    attempt = models.SmallIntegerField(default=1)
    retry_on = models.JSONField(default=list)  # ISO days, the first still to come at its head
    notice_days = models.SmallIntegerField(default=3)
    state = models.CharField(max_length=12)  # cycles.STATES
    issued_upto = models.BigIntegerField(default=0)  # the last account looked at
    announced_on = models.DateField(null=True)
    made_by = models.BigIntegerField()
    made_by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)


class DebitFile(models.Model):
    """A file of debits for a bank: prepared (debits can still be withdrawn), sending (its rows stand), sent."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT)
    attempt = models.SmallIntegerField()
    bank = models.ForeignKey(DebitBank, on_delete=models.PROTECT)
    state = models.CharField(max_length=12)  # prepared | sending | sent | emptied
    rows = models.IntegerField()
    amount = models.BigIntegerField()
    name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    made_by = models.BigIntegerField()
    made_by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    sent_by_name = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField(null=True)


class ResultFile(models.Model):
    """A file of results as the bank gave it. loading → loaded (its results stand) → posted (the money is booked)."""

    bank = models.ForeignKey(DebitBank, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=12)
    rows = models.IntegerField(default=0)
    debited = models.IntegerField(default=0)
    debited_amount = models.BigIntegerField(default=0)
    failed = models.IntegerField(default=0)
    failed_amount = models.BigIntegerField(default=0)
    unknown = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)  # rows that say what was known
    parked = models.IntegerField(default=0)
    taken_by_name = models.CharField(max_length=120)
    taken_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)


class ParkedRow(models.Model):
    """A row of a result file that was not believed, with the reason: nothing of it was posted."""

    result = models.ForeignKey(ResultFile, on_delete=models.CASCADE)
    row = models.IntegerField()  # of the file, from 1
    code = models.CharField(max_length=40)
    field = models.CharField(max_length=40, blank=True)
    value = models.CharField(max_length=80, blank=True)
    file_id = models.BigIntegerField(default=0)
    line = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    settled_by_name = models.CharField(max_length=120, blank=True)
    settled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)


class Withdrawal(models.Model):
    """A debit that is not to be made: paid otherwise, refused when asked about, or taken back by a person."""

    account_id = models.BigIntegerField()
    cycle_id = models.BigIntegerField()
    attempt = models.SmallIntegerField()
    why = models.CharField(max_length=16)  # paid | declined | by_hand | mandate
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "cycle_id", "attempt"], name="withdrawn_once")]


class HoldAnswer(models.Model):
    """A yes to a held debit, from the customer or a second person."""

    account_id = models.BigIntegerField()
    cycle_id = models.BigIntegerField()
    attempt = models.SmallIntegerField()
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=16)
    by_name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "cycle_id", "attempt"], name="answered_once")]


class GuardTerm(models.Model):
    """From when on which debits are held and asked about first (rules.debit_guard). Minor units."""

    since = models.DateField(unique=True)
    permille = models.IntegerField()
    spare = models.BigIntegerField()
    first_most = models.BigIntegerField()


class Debit(models.Model):
    """What is to be debited of an account in an attempt of a cycle. `held`: why it waits (rules.debit_guard), 0 not."""

    pk = models.CompositePrimaryKey("account_id", "cycle_id", "attempt")
    account_id = models.BigIntegerField()
    cycle_id = models.BigIntegerField()
    attempt = models.SmallIntegerField()
    mandate_id = models.BigIntegerField()
    bank_id = models.IntegerField()
    amount = models.BigIntegerField()
    usual = models.BigIntegerField()
    held = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "debit"


class DebitLine(models.Model):
    """A debit as a line of a file. `amount`: never more than was announced."""

    pk = models.CompositePrimaryKey("account_id", "cycle_id", "attempt")
    account_id = models.BigIntegerField()
    cycle_id = models.BigIntegerField()
    attempt = models.SmallIntegerField()
    file_id = models.BigIntegerField()
    line = models.IntegerField()
    amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "debit_line"


class DebitResult(models.Model):
    """What the bank said of a debit. `row`: of the result file."""

    pk = models.CompositePrimaryKey("account_id", "cycle_id", "attempt")
    account_id = models.BigIntegerField()
    cycle_id = models.BigIntegerField()
    attempt = models.SmallIntegerField()
    result_id = models.BigIntegerField()
    row = models.IntegerField()
    outcome = models.SmallIntegerField()
    amount = models.BigIntegerField()
    on = models.DateField(db_column="bank_on")

    class Meta:
        managed = False
        db_table = "debit_result"
