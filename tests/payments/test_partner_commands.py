"""`gridhall partner` and `gridhall reconcile`: a bank entered, its day brought in, released and settled."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridhall.doors.cli import partners, reconcile
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check
from gridhall.payments import public as payments
from tests.payments.partner_town import OWED, owing_accounts

pytestmark = pytest.mark.django_db(transaction=True)


def told(app: object, *arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))  # type: ignore[arg-type]  # a Typer
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_a_bank_is_entered_and_its_day_is_brought_in(tmp_path: Path) -> None:
    number, *_ = owing_accounts()
    told(partners.app, "add", "LAKEBANK", "Bank of Lakes", "湖银行", "--part")
    key = json.loads(told(partners.app, "key", "LAKEBANK", "--json"))
    (listed,) = json.loads(told(partners.app, "list", "--json"))
    assert listed["keys"] == [{"key": key["key_id"], "algorithm": "HMAC-SHA256"}]
    assert "LAKEBANK" in told(partners.app, "list")
    day = clock.today() - timedelta(days=1)
    file = tmp_path / "lake.txt"
    file.write_bytes(payments.write_day_file("delimited", "LAKEBANK", day, [payments.TheirRow("S1", number, OWED)]))
    loaded = json.loads(told(reconcile.app, "load", "LAKEBANK", day.isoformat(), str(file), "--json"))
    assert [(row["serial"], row["act"]) for row in loaded["rows"]] == [("S1", "book")]
    assert "theirs_only" in told(reconcile.app, "show", str(loaded["id"]))
    told(reconcile.app, "release", str(loaded["id"]))
    assert balances([1])[1].owed == 0
    told(reconcile.app, "settle", str(loaded["id"]), "--amount", str(OWED), "--transfer", "T-1")
    assert "settled" in told(reconcile.app, "list")
    told(partners.app, "suspend", "LAKEBANK", "--reason", "contract ended")
    told(partners.app, "revoke", key["key_id"])
    assert check() == []


def test_a_partner_is_entered_once_and_its_key_is_of_a_known_kind() -> None:
    told(partners.app, "add", "LAKEBANK", "Bank of Lakes", "湖银行")
    for arguments, code in [
        (("add", "LAKEBANK", "again", "又"), "partner_taken"),
        (("add", "LAKE BANK", "x", "x"), "bad_partner"),
        (("key", "LAKEBANK", "--algorithm", "SM2"), "bad_algorithm"),
        (("key", "LAKEBANK", "--algorithm", "RSA-SHA256"), "bad_public_key"),
        (("key", "NOBODY"), "unknown_partner"),
        (("revoke", "nothing"), "unknown_key"),
    ]:
        with pytest.raises(Refusal) as no:
            told(partners.app, *arguments)
        assert no.value.code == code
