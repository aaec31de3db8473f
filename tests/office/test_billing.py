"""Readings settled, bills run, held, released, cancelled, made again, compared and printed: by several people."""

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from gridhall.billing import public as billing
from gridhall.doors.office import jobs, models
from gridhall.doors.office.views import runs
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import excusing
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from tests.office.conftest import Enter
from tests.office.town import SYSTEM, Town


def work(client: Client, answer_at: str) -> str:
    """Do the job that a screen asked for, as the worker would; where its page leads then."""
    job_id = int(answer_at.rstrip("/").split("/")[-1])
    assert ProcrastinateJob.objects.filter(task_name="gridhall.office.job", args__job_id=job_id).exists()
    assert client.get(f"{answer_at}/progress").status_code == 200
    jobs.do(job_id)
    done = client.get(answer_at)
    assert done.status_code == 302, done.content.decode()
    return str(done.headers["Location"])


def run_october(town: Town, enter: Enter) -> tuple[Client, str]:
    """Preview by the officer, approval by the manager, run by the officer; the address of the run."""
    officer, manager = enter("billing"), enter("manager")
    asked = officer.post("/office/runs", {"period": "2026-10"})
    where = work(officer, asked.headers["Location"])
    manager.post(f"{where}/approve")
    officer.post(f"{where}/start")
    (job,) = models.Job.objects.filter(kind="run")
    jobs.do(job.pk)
    return officer, where


def test_a_run_goes_from_preview_by_one_to_approval_by_another_to_bills(town: Town, enter: Enter) -> None:
    officer, manager = enter("billing"), enter("manager")
    asked = officer.post("/office/runs", {"period": "2026-10"})
    where = work(officer, asked.headers["Location"])
    page = officer.get(where).content.decode()
    assert "Would be held" in page
    officer.post(f"{where}/start")
    assert not models.Job.objects.filter(kind="run").exists(), "a run that nobody approved does not start"
    assert officer.post(f"{where}/approve").status_code == 403
    assert "runs to approve" in manager.get("/office/").content.decode()
    waits = "<span>units whose last month waits to be billed</span>"
    assert waits in manager.get("/office/").content.decode(), "a card: nothing of the month is billed"
    manager.post(f"{where}/approve")
    officer.post(f"{where}/start")
    officer.post(f"{where}/start")
    (job,) = models.Job.objects.filter(kind="run")
    assert "hx-get" in officer.get(where).content.decode(), "the page asks how far it is"
    jobs.do(job.pk)
    jobs.do(job.pk)
    assert waits not in manager.get("/office/").content.decode(), "all units are billed"
    run = billing.run_view(int(where.rsplit("/", 1)[1]))
    # ten homes; one reading is held, one is missing
    assert (run.state, run.bills, run.held) == ("done", 8, 2)
    assert officer.get(f"{where}/progress").status_code == 200
    assert officer.get(f"{where}/progress", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_who_previewed_may_not_approve(town: Town, enter: Enter) -> None:
    manager = enter("manager")
    where = work(manager, manager.post("/office/runs", {"period": "2026-10"}).headers["Location"])
    assert "somebody else must approve" in manager.get(where).content.decode()
    manager.post(f"{where}/approve", headers={"Referer": f"http://testserver{where}"})
    assert billing.run_view(int(where.rsplit("/", 1)[1])).state == "previewed"


def test_a_run_that_nobody_wants_is_put_away(town: Town, enter: Enter) -> None:
    officer = enter("billing")
    where = work(officer, officer.post("/office/runs", {"period": "2026-10"}).headers["Location"])
    officer.post(f"{where}/abandon")
    assert billing.run_view(int(where.rsplit("/", 1)[1])).state == "abandoned"


def test_a_job_that_is_refused_says_why(town: Town, enter: Enter) -> None:
    officer = enter("billing")
    asked = officer.post("/office/runs", {"period": "1999-01"}).headers["Location"]
    jobs.do(int(asked.rsplit("/", 1)[1]))
    job = models.Job.objects.get(pk=int(asked.rsplit("/", 1)[1]))
    if job.state == models.FAILED:
        assert job.refused_en in officer.get(asked).content.decode()
        assert job.refused_zh
    else:  # nothing to bill so long ago: a run of nothing
        assert officer.get(f"/office/runs/{job.result['run']}").status_code == 200


def test_nobody_sees_another_ones_job(town: Town, enter: Enter) -> None:
    officer = enter("billing")
    asked = officer.post("/office/runs", {"period": "2026-10"}).headers["Location"]
    assert enter("clerk").get(asked).status_code == 404
    assert enter("manager").get(asked).status_code == 200


@pytest.mark.parametrize("outcome", ["accepted", "estimated", "rejected", "corrected"])
def test_a_held_reading_is_settled(town: Town, enter: Enter, outcome: str) -> None:
    """The second meter shows 130000 where 140000 was before."""
    reader = enter("reader")
    (held,) = metering.held([101])
    page = reader.get(f"/office/readings/{held.account_id}/{held.id}").content.decode()
    assert held.serial in page
    assert "1,300.00" in page
    form = {"held": str(held.id), "account": str(held.account_id), "outcome": outcome, "note": "was there"}
    reader.post("/office/readings/settle", form | ({"value": "1600.00"} if outcome == "corrected" else {}))
    (after,) = metering.held([101], account_id=town.held, open_only=False)
    if outcome == "accepted" and after.settled_at is None:
        assert "below" in after.code, "a value below the one before is only taken where the register rolled over"
        return
    assert (after.outcome, after.settled_by) == (outcome, "reader")
    if outcome == "corrected":
        assert metering.register_values(town.held, 1)[0].value == 160_000
    assert reader.get(f"/office/readings/{held.account_id}/{held.id}").status_code == 200


def test_a_reading_of_another_unit_is_not_settled(town: Town, enter: Enter) -> None:
    (held,) = metering.held([101])
    from gridhall.kernel.models import StaffAccess

    StaffAccess.objects.filter(user_id=town.users["reader"]).update(units=[102])
    reader = enter("reader")
    reader.post("/office/readings/settle", {"held": str(held.id), "outcome": "estimated"})
    assert metering.held([101])[0].settled_at is None
    assert reader.get(f"/office/readings/{held.account_id}/{held.id}").status_code == 404


def test_a_wrong_value_is_said_and_nothing_is_settled(town: Town, enter: Enter) -> None:
    reader = enter("reader")
    (held,) = metering.held([101])
    form = {"held": str(held.id), "account": str(held.account_id), "outcome": "corrected", "value": "about 1600"}
    reader.post("/office/readings/settle", form)
    reader.post("/office/readings/settle", form | {"value": "", "outcome": "guessed"})
    assert metering.held([101])[0].settled_at is None


def test_a_held_bill_is_released_after_its_reading_was_put_right(town: Town, enter: Enter) -> None:
    officer, _where = run_october(town, enter)
    (held,) = metering.held([101])
    metering.settle_held(SYSTEM, [held.id], "corrected", {held.id: 160_000})
    (hold,) = billing.holds(account_id=town.held)
    assert "A reading of this period" in officer.get("/office/holds").content.decode()
    officer.post("/office/holds/release", {"hold": str(hold.id), "outcome": "corrected", "reason": "read again"})
    assert billing.holds(account_id=town.held) == []
    bill = billing.bills_of(town.held)[0]
    assert (bill.period, bill.wh) == (202610, 200_000)


def test_a_bill_is_cancelled_and_made_again_with_a_reason(town: Town, enter: Enter) -> None:
    officer = enter("billing")
    account = town.lake[0]
    bill = f"/office/customers/{account}/bill/202609/1"
    officer.post(f"{bill}/check")
    assert "same amount to the last unit" in officer.get(bill).content.decode()
    officer.post(f"{bill}/cancel", {"reason": ""})
    assert billing.bill(account, 202609, 1).state == billing.ISSUED
    officer.post(f"{bill}/cancel", {"reason": "wrong meter"})
    assert billing.bill(account, 202609, 1).state == billing.CANCELLED
    assert AuditEntry.objects.filter(act__startswith="bill", reason="wrong meter", actor_name="billing").exists()
    again = officer.post(f"{bill}/again", {"reason": "right meter"})
    assert again.headers["Location"] == f"/office/customers/{account}/bill/202609/2"
    assert ledger.owed(account, clock.now()).principal == 2 * 10_938


def test_two_runs_are_laid_side_by_side(town: Town, enter: Enter) -> None:
    officer = enter("billing")
    first, second = (run.id for run in billing.runs(SYSTEM))
    same = officer.post("/office/differences", {"of": "runs", "a": first, "b": first})
    assert same.status_code == 200
    asked = officer.post("/office/differences", {"of": "runs", "a": second, "b": first})
    where = work(officer, asked.headers["Location"])
    page = officer.get(where).content.decode()
    assert "Difference report" in page
    job = where.rsplit("/", 1)[1]
    whole = b"".join(officer.get(f"/office/jobs/{job}/file").streaming_content)  # type: ignore[attr-defined]
    assert whole.startswith(b"\xef\xbb\xbfaccount,")


def test_print_files_are_made_an_area_at_a_time(town: Town, enter: Enter) -> None:
    officer = enter("billing")
    officer.post("/office/prints", {"period": "2026-09", "area": "station:S1", "language": "en"})
    asked = list(models.Job.objects.filter(kind="print").order_by("id"))
    assert [job.asked["area"] for job in asked] == [10101, 10102]
    jobs.do(asked[0].pk)
    jobs.do(asked[1].pk)
    page = officer.get("/office/prints").content.decode()
    assert f"/office/jobs/{asked[0].pk}/file" in page
    pdf = b"".join(officer.get(f"/office/jobs/{asked[0].pk}/file").streaming_content)  # type: ignore[attr-defined]
    assert pdf.startswith(b"%PDF")
    assert enter("reader").get(f"/office/jobs/{asked[0].pk}/file").status_code == 404


def test_a_month_is_closed_once_it_is_over(town: Town, enter: Enter) -> None:
    manager = enter("manager")
    assert manager.post("/office/ledger/close", {"unit": "101", "period": "2026-11"}).status_code == 409
    manager.post("/office/ledger/close", {"unit": "101", "period": "202609"})
    assert ledger.trial_balance(101, 202609).closed
    assert "period closed" in manager.get("/office/ledger?unit=101&period=2026-09").content.decode()
    rows = manager.get("/office/ledger?unit=101&period=202609&as=csv").content.decode("utf-8-sig").splitlines()
    assert rows[0] == "Account,Account name,Opening,Debit,Credit,Closing"


def test_a_missing_reading_is_entered_from_the_hold_and_the_bill_is_made(town: Town, enter: Enter) -> None:
    officer, _ = run_october(town, enter)
    page = officer.get("/office/holds?period=202610").content.decode()
    at = f"/office/readings/missing/{town.missing}/202610"
    assert at in page
    assert f"/office/readings/{town.held}/" in page
    assert "Release as it is" not in page, "nobody can accept a reading that is not there"
    assert "value_" in officer.get(at).content.decode()
    (register,) = metering.missing_registers(town.missing, 101, 202610)
    officer.post(at, {"read_on": "2026-11-01", f"value_{register}": "1600.00", "outcome": "entered"})
    assert metering.missing_registers(town.missing, 101, 202610) == []
    assert "Every register has a reading" in officer.get(at).content.decode()
    (hold,) = billing.holds([101], 202610, town.missing)
    officer.post("/office/holds/release", {"hold": str(hold.id), "outcome": "corrected"})
    assert billing.holds([101], 202610, town.missing) == []
    assert billing.bills_of(town.missing)[0].period == 202610


def test_a_missing_reading_is_estimated_for_one_customer(town: Town, enter: Enter) -> None:
    officer, _ = run_october(town, enter)
    at = f"/office/readings/missing/{town.missing}/202610"
    officer.post(at, {"outcome": "estimated"})
    (value, *_rest) = [each for each in metering.register_values(town.missing) if each.period == 202610]
    assert value.kind == metering.ESTIMATED
    assert enter("clerk").get(at).status_code == 403
    assert officer.get(f"/office/readings/missing/{town.hill[0]}/202610").status_code == 200


def test_what_lacks_a_reading_is_not_released_as_it_is(town: Town, enter: Enter) -> None:
    run_october(town, enter)
    (hold,) = billing.holds([101], 202610, town.missing)
    with pytest.raises(Refusal) as refused:
        billing.release_hold(SYSTEM, [hold.id], "accepted")
    assert refused.value.code == "needs_correction"
    assert billing.holds([101], 202610, town.missing) == [hold]


def test_holds_and_runs_are_paged_filtered_and_listed(
    town: Town, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, _ = run_october(town, enter)
    monkeypatch.setattr(runs, "A_PAGE", 1)
    first, second = (officer.get(f"/office/holds?page={page}").content.decode() for page in (1, 2))
    assert ("1 / 2" in first, "2 / 2" in second) == (True, True)
    only = officer.get("/office/holds?reason=reading_missing").content.decode()
    assert f"/office/customers/{town.missing}" in only
    assert f"/office/customers/{town.held}" not in only
    assert "1 / 3" in officer.get("/office/runs").content.decode()
    table = officer.get("/office/runs?as=csv").content.decode("utf-8-sig").splitlines()
    assert len(table) == 4
    assert ",2026-10," in table[1]


def test_of_a_run_over_two_units_an_officer_of_one_sees_his(town: Town, enter: Enter) -> None:
    _, where = run_october(town, enter)
    number = int(where.rsplit("/", 1)[1])
    whole = billing.run_view(number)
    officer = Actor("staff", "hill", "office", permissions=frozenset(("runs.see",)), units=frozenset((102,)))
    mine = billing.run_for(officer, number)
    assert whole.preview is not None
    assert mine.preview is not None
    assert mine.unit_ids == (102,)
    assert {row.unit_id for row in mine.preview.totals} == {102}
    assert (mine.bills, mine.preview.bills, mine.preview.held) == (4, 4, 0)
    assert (whole.bills, whole.preview.held) == (8, 2)
    assert billing.runs(officer)[0] == mine
    with pytest.raises(Refusal) as refused:
        billing.run_for(Actor("staff", "none", "office", units=frozenset((999,))), number)
    assert refused.value.code == "unknown_run"


def test_a_cancelled_bill_says_why_and_what_stands_in_its_place(town: Town, enter: Enter) -> None:
    officer, _ = run_october(town, enter)
    account = town.lake[0]
    officer.post(f"/office/customers/{account}/bill/202610/1/again", {"reason": "wrong meter"})
    page = officer.get(f"/office/customers/{account}/bill/202610/1").content.decode()
    assert "wrong meter" in page
    assert f"/office/customers/{account}/bill/202610/2" in page


def test_a_bill_is_put_in_dispute_and_the_dispute_ended(town: Town, enter: Enter) -> None:
    officer, account = enter("billing"), town.lake[0]
    bill = f"/office/customers/{account}/bill/202609/1"
    try:
        officer.post(f"{bill}/dispute", {"reason": ""})
        assert ledger.exemptions(account) == []
        officer.post(f"{bill}/dispute", {"reason": "the meter runs fast"})
        assert [each.reason for each in ledger.exemptions(account)] == ["the meter runs fast"]
        page = officer.get(bill).content.decode()
        assert "End the dispute" in page
        assert "the meter runs fast" in page
        officer.post(f"{bill}/dispute", {"reason": "it does not"})
        assert ledger.exemptions(account) == []
    finally:
        excusing.forget()
