"""The books and the payments at the command line, and the sandbox bank as a process of its own."""

import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import httpx
import pytest
from django.db import connection
from pytest_django import Settings
from typer.testing import CliRunner

from gridhall.doors.cli import ledger, payments
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments.public import PaymentIn, receive
from gridhall.territory.models import AccountingUnit
from tests.payments.town import SYSTEM, bill, make_accounts, moment

RUN = CliRunner()


@pytest.mark.django_db
def test_check_and_rebuild() -> None:
    make_accounts(1)
    bill(1, 202610, 5_000, issued=date(2026, 11, 2), due=date(2026, 11, 17))
    assert RUN.invoke(ledger.app, ["check"]).exit_code == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE balance SET owed = 1")
    told = RUN.invoke(ledger.app, ["check", "--json"])
    assert told.exit_code == 1
    assert {"balance_owed", "control_receivable"} <= {row["check"] for row in json.loads(told.stdout)["broken"]}
    plain = RUN.invoke(ledger.app, ["check"])
    assert "balance 1: balance_owed: is 1 from 202610, should be 5000 from 202610" in plain.stdout
    assert json.loads(RUN.invoke(ledger.app, ["rebuild", "--json"]).stdout)["balances"] == 1
    assert RUN.invoke(ledger.app, ["check"]).exit_code == 0


@pytest.mark.django_db
def test_trial_balance_and_close(settings: Settings) -> None:
    AccountingUnit.objects.create(id=1, code="U1", name_en="Unit", name_zh="单元")
    make_accounts(1)
    with clock.at(moment(2026, 11, 5)):
        bill(1, 202609, 5_000, issued=date(2026, 10, 2), due=date(2026, 11, 17))
        told = RUN.invoke(ledger.app, ["trial-balance", "--period", "2026-10", "--unit", "U1", "--json"])
        books = json.loads(told.stdout)
        assert books["balanced"]
        assert {row["code"]: row["debit"] for row in books["rows"]}[1122] == 5_000
        assert "50.00" in RUN.invoke(ledger.app, ["trial-balance", "--period", "202610"]).stdout
        settings.CURRENCY_DECIMALS = 0
        assert "5,000 " in RUN.invoke(ledger.app, ["trial-balance", "--period", "202610"]).stdout
        closed = RUN.invoke(ledger.app, ["close", "--period", "2026-10", "--unit", "U1", "--json"])
        assert json.loads(closed.stdout)["closed"]
        again = RUN.invoke(ledger.app, ["close", "--period", "2026-10", "--unit", "U1"])
        assert isinstance(again.exception, Refusal)
        assert again.exception.code == "period_closed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["trial-balance", "--period", "2026-13"], "bad_period"),
        (["trial-balance", "--period", "next"], "bad_period"),
        (["trial-balance", "--period", "2026-10", "--unit", "nowhere"], "unknown_unit"),
        (["close", "--period", "2026-10", "--unit", "all"], "unknown_unit"),
    ],
)
def test_refused_at_the_command_line(arguments: list[str], code: str) -> None:
    result = RUN.invoke(ledger.app, arguments)
    assert isinstance(result.exception, Refusal)
    assert result.exception.code == code


@pytest.mark.django_db
def test_the_money_of_a_day() -> None:
    make_accounts(2)
    with clock.at(moment(2026, 11, 5)):
        receive(SYSTEM, [PaymentIn(1_000, "a", 1), PaymentIn(2_050, "b", 2)])
        told = json.loads(RUN.invoke(payments.app, ["day", "--json"]).stdout)
        assert (told["day"], told["net"], told["rows"][0]["count"]) == ("2026-11-05", 3_050, 2)
        assert "30.50" in RUN.invoke(payments.app, ["day", "--on", "2026-11-05"]).stdout
        assert json.loads(RUN.invoke(payments.app, ["day", "--on", "2026-11-04", "--json"]).stdout)["rows"] == []
        assert json.loads(RUN.invoke(payments.app, ["resolve", "--json"]).stdout) == []


def test_sandbox_bank_as_a_process(tmp_path: Path) -> None:
    """It starts, takes a command, keeps its keys to itself, refuses a mode that it does not know, and stops."""
    code = "from gridhall.adapters.sandbox_bank.command import app; app()"
    here = {**os.environ, "GRIDHALL_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--port", "0", "--mode", "well"], env={**here, "GRIDHALL_SANDBOX_BANK_URL": "http://127.0.0.1:0"},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        address = next(line for line in process.stderr if "Sandbox bank at" in line).split()[-1]
        for _ in range(50):
            try:
                assert httpx.get(f"{address}/health", trust_env=False).status_code == 200
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        assert httpx.post(f"{address}/control", json={"mode": "late"}, trust_env=False).json() == {"mode": "late"}
        assert httpx.post(f"{address}/control", json={"mode": "odd"}, trust_env=False).status_code == 400
        assert httpx.get(f"{address}/pay?order=x", trust_env=False).status_code == 400
        unsigned = httpx.post(f"{address}/query", json={"order_no": "x"}, trust_env=False)
        assert unsigned.status_code == 400
    finally:
        process.terminate()
        process.wait(10)
    for key in (tmp_path / "sandbox_bank").glob("*.pem"):
        assert key.stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_a_class_is_exempted_listed_and_ended() -> None:
    with clock.at(moment(2026, 11, 5)):
        said = ["--class", "residential", "--since", "2026-11-06", "--until", "2026-12-01", "--reason", "flood"]
        made = RUN.invoke(ledger.app, ["late", "exempt", *said])
        assert "residential from 2026-11-06 to before 2026-12-01" in made.stdout
        listed = json.loads(RUN.invoke(ledger.app, ["late", "list", "--class", "residential", "--json"]).stdout)
        (row,) = listed["exemptions"]
        assert (row["class_code"], row["since"], row["until"], row["reason"]) == (
            1,
            "2026-11-06",
            "2026-12-01",
            "flood",
        )
        early = RUN.invoke(
            ledger.app, ["late", "exempt", "--class", "residential", "--since", "2026-11-05", "--reason", "x"]
        )
        assert isinstance(early.exception, Refusal)
        assert early.exception.code == "day_too_early"
        nobody = RUN.invoke(ledger.app, ["late", "exempt", "--since", "2026-11-06", "--reason", "x"])
        assert isinstance(nobody.exception, Refusal)
        assert nobody.exception.code == "needs_subject"
        RUN.invoke(ledger.app, ["late", "end", str(row["id"]), "--reason", "over"])
    with clock.at(moment(2026, 11, 7)):
        again = json.loads(RUN.invoke(ledger.app, ["late", "list", "--class", "residential", "--json"]).stdout)
        assert again["exemptions"] == []
