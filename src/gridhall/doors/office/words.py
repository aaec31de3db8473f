"""Codes of the tables in words, for screens; and names of places looked up once a page."""

from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
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
    8: _("bank transfer"),
    9: _("credit"),
}
METHODS: dict[int, Promise] = {
    1: _("cash"), 2: _("card"), 3: _("online payment"), 4: _("transfer"), 5: _("cheque"), 6: _("correction"),
}  # fmt: skip
BILL_KINDS: dict[int, Promise] = {1: _("regular"), 2: _("final")}
BILL_STATES: dict[int, Promise] = {1: _("issued"), 2: _("cancelled")}
PAYMENT_KINDS: dict[int, Promise] = {
    1: _("received"), 2: _("reversal"), 3: _("credit set off"), 4: _("credit paid out"),
    5: _("credit to another account"), 6: _("credit from another account"),
}  # fmt: skip
ITEM_KINDS: dict[int, Promise] = {1: _("bill"), 2: _("late charge"), 3: _("other")}
REGISTERS: dict[int, Promise] = {
    0: _("total"), 1: _("sharp"), 2: _("peak"), 3: _("flat"), 4: _("valley"), 5: _("reactive"), 6: _("demand"),
    7: _("deep valley"), 8: _("demand, sharp"), 9: _("demand, peak"), 10: _("demand, flat"), 11: _("demand, valley"),
    12: _("demand, deep valley"), 13: _("fed in"), 14: _("fed in, sharp"), 15: _("fed in, peak"),
    16: _("fed in, flat"), 17: _("fed in, valley"), 18: _("fed in, deep valley"), 19: _("reactive, fed in"),
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
MONEY_ACTS: dict[str, Promise] = {
    "reverse": _("reverse a payment"), "refund": _("pay credit out"), "transfer": _("credit to another account"),
    "correct": _("correct a payment"), "instalments": _("pay by parts"), "write_off": _("write a bad debt off"),
    "recover": _("let a written-off debt be owed again"),
}  # fmt: skip
MONEY_ACT_STATES: dict[str, Promise] = {
    "asked": _("waits for a second person"), "done": _("done"), "declined": _("declined"),
}  # fmt: skip
MONEY_ACT_TAGS = {"asked": "lamp", "done": "good"}
CHEQUE_STATES: dict[str, Promise] = {
    "held": _("in the drawer"), "presented": _("at the bank"), "cleared": _("paid by the bank"),
    "returned": _("returned unpaid"), "withdrawn": _("given back"),
}  # fmt: skip
CHEQUE_TAGS = {"held": "lamp", "presented": "info", "cleared": "good", "returned": "bad"}
PLAN_STATES: dict[str, Promise] = {
    "kept": _("being kept"), "fulfilled": _("fulfilled"), "broken": _("broken: all is due"), "ended": _("ended"),
}  # fmt: skip
PLAN_TAGS = {"kept": "info", "fulfilled": "good", "broken": "bad"}
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
    "move": _("count it on the bank's day"), "suspend": _("put it into suspense"), "leave": _("leave and ask"),
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
    "intervals_missing": _("interval data are missing"),
    "intervals_apart": _("interval data and readings differ"),
    "intervals_estimated": _("much of the interval data estimated"),
    "intervals_unfit": _("interval data do not fit the tariff"),
    "unread_change": _("no reading of the day of a change"),
    "unpriced": _("no price of some hours"),
    "no_intervals": _("the tariff needs interval data"),
    "too_many": _("too many bills in the month"),
}
RUN_TAGS = {"previewed": "lamp", "approved": "info", "running": "info", "done": "good", "abandoned": ""}


GATEWAYS: dict[str, Promise] = {
    "alipay": _("Alipay"), "wechat": _("WeChat Pay"), "stripe": _("Bank card"), "sandbox": _("Sandbox bank"),
}  # fmt: skip


def of(words: object, suffix: str = "name") -> str:
    """The `_zh` or `_en` field of a frozen value in the reader's language."""
    return str(getattr(words, f"{suffix}_{language()}"))


def lacking(detail: Mapping[str, int]) -> list[str]:
    """What a bill that is held for its interval data lacks, and from which day on; nothing for other holds."""
    first = detail.get("first_day")
    if not first:
        return []
    day = date(first // 10_000, first // 100 % 100, first % 100)
    days, steps = detail.get("lacking_days", 0), detail.get("lacking_steps", 0)
    if not days:
        return [f"({day})"]
    return [gettext("(from %(day)s: %(days)s days, %(steps)s steps)") % {"day": day, "days": days, "steps": steps}]


def unit_names() -> dict[int, str]:
    """Names of all accounting units by id (the registry is in memory)."""
    return {unit.id: of(unit) for unit in territory.units()}


def area_names() -> dict[int, str]:
    return {area.id: of(area) for area in territory.areas()}


def refused(code: str) -> str:
    """Why the books refused an act that was tried without a person there, in the reader's language."""
    english, chinese = payments.REFUSAL_WORDS.get(code, (code, code))
    return chinese if language() == "zh" else english
