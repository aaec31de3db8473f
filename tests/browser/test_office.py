"""Staff at work in Chromium: a clerk's day at the till, an officer's month of bills; every screen looked at."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from gridhall.billing import public as billing
from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from tests.browser.conftest import DESK, PHONE, OpenPage, accessible, fits, shoot
from tests.office import town as towns
from tests.office.town import NOON, PASSWORD, Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def town(transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Town:
    """The whole process lives on 25 November 2026, so that the server's threads do too."""
    monkeypatch.setenv("GRIDHALL_CLOCK", NOON.isoformat())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.OFFICE_SECOND_FACTOR_ROLES = frozenset()
    settings.RUN_PROCESSES = 0
    return towns.make()


@pytest.fixture
def worker(town: Town, tmp_path: Path) -> Iterator[None]:
    """A real worker process on the test's database, as `gridhall serve` starts one."""
    name = str(connection.settings_dict["NAME"])
    env = os.environ | {"GRIDHALL_DATABASE": name, "GRIDHALL_RUN_PROCESSES": "0"}
    env["DJANGO_SETTINGS_MODULE"] = "gridhall.project.settings"
    if "DATABASE_URL" in env:
        env["DATABASE_URL"] = urlsplit(env["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with (tmp_path / "worker.log").open("w") as log:
        command = [sys.executable, "-m", "django", "procrastinate", "worker", "--concurrency", "1"]
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        yield
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def enter(page: Page, base: str, role: str) -> None:
    page.goto(f"{base}/office/sign-in")
    page.locator("[name=username]").fill(role)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/office/")


def test_a_clerks_day(town: Town, live_server: LiveServer, open_page: OpenPage) -> None:
    """By keyboard alone: open the till, take cash, reverse, take again, close with ten yuan missing."""
    page, base, account = open_page(DESK, "zh-CN"), live_server.url, town.lake[0]
    owed = ledger.owed(account, clock.now()).total
    page.goto(f"{base}/office/sign-in")
    accessible(page)
    shoot(page, "office-sign-in")
    enter(page, base, "clerk")
    page.keyboard.press("F2")
    page.locator("[name=float_amount]").fill("500")
    accessible(page)
    shoot(page, "office-open-till")
    page.keyboard.press("F2")
    expect(page.get_by_text("钱箱已开。")).to_be_visible()
    expect(page.locator("[name=q]")).to_be_focused()
    page.keyboard.type("wangxiaoman")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    shoot(page, "office-counter-found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/office/counter/{account}")
    expect(page.locator("[name=given]")).to_be_focused()
    page.keyboard.type("300")
    change = f"{(30_000 - owed) // 100}.{(30_000 - owed) % 100:02d}"
    expect(page.locator("[data-change]")).to_have_text(change)
    accessible(page)
    fits(page)
    shoot(page, "office-counter")
    page.keyboard.press("F2")
    page.wait_for_url("**/payment/**")
    expect(page.get_by_text(change).first).to_be_visible()
    assert ledger.owed(account, clock.now()).total == 0
    accessible(page)
    shoot(page, "office-taken")
    page.get_by_text("冲正此笔").click()
    page.locator("[name=reason]").fill("收错户")
    page.get_by_role("button", name="冲正").click()
    expect(page.get_by_text("此笔已冲正。").first).to_be_visible()
    assert ledger.owed(account, clock.now()).total == owed
    shoot(page, "office-reversed")
    page.keyboard.press("F8")
    page.locator("[name=q]").fill(town.numbers[town.hill[0]])
    page.keyboard.press("Enter")
    page.locator("[name=amount]").fill("100")
    page.locator("[name=given]").fill("100")
    page.keyboard.press("F2")
    page.wait_for_url("**/payment/**")
    page.keyboard.press("F9")
    page.locator("[name=n10000]").fill("5")
    page.locator("[name=n5000]").fill("1")
    page.locator("[name=n2000]").fill("2")
    expect(page.locator("[data-total]")).to_have_text("590.00")
    accessible(page)
    shoot(page, "office-count")
    page.keyboard.press("F9")
    page.locator("[name=note]").fill("少十元，复点两次")
    shoot(page, "office-compare")
    page.keyboard.press("F9")
    page.wait_for_url("**/tills/*")
    accessible(page)
    shoot(page, "office-till-report")
    (session,) = payments.sessions([101])
    # 500.00 float + 100.00 taken (the first payment went in and out again) = 600.00; 590.00 were there
    assert (session.expected, session.counted, session.difference) == (60_000, 59_000, -1_000)


def test_an_officers_month(town: Town, live_server: LiveServer, open_page: OpenPage, worker: None) -> None:
    """Preview, approval by another, a run by the worker; a reading put right, its bill released, an area printed."""
    base = live_server.url
    officer, manager = open_page(), open_page()
    enter(officer, base, "billing")
    officer.goto(f"{base}/office/runs")
    accessible(officer)
    shoot(officer, "office-runs")
    officer.get_by_role("button", name="Preview").click()
    officer.wait_for_url("**/office/runs/*", timeout=90_000)
    expect(officer.get_by_text("Would be held").first).to_be_visible()
    accessible(officer)
    fits(officer)
    shoot(officer, "office-run-preview")
    run_at = officer.url
    enter(manager, base, "manager")
    shoot(manager, "office-work-list")
    accessible(manager)
    manager.goto(run_at)
    manager.get_by_role("button", name="Approve").click()
    expect(manager.get_by_text("Approved. It can be run now.")).to_be_visible()
    officer.goto(run_at)
    officer.get_by_role("button", name="Run it").click()
    expect(officer.get_by_role("link", name="See the bills held")).to_be_visible(timeout=90_000)
    shoot(officer, "office-run-done")
    assert billing.run_view(int(run_at.rsplit("/", 1)[1])).bills == 8
    officer.goto(f"{base}/office/readings")
    accessible(officer)
    shoot(officer, "office-readings-held")
    officer.locator("tbody a[data-step]").first.click()
    accessible(officer)
    shoot(officer, "office-reading-held")
    officer.locator("[name=value]").fill("1600.00")
    officer.get_by_role("button", name="Correct").click()
    expect(officer.get_by_text("1 reading is settled.")).to_be_visible()
    officer.goto(f"{base}/office/holds")
    row = officer.get_by_role("row", name=towns.NAMES[1])
    row.get_by_role("checkbox").check()
    shoot(officer, "office-holds")
    accessible(officer)
    officer.get_by_role("button", name="Check again after correction").click()
    expect(officer.get_by_text("1 bill is made.")).to_be_visible()
    assert billing.bills_of(town.held)[0].period == 202610
    officer.goto(f"{base}/office/prints")
    officer.get_by_role("button", name="Make", exact=True).click()
    expect(officer.locator("#prints a.btn").first).to_be_visible(timeout=90_000)
    accessible(officer)
    shoot(officer, "office-prints")
    with officer.expect_download() as fetched:
        officer.locator("#prints a.btn").first.click()
    assert fetched.value.path().read_bytes().startswith(b"%PDF")


LOOKED_AT = (
    ("manager", ""), ("billing", "customers"), ("billing", "customers/{a}"), ("billing", "customers/{a}/bills"),
    ("billing", "customers/{a}/readings"), ("billing", "customers/{a}/agreement"),
    ("billing", "customers/{a}/bill/202609/1"), ("billing", "readings"), ("billing", "imports"), ("billing", "runs"),
    ("billing", "differences"), ("billing", "prints"), ("cashier", "tills"), ("cashier", "money"),
    ("cashier", "ledger"),
    ("manager", "tariffs"), ("manager", "tariffs/cn-shandong-residential"), ("manager", "territory"),
    ("manager", "territory/10101"), ("manager", "audit"), ("manager", "people"), ("manager", "me"),
    ("manager", "me/second-factor"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("size", "language", "scheme"),
    [(DESK, "en-GB", "light"), (DESK, "zh-CN", "dark"), (PHONE, "zh-CN", "light")],
    ids=["desk", "dark", "phone"],
)
def test_every_screen_is_looked_at(
    town: Town, live_server: LiveServer, open_page: OpenPage, size: dict[str, int], language: str, scheme: str
) -> None:
    """Nothing sticks out, axe finds nothing serious, and a screenshot is kept."""
    pages = {role: open_page(size, language, scheme) for role in ("manager", "billing", "cashier")}
    for role, page in pages.items():
        enter(page, live_server.url, role)
    for role, path in LOOKED_AT[:: 3 if scheme == "dark" else 1]:
        page = pages[role]
        page.goto(f"{live_server.url}/office/{path.format(a=town.lake[0])}")
        name = path.replace("/{a}", "").replace("/", "-") or "work-list"
        shoot(page, f"office-{name}-{'phone' if size is PHONE else scheme}")
        fits(page)
        accessible(page)


def test_a_tariff_from_draft_to_force(town: Town, live_server: LiveServer, open_page: OpenPage, worker: None) -> None:
    """The officer writes it with a slip, puts it right, tries it, sees what it does to all, sends it; the manager, on a
    phone and in Chinese, looks at what it changes and approves it."""
    page, base = open_page(DESK), live_server.url
    enter(page, base, "billing")
    page.goto(f"{base}/office/tariffs/new")
    page.locator("#text").fill(DRAFT.replace("once per bill", "now and then"))
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_text("Line 9")).to_be_visible()
    accessible(page)
    shoot(page, "office-tariff-faults")
    page.locator("#text").fill(DRAFT)
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("heading", name="What comes next")).to_be_visible()
    accessible(page)
    shoot(page, "office-tariff-draft")
    at = page.url
    page.get_by_role("link", name="Try it").click()
    page.get_by_label("Customer numbers").fill(town.numbers[town.lake[0]])
    page.locator("#month").fill("2026-09")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("99.38").first).to_be_visible()  # 200 × 0.4969 instead of 109.38
    accessible(page)
    shoot(page, "office-tariff-tried")
    page.goto(at)
    page.locator("#month").fill("2026-09")
    page.get_by_role("button", name="Work it out").click()
    page.wait_for_url("**/what-if/*", timeout=60_000)
    expect(page.get_by_text("− ¥ 100.00").first).to_be_visible()  # ten homes, 10.00 each
    accessible(page)
    shoot(page, "office-what-if")
    page.goto(at)
    page.get_by_role("button", name="Send for approval").click()
    expect(page.get_by_text("who entered or sent it does not approve it")).to_have_count(0)  # he may not approve at all

    boss = open_page(PHONE, "zh-CN")
    enter(boss, base, "manager")
    boss.goto(f"{base}/office/tariffs")
    accessible(boss)
    fits(boss)
    boss.get_by_role("row", name="待批准").get_by_role("link").click()
    boss.get_by_role("link", name="对比").click()
    expect(boss.get_by_text("0.4969").first).to_be_visible()
    accessible(boss)
    fits(boss)
    shoot(boss, "office-tariff-compare-phone")
    boss.goto(at)
    boss.get_by_role("button", name="批准").click()
    expect(boss.get_by_text("待生效").first).to_be_visible()
    fits(boss)


DRAFT = """tariff: cn-shandong-residential
name: {zh: 山东居民, en: Shandong residential}
currency: CNY
source: made up
policy: {zh: "**便宜五分**", en: "**Five fen cheaper**"}
for: {class: residential, meter: own, place: Shandong}
versions:
  - from: 2027-01-01
    rounding: once per bill, half up, to 0.01
    energy:
      - price per kWh: [0.4969, 0.5969, 0.8469]
        name: {zh: 居民阶梯电费, en: Energy by yearly blocks}
        blocks: {count: the year's kWh, limits: [210 a month, 400 a month]}
    examples:
      - {title: a hundred, month: 2027-02, kWh: 100, bill: 49.69}
"""
