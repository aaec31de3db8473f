"""`gridhall tariff send, approve, reject, withdraw…`: the office's acts, by staff who give their password."""

import json
from pathlib import Path

import pytest
from pytest_django import Settings
from typer.testing import CliRunner

from gridhall.doors.cli.tariff import app
from gridhall.doors.office import factor
from gridhall.kernel import clock
from gridhall.kernel.models import AuditEntry, Role
from gridhall.kernel.refusal import Refusal
from gridhall.tariffs.models import TariffVersion
from tests.office.test_tariffs import DRAFT
from tests.office.town import PASSWORD, Town


def call(*words: str, says: str = f"{PASSWORD}\n") -> str:
    done = CliRunner().invoke(app, list(words), input=says)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def draft(town: Town, tmp_path: Path) -> TariffVersion:
    """Entered by the billing officer."""
    book = tmp_path / "book.yaml"
    book.write_text(DRAFT, encoding="utf-8")
    call("enter", str(book), "--as", "billing")
    version = TariffVersion.objects.get(state="draft")
    assert version.entered_by == "billing"
    return version


def refused(*words: str, says: str = f"{PASSWORD}\n") -> str:
    with pytest.raises(Refusal) as caught:
        call(*words, says=says)
    return caught.value.code


def test_from_a_draft_to_approval_by_another_person(draft: TariffVersion) -> None:
    number = str(draft.pk)
    assert refused("approve", number, "--as", "manager") == "wrong_state"  # not sent yet
    assert "sent" in call("send", number, "--as", "billing")
    (waiting,) = json.loads(call("versions", "--json"))
    assert (waiting["version"], waiting["state"], waiting["sent_by"]) == (draft.pk, "sent", "billing")
    assert refused("approve", number, "--as", "billing") == "not_allowed"
    assert refused("reject", number, "--as", "manager", "--reason", " ") == "reason_missing"
    assert "rejected" in call("reject", number, "--as", "manager", "--reason", "say whom it is for")
    assert "withdrawn" in call("withdraw", number, "--as", "billing", "--reason", "begun anew")
    assert refused("send", number, "--as", "billing") == "wrong_state"


def test_who_wrote_it_does_not_approve_it_whatever_his_rights(draft: TariffVersion) -> None:
    """The manager sends it himself (his role may do both here): then he has a hand in it."""
    manager = Role.objects.get(code="manager")
    manager.permissions = [*manager.permissions, "tariffs.enter"]
    manager.save()
    number = str(draft.pk)
    call("send", number, "--as", "manager")
    assert refused("approve", number, "--as", "manager") == "same_person"
    assert "draft" in call("take-back", number, "--as", "billing")


def test_approved_and_kept_with_name_and_door(draft: TariffVersion) -> None:
    number = str(draft.pk)
    call("send", number, "--as", "billing")
    assert "to_come" in call("approve", number, "--as", "manager")
    kept = AuditEntry.objects.get(act="tariffs.approve", actor_name="manager")
    assert (kept.door, kept.after["version"]) == ("cli", draft.pk)
    assert f"{draft.pk}\tcn-shandong-residential\tfrom 2027-01-01\tto_come" in call(
        "versions", "cn-shandong-residential"
    )


def test_a_wrong_password_and_a_missing_factor_are_refused(draft: TariffVersion, settings: Settings) -> None:
    number = str(draft.pk)
    assert refused("send", number, "--as", "billing", says="guessed\n") == "not_signed_in"
    assert refused("send", number, "--as", "nobody") == "not_signed_in"
    settings.OFFICE_SECOND_FACTOR_ROLES = frozenset({"billing"})
    assert refused("send", number, "--as", "billing") == "factor_missing"
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_six_wrong_passwords_lock_the_name(draft: TariffVersion) -> None:
    for _ in range(6):
        assert refused("send", str(draft.pk), "--as", "billing", says="guessed\n") == "not_signed_in"
    assert refused("send", str(draft.pk), "--as", "billing") == "not_signed_in"  # the right one, too late


def test_the_code_of_a_second_factor_is_asked_for(draft: TariffVersion, town: Town) -> None:
    secret = factor.begin(town.users["billing"])
    now = clock.now()
    code = factor._totp(secret).generate(int(now.timestamp())).decode()
    (recovery, *_) = factor.confirm(town.users["billing"], code, now)
    number = str(draft.pk)
    assert refused("send", number, "--as", "billing", says=f"{PASSWORD}\n000000\n") == "factor_wrong"
    assert "sent" in call("send", number, "--as", "billing", says=f"{PASSWORD}\n{recovery}\n")


def test_unknown_numbers_and_codes_are_named(town: Town) -> None:
    assert refused("send", "999999", "--as", "billing") == "unknown_version"
    assert refused("versions", "no-such-tariff") == "unknown_tariff"
