"""Accounts opened in batches, found again, moved out, rated on other terms; and the columns of a bill run."""

from dataclasses import replace
from datetime import date

import pytest

from gridhall.customers import models
from gridhall.customers import public as customers
from gridhall.kernel import ids
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from tests.town.places import ACTOR, MOVED_IN, small_territory, three_accounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened() -> customers.AccountsRegistered:
    small_territory()
    done = customers.register_accounts(ACTOR, three_accounts())
    assert done.refused == ()
    return done


def test_a_batch_opens_account_premise_agreement_and_term(opened: customers.AccountsRegistered) -> None:
    view = customers.account(opened.account_ids[0])
    assert view is not None
    assert (view.name, view.address, view.area_id, view.unit_id) == ("王小明", "明珠路12号3幢502室", 10101, 101)
    assert (view.longitude_millionths, view.latitude_millionths) == (120_123_456, 30_000_001)
    assert view.term is not None
    assert (view.term.tariff_code, view.term.persons, view.term.until) == ("t", 4, None)
    assert all(ids.has_valid_check_digit(number) and len(number) == 10 for number in opened.numbers)
    far = customers.account(opened.account_ids[2])
    assert far is not None
    assert (far.longitude_millionths, far.latitude_millionths) == (-1_000_001, 5)
    nowhere = customers.account(opened.account_ids[1])
    assert nowhere is not None
    assert nowhere.longitude_millionths == 0
    assert nowhere.email == ""


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("name", " ", "name_missing"),
        ("address", "", "address_missing"),
        ("tariff_code", "", "tariff_missing"),
        ("area_id", 7, "unknown_area"),
        ("class_code", 9, "unknown_class"),
        ("persons", -1, "negative"),
        ("persons", 40_000, "too_great"),
        ("phone", "1" * 33, "text_too_long"),
        ("name", "a\x00b", "bad_character"),
        ("number", "1234567890", "bad_number"),
        ("since", None, "since_missing"),
        ("premise_id", 4711, "unknown_premise"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(column: str, value: object, code: str) -> None:
    small_territory()
    batch = three_accounts()
    values = list(getattr(batch, column)) or [0 if column == "premise_id" else ""] * 3
    values[1] = value
    done = customers.register_accounts(ACTOR, replace(batch, **{column: values}))
    assert [(each.code, each.row, each.field) for each in done.refused] == [(code, 1, column)]
    assert models.Account.objects.count() == 0
    assert models.Customer.objects.count() == 0


def test_a_number_is_kept_and_taken_only_once() -> None:
    small_territory()
    own = "900000001" + ids.check_digit("900000001")
    batch = replace(three_accounts(), number=[own, "", ""])
    assert customers.register_accounts(ACTOR, batch).numbers[0] == own
    assert [each.code for each in customers.register_accounts(ACTOR, batch).refused] == ["number_taken"]
    twice = replace(batch, number=["", own, own])
    assert {each.code for each in customers.register_accounts(ACTOR, twice).refused} == {"number_twice"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王小明", {"王小明"}),
        ("小明", {"王小明"}),
        ("wangxiao", {"王小明"}),
        ("wxm", {"王小明"}),
        ("zengli", {"曾丽"}),
        ("noodle", {"Lamplake Noodle House"}),
        ("LAMPLAKE noodle", {"Lamplake Noodle House"}),
        ("明珠路12号", {"王小明"}),
        ("明珠路 502", {"王小明"}),
        ("１３９１２３４５６", {"王小明"}),
        ("139", set()),
        ("13912345678", {"王小明"}),
        ("139-1234-5678", {"王小明"}),
        ("东湖大道", {"Lamplake Noodle House"}),
        ("王", {"王小明"}),
        ("w", set()),
        ("139 1234 5678", {"王小明"}),
        ("12 502", {"王小明"}),
        ("王小明 西山街", set()),
        ("zz", set()),
        ("' & |", set()),
        ("", set()),
    ],
)
def test_search(opened: customers.AccountsRegistered, text: str, names: set[str]) -> None:
    assert {each.name for each in customers.find(text, ACTOR)} == names


def test_search_by_number_and_scope(opened: customers.AccountsRegistered) -> None:
    clerk = Actor("staff", "clerk", "office", permissions=frozenset({"customers.see"}), units=frozenset({102}))
    assert [each.name for each in customers.find(opened.numbers[0], ACTOR)] == ["王小明"]
    assert customers.find(opened.numbers[0], clerk) == []
    assert [each.name for each in customers.find(opened.numbers[0], clerk, everywhere=True)] == ["王小明"]
    with pytest.raises(Refusal):
        customers.find("王小明", Actor("staff", "nobody", "office"))


def test_moving_out_and_in(opened: customers.AccountsRegistered) -> None:
    left = date(2026, 3, 15)
    customers.move_out(ACTOR, opened.account_ids[0], left)
    view = customers.account(opened.account_ids[0])
    assert view is not None
    assert view.closed_on == left
    assert view.term is not None
    assert view.term.until == left
    with pytest.raises(Refusal) as twice:
        customers.move_out(ACTOR, opened.account_ids[0], left)
    assert twice.value.code == "already_closed"
    newcomer = replace(
        three_accounts(), name=["赵新"], address=[""], area_id=[0], class_code=[1], tariff_code=["t"],
        since=[date(2026, 3, 14)], phone=(), longitude_millionths=(), latitude_millionths=(), persons=(),
        premise_id=[opened.premise_ids[0]],
    )  # fmt: skip
    assert [each.code for each in customers.move_in(ACTOR, newcomer).refused] == ["premise_taken"]
    done = customers.move_in(ACTOR, replace(newcomer, since=[left]))
    found = customers.account(done.account_ids[0])
    assert found is not None
    assert (found.address, found.area_id) == (view.address, view.area_id)
    assert [each.code for each in customers.move_in(ACTOR, replace(newcomer, since=[left])).refused] == [
        "premise_taken"
    ]


def test_terms_cover_the_agreement_without_gap(opened: customers.AccountsRegistered) -> None:
    account_id = opened.account_ids[0]
    customers.change_terms(ACTOR, [customers.TermChange(account_id, date(2026, 1, 1), tariff_code="tou")])
    customers.change_terms(ACTOR, [customers.TermChange(account_id, date(2026, 5, 1), persons=5)])
    customers.change_terms(ACTOR, [customers.TermChange(account_id, date(2026, 5, 1), persons=6)])
    view = customers.account(account_id)
    assert view is not None
    assert [(each.since, each.until, each.tariff_code, each.persons) for each in view.agreements[0].terms] == [
        (MOVED_IN, date(2026, 1, 1), "t", 4),
        (date(2026, 1, 1), date(2026, 5, 1), "tou", 4),
        (date(2026, 5, 1), None, "tou", 6),
    ]
    with pytest.raises(Refusal) as early:
        customers.change_terms(ACTOR, [customers.TermChange(account_id, date(2026, 4, 1), persons=1)])
    assert early.value.code == "day_too_early"


def test_columns_for_a_bill_run_touch_the_period_only(opened: customers.AccountsRegistered) -> None:
    account_id = opened.account_ids[0]
    customers.change_terms(ACTOR, [customers.TermChange(account_id, date(2026, 3, 10), tariff_code="tou")])
    march = customers.agreements_for_period(101, date(2026, 3, 1), date(2026, 4, 1))
    mine = march.account_id == account_id
    assert [march.tariff_codes[k] for k in march.tariff[mine]] == ["t", "tou"]
    assert march.until[mine].tolist() == [date(2026, 3, 10).toordinal(), customers.OPEN_DAY]
    assert len(march) == 3  # two terms of this account, one of the other in the unit
    april = customers.agreements_for_period(101, date(2026, 4, 1), date(2026, 5, 1), account_id, account_id)
    assert [april.tariff_codes[k] for k in april.tariff] == ["tou"]
    before = customers.agreements_for_period(101, date(2024, 12, 1), date(2025, 1, 1))
    assert len(before) == 0
