"""Serials and PINs: even, unguessable from one another, and a slip of a finger is told from a guess."""

import math
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridhall.cards import pins

DIGITS = st.text("0123456789", min_size=16, max_size=16)


def test_pins_are_drawn_evenly_and_never_twice() -> None:
    """100,000 PINs: no two alike (by chance once in two million such draws), and every digit stands at every place as
    often as the others: 15 degrees of freedom more than 160 × 9 would be far off."""
    drawn = pins.drawn(100_000)
    assert len(drawn) == len(set(drawn.tolist()))
    assert int(drawn.max()) < 10**pins.PIN_DIGITS
    chi = 0.0
    for place in range(16):
        seen = Counter((drawn // np.uint64(10**place) % np.uint64(10)).tolist())
        assert len(seen) == 10
        chi += sum((count - 10_000) ** 2 / 10_000 for count in seen.values())
    freedom = 16 * 9
    assert abs(chi - freedom) < 7 * math.sqrt(2 * freedom)


@given(DIGITS, st.integers(0, 15), st.integers(1, 9))
def test_every_single_slip_is_seen(digits: str, at: int, other: int) -> None:
    whole = pins.with_check(digits)
    wrong = whole[:at] + str((int(whole[at]) + other) % 10) + whole[at + 1 :]
    assert pins.without_check(whole, 16) == digits
    assert pins.without_check(wrong, 16) is None


@given(DIGITS)
def test_nine_of_ten_exchanges_of_neighbours_are_seen(digits: str) -> None:
    whole = pins.with_check(digits)
    exchanged = [whole[:k] + whole[k + 1] + whole[k] + whole[k + 2 :] for k in range(16) if whole[k] != whole[k + 1]]
    missed = [each for each in exchanged if pins.without_check(each, 16) is not None]
    assert len(missed) <= len(exchanged) / 2


def test_people_write_numbers_as_they_like() -> None:
    whole = pins.with_check("1234567890123456")
    for text in (f"{whole[:4]} {whole[4:8]} {whole[8:]}", f"{whole[:8]}-{whole[8:]}", whole.translate(_WIDE)):
        assert pins.without_check(text, 16) == "1234567890123456"
    for text in ("", whole[:-1], whole + "0", "x" * 17, "²" * 17, "٣" * 17):
        assert pins.without_check(text, 16) is None


_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def test_what_is_kept_is_the_same_one_by_one_and_in_columns() -> None:
    key = bytes(range(32))
    serials = np.array([7_000_000, 7_000_001], np.int64)
    drawn = np.array([42, 9_999_999_999_999_999], np.uint64)
    high, low = pins.digests(key, serials, drawn)
    for at, pin in enumerate(("0000000000000042", "9999999999999999")):
        kept = pins.digest(key, int(serials[at]), pin)
        assert int.from_bytes(kept[:8], "big", signed=True) == high[at]
        assert int.from_bytes(kept[8:], "big", signed=True) == low[at]
    assert pins.digest(key, 7_000_001, "0000000000000042") != pins.digest(key, 7_000_000, "0000000000000042")


def test_the_printer_gets_a_line_a_card() -> None:
    lines = pins.print_lines(np.array([1_000_000], np.int64), np.array([42], np.uint64)).decode().split("\r\n")
    serial, pin = lines[0].split(";")
    assert pins.without_check(serial, 12) == "000001000000"
    assert pins.without_check(pin, 16) == "0000000000000042"
    assert lines[1:] == [""]
