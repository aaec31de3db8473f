"""Print files: many bills in one PDF, in order, and each one to be had alone."""

import io
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pikepdf
import pytest

from gridhall.billing.document import render
from gridhall.billing.document.data import BillDocument, DocumentError
from gridhall.billing.document.specimen import specimen_bill
from tests.document.pdf import assert_sound, info_of, qr_codes_of, text_of


def bills(count: int) -> list[BillDocument]:
    """Chinese and English in turn, each with its own number and payment address."""
    made = []
    for n in range(count):
        bill = specimen_bill("en" if n % 2 else "zh")
        url = f"https://pay.lakeside-power.example/b/{n}"
        made.append(replace(bill, number=f"B-{n:05d}-1", payment=replace(bill.payment, url=url)))
    return made


def numbers_in(pages: list[bytes]) -> list[str]:
    found = []
    for page in pages:
        text = text_of(page)
        start = text.index("B-0")
        found.append(text[start : start + 9])
    return found


def test_pages_stand_in_the_order_given_and_can_be_parted() -> None:
    made = bills(7)
    whole = render.render_bills(made)
    assert_sound(whole)
    assert info_of(whole)["Pages"] == "7"
    parts = render.split_pages(whole)
    assert numbers_in(parts) == [bill.number for bill in made]
    for part in parts:
        assert_sound(part)
        with pikepdf.open(io.BytesIO(part)) as opened:
            assert len(opened.pages) == 1
            assert str(opened.Root.Lang).startswith("zh")


def test_each_code_leads_to_its_own_bill() -> None:
    made = bills(5)
    assert sorted(qr_codes_of(render.render_bills(made))) == sorted(bill.payment.url for bill in made)


def test_batches_are_joined_without_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "BATCH_PAGES_MAX", 3)
    made = bills(8)
    whole = render.render_bills(made)
    assert_sound(whole)
    assert numbers_in(render.split_pages(whole)) == [bill.number for bill in made]


def test_a_full_batch_and_one_more() -> None:
    pages = render.BATCH_PAGES_MAX + 1
    assert info_of(render.render_bills(bills(pages)))["Pages"] == str(pages)


def test_areas_can_be_printed_by_several_processes() -> None:
    areas = [bills(2), bills(3)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        files = list(pool.map(render.render_bills, areas))
    assert [info_of(file)["Pages"] for file in files] == ["2", "3"]
    assert files == [render.render_bills(area) for area in areas], "another process makes other bytes"


def test_threads_of_a_web_server_do_not_meet() -> None:
    made = bills(24)
    with ThreadPoolExecutor(8) as pool:
        files = list(pool.map(render.render_bill, made))
    assert files == [render.render_bill(bill) for bill in made]


def test_a_bill_looks_the_same_alone_and_in_a_print_file() -> None:
    bill = bills(1)[0]
    assert text_of(render.render_bill(bill)) == text_of(render.render_bills([bill]))


def test_no_bills_are_refused() -> None:
    with pytest.raises(DocumentError, match="at least one bill"):
        render.render_bills([])
