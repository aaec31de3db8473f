"""A payment in words and as the document of its receipt; the portal and the office print the same."""

from datetime import date

from django.conf import settings
from django.utils.translation import get_language, gettext, override

from gridhall.billing.document import data
from gridhall.customers.public import AccountView
from gridhall.doors.look import formats
from gridhall.kernel import clock
from gridhall.ledger.public import ITEM_BILL, ITEM_LATE
from gridhall.payments import public as payments

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def door_name(door: int) -> str:
    """Through which door the money came."""
    names = {
        payments.DOOR_COUNTER: gettext("at the counter"),
        payments.DOOR_PORTAL: gettext("online hall"),
        payments.DOOR_API: gettext("partner"),
        payments.DOOR_FILE: gettext("bank file"),
        payments.DOOR_BANK: gettext("bank counter"),
        payments.DOOR_STATEMENT: gettext("bank transfer"),
        payments.DOOR_CALL: gettext("by telephone"),
        payments.DOOR_TEXT: gettext("by text message"),
        payments.DOOR_CREDIT: gettext("from credit"),
    }
    return names.get(door, str(door))


def method_name(method: int) -> str:
    """In what way it was paid; empty where no money moved (credit set off)."""
    names = {
        payments.CASH: gettext("cash"),
        payments.CARD: gettext("card"),
        payments.ONLINE: gettext("online"),
        payments.TRANSFER: gettext("transfer"),
        payments.RECHARGE: gettext("recharge card"),
        payments.CHEQUE: gettext("cheque, subject to payment by the bank"),
        payments.MOVED: gettext("moved from another account"),
    }
    return names.get(method, "")


def item_name(item: payments.PaidItem) -> str:
    """What a part of a payment was for, in the reader's language."""

    month = formats.month(item.period, get_language() or "zh")
    if item.kind == ITEM_LATE:
        return gettext("%(month)s: late charge") % {"month": month}
    if item.kind == ITEM_BILL:
        return gettext("%(month)s: electricity") % {"month": month}
    return gettext("%(month)s: other") % {"month": month}


def chinese_capitals(minor: int) -> str:
    """An amount in fen in the capitals that Chinese receipts carry: 15727 → 壹佰伍拾柒元贰角柒分."""
    yuan, rest = divmod(abs(minor), 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan or not rest else ""
    if not rest:
        return f"{text}整"
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return text + (f"{DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    if number == 0:
        return DIGITS[0]
    parts: list[str] = []
    gap = False
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            gap = True
            continue
        if parts and (gap or group < 1000):
            parts.append(DIGITS[0])
        parts.append(_group(group) + GROUPS[place])
        gap = False
    return "".join(parts)


def _group(group: int) -> str:
    """Four places at most; zeros inside are said once."""
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += (DIGITS[0] if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return text


def number_of(view: payments.ReceiptView) -> str:
    """The number of a receipt: day and payment."""
    return f"R-{view.payment.received_at.astimezone(clock.zone()):%Y%m%d}-{view.payment.no}"


def reversed_on(view: payments.ReceiptView, language: data.Language) -> str:
    """When a payment was given back: of a reversal its own moment, of a reversed payment that of its reversal."""
    if view.payment.kind == payments.REVERSAL:
        at = view.payment.received_at
    elif view.payment.reversed_by:
        at = payments.receipt(view.payment.account_id, view.payment.reversed_by).payment.received_at
    else:
        return ""
    return formats.moment(at.astimezone(clock.zone()), language)


def document(
    view: payments.ReceiptView,
    account: AccountView,
    language: data.Language,
    *,
    outlet: str = "",
    given: int | None = None,
    reason: str = "",
    across: str = "",
) -> data.Receipt:
    """The receipt of a payment for paper. `outlet`: the place's name; `given`: cash handed over, minor units;
    `across`: which unit took it for which."""
    decimals = settings.CURRENCY_DECIMALS
    sign = formats.sign(settings.CURRENCY)
    chinese = language == "zh"
    with override("zh-hans" if chinese else "en"):
        lines = [data.ReceiptLine(item_name(item), formats.money(item.amount, decimals)) for item in view.paid]
        if view.to_credit:
            lines.append(data.ReceiptLine(gettext("Credit"), formats.money(view.to_credit, decimals)))
        way = " · ".join(filter(None, (method_name(view.payment.method), door_name(view.payment.door))))
    received = view.payment.received_at.astimezone(clock.zone())
    words = chinese_capitals(view.payment.amount) if chinese and settings.CURRENCY == "CNY" else ""
    change = given - view.payment.amount if given is not None else None
    taken_on: date = received.date()
    return data.Receipt(
        language=language,
        number=number_of(view),
        supplier=data.Supplier(
            settings.SUPPLIER_NAME_ZH if chinese else settings.SUPPLIER_NAME_EN, settings.SUPPLIER_PHONE
        ),
        customer_number=formats.grouped(account.number),
        customer_name=account.name,
        customer_address=account.address,
        outlet=outlet,
        till=view.till_code,
        clerk=view.clerk,
        taken_on=taken_on,
        taken=formats.moment(received, language),
        way=way,
        amount=f"{sign} {formats.money(view.payment.amount, decimals)}",
        amount_words=words,
        lines=tuple(_fitting(lines, language, decimals, view)),
        # what stood open then is not so any more once the payment is undone
        open_after="" if view.payment.reversed_by else formats.money(view.left_owed, decimals),
        to_credit="" if view.payment.reversed_by else formats.money(view.to_credit, decimals),
        given=formats.money(given, decimals) if given is not None else "",
        change=formats.money(change, decimals) if change is not None else "",
        reference=view.reference,
        reversed_on=reversed_on(view, language),
        void=bool(view.payment.reversed_by),
        refund=view.payment.door == payments.DOOR_PORTAL,
        reason=reason,
        across=across,
    )


def _fitting(
    lines: list[data.ReceiptLine], language: data.Language, decimals: int, view: payments.ReceiptView
) -> list[data.ReceiptLine]:
    """At most as many lines as the page holds; the rest in one."""
    if len(lines) <= data.ALLOCATIONS_MAX:
        return lines
    kept = lines[: data.ALLOCATIONS_MAX - 1]
    amounts = [item.amount for item in view.paid] + ([view.to_credit] if view.to_credit else [])
    rest = sum(amounts[len(kept) :])
    name = f"其余 {len(lines) - len(kept)} 项" if language == "zh" else f"{len(lines) - len(kept)} more"
    return [*kept, data.ReceiptLine(name, formats.money(rest, decimals))]
