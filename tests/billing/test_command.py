"""`gridhall bill …`: what a person at the command line does, and what a machine reads."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.cli.bill import app
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from tests.billing.town import AUGUST, Town, bill_day, moment, small_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    made = small_town()
    made.read(202608, AUGUST)
    return made


def call(*words: str, day: str = "", says: str = "") -> str:
    with clock.at(moment(day or bill_day(202608))):
        done = CliRunner().invoke(app, list(words), input=says)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def number(town: Town, home: str) -> str:
    found = customers.account(town.accounts[home])
    assert found is not None
    return found.number


def test_a_dry_run_issues_nothing(town: Town) -> None:
    shown = json.loads(call("run", "--period", "2026-08", "--dry-run", "--json"))
    assert sum(row["bills"] for row in shown["preview"]["totals"]) == 4
    assert billing.bills_of(town.accounts["Wang"]) == []
    assert billing.run_view(shown["run"]).state == "abandoned"


def test_run_asks_before_it_issues(town: Town) -> None:
    with pytest.raises(AssertionError):
        call("run", "--period", "2026-08", says="n\n")
    assert billing.bills_of(town.accounts["Wang"]) == []


def test_run_show_document_print_and_put_right(town: Town, tmp_path: Path) -> None:
    done = json.loads(call("run", "--period", "202608", "--yes", "--processes", "0", "--json"))
    assert (done["state"], done["bills"], done["amount"]) == ("done", 4, 16407 + 15027 + 4922 + 55)
    wang = number(town, "Wang")
    assert "300 kWh in the 1st block at 0.5469: 164.07" in call("show", wang, "--period", "2026-08")
    assert json.loads(call("show", wang, "--period", "2026-08", "--json"))["amount"] == 16407
    pdf = tmp_path / "bill.pdf"
    call("document", wang, "--period", "2026-08", "--language", "en", "--out", str(pdf))
    assert pdf.read_bytes().startswith(b"%PDF")
    again = json.loads(call("rebill", wang, "--period", "2026-08", "--reason", "trial", "--json"))
    assert again["bills"] == [{"account_id": town.accounts["Wang"], "period": 202608, "seq": 2}]
    assert "is cancelled" in call("cancel", wang, "--period", "2026-08", "--reason", "trial")
    assert call("holds") == "0 waiting.\n"
    assert f"{done['run']}: 2026-08 done, 2/2 slices, 4 bills" in call("runs")


def test_only_some_units(town: Town) -> None:
    done = json.loads(call("run", "--period", "2026-08", "--unit", "U2", "--yes", "--processes", "0", "--json"))
    assert done["bills"] == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "--period", "2026-13"), "bad_period"),
        (("run", "--period", "2026-08", "--unit", "U9"), "unknown_unit"),
        (("show", "0000000000", "--period", "2026-08"), "unknown_account"),
        (("print", "--period", "2026-08", "--area", "nowhere"), "unknown_area"),
        (("print", "--period", "2026-08"), "nothing_to_print"),
        (("difference", "1", "2"), "unknown_run"),
        (("release", "77", "--reason", "x"), "unknown_hold"),
    ],
)
def test_refusals_have_names(town: Town, words: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        call(*words)
    assert refused.value.code == code
