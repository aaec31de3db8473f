"""Long work asked for on a screen: queued in the caller's transaction, done by a worker, its progress shown."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db import transaction

from gridhall.doors.office.models import DONE, FAILED, QUEUED, RUNNING, Job
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal

# Called with how much is done, and of how much.
Progress = Callable[[int, int], None]
Work = Callable[[Actor, dict[str, Any], Progress], dict[str, Any]]

PROGRESS_STEPS = 200  # a job writes its progress at most so often


def ask(actor: Actor, kind: str, asked: dict[str, Any]) -> Job:
    """Put a job down and queue it; both or neither."""
    from gridhall.doors.office.tasks import office_job

    with transaction.atomic():
        job = Job.objects.create(
            kind=kind, asked=asked, actor=_frozen(actor), by_user=actor.id, asked_at=clock.now(), state=QUEUED
        )
        office_job.defer(job_id=job.pk)
    return job


def do(job_id: int) -> None:
    """Do a queued job. Safe to repeat: one that has ended is left alone."""
    from gridhall.doors.office.tasks import WORK

    job = Job.objects.get(pk=job_id)
    if job.state in (DONE, FAILED):
        return
    Job.objects.filter(pk=job_id).update(state=RUNNING)
    told = 0

    def progress(done: int, whole: int) -> None:
        nonlocal told
        if done >= whole or done - told >= max(1, whole // PROGRESS_STEPS):
            told = done
            Job.objects.filter(pk=job_id).update(done=done, whole=whole)

    try:
        result = WORK[job.kind](_thawed(job.actor), job.asked, progress)
    except Refusal as refusal:
        _end(job_id, FAILED, {"code": refusal.code}, refusal.en, refusal.zh)
    except Exception:
        _end(job_id, FAILED, {}, "This went wrong; the log of the worker says why.", "出错了，原因见后台日志。")
        raise
    else:
        _end(job_id, DONE, result)


def _end(job_id: int, state: str, result: dict[str, Any], en: str = "", zh: str = "") -> None:
    Job.objects.filter(pk=job_id).update(state=state, result=result, refused_en=en, refused_zh=zh, ended_at=clock.now())


def _frozen(actor: Actor) -> dict[str, Any]:
    return asdict(actor) | {"permissions": sorted(actor.permissions), "units": sorted(actor.units)}


def _thawed(kept: dict[str, Any]) -> Actor:
    return Actor(**(kept | {"permissions": frozenset(kept["permissions"]), "units": frozenset(kept["units"])}))
