"""Long work of billing as jobs, queued in the transaction of the one who asks for it. Each may be done twice.

Django loads this module in every process, so the rooms that do the work are loaded only when a job is done.
"""

from dataclasses import asdict
from typing import Any

from procrastinate.contrib.django import app

from gridhall.kernel.access import Actor


@app.task(name="billing.run", queue="billing")
def run_bills(run_id: int, actor: dict[str, Any], processes: int = 2) -> None:
    """Run (or go on with) an approved run. The run's own rows tell how far it is."""
    from gridhall.billing import runs

    runs.run(_actor(actor), run_id, processes)


@app.task(name="billing.print", queue="billing")
def print_area(area_id: int, period: int, actor: dict[str, Any], language: str = "") -> None:
    """Make the print file of an area."""
    from gridhall.billing import printing

    printing.print_file(_actor(actor), area_id, period, language)


def queue_run(actor: Actor, run_id: int, processes: int = 2) -> int:
    """Queue a run in the open transaction: it begins once that is committed. Returns the job's number."""
    actor.require("runs.run")
    return int(run_bills.defer(run_id=run_id, actor=_plain(actor), processes=processes))


def queue_print(actor: Actor, area_id: int, period: int, language: str = "") -> int:
    """Queue a print file in the open transaction. Returns the job's number."""
    actor.require("documents.print")
    return int(print_area.defer(area_id=area_id, period=period, actor=_plain(actor), language=language))


def _plain(actor: Actor) -> dict[str, Any]:
    return asdict(actor) | {"permissions": sorted(actor.permissions), "units": sorted(actor.units)}


def _actor(plain: dict[str, Any]) -> Actor:
    return Actor(**plain | {"permissions": frozenset(plain["permissions"]), "units": frozenset(plain["units"])})
