"""Late charge on the office's customer page: what has arisen, who is exempted, by whom it may be entered and ended."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridhall.kernel import clock
from gridhall.kernel.models import AuditEntry
from gridhall.ledger import public as ledger
from tests.office.conftest import Enter, text_of
from tests.office.town import NOON, SYSTEM, Town

QUERIES_MOST = 12
DAYS = timedelta(days=30)


def test_exempted_from_tomorrow_to_a_last_day_then_ended(town: Town, enter: Enter) -> None:
    """Exempted 26 Nov – 25 Dec: what has arisen to the 25th stays, and nothing is added until the 26th of December."""
    billing, account = enter("billing"), town.lake[0]
    at = f"/office/customers/{account}/late"
    given = {"kind": "account", "since": "2026-11-26", "last_day": "2026-12-25", "reason": "flood of the quarter"}
    assert billing.post(at, given).status_code == 302
    before = ledger.owed(account, NOON).late
    assert before > 0
    # of the 26th itself nothing is charged any more: the day that ends on the 26th is the first that is excused
    assert ledger.owed(account, NOON + DAYS).late == ledger.owed(account, NOON + timedelta(days=1)).late
    assert ledger.owed(account, NOON + 2 * DAYS).late > before
    page = text_of(billing.get(at))
    assert "flood of the quarter" in page
    assert "25 Dec 2026" in page
    (row,) = ledger.exemptions(account)
    assert str(row.until) == "2026-12-26"
    billing.post(f"{at}/{row.id}/end", {"reason": "the water is gone"})
    assert ledger.exemptions(account) == []
    acts = AuditEntry.objects.filter(act__startswith="late.", actor_name="billing").order_by("id")
    assert list(acts.values_list("act", flat=True)) == ["late.exempt", "late.end"]


def test_every_wrong_field_is_named_and_nothing_is_entered(town: Town, enter: Enter) -> None:
    billing = enter("billing")
    at = f"/office/customers/{town.lake[0]}/late"
    good = {"kind": "account", "since": "2026-12-01", "last_day": "", "reason": "flood"}
    for field, value, says in (
        ("since", "2026-11-25", "Tomorrow at the earliest."),
        ("since", "0000-99-99", "Enter a valid date."),
        ("last_day", "2026-11-30", "The last day is before the first."),
        ("last_day", "9999-12-31", "too far away"),
        ("reason", "", "This field is required."),
        ("kind", "everybody", "Select a valid choice"),
    ):
        answer = billing.post(at, good | {field: value})
        assert answer.status_code == 422
        assert says in text_of(answer), field
    assert ledger.exemptions(town.lake[0], 1) == []


def test_a_whole_class_by_one_who_sees_every_unit(town: Town, enter: Enter) -> None:
    billing = enter("billing")
    at = f"/office/customers/{town.lake[0]}/late"
    given = {"kind": "class", "since": "2026-12-01", "last_day": "", "reason": "decree"}
    assert billing.post(at, given).status_code == 302
    assert "the whole class" in text_of(billing.get(f"/office/customers/{town.hill[0]}/late"))


def test_a_clerk_sees_it_and_enters_nothing(town: Town, enter: Enter) -> None:
    at = f"/office/customers/{town.lake[0]}/late"
    clerk = enter("clerk")
    assert "Exempt from late charge" not in text_of(clerk.get(at))
    clerk.post(at, {"kind": "account", "since": "2026-12-01", "last_day": "", "reason": "a friend"})
    assert ledger.exemptions(town.lake[0]) == []


def test_another_customers_exemption_is_not_ended_here(town: Town, enter: Enter) -> None:
    billing = enter("billing")
    tomorrow = clock.today() + timedelta(days=1)
    made = ledger.exempt(SYSTEM, tomorrow, None, "flood", account_id=town.hill[0])
    billing.post(f"/office/customers/{town.lake[0]}/late/{made}/end", {"reason": "a slip"})
    assert [row.id for row in ledger.exemptions(town.hill[0])] == [made]


def test_few_queries(town: Town, enter: Enter) -> None:
    billing = enter("billing")
    at = f"/office/customers/{town.lake[0]}/late"
    billing.get(at)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        billing.get(at)
    assert len(seen) <= QUERIES_MOST
