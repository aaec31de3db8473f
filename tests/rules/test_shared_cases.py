"""The collections of worked examples beside the project, where they are present: each case is met to the digit or
named in docs/cases_waiting.md. (The golden tables carry the same cases, so that the project proves itself
alone.)"""

import csv
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gridhall.rules.calendar import days_in_month
from gridhall.rules.plan import rate_with
from gridhall.tariffs.book import load_book, shipped_books
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.examples import run_examples
from tests.rules.golden import books, table

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT.parent / "shared" / "cases"
pytestmark = [pytest.mark.shared_cases]
WAITING = (ROOT / "docs" / "cases_waiting.md").read_text("utf-8")


def _golden() -> dict[str, set[Decimal]]:
    """What the golden tables and shipped books state for each case id: bills, and lines of bills, all met by the
    rules."""
    stated: dict[str, set[Decimal]] = {}
    every = books() + [load_book(text) for text in shipped_books().values()]
    for book in every:
        for result in run_examples(book):
            case = result.title.split(" ")[0]
            amounts = {result.stated, *result.lines_stated.values()}
            stated.setdefault(case, set()).update(Decimal(amount).scaleb(-2) for amount in amounts)
    for section in table("rules").values():
        for case in section:
            gives = case.get("gives", case.get("gives kWh", case.get("per cent")))
            stated.setdefault(case["case"], set()).update(map(Decimal, gives if isinstance(gives, list) else [gives]))
    for case in table("segments")["cases"]:
        stated.setdefault(case["case"], set()).add(Decimal(case["bill"]))
    return stated


def _read(name: str) -> Any:
    path = CASES / name
    if not path.exists():
        return None
    return json.loads(path.read_text("utf-8"))


def test_worked_examples_of_china_are_met_or_named_as_waiting() -> None:
    cases = _read("china/worked_examples.json")
    if cases is None:
        return  # the golden tables carry the same cases
    golden = _golden()
    same_bill = {
        "CN-SD-01": "crosses",
        "CN-SD-03": "household",
        "CN-SD-06": "heating",
        "CN-SD-08": "shared",
        "CN-SZ-02": "winter",
    }
    for case in cases["examples"]:
        if re.search(rf"^\| {case['id']} \|", WAITING, re.MULTILINE):
            continue
        found = golden.get(case["id"]) or golden.get(same_bill.get(case["id"], ""), set())
        expected = Decimal(case["expected"])
        if case["id"] == "CN-PUB-04":
            expected *= 1_000_000  # the golden bill takes a million kWh
        assert expected in found or -expected in found, f"{case['id']} expects {case['expected']}, golden has {found}"


def test_power_factor_table_is_the_one_of_the_collection() -> None:
    cases = _read("china/worked_examples.json")
    if cases is None:
        return
    from gridhall.tariffs.factors import factor_table

    rates = factor_table("cn-power-factor-1983")
    for row, standard in enumerate(("0.80", "0.85", "0.90")):
        for factor, per_cent in cases["power_factor_table_percent"][standard].items():
            assert rates[row * 101 + int(Decimal(factor) * 100)] == int(Decimal(per_cent) * 10**8)


def test_published_bills_are_met_line_by_line_or_named_as_waiting() -> None:
    bills = _read("published/worked_bills.json")
    if bills is None:
        return
    golden = _golden()
    combined = {  # printed as parts of one line, or together with others, in the golden bills
        ("on_oakville_tiered_2022", "Tier 1 600 kWh"): Decimal("70.30") - Decimal("11.50"),
        ("on_oakville_tiered_2022", "Tier 2 100 kWh"): Decimal("70.30") - Decimal("58.80"),
    }
    for bill in bills:
        for line in bill["lines"]:
            if f"| {bill['id']} | {line['label']} |" in WAITING:
                continue
            published = Decimal(line["published"])
            if (bill["id"], line["label"]) in combined:
                assert combined[bill["id"], line["label"]] == published
                continue
            assert published in golden[bill["id"]], f"{bill['id']}: {line['label']} is printed as {published}"


def test_a_year_of_the_united_states_tariff_is_met_to_the_digit() -> None:
    """Twelve monthly totals on two loads, as exact arithmetic gives them (before rounding) and rounded half up."""
    cases = _read("urdb/expected.json")
    if cases is None:
        return
    book = load_book(shipped_books()["us-elkhorn-municipal"])
    plan = compile_version(book, book.versions[0])
    tried = 0
    for case in cases["cases"]:
        if "539f6b07ec4f024411ec97a3" not in case["tariff_file"]:
            continue
        months = _monthly_wh(CASES / "urdb" / case["load"], case["steps_per_hour"])
        expected = case["expected"]["prorata"]
        for month, wh in enumerate(months, start=1):
            start = date(2018, month, 1).toordinal()
            end = start + days_in_month(2018, month)
            bill = rate_with([plan], [{"from_day": start, "to_day": end, "wh_total": wh}])
            exact = sum(Decimal(line.amount) * plan.parts + line.rest for line in bill.lines).scaleb(-13)
            assert exact == Decimal(expected["total"][month - 1])
            assert bill.amount == expected["total_cents_half_up"][month - 1]
            tried += 1
    assert tried == 24


def _monthly_wh(path: Path, steps_per_hour: int) -> list[int]:
    with path.open(encoding="utf-8", newline="") as lines:
        values = [int(row[-1]) for row in csv.reader(lines) if row and row[-1].strip().isdigit()]
    months, at = [], 0
    for month in range(1, 13):
        steps = days_in_month(2018, month) * 24 * steps_per_hour
        months.append(sum(values[at : at + steps]))
        at += steps
    assert at == len(values)
    return months
