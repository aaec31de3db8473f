"""What the worker does for the office, by kind of job."""

from pathlib import Path
from typing import Any

from django.conf import settings
from procrastinate.contrib.django import app

from gridhall.billing import public as billing
from gridhall.doors.office import differences, imports, jobs, what_if
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home


@app.task(name="gridhall.office.job", queue="office")
def office_job(job_id: int) -> None:
    """One job of the office."""
    jobs.do(job_id)


def preview(actor: Actor, asked: dict[str, Any], _progress: jobs.Progress) -> dict[str, Any]:
    """Look at what a bill run would do."""
    return {"run": billing.preview(actor, asked["period"], asked["units"]).id}


def run(actor: Actor, asked: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    """Bill, or go on billing."""

    def told(view: billing.RunView) -> None:
        progress(view.slices_done, view.slices)

    return {"run": billing.run(actor, asked["run"], settings.RUN_PROCESSES, told).id}


def print_area(actor: Actor, asked: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    """All bills of an area and period as one PDF."""
    path = billing.print_file(actor, asked["area"], asked["period"], asked.get("language", ""), progress)
    return {"file": str(path.relative_to(home())), "bytes": path.stat().st_size}


def difference(actor: Actor, asked: dict[str, Any], _progress: jobs.Progress) -> dict[str, Any]:
    """Two runs, or two tariff versions, side by side."""
    return differences.report(actor, asked)


def tariff_what_if(actor: Actor, asked: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    """What a tariff version does to every customer."""
    return what_if.report(actor, asked, progress)


WORK: dict[str, jobs.Work] = {
    "preview": preview,
    "run": run,
    "print": print_area,
    "difference": difference,
    "what_if": tariff_what_if,
    "import": imports.do,
}


def file_of(kept: str) -> Path:
    """The file that a job made, under the home folder and nowhere else."""
    path = (home() / kept).resolve()
    if not path.is_relative_to(home().resolve()) or not path.is_file():
        raise FileNotFoundError(kept)
    return path
