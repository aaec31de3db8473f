"""The caller's address behind proxies: what our own proxy wrote counts, what the caller wrote does not."""

import os
import re
import subprocess
import sys

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings

from gridhall.doors.look.proxies import caller_address
from gridhall.kernel import staff
from gridhall.kernel.access import system


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


def through_proxy(address: str) -> Client:
    """A browser behind a TLS proxy of ours, which tells the caller's address and the scheme."""
    return Client(
        enforce_csrf_checks=True,
        headers={
            "x-forwarded-for": address, "x-forwarded-proto": "https", "origin": "https://hall.example",
            "host": "hall.example", "referer": "https://hall.example/office/sign-in",
        },
    )  # fmt: skip


@pytest.fixture
def _behind_proxy(settings: Settings, db: None) -> None:
    settings.TRUSTED_PROXIES = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["hall.example"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_ENABLED = True


def try_staff(client: Client, password: str = "wrong") -> HttpResponse:
    page = client.get("/office/sign-in").content.decode()
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1]
    form = {"username": "clerk", "password": password, "csrfmiddlewaretoken": token}
    return client.post("/office/sign-in", form)  # type: ignore[return-value]  # the test client's answer


@pytest.mark.usefixtures("_behind_proxy")
def test_forms_work_and_a_lock_is_of_one_caller_behind_a_tls_proxy() -> None:
    """Six wrong passwords from one address lock the name for that address, not for the rest of the town."""
    staff.seed_roles()
    staff.add(system("test"), "clerk", "lamps along the lake", "clerk", "Clerk", "营业员", units=[101])
    bad = through_proxy("203.0.113.9")
    answers = [try_staff(bad).status_code for _ in range(6)]
    assert answers[0] == 422, "the form is taken, the password is wrong"
    assert answers[-1] == 429
    assert try_staff(through_proxy("203.0.113.9"), "lamps along the lake").status_code == 429
    assert try_staff(through_proxy("203.0.113.10"), "lamps along the lake").status_code == 302


def test_the_public_address_is_where_forms_may_come_from() -> None:
    """In a process of its own, since settings are read once; named origins win."""
    said = {}
    for origins in ("", "https://a.example,https://b.example"):
        asked = "from django.conf import settings; print(settings.CSRF_TRUSTED_ORIGINS)"
        given = {"GRIDHALL_PUBLIC_URL": "https://hall.example/", "GRIDHALL_ORIGINS": origins}
        done = subprocess.run(
            [sys.executable, "-c", asked], env=os.environ | given, capture_output=True, text=True, check=True
        )
        said[origins] = done.stdout.strip()
    assert list(said.values()) == ["['https://hall.example']", "['https://a.example', 'https://b.example']"]
