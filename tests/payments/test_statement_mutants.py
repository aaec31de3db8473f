"""Statements that were damaged on their way: whatever the bytes, a refusal with its place or a whole booking, never a
crash and never a half. The seed is fixed: a failure comes again."""

import random
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import check
from gridhall.payments.ports import statement_reader
from gridhall.payments.public import StatementOptions, load_statements
from tests.payments.statement_town import OURS, Line, camt, csv_zh, mt940, our_account, owing
from tests.payments.town import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 20261125
OPTIONS = StatementOptions(OURS, "bank-zh")
FORMS = ("camt.053", "mt940", "csv")
LINES = [
    Line(2_500, "电费 户号 0000100010 谢谢", name="李小明", ref="R1"), Line(1_000, "2026-10-0000100010-1", ref="R2"),
    Line(-500, "账户管理费", name="湖银行"), Line(30, "interest", ref="R4", virtual="99880000100010"),
]  # fmt: skip
PLACED = {"bad_statement", "statement_unbalanced", "statement_currency", "statement_future", "statement_altered"}
WHOLE = {"statement_unsafe", "statement_empty", "unknown_bank_account", "statement_too_large"}
CODES = PLACED | WHOLE

Change = Callable[[random.Random, bytes], bytes]


def _flip(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _cut_off(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _leave_out(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randrange(1, 60) :]


def _twice(chance: random.Random, data: bytes) -> bytes:
    at, size = chance.randrange(len(data)), chance.randrange(1, 200)
    return data[: at + size] + data[at : at + size] + data[at + size :]


def _line_away(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines)


def _lines_swapped(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _digit(chance: random.Random, data: bytes) -> bytes:
    places = [found.start() for found in re.finditer(rb"[0-9]", data)]
    if not places:
        return data
    at = chance.choice(places)
    return data[:at] + bytes([48 + chance.randrange(10)]) + data[at + 1 :]


def _huge(chance: random.Random, data: bytes) -> bytes:
    numbers = list(re.finditer(rb"[0-9]+[.,][0-9]{2}", data))
    if not numbers:
        return data
    found = chance.choice(numbers)
    value = chance.choice(
        [b"9" * 30 + b".00", b"-1.00", b"1e9", b"0.00", b"NaN", "１２.00".encode(), b"99999999999999.99"]
    )
    return data[: found.start()] + value + data[found.end() :]


def _strange(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    piece = chance.choice(
        [b"\x00", b"\xff\xfe", b"<!DOCTYPE a>", b"&#0;", b":61:", b'"', b"\r", "‮".encode(), b"<a>", b"]]>"]
    )
    return data[:at] + piece + data[at:]


CHANGES: tuple[Change, ...] = (
    _flip, _cut_off, _leave_out, _twice, _line_away, _lines_swapped, _digit, _huge, _strange,
)  # fmt: skip


def _valid(form: str) -> bytes:
    day = clock.today() - timedelta(days=1)
    if form == "camt.053":
        return camt(LINES, on=day)
    return mt940(LINES, on=day) if form == "mt940" else csv_zh(LINES, on=day)


TOTALS_SQL = """
SELECT (SELECT count(*) FROM payments_statement), (SELECT count(*) FROM payments_statemententry),
    (SELECT coalesce(sum(amount), 0) FROM payments_statemententry), (SELECT count(*) FROM payments_suspenseitem),
    (SELECT coalesce(sum(amount), 0) FROM payments_suspenseitem), (SELECT count(*) FROM movement WHERE kind = 20)
"""


def _totals() -> tuple[int, ...]:
    """Statements; lines and their money; items and theirs; movements into suspense."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS_SQL)
        row = cursor.fetchone()
    assert row is not None
    return tuple(int(each) for each in row)


def _brought_in(form: str, data: bytes, name: str) -> Refusal | str:
    try:
        done = load_statements(SYSTEM, form, data, name, OPTIONS)
    except Refusal as no:
        return no
    return "known" if all(each.known for each in done) else "booked"


def damaged(count: int, seed: int) -> dict[str, int]:
    """Bring in `count` damaged files; how often each thing happened."""
    chance = random.Random(seed)
    happened: dict[str, int] = {}
    originals = {form: _valid(form) for form in FORMS}
    for number in range(count):
        form = FORMS[number % len(FORMS)]
        data = originals[form]
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            data = chance.choice(CHANGES)(chance, data) if data else data
        before = _totals()
        told = _brought_in(form, data, f"mutant {number}")
        if isinstance(told, Refusal):
            assert told.code in CODES, (seed, number, told.code)
            assert told.field, (seed, number, told.code)
            assert told.row >= 1 or told.code in WHOLE, (seed, number, told.code, told.field)
            assert _totals() == before, (seed, number)
        what = told.code if isinstance(told, Refusal) else told
        happened[what] = happened.get(what, 0) + 1
    return happened


def _proven(count: int, seed: int) -> None:
    owing(1)
    our_account(points=101)
    for form in FORMS:  # what is not damaged is read, and the three forms tell the same
        (whole,) = statement_reader(form).read(_valid(form), OPTIONS)
        assert [each.amount for each in whole.entries] == [line.amount for line in LINES]
    happened = damaged(count, seed)
    statements, lines, amount, items, suspended, movements = _totals()
    assert lines == items == movements
    assert amount == suspended
    assert check() == []
    # the damage was real: most was refused, with its place, and some of it left the money as it was
    assert sum(happened.get(code, 0) for code in CODES) > count // 2, happened
    assert happened.get("bad_statement", 0) > count // 10, happened
    assert happened.get("statement_unbalanced", 0) > 0, happened
    assert statements >= happened.get("booked", 0)


def test_three_hundred_damaged_statements() -> None:
    _proven(300, SEED)


@pytest.mark.storm
def test_two_thousand_damaged_statements() -> None:
    _proven(2_000, SEED + 1)
