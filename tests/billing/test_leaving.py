"""A customer who leaves in the midst of billed days: refused, until those bills are cancelled."""

from datetime import date
from pathlib import Path

import pytest

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from gridhall.tariffs import public as tariffs
from tests.billing.town import ACTOR, AUGUST, BLOCKS, SEPTEMBER, Town, moment, small_town

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


def test_terms_do_not_change_in_the_midst_of_billed_days(town: Town) -> None:
    account = town.accounts["Wang"]
    with pytest.raises(Refusal, match="Let the terms change from 2026-10-01 on") as refused:
        customers.change_terms(ACTOR, [customers.TermChange(account, date(2026, 9, 15), persons=6)])
    assert (refused.value.code, refused.value.row, refused.value.field) == ("billed_already", 0, "since")
    view = customers.account(account)
    assert view is not None
    assert view.term is not None
    assert view.term.persons == 4
    customers.change_terms(ACTOR, [customers.TermChange(account, date(2026, 10, 1), persons=6)])


def _dearer(from_on: str) -> int:
    """A draft of Shandong's residential tariff from a day on, one fen dearer a kWh."""
    text = (Path(tariffs.__file__).parent / "books" / f"{BLOCKS}.yaml").read_text()
    head, versions = text.split("versions:\n", 1)
    last = versions[versions.rindex("  - from:") :].partition("    examples:")[0].partition("\n")[2]
    book = f"{head}versions:\n  - from: {from_on}\n{last}".replace("0.5469", "0.5569")
    (entered,) = tariffs.enter_book(ACTOR, book)
    return entered


def test_a_version_is_approved_into_billed_days_only_by_one_who_knows_the_bills(town: Town) -> None:
    version = _dearer("2026-09-01")
    with pytest.raises(Refusal) as refused:
        tariffs.approve(ACTOR, version)
    # September of Wang, Zhao and Hill
    assert refused.value.code == "billed_already"
    assert refused.value.en.startswith("3 bills (2026-09) have days from 2026-09-01 on.")
    assert billing.rate_again(town.accounts["Wang"], 202609, 1) == town.of("Wang", 202609).amount
    tariffs.approve(ACTOR, version, bill_again=True)
    again = billing.bills_of_version(version)
    assert {key.account_id for key in again} == {town.accounts[home] for home in ("Wang", "Zhao", "Hill")}
    assert {(key.period, key.seq) for key in again} == {(202609, 1)}
    with clock.at(moment("2026-10-05")):
        for key in again:
            billing.rebill(ACTOR, key.account_id, key.period, "new prices")
    assert billing.bills_of_version(version) == []
    assert ledger.check() == []


def test_a_version_that_begins_where_the_bills_end_is_approved(town: Town) -> None:
    tariffs.approve(ACTOR, _dearer("2026-10-01"))


def test_who_leaves_inside_a_block_year_is_settled_by_the_months_of_supply(town: Town) -> None:
    # Wang, 4 persons, in since August: 5 months entitled. 300 + 260 kWh billed to 1 October; leaves on 21 October
    # having used 400 more: 960 kWh in three months (August to October).
    account, register = town.accounts["Wang"], town.registers["Wang"][0]
    with clock.at(moment("2026-10-22")):
        customers.move_out(ACTOR, account, date(2026, 10, 21))
        taken = metering.take_readings(
            ACTOR,
            metering.NewReadings(register_id=[register], value=[96000], read_on=[date(2026, 10, 21)], period=[202610]),
            "office",
        )
        if taken.held:
            waiting = [each.id for each in metering.held(period=202610, limit=10)]
            metering.settle_held(ACTOR, waiting, "accepted", note="read with the customer")
        run = billing.preview(ACTOR, 202610)
        billing.approve(ACTOR, run.id)
        billing.run(ACTOR, run.id, 0)
        waiting_bills = [each.id for each in billing.holds(period=202610) if each.account_id == account]
        if waiting_bills:
            billing.release_hold(ACTOR, waiting_bills, "accepted", "read with the customer")
    bill = town.of("Wang", 202610)
    assert bill.kind == 2
    # On 5 × 210 = 1050: all in the first block. On 3 × 210 = 630 and 3 × 400 = 1200: 630 and 330.
    lines = [(line.kind, line.block, line.quantity, line.price) for line in bill.lines]
    assert lines == [
        ("energy", 1, 400_000, 5_469_000_000),
        ("settlement", 1, -330_000, 5_469_000_000),
        ("settlement", 2, 330_000, 5_969_000_000),
    ]
    # 400 × 0.5469 = 218.76; 330 × 0.05 = 16.50
    assert bill.amount == 21876 + 1650
    assert bill.lines[1].clause_en == "Who leaves is settled by the months of supply"
    # the chart shows the limits on which the year came to rest: 3 months, 630 of 960 kWh in the first block
    assert bill.blocks is not None
    assert bill.blocks.months == 3
    shown = [(block.high_wh, block.used_wh, block.current) for block in bill.blocks.blocks]
    assert shown == [(630_000, 630_000, False), (1_200_000, 330_000, True), (None, 0, False)]
    assert billing.year_blocks(account) == bill.blocks
    assert billing.rate_again(account, 202610, 1) == bill.amount
    assert billing.rate_period_again(202610)[1] == []
    assert ledger.check() == []
