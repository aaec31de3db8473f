"""Chinese bank text: what is written, byte by byte, and which result files are refused or read with rows set aside."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from gridhall.adapters.bank_text.form import Form
from gridhall.adapters.bank_text.layout import layout_of, parsed
from gridhall.debits.data import CODE_UNKNOWN, FileHead, FileRows
from gridhall.debits.models import INSUFFICIENT, OK
from gridhall.kernel.refusal import Refusal
from tests.debits.town import pipe_file

HEAD = FileHead(
    7, "GH00000007", "CCB", "灯湖供电", "1101000099", "CCB001", "LH001", date(2026, 11, 12),
    datetime(2026, 11, 10, 9, tzinfo=UTC), "CNY", 2, 2, 30_007,
)  # fmt: skip
ROWS = FileRows(
    np.array([1, 2]), ["GH00000007-0000001", "GH00000007-0000002"], np.array([30_000, 7]), ["王|㐂", "李\n雷"],
    ["6227000000000001", "6227000000000002"], ["", ""], ["GHM1", "GHM2"], [date(2026, 9, 1)] * 2, ["A1", "A2"],
)  # fmt: skip


def test_parted_as_written() -> None:
    written = b"".join(Form("pipe").write(HEAD, ROWS)).decode("gb18030")
    assert written.split("\r\n") == [
        "H|00000007|CCB|20261112|CNY|2|30007|灯湖供电",
        "D|1|6227000000000001|王 㐂|30000|A1|GHM1",
        "D|2|6227000000000002|李 雷|7|A2|GHM2",
        "T|2|30007",
        "",
    ]
    assert Form("pipe").name_of(HEAD) == "DKGH00000007.txt"


def test_fixed_width_counts_bytes_and_never_cuts_a_character() -> None:
    """㐂 is four bytes in GB18030: after one of two bytes, 60 hold 14 of them (58 in all), not half a fifteenth."""
    long = FileRows(**{**ROWS.__dict__, "holder": ["王" + "㐂" * 20, "李"]})
    lines = b"".join(Form("fixed").write(HEAD, long)).split(b"\n")
    assert [len(line) for line in lines] == [41, 130, 130, 25, 0]
    assert lines[1][40:100].decode("gb18030") == "王" + "㐂" * 14 + "  "
    assert lines[1][1:8] == b"0000001"
    assert lines[1][100:114] == b"00000000030000"


def fixed_file(rows: list[tuple[int, int, str]], *, file_id: int = 7) -> bytes:
    made = [row for row in rows if row[2] == "00"]
    text = [f"1{file_id:08d}20261112"]
    text += [f"2{line:07d}{'6227':32}{amount:014d}{code}" for line, amount, code in rows]
    text.append(f"9{len(rows):08d}{sum(r[1] for r in rows):016d}{len(made):08d}{sum(r[1] for r in made):016d}")
    return "".join(line + "\n" for line in text).encode("gb18030")


def test_both_forms_are_read_alike() -> None:
    parted = Form("pipe").read(pipe_file(7, [(1, 1, 30_000, "0000"), (2, 2, 7, "1001"), (3, 3, 5, "7777")]), "CNY", 2)
    fixed = Form("fixed").read(fixed_file([(1, 30_000, "00"), (2, 7, "01"), (3, 5, "77")]), "CNY", 2)
    for found in (parted, fixed):
        assert found.file_id.tolist() == [7, 7, 7]
        assert found.line.tolist() == [1, 2, 3]
        assert found.amount.tolist() == [30_000, 7, 5]
        assert found.outcome.tolist() == [OK, INSUFFICIENT, CODE_UNKNOWN]
        assert [date.fromordinal(day) for day in found.on.tolist()] == [date(2026, 11, 12)] * 3
        assert found.row.tolist() == [2, 3, 4]
        assert found.bad == ()
    assert list(parted.holder or ()) == ["客户1", "客户2", "客户3"]


GOOD = pipe_file(7, [(1, 1, 30_000, "0000"), (2, 2, 7, "1001")])


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        (b"", "result_truncated", "line_end"),
        (GOOD[:-2], "result_truncated", "line_end"),
        (GOOD[: GOOD.rindex(b"T|")], "result_truncated", "totals"),
        (GOOD.replace(b"T|2|", b"T|3|"), "result_truncated", "count"),
        (GOOD.replace(b"T|2|", b"T|1|"), "result_altered", "count"),
        (GOOD.replace(b"|30000|0000", b"|30001|0000"), "result_altered", "total"),
        (GOOD.replace(b"|7|1001", b"|7|0000"), "result_altered", "ok_count"),
        (GOOD.replace(b"R|00000007", b"R|seven"), "result_unreadable", "file"),
        (GOOD.replace(b"20261112", b"20261342"), "result_unreadable", "day"),
        (GOOD.replace(b"R|", b"Q|"), "result_unreadable", "head"),
    ],
)
def test_altered_and_truncated_files_are_refused(data: bytes, code: str, field: str) -> None:
    with pytest.raises(Refusal) as told:
        Form("pipe").read(data, "CNY", 2)
    assert (told.value.code, told.value.field) == (code, field)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert Form("pipe").read(b"\xef\xbb\xbf" + GOOD, "CNY", 2).line.tolist() == [1, 2]


def test_rows_that_cannot_be_read_are_named() -> None:
    told = pipe_file(7, [(1, 1, 30_000, "0000")]).replace(
        b"T|1|30000|1|30000", b"D|x|1|2|3|0000|\r\nD|1\r\nT|3|30000|1|30000"
    )
    found = Form("pipe").read(told, "CNY", 2)
    assert found.line.tolist() == [1]
    assert [(row, field) for row, field, _ in found.bad] == [(3, "line"), (4, "fields")]


@pytest.mark.parametrize(
    "change",
    [
        {"encoding": "latin-1"}, {"amount": "float"}, {"codes": {"0": "FINE"}}, {"delimiter": "||"},
        {"in": {"row": [{"const": "D"}, "line", "amount", "code"], "totals": [{"const": "T"}, "count"]}},
        {"in": {"head": [{"const": "R"}, "file"], "row": [{"const": "D"}, "line", "code"], "totals": [{"const": "T"}]}},
        {"out": {"row": ["line"], "totals": [{"const": "T"}]}},
        {"out": {"row": [{"const": "D"}, "colour"], "totals": [{"const": "T"}]}},
    ],
)  # fmt: skip
def test_a_layout_that_is_none_is_refused(change: dict[str, object]) -> None:
    import yaml

    from gridhall.adapters.bank_text import layout

    told = yaml.safe_load(Path(layout.__file__).with_name("layouts").joinpath("pipe.yaml").read_text())
    parsed(told)
    with pytest.raises((ValueError, KeyError, TypeError)):
        parsed({**told, **change})


def test_an_unknown_layout_is_refused() -> None:
    for name in ("none", "../pipe", ""):
        with pytest.raises(Refusal) as told:
            layout_of(name)
        assert told.value.code == "unknown_debit_form"
