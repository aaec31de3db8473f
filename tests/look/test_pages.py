"""The components page, the reader's choices, and pages for what went wrong."""

import pytest
from django.contrib.staticfiles import finders
from django.test import Client


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_components_page(db: None, language: str) -> None:
    answer = Client(headers={"accept-language": language}).get("/look/")
    assert answer.status_code == 200
    assert b" style=" not in answer.content


def test_choices_are_kept_and_shown(db: None) -> None:
    client = Client()
    given = {"theme": "dark", "contrast": "more", "size": "large", "next": "/sign-in"}
    assert client.post("/look/display", given).headers["Location"] == "/sign-in"
    page = client.get("/sign-in").content.decode()
    assert 'data-theme="dark" data-contrast="more" data-size="large"' in page
    client.cookies["gridhall_theme"] = "<script>"
    assert "data-theme" not in client.get("/sign-in").content.decode()


def test_the_language_can_be_switched(db: None) -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    assert 'lang="zh-Hans"' in client.get("/sign-in").content.decode()
    answer = client.post("/look/language", {"language": "en", "next": "/sign-in"})
    assert answer.headers["Location"] == "/sign-in"
    assert '<html lang="en"' in client.get("/sign-in").content.decode()


def test_what_is_not_there_says_so_in_words(db: None) -> None:
    answer = Client(headers={"accept-language": "en"}).get("/nowhere")
    assert answer.status_code == 404
    assert b"There is nothing at this address" in answer.content


@pytest.mark.parametrize("folder", ["htmx", "inter", "lucide"])
def test_what_is_not_ours_has_its_licence(folder: str) -> None:
    for name in ("LICENSE", "VERSION"):
        assert finders.find(f"vendor/{folder}/{name}"), f"{folder}/{name}"


def test_no_page_loads_from_elsewhere() -> None:
    """Style sheets and scripts name no other host."""
    for name in ("look/tokens.css", "look/components.css", "look/portal.css", "look/office.css", "look/look.js"):
        path = finders.find(name)
        assert path
        with open(path, encoding="utf-8") as read:
            text = read.read()
        assert "http://" not in text
        assert "https://" not in text
