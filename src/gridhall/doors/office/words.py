"""Codes of the tables in words, for screens; and names of places looked up once a page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridhall.doors.office.staff import language
from gridhall.payments import public as payments
from gridhall.territory import public as territory

CLASSES: dict[int, Promise] = {1: _("residential"), 2: _("commercial"), 3: _("industrial")}
DOORS: dict[int, Promise] = {
    1: _("counter"),
    2: _("online hall"),
    3: _("bank or partner"),
    4: _("file"),
    5: _("bank counter"),
    9: _("credit"),
}
METHODS: dict[int, Promise] = {1: _("cash"), 2: _("card"), 3: _("online payment"), 4: _("transfer")}
BILL_KINDS: dict[int, Promise] = {1: _("regular"), 2: _("final")}
BILL_STATES: dict[int, Promise] = {1: _("issued"), 2: _("cancelled")}
PAYMENT_KINDS: dict[int, Promise] = {1: _("received"), 2: _("reversal"), 3: _("credit set off")}
ITEM_KINDS: dict[int, Promise] = {1: _("bill"), 2: _("late charge"), 3: _("other")}
REGISTERS: dict[int, Promise] = {
    0: _("total"), 1: _("sharp"), 2: _("peak"), 3: _("flat"), 4: _("valley"), 5: _("reactive"), 6: _("demand"),
}  # fmt: skip
READING_KINDS: dict[int, Promise] = {
    1: _("read"), 2: _("estimated"), 3: _("corrected"), 4: _("installed"), 5: _("removed"), 6: _("read by customer"),
}  # fmt: skip
READING_STATES: dict[int, Promise] = {1: _("accepted"), 2: _("held"), 3: _("rejected"), 4: _("replaced")}
RUN_STATES: dict[str, Promise] = {
    "previewed": _("waits for approval"),
    "approved": _("approved"),
    "running": _("running"),
    "done": _("done"),
    "abandoned": _("put away"),
}
BANKING_STATES: dict[str, Promise] = {
    "proposed": _("waits for a second person"), "booked": _("booked"), "declined": _("declined"),
}  # fmt: skip
REFUND_STATES: dict[str, Promise] = {
    "asked": _("waits for a second person"), "approved": _("asked of the bank"),
    "confirmed": _("given back, not yet booked"), "booked": _("given back and booked"), "declined": _("declined"),
    "failed": _("refused by the bank"),
}  # fmt: skip
REFUND_TAGS = {"asked": "lamp", "approved": "info", "confirmed": "info", "booked": "good", "failed": "bad"}
GATEWAY_SAID: dict[str, Promise | str] = {
    "gateway_unreachable": _("the bank does not answer"), "tampered": _("the answer's signature is not the bank's"),
    "wrong_amount": _("the bank names another amount"), "waiting": _("the bank has not done it yet"), "paid": "",
}  # fmt: skip
DAY_STATES: dict[str, Promise] = {
    "proposed": _("waits for a second person"), "releasing": _("being released"), "released": _("released"),
    "settled": _("settled"),
}  # fmt: skip
DAY_TAGS = {"proposed": "lamp", "releasing": "lamp", "released": "info", "settled": "good"}
DIFFERENCE_KINDS: dict[str, Promise] = {
    "theirs_only": _("only in the bank's file"), "ours_only": _("only in our books"),
    "amount_differs": _("the two differ"), "other_account": _("another account in the bank's file"),
    "other_day": _("on another day in our books"),
}  # fmt: skip
DAY_ACTS: dict[str, Promise] = {
    "book": _("book it"), "reverse": _("reverse it"), "correct": _("correct to the bank's amount"),
    "move": _("count it on the bank's day"), "leave": _("leave and ask"),
}  # fmt: skip
OUTLET_KINDS: dict[str, Promise] = {
    "hall": _("business hall"),
    "bank": _("bank branch"),
    "newsstand": _("newsstand"),
    "night_shop": _("night shop"),
    "machine": _("machine"),
}
TARIFF_STATES: dict[str, Promise] = {
    "draft": _("draft"),
    "sent": _("waits for approval"),
    "approved": _("approved"),
    "rejected": _("rejected"),
    "withdrawn": _("withdrawn"),
    "to_come": _("to come"),
    "in_force": _("in force"),
    "superseded": _("superseded"),
}
TARIFF_TAGS = {"sent": "lamp", "rejected": "bad", "in_force": "good", "to_come": "info"}
HOLD_REASONS: dict[str, Promise] = {
    "reading_held": _("reading held"),
    "reading_missing": _("no reading"),
    "no_terms": _("no supply terms"),
    "no_tariff": _("no tariff in force"),
    "earlier_open": _("earlier month not billed"),
    "overlaps": _("days billed already"),
    "negative": _("negative use"),
    "too_high": _("use far above the past"),
    "too_low": _("use far below the past"),
    "registers": _("registers do not fit the tariff"),
    "bounds": _("use beyond all bounds"),
    "days": _("days not in order"),
    "value_moved": _("billed reading put right since"),
    "turn_of_year": _("takes back last year's use"),
    "too_many": _("too many bills in the month"),
}
RUN_TAGS = {"previewed": "lamp", "approved": "info", "running": "info", "done": "good", "abandoned": ""}


def of(words: object, suffix: str = "name") -> str:
    """The `_zh` or `_en` field of a frozen value in the reader's language."""
    return str(getattr(words, f"{suffix}_{language()}"))


def unit_names() -> dict[int, str]:
    """Names of all accounting units by id (the registry is in memory)."""
    return {unit.id: of(unit) for unit in territory.units()}


def area_names() -> dict[int, str]:
    return {area.id: of(area) for area in territory.areas()}


def refused(code: str) -> str:
    """Why the books refused an act that was tried without a person there, in the reader's language."""
    english, chinese = payments.REFUSAL_WORDS.get(code, (code, code))
    return chinese if language() == "zh" else english
