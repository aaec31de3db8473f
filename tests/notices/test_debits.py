"""Batch debit made visible: what the customer reads before and after, by the calendar."""

from datetime import date

import pytest

from gridhall.debits.public import reconcile, take_results, try_again
from gridhall.kernel import clock, outbox
from gridhall.notices import public as notices
from tests.debits.town import announced, make_bank, make_debtors, officer, pay_at_counter, pipe_answer, sent
from tests.payments.town import moment

pytestmark = pytest.mark.django_db(transaction=True)


def told(account: int, language: str = "en") -> list[tuple[str, str]]:
    """The occasions and bodies of an account, the oldest first, but the first one, of the mandate."""
    found = reversed(notices.notices_of(account, language))
    return [(each.occasion.name, each.words.body) for each in found if each.occasion.name != "mandate_changed"]


def test_november_of_three_customers() -> None:
    """5 Nov announced; 3 pays at the counter; 12 Nov: 1 is debited 100.00, 2 has too little of 200.00; 18 Nov again."""
    bank = make_bank()
    make_debtors({1: 10_000, 2: 20_000, 3: 30_000}, bank)
    cycle = announced()
    outbox.deliver()
    assert told(1) == [(
        "debit_announced",
        "Dear 客户1, on 12 November 2026 we shall debit CNY 100.00 for account A0000001 from your account at Lake Bank"
        " ending in 0001. It is for: October 2026 electricity CNY 100.00. Please see that it holds enough.",
    )]  # fmt: skip
    pay_at_counter(3, 30_000, date(2026, 11, 9))
    (file,) = sent(cycle.id)
    with clock.at(moment(2026, 11, 13)):
        take_results(officer(), "CCB", "r1.txt", pipe_answer(file.id, {2: "1001"}))
        outbox.deliver()
    # one notice of the debit with what it paid, none of a payment beside it
    assert [name for name, _ in told(1)] == ["debit_announced", "debit_done"]
    chinese = "湖滨银行尾号 0001 的账户代扣户号 A0000001 的电费 100.00 元。明细：2026年10月电费 100.00 元。"
    assert told(1, "zh")[-1][1].endswith(chinese)
    name, body = told(2)[-1]
    assert name == "debit_failed"
    assert "failed on 12 November 2026: the account held too little money. Next try: 18 November 2026." in body
    assert [name for name, _ in told(3)] == ["debit_announced", "payment_received"]
    with clock.at(moment(2026, 11, 14)):
        reconcile(officer(), cycle.id)
        try_again(officer(), cycle.id)
        outbox.deliver()
    assert [name for name, _ in told(2)][2:] == ["debit_announced", "debit_balance_low"]
    assert "held too little at the last debit. On 18 November 2026 we shall debit CNY 200.00" in told(2)[-1][1]
    assert len(told(1)) == 2
