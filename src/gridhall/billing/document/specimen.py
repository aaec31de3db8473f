"""Specimen documents in both languages: for a look at the page before a run, for tests and for the benchmark.

The people and places are invented; the figures hang together as on a real bill.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gridhall.billing.document.data import (
    AccountSummary,
    BarPart,
    BillDocument,
    BlockBar,
    BlocksUsed,
    Customer,
    DocumentLine,
    DocumentReading,
    Language,
    MonthBar,
    Payment,
    Receipt,
    ReceiptLine,
    Supplier,
    TariffStamp,
)

_USE_KWH = (220, 198, 186, 170, 176, 240, 310, 322, 268, 205, 214, 252, 300)


def _months(language: Language) -> tuple[MonthBar, ...]:
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    bars = []
    for place, kwh in enumerate(_USE_KWH):
        month = (place + 9) % 12
        peak = kwh * 62 // 100
        bars.append(
            MonthBar(
                label=f"{month + 1}月" if language == "zh" else names[month],
                value=str(kwh),
                height=kwh,
                current=place == len(_USE_KWH) - 1,
                estimated=place == 4,
                parts=(BarPart("valley", kwh - peak), BarPart("peak", peak)),
            )
        )
    return tuple(bars)


_CHINESE_CUSTOMER = Customer(
    number="0310 2204 18",
    name="王小满",
    supply_address="灯湖区湖滨路 12 号 3 单元 502 室",
    post_lines=("灯湖区湖滨路 12 号 3 单元 502 室", "灯湖市 250001"),
    area="湖滨-07",
    station="湖滨供电所",
    station_phone="0531-8800 9517",
    responsible="李娜",
)
_CHINESE_LINES = (
    DocumentLine(
        "高峰电量电费", "186", "千瓦时", "0.5769", "107.30", "鲁发改价格〔2019〕509号 峰谷分时电价，8:00–22:00"
    ),
    DocumentLine(
        "低谷电量电费", "114", "千瓦时", "0.3769", "42.97", "鲁发改价格〔2019〕509号 峰谷分时电价，22:00–8:00"
    ),
    DocumentLine("第二档加价", "120", "千瓦时", "0.05", "6.00", "年用电 2,520 至 4,800 千瓦时部分，每千瓦时加 0.05 元"),
)
_CHINESE_READINGS = (
    DocumentReading("No. 3701 2288 04", "总", "27,814", "28,114", "1", "300", "10-01", "11-01"),
    DocumentReading("No. 3701 2288 04", "峰", "17,240", "17,426", "1", "186", "10-01", "11-01"),
    DocumentReading("No. 3701 2288 04", "谷", "10,574", "10,688", "1", "114", "10-01", "11-01"),
)
_CHINESE_BLOCKS = BlocksUsed(
    "2026 年已用 2,640 千瓦时，离第三档还有 2,160 千瓦时",
    (
        BlockBar("第一档", "0–2,520", "基础价", 2520, 2520),
        BlockBar("第二档", "2,521–4,800", "+0.05", 2280, 120, current=True),
        BlockBar("第三档", "4,800 以上", "+0.30", 1200, 0),
    ),
)
_CHINESE_PAYMENT = Payment(
    "https://pay.lakeside-power.example/b/0310220418/2026-10?k=9f3c2a",
    (
        "手机扫右侧二维码，核对户号后付款",
        "网上营业厅 www.lakeside-power.example",
        "任一营业厅或代收网点，报户号即可，可跨区缴费",
        "银行代扣：在营业厅或网上签约",
    ),
)
_ENGLISH_CUSTOMER = Customer(
    number="0310 2204 18",
    name="Wang Xiaoman",
    supply_address="Flat 502, Stair 3, 12 Hubin Road, Lakeside",
    post_lines=("Flat 502, Stair 3", "12 Hubin Road", "250001 Lakeside"),
    area="Hubin-07",
    station="Lakeside station",
    station_phone="0531-8800 9517",
    responsible="Li Na",
)
_ENGLISH_LINES = (
    DocumentLine(
        "Peak energy",
        "186",
        "kWh",
        "0.5769",
        "107.30",
        "Notice 509 of 2019, peak and valley price, 08:00–22:00",
    ),
    DocumentLine(
        "Valley energy",
        "114",
        "kWh",
        "0.3769",
        "42.97",
        "Notice 509 of 2019, peak and valley price, 22:00–08:00",
    ),
    DocumentLine(
        "Second block, added price",
        "120",
        "kWh",
        "0.05",
        "6.00",
        "0.05 more per kWh from 2,520 to 4,800 kWh a year",
    ),
)
_ENGLISH_READINGS = (
    DocumentReading("No. 3701 2288 04", "Total", "27,814", "28,114", "1", "300", "1 Oct", "1 Nov"),
    DocumentReading("No. 3701 2288 04", "Peak", "17,240", "17,426", "1", "186", "1 Oct", "1 Nov"),
    DocumentReading("No. 3701 2288 04", "Valley", "10,574", "10,688", "1", "114", "1 Oct", "1 Nov"),
)
_ENGLISH_BLOCKS = BlocksUsed(
    "2,640 kWh used in 2026; 2,160 kWh to the third block",
    (
        BlockBar("1st", "0–2,520", "base price", 2520, 2520),
        BlockBar("2nd", "2,521–4,800", "+0.05", 2280, 120, current=True),
        BlockBar("3rd", "above 4,800", "+0.30", 1200, 0),
    ),
)
_ENGLISH_PAYMENT = Payment(
    _CHINESE_PAYMENT.url,
    (
        "Scan the code and check the customer number",
        "Online hall: www.lakeside-power.example",
        "At any hall or agent: the customer number is enough",
        "Direct debit: sign up in a hall or online",
    ),
)


def _chinese_bill() -> BillDocument:
    # 186×0.5769 + 114×0.3769 + 120×0.05 = 107.3034 + 42.9666 + 6 = 156.27
    return BillDocument(
        language="zh",
        number="2026-10-0310220418-1",
        supplier=Supplier(
            "灯湖供电", "0531-8800 9500", "www.lakeside-power.example", "灯湖供电 · 灯湖区湖滨路 1 号 · 250001"
        ),
        customer=_CHINESE_CUSTOMER,
        period="2026年10月",
        period_days="10月1日至31日，31 天",
        issued_on=date(2026, 11, 3),
        issued="2026年11月3日",
        state="due",
        amount_due="¥ 156.27",
        due_on="2026年11月20日",
        explanation=(
            "本月用电 300 千瓦时，比 9 月多 48 千瓦时（天数多 1 天），电费多 ¥28.14。"
            "今年第一档 2,520 千瓦时已用完，其中 120 千瓦时按第二档计价，每千瓦时加 ¥0.05。"
        ),
        lines=_CHINESE_LINES,
        total="156.27",
        readings=_CHINESE_READINGS,
        months=_months("zh"),
        blocks=_CHINESE_BLOCKS,
        account=AccountSummary("128.13", "−128.13", "156.27", "156.27"),
        payment=_CHINESE_PAYMENT,
        late_terms="逾期按欠费本金每日 0.1% 计收违约金，自 11 月 21 日起算；每期不足 1 元按 1 元收。"
        "先还违约金和最早的账单。",
        tariff=TariffStamp(
            "山东居民阶梯峰谷电价（2019-07-01 起）",
            "sha256:5b0c7f2e9a41d38866f0c2b1e7745a9d0c3f8e1b2a6d4c5f7e9081a2b3c4d5e6",
            "鲁发改价格〔2019〕509号",
        ),
    )


def _english_bill() -> BillDocument:
    chinese = _chinese_bill()
    return replace(
        chinese,
        language="en",
        supplier=Supplier(
            "Lakeside Power",
            "0531-8800 9500",
            "www.lakeside-power.example",
            "Lakeside Power · 1 Hubin Road · 250001 Lakeside",
        ),
        customer=_ENGLISH_CUSTOMER,
        period="October 2026",
        period_days="1–31 Oct, 31 days",
        issued="3 November 2026",
        due_on="20 November 2026",
        explanation=(
            "You used 300 kWh in October, 48 kWh more than in September (one day more), and pay ¥28.14 more. "
            "The 2,520 kWh of this year's first block are used up: "
            "120 kWh fall into the second block, at ¥0.05 more per kWh."
        ),
        lines=_ENGLISH_LINES,
        readings=_ENGLISH_READINGS,
        months=_months("en"),
        blocks=_ENGLISH_BLOCKS,
        payment=_ENGLISH_PAYMENT,
        late_terms=(
            "From 21 November 0.1% of the unpaid principal a day is charged, at least ¥1 per bill. "
            "Payments settle late charges and the oldest bill first."
        ),
        tariff=TariffStamp(
            "Shandong residential, blocks with peak and valley (from 2019-07-01)",
            chinese.tariff.content_hash,
            "Notice 509 of 2019",
        ),
    )


def specimen_bill(language: Language) -> BillDocument:
    """A monthly bill of a household with peak and valley prices and yearly blocks."""
    return _chinese_bill() if language == "zh" else _english_bill()


def specimen_receipt(language: Language) -> Receipt:
    """Cash taken at a counter, three days late: 156.27 + 1.00 late charge = 157.27; 200 given, 42.73 back."""
    bill = specimen_bill(language)
    chinese = language == "zh"
    return Receipt(
        language=language,
        number="R-20261123-3-0042",
        supplier=bill.supplier,
        customer_number=bill.customer.number,
        customer_name=bill.customer.name,
        customer_address=bill.customer.supply_address,
        outlet="湖滨营业厅" if chinese else "Lakeside hall",
        till="3",
        clerk="赵敏" if chinese else "Zhao Min",
        taken_on=date(2026, 11, 23),
        taken="2026年11月23日 10:42" if chinese else "23 November 2026, 10:42",
        way="现金" if chinese else "cash",
        amount="¥ 157.27",
        amount_words="壹佰伍拾柒元贰角柒分" if chinese else "one hundred and fifty-seven yuan, 27 fen",
        lines=(
            ReceiptLine("2026-10 违约金" if chinese else "2026-10 late charge", "1.00"),
            ReceiptLine("2026-10 电费" if chinese else "2026-10 electricity", "156.27"),
        ),
        open_after="0.00",
        to_credit="0.00",
        given="200.00",
        change="42.73",
        check_url="https://pay.lakeside-power.example/r/R-20261123-3-0042?k=77b1",
    )
