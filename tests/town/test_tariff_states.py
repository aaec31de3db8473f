"""The life of a tariff version: who may do what when, and that nobody decides on his own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from gridhall.kernel.access import Actor
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.tariffs import approving, models
from gridhall.tariffs import public as tariffs
from gridhall.tariffs.book import shipped_books

pytestmark = pytest.mark.django_db
MAY = frozenset({"tariffs.enter", "tariffs.approve"})
ANNA, BEN, CARA = (Actor("staff", name, "office", permissions=MAY) for name in ("anna", "ben", "cara"))
CODE = "cn-zhejiang-residential"
TEXT = shipped_books()[CODE]
ACTS: dict[str, Callable[[int], object]] = {
    "edit": lambda version: tariffs.enter_book(ANNA, TEXT + "# again\n", version),
    "send": lambda version: tariffs.send(ANNA, version),
    "take_back": lambda version: tariffs.take_back(ANNA, version),
    "approve": lambda version: tariffs.approve(BEN, version),
    "reject": lambda version: tariffs.reject(BEN, version, "the third block is wrong"),
    "withdraw": lambda version: tariffs.withdraw(ANNA, version),
}


def state(version: int) -> str:
    return models.TariffVersion.objects.get(id=version).state


@pytest.fixture
def draft() -> int:
    (version,) = tariffs.enter_book(ANNA, TEXT)
    return version


@pytest.mark.parametrize("before", [models.DRAFT, models.SENT, models.APPROVED, models.REJECTED, models.WITHDRAWN])
@pytest.mark.parametrize("act", list(ACTS))
def test_only_the_moves_of_the_table_happen(draft: int, before: str, act: str) -> None:
    models.TariffVersion.objects.filter(id=draft).update(state=before)
    after = approving.MOVES.get((before, act))
    if after is not None:
        ACTS[act](draft)
        assert state(draft) == after
        assert AuditEntry.objects.filter(subject=f"tariff:{CODE}").exists()
        return
    if (before, act) == (models.APPROVED, "approve"):  # once more is no harm
        tariffs.approve(BEN, draft)
    else:
        with pytest.raises(Refusal) as refused:
            ACTS[act](draft)
        assert refused.value.code in ("wrong_state", "approved_already")
    assert state(draft) == before


def test_nobody_decides_on_his_own(draft: int) -> None:
    """Neither who entered it nor who sent it; through whatever door."""
    tariffs.send(BEN, draft)
    for own in (ANNA, BEN, Actor("partner", "anna", "api", permissions=MAY)):
        with pytest.raises(Refusal) as approved:
            tariffs.approve(own, draft)
        with pytest.raises(Refusal) as rejected:
            tariffs.reject(own, draft, "no")
        assert (approved.value.code, rejected.value.code) == ("same_person", "same_person")
    tariffs.approve(CARA, draft)
    assert state(draft) == models.APPROVED


def test_nobody_decides_on_what_he_wrote_and_another_kept(draft: int) -> None:
    """Anna's prices stay hers when Ben adds a blank, moves their first day and sends them; and under another name."""
    anna, ben = (Actor("staff", name, "office", id=n, permissions=MAY) for n, name in ((1, "anna"), (2, "ben")))
    tariffs.enter_book(anna, TEXT + "# hers", draft)
    assert tariffs.enter_book(ben, TEXT + "# hers ", draft) == [draft]
    moved = TEXT.replace("from: 2024-01-01", "from: 2024-02-01")
    (later,) = tariffs.enter_book(ben, moved, draft)
    tariffs.send(CARA, later)
    tariffs.take_back(CARA, later)
    tariffs.send(ben, later)
    for own in (anna, ben, CARA, replace(anna, name="anna.smith")):
        with pytest.raises(Refusal) as refused:
            tariffs.approve(own, later)
        assert refused.value.code == "same_person"
    tariffs.approve(Actor("staff", "dora", "office", id=4, permissions=MAY), later)
    assert state(later) == models.APPROVED


def test_a_rejection_says_why_and_is_put_right(draft: int) -> None:
    tariffs.send(ANNA, draft)
    with pytest.raises(Refusal) as refused:
        tariffs.reject(BEN, draft, "  ")
    assert refused.value.code == "reason_missing"
    tariffs.reject(BEN, draft, "the third block is 0.30 above the first")
    (waits,) = tariffs.waiting()
    assert (waits.state, waits.reason) == (models.REJECTED, "the third block is 0.30 above the first")
    assert tariffs.enter_book(ANNA, TEXT.replace("bill: 55.80", "bill: 55.8"), draft) == [draft]
    assert (state(draft), tariffs.versions(CODE)[0].reason) == (models.DRAFT, "")


def test_a_draft_is_written_over_and_its_comments_are_kept(draft: int) -> None:
    dearer = TEXT.replace("# Zhejiang", "# My own note. Zhejiang").split("    examples:")[0].replace("0.838", "0.938")
    assert tariffs.enter_book(BEN, dearer, draft) == [draft]
    (version,) = tariffs.versions(CODE)
    assert version.book == dearer
    assert max(row.price for row in version.prices) in (9_380_000_000, 4_000_000_000)
    assert version.entered_by == "ben"


def test_a_draft_that_begins_on_another_day_takes_the_place_of_the_old(draft: int) -> None:
    (later,) = tariffs.enter_book(ANNA, TEXT.replace("from: 2024-01-01", "from: 2024-02-01"), draft)
    assert later != draft
    assert state(draft) == models.WITHDRAWN


def test_a_draft_stays_with_its_tariff(draft: int) -> None:
    with pytest.raises(Refusal) as refused:
        tariffs.enter_book(ANNA, shipped_books()["cn-shenzhen-residential"], draft)
    assert refused.value.code == "other_tariff"


def test_a_draft_does_not_rename_what_is_in_force(draft: int) -> None:
    """Neither its name nor for whom it is, until it is approved."""
    tariffs.send(ANNA, draft)
    tariffs.approve(BEN, draft)
    text = TEXT.split("    examples:")[0].replace("from: 2024-01-01", "from: 2027-01-01")
    text = text.replace("Zhejiang residential, yearly blocks", "Renamed").replace("place: Zhejiang", "place: Elsewhere")
    (next_one,) = tariffs.enter_book(ANNA, text)
    found = tariffs.tariff_in_force(CODE, date(2026, 1, 1))
    assert found is not None
    assert (found.name_en, found.place) == ("Zhejiang residential, yearly blocks", "Zhejiang")
    tariffs.send(ANNA, next_one)
    tariffs.approve(BEN, next_one)
    found = tariffs.tariff_in_force(CODE, date(2026, 1, 1))
    assert found is not None
    assert (found.name_en, found.place) == ("Renamed", "Elsewhere")


def test_how_a_version_stands(draft: int) -> None:
    tariffs.send(ANNA, draft)
    tariffs.approve(BEN, draft)
    later = TEXT.split("    examples:")[0].replace("from: 2024-01-01", "from: 2027-01-01")
    (next_one,) = tariffs.enter_book(ANNA, later)
    tariffs.send(ANNA, next_one)
    tariffs.approve(BEN, next_one)
    newer, older = tariffs.versions(CODE)
    assert [tariffs.standing(each, date(2026, 12, 31)) for each in (older, newer)] == ["in_force", "to_come"]
    assert [tariffs.standing(each, date(2027, 1, 1)) for each in (older, newer)] == ["superseded", "in_force"]


def test_every_fault_is_told_with_its_line() -> None:
    broken = TEXT.replace("rounding: once per bill", "rounding: now and then").replace("currency: CNY", "currency: C")
    faults = tariffs.faults_of(broken)
    lines = broken.splitlines()
    assert len(faults) >= 2
    assert all("rounding" in lines[fault.line - 1] or "currency" in lines[fault.line - 1] for fault in faults)
    (example,) = tariffs.faults_of(TEXT.replace("bill: 55.80", "bill: 56.80"))
    assert "does not come out, 56.80 CNY stated, 55.80 CNY rated" in example.what
    assert "55.80" in TEXT.splitlines()[example.line - 1]
    assert tariffs.faults_of(TEXT) == []


def test_two_versions_in_words_and_as_texts(draft: int) -> None:
    tariffs.send(ANNA, draft)
    tariffs.approve(BEN, draft)
    text = TEXT.split("    examples:")[0].replace("from: 2024-01-01", "from: 2027-01-01").replace("0.838", "0.888")
    text += "    fixed: [{price per month: 5, divided: once a bill}]\n"
    tariffs.enter_book(ANNA, text)
    newer, older = tariffs.versions(CODE)
    found = {each.key: each for each in tariffs.compare(older, newer)}
    assert found["fixed"].kind == "added"
    changed = [each for each in found.values() if each.kind == "changed"]
    assert [len(each.prices) for each in changed] == [1]
    (price,) = changed[0].prices
    assert price.before is not None
    assert price.after is not None
    assert price.after.price - price.before.price == 500_000_000
    lines = tariffs.compare_texts(older.book, newer.book)
    assert "    fixed: [{price per month: 5, divided: once a bill}]" in [
        each.text for each in lines if each.kind == "added"
    ]
    assert all(each.kind == "same" for each in tariffs.compare(older, older))
    assert tariffs.compare_texts(older.book, older.book) == []


def test_a_draft_that_another_process_has_changed(draft: int) -> None:
    """The worker of trials has read the draft; a web process keeps it with another price and another component."""
    before = tariffs.plan(draft)
    assert tariffs.tariff_of_version(draft).version is not None
    models.Component.objects.filter(version_id=draft).update(name_en="Otherwise")
    models.TariffVersion.objects.filter(id=draft).update(book=TEXT + "# again\n", table=[*before.table[:-1], 7])
    assert tariffs.plan(draft).table[-1] == 7
    version = tariffs.tariff_of_version(draft).version
    assert version is not None
    for components in (tariffs.plan(draft).components, version.components):
        assert {each.name_en for each in components} == {"Otherwise"}
