"""Exact rating of a year of hours against NREL-PySAM and electric-emission-cost: same tariffs and loads, in one run.

The peers come from PyPI into environments of their own, made here once and kept under GRIDHALL_HOME (or the folder for
temporary files). Tariffs are records of OpenEI of every class that `tests/rules/golden/urdb.yaml` quotes, and those of
the shared cases where they lie beside the project. Loads are whole Wh an hour. The peers get them in kW, as doubles,
one account at a time (they know no other way); Gridhall gets many accounts in one call, gathers the raw hours of each
and tells exact amounts, blocks, peaks and rounded bills. Processor time, one core; turning a record into a tariff is
not timed for any. The months that the peers come to are compared with the exact ones.

`python bench/peers.py [--quick] [--json]`; --show prints where the peers differ.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from _report import Figure, parser, report
from gridhall.columns.intervals import rate_accounts
from gridhall.rules.interval_tariff import MEETINGS, IntervalTariff
from gridhall.tariffs.urdb import open_text, read_json

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "tests" / "rules" / "golden" / "urdb.yaml"
SHARED = HERE.parents[1] / "shared" / "cases" / "urdb" / "tariffs"
PEERS = {
    "NREL-PySAM": ("_peer_pysam.py", "NREL-PySAM==7.1.1.post1"),
    "electric-emission-cost": ("_peer_emission_cost.py", "electric-emission-cost==0.0.5"),
}
ALSO_NEEDED = ("packaging", "pytz")  # by a peer that does not say so
HALF_A_CENT = 0.005
ACCOUNTS = 64
HOURS_OF_2018 = 8760
Answer = dict[str, Any]
Hours = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Tariff:
    """A record as the peers take it (floats) and as Gridhall reads it."""

    record: dict[str, Any]
    tariff: IntervalTariff


def environment(name: str) -> Path:
    """The Python of a peer's environment, made where it is not there yet."""
    home = Path(os.environ.get("GRIDHALL_HOME") or tempfile.gettempdir()) / "gridhall-peers"
    requirement = PEERS[name][1]
    folder = home / requirement
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement, *ALSO_NEEDED]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{requirement} could not be installed: {done.stderr}")
        (folder / "ready").touch()
    return python


def expanded(name: str, record: dict[str, Any]) -> dict[str, Any]:
    """A record of the golden table with what the peers want written out: schedules, months, units, a name."""
    nothing: dict[str, Any] = {"energyweekdayschedule": [[0] * 24] * 12, "energyweekendschedule": [[0] * 24] * 12}
    if "flatdemandstructure" in record:
        nothing["flatdemandmonths"] = [0] * 12
    if "fixedchargefirstmeter" in record:
        nothing["fixedchargeunits"] = "$/month"
    result: dict[str, Any] = {"name": name, **nothing}
    for key, value in record.items():
        if key.endswith("schedule") and isinstance(value, dict):
            months = [value["rest"]] * 12
            for span, hours in value.items():
                if span != "rest":
                    first, _, last = str(span).partition("-")
                    months[int(first) - 1 : int(last or first)] = [hours] * (int(last or first) - int(first) + 1)
            value = [[int(hour) for hour in hours] for hours in months]
        result[key] = value
    return result


def tariffs(at_most: int) -> list[Tariff]:
    """The tariffs to rate; records that Gridhall refuses would be told."""
    golden = yaml.safe_load(GOLDEN.read_text())["records"]
    texts = [json.dumps(expanded(name, record)) for name, record in golden.items()]
    texts += [open_text(path) for path in sorted(SHARED.glob("*.json"))]
    found = []
    for text in texts[:at_most]:
        [read] = read_json(text)
        if read.tariff is None:
            print(f"refused: {read.label} {read.refused}", file=sys.stderr)
            continue
        record = json.loads(text)
        record = json.loads(record) if isinstance(record, str) else record
        record = record[0] if isinstance(record, list) else record
        found.append(Tariff(record["items"][0] if "items" in record else record, read.tariff))
    return found


def loads(rng: np.random.Generator) -> dict[str, Hours]:
    """A home, a shop and a factory: a daily and a yearly swing with noise, whole Wh an hour."""
    t = np.arange(HOURS_OF_2018)
    day = 1 + 0.6 * np.sin((t % 24 - 9) / 24 * 2 * np.pi)
    year = 1 + 0.3 * np.cos((t / 24 - 200) / 365 * 2 * np.pi)
    shapes = {}
    for name, wh, noise in (("home", 1_200, 0.5), ("shop", 60_000, 0.2), ("factory", 900_000, 0.1)):
        hours = wh * day * year * (1 + noise * rng.standard_normal(HOURS_OF_2018))
        shapes[name] = np.maximum(hours, 0).astype(np.int32)
    return shapes


def ask(name: str, every: list[Tariff], hours: dict[str, Hours], tries: int) -> list[Answer]:
    """What a peer answers to the job."""
    job = {
        "records": [each.record for each in every],
        "loads": {load: wh.tolist() for load, wh in hours.items()},
        "tries": tries,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(job, file)
        file.flush()
        command = [str(environment(name)), str(HERE / PEERS[name][0]), file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed: {done.stderr}")
    answers: list[Answer] = json.loads(done.stdout)
    return answers


def own_times(every: list[Tariff], hours: dict[str, Hours], meeting: str, tries: int) -> list[float]:
    """Microseconds an account-year of each tariff: the median load class, the fastest of some runs."""
    result = []
    for each in every:
        by_load = []
        for wh in hours.values():
            many = np.stack([np.roll(wh, 24 * k) for k in range(ACCOUNTS)])
            rate_accounts(each.tariff, many, 2018, 0, 1, meeting)
            times = []
            for _ in range(tries):
                start = time.process_time()
                rate_accounts(each.tariff, many, 2018, 0, 1, meeting)
                times.append(time.process_time() - start)
            by_load.append(min(times) / ACCOUNTS * 1e6)
        result.append(max(by_load))
    return result


def compare(name: str, answers: list[Answer], every: list[Tariff], hours: dict[str, Hours], show: bool) -> list[Figure]:
    """How far a peer's months are from the exact ones, and how long it took."""
    exact = {
        (k, load, meeting): rate_accounts(each.tariff, wh[np.newaxis], 2018, 0, 1, meeting).months(0)
        for k, each in enumerate(every)
        for load, wh in hours.items()
        for meeting in MEETINGS[:2]
    }
    refused = {answer["record"] for answer in answers if "refused" in answer}
    rated = [answer for answer in answers if "months" in answer]
    wrong, worst = set(), 0.0
    for answer in rated:
        months = exact[answer["record"], answer["load"], answer["blocks"]]
        off = max(abs(float(bill.total) - told) for bill, told in zip(months, answer["months"], strict=True))
        worst = max(worst, off)
        if off > HALF_A_CENT:
            wrong.add(answer["record"])
            if show:
                label = every[answer["record"]].tariff.name
                print(f"{name}: {label}, {answer['load']}, {answer['blocks']}: off by up to {off:.2f}", file=sys.stderr)
    if show:
        for answer in answers:
            if "refused" in answer:
                print(f"{name}: {every[answer['record']].tariff.name}: {answer['refused']}", file=sys.stderr)
    times = [answer["seconds"] * 1e6 for answer in rated]
    return [
        Figure(f"{name}, median account-year", statistics.median(times), "us"),
        Figure(f"{name}, fastest account-year", min(times), "us"),
        Figure(f"{name}: tariffs that it does not rate", len(refused), "tariffs"),
        Figure(f"{name}: tariffs half a cent or more off", len(wrong), "tariffs"),
        Figure(f"{name}: most that a month is off", worst, "USD"),
    ]


def main() -> int:
    flags = parser(__doc__ or "")
    flags.add_argument("--show", action="store_true", help="print where the peers differ from the exact bills")
    asked = flags.parse_args()
    every = tariffs(16 if asked.quick else 1000)
    hours = loads(np.random.default_rng(20261125))
    tries = 3 if asked.quick else 7
    figures = [Figure("tariffs × loads", len(every) * len(hours), "")]
    slowest, median = 0.0, {}
    for meeting in MEETINGS:
        times = own_times(every, hours, meeting, tries)
        median[meeting] = statistics.median(times)
        slowest = max(slowest, *times)
        figures.append(Figure(f"Gridhall, {meeting}, median account-year", median[meeting], "us", "<= 20"))
        figures.append(Figure(f"Gridhall, {meeting}, slowest class", max(times), "us", "<= 20"))
    peers = {}
    for name in PEERS:
        few = dict(list(hours.items())[1:2]) if asked.quick or name == "electric-emission-cost" else hours
        answers = ask(name, every, few, 2)
        peers[name] = answers
        figures += compare(name, answers, every, few, asked.show)
    times = [answer["seconds"] * 1e6 for answer in peers["NREL-PySAM"] if "seconds" in answer]
    own = statistics.mean((median["prorata"], median["chrono"]))
    figures.append(Figure("NREL-PySAM / Gridhall, medians", statistics.median(times) / own, "x", ">= 50"))
    figures.append(Figure("NREL-PySAM fastest / Gridhall slowest", min(times) / slowest, "x"))
    report("peers", figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
