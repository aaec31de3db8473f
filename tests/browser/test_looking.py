"""What helps while looking: charts that say their figures, hints put away once, the keyboard's way in, paper."""

import pytest
from playwright.sync_api import expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import DESK, PHONE, OpenPage, accessible, fits, shoot
from tests.browser.test_portal import NOON, by_password
from tests.portal.town import Household, households

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def home(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Household:
    """Twenty months of bills, so that the last thirteen have months of the year before beside them."""
    monkeypatch.setenv("GRIDHALL_CLOCK", NOON.isoformat())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return households(months=20)[0]


def test_a_chart_says_its_figures_by_pointer_finger_and_arrows(
    home: Household, live_server: LiveServer, open_page: OpenPage
) -> None:
    """Every month 300 kWh, 186 of them in the valley: the line below says so, and the year before."""
    page = open_page(DESK, "en-GB")
    by_password(page, live_server.url, home)
    page.goto(f"{live_server.url}/use")
    chart = page.locator("[data-chart]").first
    said = chart.locator("[data-readout]")
    expect(said).to_have_text("Oct 2026: 300 kWh (valley 186, peak 114) · a year before: 300")
    chart.locator("[data-say]").nth(8).hover()
    expect(said).to_have_text("Jun 2026: 300 kWh (valley 186, peak 114) · a year before: 300")
    chart.locator("svg[role=group]").focus()
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("May 2026")
    accessible(page)
    phone = open_page(PHONE, "zh-CN")
    by_password(phone, live_server.url, home)
    phone.goto(f"{live_server.url}/use")
    chart = phone.locator("[data-chart]").first
    chart.locator("[data-say]").nth(3).click()
    expect(chart.locator("[data-readout]")).to_have_text("2026年1月: 300 千瓦时 (低谷 186, 高峰 114)")
    fits(phone)
    shoot(phone, "portal-use-tapped")


def test_charts_are_read_without_javascript(home: Household, live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(DESK, "en-GB", script=False)
    by_password(page, live_server.url, home)
    page.goto(f"{live_server.url}/use")
    expect(page.locator("[data-readout]").first).to_contain_text("Oct 2026: 300 kWh")
    page.locator("[data-chart] summary").first.click()
    expect(page.locator("[data-chart] table").first.get_by_role("row", name="Oct 2026 186 114 300 300")).to_be_visible()


def test_a_hint_is_put_away_once(home: Household, live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(DESK, "en-GB")
    by_password(page, live_server.url, home)
    expect(page.get_by_text("First time here?")).to_be_visible()
    page.get_by_role("button", name="I see").click()
    expect(page.get_by_text("First time here?")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("First time here?")).to_have_count(0)


def test_the_keyboard_skips_to_the_content_and_focus_is_seen(
    home: Household, live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(DESK, "en-GB")
    by_password(page, live_server.url, home)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_bill_on_paper_has_no_menu_and_no_buttons(
    home: Household, live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(DESK, "en-GB")
    by_password(page, live_server.url, home)
    page.goto(f"{live_server.url}/bills/202610/1")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Electricity of Oct 2026")).to_be_visible()
    assert page.locator("nav.menu, .btn, footer.foot").evaluate_all("all => all.filter(x => x.checkVisibility())") == []


def test_who_is_idle_is_asked_and_stays(home: Household, live_server: LiveServer, open_page: OpenPage) -> None:
    """The page's own clock runs 28 minutes ahead: the question comes, and staying closes it."""
    page = open_page(DESK, "en-GB")
    page.clock.install()
    by_password(page, live_server.url, home)
    dialog = page.get_by_role("dialog", name="Are you still there?")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("28:01")
    expect(dialog).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
