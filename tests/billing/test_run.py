"""Runs through the public acts: previewed, approved, run, run again; every figure with its arithmetic."""

import pytest
from django.db import connection

from gridhall.billing import public as billing
from gridhall.billing.models import Bill, BillRun, RunSlice
from gridhall.billing.slices import bill_slice
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from tests.billing.town import (
    ACTOR,
    AUGUST,
    LAKE_ONE,
    OTHER_UNIT,
    SEPTEMBER,
    UNIT,
    Town,
    bill_day,
    moment,
    small_town,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return small_town()


def test_from_readings_to_open_items(town: Town) -> None:
    town.read(202608, AUGUST)
    done = town.bill(202608)
    assert (done.state, done.bills, done.held) == ("done", 4, 0)
    # 5 months of entitlement from August: 210 × 5 = 1,050 kWh in the first block
    # Wang 300 × 0.5469 = 164.07; Li 186 × 0.5769 + 114 × 0.3769 = 107.3034 + 42.9666 = 150.27;
    # Zhao 90 × 0.5469 = 49.221 → 49.22; Hill 1 × 0.5469 → 0.55
    amounts = {home: town.of(home, 202608).amount for home in town.accounts}
    assert amounts == {"Wang": 16407, "Li": 15027, "Zhao": 4922, "Hill": 55}
    assert done.amount == 16407 + 15027 + 4922 + 55
    owed = ledger.owed(town.accounts["Li"], moment("2026-09-04"))
    assert (owed.principal, owed.items[0].due_on.isoformat()) == (15027, "2026-09-18")
    assert ledger.check() == []


def test_the_year_goes_on(town: Town) -> None:
    town.read(202608, AUGUST)
    town.bill(202608)
    town.read(202609, SEPTEMBER)
    town.bill(202609)
    wang = town.of("Wang", 202609)
    assert (wang.wh, wang.year_used_wh, wang.year_months) == (260_000, 300_000, 5)
    assert wang.blocks is not None
    assert [(b.used_wh, b.current) for b in wang.blocks.blocks] == [(560_000, True), (0, False), (0, False)]
    assert [m.wh for m in billing.months_of(town.accounts["Wang"], 202609, 3)] == [0, 300_000, 260_000]


def test_a_bill_explains_itself(town: Town) -> None:
    town.read(202608, AUGUST)
    town.bill(202608)
    li = town.of("Li", 202608)
    assert [line.sentence_en for line in li.lines] == [
        "186 kWh of peak energy at 0.5769: 107.30",
        "114 kWh of valley energy at 0.3769: 42.97",
    ]
    assert li.lines[0].sentence_zh == "高峰 186 千瓦时 × 0.5769 元 = 107.30 元"
    assert [line.exact for line in li.lines] == ["107.3034", "42.9666"]
    assert sum(line.amount for line in li.lines) == li.amount
    assert [(use.tou, use.previous_text, use.current_text, use.wh) for use in li.uses] == [
        (0, "0.00", "300.00", 300_000), (2, "0.00", "186.00", 186_000), (4, "0.00", "114.00", 114_000),
    ]  # fmt: skip
    assert li.uses[0].meter_serial == "M1"
    assert li.tariff.sample
    wang = town.of("Wang", 202608)
    assert wang.lines[0].sentence_en == "300 kWh in the 1st block at 0.5469: 164.07"
    assert (
        wang.sentence_zh
        == "31天用电 300 千瓦时，电费合计 164.07 元。今年累计 300 千瓦时，处于第一档，距下一档还有 750 千瓦时。"
    )


def test_a_preview_writes_nothing_and_tells_everything(town: Town) -> None:
    town.read(202608, AUGUST | {"Zhao": 9000})
    with clock.at(moment(bill_day(202608))):
        seen = billing.preview(ACTOR, 202608)
    assert seen.preview is not None
    assert [(t.unit_id, t.class_code, t.bills, t.amount) for t in seen.preview.totals] == [
        (UNIT, 1, 3, 16407 + 15027 + 4922), (OTHER_UNIT, 1, 1, 55),
    ]  # fmt: skip
    assert not Bill.objects.exists()
    assert seen.preview.held == 0


def test_a_preview_shows_outliers_and_what_is_missing(town: Town) -> None:
    town.read(202608, AUGUST)
    town.bill(202608)
    # Wang: 1,000 kWh after 300; not too high by six times, but an outlier beyond 2.5 times. Zhao is not read.
    town.read(202609, {"Wang": 130000, "Li": SEPTEMBER["Li"], "Hill": 9100}, kind=[1] * 5)
    with clock.at(moment(bill_day(202609))):
        seen = billing.preview(ACTOR, 202609)
    assert seen.preview is not None
    assert [(h.unit_id, h.reason, h.count) for h in seen.preview.holds] == [(UNIT, "reading_missing", 1)]
    assert [(o.account_id, o.wh, o.last_month_wh, o.held) for o in seen.preview.outliers] == [
        (town.accounts["Wang"], 1_000_000, 300_000, False)
    ]


def test_one_who_previews_does_not_approve(town: Town) -> None:
    town.read(202608, AUGUST)
    officer, manager = staff("billing", "Zhou"), staff("manager", "Wu")
    with clock.at(moment(bill_day(202608))):
        seen = billing.preview(officer, 202608)
        with pytest.raises(Refusal, match="may not") as refused:
            billing.approve(officer, seen.id)
        assert refused.value.code == "not_allowed"
        with pytest.raises(Refusal) as refused:
            billing.run(officer, seen.id, 0)
        assert refused.value.code == "wrong_state"
        own = billing.preview(manager, 202608)
        with pytest.raises(Refusal) as refused:
            billing.approve(manager, own.id)
        assert refused.value.code == "own_run"
        assert billing.approve(manager, seen.id).state == "approved"
        assert billing.run(officer, seen.id, 0).bills == 4


def test_two_runs_cannot_bill_the_same_unit_at_once(town: Town) -> None:
    with clock.at(moment(bill_day(202608))):
        first, second = billing.preview(ACTOR, 202608, [UNIT]), billing.preview(ACTOR, 202608)
        billing.approve(ACTOR, first.id)
        with pytest.raises(Refusal) as refused:
            billing.approve(ACTOR, second.id)
    assert refused.value.code == "run_overlaps"


def test_staff_of_a_unit_bill_that_unit_alone(town: Town) -> None:
    town.read(202608, AUGUST)
    officer = staff("billing", "Zhou", [OTHER_UNIT])
    with clock.at(moment(bill_day(202608))):
        assert billing.preview(officer, 202608).unit_ids == (OTHER_UNIT,)
        with pytest.raises(Refusal) as refused:
            billing.preview(officer, 202608, [UNIT])
    assert refused.value.code == "not_allowed"


def test_a_second_run_is_harmless(town: Town) -> None:
    """Two people preview the same month; the second run is approved when the first is done."""
    town.read(202608, AUGUST)
    with clock.at(moment(bill_day(202608))):
        second = billing.preview(ACTOR, 202608)
        town.bill(202608)
        before = _all_rows()
        billing.approve(ACTOR, second.id)
        again = billing.run(ACTOR, second.id, 0)
    assert (again.state, again.bills) == ("done", 0)
    assert _all_rows() == before


def test_an_interrupted_run_goes_on(town: Town) -> None:
    town.read(202608, AUGUST)
    with clock.at(moment(bill_day(202608))):
        run = billing.approve(ACTOR, billing.preview(ACTOR, 202608).id)
        seen: list[int] = []

        def stop(view: billing.RunView) -> None:
            seen.append(view.slices_done)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            billing.run(ACTOR, run.id, 0, stop)
        assert billing.run_view(run.id).state == "running"
        assert billing.run_view(run.id).slices_done == 1
        # a slice that is done stays done, whoever asks
        row = RunSlice.objects.get(run_id=run.id, unit_id=UNIT)
        assert not bill_slice(run.id, row.unit_id, row.n, moment(bill_day(202608))).fresh
        done = billing.resume(ACTOR, run.id, 0)
    assert (done.state, done.bills, done.slices_done) == ("done", 4, 2)


def test_a_late_reading_is_billed_by_the_next_run(town: Town) -> None:
    town.read(202608, {home: value for home, value in AUGUST.items() if home != "Zhao"})
    done = town.bill(202608)
    assert (done.bills, done.held) == (3, 1)
    hold = billing.holds()[0]
    assert (hold.account_id, hold.reason) == (town.accounts["Zhao"], "reading_missing")
    town.read(202608, {"Zhao": 9000})
    assert town.bill(202608).bills == 1
    assert billing.holds() == []
    assert billing.holds(open_only=False)[0].outcome == "billed"


def test_a_month_that_was_never_read_is_covered_by_the_next(town: Town) -> None:
    town.read(202608, {home: value for home, value in AUGUST.items() if home != "Zhao"})
    town.bill(202608)
    town.read(202609, {"Wang": 56000, "Li": SEPTEMBER["Li"], "Hill": 9100})
    # the reading waits for a person, since a month is missing; he accepts it
    with clock.at(moment(bill_day(202609))):
        from gridhall.metering import public as metering

        metering.take_readings(
            ACTOR,
            metering.NewReadings(
                register_id=[town.registers["Zhao"][0]], value=[18000], read_on=[clock.today().replace(day=1)]
            ),
        )
        waiting = metering.held(account_id=town.accounts["Zhao"])
        if waiting:
            metering.settle_held(ACTOR, [waiting[0].id], "accepted")
    town.bill(202609)
    zhao = town.of("Zhao", 202609)
    assert (zhao.wh, zhao.from_on.isoformat(), zhao.days) == (180_000, "2026-08-01", 61)
    assert billing.holds(open_only=False)[0].outcome == "covered"


def test_every_bill_rates_again_to_the_fen(town: Town) -> None:
    town.read(202608, AUGUST)
    town.bill(202608)
    town.read(202609, SEPTEMBER)
    town.bill(202609)
    rows = list(Bill.objects.all())
    assert len(rows) == 8
    for row in rows:
        assert billing.rate_again(row.account_id, row.period, row.seq) == row.amount
    assert [billing.rate_period_again(period) for period in (202608, 202609)] == [(4, []), (4, [])]


def test_runs_and_their_difference(town: Town) -> None:
    town.read(202608, AUGUST)
    first = town.bill(202608)
    town.read(202609, SEPTEMBER)
    second = town.bill(202609)
    report = billing.difference_of_runs(first.id, second.id)
    assert (report.bills, report.before_amount, report.after_amount) == (4, first.amount, second.amount)
    changes = {row.account_id: row.change for row in report.rows}
    # Wang used 260 kWh after 300: 40 × 0.5469 = 21.876 less
    assert changes[town.accounts["Wang"]] == -2188
    assert BillRun.objects.count() == 2


def test_print_files_hold_every_bill_of_the_area(town: Town, tmp_path: object) -> None:
    import pikepdf

    town.read(202608, AUGUST)
    town.bill(202608)
    path = billing.print_file(ACTOR, LAKE_ONE, 202608)
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) == 2
    assert billing.document(town.accounts["Li"], 202608, 1, "en").startswith(b"%PDF")


def _all_rows() -> list[object]:
    found: list[object] = []
    with connection.cursor() as cursor:
        for table in ("bill", "bill_line", "bill_use", "bill_segment", "open_item", "movement", "balance"):
            cursor.execute(f"SELECT * FROM {table} t ORDER BY t")
            found.append(cursor.fetchall())
    return found
