"""The audit trail: who did what, when, through which door, to what; before and after side by side."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from gridhall.customers import public as customers
from gridhall.doors.office import audit_words, lists, staff
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import AuditEntry

A_PAGE = 50
CSV_MOST = 10_000
FILTERS = ("who", "act", "subject", "since", "until")


@staff.desk("audit.see")
def audit(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The audit trail, newest first, by person, days, kind of act and subject.

    An entry has no unit; who oversees some units reads what the people of those units did.
    """
    wanted = {name: request.GET.get(name, "").strip()[:120] for name in FILTERS}
    entries = _filtered(AuditEntry.objects.all(), actor, wanted)
    people = staff.full_names()
    if request.GET.get("as") == "csv":
        heading = [_("When"), _("Who"), _("Door"), _("Act"), _("Subject"), _("Reason")]
        rows = entries[:CSV_MOST].values_list("at", "actor_name", "door", "act", "subject", "reason")
        return lists.csv_file("audit", heading, ((row[0].isoformat(), *row[1:]) for row in rows))
    page = Paginator(entries, A_PAGE).get_page(request.GET.get("page"))
    numbers = customers.account_numbers(audit_words.account_ids(entry.subject for entry in page))
    shown = {
        "page": page,
        "rows": [_row(entry, people, numbers) for entry in page],
        "wanted": wanted,
        "people": sorted(people.items(), key=lambda one: one[1]),
        "groups": [(code, str(words)) for code, words in audit_words.GROUPS.items()],
        "filtered": any(wanted.values()),
    }
    return screen(request, actor, "office/audit.html", shown)


def _filtered(entries: QuerySet[AuditEntry], actor: Actor, wanted: Mapping[str, str]) -> QuerySet[AuditEntry]:
    if not actor.everywhere:
        entries = entries.filter(actor_kind="staff", actor_id__in=staff.people_within(actor))
    if wanted["who"]:
        entries = entries.filter(actor_name=wanted["who"])
    if wanted["act"]:
        entries = entries.filter(act__startswith=wanted["act"])
    if wanted["subject"]:
        entries = entries.filter(subject__startswith=wanted["subject"])
    since, until = _day(wanted["since"]), _day(wanted["until"])
    if since:
        entries = entries.filter(at__gte=_midnight(since))
    if until:
        entries = entries.filter(at__lt=_midnight(until + timedelta(days=1)))
    return entries


def _day(text: str) -> date | None:
    """A day, or None where there is none to read. The last day of all has no day after it and counts as none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found < date.max else None


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), clock.zone())


def _row(entry: AuditEntry, people: Mapping[str, str], numbers: Mapping[int, str]) -> dict[str, Any]:
    words, href = audit_words.subject(entry.subject, people, numbers)
    return {
        "it": entry,
        "who": audit_words.person(entry.actor_name, people),
        "door": audit_words.door(entry.door),
        "act": audit_words.act(entry.act),
        "subject": words,
        "href": href,
        "fields": audit_words.fields(entry.before, entry.after),
        "changed": entry.before is not None,
    }
