"""Gateways at loopback, set up by files with keys of both sides."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from gridhall.adapters.alipay.simulator import AlipayService
from gridhall.adapters.gateway_simulator.serving import Simulator
from gridhall.adapters.stripe_card.simulator import StripeService
from gridhall.adapters.wechat_pay.simulator import WechatService
from tests.gateways.keys import private_key, private_pem, public_pem, set_up
from tests.gateways.platform import Platform, served

MCHID, WX_APP, WX_KEY_ID, APIV3_KEY = "1900006789", "wx0123456789abcdef", "PUB_KEY_ID_0119000067892026", "k" * 32
APP, SELLER = "2021001199990000", "2088000011112222"


@pytest.fixture
def platform(settings: LazySettings) -> Iterator[Platform]:
    server = Platform()
    settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_address[1]}"
    settings.PAYMENT_GATEWAYS = {
        "alipay": "gridhall.adapters.alipay.gateway.AlipayGateway",
        "wechat": "gridhall.adapters.wechat_pay.gateway.WechatGateway",
        "stripe": "gridhall.adapters.stripe_card.gateway.StripeGateway",
    }
    yield from served(server)


@pytest.fixture
def alipay(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    service = AlipayService(APP, SELLER, private_key("alipay"), private_key("merchant").public_key())
    server = Simulator(service, late_s=0.5)
    service.base = server.address
    monkeypatch.setattr("gridhall.adapters.gateway_simulator.serving.CALL_AGAIN_AFTER_S", (0.0, 0.1, 0.2))
    set_up(
        "alipay", {"app_id": APP, "seller_id": SELLER, "address": f"{server.address}/gateway.do"},
        {"app_private_key.pem": private_pem("merchant"), "alipay_public_key.pem": public_pem("alipay")},
    )  # fmt: skip
    yield from served(server)


@pytest.fixture
def wechat(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    service = WechatService(
        MCHID, WX_APP, WX_KEY_ID, APIV3_KEY, private_key("wechat"), private_key("merchant").public_key()
    )
    server = Simulator(service, late_s=0.5)
    service.base = server.address
    monkeypatch.setattr("gridhall.adapters.gateway_simulator.serving.CALL_AGAIN_AFTER_S", (0.0, 0.1, 0.2))
    values = {
        "mchid": MCHID, "appid": WX_APP, "merchant_serial": "5157F09EFDC096DE15EBE81A47057A72",
        "public_key_id": WX_KEY_ID, "address": server.address,
    }  # fmt: skip
    keys = {
        "merchant_private_key.pem": private_pem("merchant"), "wechatpay_public_key.pem": public_pem("wechat"),
        "apiv3_key.txt": APIV3_KEY,
    }  # fmt: skip
    set_up("wechat", values, keys)
    yield from served(server)


@pytest.fixture
def stripe(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    service = StripeService("sk_test_lamplake", "whsec_lamplake")
    server = Simulator(service, late_s=0.5)
    service.base = server.address
    monkeypatch.setattr("gridhall.adapters.gateway_simulator.serving.CALL_AGAIN_AFTER_S", (0.0, 0.1, 0.2))
    set_up(
        "stripe", {"address": server.address},
        {"secret_key.txt": "sk_test_lamplake", "webhook_secret.txt": "whsec_lamplake"},
    )  # fmt: skip
    yield from served(server)
