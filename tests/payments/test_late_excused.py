"""Late charge on bills in dispute and of exempted accounts and classes: nothing accrues on those days. In fen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import excusing
from gridhall.ledger import public as ledger
from gridhall.payments.public import PaymentIn, receive, reverse
from tests.payments.town import SYSTEM, bill, make_accounts, moment

pytestmark = pytest.mark.django_db
DUE = date(2026, 1, 15)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """What a process remembers of exemptions does not outlive the test that entered them."""
    yield
    excusing.forget()


def late(account_id: int, month: int, day: int) -> int:
    return ledger.owed(account_id, moment(2026, month, day)).late


def test_a_bill_in_dispute_accrues_nothing_until_the_dispute_is_ended() -> None:
    make_accounts(1)
    for period in (202511, 202512):
        bill(1, period, 100_000, issued=date(2026, 1, 1), due=DUE)
    with clock.at(moment(2026, 1, 20)):
        number = ledger.dispute(SYSTEM, 1, 202512, 1, "says the meter runs fast")
        assert [each.is_dispute for each in ledger.exemptions(1)] == [True]
        with pytest.raises(Refusal) as refused:
            ledger.dispute(SYSTEM, 1, 202512, 1, "again")
        assert refused.value.code == "in_dispute"
    # 0.1 % a day of 1,000.00 is 1.00. By 30 January: 15 days of the one, 5 (16 to 20 January) of the other
    assert late(1, 1, 30) == 1_500 + 500
    with clock.at(moment(2026, 1, 31)):
        ledger.end_exemption(SYSTEM, number, "the meter is right")
        assert ledger.exemptions(1) == []
    # by 10 February: 26 days of the one; of the other 5 and the 10 of February
    assert late(1, 2, 10) == 2_600 + 1_500
    item = next(each for each in ledger.owed(1, moment(2026, 2, 10)).items if each.period == 202512)
    growth = dict(ledger.late_by_day(item, 1, date(2026, 2, 3)))
    assert [growth[date(2026, 1, 20)], growth[date(2026, 1, 31)], growth[date(2026, 2, 1)]] == [500, 500, 600]
    acts = AuditEntry.objects.filter(subject="bill:1-202512-1").values_list("act", "reason").order_by("id")
    assert list(acts) == [("late.dispute", "says the meter runs fast"), ("late.end", "the meter is right")]


def test_what_is_paid_in_the_dispute_and_given_back_leaves_the_charge_as_it_was() -> None:
    make_accounts(1)
    bill(1, 202512, 100_000, issued=date(2026, 1, 1), due=DUE)
    with clock.at(moment(2026, 1, 20)):
        ledger.dispute(SYSTEM, 1, 202512, 1, "doubtful")
    with clock.at(moment(2026, 1, 28)):
        (receipt,) = receive(SYSTEM, [PaymentIn(account_id=1, amount=50_500, key="a")])
        # 5.00 late charge, 500.00 of the bill
        assert ledger.owed(1).total == 50_000
        reverse(SYSTEM, 1, receipt.payment_no, "wrong customer")
        assert (ledger.owed(1).principal, ledger.owed(1).late) == (100_000, 500)
    assert ledger.check() == []


def test_an_account_and_a_class_are_exempted_for_days() -> None:
    make_accounts(2)
    make_accounts(1, class_code=2, first=3)
    for account in (1, 2):
        bill(account, 202512, 100_000, issued=date(2026, 1, 1), due=DUE)
    bill(3, 202512, 100_000, issued=date(2026, 1, 1), due=DUE, class_code=2)
    with clock.at(moment(2026, 1, 15)):
        ledger.exempt(SYSTEM, date(2026, 1, 18), date(2026, 1, 25), "flood", account_id=1)
        ledger.exempt(SYSTEM, date(2026, 1, 22), date(2026, 1, 29), "decree 7", class_code=1)
    # by 30 January 15 days; account 1 is excused from the 18th to the 28th: 11; account 2 from the 22nd to the 28th: 7
    assert [late(account, 1, 30) for account in (1, 2)] == [400, 800]
    # a shop pays 0.2 % a day and is not meant
    assert late(3, 1, 30) == 15 * 200


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("day_too_early", {"since": date(2026, 1, 20), "until": None, "reason": "x", "account_id": 1}),
        ("until_too_early", {"since": date(2026, 1, 22), "until": date(2026, 1, 22), "reason": "x", "account_id": 1}),
        ("reason_missing", {"since": date(2026, 1, 22), "until": None, "reason": " ", "account_id": 1}),
        ("needs_subject", {"since": date(2026, 1, 22), "until": None, "reason": "x"}),
    ],
)
def test_refusals(code: str, given: dict[str, object]) -> None:
    make_accounts(1)
    with clock.at(moment(2026, 1, 20)), pytest.raises(Refusal) as refused:
        ledger.exempt(SYSTEM, **given)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_only_who_may_and_only_what_is_open() -> None:
    make_accounts(1)
    bill(1, 202512, 100_000, issued=date(2026, 1, 1), due=DUE)
    with pytest.raises(Refusal) as refused:
        ledger.dispute(SYSTEM, 1, 202511, 1, "x")
    assert refused.value.code == "unknown_bill"
    officer = Actor("staff", "a", "office", permissions=frozenset(("bills.cancel",)), units=frozenset((9,)))
    with pytest.raises(Refusal) as refused:
        ledger.dispute(officer, 1, 202512, 1, "x")
    assert refused.value.code == "not_allowed"
    with pytest.raises(Refusal) as refused:
        ledger.end_exemption(SYSTEM, 1, "x")
    assert refused.value.code == "unknown_exemption"


def test_an_exemption_that_is_undone_is_forgotten_at_once() -> None:
    make_accounts(1)
    bill(1, 202512, 100_000, issued=date(2026, 1, 1), due=DUE)
    with clock.at(moment(2026, 1, 20)):
        assert late(1, 1, 30) == 1_500  # and the exemptions are known now
        with transaction.atomic():
            ledger.dispute(SYSTEM, 1, 202512, 1, "doubtful")
            assert late(1, 1, 30) == 500  # the transaction knows its own
            transaction.set_rollback(True)
        assert late(1, 1, 30) == 1_500


def test_nobody_exempts_beyond_his_units() -> None:
    make_accounts(1)
    make_accounts(1, unit_id=2, first=2)
    officer = Actor("staff", "b", "office", id=1, permissions=frozenset({"bills.cancel"}), units=frozenset({2}))
    since = clock.today() + timedelta(days=1)
    theirs = ledger.exempt(SYSTEM, since, None, "flood", account_id=1)
    for act in (
        lambda: ledger.exempt(officer, since, None, "flood", account_id=1),
        lambda: ledger.exempt(officer, since, None, "decree", class_code=1),
        lambda: ledger.end_exemption(officer, theirs, "no flood"),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "not_allowed"
    ledger.end_exemption(officer, ledger.exempt(officer, since, None, "flood", account_id=2), "over")
    everywhere = replace(officer, everywhere=True)
    ledger.end_exemption(everywhere, ledger.exempt(everywhere, since, None, "decree", class_code=1), "over")
