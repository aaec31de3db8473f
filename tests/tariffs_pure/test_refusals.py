"""What a book may not say: each is refused with the place, its line and words that help."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

from gridhall.tariffs.book import TEXT_MAX, BookError, load_book, read_yaml
from gridhall.tariffs.compile import compile_version

HEAD = """tariff: test-book
name: A test
currency: CNY
source: made for this test
for: {class: residential}
versions:
  - from: 2024-01-01
    rounding: once per bill, half up, to 0.01
"""


def compiled(body: str, head: str = HEAD) -> None:
    book = load_book(head + body)
    for version in book.versions:
        compile_version(book, version)


REFUSED = read_yaml((Path(__file__).parent / "refusals.yaml").read_text("utf-8"))[0]["refused"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["case"])
def test_a_book_is_refused_with_place_and_line(case: Any) -> None:
    with pytest.raises(BookError) as refusal:
        compiled(textwrap.indent(case["text"], "    "))
    assert case["words"] in refusal.value.what
    assert case["place"] in refusal.value.path
    assert refusal.value.line == case["line"]


WHOLE = {
    "not YAML": ("tariff: [", 1, "not readable YAML"),
    "empty": ("", 1, "empty"),
    "a list": ("- 1", 1, "is not of type"),
    "twice": ("tariff: a\ntariff: b", 2, "“tariff” stands twice"),
    "anchors": ("tariff: &a b\nname: *a", 2, "anchors"),
    "missing": ("tariff: abc\n", 1, "“name”"),
    "control characters": ("\x00", 0, "not readable YAML"),
    "too deep": ("a: " + "[" * 600 + "]" * 600, 0, "nested too deeply"),
    "too long": ("#" * (TEXT_MAX + 1), 1, "longer than"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_text_that_is_no_book_is_refused(name: str) -> None:
    text, line, words = WHOLE[name]
    with pytest.raises(BookError) as refusal:
        load_book(text)
    assert words in refusal.value.what
    assert refusal.value.line == line


def test_versions_may_not_overlap() -> None:
    body = "    energy: [{price per kWh: 1}]\n"
    second = "  - from: 2025-01-01\n    rounding: once per bill, half up, to 0.01\n"
    with pytest.raises(BookError, match=r"above it has ended \(give that one “until: 2024-12-31”\)"):
        compiled(body + second + body)


def test_rounding_must_fit_the_currency() -> None:
    with pytest.raises(BookError, match="amounts in JPY have 0 decimals"):
        compiled("    energy: [{price per kWh: 1}]\n", HEAD.replace("CNY", "JPY"))


RIDER = "riders:\n  - {key: fuel, counts as: per kWh, amounts: [AMOUNTS]}\n"
RIDERS = {
    "{from: 2024-02-01, amount: 1}, {from: 2024-02-01, amount: 2}": "does not begin after the one above it",
    "{from: 2024-02-30, amount: 1}": "is not a date",
    "{from: 2024-02-01, amount: much}": "a number, or “none”",
    "{from: 2024-02-01, amount: 0.12345678901}": "10 decimals",
}


@pytest.mark.parametrize("amounts", RIDERS)
def test_a_riders_amounts_are_refused_at_their_line(amounts: str) -> None:
    head = RIDER.replace("AMOUNTS", amounts) + HEAD
    with pytest.raises(BookError, match=RIDERS[amounts]) as refusal:
        compiled("    energy: [{price per kWh: 1}]\n", head)
    assert refusal.value.line == 2
    assert refusal.value.path.startswith("riders/0/amounts")
