"""What all benchmarks share: the two flags, the machine in one line, and the figures as text or as one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured figure. `goal` reads like ">= 150" or "<= 2.0"; empty for a figure that only informs."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "met", _meets(self.value, self.goal))


def _meets(value: float, goal: str) -> bool:
    if not goal:
        return True
    sign, limit = goal.split()
    if sign == ">=":
        return value >= float(limit)
    if sign == "<=":
        return value <= float(limit)
    raise ValueError(f"goal {goal!r} does not begin with >= or <=")


def parser(description: str) -> argparse.ArgumentParser:
    """A parser with --quick (under 50 seconds) and --json (one object on standard output); add what the bench needs."""
    flags = argparse.ArgumentParser(description=description)
    flags.add_argument("--quick", action="store_true", help="a smaller run, under 50 seconds")
    flags.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return flags


def machine() -> str:
    """The machine in one line: processor, cores in use, memory, system, Python."""
    cores = len(os.sched_getaffinity(0))
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{_processor()}, {cores} cores, {memory_bytes / 2**30:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        facts = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (fact.partition(":")[2].strip() for fact in facts if fact.startswith("model name"))
    return next(names, platform.machine())


def report(bench: str, figures: Sequence[Figure]) -> None:
    """Print the figures: one JSON object when --json stands on the command line, else a line each."""
    if "--json" in sys.argv[1:]:
        shown = [asdict(figure) for figure in figures]
        print(json.dumps({"bench": bench, "machine": machine(), "figures": shown}, ensure_ascii=False))
        return
    print(f"{bench} on {machine()}")
    for figure in figures:
        verdict = f"goal {figure.goal}: {'met' if figure.met else 'NOT MET'}" if figure.goal else ""
        print(f"  {figure.name:<52} {figure.value:>14,.4g} {figure.unit:<12} {verdict}".rstrip())
