"""Gateways at loopback, set up by files with keys of both sides."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from gridhall.adapters.alipay.simulator import AlipayService
from gridhall.adapters.gateway_simulator.serving import Simulator
from tests.gateways.keys import private_key, private_pem, public_pem, set_up
from tests.gateways.platform import Platform, served

APP, SELLER = "2021001199990000", "2088000011112222"


@pytest.fixture
def platform(settings: LazySettings) -> Iterator[Platform]:
    server = Platform()
    settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_address[1]}"
    settings.PAYMENT_GATEWAYS = {"alipay": "gridhall.adapters.alipay.gateway.AlipayGateway"}
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
