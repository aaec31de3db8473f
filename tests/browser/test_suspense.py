"""A statement with lines that nobody knows, split in Chromium; a bank's day with an unmatched row, released by another
and settled. Each page looked at in both languages, at the desk and on the phone."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from gridhall.payments.public import TheirRow
from tests.browser.conftest import DESK, PHONE, OpenPage, accessible, fits, shoot
from tests.office import town as towns
from tests.office.town import NOON, PASSWORD, SYSTEM, Town
from tests.payments.statement_town import OURS, Line, camt

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

SMALL = PHONE | {"width": 390}


@pytest.fixture
def town(transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Town:
    """The whole process lives on 25 November 2026, so that the server's threads do too."""
    monkeypatch.setenv("GRIDHALL_CLOCK", NOON.isoformat())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.OFFICE_SECOND_FACTOR_ROLES = frozenset()
    made = towns.make()
    payments.add_bank_account(SYSTEM, OURS, "Bank of Lakes", "湖银行", 101, virtual_prefix="9988")
    contract = payments.Contract(payment_most=10**9, part_allowed=True, over_allowed=True)
    payments.add_partner(SYSTEM, "HILLBANK", "Bank of Hills", "山银行", contract, everywhere=True)
    return made


def enter(page: Page, base: str, role: str) -> None:
    page.goto(f"{base}/office/sign-in")
    page.locator("[name=username]").fill(role)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/office/")


def looked_at(page: Page, address: str, name: str) -> None:
    """The page at the desk and on the phone: nothing sticks out, nothing that axe finds."""
    for size, kind in ((DESK, "desk"), (SMALL, "phone")):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
        page.goto(address)
        fits(page)
        accessible(page)
        shoot(page, f"office-{name}-{kind}")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def test_money_in_suspense_is_split(town: Town, live_server: LiveServer, open_page: OpenPage, tmp_path: Path) -> None:
    """One line pays its debt by itself; a landlord's 200.00 are split: 120.00 and 50.00, and 30.00 stay."""
    base, (first, second, third, *_) = live_server.url, town.lake
    yesterday = clock.now() - timedelta(days=1)
    debt = ledger.owed(first, yesterday).total
    lines = [
        Line(debt, f"电费 户号{town.numbers[first]}", name="王小满"),
        Line(20_000, f"三户电费 {town.numbers[second]} {town.numbers[third]}", name="湖畔物业有限公司"),
        Line(ledger.owed(town.lake[3], yesterday).total, "电费", name="刘灯"),
        Line(-300, "账户管理费", name="湖银行"),
    ]  # fmt: skip
    file = tmp_path / "statement.xml"
    file.write_bytes(camt(lines, on=yesterday.date()))
    page = open_page(DESK, "zh-CN")
    enter(page, base, "cashier")
    looked_at(page, f"{base}/office/statements", "statements-empty")
    page.locator("[name=file]").set_input_files(str(file))
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_text("已入账 4 笔，其中 1 笔已销账到户。")).to_be_visible()
    assert ledger.owed(first, clock.now()).total == 0
    looked_at(page, page.url, "statement")
    looked_at(page, f"{base}/office/suspense", "suspense")
    page.goto(f"{base}/office/suspense")
    row = page.get_by_role("row").filter(has_text="湖畔物业")
    row.get_by_role("link").first.click()
    looked_at(page, page.url, "suspense-item")
    numbers, amounts = page.locator("[name=number]"), page.locator("form [name=amount]")
    numbers.nth(0).fill(town.numbers[second])
    amounts.nth(0).fill("120")
    numbers.nth(1).fill(town.numbers[third])
    amounts.nth(1).fill("50")
    page.get_by_role("button", name="入账", exact=True).click()
    expect(page.get_by_text("已入账到 2 户。")).to_be_visible()
    (item,) = [each for each in payments.suspense() if each.amount == 20_000]
    assert item.open == 3_000
    page.locator("#back_note").fill("多付")
    page.get_by_role("button", name="申请退回").click()
    expect(page.get_by_text("已申请，须由另一人复核。")).to_be_visible()
    manager = open_page(DESK, "en-GB")
    enter(manager, base, "manager")
    looked_at(manager, f"{base}/office/suspense", "suspense-en")
    looked_at(manager, f"{base}/office/suspense/{item.id}", "suspense-item-en")
    manager.get_by_role("button", name="Agree").first.click()
    (act,) = [each for each in payments.acts_of([item.id])[item.id] if each.kind == "back"]
    expect(manager.get_by_text(payments.return_reference(act.id)).first).to_be_visible()
    assert ledger.check() == []


def test_a_day_with_an_unmatched_row_settles(
    town: Town, live_server: LiveServer, open_page: OpenPage, tmp_path: Path
) -> None:  # fmt: skip
    """The bank has 25.00 for a number that nobody knows: to suspense by two persons, and the day settles."""
    base, on = live_server.url, clock.today() - timedelta(days=1)
    file = tmp_path / "day.txt"
    file.write_bytes(payments.write_day_file("delimited", "HILLBANK", on, [TheirRow("S9", "9999999999", 2_500)]))
    cashier, manager = open_page(DESK, "zh-CN"), open_page(DESK, "en-GB")
    enter(cashier, base, "cashier")
    cashier.goto(f"{base}/office/reconciliation")
    cashier.locator("[name=file]").set_input_files(str(file))
    cashier.get_by_role("button", name="对比", exact=True).click()
    cashier.locator("[name=act]").select_option("suspend")
    cashier.get_by_role("button", name="选择", exact=True).click()
    looked_at(cashier, cashier.url, "reconciliation-suspend")
    enter(manager, base, "manager")
    looked_at(manager, f"{base}/office/waiting", "waiting-en")
    manager.goto(cashier.url)
    manager.get_by_role("button", name="Release the day").click()
    expect(manager.get_by_text("Released: both books of the day are the same.")).to_be_visible()
    cashier.reload()
    cashier.locator("[name=transfer]").fill("T-20261125-1")
    cashier.get_by_role("button", name="款项已到账").click()
    (day,) = payments.reconciliations()
    assert day.state == "settled"
    (item,) = payments.suspense()
    assert (item.open, item.serial) == (2_500, "S9")
    looked_at(cashier, f"{base}/office/partners/HILLBANK", "partner-money")
    looked_at(manager, f"{base}/office/partners/HILLBANK", "partner-money-en")
    looked_at(cashier, f"{base}/office/waiting", "waiting")
    looked_at(cashier, f"{base}/office/suspense/{item.id}", "suspense-of-a-day")
    assert ledger.check() == []
