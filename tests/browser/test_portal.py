"""A customer's way through the portal in Chromium: sign in → read the bill → pay at the sandbox bank → receipt."""

import re
import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from gridhall.adapters.sandbox_bank.server import BankServer
from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from tests.browser.conftest import DESK, PHONE, OpenPage, accessible, fits, shoot
from tests.portal.town import AMOUNT, PASSWORD, Household, households

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

NOON = datetime(2026, 11, 10, 12, tzinfo=clock.zone())


@pytest.fixture
def bank(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[BankServer]:
    """The sandbox bank on a port of its own; it calls the live server back."""
    server = BankServer(0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("GRIDHALL_SANDBOX_BANK_URL", f"http://127.0.0.1:{server.server_address[1]}")
    settings.PUBLIC_URL = live_server.url
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


@pytest.fixture
def town(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> tuple[Household, Household]:
    """Fourteen months of bills, the last one open; the whole process lives on 10 November 2026."""
    monkeypatch.setenv("GRIDHALL_CLOCK", NOON.isoformat())
    settings.DEMO = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return households(months=14)


def by_password(page: Page, base: str, household: Household) -> None:
    page.goto(f"{base}/sign-in?password=")
    page.locator("[name=number]").fill(household.number)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/")


def test_sign_in_read_pay_receipt(
    town: tuple[Household, Household], live_server: LiveServer, bank: BankServer, open_page: OpenPage
) -> None:
    """On a phone, in Chinese, with a code from the demo's message log."""
    page = open_page(PHONE, "zh-CN")
    page.goto(live_server.url)
    shoot(page, "portal-sign-in")
    page.get_by_label("户号").fill(town[0].number)
    page.get_by_role("button", name="获取验证码").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="短信记录").click()
    log = opened.value
    code = re.search(r"\d{6}", log.locator("ul.lines li").first.inner_text())
    assert code
    shoot(log, "portal-messages")
    page.get_by_label("验证码").fill(code.group(0))
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_text("温馨提示")).to_be_visible()
    shoot(page, "portal-home-phone")
    page.get_by_role("link", name="看懂这张账单").click()
    expect(page.get_by_role("heading", name="2026年10月电费")).to_be_visible()
    expect(page.get_by_text("65.77").first).to_be_visible()
    shoot(page, "portal-bill-phone")
    page.get_by_role("main").get_by_role("link", name="缴费", exact=True).click()
    page.get_by_role("button", name="前往银行付款").click()
    page.get_by_role("link", name="前往银行付款").click()
    page.get_by_role("button", name="确认付款").click()
    expect(page.get_by_text("欠费已全部缴清")).to_be_visible()
    expect(page.get_by_text("2026年10月电费")).to_be_visible()
    shoot(page, "portal-receipt-phone")
    assert ledger.owed(town[0].account_id).total == 0
    assert ledger.owed(town[1].account_id).total == AMOUNT
    page.goto(f"{live_server.url}/")
    expect(page.get_by_role("heading", name="没有欠费")).to_be_visible()


def test_by_keyboard_alone(town: tuple[Household, Household], live_server: LiveServer, open_page: OpenPage) -> None:
    """Skip link, sign-in, to the bill and back without a pointer."""
    page = open_page(DESK)
    by_password(page, live_server.url, town[0])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.get_by_role("link", name="Understand this bill").evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/bills/202610/1")


def test_without_javascript(town: tuple[Household, Household], live_server: LiveServer, open_page: OpenPage) -> None:
    """Look-ups need no script; the table beside a chart opens too."""
    page = open_page(PHONE, script=False)
    by_password(page, live_server.url, town[0])
    for name in ("bills", "use", "use/registers", "payments", "tariff", "late-charge"):
        page.goto(f"{live_server.url}/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{live_server.url}/use")
    page.get_by_text("The same as a table").first.click()
    expect(page.get_by_role("cell", name="300").first).to_be_visible()


PAGES = {
    "home": "/", "bills": "/bills", "bill": "/bills/202610/1?check=1", "use": "/use?months=24",
    "registers": "/use/registers", "tariff": "/tariff", "late": "/late-charge", "payments": "/payments", "pay": "/pay",
    "profile": "/profile", "display": "/look/display", "look": "/look/",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "size", "language", "scheme"),
    [
        ("phone-zh-light", PHONE, "zh-CN", "light"),
        ("phone-en-dark", PHONE, "en-GB", "dark"),
        ("desk-zh-dark", DESK, "zh-CN", "dark"),
        ("desk-en-light", DESK, "en-GB", "light"),
    ],
)
def test_every_page_fits_and_can_be_used_by_all(
    town: tuple[Household, Household], live_server: LiveServer, open_page: OpenPage, name: str,
    size: dict[str, int], language: str, scheme: str,
) -> None:  # fmt: skip
    """Phone and desk, light and dark, both languages: nothing sticks out, axe finds nothing serious."""
    page = open_page(size, language, scheme)
    by_password(page, live_server.url, town[0])
    for title, address in PAGES.items():
        page.goto(f"{live_server.url}{address}")
        fits(page)
        accessible(page)
        shoot(page, f"portal-{title}-{name}")


def test_large_type_and_high_contrast(
    town: tuple[Household, Household], live_server: LiveServer, open_page: OpenPage
) -> None:
    """Chosen on the display page; a small phone still holds everything."""
    page = open_page(PHONE, "zh-CN")
    by_password(page, live_server.url, town[0])
    page.goto(f"{live_server.url}/look/display?next=/bills")
    page.get_by_label("特大").check()
    page.get_by_label("高", exact=True).check()
    page.get_by_role("button", name="按此显示").click()
    page.wait_for_url("**/bills")
    for title in ("", "bills", "bills/202610/1", "pay", "late-charge", "profile"):
        page.goto(f"{live_server.url}/{title}")
        fits(page)
        accessible(page)
    page.goto(live_server.url)
    shoot(page, "portal-home-very-large")


def test_why_and_which_plan(
    town: tuple[Household, Household], live_server: LiveServer, bank: BankServer, open_page: OpenPage
) -> None:
    """October beside September: the same use in 31 days instead of 30, so 1/30 more for the days (135.87 × 31 / 30 =
    140.40: + 4.53) and as much less of own use; then which plan suits."""
    page = open_page(PHONE, "zh-CN")
    by_password(page, live_server.url, town[0])
    page.goto(f"{live_server.url}/bills/202610/1")
    expect(page.get_by_role("heading", name="与上一张相同")).to_be_visible()
    expect(page.get_by_text("31 天，那时 30 天").first).to_be_visible()
    expect(page.get_by_text("+ ¥ 4.53").first).to_be_visible()
    accessible(page)
    fits(page)
    shoot(page, "portal-why-phone")
    page.goto(f"{live_server.url}/tariff")
    page.get_by_role("link", name="哪种电价适合我？").click()
    expect(page.get_by_text("您的电价", exact=True)).to_be_visible()
    accessible(page)
    fits(page)
    shoot(page, "portal-plans-phone")
