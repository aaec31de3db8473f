"""Run by the Python of NREL-PySAM: each record over each load by Utilityrate5. Reads a job (JSON), prints answers.

Only `execute` is timed. Blocks meet time-of-use pro rata under "net metering" and in the order of time under "net
billing", though nothing is fed in. The calendar is PySAM's own: 365 days from a Monday on.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import PySAM.Utilityrate5 as Utilityrate5  # type: ignore[import-not-found]
from PySAM.UtilityRateTools import URDBv8_to_ElectricityRates  # type: ignore[import-not-found]

METERING = {"prorata": 0, "chrono": 2}


def rate(record: dict[str, Any], load_kw: list[float], meeting: str, tries: int) -> tuple[float, list[float]]:
    """(seconds of the fastest run, the twelve bills)."""
    model = Utilityrate5.new()
    with contextlib.redirect_stdout(io.StringIO()):
        rates = URDBv8_to_ElectricityRates(copy.deepcopy(record))  # a copy, because it changes what it is given
    model.ElectricityRates.assign(rates)
    model.ElectricityRates.ur_metering_option = METERING[meeting]
    model.Lifetime.analysis_period = 1
    model.Lifetime.system_use_lifetime_output = 0
    model.Lifetime.inflation_rate = 0
    model.SystemOutput.gen = [0.0] * len(load_kw)
    model.SystemOutput.degradation = [0]
    model.Load.load = load_kw
    times = []
    for _ in range(tries):
        start = time.process_time()
        model.execute(0)
        times.append(time.process_time() - start)
    return min(times), list(model.Outputs.year1_monthly_utility_bill_wo_sys)


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    answers = []
    for k, record in enumerate(job["records"]):
        for name, wh in job["loads"].items():
            for meeting in METERING:
                answer: dict[str, Any] = {"record": k, "load": name, "blocks": meeting}
                try:
                    seconds, months = rate(record, [each / 1000 for each in wh], meeting, job["tries"])
                    answer |= {"seconds": seconds, "months": months}
                except Exception as problem:  # whatever the peer cannot do is told, not hidden
                    answer["refused"] = f"{type(problem).__name__}: {problem}"[:200]
                answers.append(answer)
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
