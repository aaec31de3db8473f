"""500 result files that were damaged on the way: none crashes, none is posted in part, what is believed is ours."""

import random
from collections import Counter

import pytest
from django.db import transaction

from gridhall.debits.models import DebitLine, DebitResult, ParkedRow, ResultFile
from gridhall.debits.public import take_results
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import check
from gridhall.payments.models import Payment
from tests.debits.iso import camt, pain_002
from tests.debits.test_bank_text import fixed_file
from tests.debits.town import announced, lines_of, make_bank, make_debtors, officer, pipe_answer, sent
from tests.payments.town import moment

pytestmark = pytest.mark.django_db

MUTANTS, EACH, SEED = 500, 12, 20_261_112
FORMS = ("text:pipe", "text:fixed", "pain.008.001.02", "pain.008.001.08")


def answers() -> list[tuple[str, bytes]]:
    """A valid answer in each form: (bank, file)."""
    banks = []
    for n, form in enumerate(FORMS):
        bank = make_bank(form, f"B{n}")
        make_debtors({1 + n * EACH + k: 10_000 + 7 * k for k in range(EACH)}, bank)
        banks.append(f"B{n}")
    cycle = announced()
    told = []
    for n, file in enumerate(sent(cycle.id)):
        lines = lines_of(file.id)
        if FORMS[n] == "text:pipe":
            told.append((banks[n], pipe_answer(file.id, dict.fromkeys((3, 5), "1001"))))
        elif FORMS[n] == "text:fixed":
            rows = [(line, amount, "01" if line == 3 else "00") for line, (_, amount) in lines.items()]
            told.append((banks[n], fixed_file(rows, file_id=file.id).replace(b"6227" + b" " * 28, b" " * 32)))
        else:
            iso = [(line, amount, "AM04" if line == 3 else "") for line, (_, amount) in lines.items()]
            told.append((banks[n], pain_002(file.id, iso) if n == 2 else camt(file.id, iso)))
    return told


def damaged(draw: random.Random, data: bytes) -> bytes:
    """One of the ways in which a file suffers."""
    way = draw.randrange(9)
    at = draw.randrange(len(data))
    end = b"\r\n" if b"\r\n" in data else b"\n" if b"\n" in data else b">"
    lines = data.split(end)
    if way == 0:
        return data[:at]
    if way == 1:
        return data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]
    if way == 2:
        return data[:at] + data[at + draw.randrange(1, 30) :]
    if way == 3:
        digits = [k for k in range(len(data)) if data[k : k + 1].isdigit()]
        k = draw.choice(digits)
        return data[:k] + str(draw.randrange(10)).encode() + data[k + 1 :]
    if way == 4:
        k = draw.randrange(len(lines))
        return end.join([*lines[:k], lines[k], *lines[k:]])
    if way == 5:
        k = draw.randrange(len(lines))
        return end.join([*lines[:k], *lines[k + 1 :]])
    if way == 6:
        a, b = draw.randrange(len(lines)), draw.randrange(len(lines))
        lines[a], lines[b] = lines[b], lines[a]
        return end.join(lines)
    if way == 7:
        return data[:at] + draw.randbytes(draw.randrange(1, 50)) + data[at:]
    return data + draw.choice([b"\x00", end, data, b"\xef\xbb\xbf", lines[-2] + end])


def test_500_damaged_files() -> None:
    draw = random.Random(SEED)
    valid = answers()
    seen: Counter[str] = Counter()
    with clock.at(moment(2026, 11, 13)):
        for _ in range(MUTANTS):
            bank, data = draw.choice(valid)
            with transaction.atomic():
                try:
                    done = take_results(officer(), bank, "mutant", damaged(draw, data))
                except Refusal as refused:
                    seen[refused.code] += 1
                    assert not ResultFile.objects.exists(), f"seed {SEED}"
                    assert not Payment.objects.exists(), f"seed {SEED}"
                else:
                    seen["parked" if done.parked else "taken"] += 1
                    _all_or_named(done.id)
                transaction.set_rollback(True)
    assert sum(seen.values()) == MUTANTS
    assert {"parked", "taken", "result_truncated", "result_altered", "result_unreadable"} <= set(seen), seen


def _all_or_named(result_id: int) -> None:
    """What counts is a line of ours with our amount, booked; all else is parked with a reason."""
    row = ResultFile.objects.get(pk=result_id)
    assert row.state == "posted"
    amounts = {each.account_id: each.amount for each in DebitLine.objects.all()}
    made = DebitResult.objects.filter(outcome=1)
    assert all(each.amount == amounts[each.account_id] for each in made)
    paid = list(Payment.objects.values_list("account_id", "amount"))
    assert sorted(paid) == sorted((each.account_id, each.amount) for each in made)
    assert ParkedRow.objects.filter(result_id=result_id).count() == row.parked
    assert row.debited == len(made)
    assert check() == []
