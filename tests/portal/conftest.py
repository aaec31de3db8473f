"""A customer at the portal's door."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import pytest
from django.test import Client
from pytest_django import Settings

from gridhall.kernel import clock
from tests.portal.town import PASSWORD, Household, households

NOON = datetime(2026, 11, 10, 12, tzinfo=clock.zone())  # ten days before the October bill falls due


@pytest.fixture(autouse=True)
def _quick_hashing(settings: Settings) -> None:
    """The hashing of passwords is slow on purpose; here it would only be waited for."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_IN_PACE_S = 0


@pytest.fixture
def noon() -> Iterator[datetime]:
    with clock.at(NOON):
        yield NOON


@pytest.fixture
def two(db: None, noon: datetime) -> tuple[Household, Household]:
    return households()


class SignIn(Protocol):
    """Signs a household in by password; a browser that asks for `language`."""

    def __call__(self, household: Household, language: str = "en") -> Client: ...


@pytest.fixture
def sign_in() -> SignIn:
    def enter(household: Household, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        answer = client.post("/sign-in", {"number": household.number, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return enter
