"""A way by mail is set up; whether anybody is there to take it, each test says."""

import pytest
from pytest_django import Settings

from gridhall.notices import public as notices


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: Settings) -> None:
    settings.NOTICE_WAYS = {notices.MAIL: "gridhall.adapters.mail.Smtp"}
