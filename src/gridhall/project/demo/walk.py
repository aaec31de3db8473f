"""`gridhall demo --check`: the whole main job, step by step; each step compares figures that were found in two ways."""

import time
import traceback
from collections.abc import Callable
from pathlib import Path

from gridhall.project.demo import town as drawing
from gridhall.project.demo import walk_bills, walk_import, walk_money
from gridhall.project.demo.steps import Step, Walk


def walk(folder: Path, seed: int, size: int, say: Callable[[str], None]) -> list[Step]:
    """Walk all steps in an empty database. A step that breaks off ends the walk; what follows it cannot hold."""
    along = Walk(folder, drawing.draw(seed, size))
    steps: list[Step] = []
    for name, go in (*walk_import.STEPS, *walk_bills.STEPS, *walk_money.STEPS):
        step = Step(name)
        began = time.monotonic()
        try:
            go(along, step)
        except Exception as broke:
            step.problems.append(f"broke off: {type(broke).__name__}: {broke}")
            say(traceback.format_exc())
        step.seconds = time.monotonic() - began
        steps.append(step)
        say(f"{'held' if step.held else 'FAILED':6} {step.seconds:6.2f} s  {name}  {step.figures}")
        for problem in step.problems:
            say(f"       {problem}")
        if any(problem.startswith("broke off") for problem in step.problems):
            break
    return steps
