"""From bills to documents: every text of the page made ready, for one bill or for a thousand at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.conf import settings

from gridhall.billing import words
from gridhall.billing.document.data import (
    LINES_MAX,
    READINGS_MAX,
    AccountSummary,
    BarPart,
    BillDocument,
    BillState,
    BlockBar,
    BlocksUsed,
    Customer,
    DocumentLine,
    DocumentReading,
    Language,
    MonthBar,
    Payment,
    PeriodKind,
    Supplier,
    TariffStamp,
)
from gridhall.billing.models import CANCELLED, Bill
from gridhall.billing.showing import months_of_many, views
from gridhall.billing.views import BillLineView, BillUseView, BillView, BlockUse, MonthUse, YearBlocks
from gridhall.customers import public as customers
from gridhall.ledger import public as ledger
from gridhall.territory import public as territory

MONTHS = 13
PERIOD_KINDS: tuple[PeriodKind, ...] = ("sharp", "peak", "flat", "valley")
SIGNS = {"CNY": "¥", "MYR": "RM", "USD": "$", "EUR": "€", "GBP": "£"}


Place = tuple[str, tuple[str, str], str]  # area, (station, its phone), person responsible
LateTerms = tuple[int, int, int]  # rates in 10**-6 a day, in the debt's year and later; minimum in minor units


@dataclass(frozen=True)
class _Around:
    """What a document needs beside the bill itself."""

    account: customers.AccountView
    months: Sequence[MonthUse]
    open_of_bill: int
    owed: int
    credit: int
    place: "Callable[[int, date, bool], Place]"
    late_terms: "Callable[[int, date], LateTerms]"


def documents(rows: Sequence[Bill], language: str = "") -> list[BillDocument]:
    """Documents of bills of one period, in the order given; about fifteen queries, however many bills.

    `language` zh or en; empty: each customer's own.
    """
    if not rows:
        return []
    period = rows[0].period
    ids = [row.account_id for row in rows]
    accounts = customers.accounts(ids)
    months = months_of_many(ids, period, MONTHS)
    opened = ledger.open_of_bills(ids, period)
    balances = ledger.balances(ids)
    place, late_terms = cache(_place), cache(_late_terms_of)
    return [
        _document(
            view,
            _Around(
                accounts[view.account_id], months[view.account_id],
                opened.get((view.account_id, view.seq), 0),
                balances[view.account_id].owed if view.account_id in balances else 0,
                balances[view.account_id].credit if view.account_id in balances else 0,
                place,
                late_terms,
            ),
            _language(language or accounts[view.account_id].language),
        )
        for view in views(rows)
    ]  # fmt: skip


def _language(wanted: str) -> Language:
    return "en" if wanted.startswith("en") else "zh"


def _document(view: BillView, around: _Around, language: Language) -> BillDocument:
    chinese = language == "zh"
    decimals = settings.CURRENCY_DECIMALS
    sign = SIGNS.get(settings.CURRENCY, settings.CURRENCY)
    state = _state(view, around)
    # What is to be paid is what is still open of this bill; a credit is what the customer has in his favour by it.
    shown = around.open_of_bill if state == "due" else abs(view.amount) if state == "credit" else 0
    return BillDocument(
        language=language,
        number=view.number,
        supplier=_supplier(chinese),
        customer=_customer(around, view, chinese),
        period=words.period_zh(view.period) if chinese else words.period_en(view.period),
        period_days=(words.days_zh if chinese else words.days_en)(view.from_on, view.to_on),
        issued_on=view.issued_on,
        issued=_day(view.issued_on, chinese),
        state=state,
        amount_due=f"{sign} {words.money(shown, decimals)}",
        due_on=_day(view.due_on, chinese) if state == "due" else "",
        explanation=_explanation(view, around, chinese),
        lines=_lines(view.lines, chinese),
        total=words.money(view.amount, decimals),
        readings=_readings(view.uses, chinese),
        months=tuple(_month(month, month.period == view.period, chinese) for month in around.months),
        blocks=_blocks(view.blocks, chinese),
        account=_summary(view, around),
        payment=_payment(around.account, view, chinese),
        late_terms=_late_terms(around.late_terms(view.class_code, view.due_on), chinese),
        tariff=TariffStamp(
            view.tariff.name_zh if chinese else view.tariff.name_en, f"sha256:{view.tariff.content_hash}",
            view.tariff.source,
        ),
        notices=_notices(view, chinese),
        replaces=view.replaces,
    )  # fmt: skip


def _state(view: BillView, around: _Around) -> BillState:
    if view.state == CANCELLED:
        return "cancelled"
    if view.amount < 0:
        return "credit"
    return "due" if around.open_of_bill > 0 else "settled"


def _supplier(chinese: bool) -> Supplier:
    name = settings.SUPPLIER_NAME_ZH if chinese else settings.SUPPLIER_NAME_EN
    web = settings.PUBLIC_URL.split("//")[-1].rstrip("/")
    return Supplier(name, settings.SUPPLIER_PHONE, web, name)


def _customer(around: _Around, view: BillView, chinese: bool) -> Customer:
    account = around.account
    area, station, responsible = around.place(view.area_id, view.issued_on, chinese)
    return Customer(
        number=account.number,
        name=account.name,
        supply_address=account.address,
        post_lines=(account.address,),
        area=area,
        station=station[0],
        station_phone=station[1],
        responsible=responsible,
    )


def _place(area_id: int, on: date, chinese: bool) -> Place:
    """Who answers for an area on a day."""
    area, station = territory.area(area_id), territory.station_of_area(area_id)
    person = territory.responsible(area_id, on)
    return (
        (area.name_zh if chinese else area.name_en) if area else "",
        ((station.name_zh if chinese else station.name_en), station.phone) if station else ("", ""),
        (person.person_zh if chinese else person.person_en) if person else "",
    )


def _day(on: date, chinese: bool) -> str:
    return f"{on.year}年{on.month}月{on.day}日" if chinese else f"{on.day} {words.MONTH_NAMES[on.month - 1]} {on.year}"


def _explanation(view: BillView, around: _Around, chinese: bool) -> str:
    """The bill in a sentence, beside the month before where that was billed."""
    text = view.sentence_zh if chinese else view.sentence_en
    before = around.months[-2] if len(around.months) > 1 else None
    if before is None or not before.days:
        return text
    decimals = settings.CURRENCY_DECIMALS
    wh, money = view.wh - before.wh, view.amount - before.amount
    kwh, amount = words.decimal(abs(wh), 3), words.money(abs(money), decimals)
    if chinese:
        return (
            f"{text}比上月{'多' if wh >= 0 else '少'}用 {kwh} 千瓦时，电费{'多' if money >= 0 else '少'} {amount} 元。"
        )
    return (
        f"{text} That is {kwh} kWh {'more' if wh >= 0 else 'less'} than the month before, "
        f"and {amount} {'more' if money >= 0 else 'less'} to pay."
    )


def _line(line: BillLineView, chinese: bool) -> DocumentLine:
    return DocumentLine(
        name=line.name_zh if chinese else line.name_en,
        quantity=line.quantity_text,
        unit=line.unit_zh if chinese else line.unit_en,
        price=line.price_text,
        amount=words.money(line.amount, settings.CURRENCY_DECIMALS),
        clause=line.clause_zh if chinese else line.clause_en,
    )


def _lines(lines: Sequence[BillLineView], chinese: bool) -> tuple[DocumentLine, ...]:
    """The lines; where they are more than a page holds, the last one is the sum of the others, so that what is shown
    is the bill."""
    if len(lines) <= LINES_MAX:
        return tuple(_line(line, chinese) for line in lines)
    own, others = lines[: LINES_MAX - 1], lines[LINES_MAX - 1 :]
    amount = words.money(sum(line.amount for line in others), settings.CURRENCY_DECIMALS)
    name = f"其他明细（{len(others)} 项）" if chinese else f"Other lines ({len(others)})"
    return (*(_line(line, chinese) for line in own), DocumentLine(name, "", "", "", amount))


def _readings(uses: Sequence[BillUseView], chinese: bool) -> tuple[DocumentReading, ...]:
    """The readings; of those that a page does not hold the last row tells how many."""
    if len(uses) <= READINGS_MAX:
        return tuple(_reading(use, chinese) for use in uses)
    own = uses[: READINGS_MAX - 1]
    left = len(uses) - len(own)
    name = f"其他示数（{left} 项）" if chinese else f"Other readings ({left})"
    return (*(_reading(use, chinese) for use in own), DocumentReading("", name, "", "", "", ""))


def _reading(use: BillUseView, chinese: bool) -> DocumentReading:
    en, zh = words.REGISTERS[use.tou]
    return DocumentReading(
        meter=use.meter_serial,
        register=zh if chinese else en.capitalize(),
        previous=use.previous_text,
        current=use.current_text,
        multiplier=str(use.multiplier),
        kwh=words.decimal(use.wh, 3),
        previous_on=f"{use.previous_on.month:02d}-{use.previous_on.day:02d}",
        current_on=f"{use.current_on.month:02d}-{use.current_on.day:02d}",
        estimated=use.estimated,
    )


def _month(month: MonthUse, current: bool, chinese: bool) -> MonthBar:
    number = month.period % 100
    label = f"{number}月" if chinese else words.MONTH_NAMES[number - 1][:3]
    height = max(month.wh // 1000, 0)
    parts = [max(part // 1000, 0) for part in month.parts]
    bars: tuple[BarPart, ...] = ()
    if any(parts) and min(month.parts) >= 0:
        kinds = [(kind, part) for kind, part in zip(PERIOD_KINDS, parts, strict=True) if part]
        height = sum(part for _, part in kinds)
        bars = tuple(BarPart(kind, part) for kind, part in kinds)
    value = words.decimal(month.wh // 1000, 0) if month.days else ""
    return MonthBar(label, value, height, current, month.estimated, bars)


def _blocks(blocks: YearBlocks | None, chinese: bool) -> BlocksUsed | None:
    if blocks is None:
        return None
    used = words.decimal(blocks.used_wh, 3)
    if blocks.cycle == "year":
        caption = f"{blocks.year} 年已用 {used} 千瓦时" if chinese else f"{used} kWh used in {blocks.year}"
    else:
        caption = f"本月已用 {used} 千瓦时" if chinese else f"{used} kWh used this month"
    here = next((each for each in blocks.blocks if each.current), None)
    if here is not None and here.high_wh is not None:
        left = words.decimal(here.high_wh - blocks.used_wh, 3)
        caption += f"，距下一档还有 {left} 千瓦时" if chinese else f"; {left} kWh to the next block"
    widest = max((each.high_wh - each.low_wh for each in blocks.blocks if each.high_wh is not None), default=1000)
    return BlocksUsed(caption, tuple(_block(each, widest, chinese) for each in blocks.blocks))


def _block(block: BlockUse, widest: int, chinese: bool) -> BlockBar:
    low = words.decimal(block.low_wh // 1000 + (1 if block.n > 1 else 0), 0)
    if block.high_wh is None:
        limits = (
            f"{words.decimal(block.low_wh // 1000, 0)} 以上"
            if chinese
            else f"above {words.decimal(block.low_wh // 1000, 0)}"
        )
        size = max(widest // 2, block.used_wh)
    else:
        limits = f"{low}–{words.decimal(block.high_wh // 1000, 0)}"
        size = block.high_wh - block.low_wh
    size = max(size, 1)
    return BlockBar(
        name=f"第{words.ordinal_zh(block.n)}档" if chinese else words.ordinal_en(block.n),
        limits=limits,
        price=words.price(block.price) if block.price else ("基础价" if chinese else "base price"),
        size=size,
        used=min(block.used_wh, size),
        current=block.current,
    )


def _summary(view: BillView, around: _Around) -> AccountSummary:
    """Before + late charge + this bill − paid = open now (negative: in the customer's favour)."""
    decimals = settings.CURRENCY_DECIMALS
    # a cancelled bill was taken back, not paid: it asks for nothing
    asked = view.amount if view.state != CANCELLED else 0
    paid = asked - around.open_of_bill if asked > 0 else 0
    late, open_now = 0, around.owed - around.credit
    if around.owed > around.open_of_bill:  # older debt: with the late charge that has arisen on it up to now
        owed = ledger.owed(around.account.account_id)
        late, open_now = owed.late, owed.total - owed.credit
    return AccountSummary(
        previous_balance=words.money(open_now - late - asked + paid, decimals),
        payments=words.money(-paid, decimals),
        this_bill=words.money(asked, decimals),
        open_debt=words.money(open_now, decimals),
        late_charge=words.money(late, decimals) if late else "",
    )


def _payment(account: customers.AccountView, view: BillView, chinese: bool) -> Payment:
    address = f"{settings.PUBLIC_URL.rstrip('/')}/bills/{view.period}/{view.seq}?number={account.number}"
    web = settings.PUBLIC_URL.split("//")[-1].rstrip("/")
    ways = (
        ("手机扫码登录网上营业厅缴费", f"网上营业厅 {web}", "任一营业厅，报户号即可，可跨区缴费")
        if chinese
        else (
            "Scan the code and pay in the online hall",
            f"Online hall: {web}",
            "At any hall: the customer number is enough",
        )
    )
    return Payment(address, ways)


def _late_terms_of(class_code: int, due_on: date) -> LateTerms:
    terms = ledger.late_terms(class_code, due_on)
    return (terms.rate, terms.rate_carried, terms.minimum) if terms else (0, 0, 0)


def _late_terms(terms: LateTerms, chinese: bool) -> str:
    rate, carried, minimum = terms
    if not rate:
        return ""
    daily, later = words.decimal(rate, 4), words.decimal(carried, 4)
    least = words.money(minimum, settings.CURRENCY_DECIMALS)
    if chinese:
        text = f"逾期按欠费本金每日 {daily}% 计收违约金"
        text += f"，跨年度部分每日 {later}%" if carried != rate else ""
        return f"{text}；每笔不足 {least} 元按 {least} 元收。" if minimum else f"{text}。"
    text = f"After the due day {daily}% of the unpaid principal is charged a day"
    text += f", {later}% in later years" if carried != rate else ""
    return f"{text}; at least {least} per bill." if minimum else f"{text}."


def _notices(view: BillView, chinese: bool) -> tuple[str, ...]:
    notices = []  # the page has room for two; what is left out must be said
    if len(view.lines) > LINES_MAX or len(view.uses) > READINGS_MAX:
        notices.append("完整明细见网上营业厅。" if chinese else "All lines and readings are in the online hall.")
    if view.state == CANCELLED:
        notices.append("此账单已作废。" if chinese else "This bill is cancelled.")
    if view.tariff.sample:
        notices.append(
            "电价为示例数据，非公布电价。" if chinese else "The prices are sample data, not a published tariff."
        )
    return tuple(notices[:2])
