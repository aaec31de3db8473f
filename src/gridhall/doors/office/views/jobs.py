"""Progress of long work, and the files it made."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from gridhall.doors.office import models, staff
from gridhall.doors.office.rail import screen
from gridhall.doors.office.tasks import file_of
from gridhall.kernel import audit
from gridhall.kernel.access import Actor


def job_for(actor: Actor, job_id: int) -> models.Job:
    """One's own job; who may read the audit trail sees those of others too, where all of their units are his.

    A job holds what the one who asked for it could see, so it is his units that count.
    """
    job = models.Job.objects.filter(pk=job_id).first()
    if job is None or (job.by_user != actor.id and not _oversees(actor, job)):
        raise Http404
    return job


def _oversees(actor: Actor, job: models.Job) -> bool:
    within = staff.within(actor, job.actor.get("units", ()), job.actor.get("everywhere", True))
    return actor.may("audit.see") and within


def target_of(job: models.Job) -> str:
    """Where to go when a job is done."""
    if job.kind in ("preview", "run"):
        return reverse("office:run", args=[job.result["run"]])
    if job.kind == "import":
        return reverse("office:import_report", args=[job.pk])
    if job.kind == "difference":
        return reverse("office:difference", args=[job.pk])
    if job.kind == "what_if":
        return reverse("office:tariff_what_if_report", args=[job.pk])
    return reverse("office:prints")


@staff.desk()
def job(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponseBase:
    """A job that is being done; when it is, one is led on."""
    found = job_for(actor, job_id)
    if found.state == models.DONE:
        return redirect(target_of(found))
    return screen(request, actor, "office/job.html", {"job": found})


@staff.desk()
def job_progress(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponseBase:
    """The moving part of a job's page."""
    found = job_for(actor, job_id)
    if found.state == models.DONE:
        answer = HttpResponse(status=200)
        answer["HX-Redirect"] = target_of(found)
        return answer
    return render(request, "office/job_progress.html", {"job": found})


@staff.desk()
def job_file(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponseBase:
    """The file that a job made, for download."""
    found = job_for(actor, job_id)
    try:
        path = file_of(found.result.get("file") or "-")
    except FileNotFoundError:
        raise Http404 from None
    audit.record(actor, "office.download", f"job:{job_id}", after={"file": path.name})
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
