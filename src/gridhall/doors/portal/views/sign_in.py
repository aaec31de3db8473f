"""Signing in by customer number and a one-time code, or a password; signing out."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gridhall.customers import public as customers
from gridhall.doors.look.views import safe_next
from gridhall.doors.portal import limits, pace
from gridhall.doors.portal.forms import NUMBER_DIGITS, CodeForm, NumberForm, PasswordSignInForm, show_refusal
from gridhall.doors.portal.session import sign_in as open_session
from gridhall.doors.portal.session import sign_out as close_session
from gridhall.doors.portal.session import signed_in
from gridhall.doors.portal.shell import language_of_reader
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal

ASKED = "portal_asked"  # the number that a code was asked for, until it comes
GREET = "portal_greet"  # the kind reminder is shown on the first page after the sign-in


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Customer number, then a code (the plain way) or a password."""
    following = safe_next(request)
    if request.method == "GET" and signed_in(request) is not None:
        return redirect(following)
    by_password = "password" in (request.POST if request.method == "POST" else request.GET)
    form = (PasswordSignInForm if by_password else NumberForm)(
        request.POST if request.method == "POST" else None, initial={"number": _scanned(following)}
    )
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        if by_password:
            password = form.cleaned_data["password"]
            answer = _enter(request, form, following, lambda: customers.check_password(number, password, clock.now()))
        else:
            answer = _ask_for_code(request, form, number, following)
        if answer is not None:
            return answer
    context = {"form": form, "by_password": by_password, "next": following}
    context["number"] = _scanned(following)
    context["ended"] = request.method == "GET" and "ended" in request.GET
    return render(request, "portal/sign_in.html", context, status=400 if form.errors else 200)


def _scanned(following: str) -> str:
    """The customer number in the address of a bill's code, so that it need not be typed; empty where there is none."""
    (number,) = parse_qs(urlsplit(following).query).get("number", [""])[:1]
    return number if number.isascii() and number.isdecimal() and len(number) == NUMBER_DIGITS else ""


def _ask_for_code(request: HttpRequest, form: NumberForm, number: str, following: str) -> HttpResponse | None:
    try:
        limits.refuse_many(request, "code")
        limits.knock(request, "code")
        with pace.steady():
            customers.send_code(number, clock.now(), customers.sender())
    except Refusal as refusal:
        show_refusal(form, refusal, language_of_reader())
        return None
    request.session[ASKED] = {"number": number, "next": following}
    return redirect("portal:sign_in_code")


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponseBase:
    """The code that was sent. The page is the same whether the number exists or not."""
    asked = request.session.get(ASKED)
    if asked is None:
        return redirect("portal:sign_in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["code"]
        answer = _enter(request, form, asked["next"], lambda: customers.check_code(asked["number"], given, clock.now()))
        if answer is not None:
            return answer
    context = {"form": form, "number": asked["number"], "next": asked["next"]}
    return render(request, "portal/code.html", context, status=400 if form.errors else 200)


def _enter(
    request: HttpRequest, form: NumberForm | CodeForm, following: str, check: Callable[[], int]
) -> HttpResponse | None:
    """Open the session if the check gives an account; else put the refusal on the form and count it."""
    try:
        limits.refuse_many(request, "failure")
        with pace.steady():
            account_id = check()
    except Refusal as refusal:
        if refusal.code in ("code_wrong", "password_wrong"):
            limits.knock(request, "failure")
        show_refusal(form, refusal, language_of_reader())
        return None
    open_session(request, account_id)
    request.session[GREET] = True
    return redirect(following)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    close_session(request)
    messages.success(request, gettext("You are signed out."))
    return redirect("portal:sign_in")
