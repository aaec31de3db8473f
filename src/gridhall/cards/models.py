"""Kinds of cards, orders for their production, the keys of their PINs, and the cards."""

from django.db import models

# An order's way. Two persons stand behind an order, and two behind the release of its print file.
DRAFT, APPROVED, MADE, RELEASED, RECEIVED, CANCELLED = "draft", "approved", "made", "released", "received", "cancelled"


class CardType(models.Model):
    """A kind of card as dated data. `face`: minor units; `valid_days` from activation; `printed`: not a virtual one."""

    code = models.CharField(max_length=12, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    face = models.BigIntegerField()
    valid_days = models.IntegerField()
    printed = models.BooleanField(default=True)
    withdrawn_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(face__gt=0, valid_days__gt=0), name="card_type_worth_something")
        ]


class Printer(models.Model):
    """A printer of cards: the file for it can be opened with its own key alone. `recipient`: its age public key."""

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=80)
    recipient = models.CharField(max_length=100)


class CardOrder(models.Model):
    """An order of cards. `card_cost`, `budget`: minor units, of one card and of all; `file_digest`: SHA-256 in hex of
    the print file, `released_*`: who let it go to the printer."""

    type = models.ForeignKey(CardType, on_delete=models.PROTECT)
    printer = models.ForeignKey(Printer, on_delete=models.PROTECT, null=True)
    count = models.IntegerField()
    card_cost = models.BigIntegerField()
    budget = models.BigIntegerField()
    state = models.CharField(max_length=12, default=DRAFT)
    key_no = models.IntegerField(default=0)
    file_digest = models.CharField(max_length=64, blank=True)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(count__gt=0, count__lte=10**6, card_cost__gte=0, budget__gte=0),
                name="card_order_in_bounds",
            )
        ]


class Agent(models.Model):
    """Who sells cards for the supplier. `commission_ppm`: his part of the face value, in millionths; `limit`: what he
    may owe, minor units; `owes`: what he owes for cards sold (negative: he has paid ahead)."""

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=80)
    unit_id = models.IntegerField()
    commission_ppm = models.IntegerField()
    limit = models.BigIntegerField()
    owes = models.BigIntegerField(default=0)
    suspended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    commission_ppm__gte=0, commission_ppm__lt=10**6, limit__gte=0, owes__lte=models.F("limit")
                ),
                name="card_agent_in_bounds",
            )
        ]


class CardSale(models.Model):
    """Cards that an agent sold at once. `face`, `commission`: minor units; `key`: what makes the sale single."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT)
    key = models.CharField(max_length=64)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    face = models.BigIntegerField()
    commission = models.BigIntegerField()
    sold_at = models.DateTimeField()
    sold_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint("agent", "key", name="card_sale_once")]


class AgentSettlement(models.Model):
    """What an agent paid of what he owed, minor units. `key`: what makes it single."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT)
    key = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    on = models.DateField()
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("agent", "key", name="card_settlement_once")]


class CardLapse(models.Model):
    """Cards that ran out unused on a day, of one accounting unit."""

    unit_id = models.IntegerField()
    on = models.DateField()
    count = models.IntegerField()
    face = models.BigIntegerField()


class PinKey(models.Model):
    """A key under which PINs are hashed, sealed. Its number begins at 1; new orders take the newest."""

    sealed = models.TextField()
    made_at = models.DateTimeField()


class Card(models.Model):
    """A card. `frozen_from`: the state in which it was frozen, 0 if it is not; `agent_id`: who holds it, 0 for us;
    `expires_on` from its activation. Made by `sql_0002.sql`."""

    serial = models.BigIntegerField(primary_key=True)
    order_id = models.IntegerField()
    state = models.SmallIntegerField()
    frozen_from = models.SmallIntegerField(default=0)
    agent_id = models.IntegerField(default=0)
    key_no = models.IntegerField()
    digest_high = models.BigIntegerField()
    digest_low = models.BigIntegerField()
    expires_on = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "card"


class CardGuess(models.Model):
    """Wrong PINs counted at a place (`guard`). Made by `sql_0002.sql`."""

    pk = models.CompositePrimaryKey("kind", "place")
    kind = models.SmallIntegerField()
    place = models.IntegerField()
    wrong = models.IntegerField()
    last_wrong_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "card_guess"


class CardUse(models.Model):
    """What a card has paid: once for each. Made by `sql_0002.sql`."""

    serial = models.BigIntegerField(primary_key=True)
    account_id = models.BigIntegerField()
    payment_no = models.BigIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "card_use"
