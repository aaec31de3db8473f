"""Batch debit in Chromium: a mandate signed on a phone; a cycle on the board, by two persons."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from gridhall.customers.models import Customer, SentMessage
from gridhall.debits.models import DebitFile, GuardTerm, Mandate
from gridhall.debits.public import DEBITED, FAILED, SENT, NewMandate, debits_of, sign
from gridhall.ledger import public as ledger
from gridhall.payments.public import payments_of
from tests.browser.conftest import DESK, PHONE, OpenPage, accessible, fits, shoot
from tests.browser.test_office import enter
from tests.browser.test_portal import by_password
from tests.debits.town import make_bank, number_of, pipe_answer
from tests.office import town as towns
from tests.office.town import NOON, SYSTEM, Town
from tests.portal.conftest import NOON as PORTAL_NOON
from tests.portal.town import households

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture(autouse=True)
def _quick(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("GRIDHALL_CLOCK", NOON.isoformat())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.OFFICE_SECOND_FACTOR_ROLES = frozenset()
    settings.DEMO = True  # the log of messages is the phone


def seen(page: Page, name: str) -> None:
    accessible(page)
    fits(page)
    shoot(page, name)


def test_a_mandate_is_signed_on_the_phone(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    """The customer gives the account and types the code; the mandate waits for the office."""
    monkeypatch.setenv("GRIDHALL_CLOCK", PORTAL_NOON.isoformat())
    mine, _ = households()
    make_bank()
    Customer.objects.update(phone="13800000412")
    page = open_page(PHONE, "zh-CN")
    by_password(page, live_server.url, mine)
    page.goto(f"{live_server.url}/debit")
    seen(page, "portal-debit-none")
    page.get_by_role("link", name="签订代扣协议").first.click()
    page.locator("[name=bank]").select_option(index=0)
    page.locator("[name=number]").fill("6227 0000 0000 0001")
    page.locator("[name=holder]").fill("张伟")
    page.locator("[name=limit]").fill("500")
    seen(page, "portal-debit-sign")
    page.locator("form.sheet button.next").click()
    page.wait_for_url("**/debit/confirm")
    code = re.search(r"\d{6}", SentMessage.objects.latest("pk").text)
    assert code is not None
    page.locator("[name=code]").fill(code.group())
    seen(page, "portal-debit-code")
    page.locator("form.sheet button.next").click()
    page.wait_for_url("**/debit")
    expect(page.get_by_text("0001").first).to_be_visible()
    seen(page, "portal-debit")
    made = Mandate.objects.get()
    assert (made.account_id, made.state, made.limit) == (mine.account_id, "signed", 50_000)


def test_a_cycle_on_the_board(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage) -> None:
    """Three homes are to be debited on the 28th: planned, chosen and announced by the billing officer, sent by the
    manager, answered by the bank: one has too little money, and one row names another account and is parked."""
    town: Town = towns.make()
    GuardTerm.objects.get_or_create(
        since=date(2000, 1, 1), defaults={"permille": 3000, "spare": 20_000, "first_most": 200_000}
    )
    bank, base = make_bank(), live_server.url
    homes = town.lake[:3]
    for each in homes:
        made = sign(SYSTEM, NewMandate(each, bank, f"客户{each}", number_of(each), "paper", NOON.date(), 0))
        Mandate.objects.filter(pk=made.id).update(state="active")
    officer, manager = open_page(DESK, "zh-CN"), open_page(DESK, "en-GB")
    enter(officer, base, "billing")
    officer.goto(f"{base}/office/debits")
    officer.locator("[name=debit_on]").fill("2026-11-28")
    officer.locator("[name=first_retry]").fill("2026-12-05")
    officer.locator("[name=notice_days]").fill("3")
    officer.locator("form.sheet.stack", has=officer.locator("[name=form]")).locator("button.next").click()
    officer.wait_for_url(re.compile(r"/office/debits(/\d+)?$"))
    if not re.search(r"\d+$", officer.url):
        officer.locator("table a").first.click()
    at = officer.url
    for _ in ("chosen", "announced"):
        with officer.expect_navigation():
            officer.locator("main button.next").first.click()
    seen(officer, "office-debit-cycle")
    monkeypatch.setenv("GRIDHALL_CLOCK", NOON.replace(day=27).isoformat())
    officer = open_page(DESK, "zh-CN")  # two days later: everybody has been signed out
    enter(officer, base, "billing")
    officer.goto(at)
    with officer.expect_navigation():
        officer.locator("main button.next").first.click()
    file = DebitFile.objects.get()
    assert file.rows == 3
    enter(manager, base, "manager")
    manager.goto(at)
    manager.get_by_role("button", name="Send").click()
    expect(manager.get_by_text("sent").first).to_be_visible()
    monkeypatch.setenv("GRIDHALL_CLOCK", NOON.replace(day=28, hour=18).isoformat())
    officer = open_page(DESK, "zh-CN")
    enter(officer, base, "billing")
    answer = pipe_answer(file.pk, {homes[1]: "1001"}, NOON.replace(day=28).date())
    answer = answer.replace(f"|{number_of(homes[2])}|".encode(), b"|7227000099999999|")
    officer.goto(f"{base}/office/debits")
    upload = officer.locator("form[enctype]")
    upload.locator("[name=bank]").select_option(index=0)
    upload.locator("[name=file]").set_input_files([{"name": "r.txt", "mimeType": "text/plain", "buffer": answer}])
    upload.locator("button.next").click()
    officer.wait_for_url("**/office/debits/parked")
    seen(officer, "office-debit-parked")
    for page, name in ((officer, "office-debits"), (open_page(PHONE, "zh-CN"), "office-debits-phone")):
        if page is not officer:
            enter(page, base, "manager")
        page.goto(f"{base}/office/debits")
        seen(page, name)
    assert [len(debits_of(each)) for each in homes] == [1, 1, 1]
    assert [debits_of(each)[0].state for each in homes] == [DEBITED, FAILED, SENT]
    assert [each.amount for each in payments_of(homes[0])] == [debits_of(homes[0])[0].amount]
    assert payments_of(homes[2]) == []
    assert ledger.check() == []
