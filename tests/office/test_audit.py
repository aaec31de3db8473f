"""The audit screen: every act in plain words, fields before and after side by side, found by person, day and kind."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

from gridhall.doors.office import audit_words
from gridhall.kernel import access, audit, clock
from tests.office.conftest import Enter, text_of
from tests.office.town import NOON, Town

SOURCE = Path(__file__).resolve().parents[2] / "src" / "gridhall"
WRITTEN = re.compile(r'(?:audit|trail)\.(?:record|record_many|record_seldom|statement)\(\s*[^"]*?"([a-z_]+\.[a-z_]+)"')


def test_every_act_that_is_written_has_words() -> None:
    written = {code for path in SOURCE.rglob("*.py") for code in WRITTEN.findall(path.read_text(encoding="utf-8"))}
    assert len(written) > 30, "the acts are no longer found in the source"
    assert written <= audit_words.ACTS.keys(), written - audit_words.ACTS.keys()
    assert {code.partition(".")[0] for code in audit_words.ACTS} - {"kernel"} == audit_words.GROUPS.keys()


def test_before_and_after_stand_side_by_side_changed_fields_first() -> None:
    with translation.override("en"):
        rows = audit_words.fields({"persons": 3, "voltage": "220V"}, {"persons": 3, "voltage": "380V", "amount": 17307})
    assert [(row.name, row.before, row.after, row.changed) for row in rows] == [
        ("voltage", "220V", "380V", True), ("persons", "3", "3", False), ("amount", "", "173.07", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "seen", "unseen"),
    [
        ("", ("till opened", "cash at opening", "customer&#x27;s password set"), ()),
        ("?who=clerk", ("till opened",), ("password set</strong>",)),
        ("?act=customers.", ("password set</strong>",), ("till opened</strong>",)),
        ("?since=2026-11-25&until=2026-11-25", ("till opened",), ("password set</strong>",)),
        ("?until=2026-11-24", ("password set</strong>",), ("till opened</strong>",)),
        ("?since=nonsense&until=9999-12-31", ("till opened", "password set"), ()),
    ],
)
def test_the_trail_is_narrowed_by_person_kind_and_day(
    town: Town, enter: Enter, address: str, seen: tuple[str, ...], unseen: tuple[str, ...]
) -> None:
    clerk = access.Actor("staff", "clerk", "office", id=1)
    audit.record(clerk, "payments.open_till", "session:7", after={"float": 20000})
    with clock.at(NOON - timedelta(days=3)):
        audit.record(access.system("demo"), "customers.set_password", "account:1")
    page = text_of(enter("manager").get(f"/office/audit{address}"))
    for words in seen:
        assert words in page
    for words in unseen:
        assert words not in page


def test_no_code_is_shown_where_words_are_known(town: Town, enter: Enter) -> None:
    page = text_of(enter("manager", "zh-hans").get("/office/audit"))
    trail = page.partition("<tbody>")[2]
    assert "登录" in trail
    assert not re.search(r"\b[a-z_]+\.[a-z_]+\b", re.sub(r"<[^>]+>|href=\S+", " ", trail).partition("上一页")[0])


def test_every_subject_that_is_written_has_words() -> None:
    subjects = re.compile(r'(?:audit|trail)\.(?:record|record_many|record_seldom|statement)\([^)]*?f"([a-z]+):\{')
    written = {noun for path in SOURCE.rglob("*.py") for noun in subjects.findall(path.read_text(encoding="utf-8"))}
    assert len(written) > 15, "the acts are no longer found in the source"
    assert written <= audit_words.SUBJECTS.keys(), written - audit_words.SUBJECTS.keys()
