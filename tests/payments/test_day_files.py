"""Files of a day: read whole or refused by row and field."""

import random
from datetime import date

import pytest

from gridhall.kernel.refusal import Refusal
from gridhall.payments.public import TheirRow, day_layouts, read_day_file, write_day_file

DAY = date(2026, 11, 24)
ROWS = [TheirRow(f"S{n}", f"{n:010d}", 2_500 + n) for n in range(1, 8)]
NAMED = {
    "bad_day_file", "day_file_altered", "day_file_double", "day_file_other",
}  # fmt: skip


@pytest.mark.parametrize("layout", ["delimited", "fixed"])
def test_what_is_written_is_read(layout: str) -> None:
    data = write_day_file(layout, "LAKEBANK", DAY, ROWS)
    assert read_day_file(data, layout, "LAKEBANK", DAY).rows == tuple(ROWS)
    assert read_day_file(data.replace(b"\n", b"\r\n"), layout, "LAKEBANK", DAY).rows == tuple(ROWS)
    assert read_day_file(write_day_file(layout, "LAKEBANK", DAY, []), layout, "LAKEBANK", DAY).rows == ()


def test_chinese_names_fill_their_bytes() -> None:
    """A name of three characters takes six bytes of its forty."""
    data = write_day_file("fixed", "LAKEBANK", DAY, ROWS[:1])
    line, total = data.split(b"\n")[:2]
    named = line[:73] + "王小二".encode("gb18030") + b" " * 34
    assert len(named) == len(line)
    assert read_day_file(named + b"\n" + total + b"\n", "fixed", "LAKEBANK", DAY).rows == (ROWS[0],)
    # a character cut in two by the edge of the field is refused, not guessed at
    cut = line[:72] + "王小二".encode("gb18030") + b" " * 35
    with pytest.raises(Refusal) as no:
        read_day_file(cut + b"\n" + total + b"\n", "fixed", "LAKEBANK", DAY)
    assert (no.value.code, no.value.row) == ("bad_day_file", 1)


@pytest.mark.parametrize(
    ("text", "code", "row", "field"),
    [
        ("LAKEBANK|20261124|1|2500\nS1|0000000001|2500|", "", 0, ""),
        ("", "day_file_altered", -1, "file"),
        ("LAKEBANK|20261124|2|2500\nS1|0000000001|2500|", "day_file_altered", 1, "total"),
        ("LAKEBANK|20261124|1|2501\nS1|0000000001|2500|", "day_file_altered", 1, "total"),
        ("OTHER|20261124|1|2500\nS1|0000000001|2500|", "day_file_other", 1, "partner"),
        ("LAKEBANK|20261123|1|2500\nS1|0000000001|2500|", "day_file_other", 1, "partner"),
        ("LAKEBANK|20261301|1|2500\nS1|0000000001|2500|", "bad_day_file", 1, "day"),
        ("LAKEBANK|20261124|2|5000\nS1|0000000001|2500|\nS1|0000000001|2500|", "day_file_double", 3, "serial"),
        ("LAKEBANK|20261124|1|2500\nS1|0000000001|25.00|", "bad_day_file", 2, "amount"),
        ("LAKEBANK|20261124|1|2500\nS1|0000000001|-2500|", "bad_day_file", 2, "amount"),
        ("LAKEBANK|20261124|1|2500\nS1|0000000001|2500", "bad_day_file", 2, "fields"),
        ("LAKEBANK|20261124|1|2500\nS 1|0000000001|2500|", "bad_day_file", 2, "serial"),
        ("LAKEBANK|20261124|1|2500\nS1|王|2500|", "bad_day_file", 2, "account"),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str, row: int, field: str) -> None:
    data = text.encode("gb18030")
    if not code:
        assert read_day_file(data, "delimited", "LAKEBANK", DAY).rows == (TheirRow("S1", "0000000001", 2_500),)
        return
    with pytest.raises(Refusal) as no:
        read_day_file(data, "delimited", "LAKEBANK", DAY)
    assert (no.value.code, no.value.row, no.value.field) == (code, row, field)


@pytest.mark.parametrize("layout", ["delimited", "fixed"])
def test_a_thousand_damaged_files_are_refused_by_name_or_say_the_same(layout: str) -> None:
    """A byte changed, cut out, put in, or the end lost: refused by name; what is still read says what it said before,
    but for the serial or account number itself, which no total can prove."""
    good = write_day_file(layout, "LAKEBANK", DAY, ROWS)
    random_source = random.Random(20261124)
    refused, codes = 0, set()
    for _ in range(1_000):
        data = bytearray(good)
        at = random_source.randrange(len(data))
        how = random_source.randrange(4)
        if how == 0:
            data[at] = random_source.randrange(256)
        elif how == 1:
            del data[at]
        elif how == 2:
            data.insert(at, random_source.randrange(256))
        else:
            del data[at:]
        try:
            found = read_day_file(bytes(data), layout, "LAKEBANK", DAY)
        except Refusal as no:
            codes.add(no.code)
            refused += 1
            continue
        assert sum(row.amount for row in found.rows) == sum(row.amount for row in ROWS)
        assert len(found.rows) == len(ROWS)
    assert refused > 300
    assert codes <= NAMED


def test_a_layout_that_is_not_there_is_refused() -> None:
    assert {"delimited", "fixed"} <= set(day_layouts())
    for name in ("nothing", "../secret", "a/b"):
        with pytest.raises(Refusal) as no:
            read_day_file(b"", name, "LAKEBANK", DAY)
        assert no.value.code == "unknown_layout"
