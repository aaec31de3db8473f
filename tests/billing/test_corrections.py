"""Bills put right: holds released, bills cancelled and made again, later months named."""

import pytest

from gridhall.billing import public as billing
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from tests.billing.town import ACTOR, AUGUST, OTHER_UNIT, SEPTEMBER, UNIT, Town, bill_day, moment, small_town, staff

pytestmark = pytest.mark.django_db
LATER = moment("2026-10-20")


@pytest.fixture
def town() -> Town:
    """Two months billed."""
    made = small_town()
    made.read(202608, AUGUST)
    made.bill(202608)
    made.read(202609, SEPTEMBER)
    made.bill(202609)
    return made


def _correct(town: Town, home: str, period: int, value: int) -> None:
    register = town.registers[home][0]
    metering.correct_reading(ACTOR, town.accounts[home], period, register, value, "misread")


def test_a_cancelled_bill_is_out_of_the_books_and_kept(town: Town) -> None:
    account = town.accounts["Zhao"]
    with clock.at(LATER):
        billing.cancel_bill(ACTOR, account, 202609, 1, "wrong meter")
        # August's 49.22 is still owed, September's 49.22 is gone
        assert ledger.owed(account).principal == 4922
    view = town.of("Zhao", 202609)
    assert (view.state, view.amount) == (billing.CANCELLED, 4922)
    assert view.sentence_en.startswith("This bill is cancelled.")
    assert ledger.check() == []


def test_a_corrected_reading_is_billed_anew(town: Town) -> None:
    account = town.accounts["Zhao"]
    with clock.at(LATER):
        _correct(town, "Zhao", 202609, 17000)
        done = billing.rebill(ACTOR, account, 202609, "misread")
    assert done.bills == (billing.BillKey(account, 202609, 2),)
    assert done.later == ()
    # 80 kWh × 0.5469 = 43.752
    again = town.of("Zhao", 202609, 2)
    assert (again.wh, again.amount, again.year_used_wh) == (80_000, 4375, 90_000)
    assert again.replaces == town.of("Zhao", 202609, 1).number
    assert ledger.owed(account, LATER).principal == 4922 + 4375
    assert ledger.check() == []


def test_a_corrected_month_names_the_later_bills_and_they_follow(town: Town) -> None:
    account = town.accounts["Wang"]
    with clock.at(LATER):
        _correct(town, "Wang", 202608, 32000)
        done = billing.rebill(ACTOR, account, 202608, "misread")
        assert done.later == (billing.BillKey(account, 202609, 1),)
        then = billing.rebill(ACTOR, account, 202609, "after August")
    assert then.later == ()
    # August 320, September 560 − 320 = 240 after 320
    view = town.of("Wang", 202609, 2)
    assert (view.wh, view.year_used_wh) == (240_000, 320_000)
    assert billing.rate_again(account, 202609, 2) == view.amount


def test_the_next_month_goes_on_from_the_bill_that_counts(town: Town) -> None:
    account = town.accounts["Zhao"]
    with clock.at(LATER):
        _correct(town, "Zhao", 202609, 17000)
        billing.rebill(ACTOR, account, 202609, "misread")
    town.read(202610, {"Wang": 80000, "Li": {0: 80000, 2: 50000, 4: 30000}, "Zhao": 26000, "Hill": 18100})
    town.bill(202610)
    october = town.of("Zhao", 202610)
    assert (october.wh, october.year_used_wh) == (90_000, 90_000 + 80_000)


def test_money_paid_for_a_cancelled_bill_pays_the_new_one(town: Town) -> None:
    from gridhall.payments import public as payments

    account = town.accounts["Zhao"]
    with clock.at(moment("2026-10-05")):
        payments.receive(ACTOR, [payments.PaymentIn(account_id=account, amount=4922 * 2, key="test:1")])
    with clock.at(moment("2026-10-06")):
        _correct(town, "Zhao", 202609, 17000)
        billing.rebill(ACTOR, account, 202609, "misread")
        owed = ledger.owed(account)
    # August was 17 days late: 49.22 × 0.1 % × 17 = 0.84, at least 1.00. So 98.44 − 1.00 − 49.22 = 48.22 had paid
    # September; the new bill is 43.75: 4.47 stay in credit
    assert (owed.total, owed.credit) == (0, 4822 - 4375)
    assert ledger.check() == []


def test_what_cannot_be_billed_is_not_cancelled_either(town: Town) -> None:
    account = town.accounts["Zhao"]
    with clock.at(LATER):
        register = town.registers["Zhao"][0]
        metering.correct_reading(ACTOR, account, 202608, register, 8000, "misread")
        # September goes on from the 90 that August was billed to, so that its 10 kWh are not billed twice
        done = billing.rebill(ACTOR, account, 202609, "first September")
    assert town.of("Zhao", 202609, done.bills[0].seq).wh == 90_000
    assert ledger.check() == []


OCTOBER = {"Wang": 80000, "Li": {0: 80000, 2: 50000, 4: 30000}, "Zhao": 27000, "Hill": 18100}


def test_a_billed_reading_put_right_holds_the_next_bill_which_goes_on_from_what_was_billed(town: Town) -> None:
    """Zhao was billed to 180.00, which is then found to be 170.00; October reads 270.00: 90 kWh are left, not 100."""
    account = town.accounts["Zhao"]
    with clock.at(LATER):
        _correct(town, "Zhao", 202609, 17000)
    town.read(202610, OCTOBER)
    town.bill(202610)
    (hold,) = (each for each in billing.holds() if each.account_id == account)
    assert hold.reason == "value_moved"
    with clock.at(moment(bill_day(202610))):
        billing.release_hold(ACTOR, [hold.id], "accepted", "billed on from 180")
    assert town.of("Zhao", 202610).wh == 90_000
    assert ledger.check() == []


def test_a_real_reading_after_its_estimate_was_billed_is_trued_up(town: Town) -> None:
    """October estimated 270.00 and billed; 250.00 comes late; November 330.00: 60 kWh are left, not 80."""
    account, register = town.accounts["Zhao"], town.registers["Zhao"][0]
    town.read(202610, {home: value for home, value in OCTOBER.items() if home != "Zhao"})
    with clock.at(moment(bill_day(202610))):
        metering.estimate_missing(ACTOR, 202610, UNIT)
    town.bill(202610)
    october = town.of("Zhao", 202610)
    assert october.estimated
    with clock.at(moment("2026-11-05")):
        new = metering.NewReadings(register_id=[register], value=[25000], read_on=[moment("2026-11-01").date()])
        assert metering.take_readings(ACTOR, new).held == 1
        (held,) = metering.held(account_id=account)
        metering.settle_held(ACTOR, [held.id], "accepted")
    town.read(202611, {"Zhao": 33000})
    town.bill(202611)
    # 330.00 − 180.00 = 150 kWh in the two months together
    assert october.wh + town.of("Zhao", 202611).wh == 150_000
    assert ledger.check() == []


def test_nobody_makes_a_cancelled_bill_of_another_unit_again(town: Town) -> None:
    with clock.at(LATER):
        billing.cancel_bill(ACTOR, town.accounts["Zhao"], 202609, 1, "x")
        with pytest.raises(Refusal) as refused:
            billing.rebill(staff("billing", "Zhou", [OTHER_UNIT]), town.accounts["Zhao"], 202609, "x")
    assert refused.value.code == "not_allowed"


def test_refusals(town: Town) -> None:
    account, hill = town.accounts["Zhao"], town.accounts["Hill"]
    clerk, officer = staff("clerk", "Chen"), staff("billing", "Zhou", [OTHER_UNIT])
    with clock.at(LATER):
        for actor, of, seq, reason, code in (
            (clerk, account, 1, "x", "not_allowed"),
            (officer, account, 1, "x", "not_allowed"),
            (ACTOR, account, 1, " ", "reason_missing"),
            (ACTOR, account, 9, "x", "unknown_bill"),
        ):
            with pytest.raises(Refusal) as refused:
                billing.cancel_bill(actor, of, 202609, seq, reason)
            assert refused.value.code == code
        billing.cancel_bill(officer, hill, 202609, 1, "x")
        with pytest.raises(Refusal) as refused:
            billing.cancel_bill(ACTOR, hill, 202609, 1, "x")
        assert refused.value.code == "bill_cancelled"
        with pytest.raises(Refusal) as refused:
            billing.rebill(ACTOR, account, 202612, "x")
        assert refused.value.code == "unknown_bill"


def test_an_implausible_bill_is_held_until_a_person_accepts_it(town: Town) -> None:
    # 2,250 kWh after 260: metering itself asks first; then billing asks again, and a person says that it is so
    with clock.at(moment(bill_day(202610))):
        register = town.registers["Wang"][0]
        metering.take_readings(
            ACTOR,
            metering.NewReadings(register_id=[register], value=[281000], read_on=[clock.today().replace(day=1)]),
        )
        held = metering.held(account_id=town.accounts["Wang"])
        assert [each.code for each in held] == ["too_high"]
        metering.settle_held(ACTOR, [held[0].id], "accepted")
        town.bill(202610)
        hold = next(each for each in billing.holds() if each.account_id == town.accounts["Wang"])
        assert (hold.reason, hold.detail["wh"], hold.detail["last_month_wh"]) == ("too_high", 2_250_000, 260_000)
        again = billing.release_hold(ACTOR, [hold.id], "corrected", "read once more")
        assert again.held_again == ((town.accounts["Wang"], "too_high"),)
        hold = next(each for each in billing.holds() if each.account_id == town.accounts["Wang"])
        released = billing.release_hold(ACTOR, [hold.id], "accepted", "a greenhouse")
    assert released.billed == (town.accounts["Wang"],)
    # used before 560, first block to 1,050, second to 2,000: 490 × 0.5469 + 950 × 0.5969 + 810 × 0.8469
    # = 267.981 + 567.055 + 685.989 = 1,521.025
    assert town.of("Wang", 202610).amount == 152_103


def test_a_hold_is_released_once(town: Town) -> None:
    with pytest.raises(Refusal) as refused:
        billing.release_hold(ACTOR, [123456], "accepted", "x")
    assert refused.value.code == "unknown_hold"
    with pytest.raises(Refusal) as refused:
        billing.release_hold(ACTOR, [], "whatever", "x")
    assert refused.value.code == "bad_outcome"


def test_two_versions_side_by_side(town: Town) -> None:
    """The same prices under both shipped versions: every bill is equal. A dearer draft: every bill is dearer."""
    from pathlib import Path

    from gridhall.tariffs import public as tariffs

    book = (Path(tariffs.__file__).parent / "books" / "cn-shandong-residential.yaml").read_text()
    versions = tariffs.enter_book(ACTOR, book)
    same = billing.difference_of_versions(202608, versions[0], versions[1])
    assert (same.bills, same.equal, same.change) == (3, 3, 0)
    before, _, after = book.partition("  - from: 2024-07-01")
    dearer = after.rpartition("    examples:")[0].replace("[0.5469, ", "[0.6469, ")
    draft = tariffs.enter_book(ACTOR, f"{before}  - from: 2027-01-01{dearer}")[-1]
    report = billing.difference_of_versions(202608, versions[1], draft)
    # Wang 300, Zhao 90 and Hill 1 kWh in the first block, 0.10 more each: 30.00, 9.00 and 0.10
    assert {row.change for row in report.rows} == {3000, 900, 10}
    assert report.change == 3910
