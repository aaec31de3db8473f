"""The books that come with Gridhall."""

import json
from dataclasses import replace
from datetime import date
from importlib import resources

import pytest
from jsonschema import Draft202012Validator

from gridhall.rules.units import RATE_ONE
from gridhall.tariffs.book import load_book, shipped_books
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.examples import run_examples
from gridhall.tariffs.factors import factor_table

CODES = sorted(shipped_books())


@pytest.mark.parametrize("code", CODES)
def test_every_example_of_a_shipped_book_holds(code: str) -> None:
    book = load_book(shipped_books()[code])
    assert book.code == code
    results = run_examples(book)
    assert {result.path.split("/")[1] for result in results} == {str(version.index) for version in book.versions}
    for result in results:
        assert result.holds, result


@pytest.mark.parametrize("code", CODES)
def test_the_sample_town_has_a_version_for_each_day_it_bills(code: str) -> None:
    book = load_book(shipped_books()[code])
    for day in (date(2024, 11, 1), date(2025, 12, 31), date(2026, 1, 15), date(2026, 10, 31)):
        assert book.version_on(day) is not None, day


def test_expired_prices_keep_their_end_and_are_carried_on_only_as_samples() -> None:
    shandong = load_book(shipped_books()["cn-shandong-residential"])
    published, carried = shandong.versions
    assert (published.until_on, published.sample) == (date(2024, 7, 1), False)
    assert carried.sample
    assert "not a published price" in carried.note.en
    assert "并非公布" in carried.note.zh


def test_every_component_says_what_it_is_in_both_languages() -> None:
    for text in shipped_books().values():
        book = load_book(text)
        for version in book.versions:
            for component in compile_version(book, version).components:
                assert component.name_zh
                assert component.name_en
                assert component.clause_zh
                assert component.clause_en


def test_the_content_hash_is_of_the_numbers_alone() -> None:
    book = load_book(shipped_books()["cn-shandong-residential"])
    published, carried = (compile_version(book, version) for version in book.versions)
    assert published.content_hash == carried.content_hash
    dearer = replace(published, table=(*published.table[:-1], published.table[-1] + 1))
    assert dearer.content_hash != published.content_hash
    assert len(published.content_hash) == 64


def test_the_published_schema_is_a_schema() -> None:
    text = resources.files("gridhall.tariffs").joinpath("book.schema.json").read_text("utf-8")
    Draft202012Validator.check_schema(json.loads(text))


def test_power_factor_table_rises_by_steps_below_its_last_entry() -> None:
    rates = factor_table("cn-power-factor-1983")
    ninety = rates[202:303]
    assert ninety[100] == -75 * RATE_ONE // 10_000
    assert ninety[90] == 0
    assert ninety[64] == 17 * RATE_ONE // 100
    assert ninety[0] == (65 + 2 * 40) * RATE_ONE // 100  # 0.40 is 65 %, each hundredth below 2 % more
