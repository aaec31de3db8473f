"""Texts by occasion, customers' choices, what was said, and how it was sent."""

from django.db import models

DRAFT, APPROVED = "draft", "approved"
INBOX, MAIL = 1, 2  # ways
WAITING, SENDING, SENT, REFUSED, GIVEN_UP, BOUNCED = range(1, 7)  # states of a sending


class Text(models.Model):
    """A version of what is said on an occasion, in both languages. In force from a day; never changed once approved."""

    occasion = models.SmallIntegerField()
    from_on = models.DateField()
    title_zh = models.CharField(max_length=200)
    body_zh = models.TextField()
    title_en = models.CharField(max_length=200)
    body_en = models.TextField()
    state = models.CharField(max_length=10, default=DRAFT)
    made_by = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    approved_by = models.CharField(max_length=120, blank=True)
    approved_at = models.DateTimeField(null=True)


class Choice(models.Model):
    """What an account does not want: an occasion by a way. What is not here is wanted."""

    account_id = models.BigIntegerField()
    occasion = models.SmallIntegerField()
    way = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("account_id", "occasion", "way", name="notice_choice_once")]


class BadAddress(models.Model):
    """An address that its own side said is none: nothing more is sent there until the customer has changed it."""

    account_id = models.BigIntegerField()
    way = models.SmallIntegerField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("account_id", "way", name="notice_bad_address_once")]


class Notice(models.Model):
    """Something said to an account. `fact_id`, `n`: the fact behind it and the place in it, which make it single;
    `text_id`: the version that says it; `said`: the values in it (JSON). Made by `sql_0002.sql`."""

    account_id = models.BigIntegerField()
    occasion = models.SmallIntegerField()
    fact_id = models.BigIntegerField()
    n = models.IntegerField()
    text_id = models.BigIntegerField()
    said = models.TextField()
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "notice"


class Sending(models.Model):
    """A notice on its way out. `address`: to whom, shown masked; `answer`: the other side's last word; `next_at`: when
    it is tried next. Made by `sql_0002.sql`."""

    pk = models.CompositePrimaryKey("notice_id", "way")
    notice_id = models.BigIntegerField()
    way = models.SmallIntegerField()
    account_id = models.BigIntegerField()
    address = models.TextField()
    language = models.TextField()
    state = models.SmallIntegerField()
    tries = models.SmallIntegerField()
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField()

    class Meta:
        managed = False
        db_table = "notice_sending"
