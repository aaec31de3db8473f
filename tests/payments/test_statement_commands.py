"""`gridhall statement`: an account entered, a statement brought in and matched, what waits given away."""

import json
from pathlib import Path

import pytest

from gridhall.doors.cli import statements
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check
from tests.payments.statement_town import OURS, OWED, Line, camt, csv_zh, owing
from tests.payments.test_partner_commands import told

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_statement_from_the_command_line(tmp_path: Path) -> None:
    """25.00 go to their account by the number; 30.00 wait, and are split over two accounts by hand."""
    first, second, third = owing(3)
    told(statements.app, "account", OURS, "Bank of Lakes", "湖银行", "--unit", "1", "--virtual", "9988")
    (listed,) = json.loads(told(statements.app, "accounts", "--json"))
    assert (listed["number"], listed["post_points"]) == (OURS, 80)
    assert OURS in told(statements.app, "accounts")
    file = tmp_path / "a.xml"
    file.write_bytes(camt([Line(OWED, first), Line(3_000, "rent", name="A landlord")]))
    done = json.loads(told(statements.app, "load", str(file), "--json"))
    assert done["matched"] == {"looked_at": 2, "posted": 1, "amount": OWED}
    assert "had come before" in told(statements.app, "load", str(file))
    assert "0 of 1 matched" in told(statements.app, "match")
    (item,) = json.loads(told(statements.app, "waiting", "--json"))
    assert (item["open"], item["proposals"]) == (3_000, [])
    assert "landlord" in told(statements.app, "waiting")
    told(statements.app, "accept", str(item["id"]), f"{second}={OWED}", f"{third}=500")
    assert [balances([each])[each].owed for each in (1, 2, 3)] == [0, 0, 2_000]
    assert "S-1" in told(statements.app, "list")
    assert json.loads(told(statements.app, "list", "--gaps", "--json")) == []
    assert check() == []


def test_a_file_that_cannot_be_read_is_a_refusal_with_its_line(tmp_path: Path) -> None:
    owing(1)
    told(statements.app, "account", OURS, "Bank of Lakes", "湖银行", "--unit", "1")
    file = tmp_path / "a.csv"
    file.write_bytes(csv_zh([Line(100, "a")]).replace(b",1.00,", b",x,", 1))
    with pytest.raises(Refusal) as no:
        told(statements.app, "load", str(file), "--form", "csv", "--account", OURS)
    assert (no.value.code, no.value.row, no.value.field) == ("bad_statement", 3, "收入金额")
