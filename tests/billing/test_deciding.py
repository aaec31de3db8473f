"""What is billed, what is held, and how a bill is cut: small stories with their arithmetic."""

from datetime import date
from pathlib import Path

import pytest

from gridhall.billing import reasons
from gridhall.billing.models import FINAL, REGULAR
from gridhall.metering.public import ESTIMATED
from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs import book as books
from gridhall.tariffs.compile import compile_version
from tests.billing.facts import PastBill, Reading, Term, Version, day, decided, flat_plan

HALF, SIXTY = flat_plan("0.50"), flat_plan("0.60")
OCTOBER = Reading("2026-10-01", 10000, "2026-11-01", 28000)  # 280.00 − 100.00 = 180 kWh


def shipped(code: str, on: str) -> CompiledPlan:
    text = (Path(books.__file__).parent / "books" / f"{code}.yaml").read_text()
    book = books.load_book(text)
    version = [v for v in book.versions if v.from_on <= date.fromisoformat(on)][-1]
    return compile_version(book, version)


def test_a_plain_bill() -> None:
    # 180 kWh × 0.50 = 90.00
    done = decided(202610, [OCTOBER], [Term("2024-01-01")], [Version(HALF)])
    assert not done.held
    bill = {name: int(values[0]) for name, values in done.bills.items()}
    assert (bill["wh"], bill["amount"], bill["seq"], bill["kind"]) == (180_000, 9000, 1, REGULAR)
    assert (bill["from_on"], bill["to_on"]) == (day("2026-10-01"), day("2026-11-01"))
    assert bill["due_on"] == day("2026-11-18")  # 3 November and fifteen days
    assert done.lines["component"].tolist() == [100]
    assert done.by_class[0].tolist() == [0, 9000, 0, 0, 0, 0]
    assert len(done.segments["n"]) == 0  # the row and the use say everything


def test_a_price_change_divides_the_use_by_days() -> None:
    # 180 kWh over 31 days; 10 days at 0.50 and 21 at 0.60: 58.065 and 121.935 kWh (largest remainder, to the Wh):
    # 180000 × 10 / 31 = 58064.516 → 58065, 180000 × 21 / 31 = 121935.484 → 121935
    # 58.065 × 0.50 + 121.935 × 0.60 = 29.0325 + 73.1610 = 102.1935 → 102.19
    versions = [Version(HALF, until="2026-10-11"), Version(SIXTY, since="2026-10-11")]
    done = decided(202610, [OCTOBER], [Term("2024-01-01")], versions)
    assert done.bills["amount"].tolist() == [10219]
    assert done.segments["wh_total"].tolist() == [58_065, 121_935]
    assert done.segments["plan_id"].tolist() == [1, 2]
    assert done.bills["plan_id"].tolist() == [2]
    assert done.lines["segment"].tolist() == [1, 2]


def test_a_reading_on_the_day_of_the_change_divides_the_use_exactly() -> None:
    # 100 kWh before the change, 80 after it: 50.00 + 48.00 = 98.00
    readings = [Reading("2026-10-01", 10000, "2026-10-11", 20000), Reading("2026-10-11", 20000, "2026-11-01", 28000)]
    versions = [Version(HALF, until="2026-10-11"), Version(SIXTY, since="2026-10-11")]
    done = decided(202610, readings, [Term("2024-01-01")], versions)
    assert done.segments["wh_total"].tolist() == [100_000, 80_000]
    assert done.bills["amount"].tolist() == [9800]
    assert done.uses["n"].tolist() == [1, 2]


def test_a_change_of_terms_cuts_the_bill() -> None:
    # from 16 October on another tariff: 15 of 31 days, 180000 × 15 / 31 = 87096.77 → 87097 Wh, the rest 92903
    terms = [Term("2024-01-01", "2026-10-16"), Term("2026-10-16", tariff=1)]
    done = decided(202610, [OCTOBER], terms, [Version(HALF), Version(SIXTY, tariff=1)])
    assert done.segments["wh_total"].tolist() == [87_097, 92_903]
    # 87.097 × 0.5 + 92.903 × 0.6 = 43.5485 + 55.7418 = 99.2903
    assert done.bills["amount"].tolist() == [9929]


def test_an_exchanged_meter_gives_two_pieces() -> None:
    # old meter 100.00 → 150.00, new one 0.00 → 130.00: 180 kWh
    readings = [
        Reading("2026-10-01", 10000, "2026-10-12", 15000, register=10),
        Reading("2026-10-12", 0, "2026-11-01", 13000, register=11),
    ]
    done = decided(202610, readings, [Term("2024-01-01")], [Version(HALF)])
    assert done.bills["wh"].tolist() == [180_000]
    assert done.uses["register_id"].tolist() == [10, 11]


def test_registers_by_period_make_the_energy() -> None:
    # peak 186 × 0.5769 = 107.3034, valley 114 × 0.3769 = 42.9666; block 2 from 2,520 kWh a year: 2,340 + 300 − 2,520
    # = 120 × 0.05 = 6; together 156.27
    plan = shipped("cn-shandong-residential-peak-valley", "2021-07-01")
    readings = [
        Reading("2021-10-01", 1724000, "2021-11-01", 1742600, register=12, tou=2),
        Reading("2021-10-01", 1057400, "2021-11-01", 1068800, register=14, tou=4),
        Reading("2021-10-01", 2781400, "2021-11-01", 2811401, register=10, tou=0),  # 0.01 kWh of rounding is not billed
    ]
    past = [PastBill(202109, "2021-09-01", "2021-10-01", 300_000, 2_040_000)]
    done = decided(202110, readings, [Term("2019-01-01", agreement_since="2019-01-01")], [Version(plan)], past=past)
    assert not done.held
    assert done.bills["wh"].tolist() == [300_000]
    assert done.bills["year_used_wh"].tolist() == [2_340_000]
    assert done.bills["year_months"].tolist() == [12]
    assert done.bills["amount"].tolist() == [15627]


def test_the_year_begins_anew() -> None:
    past = [PastBill(202512, "2025-12-01", "2026-01-01", 200_000, 2_400_000)]
    january = Reading("2026-01-01", 0, "2026-02-01", 18000)
    done = decided(202601, [january], [Term("2024-01-01")], [Version(HALF)], past=past)
    assert done.bills["year_used_wh"].tolist() == [0]


def test_move_in_is_billed_by_its_days_and_months() -> None:
    # in on 20 June: 7 months of entitlement (June to December); 11 days of a period of 30
    term = Term("2026-06-20", agreement_since="2026-06-20")
    done = decided(202606, [Reading("2026-06-20", 0, "2026-07-01", 5000)], [term], [Version(HALF)])
    assert done.bills["year_months"].tolist() == [7]
    assert done.segments["period_days"].tolist() == [30]


def test_move_out_is_a_final_bill() -> None:
    term = Term("2024-01-01", agreement_until="2026-10-12", until="2026-10-12")
    done = decided(202610, [Reading("2026-10-01", 0, "2026-10-12", 5000)], [term], [Version(HALF)])
    assert done.bills["kind"].tolist() == [FINAL]
    assert done.bills["year_months"].tolist() == [12]  # as on the bills before it
    assert done.segments["period_days"].tolist() == [31]


def test_one_who_leaves_is_settled_by_the_months_of_supply() -> None:
    # 900 kWh each in January and February at block 1 (2,520 a year); March's 300 go on there: 300 × 0.5469 = 164.07.
    # Who leaves on 1 April had three months: of 2,100 kWh 630 lie in block 1, 570 in block 2 (0.05 more: 28.50), 900 in
    # block 3 (0.30 more: 270.00): 164.07 + 298.50 = 462.57
    plan = shipped("cn-shandong-residential", "2026-11-01")
    past = [PastBill(202602, "2026-02-01", "2026-03-01", 900_000, 900_000)]
    march = Reading("2026-03-01", 0, "2026-04-01", 30000)
    for until, amount in (("", 16_407), ("2026-04-01", 46_257)):
        term = Term("2024-01-01", until, agreement_until=until)
        done = decided(202603, [march], [term], [Version(plan)], past=past, accept=True)
        assert done.bills["amount"].tolist() == [amount]


def test_two_agreements_of_an_account_are_two_bills() -> None:
    terms = [
        Term("2024-01-01", "2026-10-12", agreement=5, agreement_until="2026-10-12"),
        Term("2026-10-12", agreement=6, agreement_since="2026-10-12"),
    ]
    facts_of = [Reading("2026-10-01", 0, "2026-10-12", 5000), Reading("2026-10-12", 0, "2026-11-01", 4000, register=20)]
    from tests.billing import facts as made

    given = made.facts(202610, facts_of, terms, [Version(HALF)])
    given.readings.agreement_id[:] = [5, 6]
    done = made.decide(given)
    assert done.bills["agreement_id"].tolist() == [5, 6]
    assert done.bills["seq"].tolist() == [1, 2]
    assert done.bills["wh"].tolist() == [50_000, 40_000]


def test_a_true_up_may_be_negative() -> None:
    # estimated 300.00, read 280.00: −20 kWh × 0.50 = −10.00
    past = [PastBill(202609, "2026-09-01", "2026-10-01", 100_000)]
    reading = Reading("2026-10-01", 30000, "2026-11-01", 28000, after_estimate=1)
    done = decided(202610, [reading], [Term("2024-01-01")], [Version(HALF)], past=past)
    assert not done.held
    assert done.bills["amount"].tolist() == [-1000]


def test_an_estimated_reading_marks_the_bill() -> None:
    reading = Reading("2026-10-01", 10000, "2026-11-01", 28000, kind=ESTIMATED)
    done = decided(202610, [reading], [Term("2024-01-01")], [Version(HALF)])
    assert done.bills["estimated"].tolist() == [1]


def test_a_bill_of_nothing_is_a_bill() -> None:
    done = decided(202610, [Reading("2026-10-01", 10000, "2026-11-01", 10000)], [Term("2024-01-01")], [Version(HALF)])
    assert done.bills["amount"].tolist() == [0]
    assert len(done.lines["n"]) == 0


def test_skipped_months_are_billed_together() -> None:
    # August was the last bill; September was not read: 61 days are two months
    past = [PastBill(202608, "2026-08-01", "2026-09-01", 100_000)]
    reading = Reading("2026-09-01", 0, "2026-11-01", 36000)
    done = decided(202610, [reading], [Term("2024-01-01")], [Version(HALF)], past=past)
    assert not done.held
    assert done.segments["period_months"].tolist() == [2]
    assert done.segments["period_days"].tolist() == [61]


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        (reasons.READING_HELD, {"waiting": [(1, 5)]}),
        (reasons.READING_MISSING, {"waiting": [(1, 20)]}),
        (reasons.NO_TARIFF, {"versions": [Version(HALF, until="2026-10-20")]}),
        (reasons.NO_TERMS, {"terms": [Term("2024-01-01", "2026-10-20")]}),
        (reasons.NO_TERMS, {"terms": [Term("2026-10-05")]}),
        (reasons.NO_TERMS, {"terms": []}),
        (reasons.NO_TERMS, {"terms": [Term("2024-01-01", account=2)]}),
        (reasons.EARLIER_OPEN, {"past": [PastBill(202608, "2026-08-01", "2026-09-01", 150_000)]}),
        (reasons.OVERLAPS, {"past": [PastBill(202609, "2026-09-01", "2026-10-03", 150_000)]}),
        (reasons.OVERLAPS, {"later": [(1, "2026-10-20")]}),
        # 20 kWh a day is above the floor of 15; last month 3, last year 2.6
        (
            reasons.TOO_HIGH,
            {
                "readings": [Reading("2026-10-01", 0, "2026-11-01", 62000)],
                "past": [
                    PastBill(202609, "2026-09-01", "2026-10-01", 90_000),
                    PastBill(202510, "2025-10-01", "2025-11-01", 80_000),
                ],
            },
        ),
        (
            reasons.TOO_LOW,
            {
                "readings": [Reading("2026-10-01", 0, "2026-11-01", 100)],
                "past": [PastBill(202609, "2026-09-01", "2026-10-01", 900_000)],
            },
        ),
    ],
)
def test_what_is_held(why: str, changes: dict[str, object]) -> None:
    given: dict[str, object] = {"readings": [OCTOBER], "terms": [Term("2024-01-01")], "versions": [Version(HALF)]}
    done = decided(202610, **(given | changes))  # type: ignore[arg-type]
    assert [each.reason for each in done.held] == [why]
    assert len(done) == 0


def test_a_held_account_does_not_block_the_others() -> None:
    readings = [OCTOBER, Reading("2026-10-01", 0, "2026-11-01", 1000, account=2, register=20)]
    terms = [Term("2024-01-01"), Term("2024-01-01", account=2)]
    done = decided(202610, readings, terms, [Version(HALF)], waiting=[(1, 5)])
    assert done.bills["account_id"].tolist() == [2]
    assert done.uses["account_id"].tolist() == [2]
    assert [each.account_id for each in done.held] == [1]


def test_a_fault_of_rating_drops_the_lines_of_that_bill_alone() -> None:
    """Account 1 has a single register on a tariff by period; account 2 is well."""
    plan = shipped("cn-shandong-residential-peak-valley", "2021-07-01")
    readings = [OCTOBER, Reading("2026-10-01", 0, "2026-11-01", 1000, account=2, register=20)]
    terms = [Term("2024-01-01"), Term("2024-01-01", account=2, tariff=1)]
    done = decided(202610, readings, terms, [Version(plan), Version(HALF, tariff=1)])
    assert [(each.account_id, each.reason) for each in done.held] == [(1, reasons.REGISTERS)]
    assert set(done.lines["account_id"].tolist()) == {2}
    assert done.lines["n"].tolist() == [1]


def test_a_person_who_has_looked_is_believed() -> None:
    past = [PastBill(202609, "2026-09-01", "2026-10-01", 90_000)]
    reading = Reading("2026-10-01", 0, "2026-11-01", 62000)
    done = decided(202610, [reading], [Term("2024-01-01")], [Version(HALF)], past=past, accept=True)
    assert not done.held
    assert done.bills["amount"].tolist() == [31000]


def test_what_is_billed_is_not_billed_again() -> None:
    done = decided(202610, [OCTOBER], [Term("2024-01-01")], [Version(HALF)], taken=[(1, 1, 1, 1)])
    assert (len(done), done.already) == (0, 1)


def test_a_cancelled_bill_makes_room_for_the_next_number() -> None:
    done = decided(202610, [OCTOBER], [Term("2024-01-01")], [Version(HALF)], taken=[(1, 1, 1, 2)])
    assert done.bills["seq"].tolist() == [2]


def test_nothing_to_bill_is_nothing() -> None:
    done = decided(202610, [], [], [Version(HALF)])
    assert len(done) == 0
    assert not done.held


def test_one_bill_too_many_is_held_by_name_and_the_others_go_on() -> None:
    # account 1 has 31 cancelled bills in the period: as many as the numbers of late charges leave room for
    taken = [(1, 1, seq, 2) for seq in range(1, 32)]
    other = Reading("2026-10-01", 10000, "2026-11-01", 28000, account=2, register=20)
    terms = [Term("2024-01-01"), Term("2024-01-01", account=2)]
    done = decided(202610, [OCTOBER, other], terms, [Version(HALF)], taken=taken)
    assert [(each.agreement_id, each.reason) for each in done.held] == [(1, reasons.TOO_MANY)]
    assert (done.bills["account_id"].tolist(), done.bills["amount"].tolist()) == ([2], [9000])
    one_less = decided(202610, [OCTOBER], [Term("2024-01-01")], [Version(HALF)], taken=taken[:-1])
    assert one_less.bills["seq"].tolist() == [31]


def test_an_amount_beyond_the_ledger_is_held_and_the_others_go_on() -> None:
    # 2**53 fen = 90,071,992,547,409.92. At 100,000 a kWh 900 kWh × 1,000,000 come to 90,000,000,000,000.00, 910 to more
    dear = flat_plan("100000")
    above = Reading("2026-10-01", 10000, "2026-11-01", 101000, multiplier=1_000_000)
    below = Reading("2026-10-01", 10000, "2026-11-01", 100000, account=2, register=20, multiplier=1_000_000)
    terms = [Term("2024-01-01"), Term("2024-01-01", account=2)]
    done = decided(202610, [above, below], terms, [Version(dear)])
    assert [(each.agreement_id, each.reason) for each in done.held] == [(1, reasons.BOUNDS)]
    assert done.bills["amount"].tolist() == [9_000_000_000_000_000]
