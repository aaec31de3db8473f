"""`gridhall demo --check` in a process of its own: the whole main job on a small town, every figure compared."""

import json
import os
import subprocess
import sys
from pathlib import Path

STEPS = {
    "place opened", "customers imported", "meters imported", "two years lived",
    "agreements and terms", "readings imported", "readings checked", "held reading settled",
    "bills run", "bills by hand", "cancelled and made again", "bills rated again", "documents",
    "cash at the counter", "reversal and close of the till", "portal and bank", "books",
}  # fmt: skip


def test_the_whole_main_job_holds_on_a_small_town(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gridhall.doors.cli.main", "demo", "--size", "60", "--check", "--json"],
        env=os.environ | {"GRIDHALL_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    summary = json.loads(done.stdout)
    assert summary["held"]
    steps = {step["step"]: step for step in summary["steps"]}
    assert set(steps) == STEPS
    assert all(step["held"] and step["figures"] and not step["problems"] for step in steps.values())
    assert steps["bills rated again"]["figures"]["bills"] > 60 * 24 - 1
    assert steps["books"]["figures"]["broken"] == []


def test_a_figure_that_differs_fails_the_step() -> None:
    from gridhall.project.demo.steps import Step

    step = Step("books")
    step.same("fen", 12_345, 12_345)
    assert step.held
    step.same("fen", 12_345, 12_346)
    step.sure("the sun shines", False)
    assert not step.held
    assert step.problems == ["fen: 12345, not 12346", "does not hold: the sun shines"]
