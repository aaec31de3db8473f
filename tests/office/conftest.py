"""Members of staff at the office's door."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from gridhall.kernel import clock
from tests.office import town as towns

Enter = Callable[..., Client]


@pytest.fixture(autouse=True)
def _quick_and_without_factor(settings: Settings) -> None:
    """Hashing is slow on purpose and would only be waited for; the second factor has tests of its own."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.OFFICE_SECOND_FACTOR_ROLES = frozenset()
    settings.RUN_PROCESSES = 0  # other processes do not see what a test has not committed


@pytest.fixture
def noon() -> Iterator[datetime]:
    with clock.at(towns.NOON):
        yield towns.NOON


@pytest.fixture
def town(db: None, noon: datetime) -> towns.Town:
    return towns.make()


@pytest.fixture
def enter() -> Enter:
    """Signs a member of staff in: `enter("clerk")`, in English."""

    def sign_in(role: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        answer = client.post("/office/sign-in", {"username": role, "password": towns.PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return sign_in


def text_of(answer: HttpResponse) -> str:
    """What a page says, its no-break spaces as plain ones."""
    return answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ")
