"""Readers of statements: what each line says, and MT940 beside another reader of it (the package `mt-940`)."""

import random
from datetime import date, timedelta
from decimal import Decimal

import mt940 as other_reader
import pytest

from gridhall.kernel.refusal import Refusal
from gridhall.payments.ports import StatementIn, StatementOptions, statement_reader
from tests.payments.statement_town import OURS, Line, camt, csv_zh, mt940

DAY = date(2026, 11, 20)
OPTIONS = StatementOptions(OURS, "bank-zh")


def read(form: str, data: bytes) -> StatementIn:
    (found,) = statement_reader(form).read(data, OPTIONS)
    return found


def no(form: str, data: bytes) -> tuple[str, str, int]:
    with pytest.raises(Refusal) as told:
        statement_reader(form).read(data, OPTIONS)
    return told.value.code, told.value.field, told.value.row


@pytest.mark.parametrize("version", ["02", "08"])
def test_camt_tells_who_paid_and_what_for(version: str) -> None:
    line = Line(2_550, "户号 & <一>", name="李小明", ref="R1", virtual="9988")
    found = read("camt.053", camt([line], on=DAY, opening=-100, version=version))
    assert (found.account, found.ident, found.sequence, found.currency) == (OURS, "S-1", 1, "CNY")
    assert (found.opening, found.closing, found.from_on, found.to_on) == (-100, 2_450, DAY, DAY)
    (entry,) = found.entries
    assert (entry.amount, entry.booked_on, entry.bank_ref) == (2_550, DAY, "R1")
    assert (entry.payer_name, entry.virtual_account, entry.text) == ("李小明", "9988", "户号 & <一>")


def test_a_batch_of_camt_is_read_payment_by_payment_where_it_adds_up() -> None:
    data = camt([Line(300, "batch")], on=DAY).decode()
    one, two = (
        f'<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><Amt Ccy="CNY">{amount}</Amt></TxDtls>'
        for name, amount in (("E1", "1.00"), ("E2", "2.00"))
    )
    start, end = data.index("<TxDtls>"), data.index("</TxDtls>") + len("</TxDtls>")
    parts = read("camt.053", (data[:start] + one + two + data[end:]).encode()).entries
    assert [(each.amount, each.text) for each in parts] == [(100, "E1"), (200, "E2")]
    wrong = two.replace("2.00", "2.01")  # it does not come to the entry: the entry as a whole
    (whole,) = read("camt.053", (data[:start] + one + wrong + data[end:]).encode()).entries
    assert whole.amount == 300


def test_what_is_not_booked_yet_is_not_read() -> None:
    data = camt([Line(300, "a"), Line(200, "b")], on=DAY).replace(b"<Sts>BOOK</Sts>", b"<Sts>PDNG</Sts>", 1)
    assert [each.amount for each in read("camt.053", data).entries] == [200]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b"<Cd>OPBD</Cd>", b"<Cd>XXXX</Cd>", "Bal[OPBD]"),
        (b"<CdtDbtInd>DBIT", b"<CdtDbtInd>NONE", "CdtDbtInd"),
        (b'<Ntry><Amt Ccy="CNY">3.00', b'<Ntry><Amt Ccy="CNY">3.005', "Amt"),
        (b'<Ntry><Amt Ccy="CNY">3.00', b'<Ntry><Amt Ccy="EUR">3.00', "Ntry/Amt/@Ccy"),
        (b"<BookgDt><Dt>2026-11-20", b"<BookgDt><Dt>2026-11-31", "BookgDt/Dt"),
        (b"<ElctrncSeqNb>1", b"<ElctrncSeqNb>x", "ElctrncSeqNb"),
        (b"</Stmt>", b"", "xml"),
        (b"BkToCstmrStmt>", b"Other>", "BkToCstmrStmt/Stmt"),
    ],
)
def test_what_is_wrong_with_a_camt_is_named(old: bytes, new: bytes, field: str) -> None:
    data = camt([Line(-300, "a")], on=DAY)
    assert old in data
    code, where, row = no("camt.053", data.replace(old, new))
    assert (code, where) == ("bad_statement", field)
    assert row >= 1


def test_mt940_tells_who_paid_and_what_for() -> None:
    found = read("mt940", mt940([Line(2_550, "hello", name="LI MING", ref="R1", virtual="DE11")], on=DAY, number=7))
    assert (found.account, found.ident, found.sequence) == (OURS, "7 20261120 STARTUMS", 1)
    (entry,) = found.entries
    assert (entry.row, entry.amount, entry.value_on, entry.booked_on) == (5, 2_550, DAY, DAY)
    assert (entry.payer_name, entry.payer_account, entry.text, entry.bank_ref) == ("LI MING", "DE11", "hello", "R1")


def test_mt940_in_its_envelope_with_plain_text_and_reversals() -> None:
    lines = [
        "{1:F01BANKXXX}{2:O940}{4:", ":20:X", ":25:" + OURS, ":28C:3", ":60F:C261120CNY10,",
        ":61:2611201120RC4,NTRFREF1//B1", "words below", ":86:plain words", "over two lines",
        ":61:261120D1,5NCHGNONREF", ":62F:C261120CNY4,50", ":64:C261120CNY4,50", "-}",
    ]  # fmt: skip
    found = read("mt940", "\n".join(lines).encode())
    assert [(each.amount, each.text) for each in found.entries] == [
        (-400, "plain words over two lines REF1 words below"), (-150, ""),
    ]  # fmt: skip
    assert (found.opening, found.closing, found.sequence) == (1_000, 450, 0)


@pytest.mark.parametrize(
    ("line", "new", "field", "row"),
    [
        (3, ":28C:x/1", "28C", 3),
        (4, ":60F:X261120CNY0,00", "60F", 4),
        (5, ":61:2611201120X3,00NTRFNONREF", "61", 5),
        (5, ":61:2613201120C3,00NTRFNONREF", "61", 5),
        (5, ":61:2611200230C3,00NTRFNONREF", "61", 5),
        (5, ":61:2611201120C3.00NTRFNONREF", "61", 5),
        (1, "before anything", "tag", 1),
        (2, ":62F:C261120CNY0,00", "62F", 2),
        (7, ":62F:C261120EUR3,00", "62F", 7),
        (7, "-", "62F", 5),
    ],
)
def test_what_is_wrong_with_an_mt940_is_named(line: int, new: str, field: str, row: int) -> None:
    lines = mt940([Line(300, "a")], on=DAY).decode().split("\r\n")
    lines[line - 1] = new
    assert no("mt940", "\r\n".join(lines).encode())[:2] == ("bad_statement", field)
    assert abs(no("mt940", "\r\n".join(lines).encode())[2] - row) <= 1


def test_mt940_beside_another_reader() -> None:
    """Two hundred statements by chance: days, amounts, marks and balances are the same to both."""
    chance = random.Random(940)
    for number in range(200):
        lines = [
            Line(
                chance.choice((1, -1)) * chance.randrange(1, 10**9), f"text {place}", name="LI",
                on=DAY - timedelta(days=chance.randrange(5)),
            )
            for place in range(chance.randrange(1, 8))
        ]  # fmt: skip
        data = mt940(lines, on=DAY, opening=chance.randrange(-(10**8), 10**8), number=number + 1)
        ours = read("mt940", data)
        theirs = other_reader.parse(data.decode())
        assert [(each.amount, each.booked_on, each.value_on) for each in ours.entries] == [
            (int(each.data["amount"].amount * 100), each.data["entry_date"], each.data["date"]) for each in theirs
        ]
        balances = [theirs.data[name].amount.amount for name in ("final_opening_balance", "final_closing_balance")]
        assert [Decimal(ours.opening) / 100, Decimal(ours.closing) / 100] == balances


def test_csv_by_its_columns() -> None:
    found = read("csv", csv_zh([Line(123_456, "电费", name="李", ref="R1"), Line(-500, "费")], on=DAY, opening=100))
    assert (found.account, found.ident, found.opening, found.closing) == (OURS, "", 100, 123_056)
    first, second = found.entries
    assert (first.row, first.amount, first.payer_name, first.bank_ref, first.text) == (
        3,
        123_456,
        "李",
        "R1",
        "转账 电费",
    )
    assert (second.row, second.amount) == (4, -500)


def test_csv_with_the_newest_line_first() -> None:
    text = (
        "Booking date;Value date;Amount;Balance;Name;Account;Reference;Purpose\n"
        "2026-11-20;2026-11-19;-1.50;8.50;Bank;;R2;fee\n2026-11-19;;+10.00;10.00;Li;;R1;power\n"
    )
    (found,) = statement_reader("csv").read(text.encode(), StatementOptions(OURS, "signed-en"))
    assert [(each.amount, each.row) for each in found.entries] == [(1_000, 3), (-150, 2)]
    assert (found.opening, found.closing, found.entries[1].value_on) == (0, 850, date(2026, 11, 19))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("10.00,,10.00", "10.00,1.00,10.00", "收入金额"),
        ("10.00,,10.00", "10.00,,10.01", "账户余额"),
        ("10.00,,10.00", "ten,,10.00", "收入金额"),
        ("2026-11-20,10.00", "20.11.2026,10.00", "交易日期"),
        ("10.00,,10.00", "10.00,10.00", "fields"),
        ("交易日期", "日子", "headings"),
    ],
)
def test_what_is_wrong_with_a_csv_is_named(old: str, new: str, field: str) -> None:
    text = csv_zh([Line(1_000, "a"), Line(2_000, "b")], on=DAY).decode("gb18030")
    assert old in text
    code, where, row = no("csv", text.replace(old, new, 1).encode("gb18030"))
    assert (code, where) == ("bad_statement", field)
    assert row >= 1


def test_a_list_of_columns_that_is_not_there() -> None:
    for name in ("nowhere", "../secret", ""):
        with pytest.raises(Refusal) as told:
            statement_reader("csv").read(b"a", StatementOptions(OURS, name))
        assert told.value.code == "unknown_columns"
    with pytest.raises(Refusal) as told:
        statement_reader("pdf")
    assert told.value.code == "unknown_form"
