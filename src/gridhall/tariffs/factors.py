"""Power-factor tables: per cents by power factor and standard, from `tables/*.yaml`."""

import functools
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from gridhall.rules.layout import STANDARDS
from gridhall.tariffs.book import BookError, read_yaml
from gridhall.tariffs.numbers import whole

FOLDER = Path(__file__).parent / "tables"


def _rate(per_cent: Any, place: str) -> int:
    rate = whole(per_cent, 10**8)
    if rate is None:
        raise BookError((place,), 0, f"{per_cent} has more decimals than a per cent (8 decimals) can have")
    return rate


def factor_row(stated: Mapping[str, Any], standard: str) -> list[int]:
    """Rates for factors 0.00 to 1.00 (10**10 is 100 %). The table states per cents down to some factor, and how much
    each hundredth below adds. Raises BookError where a hundredth between is missing."""
    rates: dict[int, int] = {}
    for key, value in stated.items():
        if key != "each 0.01 below":
            rates[int(Decimal(key) * 100)] = _rate(value, key)
    lowest = min(rates, default=101)
    if sorted(rates) != list(range(lowest, 101)):
        raise BookError((standard,), 0, "the table must state every hundredth down to its lowest")
    step = _rate(stated.get("each 0.01 below", 0), "each 0.01 below")
    return [rates.get(k, rates[lowest] + (lowest - k) * step) for k in range(101)]


@functools.cache
def factor_table(name: str) -> tuple[int, ...]:
    """Standards 0.80, 0.85, 0.90 × factors 0.00 … 1.00 as rates (10**10 is 100 %). FileNotFoundError when there is
    none."""
    document, _ = read_yaml((FOLDER / f"{name}.yaml").read_text("utf-8"))
    rates: list[int] = []
    for standard in STANDARDS:
        rates += factor_row(document["per cent"][f"0.{standard}"], f"0.{standard}")
    return tuple(rates)
