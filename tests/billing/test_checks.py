"""The proof of the books sees each kind of damage to bills, and names the row."""

import pytest
from django.db import connection

from gridhall.ledger import public as ledger
from tests.billing.town import AUGUST, Town, small_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    made = small_town()
    made.read(202608, AUGUST)
    made.bill(202608)
    assert ledger.check() == []
    return made


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("bill_is_its_lines", "UPDATE bill_line SET amount = amount + 1 WHERE account_id = %s"),
        ("bill_is_its_lines", "DELETE FROM bill_line WHERE account_id = %s"),
        ("bill_is_its_use", "UPDATE bill_use SET wh = wh - 1 WHERE account_id = %s"),
        ("bill_is_posted", "UPDATE movement SET amount = amount + 1 WHERE account_id = %s"),
        ("bill_is_posted", "UPDATE bill SET state = 2 WHERE account_id = %s"),
        (
            "one_bill_a_period",
            "INSERT INTO bill SELECT account_id, period, 2, agreement_id, unit_id, area_id, run_id, kind, state,"
            " class_code, estimated, plan_id, from_on, to_on, wh, year_used_wh, year_months, amount, issued_on, due_on"
            " FROM bill WHERE account_id = %s",
        ),
    ],
)
def test_damage_is_named(town: Town, check: str, damage: str) -> None:
    account = town.accounts["Wang"]
    with connection.cursor() as cursor:
        cursor.execute(damage, [account])
        assert cursor.rowcount > 0
    broken = [each for each in ledger.check() if each.check == check]
    assert broken
    assert broken[0].key.startswith(f"{account}/202608")
