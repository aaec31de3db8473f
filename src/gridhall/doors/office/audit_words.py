"""The audit trail in plain words: what an act is called, what it was done to, and each field before and after."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridhall.doors.look import formats

# An act that is not here is shown by its code: a new one is never hidden.
ACTS: dict[str, Promise] = {
    "bank_accounts.add": _("bank account of ours entered"),
    "bills.cancel": _("bill cancelled"),
    "bills.print": _("bill printed"),
    "bills.rebill": _("billed again"),
    "bills.release": _("held bill released"),
    "cards.add_agent": _("card agent entered"),
    "cards.add_printer": _("card printer entered"),
    "cards.add_type": _("kind of card entered"),
    "cards.alarm": _("many wrong PINs"),
    "cards.approve_order": _("order of cards approved"),
    "cards.cancel_order": _("order of cards dropped"),
    "cards.expire": _("cards run out"),
    "cards.freeze": _("cards frozen"),
    "cards.hand_out": _("cards handed out"),
    "cards.make": _("cards made"),
    "cards.order": _("cards ordered"),
    "cards.receive": _("cards taken into stock"),
    "cards.redeem": _("card redeemed"),
    "cards.release_file": _("print file of cards released"),
    "cards.renew_key": _("key of PINs renewed"),
    "cards.sell": _("cards sold"),
    "cards.settle_agent": _("card agent's money entered"),
    "cards.take_back": _("cards taken back"),
    "cards.thaw": _("cards thawed"),
    "cards.unlock": _("card tries unlocked"),
    "cards.void": _("cards made void"),
    "cards.wrong_pin": _("wrong PIN of a card"),
    "customers.change_terms": _("supply terms changed"),
    "customers.move_out": _("customer moved out"),
    "customers.register": _("customers entered"),
    "customers.set_language": _("customer's language changed"),
    "customers.set_password": _("customer's password set"),
    "documents.print": _("print file made"),
    "debits.add_bank": _("bank for batch debit entered"),
    "debits.announce": _("debits announced"),
    "debits.answer_held": _("held debit decided"),
    "debits.close": _("debit cycle closed"),
    "debits.fetch_file": _("debit file fetched"),
    "debits.issue": _("debts for debit chosen"),
    "debits.lock": _("debit files made"),
    "debits.plan": _("debit cycle planned"),
    "debits.reconcile": _("debits reconciled"),
    "debits.send": _("debit file sent"),
    "debits.settle_parked": _("parked row settled"),
    "debits.settle_unknown": _("unknown debit settled"),
    "debits.take_results": _("debit results taken"),
    "debits.try_again": _("failed debits tried again"),
    "debits.withdraw": _("debit withdrawn"),
    "kernel.settle_failed": _("failed message settled"),
    "keys.make": _("API key made"),
    "keys.revoke": _("API key withdrawn"),
    "ledger.close": _("month closed"),
    "ledger.rebuild": _("balances rebuilt"),
    "late.dispute": _("bill put in dispute"),
    "late.end": _("dispute or exemption ended"),
    "late.exempt": _("late charge exempted"),
    "mandates.activate": _("mandate active"),
    "mandates.confirm": _("mandate confirmed"),
    "mandates.end": _("mandate ended"),
    "mandates.resume": _("mandate resumed"),
    "mandates.sign": _("mandate signed"),
    "mandates.suspend": _("mandate suspended"),
    "metering.correct": _("reading corrected"),
    "metering.fill_intervals": _("gaps of interval data estimated"),
    "metering.estimate": _("missing readings estimated"),
    "metering.hang": _("meters hung"),
    "metering.load_intervals": _("interval data loaded"),
    "metering.remove": _("meter taken away"),
    "metering.settle": _("held reading settled"),
    "metering.take": _("readings taken in"),
    "office.download": _("file downloaded"),
    "office.flag_seen": _("exception looked at"),
    "partners.add": _("bank or agent entered"),
    "partners.key": _("partner's key made"),
    "partners.resume": _("partner in service again"),
    "partners.revoke_key": _("partner's key withdrawn"),
    "partners.suspend": _("partner out of service"),
    "notices.bounce": _("notice came back"),
    "notices.choose": _("what comes by mail chosen"),
    "notices.decide": _("text of a notice decided"),
    "notices.send_again": _("notice sent again"),
    "notices.try": _("text of a notice tried out"),
    "notices.write": _("text of a notice written"),
    "payments.act_correct": _("payment corrected"),
    "payments.act_instalments": _("agreement to pay by parts"),
    "payments.act_recover": _("written-off debt owed again"),
    "payments.act_refund": _("credit paid out"),
    "payments.act_reverse": _("payment reversed by two"),
    "payments.act_transfer": _("credit moved to another account"),
    "payments.act_write_off": _("bad debt written off"),
    "payments.ask_act": _("act on money asked for"),
    "payments.ask_refund": _("refund asked for"),
    "payments.clear_cheques": _("cheques paid by the bank"),
    "payments.decide_act": _("act on money agreed or declined"),
    "payments.decide_settlement": _("settlement between units booked or declined"),
    "payments.enter_limit": _("limit entered"),
    "payments.plan_broken": _("plan broken"),
    "payments.plan_ended": _("plan ended"),
    "payments.plan_fulfilled": _("plan fulfilled"),
    "payments.present_cheques": _("cheques brought to the bank"),
    "payments.propose_settlement": _("settlement between units put together"),
    "payments.return_cheque": _("cheque returned by the bank"),
    "payments.bank_cash": _("cash brought to the bank"),
    "payments.begin_online": _("online payment begun"),
    "payments.choose_act": _("act on a difference chosen"),
    "payments.close_till": _("till closed"),
    "payments.decide_banking": _("bank deposit approved or refused"),
    "payments.decide_refund": _("refund approved or refused"),
    "payments.open_till": _("till opened"),
    "payments.print_receipt": _("receipt printed"),
    "payments.receive": _("money received"),
    "payments.reconcile": _("day of a bank compared"),
    "payments.refund": _("money refunded"),
    "payments.refund_answered": _("refund answered by the bank"),
    "payments.refuse_notice": _("bank's message refused"),
    "payments.register_till": _("till set up"),
    "payments.move_day": _("payment counted on the bank's day"),
    "payments.release_day": _("day of a bank released"),
    "payments.reverse": _("payment reversed"),
    "payments.serial_void": _("reversal before its payment"),
    "payments.set_off": _("credit set off against bills"),
    "payments.settle_day": _("transfer of a bank's day booked"),
    "runs.abandon": _("bill run put away"),
    "runs.approve": _("bill run approved"),
    "runs.done": _("bill run finished"),
    "runs.preview": _("bill run previewed"),
    "runs.run": _("bill run started"),
    "staff.add": _("member of staff added"),
    "staff.admit": _("access given back"),
    "staff.end": _("access ended"),
    "staff.factor": _("second factor reset"),
    "staff.factor_enrolled": _("second factor set up"),
    "staff.factor_removed": _("second factor removed"),
    "staff.password": _("own password changed"),
    "staff.second_factor": _("second factor shown"),
    "staff.second_factor_wrong": _("second factor wrong"),
    "staff.sign_in": _("signed in"),
    "staff.sign_out": _("signed out"),
    "staff.unlock": _("account unlocked"),
    "statements.load": _("bank statement brought in"),
    "suspense.pay": _("money in suspense given to an account"),
    "suspense.known": _("money in suspense confirmed as booked before"),
    "suspense.net": _("money in suspense set against other money"),
    "suspense.ask_back": _("return from suspense asked for"),
    "suspense.ask_fee": _("bank charge from suspense asked for"),
    "suspense.ask_undo": _("payment that the bank never had: asked to take it back"),
    "suspense.ask_again": _("payment asked back into suspense"),
    "suspense.decide_back": _("return from suspense decided"),
    "suspense.decide_fee": _("bank charge from suspense decided"),
    "suspense.decide_undo": _("taking back of a payment decided"),
    "suspense.decide_again": _("putting back into suspense decided"),
    "tariffs.approve": _("tariff approved"),
    "tariffs.enter": _("tariff entered"),
    "tariffs.load_prices": _("hourly prices loaded"),
    "tariffs.reject": _("tariff sent back"),
    "tariffs.send": _("tariff sent for approval"),
    "tariffs.take_back": _("tariff taken back"),
    "tariffs.withdraw": _("tariff withdrawn"),
    "territory.hand_over": _("area handed over"),
    "territory.register": _("territory entered"),
    "territory.temperatures": _("temperatures entered"),
}
GROUPS: dict[str, Promise] = {
    "cards": _("recharge cards"), "debits": _("batch debit"), "mandates": _("debit mandates"),
    "notices": _("notices"), "bills": _("bills"), "customers": _("customers"), "documents": _("print files"),
    "keys": _("API keys"),
    "late": _("late charge"), "ledger": _("ledger"), "metering": _("readings and meters"),
    "office": _("other in the office"), "partners": _("banks and agents"), "payments": _("money"),
    "bank_accounts": _("bank accounts of ours"), "statements": _("bank statements"), "suspense": _("suspense"),
    "runs": _("bill runs"), "staff": _("staff and sign-in"), "tariffs": _("tariffs"), "territory": _("territory"),
}  # fmt: skip
SUBJECTS: dict[str, Promise] = {
    "account": _("account"), "accounts": _("accounts"), "area": _("area"), "banking": _("bank deposit"),
    "bank_account": _("bank account of ours"), "statement": _("bank statement"), "suspense": _("money in suspense"),
    "agent": _("card agent"), "card": _("recharge card"), "cards": _("recharge cards"), "debit": _("debit"),
    "mandate": _("debit mandate"), "notice": _("notice"), "printer": _("card printer"), "series": _("series of prices"),
    "text": _("text of a notice"), "act": _("act on money"), "cheque": _("cheque"), "limit": _("limit"),
    "settlement": _("settlement between units"),
    "bill": _("bill"), "class": _("class"), "district": _("district"), "fact": _("fact"), "file": _("file"),
    "flag": _("matter to look at"), "gateway": _("online bank"), "hold": _("held bill"),
    "intervals": _("interval data"), "job": _("job"), "key": _("API key"), "meter": _("meter"), "meters": _("meters"),
    "order": _("online order"),
    "partner": _("bank or agent"), "payment": _("payment"), "reading": _("reading"), "readings": _("readings of unit"),
    "reconciliation": _("reconciliation"), "refund": _("refund"),
    "run": _("run"), "session": _("till session"), "staff": _("member of staff"), "tariff": _("tariff"),
    "territory": _("territory"), "till": _("till"), "unit": _("unit"), "user": _("member of staff"),
    "version": _("tariff version"),
}  # fmt: skip
FIELDS: dict[str, Promise] = {
    "accepted": _("accepted"), "account": _("account"), "accounts": _("accounts"), "again": _("rated again"),
    "sub_share": _("sub-supply, share (0.01 %)"), "sub_wh": _("sub-supply (Wh a month)"),
    "allowance_wh": _("free energy (Wh)"), "amount": _("amount"), "areas": _("areas"), "bills": _("bills"),
    "capacity_va": _("capacity (VA)"), "closing": _("closing balances"), "code": _("code"),
    "contract_w": _("contract (W)"), "count": _("number"), "counted": _("counted"), "days": _("days"),
    "difference": _("difference"), "districts": _("districts"), "estimated": _("estimated"),
    "everywhere": _("all units"), "expected": _("expected"), "file": _("file"), "first": _("first number"),
    "float": _("cash at opening"), "form": _("form"), "from_on": _("from"), "hash": _("fingerprint"),
    "held": _("held"), "issued_on": _("issued on"), "language": _("language"), "last": _("last number"),
    "name": _("name"), "on": _("day"), "outcome": _("outcome"), "outlet": _("outlet no."), "outlets": _("outlets"),
    "pages": _("pages"), "payment": _("payment"), "period": _("month"), "person_en": _("person, in English"),
    "person_zh": _("person, in Chinese"), "persons": _("persons"), "power_factor_standard": _("power factor standard"),
    "refused": _("refused"), "registers": _("registers"), "responsible": _("persons responsible"),
    "reversal": _("reversal"), "role": _("role"), "said": _("answer"), "scopes": _("rights"),
    "sessions": _("till sessions"), "since": _("since"), "slices": _("slices"), "slip": _("slip no."),
    "state": _("state"), "stations": _("stations"), "tariff_code": _("tariff"), "till": _("till"),
    "units": _("units"), "until": _("until"), "value": _("value"), "version": _("version"), "voltage": _("voltage"),
    "wh": _("energy (Wh)"),
}  # fmt: skip
DOORS: dict[str, Promise] = {
    "bank": _("bank counter"),
    "reconcile": _("reconciliation"), "statement": _("bank statement"), "suspense": _("suspense"),
    "api": _("API"), "billing": _("by itself"), "cli": _("command line"), "demo": _("demo"), "office": _("office"),
    "online": _("online payment"), "guest": _("paid without signing in"), "portal": _("online hall"),
    "refund": _("bank"),
}  # fmt: skip
NAMES: dict[str, Promise] = {"gridhall": _("Gridhall itself"), "Sample town": _("sample town")}
MONEY = frozenset({"amount", "counted", "difference", "expected", "float"})


@dataclass(frozen=True)
class Field:
    """One line of before and after; an empty text: not there."""

    name: str
    before: str
    after: str
    changed: bool


def act(code: str) -> str:
    return str(ACTS.get(code, code))


def door(code: str) -> str:
    return str(DOORS.get(code, code))


def person(name: str, people: Mapping[str, str]) -> str:
    """Who acted, by full name where it is a member of staff, by a word where it is Gridhall."""
    return people.get(name) or str(NAMES.get(name, name))


def account_ids(subjects: Iterable[str]) -> set[int]:
    """Accounts that these subjects name, so that their numbers can be looked up together."""
    keys = (text.partition(":")[2] for text in subjects if text.startswith("account:"))
    return {int(key) for key in keys if key.isdecimal()}


def subject(text: str, people: Mapping[str, str], numbers: Mapping[int, str]) -> tuple[str, str]:
    """(words, address) of what an act was done to; the address is empty where it has no page.

    `people`: full names by user name; `numbers`: account numbers by id.
    """
    noun, _sep, key = text.partition(":")
    shown = people.get(key, key) if noun in ("staff", "user") else key
    if noun == "account" and key.isdecimal() and int(key) in numbers:
        shown = formats.grouped(numbers[int(key)])
    words = f"{SUBJECTS[noun]} {shown}" if noun in SUBJECTS else text
    if noun == "account" and key.isdecimal():
        return words, reverse("office:customer", args=[int(key)])
    if noun == "run" and key.isdecimal():
        return words, reverse("office:run", args=[int(key)])
    if noun == "session" and key.isdecimal():
        return words, reverse("office:session", args=[int(key)])
    return words, ""


def fields(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Field]:
    """Every field of an entry, what changed first."""
    old, new = before or {}, after or {}
    rows = [
        Field(
            str(FIELDS.get(key, key)),
            _value(key, old[key]) if key in old else "",
            _value(key, new[key]) if key in new else "",
            key in old and key in new and old[key] != new[key],
        )
        for key in dict.fromkeys([*old, *new])
    ]
    return sorted(rows, key=lambda row: not row.changed)


def _value(key: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "–"
    if key in MONEY and isinstance(value, int):
        return formats.money(value, settings.CURRENCY_DECIMALS)
    if key == "closing" and isinstance(value, dict):
        decimals = settings.CURRENCY_DECIMALS
        return "; ".join(f"{name} {formats.money(amount, decimals)}" for name, amount in value.items())
    if key == "hash":
        return str(value)[:16]
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
