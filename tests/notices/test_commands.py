"""`gridhall notices`: what was said, what failed, mail that came back, read by people and by machines."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from typer.testing import CliRunner

from gridhall.doors.cli.notices import app
from gridhall.kernel import outbox
from gridhall.notices import public as notices
from tests.notices.test_saying import pay, town
from tests.notices.test_sending import Mailbox, mailbox, report, said

__all__ = ["mailbox"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> Any:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_sent_failed_and_come_back(mailbox: Mailbox, tmp_path: Path) -> None:
    said()
    mailbox.says = {"two@example.org": "550 5.1.1 no such user"}
    assert run("send") == "2 tried; 1 did not arrive.\n"
    (failed,) = json.loads(run("failed", "--json"))
    assert (failed["state"], failed["answer"]) == ("refused", "550 5.1.1 no such user")
    assert "550 5.1.1 no such user" in run("failed")
    mailbox.says = {}
    run("again", str(failed["notice_id"]))
    assert run("send") == "1 tried; 0 did not arrive.\n"
    (first,) = notices.notices_of(1, "zh")
    (tmp_path / "1.eml").write_bytes(report(first.id))
    (tmp_path / "2.eml").write_bytes(b"hello")
    assert run("bounces", str(tmp_path)) == "2 read, 1 about notices of ours that did not arrive.\n"
    assert {(each["way"], each["state"], each["count"]) for each in json.loads(run("days", "--json"))} == {
        ("inbox", "sent", 2), ("mail", "sent", 1), ("mail", "came back", 1),
    }  # fmt: skip


def test_what_was_said_to_an_account_is_shown_word_by_word() -> None:
    town()
    pay(2, 2_500, "a")
    outbox.deliver()
    (row,) = json.loads(run("of", "A0000002", "--json"))
    assert row["title"] == "We received CNY 25.00"
    assert row["mail"]["address"] == "t••••@example.org"
    assert "We received CNY 25.00" in run("of", "A0000002")
    assert CliRunner().invoke(app, ["of", "nobody"]).exit_code == 1


def test_without_a_mail_server_it_says_so(settings: Settings) -> None:
    settings.NOTICE_WAYS = {}
    done = CliRunner().invoke(app, ["send"])
    assert done.exit_code == 2
