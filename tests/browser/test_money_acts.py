"""Money by two persons in Chromium: a receipt across districts, and a refund with a second signature."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from tests.browser.conftest import DESK, PHONE, OpenPage, accessible, fits, shoot
from tests.browser.test_office import enter
from tests.browser.test_portal import by_password
from tests.office import town as towns
from tests.office.town import NOON, SYSTEM, Town
from tests.payments.act_town import person
from tests.portal.conftest import NOON as PORTAL_NOON
from tests.portal.town import AMOUNT, households

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def town(transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Town:
    monkeypatch.setenv("GRIDHALL_CLOCK", NOON.isoformat())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.OFFICE_SECOND_FACTOR_ROLES = frozenset()
    settings.RUN_PROCESSES = 0
    return towns.make()


def seen(page: Page, name: str) -> None:
    accessible(page)
    fits(page)
    shoot(page, name)


def test_a_receipt_across_districts(town: Town, live_server: LiveServer, open_page: OpenPage) -> None:
    """The lake's clerk takes 100.00 for the hill's customer: the page and the receipt name both units, and the head
    cashier sees who owes whom."""
    base, account = live_server.url, town.hill[0]
    clerk = open_page(DESK, "zh-CN")
    enter(clerk, base, "clerk")
    clerk.goto(f"{base}/office/till/open")
    clerk.locator("[name=float_amount]").fill("500")
    clerk.keyboard.press("F2")
    expect(clerk.get_by_text("钱箱已开。")).to_be_visible()
    clerk.goto(f"{base}/office/counter/{account}")
    expect(clerk.get_by_text("结算前由")).to_be_visible()
    expect(clerk.locator("[name=number]")).to_be_hidden()
    clerk.locator("label.choice", has_text="支票").click()
    expect(clerk.locator("[name=number]")).to_be_visible()
    seen(clerk, "office-counter-cheque")
    clerk.locator("label.choice", has_text="现金").click()
    clerk.locator("[name=amount]").fill("100")
    clerk.locator("[name=given]").fill("100")
    clerk.keyboard.press("F2")
    clerk.wait_for_url("**/payment/**")
    expect(clerk.get_by_text("代").first).to_be_visible()
    seen(clerk, "office-across")
    receipt = clerk.request.get(f"{clerk.url.partition('?')[0]}/paper-zh.pdf")
    assert receipt.ok
    assert receipt.body()[:5] == b"%PDF-"
    for size, language, name in ((DESK, "en-GB", "office-units"), (PHONE, "zh-CN", "office-units-phone")):
        cashier = open_page(size, language)
        enter(cashier, base, "cashier")
        cashier.goto(f"{base}/office/units")
        expect(cashier.get_by_text("100.00").first).to_be_visible()
        seen(cashier, name)
    assert [each.amount for each in payments.units_owe(None, clock.today(), clock.today())] == [10_000]
    assert ledger.check() == []


def test_a_refund_with_a_second_signature(town: Town, live_server: LiveServer, open_page: OpenPage) -> None:
    """Credit of 50.00: the head cashier asks for 30.00 to the customer's bank account, the manager agrees."""
    base, account = live_server.url, town.lake[0]
    debt = ledger.owed(account, clock.now()).total
    payments.receive(SYSTEM, [payments.PaymentIn(debt + 5_000, "browser:1", account)])
    cashier, manager = open_page(DESK, "en-GB"), open_page(PHONE, "zh-CN")
    enter(cashier, base, "cashier")
    cashier.goto(f"{base}/office/customers/{account}/money")
    cashier.get_by_text("Pay credit out").first.click()
    cashier.locator("#refund-amount").fill("30")
    cashier.locator("#refund-bank_account").fill("6222020200112233445")
    cashier.locator("#refund-bank_holder").fill("王小满")
    cashier.locator("#refund-reason").fill("moves away")
    seen(cashier, "office-customer-money")
    cashier.get_by_role("button", name="Ask for the refund").click()
    expect(cashier.get_by_text("Asked for: it is done when a second person agrees.")).to_be_visible()
    cashier.goto(f"{base}/office/acts")
    expect(cashier.get_by_role("button", name="Agree and book")).to_have_count(0)
    enter(manager, base, "manager")
    manager.goto(f"{base}/office/acts")
    seen(manager, "office-acts-phone")
    manager.get_by_role("button", name="同意并入账").click()
    expect(manager.get_by_text("已办理入账。")).to_be_visible()
    assert ledger.balances([account])[account].credit == 2_000
    cashier.goto(f"{base}/office/limits")
    seen(cashier, "office-limits")
    assert ledger.check() == []


def test_the_customer_sees_the_plan(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings,
    open_page: OpenPage,
) -> None:  # fmt: skip
    """Three parts of the last bill, on a phone and at a desk."""
    monkeypatch.setenv("GRIDHALL_CLOCK", PORTAL_NOON.isoformat())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    mine, _ = households()
    parts = payments.split_evenly(AMOUNT, 3, date(2026, 11, 25))
    told = {"parts": [[day.isoformat(), part] for day, part in parts]}
    asked = payments.ask_money_act(
        person("cashier", 1), payments.INSTALMENTS, mine.account_id, AMOUNT, "out of work", told
    )
    payments.decide_money_act(person("manager", 2), asked.id, approve=True)
    for size, language, name in ((PHONE, "zh-CN", "portal-plan-phone"), (DESK, "en-GB", "portal-plan")):
        page = open_page(size, language)
        by_password(page, live_server.url, mine)
        expect(page.get_by_text("45.29").first).to_be_visible()
        seen(page, name)
