"""Sentences of bill lines: what stands before and after the equals sign is true."""

from gridhall.billing import words
from gridhall.billing.models import BillLine
from gridhall.rules.layout import KWH
from gridhall.rules.plan import ComponentWords

ENERGY = ComponentWords("energy", "energy", "电度电费", "Energy", "", "", 1, "kWh")
PARTS = 10**11  # parts of a fen


def line(quantity_wh: int, price: int, amount: int) -> BillLine:
    exact = quantity_wh * price  # 10**-13 of a yuan
    return BillLine(
        account_id=1, period=202610, seq=1, n=1, component=1, block=2, tou=0, segment=0, unit=KWH,
        quantity=quantity_wh, price=price, base=0, amount=amount, rest=exact - amount * PARTS,
    )  # fmt: skip


def test_an_amount_that_is_the_product_rounded_stands_alone() -> None:
    # 82.83 × 0.588 = 48.70404 → 48.70
    en, zh = words.line_sentence(ENERGY, line(82_830, 5_880_000_000, 4_870), 2)
    assert en == "82.83 kWh in the 2nd block at 0.588: 48.70"
    assert zh == "第二档 82.83 千瓦时 × 0.588 元 = 48.70 元"


def test_an_amount_rounded_so_that_the_lines_add_up_says_so() -> None:
    en, zh = words.line_sentence(ENERGY, line(82_830, 5_880_000_000, 4_871), 2)
    assert en == "82.83 kWh in the 2nd block at 0.588: 48.70404, shown as 48.71 so that the lines add up"
    assert zh == "第二档 82.83 千瓦时 × 0.588 元 = 48.70404 元，为使各行之和等于合计，计 48.71 元"
