"""Encodings told apart, or refused where they cannot be."""

from pathlib import Path

import pytest

from gridhall.kernel.refusal import Refusal
from gridhall.metering.importing.encodings import recognise

# Text, how it is written, what is told: a codec, or the code of the refusal.
CASES = [
    ("meter,value\nM1,1\n", "ascii", "utf-8"),
    ("户号,示数\n1,2\n", "utf-8", "utf-8"),
    ("户号,示数\n1,2\n", "utf-8-sig", "utf-8"),
    ("户号,示数\n1,2\n", "gb18030", "gb18030"),
    ("name\n𠮷野家食堂电力\n", "gb18030", "gb18030"),  # a character of four bytes
    ("户号,示数\n1,2\n", "utf-16", "utf-16-le"),
    ("meter,value\nM1,1\n", "utf-16-be", "utf-16-be"),
    ("name\nGröße, Café, Ångström\n", "utf-8", "utf-8"),
    ("name\nИванов Пётр Сергеевич\n", "utf-8", "utf-8"),
    ("name\n一\n", "gb18030", "encoding_unsure"),  # D2 BB is a letter of UTF-8 too
    ("name\nGröße\n", "latin-1", "unknown_encoding"),
    ("name\n電錶讀數異常臺灣\n", "big5", "unknown_encoding"),
    ("name\nメーターを読む\n", "shift-jis", "unknown_encoding"),
    ("户号,示数\n", "utf-32", "wrong_encoding"),
]


@pytest.mark.parametrize(("text", "written", "told"), CASES)
def test_what_is_told(tmp_path: Path, text: str, written: str, told: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(written))
    try:
        found = recognise(path).codec
    except Refusal as refusal:
        found = refusal.code
    assert found == told


def test_a_named_encoding_is_checked_and_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name\n一\n".encode("gb18030"))
    assert recognise(path, "utf-8").codec == "utf-8"
    path.write_bytes("户号,示数\n1,2\n".encode("gb18030"))
    assert recognise(path, "gb18030").codec == "gb18030"
    with pytest.raises(Refusal) as refused:
        recognise(path, "utf-8")
    assert refused.value.code == "wrong_encoding"
