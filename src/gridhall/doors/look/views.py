"""The choices of a reader: language, theme, contrast, type size."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from gridhall.doors.look import context, forms

YEAR_SECONDS = 365 * 24 * 3600


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Where to go on: the `next` of the request when it stays in this house, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return default


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from a page that is too old, or from elsewhere: nothing was done."""
    del reason
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that is not well formed."""
    del exception
    return render(request, "400.html", status=400)


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of this browser; Django checks `language` and `next`."""
    return set_language(request)


@require_POST
def hint(request: HttpRequest) -> HttpResponse:
    """Put a first-time hint away in this browser, for a year."""
    answer = redirect(safe_next(request))
    put_away = context.hints(request) | ({request.POST.get("hint", "")} & set(context.HINTS))
    answer.set_cookie(
        context.HINT_COOKIE,
        ".".join(sorted(put_away)),
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return answer


def display(request: HttpRequest) -> HttpResponse:
    """Choose theme, contrast and type size; kept in cookies for a year."""
    form = forms.DisplayForm(request.POST if request.method == "POST" else None, initial=context.display(request))
    following = safe_next(request)
    if request.method == "POST" and form.is_valid():
        answer = redirect(following)
        for name in context.COOKIES:
            answer.set_cookie(
                f"gridhall_{name}",
                form.cleaned_data[name],
                max_age=YEAR_SECONDS,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
            )
        return answer
    return render(request, "look/display.html", {"form": form, "next": following})
