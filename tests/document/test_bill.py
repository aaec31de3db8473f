"""One bill, read back by poppler, qpdf and zbar."""

import io
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.billing.document.data import (
    AccountSummary,
    BillDocument,
    BlocksUsed,
    Customer,
    DocumentLine,
    DocumentReading,
    Language,
    Payment,
    Supplier,
    TariffStamp,
)
from gridhall.billing.document.render import render_bill
from gridhall.billing.document.specimen import specimen_bill
from tests.document.pdf import Word, assert_sound, info_of, qr_codes_of, squeezed, text_of, words_of

LANGUAGES = get_args(Language)
LONG_NAME = "灯湖市灯湖区湖滨街道办事处湖滨社区物业管理有限责任公司第一分公司（原湖滨路物业服务中心）"
MARKUP = r'#panic("x") $x^2$ *bold* _it_ `code` \ <label> @ref // c /* = head - li #sys.inputs "q" \u{41}'

# Where things stand on the page, from the top (bill.typ says the same): window, tables, charts, foot.
TABLES_TOP_MM, CHARTS_LOWEST_TOP_MM, FOOT_TOP_MM = 109, 204.1, 237


def lines(count: int, name: str = "农网还贷资金", clause: str = "附件第三项") -> tuple[DocumentLine, ...]:
    return tuple(
        DocumentLine(
            f"{name}{n}", f"{1_000_000 + n:,}", "千瓦时", f"0.{n:06d}", f"{9_000_000 + n:,}.50", f"{clause}{n % 3}"
        )
        for n in range(count)
    )


def readings(count: int) -> tuple[DocumentReading, ...]:
    return tuple(
        DocumentReading(
            f"No. 3701 {n:04d}", "尖峰", "128,127,814.55", "128,128,114.55", "12,000", f"{3_600_000 + n:,}",
            "2026-10-01", "2026-11-01", estimated=n % 2 == 0, note="换表" if n == 1 else "",
        )
        for n in range(count)
    )  # fmt: skip


def shown_texts(bill: BillDocument) -> list[str]:
    """Every text that the customer must be able to read on the page."""
    customer, account = bill.customer, bill.account
    texts = [bill.number, bill.supplier.name, bill.supplier.hotline, bill.period, bill.issued, bill.amount_due]
    texts += [bill.due_on, bill.explanation, bill.total, bill.late_terms, bill.tariff.name, bill.tariff.content_hash]
    texts += [customer.number, customer.name, customer.supply_address, *customer.post_lines, customer.area]
    texts += [customer.station, customer.station_phone, customer.responsible]
    texts += [account.previous_balance, account.payments, account.this_bill, account.open_debt]
    for line in bill.lines:
        texts += [line.name, line.quantity, line.unit, line.price, line.amount, line.clause]
    for reading in bill.readings:
        texts += [reading.meter, reading.register, reading.previous, reading.current, reading.multiplier, reading.kwh]
        texts += [reading.previous_on, reading.current_on, reading.note]
    for month in bill.months:
        texts += [month.label, month.value]
    for block in bill.blocks.bars if bill.blocks else ():
        texts += [block.name, block.limits, block.price]
    return [*texts, *bill.payment.ways, *bill.notices]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_read(language: Language) -> None:
    bill = replace(specimen_bill(language), notices=("Meter 3701 is exchanged on 2 December.",))
    page = text_of(render_bill(bill))
    missing = [text for text in shown_texts(bill) if squeezed(text) not in page]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_sound_and_says_what_it_is(language: Language) -> None:
    bill = specimen_bill(language)
    pdf = render_bill(bill)
    assert_sound(pdf)
    info = info_of(pdf)
    assert (info["Pages"], info["Page size"], info["Tagged"]) == ("1", "595.276 x 841.89 pts (A4)", "yes")
    assert bill.number in info["Title"]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang)[:2] == language
        assert opened.open_metadata().pdfa_status == "3B"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_leads_to_the_payment_page(language: Language) -> None:
    bill = specimen_bill(language)
    pdf = render_bill(bill)
    assert qr_codes_of(pdf) == [bill.payment.url]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        read_aloud = [
            str(part.Alt) for part in opened.objects if isinstance(part, pikepdf.Dictionary) and "/Alt" in part
        ]
    assert bill.payment.url in read_aloud


def test_the_same_bill_gives_the_same_bytes() -> None:
    assert render_bill(specimen_bill("zh")) == render_bill(specimen_bill("zh"))
    assert render_bill(specimen_bill("zh")) != render_bill(replace(specimen_bill("zh"), total="156.28"))


def crowded() -> dict[str, BillDocument]:
    bill = specimen_bill("zh")
    long_customer = Customer(
        number="0310-2204-18-000000001", name=LONG_NAME * 2, supply_address=LONG_NAME * 3,
        post_lines=tuple(f"{n} {LONG_NAME}" for n in range(6)),
        area=LONG_NAME, station=LONG_NAME, station_phone="0531-8800 9517 转 12345678", responsible=LONG_NAME,
    )  # fmt: skip
    return {
        "20 lines": replace(bill, lines=lines(20), readings=readings(5)),
        "8 long lines": replace(bill, lines=lines(8, LONG_NAME[:30], LONG_NAME), readings=readings(5)),
        "32 lines, 12 readings": replace(bill, lines=lines(32), readings=readings(12), notices=(LONG_NAME,) * 2),
        "no lines": replace(bill, lines=(), readings=(), months=(), blocks=None, payment=Payment(""), late_terms=""),
        "no blocks": replace(bill, blocks=None),
        "empty blocks": replace(bill, blocks=BlocksUsed("", ())),
        "no months": replace(bill, months=()),
        "months without use": replace(bill, months=tuple(replace(m, height=0, parts=()) for m in bill.months)),
        "one month": replace(bill, months=bill.months[-1:]),
        "long texts": replace(
            bill, supplier=Supplier(LONG_NAME, "0531-8800 9500", "https://" + "a" * 90, LONG_NAME),
            customer=long_customer, amount_due="¥ 123,456,789,012,345.67", explanation=LONG_NAME * 8,
            late_terms=LONG_NAME * 8, payment=replace(bill.payment, ways=(LONG_NAME,) * 5),
            tariff=TariffStamp(LONG_NAME * 2, "f" * 64, LONG_NAME), replaces="2026-09-0310220418-1",
        ),
    }  # fmt: skip


def within(word: Word, left: float, top: float, right: float, bottom: float) -> bool:
    return word.left_mm >= left and word.right_mm <= right and word.top_mm >= top and word.bottom_mm <= bottom


@pytest.mark.parametrize("name", crowded())
def test_any_bill_keeps_to_its_one_page(name: str) -> None:
    bill = crowded()[name]
    pdf = render_bill(bill)
    assert info_of(pdf)["Pages"] == "1"
    outside = [word for word in words_of(pdf) if not within(word, 4, 10, 196, 295)]
    assert not outside
    page = text_of(pdf)
    for line in bill.lines:
        assert squeezed(line.amount) in page
        assert squeezed(line.name) in page
    assert squeezed(bill.amount_due) in page
    if bill.payment.url:
        assert qr_codes_of(pdf) == [bill.payment.url]


@pytest.mark.parametrize("name", ["20 lines", "8 long lines", "32 lines, 12 readings"])
def test_tables_end_above_the_charts(name: str) -> None:
    bill = crowded()[name]
    words = words_of(render_bill(bill))
    of_tables = {line.amount for line in bill.lines} | {reading.kwh for reading in bill.readings}
    found = [word for word in words if word.text in of_tables]
    assert len(found) == len(of_tables)
    assert all(word.top_mm >= TABLES_TOP_MM and word.bottom_mm <= CHARTS_LOWEST_TOP_MM for word in found)


def test_rows_of_a_table_do_not_overlap() -> None:
    bill = crowded()["20 lines"]
    amounts = [line.amount for line in bill.lines]
    rows = sorted((word for word in words_of(render_bill(bill)) if word.text in amounts), key=lambda word: word.top_mm)
    assert [word.text for word in rows] == amounts
    middles = [(word.top_mm + word.bottom_mm) / 2 for word in rows]
    steps = [below - above for above, below in pairwise(middles)]
    assert min(steps) > 2.3, "rows stand less than 2.3 mm apart"


@pytest.mark.parametrize("name", ["no blocks", "long texts"])
def test_the_window_shows_the_address_and_nothing_else(name: str) -> None:
    bill = crowded()[name]
    words = words_of(render_bill(bill))
    in_window = [word for word in words if word.right_mm > 20 and word.left_mm < 105 and 44 < word.top_mm < 90]
    # A little more than the window: no word may even touch it.
    assert all(within(word, 20, 45, 106, 92) for word in in_window)
    allowed = squeezed("".join([bill.supplier.return_line, bill.customer.name, *bill.customer.post_lines]))
    seen = squeezed("".join(word.text for word in in_window))
    assert all(squeezed(text) in seen for text in (bill.customer.name, *bill.customer.post_lines))
    assert set(seen) - set(allowed) <= {"…"}, "something other than the address stands in the window"


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_from_outside_is_shown_and_never_run(language: Language) -> None:
    bill = specimen_bill(language)
    hostile = replace(
        bill,
        supplier=replace(bill.supplier, name=MARKUP),
        customer=replace(bill.customer, name=MARKUP, supply_address=MARKUP, post_lines=(MARKUP,)),
        explanation=MARKUP,
        lines=(DocumentLine(MARKUP, "1", "kWh", "2", "3", MARKUP),),
    )
    page = text_of(render_bill(hostile))
    # The name is cut at 90 characters; what is left of it stands there letter by letter.
    assert page.count(squeezed(MARKUP[:80])) >= 5
    assert squeezed(MARKUP) in page


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_no_text_breaks_the_page(name: str, amount: str) -> None:
    bill = specimen_bill("en")
    bill = replace(bill, customer=replace(bill.customer, name=name), explanation=name, amount_due=amount, total=amount)
    assert info_of(render_bill(bill))["Pages"] == "1"


def test_a_character_in_no_font_costs_the_archive_mark_but_not_the_bill() -> None:
    bill = specimen_bill("zh")
    # U+2EBF0 (extension I, 2023) is younger than the fonts; PDF/A forbids the box that stands for it.
    rare = replace(bill, customer=replace(bill.customer, name="王\U0002ebf0"))
    pdf = render_bill(rare)
    assert_sound(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert not opened.open_metadata().pdfa_status
    assert squeezed(bill.amount_due) in text_of(pdf)


def test_a_credit_asks_for_nothing() -> None:
    bill = replace(
        specimen_bill("en"), state="credit", amount_due="¥ 12.40", due_on="", total="−12.40",
        lines=(DocumentLine("True-up of September", "−24", "kWh", "0.5169", "−12.40", "reading after estimate"),),
        account=AccountSummary("0.00", "0.00", "−12.40", "−12.40"),
    )  # fmt: skip
    page = text_of(render_bill(bill))
    assert "Pleasepayby" not in page
    assert "Scantopay" not in page
    assert "Inyourfavour" in page
    assert page.count("−12.40") == 4


def test_estimates_are_marked() -> None:
    bill = specimen_bill("en")
    without = replace(bill, months=tuple(replace(month, estimated=False) for month in bill.months))
    marked = replace(without, readings=tuple(replace(reading, estimated=True) for reading in bill.readings))
    assert "estimated" not in text_of(render_bill(without))
    assert text_of(render_bill(marked)).count("estimated") == len(bill.readings)


def test_bars_are_as_high_as_the_use() -> None:
    """The value stands on its bar, so its height above the month's name follows the use in one straight line."""
    bill = specimen_bill("zh")
    tops = {word.text: word.bottom_mm for word in words_of(render_bill(bill)) if FOOT_TOP_MM > word.top_mm > 130}
    high, middle, low = tops["322"], tops["240"], tops["170"]
    assert high < middle < low
    assert (middle - high) / (low - high) == pytest.approx((322 - 240) / (322 - 170), abs=0.01)
