"""The customer's own page: whose account it is, language, password."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gridhall.customers import public as customers
from gridhall.doors.look.views import YEAR_SECONDS
from gridhall.doors.portal import limits
from gridhall.doors.portal.forms import LanguageForm, NewPasswordForm, show_refusal
from gridhall.doors.portal.session import SignedIn, customer_page, keep_after_password_change
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal


@sensitive_post_parameters("current", "password", "again")
@require_http_methods(["GET", "POST"])
@customer_page
def profile(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """Two forms on one page; `which` says which was sent."""
    account = customers.account(customer.account_id)
    has_password = customers.has_password(customer.account_id)
    which = request.POST.get("which")
    language_form = LanguageForm(
        request.POST if which == "language" else None, initial={"language": account.language if account else "zh"}
    )
    password_form = NewPasswordForm(request.POST if which == "password" else None, has_password=has_password)
    if which == "language" and language_form.is_valid():
        return _set_language(customer, language_form.cleaned_data["language"])
    if which == "password" and password_form.is_valid() and _set_password(request, customer, password_form):
        messages.success(request, gettext("The new password holds from now on. Other devices are signed out."))
        return redirect("portal:profile")
    wrong = bool(language_form.errors or password_form.errors)
    context = {
        "account": account,
        "phone": hidden(account.phone) if account else "",
        "has_password": has_password,
        "language_form": language_form,
        "password_form": password_form,
    }
    return page(request, customer, "portal/profile.html", context, place="profile", status=400 if wrong else 200)


def hidden(phone: str) -> str:
    """A phone number that its owner knows again and nobody else can call: 138 •••• 0412."""
    return f"{phone[:3]} •••• {phone[-4:]}" if len(phone) >= 9 else ""


def _set_language(customer: SignedIn, language: str) -> HttpResponse:
    customers.set_language(customer.actor, customer.account_id, language)
    answer = redirect("portal:profile")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        "zh-hans" if language == "zh" else "en",
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer


def _set_password(request: HttpRequest, customer: SignedIn, form: NewPasswordForm) -> bool:
    """Check the old password (failures count as at sign-in), then set the new one. False: the form says why."""
    try:
        if "current" in form.fields:
            limits.refuse_many(request, "failure")
            customers.check_password(customer.number, form.cleaned_data["current"], clock.now())
        customers.set_password(customer.actor, customer.account_id, form.cleaned_data["password"], clock.now())
    except Refusal as refusal:
        if refusal.code == "password_wrong":
            limits.knock(request, "failure")
            form.add_error("current", refusal.text(language_of_reader()))
        else:
            show_refusal(form, refusal, language_of_reader())
        return False
    keep_after_password_change(request)
    return True
