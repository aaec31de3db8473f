"""Numbers, money, energy and dates as people read them."""

from datetime import date, datetime

import pytest

from gridhall.doors.look import formats
from gridhall.doors.look.receipts import chinese_capitals
from gridhall.kernel import clock


@pytest.mark.parametrize(
    ("minor", "decimals", "text"),
    [
        (0, 2, "0.00"),
        (7, 2, "0.07"),
        (17_307, 2, "173.07"),
        (-125, 2, "−1.25"),
        (123_456_789, 2, "1,234,567.89"),
        (1_234, 0, "1,234"),
        (5, 3, "0.005"),
    ],
)
def test_money(minor: int, decimals: int, text: str) -> None:
    assert formats.money(minor, decimals) == text


@pytest.mark.parametrize(
    ("wh", "text"), [(0, "0"), (300_000, "300"), (252_500, "252.5"), (1_234_567, "1,234.567"), (-10, "−0.01")]
)
def test_energy(wh: int, text: str) -> None:
    assert formats.energy(wh) == text


@pytest.mark.parametrize(
    ("units", "text"),
    [(5_469_000_000, "0.5469"), (6_628_687_500, "0.66286875"), (420_000_000_000, "42.00"), (1, "0.0000000001")],
)
def test_price(units: int, text: str) -> None:
    assert formats.price(units) == text


def test_dates_in_both_languages() -> None:
    on = date(2026, 11, 20)
    assert formats.day(on, "zh-hans") == "2026年11月20日"
    assert formats.day(on, "en") == "20 Nov 2026"
    assert formats.month(202610, "zh") == "2026年10月"
    assert formats.month_short(202610, "en") == "Oct"
    assert formats.span(date(2026, 10, 1), date(2026, 11, 1), "zh") == "2026年10月1日 – 10月31日"
    assert formats.span(date(2026, 12, 1), date(2027, 1, 2), "en") == "1 Dec 2026 – 1 Jan 2027"
    late = datetime(2026, 11, 20, 23, 30, tzinfo=clock.zone())
    assert formats.moment(late, "en") == "20 Nov 2026 23:30"


def test_account_numbers_in_groups() -> None:
    assert formats.grouped("0310220418") == "0310 2204 18"


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (15_727, "壹佰伍拾柒元贰角柒分"),
        (0, "零元整"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (7, "柒分"),
        (50, "伍角整"),
        (100_100, "壹仟零壹元整"),
        (1_000_500, "壹万零伍元整"),
        (10_101_000, "壹拾万壹仟零壹拾元整"),
        (1_000_000_001, "壹仟万元零壹分"),
        (1_000_000_010_000, "壹佰亿零壹佰元整"),
    ],
)
def test_amounts_in_capitals(fen: int, words: str) -> None:
    """As the rules for filling in Chinese payment documents have them (正确填写票据和结算凭证的基本规定)."""
    assert chinese_capitals(fen) == words
