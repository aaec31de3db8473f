"""What we told a customer: the inbox, one notice word by word, and what is to come by mail too."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridhall.customers import public as customers
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel.refusal import Refusal
from gridhall.notices import public as said

A_PAGE = 20


@require_safe
@customer_page
def notices(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """Everything that was said, the latest first; what was not read yet is marked."""
    pages = Paginator(range(said.count_of(customer.account_id)), A_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    offset = (shown.number - 1) * A_PAGE
    rows = said.notices_of(customer.account_id, language_of_reader(), A_PAGE, offset)
    context = {"rows": rows, "page": shown, "unread": said.unread(customer.account_id)}
    return page(request, customer, "portal/notices.html", context, place="home")


@require_safe
@customer_page
def notice(request: HttpRequest, customer: SignedIn, number: int) -> HttpResponse:
    """One notice; with this it is read."""
    try:
        found = said.notice_of(customer.account_id, number, language_of_reader())
    except Refusal as missing:
        raise Http404 from missing
    if found.read_at is None:
        said.mark_read(customer.account_id, number)
    context = {"it": found, "mail": _mail_words(found.mail), "next": _next(found)}
    return page(request, customer, "portal/notice.html", context, place="home")


@require_safe
@customer_page
def unread(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """How many are new, for the first page, which asks once it stands."""
    return render(request, "portal/_unread.html", {"unread": said.unread(customer.account_id)})


@require_POST
@customer_page
def all_read(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """Everything is read."""
    del request
    said.mark_read(customer.account_id)
    return redirect("portal:notices")


@require_http_methods(["GET", "POST"])
@customer_page
def choices(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """Which occasions come by mail; what the law or the contract asks for always does."""
    shown = said.choices(customer.account_id)
    if request.method == "POST":
        wanted = set(request.POST.getlist("wanted"))
        for occasion, on in shown:
            if not occasion.required and on != (occasion.name in wanted):
                said.choose(
                    customer.actor, customer.account_id, occasion.name, said.MAIL, wanted=occasion.name in wanted
                )
        messages.success(request, gettext("Kept."))
        return redirect("portal:notice_choices")
    account = customers.account(customer.account_id)
    zh = language_of_reader() == "zh"
    rows = [{"it": occasion, "name": occasion.zh if zh else occasion.en, "on": on} for occasion, on in shown]
    context = {"rows": rows, "email": account.email if account else ""}
    return page(request, customer, "portal/notice_choices.html", context, place="profile")


def _mail_words(mail: said.SendingView | None) -> str:
    """How it went by mail, in one line."""
    if mail is None:
        return ""
    if mail.state == said.SENT:
        return gettext("Also sent by e-mail to %s.") % mail.address
    if mail.state in (said.WAITING, said.SENDING):
        return gettext("On its way by e-mail to %s.") % mail.address
    return gettext("The e-mail to %s did not arrive. Please tell us your right address.") % mail.address


def _next(found: said.NoticeView) -> tuple[str, str] | None:
    """The page that a notice is about: (address, words)."""
    values = found.values
    if found.occasion.name == "bill_issued":
        return reverse("portal:bill", args=[values["period"], values["seq"]]), gettext("See the bill")
    if found.occasion.name == "payment_received":
        return reverse("portal:receipt", args=[values["no"]]), gettext("See the receipt")
    if found.occasion.name.startswith("debit_") or found.occasion.name == "mandate_changed":
        return reverse("portal:debit"), gettext("See your debits")
    return reverse("portal:payments"), gettext("See your payments")
