"""A gateway's day brought in at the command line."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_simulator.serving import Simulator
from gridhall.doors.cli import reconcile as command
from gridhall.kernel import clock
from gridhall.payments import public as payments
from tests.gateways.platform import OWED, Platform, begin, customer_decides, misbehave, until

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_command_line_fetches_the_bill(alipay: Simulator, platform: Platform) -> None:
    begun = begin("alipay")
    customer_decides(alipay, begun)
    until(platform, 1)
    misbehave(alipay, "lost")
    day = wire.beijing().date().isoformat()
    with clock.at(clock.now() + timedelta(days=1)):
        done = CliRunner().invoke(command.app, ["gateway", "alipay", day, "--json"])
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert (told["counterparty"], told["their_amount"], told["their_fee"]) == ("online:alipay", OWED, 51)
        assert [each.id for each in payments.reconciliations("online:alipay")] == [told["id"]]
