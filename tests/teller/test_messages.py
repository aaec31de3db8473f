"""Fields of fixed width in bytes, never cut inside a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.adapters.bank_teller.messages import Field, cut, layout, read_request, write
from gridhall.kernel.refusal import Refusal

HOW = layout()


def test_widths_are_bytes() -> None:
    fields = (Field("name", 6, False), Field("amount", 8, True))
    assert write(HOW, fields, {"name": "王二", "amount": 2500}) == "王二".encode("gb18030") + b"  00002500"
    # three characters are six bytes; four would be eight: the fourth is left out whole
    assert write(HOW, fields[:1], {"name": "王二小三"}) == "王二小".encode("gb18030")
    assert write(HOW, (Field("name", 5, False),), {"name": "王二小"}) == "王二".encode("gb18030") + b" "


def test_a_number_that_does_not_fit_is_never_cut() -> None:
    with pytest.raises(ValueError, match="no room"):
        write(HOW, (Field("amount", 4, True),), {"amount": 12345})
    with pytest.raises(ValueError, match="no room"):
        write(HOW, (Field("amount", 4, True),), {"amount": -1})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.integers(0, 40))
def test_what_is_cut_is_the_beginning_of_the_text(text: str, width: int) -> None:
    """Characters of one, two and four bytes: what is left is whole, fits, and one more would not."""
    left = cut(text, width, "gb18030").decode("gb18030")
    assert text.startswith(left)
    assert len(left.encode("gb18030")) <= width
    if left != text:
        assert len(text[: len(left) + 1].encode("gb18030")) > width


def test_what_cannot_be_read_names_its_field() -> None:
    head = write(HOW, HOW.head, {"code": 1, "agent": "A", "serial": "S"})
    ask = write(HOW, HOW.kinds[1].ask, {"account": "12"})
    mac = b"0" * HOW.mac_digits
    assert read_request(HOW, head + ask + mac).values["account"] == "12"
    for body, field in [
        (b"0077" + head[4:] + ask + mac, "code"),
        (b"", "code"),
        (head + ask[:-1] + mac, "length"),
        (head + b"\xff\xff" + ask[2:] + mac, "account"),
        (head + b"1\x002" + ask[3:] + mac, "account"),
        (head + ask + b"\xff" + mac[1:], "mac"),
    ]:
        with pytest.raises(Refusal) as no:
            read_request(HOW, body)
        assert (no.value.code, no.value.field) == ("bad_message", field)
