"""Statements of our bank: brought in, read line by line, and what they left in suspense."""

from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridhall.doors.look import formats
from gridhall.doors.office import money_words, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

FILE_BYTES_MOST = 20_000_000
SHOWN = 60
LINES_SHOWN = 500


class StatementForm(django_forms.Form):
    """A file of statements."""

    form = django_forms.ChoiceField(label=gettext_lazy("Form"))
    account = django_forms.ChoiceField(
        label=gettext_lazy("Our account"),
        help_text=gettext_lazy("Needed for a CSV alone; the other forms say it themselves."),
    )
    columns = django_forms.ChoiceField(label=gettext_lazy("Columns of the CSV"), required=False)
    file = django_forms.FileField(label=gettext_lazy("File"))


def _form(request: HttpRequest, accounts: list[payments.BankAccountView]) -> StatementForm:
    form = StatementForm(request.POST or None, request.FILES or None)
    forms = [(each, money_words.FORMS.get(each, each)) for each in payments.statement_forms()]
    columns = [(each, each) for each in payments.statement_columns()]
    form.fields["form"].choices = forms  # type: ignore[attr-defined]  # a ChoiceField has them
    form.fields["columns"].choices = columns  # type: ignore[attr-defined]
    form.fields["account"].choices = [  # type: ignore[attr-defined]
        (each.number, f"{words.of(each)} {each.number}") for each in accounts
    ]
    return form


@staff.desk("tills.all", "refunds.approve")
def statements(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The statements that came, where one is missing, and the form for a file."""
    units = staff.unit_ids_of(actor)
    accounts = payments.bank_accounts(units)
    form = _form(request, accounts)
    if request.method == "POST" and form.is_valid() and actor.may("tills.all"):
        return _bring_in(request, actor, form.cleaned_data)
    by_id = {each.id: each for each in accounts}
    found = payments.statements(units, limit=SHOWN)
    shown = {
        "rows": [{"it": each, "account": by_id.get(each.account_id)} for each in found],
        "accounts": accounts,
        "form": form,
        "may_bring": actor.may("tills.all"),
    }
    return screen(request, actor, "office/statements.html", shown, status=422 if form.errors else 200)


def _bring_in(request: HttpRequest, actor: Actor, given: dict[str, Any]) -> HttpResponseBase:
    file = given["file"]
    if file.size > FILE_BYTES_MOST:
        messages.error(request, _("The file is too large for this page; bring it in at the command line."))
        return redirect("office:statements")
    options = payments.StatementOptions(given["account"], given["columns"])
    try:
        done = payments.load_statements(actor, given["form"], file.read(), file.name, options)
    except Refusal as no:
        messages.error(request, no.text(staff.language()) + _where(no))
        return redirect("office:statements")
    matched = payments.match_suspense(actor)
    payments.settle_returns(actor)
    new = sum(each.new for each in done)
    if all(each.known for each in done):
        messages.info(request, _("All of it had come before; nothing was booked."))
    else:
        said = _("%(new)s lines booked, %(posted)s of them given to accounts.")
        messages.success(request, said % {"new": new, "posted": matched.posted})
    for each in done:
        if each.gap:
            said = _("Before %(ident)s a statement is missing: the balances are %(gap)s apart.")
            gap = formats.money(abs(each.gap), settings.CURRENCY_DECIMALS)
            messages.warning(request, said % {"ident": each.ident, "gap": gap})
    return redirect("office:statement", done[0].statement_id)


def _where(no: Refusal) -> str:
    return _(" Line %(row)s, field %(field)s.") % {"row": no.row, "field": no.field} if no.row >= 0 else ""


@staff.desk("tills.all", "refunds.approve")
def statement(request: HttpRequest, actor: Actor, statement_id: int) -> HttpResponseBase:
    """One statement: its balances and its lines, with what has become of each."""
    found = payments.statement_within(actor, statement_id)
    lines = payments.lines_of(statement_id, LINES_SHOWN)
    account = next((each for each in payments.bank_accounts() if each.id == found.account_id), None)
    shown = {"it": found, "account": account, "lines": lines, "form": money_words.FORMS.get(found.form, found.form)}
    return screen(request, actor, "office/statement.html", shown)
