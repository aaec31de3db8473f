"""Uploading files of readings, meters and customers: tried first, then taken."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.doors.office import imports, jobs, models, staff
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.jobs import job_for
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home
from gridhall.metering import public as metering

FILES_SHOWN = 20


@staff.desk("readings.take", "customers.change")
def upload(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Choose a file; it is tried by the worker and nothing is written."""
    if request.method == "POST":
        kind, file = request.POST.get("kind", ""), request.FILES.get("file")
        if kind not in imports.KINDS or file is None:
            messages.error(request, _("Choose a file and what it holds."))
            return redirect("office:imports")
        actor.require(imports.KINDS[kind])
        path = imports.keep(file)
        asked = {
            "kind": kind,
            "name": path.name,
            "path": str(path.relative_to(home())),
            "whole": request.POST.get("whole") == "1",
            "language": staff.language(),
            "dry_run": True,
        }
        return redirect("office:job", jobs.ask(actor, "import", asked).pk)
    shown = {
        "kinds": [kind for kind, permission in imports.KINDS.items() if actor.may(permission)],
        "rows": models.Job.objects.filter(kind="import", by_user=actor.id).order_by("-id")[:FILES_SHOWN],
        "at_the_machine": metering.files_taken(actor, "cli", FILES_SHOWN),
    }
    return screen(request, actor, "office/imports.html", shown)


@staff.desk("readings.take", "customers.change")
def report(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponseBase:
    """What an import would do or did, and the rows that were refused."""
    job = job_for(actor, job_id)
    if job.kind != "import" or job.state != models.DONE:
        raise Http404
    good = job.result["accepted"] + job.result["held"]
    can = job.result["dry_run"] and good and not (job.asked["whole"] and job.result["refused"])
    more = job.result["held"] - len(job.result["held_rows"]) if job.result.get("held_rows") else 0
    shown = {"job": job, "report": job.result, "can": can, "good": good, "more_held": more}
    return screen(request, actor, "office/import_report.html", shown)


@require_POST
@staff.desk("readings.take", "customers.change")
def confirm(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponseBase:
    """Take the file that was tried."""
    job = job_for(actor, job_id)
    if job.kind != "import" or job.state != models.DONE or job.by_user != actor.id:
        raise Http404
    actor.require(imports.KINDS[job.asked["kind"]])
    return redirect("office:job", jobs.ask(actor, "import", job.asked | {"dry_run": False}).pk)
