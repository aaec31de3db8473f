"""What a transfer's text says: numbers with their check digit, wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kernel.ids import check_digit
from gridhall.payments.transfer_texts import creditor_check, name_fit, named_in
from gridhall.rules.transfer_match import (
    BILL_NUMBER,
    CREDITOR_REFERENCE,
    CUSTOMER_NUMBER,
    NAME_ALIKE,
    NO_NAME,
    OTHER_NAME,
    SAME_NAME,
    VIRTUAL_ACCOUNT,
)

ONE, TWO = (f"{digits}{check_digit(digits)}" for digits in ("000010001", "123456789"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"电费 户号{ONE} 11月", [(ONE, CUSTOMER_NUMBER)]),
        (f"户号：{ONE[:4]} {ONE[4:7]} {ONE[7:]}", [(ONE, CUSTOMER_NUMBER)]),  # as the bill groups it
        (f"{ONE[:4]}-{ONE[4:7]}-{ONE[7:]}", [(ONE, CUSTOMER_NUMBER)]),
        ("".join(chr(ord(digit) + 0xFEE0) for digit in ONE), [(ONE, CUSTOMER_NUMBER)]),  # full width
        (f"2026-10-{ONE}-1", [(ONE, BILL_NUMBER)]),
        (f"202610{ONE}1", [(ONE, BILL_NUMBER)]),
        (f"RF{creditor_check(ONE)}{ONE}", [(ONE, CREDITOR_REFERENCE)]),
        (f"{ONE}/{TWO}", [(ONE, CUSTOMER_NUMBER), (TWO, CUSTOMER_NUMBER)]),
        (f"{ONE} {ONE}", [(ONE, CUSTOMER_NUMBER)]),
        (f"9{ONE}", []),  # a longer number is another number
        (f"{ONE}9", []),
        (f"{ONE[:-1]}{(int(ONE[-1]) + 1) % 10}", []),  # a wrong check digit
        ("13800138000", []),  # a telephone number
        ("", []),
    ],
)
def test_numbers_in_texts(text: str, found: list[tuple[str, int]]) -> None:
    assert [(each.number, each.reference) for each in named_in(text)] == found


def test_a_bill_is_named_with_its_month() -> None:
    (named,) = named_in(f"2026-10-{ONE}-2")
    assert (named.period, named.seq) == (202610, 2)


def test_a_virtual_account_stands_for_its_customer() -> None:
    named = named_in(f"电费 {TWO}", f"9988 {ONE}", "9988")
    assert [(each.number, each.reference) for each in named] == [(ONE, VIRTUAL_ACCOUNT), (TWO, CUSTOMER_NUMBER)]
    assert named_in("", f"9988{ONE}", "") == []
    assert named_in("", f"9988{ONE[:-1]}", "9988") == []


def test_the_check_digits_of_a_creditor_reference() -> None:
    # ISO 11649's own example: RF18 5390 0754 7034
    assert creditor_check("539007547034") == "18"


@pytest.mark.parametrize(
    ("told", "own", "fit"),
    [
        ("李小明", "李小明", SAME_NAME),
        ("ＬＩ　ＭＩＮＧ", "li ming", SAME_NAME),
        ("湖城（北）商贸有限公司", "湖城(北)商贸有限公司", SAME_NAME),
        ("*小明", "李小明", NAME_ALIKE),
        ("李**", "李小明", NAME_ALIKE),
        ("王**", "李小明", OTHER_NAME),
        ("湖城商贸", "湖城商贸有限公司", NAME_ALIKE),
        ("王五", "李小明", OTHER_NAME),
        ("", "李小明", NO_NAME),
        ("***", "李小明", NO_NAME),
    ],
)
def test_names_beside_names(told: str, own: str, fit: int) -> None:
    assert name_fit(told, own) == fit


@given(st.text(max_size=120), st.integers(0, 999_999_999), st.text(max_size=120))
def test_a_number_is_found_between_any_words(before: str, digits: int, after: str) -> None:
    number = f"{digits:09d}" + check_digit(f"{digits:09d}")
    assert number in {each.number for each in named_in(f"{before}户号{number}号{after}")}
