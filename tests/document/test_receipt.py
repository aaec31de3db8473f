"""Receipts on paper and on the 80 mm roll."""

import io
from collections.abc import Callable
from dataclasses import fields, replace
from typing import get_args

import pikepdf
import pytest

from gridhall.billing.document.data import Language, Receipt, ReceiptLine
from gridhall.billing.document.render import render_receipt, render_roll
from gridhall.billing.document.specimen import specimen_receipt
from tests.document.pdf import MM_PER_POINT, assert_sound, info_of, qr_codes_of, squeezed, text_of, words_of

LANGUAGES = get_args(Language)


def reversal(language: Language) -> Receipt:
    return replace(
        specimen_receipt(language), reversed_on="2026-11-23 11:05", reason="wrong customer", reference="TX-99"
    )


def void(language: Language) -> Receipt:
    return replace(specimen_receipt(language), reversed_on="2026-11-23 11:05", void=True, open_after="", to_credit="")


def shown_texts(receipt: Receipt) -> list[str]:
    unseen = {"language", "supplier", "taken_on", "lines", "check_url", "void", "refund"}
    texts = [str(getattr(receipt, field.name)) for field in fields(receipt) if field.name not in unseen]
    for line in receipt.lines:
        texts += [line.name, line.amount]
    return [*texts, receipt.supplier.name, receipt.supplier.hotline]


def size_mm(pdf: bytes) -> tuple[int, int]:
    width, _, height, *_ = info_of(pdf)["Page size"].split()
    return round(float(width) * MM_PER_POINT), round(float(height) * MM_PER_POINT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", [render_receipt, render_roll])
@pytest.mark.parametrize("what", [specimen_receipt, reversal, void])
def test_everything_can_be_read(
    language: Language, make: Callable[[Receipt], bytes], what: Callable[[Language], Receipt]
) -> None:
    receipt = what(language)
    pdf = make(receipt)
    assert_sound(pdf)
    assert info_of(pdf)["Pages"] == "1"
    assert receipt.number in info_of(pdf)["Title"]
    page = text_of(pdf)
    assert not [text for text in shown_texts(receipt) if squeezed(text) not in page]
    assert qr_codes_of(pdf) == [receipt.check_url]


def test_a_reversal_does_not_look_like_a_receipt() -> None:
    assert "缴费收据" in text_of(render_receipt(specimen_receipt("zh")))
    for make in (render_receipt, render_roll):
        page = text_of(make(reversal("zh")))
        assert "冲正凭证" in page
        assert "缴费收据" not in page


def test_paper_is_a5_and_archived() -> None:
    pdf = render_receipt(specimen_receipt("zh"))
    assert size_mm(pdf) == (210, 148)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.open_metadata().pdfa_status == "3B"


def test_the_roll_is_as_long_as_it_needs_to_be() -> None:
    few = specimen_receipt("en")
    many = replace(few, lines=tuple(ReceiptLine(f"2026-{n:02d} electricity", f"{n}.00") for n in range(1, 13)))
    (width, short), (same_width, long) = size_mm(render_roll(few)), size_mm(render_roll(many))
    assert width == same_width == 80
    assert 40 < long - short < 70, "ten more lines of about 5 mm"


def test_the_most_lines_and_long_names_stay_on_the_paper() -> None:
    name = "灯湖市灯湖区湖滨街道办事处湖滨社区物业管理有限责任公司第一分公司"
    receipt = replace(
        specimen_receipt("zh"), customer_name=name, customer_address=name * 3, outlet=name, clerk=name,
        lines=tuple(ReceiptLine(f"2025-{n:02d} 电费违约金", f"{n:,}.10") for n in range(14)),
    )  # fmt: skip
    pdf = render_receipt(receipt)
    assert info_of(pdf)["Pages"] == "1"
    words = words_of(pdf)
    assert all(word.right_mm <= 197 and word.bottom_mm <= 145 for word in words)
    assert {line.amount for line in receipt.lines} <= {word.text for word in words}
    roll = words_of(render_roll(receipt))
    assert all(word.left_mm >= 3 and word.right_mm <= 77 for word in roll)


@pytest.mark.parametrize("make", [render_receipt, render_roll])
def test_a_refund_says_so_and_nothing_stale(make: Callable[[Receipt], bytes]) -> None:
    """A void receipt says no more what was open then; what went back by the bank is a refund, not a reversal."""
    for language, voided, slip, stale in (
        ("zh", "已退款作废", "退款凭证", "缴后欠费"), ("en", "Receipt(refunded,void)", "Refundreceipt", "Stillopen"),
    ):  # fmt: skip
        page = text_of(make(replace(void(language), refund=True)))  # type: ignore[arg-type]  # both are languages
        assert voided in page
        assert stale not in page
        assert "冲正" not in page
        assert slip in text_of(make(replace(reversal(language), refund=True)))  # type: ignore[arg-type]  # likewise
        assert stale in text_of(make(specimen_receipt(language)))  # type: ignore[arg-type]  # likewise


def test_a_reversed_payment_is_not_proved_by_its_receipt() -> None:
    for make in (render_receipt, render_roll):
        page = text_of(make(void("zh")))
        assert "已冲正作废" in page
        assert "冲正凭证" not in page
