"""What is said to customers: the texts of each occasion, how much went out by which way, what did not arrive."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.doors.look import charts, formats
from gridhall.doors.office import staff
from gridhall.doors.office.notice_words import STATES
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.notices import public as said

DAYS_SHOWN = 14
FAILED_SHOWN = 60
FIELDS = ("title_zh", "body_zh", "title_en", "body_en")


class TextForm(forms.Form):
    """A new version of what is said on an occasion."""

    from_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    title_zh = forms.CharField(label=gettext_lazy("Title, Chinese"), max_length=200)
    body_zh = forms.CharField(label=gettext_lazy("Text, Chinese"), widget=forms.Textarea(attrs={"rows": 4}))
    title_en = forms.CharField(label=gettext_lazy("Title, English"), max_length=200)
    body_en = forms.CharField(label=gettext_lazy("Text, English"), widget=forms.Textarea(attrs={"rows": 4}))


@staff.desk("notices.see")
def notices(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Occasions with the text in force, texts that wait for a second person, sendings that failed, counts by day."""
    today = clock.today()
    versions = said.texts()
    zh = _reads_chinese()
    rows = []
    for occasion in said.OCCASIONS:
        mine = [each for each in versions if each.occasion.code == occasion.code]
        in_force = next((each for each in mine if each.state == said.APPROVED and each.from_on <= today), None)
        rows.append({
            "it": occasion, "name": occasion.zh if zh else occasion.en, "text": in_force,
            "words": in_force.example("zh" if zh else "en") if in_force else None,
        })  # fmt: skip
    failed = said.failures(FAILED_SHOWN)
    accounts = customers.account_heads({each.account_id for each in failed})
    shown = {
        "rows": rows,
        "drafts": [
            {"it": each, "name": each.occasion.zh if zh else each.occasion.en, "mine": each.made_by == actor.name}
            for each in versions if each.state == said.DRAFT
        ],
        "failed": [
            {"it": each, "name": each.occasion.zh if zh else each.occasion.en, "account": accounts[each.account_id],
             "state": STATES[each.state]}
            for each in failed if each.account_id in accounts and actor.sees_unit(accounts[each.account_id].unit_id)
        ],
        "chart": _chart(today),
        "has_mail": said.way(said.MAIL) is not None,
    }  # fmt: skip
    return screen(request, actor, "office/notices.html", shown)


def _reads_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def _chart(today: date) -> charts.ColumnChart | None:
    """Notices of the last days: in the inbox, sent by mail, not arrived."""
    since = today - timedelta(days=DAYS_SHOWN - 1)
    counted: dict[date, list[int]] = {since + timedelta(days=n): [0, 0, 0] for n in range(DAYS_SHOWN)}
    for each in said.by_day(since):
        place = 0 if each.way == said.INBOX else 1 if each.state == said.SENT else 2
        if each.day in counted and (place < 2 or each.state in (said.REFUSED, said.GIVEN_UP, said.BOUNCED)):
            counted[each.day][place] += each.count
    if not any(any(values) for values in counted.values()):
        return None
    series = [
        charts.Series(_("inbox"), "info"), charts.Series(_("by mail"), "good"),
        charts.Series(_("not arrived"), "bad"),
    ]  # fmt: skip
    drawn = [
        charts.Column(
            label=f"{day:%m-%d}", name=f"{day:%Y-%m-%d}", values=tuple(values),
            texts=tuple(formats.count_text(value) for value in values), text=formats.count_text(sum(values)),
        )
        for day, values in counted.items()
    ]  # fmt: skip
    return charts.columns(_("Notices by day and way"), _("notices"), series, drawn, formats.count_text)


@staff.desk("notices.see")
def text(request: HttpRequest, actor: Actor, text_id: int) -> HttpResponseBase:
    """One version in both languages with a made-up case, and the form of the next one."""
    found = said.text(text_id)
    may = actor.may("notices.write")
    form = TextForm(request.POST or None, initial=_initial(found)) if may else None
    seen = None
    if request.method == "POST" and form is not None and form.is_valid():
        new = said.NewText(found.occasion.name, **form.cleaned_data)
        try:
            if request.POST.get("word") == "look":
                seen = said.preview(new)
            else:
                made = said.write_text(actor, new)
                messages.success(request, _("Kept. A second person must approve it."))
                return redirect("office:notice_text", made)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, _words(refusal))
    shown: dict[str, Any] = {
        "it": found, "name": found.occasion.zh if _reads_chinese() else found.occasion.en, "form": form,
        "zh": seen.zh if seen else found.example("zh"), "en": seen.en if seen else found.example("en"),
        "seen": seen is not None, "fields": [f"{{{name}}}" for name in found.occasion.all_fields],
        "may_decide": found.state == said.DRAFT and actor.may("notices.approve") and found.made_by != actor.name,
        "may_try": may and said.way(said.MAIL) is not None,
    }  # fmt: skip
    return screen(request, actor, "office/notice_text.html", shown, status=422 if form and form.errors else 200)


def _initial(found: said.TextView) -> dict[str, object]:
    return {"from_on": clock.today(), **{name: getattr(found, name) for name in FIELDS}}


def _words(refusal: Refusal) -> str:
    return f"{refusal.text('zh' if _reads_chinese() else 'en')} {refusal.value}".strip()


@require_POST
@staff.desk("notices.approve")
def text_decide(request: HttpRequest, actor: Actor, text_id: int) -> HttpResponseBase:
    """A second person's word on a text."""
    approve = request.POST.get("word") == "approve"
    said.decide_text(actor, text_id, approve=approve)
    messages.success(request, _("Approved.") if approve else _("Rejected; the text is gone."))
    return redirect("office:notices")


@require_POST
@staff.desk("notices.write")
def text_try(request: HttpRequest, actor: Actor, text_id: int) -> HttpResponseBase:
    """Send the made-up case to an address of one's own."""
    address = request.POST.get("address", "").strip()
    outcome = said.send_example(actor, text_id, address, "zh" if _reads_chinese() else "en")
    if outcome.state == said.TAKEN:
        messages.success(request, _("The mail server took it: %s") % outcome.answer)
    else:
        messages.error(request, _("It did not go: %s") % outcome.answer)
    return redirect("office:notice_text", text_id)


@require_POST
@staff.desk("notices.write")
def again(request: HttpRequest, actor: Actor, notice_id: int) -> HttpResponseBase:
    """Try a failed sending once more."""
    said.send_again(actor, notice_id)
    messages.success(request, _("It is tried again within a minute."))
    return redirect("office:notices")
