"""Run by the Python of electric-emission-cost: each record over each load. Reads a job (JSON), prints answers.

The peer has its own form of tariffs, a charge for each step; this turns records into it, and only `calculate_cost` is
timed. It takes whole limits and no blocks by billing demand, ratchets or minimum: records that state these are told as
refused. Its blocks fill in the order of time.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from electric_emission_cost.costs import calculate_cost  # type: ignore[import-not-found]

NOT_STATED = ("lookbackpercent", "lookbackrange", "mincharge", "demandratchetpercentage")


def blocks(period: list[dict[str, Any]], days: int) -> list[tuple[int, float]]:
    """(lower limit, price) of each block."""
    result = []
    low = 0.0
    for k, tier in enumerate(period):
        unit = tier.get("unit", "kWh")
        if "kWh/kW" in unit:
            raise ValueError("blocks by billing demand")
        result.append((int(low), tier.get("rate", 0) + tier.get("adj", 0)))
        low = tier.get("max") or 0.0
        low *= days if unit == "kWh daily" else 1
        if low != int(low) or (k < len(period) - 1 and low <= result[-1][0]):
            raise ValueError("limits that are not whole or do not rise")
    return result


def charges(record: dict[str, Any], month: int, first: dt.date, days: int) -> dict[str, Any]:
    """The charge arrays of a month, hour by hour."""
    last = first + dt.timedelta(days=days - 1)
    span = f"{first:%Y%m%d}_{last:%Y%m%d}"
    found: dict[str, Any] = {}

    def put(kind: str, structure: list[list[dict[str, Any]]], place: Any) -> None:
        for p, period in enumerate(structure):
            here = np.array([place(first + dt.timedelta(days=d), h) == p for d in range(days) for h in range(24)])
            if here.any():
                for low, price in blocks(period, days):
                    found[f"electric_{kind}{p}_{span}_{low}"] = here * price

    def hours(name: str) -> Any:
        tables = [record.get(f"{name}{day}schedule") or [[0] * 24] * 12 for day in ("weekday", "weekend")]
        return lambda day, hour: tables[day.weekday() >= 5][month][hour]

    put("energy_p", record["energyratestructure"], hours("energy"))
    if record.get("demandratestructure"):
        put("demand_p", record["demandratestructure"], hours("demand"))
    if record.get("flatdemandstructure"):
        months = record.get("flatdemandmonths") or [0] * 12
        put("demand_flat", record["flatdemandstructure"], lambda *_: months[month])
    fixed = record.get("fixedchargefirstmeter") or 0
    fixed *= {"$/day": 365 / 12, "$/year": 1 / 12}.get(record.get("fixedchargeunits", ""), 1)
    found[f"electric_customer_fixed_{span}_0"] = np.array([fixed])
    return found


def rate(record: dict[str, Any], wh: list[int]) -> tuple[float, list[float]]:
    """(seconds, the twelve bills)."""
    if any(record.get(field) for field in NOT_STATED):
        raise ValueError("ratchets and minimum charges")
    seconds, months, at = 0.0, [], 0
    for month in range(12):
        first = dt.date(2018, month + 1, 1)
        days = ((first + dt.timedelta(days=32)).replace(day=1) - first).days
        kw = np.array(wh[at : at + days * 24]) / 1000
        prices = charges(record, month, first, days)
        start = time.process_time()
        cost, _ = calculate_cost(prices, {"electric": kw}, resolution="1h")
        seconds += time.process_time() - start
        months.append(float(cost))
        at += days * 24
    return seconds, months


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    answers = []
    for k, record in enumerate(job["records"]):
        for name, wh in job["loads"].items():
            answer: dict[str, Any] = {"record": k, "load": name, "blocks": "chrono"}
            try:
                seconds, months = rate(record, wh)
                answer |= {"seconds": seconds, "months": months}
            except Exception as problem:  # whatever the peer cannot do is told, not hidden
                answer["refused"] = f"{type(problem).__name__}: {problem}"[:200]
            answers.append(answer)
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
