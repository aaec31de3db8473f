"""Texts are cleaned before they reach the page, and what cannot stand on a page is refused by name."""

import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.document.data import BarPart, BillDocument, BlockBar, DocumentError, MonthBar
from gridhall.billing.document.fonts import choose_family, document_fonts
from gridhall.billing.document.payload import as_inputs, bill_payload, printable, qr_svg
from gridhall.billing.document.specimen import specimen_bill, specimen_receipt

ZERO_WIDTH_SPACE = "\u200b"


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("王小满", "王小满"),
        ("  two \n lines\t", "two lines"),
        ("bell\x07 and null\x00", "bell and null"),
        ("abc\u202edcba\u202c", "abc dcba"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("", ""),
        ("𠮷田", "𠮷田"),
        ("a" * 30, "aaaaaaaaaaaa\u200baaaaaaaaaaaa\u200baaaaaa"),
        ("长" * 30, "长" * 30),
    ],
)
def test_texts_are_cleaned(given_text: str, shown: str) -> None:
    assert printable(given_text) == shown


def test_a_long_text_is_cut_visibly() -> None:
    assert printable("字" * 200, 10) == "字" * 9 + "…"
    assert printable("字" * 10, 10) == "字" * 10


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_nothing_unprintable_remains(text: str, limit: int) -> None:
    shown = printable(text, limit).replace(ZERO_WIDTH_SPACE, "")
    assert len(shown) <= limit
    assert not [letter for letter in shown if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")]
    json.dumps(shown).encode()


def test_the_template_gets_one_json_text() -> None:
    inputs = as_inputs("Some Font", date(2026, 11, 3), {"bills": [bill_payload(specimen_bill("zh"))]})
    assert list(inputs) == ["data"]
    read = json.loads(inputs["data"])
    assert (read["font"], read["dated"]) == ("Some Font", {"year": 2026, "month": 11, "day": 3})
    assert read["bills"][0]["lines"][0]["amount"] == "107.30"


def test_a_payload_too_long_to_scan_is_refused() -> None:
    with pytest.raises(DocumentError, match="301 characters"):
        qr_svg("x" * 301)


def test_specimens_add_up() -> None:
    for language in ("zh", "en"):
        bill = specimen_bill(language)
        cents = [int(line.amount.replace(".", "")) for line in bill.lines]
        assert sum(cents) == int(bill.total.replace(".", ""))
        receipt = specimen_receipt(language)
        assert sum(int(line.amount.replace(".", "")) for line in receipt.lines) == 15727


def bill() -> BillDocument:
    return specimen_bill("zh")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(bill(), language="fr"), "language 'fr'"),
        (lambda: replace(bill(), state="odd"), "state 'odd'"),
        (lambda: replace(bill(), lines=bill().lines * 11), "lines has 33 entries, one page holds 32"),
        (lambda: replace(bill(), months=bill().months * 2), "months has 26 entries"),
        (lambda: replace(bill().customer, post_lines=("x",) * 7), "post_lines has 7 entries"),
        (lambda: MonthBar("10月", "-1", -1), "negative height"),
        (lambda: MonthBar("10月", "5", 5, parts=(BarPart("peak", 4),)), "do not add up"),
        (lambda: BlockBar("1", "", "", size=10, used=11), "used 11 does not lie within its size 10"),
        (lambda: BlockBar("1", "", "", size=0, used=0), "size 0"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(make: Callable[[], object], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        make()


def test_a_chinese_font_is_chosen_in_order_of_liking() -> None:
    assert choose_family(["DejaVu Sans", "WenQuanYi Micro Hei", "Noto Sans CJK SC"]) == "Noto Sans CJK SC"
    assert choose_family(["microsoft yahei"]) == "microsoft yahei"


def test_without_a_chinese_font_one_sentence_says_what_to_do() -> None:
    with pytest.raises(DocumentError, match="install the Debian package fonts-noto-cjk"):
        choose_family(["DejaVu Sans", "Liberation Serif"])


def test_this_machine_has_a_font() -> None:
    _, family = document_fonts()
    assert family


def test_documents_need_no_web_framework() -> None:
    """The folder is usable from a print process that never starts Django."""
    code = "import sys, gridhall.billing.document.render; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
