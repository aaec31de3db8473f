"""The caller's address behind proxies: what our own proxy wrote counts, what the caller wrote does not."""

import pytest
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from gridhall.doors.look.proxies import caller_address


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "1.2.3.4", "10.0.0.1"),  # no proxy of ours: the header is the caller's own invention
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_caller_address(settings: Settings, proxies: int, header: str, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "10.0.0.1"} | ({"HTTP_X_FORWARDED_FOR": header} if header else {})
    seen: list[str] = []

    def view(asked: HttpRequest) -> HttpResponse:
        seen.append(asked.META["REMOTE_ADDR"])
        return HttpResponse()

    caller_address(view)(request)
    assert seen == [address]
