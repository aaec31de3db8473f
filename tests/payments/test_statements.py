"""Statements of our bank: once, whole or not at all, matched or in suspense. Amounts in fen."""

from datetime import timedelta

import pytest

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, trial_balance
from gridhall.payments import public as payments
from gridhall.payments.public import StatementOptions, load_statements, match_suspense, payments_of
from tests.payments.statement_town import OURS, OWED, Line, camt, csv_zh, mt940, number_of, our_account, owing, rename
from tests.payments.town import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def refused(form: str, data: bytes, **options: str) -> Refusal:
    with pytest.raises(Refusal) as no:
        load_statements(SYSTEM, form, data, "f", StatementOptions(**options))
    return no.value


def books(*codes: int, unit: int = 0) -> list[int]:
    """What stands on accounts of the books now, debit positive."""
    today = clock.today()
    rows = {row.code: row.closing for row in trial_balance(unit, today.year * 100 + today.month).rows}
    return [rows[code] for code in codes]


@pytest.mark.parametrize("form", ["camt.053", "camt.053.08", "mt940", "csv"])
def test_each_form_is_booked_and_matched_alike(form: str) -> None:
    """A number and the whole debt (85 points) and a virtual account (95 + 5) go to their accounts; an unknown text, and
    a fee of the bank, stay in suspense. In: 25.00 + 10.00 + 30.00; out: 5.00."""
    numbers = owing(2)
    our_account()
    lines = [
        Line(OWED, f"电费 户号{numbers[0]} 谢谢", name="王五"), Line(1_000, "x", virtual=f"9988{numbers[1]}"),
        Line(3_000, "thanks"), Line(-500, "账户管理费"),
    ]  # fmt: skip
    if form == "mt940":
        lines[1] = Line(1_000, numbers[1], name="客户2")  # a reader of MT940 has no virtual account: 60 + 5 + 15
        data = mt940(lines)
    elif form == "csv":
        lines[1] = Line(1_000, numbers[1], name="客户2")
        data = csv_zh(lines)
    else:
        data = camt(lines, version=form[-2:] if form != "camt.053" else "02")
    (done,) = load_statements(
        SYSTEM, form if form in ("mt940", "csv") else "camt.053", data, "a", StatementOptions(OURS, "bank-zh")
    )
    assert (done.entries, done.new, done.confirmed, done.known, done.gap) == (4, 4, 0, False, None)
    # at the bank: 25 + 10 + 30 − 5 = 60.00, all of it in suspense until it is matched
    assert books(1002, 2999) == [6_000, -6_000]
    matched = match_suspense(SYSTEM)
    assert (matched.looked_at, matched.posted, matched.amount) == (3, 2, 3_500)
    assert books(1002, 2999) == [6_000, -2_500]
    assert (balances([1, 2])[1].owed, balances([1, 2])[2].owed) == (0, 1_500)
    (paid,) = payments_of(1)
    assert (paid.door, paid.method, paid.value_on) == (payments.DOOR_STATEMENT, payments.TRANSFER, clock.today())
    assert [each.open for each in payments.suspense()] == [3_000, -500]
    assert match_suspense(SYSTEM).posted == 0
    assert check() == []


def test_a_statement_comes_once_and_its_lines_once() -> None:
    owing(1)
    our_account()
    data = camt([Line(100, "a", ref="R1"), Line(200, "b", ref="R2")])
    load_statements(SYSTEM, "camt.053", data, "a")
    (again,) = load_statements(SYSTEM, "camt.053", data, "b")
    assert (again.known, again.new) == (True, 0)
    # the same number with another line is another truth
    no = refused("camt.053", camt([Line(100, "a", ref="R1"), Line(201, "b", ref="R2")]))
    assert (no.code, no.field) == ("statement_altered", "ident")
    # a second statement that has a line of the first books the other line alone: 100 + 200 + 300
    later = camt([Line(200, "b", ref="R2"), Line(300, "c", ref="R3")], ident="S-2", sequence=2, opening=100)
    (second,) = load_statements(SYSTEM, "camt.053", later, "c")
    assert second.new == 1
    assert books(1002, 2999) == [600, -600]
    assert check() == []


def test_csv_of_days_that_overlap() -> None:
    owing(1)
    our_account()
    first = [Line(100, "a"), Line(100, "a"), Line(200, "b")]
    load_statements(SYSTEM, "csv", csv_zh(first), "a.csv", StatementOptions(OURS, "bank-zh"))
    (done,) = load_statements(
        SYSTEM, "csv", csv_zh([*first, Line(300, "c")]), "b.csv", StatementOptions(OURS, "bank-zh")
    )
    assert (done.entries, done.new) == (4, 1)
    assert books(1002) == [700]
    assert check() == []


def test_a_missing_statement_is_named() -> None:
    owing(1)
    our_account()
    day = clock.today()
    load_statements(SYSTEM, "camt.053", camt([Line(100)], ident="S-1", on=day - timedelta(days=2)), "a")
    third = camt([Line(50)], ident="S-3", opening=400, sequence=3, on=day)
    (done,) = load_statements(SYSTEM, "camt.053", third, "c")
    assert done.gap == 300  # 400 at the beginning, 100 at the end of the one before
    assert [each.ident for each in payments.statements(gaps_only=True)] == ["S-3"]
    between = camt([Line(300)], ident="S-2", opening=100, sequence=2, on=day - timedelta(days=1))
    load_statements(SYSTEM, "camt.053", between, "b")
    assert payments.statements(gaps_only=True) == []
    assert check() == []


@pytest.mark.parametrize(
    ("what", "code", "field"),
    [
        ("closing", "statement_unbalanced", "closing"),
        ("account", "unknown_bank_account", "account"),
        ("currency", "statement_currency", "currency"),
        ("future", "statement_future", "booked_on"),
    ],
)
def test_what_is_refused_leaves_nothing(what: str, code: str, field: str) -> None:
    owing(1)
    our_account()
    lines = [Line(100, "a")]
    tomorrow = clock.today() + timedelta(days=1)
    data = {
        "closing": camt(lines, closing=99), "account": camt(lines, account="DE00"),
        "currency": camt(lines, currency="EUR"), "future": camt([Line(100, "a", on=tomorrow)]),
    }[what]  # fmt: skip
    good = camt([Line(700)], ident="S-0").replace(b"</BkToCstmrStmt></Document>", b"")
    whole = good + data[data.index(b"<Stmt>") :]  # a good statement before it in the same file is not booked either
    no = refused("camt.053", whole)
    assert (no.code, no.field) == (code, field)
    assert payments.statements() == []
    assert books(1002, 2999) == [0, 0]


def test_documents_with_a_type_of_their_own_are_refused() -> None:
    our_account()
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    outside = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    data = camt([Line(100, "a")])
    for doctype in (bomb, outside):
        evil = data.replace(b"<Document", doctype + b"<Document").replace(b">a<", b">&c;<")
        assert refused("camt.053", evil).code == "statement_unsafe"
    wide = data.decode().replace("<Document", outside.decode() + "<Document").replace('"UTF-8"', '"UTF-16"')
    assert refused("camt.053", wide.encode("utf-16")).code == "statement_unsafe"


def test_cash_at_the_bank_and_transfers_of_partners_are_not_booked_twice() -> None:
    from gridhall.payments.models import Banking

    owing(1)
    our_account()
    Banking.objects.create(
        unit_id=1, amount=4_000, counted=4_000, slip="SLIP-0077", banked_on=clock.today(), made_by_name="a",
        made_at=clock.now(),
    )  # fmt: skip
    lines = [Line(4_000, "cash SLIP-0077"), Line(4_000, "cash SLIP-0077"), Line(4_000, "other")]
    (done,) = load_statements(SYSTEM, "camt.053", camt(lines), "a")
    assert (done.new, done.confirmed) == (3, 1)  # the slip is one line's; the second of its kind is a question
    assert books(2999) == [-8_000]
    Banking.objects.all().delete()
    assert check() == []


def test_by_name_and_amount_a_person_decides_unless_the_supplier_says_otherwise() -> None:
    owing(2)
    rename(1, "李小明")
    our_account()
    load_statements(SYSTEM, "camt.053", camt([Line(OWED, "电费", name="李小明")]), "a")
    (item,) = payments.suspense()
    (best,) = payments.proposals([item])[item.id]
    assert (best.points, best.parts) == (65, ((1, OWED),))  # 25 + 15 + 25
    assert match_suspense(SYSTEM).posted == 0
    rename(2, "李小明")  # another of that name who owes the same: 25 + 15
    assert [each.points for each in payments.proposals([item])[item.id]] == [40, 40]
    from gridhall.payments.statement_models import BankAccount

    rename(2, "李大明")
    BankAccount.objects.update(post_points=65)
    assert match_suspense(SYSTEM).posted == 1
    assert check() == []


def test_a_transfer_that_names_several_accounts_is_proposed_as_a_split() -> None:
    numbers = owing(3)
    our_account()
    load_statements(SYSTEM, "camt.053", camt([Line(2 * OWED, f"{numbers[0]}, {numbers[2]}")]), "a")
    (item,) = payments.suspense()
    best, *others = payments.proposals([item])[item.id]
    assert (best.points, best.parts) == (75, ((1, OWED), (3, OWED)))
    assert [each.points for each in others] == [50, 50]
    assert match_suspense(SYSTEM).posted == 0
    payments.accept(SYSTEM, item.id, [(number_of(account), amount) for account, amount in best.parts])
    assert [balances([each])[each].owed for each in (1, 2, 3)] == [0, OWED, 0]
    assert books(1002, 2999) == [5_000, 0]
    assert check() == []


def test_money_for_an_account_of_another_unit() -> None:
    """The bank account's unit 1 keeps 25.00 until it is known that it is of an account of unit 2: its 1002 gives it."""
    numbers = owing(1, unit_id=2)
    our_account(unit_id=1)
    load_statements(SYSTEM, "camt.053", camt([Line(OWED, numbers[0])]), "a")
    assert books(1002, 2999, unit=1) == [OWED, -OWED]
    assert match_suspense(SYSTEM).posted == 1
    assert books(1002, 2999, unit=1) == [0, 0]
    assert books(1002, 1122, unit=2) == [OWED, 0]
    assert check() == []
