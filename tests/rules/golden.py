"""Reads the golden tables: cases in the manner of tariff books, exact decimals, dates as text."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs.book import Book, load_book, read_yaml
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.examples import segment_of

FOLDER = Path(__file__).parent / "golden"


def table(name: str) -> Any:
    document, _ = read_yaml((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return document


def books() -> list[Book]:
    """The books of bills.yaml and components.yaml, each read as a book of its own (so that its line numbers are those
    of the piece)."""
    texts = [(FOLDER / f"{name}.yaml").read_text("utf-8") for name in ("bills", "components")]
    pieces = [piece for text in texts for piece in text.split("\n  - tariff: ")[1:]]
    return [load_book("\n".join(line[4:] for line in f"    tariff: {piece}".split("\n"))) for piece in pieces]


PLAIN = """
tariff: test-case
name: case
currency: CNY
source: case
for: {class: residential}
versions:
  - {from: 2020-01-01, rounding: "once per bill, half up, to 0.01", energy: [{price per kWh: 1}]}
"""


def case_segments(case: Mapping[str, Any]) -> tuple[list[CompiledPlan], list[dict[str, int]]]:
    """The plans and segments of a case of segments.yaml; its days run from 1 May 2026."""
    book = load_book(PLAIN)
    version = book.versions[0]
    plans = []
    for body in case["versions"]:
        plans.append(compile_version(book, replace(version, body=body)))
    start = date(2026, 5, 1).toordinal()
    segments = []
    period_days = case.get("period days", sum(stated["days"] for stated in case["segments"]))
    for stated in case["segments"]:
        end = start + stated["days"]
        example = {key: value for key, value in stated.items() if key not in ("version", "days")}
        example |= {"from": date.fromordinal(start).isoformat(), "to": date.fromordinal(end - 1).isoformat()}
        segment = segment_of(book, example, ())
        segments.append(
            segment | {"plan": stated["version"], "period_days": period_days, "period": case.get("period", 0)}
        )
        start = end
    return plans, segments


def whole(value: int | Decimal, scale: int) -> int:
    """A decimal of a table as a whole number of its smallest unit; the table may not state more digits than that."""
    number = Decimal(value) * scale
    assert number == number.to_integral_value(), value
    return int(number)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()
