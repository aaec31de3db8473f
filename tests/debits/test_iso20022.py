"""pain.008 against the schemas and against what sepaxml writes; pain.002 and camt read, or refused by name."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

from gridhall.adapters.iso20022 import reading
from gridhall.adapters.iso20022.debits import Form
from gridhall.debits.data import CODE_UNKNOWN, RETURNED, FileHead, FileRows
from gridhall.debits.mandates import clean_number
from gridhall.debits.models import INSUFFICIENT, NAME_MISMATCH, OK
from gridhall.debits.ports import key_of
from gridhall.kernel.refusal import Refusal
from tests.debits.iso import camt, pain_002

GOLDEN = Path(__file__).with_name("golden")
SCHEMAS = Path(reading.__file__).with_name("schemas")
VERSIONS = ("pain.008.001.02", "pain.008.001.08")
# Names that the programs choose, and the party that sepaxml names twice.
OWN = ("MsgId", "CreDtTm", "PmtInfId", "InitgPty/Id/OrgId/Othr/Id")


def head(count: int, amount: int, currency: str = "EUR", account: str = "DE89370400440532013000") -> FileHead:
    return FileHead(
        12, "GH00000012", "DB", "Lamplake Power", account, "COBADEFFXXX", "DE98ZZZ09999999999", date(2026, 11, 12),
        datetime(2026, 11, 10, 9, tzinfo=UTC), currency, 2, count, amount,
    )  # fmt: skip


def rows(people: list[tuple[str, str, str, int]]) -> FileRows:
    n = len(people)
    lines = np.arange(1, n + 1)
    return FileRows(
        lines, [key_of(12, line) for line in lines.tolist()], np.array([each[3] for each in people]),
        [each[0] for each in people], [each[1] for each in people], [each[2] for each in people],
        [f"GHM{line:010d}" for line in lines.tolist()], [date(2026, 9, line % 28 or 1) for line in lines.tolist()],
        [f"A{line:07d}" for line in lines.tolist()],
    )  # fmt: skip


def schema(version: str) -> Any:
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{version}.xsd"))


def leaves(document: bytes) -> list[tuple[str, str]]:
    """(path of names, text) of every leaf, as they come."""
    root = etree.fromstring(document)
    found = []
    for each in root.iter():
        if len(each) == 0:
            names = [etree.QName(up).localname for up in [*reversed(list(each.iterancestors())), each]]
            found.append(("/".join(names), (each.text or "").strip()))
    return [(path, text) for path, text in found if not path.endswith(OWN)]


@pytest.mark.parametrize("version", VERSIONS)
def test_ours_says_what_sepaxml_says(version: str) -> None:
    """The golden files are what sepaxml 2.7 wrote for these three debits: 150.12, 0.07 and 1,234,567.89."""
    people = [
        ("Anna Muster", "DE02120300000000202051", "BYLADEM1001", 15_012),
        ("Zhou und Soehne", "NL91ABNA0417164300", "ABNANL2A", 7),
        ("Li Wei", "FR1420041010050500013M02606", "PSSTFRPPPAR", 123_456_789),
    ]
    ours = b"".join(Form(version).write(head(3, 123_471_808), rows(people)))
    theirs = (GOLDEN / f"sepaxml_{version}.xml").read_bytes()
    assert leaves(ours) == leaves(theirs)
    schema(version).assertValid(etree.fromstring(ours))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_name_and_every_kind_of_account_is_valid(version: str) -> None:
    people = [
        ("张 <伟> & 儿子\x01㐂𠮷", "6227000012345678", "CCB001", 1),
        ("名" * 90, "DE02120300000000202051", "", 1 << 50),
        ('O\'Neil "Bar"', "110-1".replace("-", ""), "ABNANL2A", 99),
    ]
    ours = b"".join(Form(version).write(head(3, (1 << 50) + 100, "CNY", "1101000099"), rows(people)))
    root = etree.fromstring(ours)
    schema(version).assertValid(root)
    names = [each.text for each in root.iter("{*}Dbtr") for each in each]
    assert names == ["张 <伟> & 儿子㐂𠮷", "名" * 70, 'O\'Neil "Bar"']
    assert [each.text for each in root.iter("{*}InstdAmt")] == ["0.01", "11258999068426.24", "0.99"]


@pytest.mark.parametrize("version", ["pain.002.001.03", "pain.002.001.12"])
def test_a_status_report(version: str) -> None:
    told = pain_002(
        12, [(1, 15_012, ""), (2, 700, "AM04"), (3, 5, "BE01"), (4, 5, "PDNG"), (5, 5, "ZZ99")], version=version
    )
    found = reading.results(told, "CNY", 2)
    assert found.line.tolist() == [1, 2, 3, 5]  # what is still on its way says nothing
    assert found.outcome.tolist() == [OK, INSUFFICIENT, NAME_MISMATCH, CODE_UNKNOWN]
    assert found.amount.tolist() == [15_012, 700, 5, 5]
    assert set(found.file_id.tolist()) == {12}


def test_a_whole_file_is_answered_in_one_word() -> None:
    found = reading.results(pain_002(12, [(2, 700, "AM04")], whole="ACSC"), "CNY", 2)
    assert found.whole_files == ((12, OK, 0),)
    assert found.line.tolist() == [2]
    with pytest.raises(Refusal) as told:
        reading.results(pain_002(12, [(1, 1, ""), (2, 1, "")], count=1), "CNY", 2)
    assert told.value.code == "result_altered"


@pytest.mark.parametrize("version", ["camt.053.001.02", "camt.053.001.08", "camt.054.001.02", "camt.054.001.08"])
def test_a_statement_and_a_notification(version: str) -> None:
    found = reading.results(camt(12, [(1, 15_012, ""), (7, 700, "MD06")], version=version), "CNY", 2)
    assert list(zip(found.line.tolist(), found.amount.tolist(), found.outcome.tolist(), strict=True)) == [
        (1, 15_012, OK), (7, 700, RETURNED),
    ]  # fmt: skip
    assert {date.fromordinal(day) for day in found.on.tolist()} == {date(2026, 11, 12)}
    pending = reading.results(camt(12, [(1, 15_012, "")], version=version, status="PDNG"), "CNY", 2)
    assert len(pending.row) == 0


def test_another_currency_and_fractions_of_a_fen_are_not_read() -> None:
    told = pain_002(12, [(1, 15_012, "")])
    for before, after in ((b'Ccy="CNY"', b'Ccy="USD"'), (b"150.12", b"150.125")):
        found = reading.results(told.replace(before, after), "CNY", 2)
        assert (len(found.row), len(found.bad)) == (0, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "result_unreadable"),
        (b"\x00\xff", "result_unreadable"),
        (b"<Document/>", "unknown_message"),
        (pain_002(1, [(1, 1, "")])[:-20], "result_unreadable"),
        (pain_002(1, [(1, 1, "")]).replace(b"TxSts", b"TxStt"), "result_unreadable"),
        (pain_002(1, [(1, 1, "")]).replace(b"pain.002.001.03", b"pain.002.001.77"), "unknown_message"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "result_unreadable"),
    ],
)
def test_what_is_no_result_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as told:
        reading.results(data, "CNY", 2)
    assert told.value.code == code


@pytest.mark.parametrize("number", ["DE02120300000000202052", "12345", "6227 0000 ?", ""])
def test_a_wrong_bank_account_is_refused(number: str) -> None:
    with pytest.raises(Refusal) as told:
        clean_number(number)
    assert told.value.code == "bad_bank_account"
    assert clean_number("DE02 1203 0000 0000 2020 51") == "DE02120300000000202051"
