"""A customer who leaves in the midst of billed days: refused, until those bills are cancelled."""

from datetime import date

import pytest

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from tests.billing.town import ACTOR, AUGUST, SEPTEMBER, Town, moment, small_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    made = small_town()
    for period, values in ((202608, AUGUST), (202609, SEPTEMBER)):
        made.read(period, values)
        made.bill(period)
    return made


def test_nobody_leaves_in_the_midst_of_billed_days(town: Town) -> None:
    wang, zhao = town.accounts["Wang"], town.accounts["Zhao"]
    with pytest.raises(Refusal) as refused:
        customers.move_out_many(ACTOR, [wang, zhao], [date(2026, 10, 1), date(2026, 9, 20)])
    assert (refused.value.code, refused.value.row, refused.value.value) == ("billed_already", 1, "2026-09-20")
    view = customers.account(wang)
    assert view is not None
    assert view.closed_on is None  # all or none


def test_on_the_day_to_which_it_is_billed_it_may_end(town: Town) -> None:
    customers.move_out(ACTOR, town.accounts["Wang"], date(2026, 10, 1))


def test_the_bills_cancelled_the_move_out_is_taken_and_the_month_made_again(town: Town) -> None:
    account = town.accounts["Zhao"]
    with clock.at(moment("2026-10-05")):
        billing.cancel_bill(ACTOR, account, 202609, 1, "left on the first")
        customers.move_out(ACTOR, account, date(2026, 9, 1))
    assert ledger.check() == []
    assert ledger.owed(account).principal == town.of("Zhao", 202608).amount
