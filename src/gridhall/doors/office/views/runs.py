"""Bill runs: look ahead, approve, run, go on; bills held; differences; print files."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.office import differences as report_of
from gridhall.doors.office import forms, jobs, lists, models, staff, words
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.jobs import job_for
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from gridhall.tariffs import public as tariffs
from gridhall.territory import public as territory

A_PAGE = 50
CSV_MOST = 20_000


@staff.desk("runs.see")
def runs(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Runs, the newest first, and the form for a new one."""
    units = [(unit.id, words.of(unit)) for unit in staff.units_of(actor)]
    form = forms.NewRunForm(request.POST or None, units=units, initial={"period": forms.last_period()})
    if request.method == "POST":
        actor.require("runs.preview")
        if form.is_valid():
            chosen = form.cleaned_data["units"] or [unit for unit, _name in units]
            job = jobs.ask(actor, "preview", {"period": form.cleaned_data["period"], "units": chosen})
            return redirect("office:job", job.pk)
    if request.GET.get("as") == "csv":
        return _runs_csv(billing.runs(actor, CSV_MOST))
    page = Paginator(range(billing.count_runs(actor)), A_PAGE).get_page(request.GET.get("page"))
    rows = [_line(run) for run in billing.runs(actor, A_PAGE, max(0, page.start_index() - 1))]
    return screen(request, actor, "office/runs.html", {"rows": rows, "page": page, "form": form, "units": units})


def _line(run: billing.RunView) -> dict[str, Any]:
    return {"it": run, "state": words.RUN_STATES.get(run.state, run.state), "tag": words.RUN_TAGS.get(run.state, "")}


def _runs_csv(rows: list[billing.RunView]) -> HttpResponseBase:
    heading = [
        _("Run no."), _("Month"), _("State"), _("Previewed by"), _("Approved by"), _("Issued"), _("Bills"), _("Held"),
        _("kWh"), _("Amount"),
    ]  # fmt: skip
    return lists.csv_file(
        "runs",
        heading,
        (
            (
                row.id, _month(row.period), words.RUN_STATES.get(row.state, row.state), row.made_by, row.approved_by,
                row.issued_on.isoformat() if row.issued_on else "", row.bills, row.held, lists.plain_kwh(row.wh),
                lists.plain_amount(row.amount),
            )
            for row in rows
        ),
    )  # fmt: skip


def _month(period: int) -> str:
    return f"{period // 100}-{period % 100:02d}"


@staff.desk("runs.see")
def run(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponseBase:
    """One run: what it will do or did, by unit and class, the outliers, and the next step."""
    found = billing.run_for(actor, run_id)
    if request.GET.get("as") == "csv":
        return _outliers_csv(found)
    names = words.unit_names()
    shown = _line(found) | {
        "run": found,
        "unit_names": [names.get(unit, str(unit)) for unit in found.unit_ids],
        "may_approve": actor.may("runs.approve") and found.made_by != actor.name,
        "nothing": found.preview is not None and found.preview.bills == 0 and found.preview.held == 0,
        "progress": _progress(found),
        "going": _going(found),
    }
    if found.preview is not None:
        shown |= _preview(found.preview, names)
    return screen(request, actor, "office/run.html", shown)


def _preview(preview: billing.Preview, names: dict[int, str]) -> dict[str, Any]:
    views = customers.accounts([row.account_id for row in preview.outliers])
    return {
        "preview": preview,
        "totals": [
            {
                "it": row,
                "unit": names.get(row.unit_id, ""),
                "class": words.CLASSES.get(row.class_code, ""),
                "month_change": row.amount - row.last_month_amount,
                "year_change": row.amount - row.last_year_amount,
            }
            for row in preview.totals
        ],
        "hold_counts": [{"it": row, "unit": names.get(row.unit_id, "")} for row in preview.holds],
        "outliers": [
            {"it": row, "account": views.get(row.account_id), "per_cent": row.change_permille // 10}
            for row in preview.outliers
        ],
    }


def _progress(run: billing.RunView) -> list[dict[str, Any]]:
    names = words.unit_names()
    return [{"it": row, "unit": names.get(row.unit_id, "")} for row in run.units]


def _going(run: billing.RunView) -> bool:
    """Whether a worker has this run in hand."""
    waiting = models.Job.objects.filter(kind="run", state__in=(models.QUEUED, models.RUNNING), asked__run=run.id)
    return run.state in ("approved", "running") and waiting.exists()


@staff.desk("runs.see")
def run_progress(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponseBase:
    """The moving part of a run's page, asked for every second while it runs."""
    found = billing.run_for(actor, run_id)
    going = _going(found)
    if not going and request.headers.get("HX-Request"):
        answer = HttpResponse(status=200)
        answer["HX-Refresh"] = "true"
        return answer
    shown = {"run": found, "progress": _progress(found), "going": going}
    return render(request, "office/run_progress.html", shown)


@require_POST
@staff.desk("runs.approve", "runs.run", "runs.preview")
def run_act(request: HttpRequest, actor: Actor, run_id: int, act: str) -> HttpResponseBase:
    """Approve, start, go on, or put away."""
    found = billing.run_for(actor, run_id)
    if act == "approve":
        billing.approve(actor, run_id)
        messages.success(request, _("Approved. It can be run now."))
    elif act == "abandon":
        billing.abandon(actor, run_id)
        messages.success(request, _("Put away. Nothing was billed."))
    else:
        actor.require("runs.run")
        if found.state not in ("approved", "running"):
            raise Refusal("wrong_state", "This run is not approved, or it is done.", "该次出账尚未批准或已完成。")
        if not _going(found):
            jobs.ask(actor, "run", {"run": run_id})
    return redirect("office:run", run_id)


def _outliers_csv(run: billing.RunView) -> HttpResponseBase:
    rows = run.preview.outliers if run.preview else ()
    views = customers.accounts([row.account_id for row in rows])
    heading = [
        _("Customer number"),
        _("Customer name"),
        _("kWh"),
        _("Amount"),
        _("Last month kWh"),
        _("Last year kWh"),
        _("Held"),
    ]
    return lists.csv_file(
        f"outliers-{run.period}-{run.id}",
        heading,
        (
            (
                views[row.account_id].number if row.account_id in views else row.account_id,
                views[row.account_id].name if row.account_id in views else "",
                lists.plain_kwh(row.wh), lists.plain_amount(row.amount), lists.plain_kwh(row.last_month_wh),
                lists.plain_kwh(row.last_year_wh), int(row.held),
            )
            for row in rows
        ),
    )  # fmt: skip


@staff.desk("holds.settle", "runs.see")
def holds(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Bills that wait for a person, with why, by unit, month and reason; many are released at once."""
    units = staff.unit_ids_of(actor)
    unit, period = _whole(request.GET.get("unit", "")), _period(request.GET.get("period", ""))
    reason = request.GET.get("reason", "")
    chosen = [unit] if unit in units else units
    counts = billing.waiting_counts(units)
    if request.GET.get("as") == "csv":
        return _holds_csv(_hold_lines(billing.holds(chosen, period, limit=CSV_MOST, reason=reason)))
    total = sum(
        row.count
        for row in counts
        if row.unit_id in chosen and period in (None, row.period) and reason in ("", row.reason)
    )
    page = Paginator(range(total), A_PAGE).get_page(request.GET.get("page"))
    rows = billing.holds(chosen, period, limit=A_PAGE, reason=reason, offset=max(0, page.start_index() - 1))
    language = 1 if staff.language() == "zh" else 0
    reasons = {row.reason: billing.HOLD_SENTENCES.get(row.reason, (row.reason,) * 2)[language] for row in counts}
    shown = {
        "rows": _hold_lines(rows), "page": page, "total": total, "reasons": sorted(reasons.items()), "reason": reason,
        "period": period, "periods": sorted({row.period for row in counts}, reverse=True), "unit": unit,
        "units": staff.units_of(actor), "may_release": any(row.acceptable for row in rows),
    }  # fmt: skip
    return screen(request, actor, "office/holds.html", shown)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _period(text: str) -> int | None:
    digits = text.replace("-", "")
    return int(digits) if len(digits) == 6 and digits.isascii() and digits.isdecimal() else None


def _hold_lines(rows: list[billing.HoldView]) -> list[dict[str, Any]]:
    views = customers.accounts({row.account_id for row in rows})
    names, language = words.unit_names(), staff.language()
    # those that wait for a reading lead to it
    held: dict[tuple[int, int], int] = {}
    if any(row.reason == "reading_held" for row in rows):
        for reading in metering.held(sorted({row.unit_id for row in rows}), limit=CSV_MOST):
            held.setdefault((reading.account_id, reading.period), reading.id)
    return [
        {
            "it": row,
            "held_id": held.get((row.account_id, row.period)) if row.reason == "reading_held" else None,
            "account": views.get(row.account_id),
            "unit": names.get(row.unit_id, ""),
            "reason": " ".join([row.reason_zh if language == "zh" else row.reason_en, *words.lacking(row.detail)]),
        }
        for row in rows
    ]


def _holds_csv(lines: list[dict[str, Any]]) -> HttpResponseBase:
    heading = [_("Customer number"), _("Customer name"), _("Unit"), _("Period"), _("Reason")]
    return lists.csv_file(
        "holds",
        heading,
        (
            (
                line["account"].number if line["account"] else line["it"].account_id,
                line["account"].name if line["account"] else "", line["unit"], _month(line["it"].period),
                line["reason"],
            )
            for line in lines
        ),
    )  # fmt: skip


@require_POST
@staff.desk("holds.settle")
def holds_release(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Release the marked holds: as the bill is, or after correction (checked again)."""
    ids = [int(text) for text in request.POST.getlist("hold") if text.isascii() and text.isdecimal()]
    outcome = "corrected" if request.POST.get("outcome") == "corrected" else "accepted"
    if not ids:
        messages.error(request, _("Mark at least one row."))
        return redirect("office:holds")
    done = billing.release_hold(actor, ids, outcome, request.POST.get("reason", "")[:300])
    billed = len(done.billed)
    if billed:
        messages.success(request, ngettext("%d bill is made.", "%d bills are made.", billed) % billed)
    if done.held_again:
        again = len(done.held_again)
        messages.warning(request, ngettext("%d is held again.", "%d are held again.", again) % again)
    return redirect("office:holds")


@staff.desk("runs.see")
def differences(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Choose two runs, or a period and two versions of a tariff, to lay side by side."""
    if request.method == "POST":
        asked = _asked(request)
        for run_id in (asked.get("run_a"), asked.get("run_b")) if asked else ():
            if run_id is not None:
                billing.run_for(actor, run_id)
        if asked is None:
            messages.error(request, _("Choose two different sides."))
        else:
            return redirect("office:job", jobs.ask(actor, "difference", asked).pk)
    code = request.GET.get("tariff", "")
    shown = {
        "runs": [_line(each) for each in billing.runs(actor) if each.state in ("done", "running")],
        "tariffs": tariffs.tariffs(clock.today()),
        "code": code,
        "versions": tariffs.versions(code) if code else [],
        "period": forms.last_period(),
    }
    return screen(request, actor, "office/differences.html", shown)


def _asked(request: HttpRequest) -> dict[str, Any] | None:
    sides = [request.POST.get(name, "") for name in ("a", "b")]
    if not all(side.isascii() and side.isdecimal() for side in sides) or sides[0] == sides[1]:
        return None
    before, after = int(sides[0]), int(sides[1])
    if request.POST.get("of") == "versions":
        period = _period(request.POST.get("period", ""))
        return {"period": period, "version_a": before, "version_b": after} if period else None
    return {"run_a": before, "run_b": after}


@staff.desk("runs.see")
def difference(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponseBase:
    """A difference report that is ready."""
    job = job_for(actor, job_id)
    if job.kind != "difference" or job.state != models.DONE:
        raise Http404
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() else 1
    shown: dict[str, Any] = {"job": job, "report": job.result}
    if number > 1:  # the first page is kept with the job; the others are in its file
        try:
            shown["page"] = report_of.page(job.result["file"], number, job.result["differ"])
        except FileNotFoundError:
            raise Http404 from None
    shown["more"] = job.result["differ"] > report_of.ROWS_SHOWN
    return screen(request, actor, "office/difference.html", shown)


@staff.desk("documents.print")
def prints(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Print files per area: ask for one or for a whole station, and fetch what is ready."""
    units = staff.unit_ids_of(actor)
    if request.method == "POST":
        return _ask_prints(request, actor, units)
    names = words.area_names()
    kept = list(models.Job.objects.filter(kind="print", by_user=actor.id).order_by("-id")[:60])
    rows = [{"it": job, "area": names.get(job.asked.get("area", 0), ""), "mb": _megabytes(job)} for job in kept]
    areas: dict[str, list[territory.Area]] = {}
    for area in territory.areas(units):
        areas.setdefault(area.station_code, []).append(area)
    groups = [{"it": station, "areas": areas.get(station.code, [])} for station in territory.stations(units)]
    going = any(job.state in (models.QUEUED, models.RUNNING) for job in kept)
    shown = {"rows": rows, "groups": groups, "period": forms.last_period(), "going": going}
    if request.headers.get("HX-Request"):
        return render(request, "office/prints_list.html", shown)
    return screen(request, actor, "office/prints.html", shown)


def _megabytes(job: models.Job) -> str:
    tenths = job.result.get("bytes", 0) * 10 // 2**20
    return f"{tenths // 10}.{tenths % 10}" if tenths else "0.1" if job.result.get("bytes") else ""


def _ask_prints(request: HttpRequest, actor: Actor, units: list[int]) -> HttpResponseBase:
    period = _period(request.POST.get("period", ""))
    wanted = request.POST.get("area", "")
    areas = [area for area in territory.areas(units) if wanted in (f"area:{area.id}", f"station:{area.station_code}")]
    language = request.POST.get("language", "")
    if period is None or not areas:
        messages.error(request, _("Choose a month and an area."))
        return redirect("office:prints")
    for area in areas:
        asked = {"area": area.id, "period": period, "language": language if language in ("zh", "en") else ""}
        jobs.ask(actor, "print", asked)
    count = len(areas)
    messages.success(request, ngettext("%d file is being made.", "%d files are being made.", count) % count)
    return redirect("office:prints")
