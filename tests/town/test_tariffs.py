"""Tariff books: entered by one, approved by another, in force from a day, rated from the numbers that were approved."""

from datetime import date
from itertools import pairwise

import pytest

from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.rules.plan import rate_with
from gridhall.tariffs import models
from gridhall.tariffs import public as tariffs
from gridhall.tariffs.book import shipped_books
from tests.town.places import ACTOR

pytestmark = pytest.mark.django_db
MAY = frozenset({"tariffs.enter", "tariffs.approve"})
ANNA, BEN = (Actor("staff", name, "office", permissions=MAY) for name in ("anna", "ben"))
SHANDONG = "cn-shandong-residential"


def _enter(code: str, actor: Actor = ACTOR, approver: Actor = ACTOR) -> list[int]:
    ids = tariffs.enter_book(actor, shipped_books()[code])
    for version in ids:
        tariffs.approve(approver, version)
    return ids


def test_every_shipped_book_goes_in_and_comes_out_with_the_same_numbers() -> None:
    for code, text in shipped_books().items():
        ids = _enter(code)
        assert [tariffs.plan(version).table for version in ids] == [plan.table for plan in tariffs.check_book(text)]
        view = tariffs.tariff_in_force(code, date(2026, 10, 15))
        assert view is not None
        assert view.version is not None
        assert view.version.prices
        assert view.version.policy_zh


def test_a_draft_is_not_in_force_and_its_author_may_not_approve_it() -> None:
    first = tariffs.enter_book(ANNA, shipped_books()[SHANDONG])[0]
    tariffs.send(ANNA, first)
    assert tariffs.versions_in_force([SHANDONG], date(2020, 1, 1), date(2027, 1, 1)) == []
    with pytest.raises(Refusal) as own:
        tariffs.approve(ANNA, first)
    assert own.value.code == "same_person"
    tariffs.approve(BEN, first)
    found = tariffs.versions_in_force([SHANDONG], date(2020, 1, 1), date(2027, 1, 1))
    assert [each.version_id for each in found] == [first]


def test_entering_the_same_book_again_changes_nothing() -> None:
    ids = _enter(SHANDONG)
    assert tariffs.enter_book(ACTOR, shipped_books()[SHANDONG]) == ids
    assert models.TariffVersion.objects.count() == len(ids)


def test_the_versions_cover_the_sample_town_without_gap() -> None:
    for code in shipped_books():
        if not code.startswith("cn-") or code.endswith("shared"):
            continue
        _enter(code)
        found = tariffs.versions_in_force([code], date(2024, 11, 1), date(2026, 11, 1))
        assert found[0].from_on <= date(2024, 11, 1)
        for before, after in pairwise(found):
            assert before.until_on == after.from_on
        last = found[-1].until_on
        assert last is None or last >= date(2026, 11, 1)


def test_components_and_prices_read_as_in_the_notice() -> None:
    ids = _enter("cn-zhejiang-residential")
    view = tariffs.tariff_in_force("cn-zhejiang-residential", date(2026, 1, 1))
    assert view is not None
    assert view.version is not None
    priced = [(each.block, each.above_wh, each.upto_wh, each.price) for each in view.version.prices]
    # 0.538 up to 2760 kWh a year, 0.588 up to 4800, 0.838 above; each printed price, or 0.538 and what is added
    total = {block: sum(price for b, _, _, price in priced if b in (0, block)) for block in (1, 2, 3)}
    assert total == {1: 5_380_000_000, 2: 5_880_000_000, 3: 8_380_000_000}
    assert {(above, upto) for block, above, upto, _ in priced if block} == {
        (0, 2_760_000), (2_760_000, 4_800_000), (4_800_000, None),
    }  # fmt: skip
    words = tariffs.components(tariffs.component_ids(view.version.version_id))
    assert all(each.name_zh and each.name_en for each in words.values())
    assert view.version.version_id in ids


def test_a_stored_plan_rates() -> None:
    (found,) = [_enter("cn-zhejiang-residential")[-1]]
    day = date(2026, 3, 1).toordinal()
    segment = {"from_day": day, "to_day": day + 31, "wh_total": 100_000, "year_months": 12}
    # 100 kWh × 0.538 = 53.80
    assert rate_with([tariffs.plan(found)], [segment]).amount == 5380


def test_a_bad_book_is_refused_with_its_place() -> None:
    text = shipped_books()[SHANDONG]
    with pytest.raises(Refusal) as bad:
        tariffs.enter_book(ACTOR, text.replace("rounding: once per bill", "rounding: now and then", 1))
    assert bad.value.code == "bad_book"
    assert bad.value.field.startswith("versions/0")
    wrong = text.replace("bill: ", "bill: 1", 1)
    with pytest.raises(Refusal) as example:
        tariffs.enter_book(ACTOR, wrong)
    assert example.value.field.startswith("versions/0/examples")
    assert models.TariffVersion.objects.count() == 0
