"""Chromium over the real pages: a live server, a real database that is committed to, screenshots for looking at.

`GRIDHALL_SCREENSHOTS` names the folder for screenshots; by default `screenshots/` beside the source (not in Git).
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Playwright keeps an event loop in this thread; the tests' own look-ups by the ORM are synchronous all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SCREENSHOTS = Path(os.environ.get("GRIDHALL_SCREENSHOTS") or Path(__file__).resolve().parents[2] / "screenshots")
OURS = ("http://localhost", "http://127.0.0.1", "data:")
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 860}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. `--no-sandbox`: it refuses to run as root with one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is missing: `make setup` installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """A page of a browser of its own: `open_page(size=PHONE, language="zh-CN", scheme="dark", script=True)`.

    It fails the test at the end where a page logged an error or asked another host.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def new(
        size: dict[str, int] | None = None, language: str = "en-GB", scheme: str = "light", script: bool = True
    ) -> Page:
        settings: dict[str, Any] = {"viewport": size or DESK, "color_scheme": scheme, "locale": language}
        context = chromium.new_context(**settings, java_script_enabled=script, reduced_motion="reduce")
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda said: wrong.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith(OURS) else wrong.append(asked.url))
        return page

    yield new
    for context in contexts:
        context.close()
    assert not wrong, wrong


def shoot(page: Page, name: str) -> None:
    """A screenshot of the whole page. The bar at the foot of the phone's page stands still in it."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def fits(page: Page) -> None:
    """Nothing sticks out to the side."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px too wide"


def accessible(page: Page) -> None:
    """No finding of axe that is serious or critical."""
    found = [
        f"{each['id']} ({each['impact']}): {each['help']} at {[node['target'] for node in each['nodes']][:3]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert not found, f"{page.url}: {found}"


@pytest.fixture(autouse=True)
def _first_rows_are_there(transactional_db: None) -> None:
    """Beside Playwright's event loop Django speaks through a connection of its own, which knows nothing of the rows
    that are put back before a transactional test: the rooms write their first rows again."""
    from django.core.management.sql import emit_post_migrate_signal

    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
