"""Paying without signing in, in Chromium: at the sandbox bank on a phone, by a code at a desk, by keyboard."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from gridhall.adapters.gateway_simulator.serving import Simulator
from gridhall.adapters.sandbox_bank.server import BankServer
from gridhall.adapters.wechat_pay.simulator import WechatService
from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from tests.browser.conftest import DESK, PHONE, OpenPage, accessible, fits, shoot
from tests.browser.test_portal import bank, town  # noqa: F401  # fixtures
from tests.gateways.keys import private_key, private_pem, public_pem, set_up
from tests.portal.town import Household

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

Town = tuple[Household, Household]


@pytest.fixture
def wechat(live_server: LiveServer, settings: Settings) -> Iterator[Simulator]:
    """WeChat's simulator beside the live server, which it calls back."""
    service = WechatService(
        "1900006789", "wx01", "PUB_KEY_ID_01", "k" * 32, private_key("wechat"), private_key("merchant").public_key()
    )
    server = Simulator(service)
    service.base = server.address
    values = {"mchid": "1900006789", "appid": "wx01", "merchant_serial": "51", "public_key_id": "PUB_KEY_ID_01"}
    set_up(
        "wechat", values | {"address": server.address},
        {"merchant_private_key.pem": private_pem("merchant"), "wechatpay_public_key.pem": public_pem("wechat"),
         "apiv3_key.txt": "k" * 32},
    )  # fmt: skip
    settings.PAYMENT_GATEWAYS = settings.PAYMENT_GATEWAYS | {
        "wechat": "gridhall.adapters.wechat_pay.gateway.WechatGateway"
    }
    settings.PUBLIC_URL = live_server.url
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def test_on_a_phone_in_chinese(town: Town, live_server: LiveServer, bank: BankServer, open_page: OpenPage) -> None:  # noqa: F811
    wang, _ = town
    page = open_page(PHONE, "zh-CN")
    page.goto(f"{live_server.url}/sign-in")
    page.get_by_role("link", name="免登录缴费").click()
    page.get_by_label("户号").fill(wang.number)
    page.get_by_label("最近一期账单金额").fill("135.87")
    shoot(page, "guest-number-phone")
    accessible(page)
    fits(page)
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_text("135.87").first).to_be_visible()
    expect(page.get_by_text(wang.name)).to_have_count(0)
    shoot(page, "guest-amount-phone")
    accessible(page)
    fits(page)
    page.get_by_role("button", name="去支付").click()
    page.get_by_role("link", name="前往银行付款").click()
    page.get_by_role("button", name="确认付款").click()
    expect(page.get_by_role("heading", name="已缴费，谢谢")).to_be_visible()
    shoot(page, "guest-paid-phone")
    accessible(page)
    fits(page)
    assert ledger.owed(wang.account_id, clock.now()).total == 0


def test_by_a_code_at_a_desk(town: Town, live_server: LiveServer, wechat: Simulator, open_page: OpenPage) -> None:  # noqa: F811
    """The page looks by itself: paid on the telephone, it says thank you without a press."""
    wang, _ = town
    page = open_page(DESK)
    page.goto(f"{live_server.url}/pay/guest?number={wang.number}")
    expect(page.get_by_label("Customer number")).to_have_value(wang.number)
    page.get_by_role("button", name="Go on").press("Enter")
    expect(page.get_by_text("What is due is shown only")).to_be_visible()
    page.get_by_label("Amount", exact=True).fill("20.00")
    page.get_by_text("WeChat Pay").click()
    shoot(page, "guest-amount-desk")
    accessible(page)
    fits(page)
    page.get_by_role("button", name="Go on to pay").click()
    expect(page.get_by_role("heading", name="Scan to pay")).to_be_visible()
    shoot(page, "guest-code-desk")
    accessible(page)
    fits(page)
    order_no = page.url.rsplit("/", 1)[1].partition("?")[0]
    wechat.decide(order_no, "paid")
    expect(page.get_by_role("heading", name="Thank you, it is paid")).to_be_visible()
    shoot(page, "guest-paid-desk")
    assert ledger.balances([wang.account_id])[wang.account_id].owed == 13_587 - 2_000
