"""Tariffs: the catalogue; a version drafted, tried, sent, decided on; versions compared; what one does to everybody."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.look.prices import prices_shown
from gridhall.doors.office import forms, jobs, models, staff, what_if, words
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.jobs import job_for
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.tariffs import public as tariffs
from gridhall.territory import public as territory

BOOK_MOST = 400_000  # characters, as the reader of books takes
TRIED_MOST = 200  # customers of a trial shown on the screen
DETAILED_MOST = 5  # customers whose components are laid side by side
MONTHS_OF_A_YEAR = 12
FIRST_BOOK = """tariff: my-tariff
name: {zh: 新电价, en: New tariff}
currency: CNY
source: the notice it rests on
policy:
  zh: 在网上营业厅向客户说明的政策。
  en: What customers read about it in the portal.
for: {class: residential, meter: own, voltage: below 1 kV, place: Lamplake}

versions:
  - from: 2027-01-01
    rounding: once per bill, half up, to 0.01
    energy:
      - price per kWh: 0.5469
        name: {zh: 电度电费, en: Energy}
        clause: {zh: 条款, en: The clause that says so}
    examples:
      - {title: one hundred kWh, month: 2027-03, kWh: 100, bill: 54.69}
"""


@staff.desk("tariffs.see")
def tariff_list(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits for somebody, and every tariff with the version in force today."""
    rows = [
        {"it": tariff, "class": words.CLASSES.get(tariff.class_code, "")} for tariff in tariffs.tariffs(clock.today())
    ]
    waiting = [
        {"it": each, "state": words.TARIFF_STATES[each.state], "tag": words.TARIFF_TAGS.get(each.state, "")}
        for each in tariffs.waiting()
    ]
    return screen(request, actor, "office/tariffs.html", {"rows": rows, "waiting": waiting})


def _found(code: str, version_id: int) -> tuple[tariffs.TariffView, list[tariffs.VersionView], tariffs.VersionView]:
    found = tariffs.tariff_in_force(code, clock.today())
    versions = tariffs.versions(code) if found else []
    version = next((each for each in versions if each.version_id == version_id), None)
    if found is None or version is None:
        raise Http404
    return found, versions, version


@staff.desk("tariffs.see")
def tariff(request: HttpRequest, actor: Actor, code: str, version_id: int = 0) -> HttpResponseBase:
    """One tariff: its versions, and of one of them the components with prices, clauses, policy and source, and what can
    be done with it."""
    found = tariffs.tariff_in_force(code, clock.today())
    if found is None:
        raise Http404
    versions = tariffs.versions(code)
    wanted = version_id or (found.version.version_id if found.version else 0)
    version = next((each for each in versions if each.version_id == wanted), versions[0] if versions else None)
    shown = {
        "tariff": found,
        "class": words.CLASSES.get(found.class_code, ""),
        "versions": [_standing(each) for each in versions],
        "version": version,
        "standing": _standing(version) if version else None,
        "components": _components(version) if version else [],
        "acts": _acts(actor, version) if version else {},
        "before": _before(versions, version) if version else None,
        "period": forms.last_period(),
        "catalogue": tariffs.tariffs(clock.today()) if version and actor.may("tariffs.enter") else [],
    }
    return screen(request, actor, "office/tariff.html", shown)


def _standing(version: tariffs.VersionView) -> dict[str, Any]:
    state = tariffs.standing(version, clock.today())
    return {"it": version, "state": words.TARIFF_STATES[state], "tag": words.TARIFF_TAGS.get(state, "")}


def _acts(actor: Actor, version: tariffs.VersionView) -> dict[str, bool]:
    """What this person may do with the version as it stands. Who wrote or sent it does not decide on it."""
    own = tariffs.had_a_hand(actor, version)
    enters, decides = actor.may("tariffs.enter"), actor.may("tariffs.approve")

    def can(act: str) -> bool:
        return tariffs.may(version.state, act)

    return {
        "edit": enters and can("edit"), "send": enters and can("send"), "back": enters and can("take_back"),
        "withdraw": enters and can("withdraw"), "decide": decides and can("approve") and not own,
        "own": decides and can("approve") and own, "new": enters, "try": enters or decides,
    }  # fmt: skip


def _before(versions: list[tariffs.VersionView], version: tariffs.VersionView) -> tariffs.VersionView | None:
    """The version that this one follows (or that it would follow)."""
    earlier = [
        each
        for each in versions
        if each.version_id != version.version_id and each.state == "approved" and each.from_on <= version.from_on
    ]
    return max(earlier, key=lambda each: each.from_on, default=None)


def _components(version: tariffs.VersionView) -> list[dict[str, Any]]:
    rows = []
    for position, component in enumerate(version.components):
        prices = [
            {"it": price, "season": season, "register": words.REGISTERS.get(price.tou, "") if price.tou else ""}
            for season, price in prices_shown(version, position)
        ]
        rows.append({"it": component, "prices": prices, "seasons": any(price["season"] for price in prices)})
    return rows


@staff.desk("tariffs.enter")
def tariff_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A new tariff, or a new version of one: pasted, uploaded, or begun from a small example."""
    return _edit(request, actor, FIRST_BOOK, None)


@staff.desk("tariffs.enter")
def tariff_edit(request: HttpRequest, actor: Actor, code: str, version_id: int) -> HttpResponseBase:
    """A draft as text, with what is wrong at its line. Of a version that is approved, a new one is begun from it."""
    _tariff, _versions, version = _found(code, version_id)
    return _edit(request, actor, version.book, version, code)


def _edit(
    request: HttpRequest, actor: Actor, text: str, version: tariffs.VersionView | None, code: str = ""
) -> HttpResponseBase:
    faults: list[dict[str, Any]] = []
    checked = False
    if request.method == "POST":
        found: list[tariffs.BookFault] = []
        try:
            text = _given(request)
            found = tariffs.faults_of(text)
            faults = _at_their_lines(text, found)
        except Refusal as refusal:
            faults = [_whole_book(refusal)]
        checked = True
        if not faults and request.POST.get("do") == "keep":
            instead = version.version_id if version and tariffs.may(version.state, "edit") else 0
            try:
                kept = tariffs.enter_book(actor, text, instead)
            except Refusal as refusal:
                faults = [_whole_book(refusal)]
            else:
                return _to_the_draft(request, kept)
    shown = {
        "text": text,
        "faults": faults,
        "checked": checked,
        "version": version,
        "version_code": code,
        "most": BOOK_MOST,
    }
    return screen(request, actor, "office/tariff_edit.html", shown)


def _to_the_draft(request: HttpRequest, kept: list[int]) -> HttpResponseBase:
    """On to the newest of the versions of the book that is not approved."""
    drafts = {each.version_id: each for each in tariffs.waiting()}
    last = next((drafts[one] for one in reversed(kept) if one in drafts), None)
    if last is None:
        messages.info(request, _("Everything in this book is there already."))
        return redirect("office:tariffs")
    messages.success(request, _("The draft is kept. Try it, then send it for approval."))
    return redirect("office:tariff_version", last.tariff_code, last.version_id)


def _whole_book(refusal: Refusal) -> dict[str, Any]:
    """What is refused of a book without a line of it."""
    return {"line": 0, "path": refusal.field, "what": refusal.text(staff.language()), "text": ""}


def _given(request: HttpRequest) -> str:
    """The text of the form, or of the file that came with it. Refuses bad_book a file that is no text."""
    upload = request.FILES.get("file")
    if upload is not None:
        raw: bytes = upload.read(4 * BOOK_MOST)
        return tariffs.book_text(raw, upload.name or "")[0].replace("\r\n", "\n")
    return request.POST.get("text", "").replace("\r\n", "\n")


def _at_their_lines(text: str, found: list[tariffs.BookFault]) -> list[dict[str, Any]]:
    lines = text.split("\n")
    return [
        {
            "line": fault.line, "path": fault.path, "what": fault.what,
            "text": lines[fault.line - 1] if 0 < fault.line <= len(lines) else "",
        }
        for fault in found
    ]  # fmt: skip


@staff.desk("tariffs.enter", "tariffs.approve")
def tariff_try(request: HttpRequest, actor: Actor, code: str, version_id: int) -> HttpResponseBase:
    """The book's own examples, and real customers: what they were billed, and what they would be. Customers who are
    named are tried whatever their tariff; of an area, those on this tariff."""
    try:
        found = tariffs.tariff_of_version(version_id)
    except LookupError:
        raise Http404 from None
    version = found.version
    if version is None or found.code != code:
        raise Http404
    units = staff.unit_ids_of(actor)
    asked = {name: request.GET.get(name, "").strip()[:2000] for name in ("numbers", "area", "month")}
    shown: dict[str, Any] = {
        "tariff": found, "version": version, "asked": asked,
        "examples": tariffs.examples_of(version.book, version.from_on),
        "areas": [area for area in territory.areas(units) if actor.sees_unit(area.unit_id)],
        "period": _period(asked["month"]) or forms.last_period(),
    }  # fmt: skip
    shown["wrong"] = _wrong(asked, {str(area.id) for area in shown["areas"]})
    if (asked["numbers"] or asked["area"]) and not shown["wrong"]:
        shown |= _tried(actor, version, asked, shown["period"])
    return screen(request, actor, "office/tariff_try.html", shown)


def _wrong(asked: dict[str, str], areas: set[str]) -> dict[str, str]:
    """What cannot be tried, by field: a month that is none, an area that is not among those offered."""
    wrong = {}
    if asked["month"] and _period(asked["month"]) is None:
        wrong["month"] = _("This is not a month: write it like 2026-10.")
    if asked["area"] and not asked["numbers"] and asked["area"] not in areas:
        wrong["area"] = _("There is no such area among yours.")
    return wrong


def _tried(actor: Actor, version: tariffs.VersionView, asked: dict[str, str], period: int) -> dict[str, Any]:
    numbers = [each for each in asked["numbers"].replace(",", " ").split() if each]
    accounts = customers.account_ids(numbers) if numbers else {}
    missing = [number for number in numbers if number not in accounts]
    area = 0 if numbers else int(asked["area"])
    found = billing.what_if(
        version.version_id, [period], from_tariffs=None if numbers else (),
        unit_ids=None if actor.everywhere else sorted(actor.units),
        account_ids=list(accounts.values()) if numbers else None, area_ids=[area] if area else None,
    )  # fmt: skip
    order = sorted(range(len(found.rows)), key=lambda k: -abs(int(found.rows.change[k])))[:TRIED_MOST]
    views = customers.accounts([int(found.rows.account_id[k]) for k in order])
    rows = [_tried_row(version, found.rows, k, views, period, len(order) <= DETAILED_MOST) for k in order]
    untold = what_if.charged_by(found.lacking)
    return {"tried": found, "rows": rows, "missing": missing, "equal": found.equal, "untold": untold}


def _tried_row(
    version: tariffs.VersionView, rows: billing.WhatIfRows, k: int, views: dict[int, customers.AccountView],
    period: int, detailed: bool,
) -> dict[str, Any]:  # fmt: skip
    account_id = int(rows.account_id[k])
    return {
        "account": views.get(account_id), "account_id": account_id, "wh": int(rows.wh[k]),
        "before": int(rows.before[k]), "after": int(rows.after[k]), "change": int(rows.change[k]),
        "parts": billing.components_on(version.version_id, account_id, period) if detailed else (),
    }  # fmt: skip


def _period(text: str) -> int | None:
    digits = text.replace("-", "")
    good = len(digits) == 6 and digits.isascii() and digits.isdecimal() and 1 <= int(digits[4:]) <= 12
    return int(digits) if good else None


@staff.desk("tariffs.see")
def tariff_compare(request: HttpRequest, actor: Actor, code: str, version_id: int) -> HttpResponseBase:
    """A version beside another of the same tariff: component by component, price by price, and as texts."""
    found, versions, version = _found(code, version_id)
    asked = request.GET.get("with", "")
    other = next((each for each in versions if str(each.version_id) == asked), _before(versions, version))
    shown: dict[str, Any] = {"tariff": found, "version": version, "versions": [_standing(each) for each in versions]}
    if other is not None:
        shown |= {
            "other": other,
            "differences": [each for each in tariffs.compare(other, version) if each.kind != "same"],
            "lines": tariffs.compare_texts(other.book, version.book),
            "policy": (other.policy_zh, other.policy_en) != (version.policy_zh, version.policy_en),
        }
    return screen(request, actor, "office/tariff_compare.html", shown)


@require_POST
@staff.desk("tariffs.approve")
def tariff_approve(request: HttpRequest, actor: Actor, code: str, version_id: int) -> HttpResponseBase:
    """Put a version in force; not by the one who entered or sent it."""
    bill_again = request.POST.get("bill_again") == "1"
    tariffs.approve(actor, version_id, bill_again)
    messages.success(request, _("The version is approved. Bills from its first day on are rated by it."))
    if bill_again:
        count = len(billing.bills_of_version(version_id))
        messages.warning(
            request, ngettext("%d bill is to be made again.", "%d bills are to be made again.", count) % count
        )
    return redirect("office:tariff_version", code, version_id)


@require_POST
@staff.desk("tariffs.enter", "tariffs.approve")
def tariff_act(request: HttpRequest, actor: Actor, code: str, version_id: int, act: str) -> HttpResponseBase:
    """Send for approval, take back, reject or withdraw."""
    reason = request.POST.get("reason", "")[:1000]
    if act == "send":
        tariffs.send(actor, version_id)
        messages.success(request, _("It waits for another person's approval now."))
    elif act == "back":
        tariffs.take_back(actor, version_id)
        messages.success(request, _("It is a draft again."))
    elif act == "reject":
        tariffs.reject(actor, version_id, reason)
        messages.success(request, _("It is sent back, with your reason."))
    else:
        tariffs.withdraw(actor, version_id, reason)
        messages.success(request, _("It is withdrawn."))
    return redirect("office:tariff_version", code, version_id)


@require_POST
@staff.desk("tariffs.enter", "tariffs.approve")
def what_if_ask(request: HttpRequest, actor: Actor, code: str, version_id: int) -> HttpResponseBase:
    """Ask what a version does to every customer: a month, or the twelve months to it."""
    _found(code, version_id)
    last = _period(request.POST.get("month", ""))
    if last is None:
        messages.error(request, _("Choose a month."))
        return redirect("office:tariff_version", code, version_id)
    months = MONTHS_OF_A_YEAR if request.POST.get("months") == "12" else 1
    index = last // 100 * 12 + last % 100 - 1
    periods = [(index - back) // 12 * 100 + (index - back) % 12 + 1 for back in range(months - 1, -1, -1)]
    known = {each.code for each in tariffs.tariffs(clock.today())}
    asked = {
        "version": version_id, "code": code, "periods": periods,
        "from_tariffs": [each for each in request.POST.getlist("from") if each in known],
    }  # fmt: skip
    return redirect("office:job", jobs.ask(actor, "what_if", asked).pk)


@staff.desk("tariffs.enter", "tariffs.approve")
def what_if_report(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponseBase:
    """The report, when it is ready."""
    job = job_for(actor, job_id)
    if job.kind != "what_if" or job.state != models.DONE:
        raise Http404
    found, _versions, version = _found(job.asked["code"], job.asked["version"])
    return screen(
        request,
        actor,
        "office/what_if.html",
        what_if.shown(job.result) | {"job": job, "tariff": found, "version": version},
    )


@staff.desk("tariffs.enter", "tariffs.approve")
def what_if_areas(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponseBase:
    """The report's areas as a CSV file."""
    job = job_for(actor, job_id)
    if job.kind != "what_if" or job.state != models.DONE:
        raise Http404
    audit.record(actor, "office.download", f"job:{job_id}", after={"file": "areas"})
    return what_if.areas_file(job.result, f"what-if-{job_id}-areas")
