"""Paying by WeChat: the client library on our side, a simulator with its own reading of APIv3 on the other."""

import gzip
import time
from datetime import date, timedelta

import httpx
import pytest
from django.core.checks import run_checks
from typer.testing import CliRunner

from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_simulator.book import PAID, Trade
from gridhall.adapters.gateway_simulator.serving import Simulator
from gridhall.adapters.wechat_pay.bill import read_bill
from gridhall.adapters.wechat_pay.client import NEEDS
from gridhall.adapters.wechat_pay.gateway import WechatGateway
from gridhall.adapters.wechat_pay.simulator import WechatService
from gridhall.adapters.wechat_pay.simulator import bill as day_bill
from gridhall.doors.cli import payments as command
from gridhall.kernel import clock
from gridhall.ledger.public import balances, check
from gridhall.payments import public as payments
from gridhall.payments.models import GatewayNonce
from gridhall.payments.ports import Refund
from gridhall.payments.public import OnlineBegun, notify, order, payments_of, resolve_order, resolve_waiting
from tests.gateways.keys import set_up
from tests.gateways.platform import CASHIER, MANAGER, OWED, Platform, begin, misbehave, refused, until

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def customer_pays(wechat: Simulator, begun: OnlineBegun, decision: str = "paid") -> None:
    """The customer scans the code and pays or leaves."""
    done = httpx.post(
        f"{wechat.address}/decide", data={"order_no": begun.order_no, "decision": decision}, trust_env=False
    )
    assert done.status_code == 303


def today() -> date:
    return wire.beijing().date()


def test_a_code_at_the_desk_and_a_page_on_the_phone(wechat: Simulator, platform: Platform) -> None:
    begun = begin("wechat")
    assert begun.redirect_url.startswith("weixin://wxpay/")
    customer_pays(wechat, begun)
    assert until(platform, 1) == [200]
    assert order(begun.order_no).state == "paid"
    (paid,) = payments_of(1)
    assert (paid.amount, paid.value_on) == (OWED, today())
    assert resolve_order(begun.order_no).absorbed
    assert check() == []


def test_on_the_phone(wechat: Simulator, platform: Platform) -> None:
    begun = begin("wechat", device="phone")
    with httpx.Client(trust_env=False) as browser:
        assert "86.40" in browser.get(begun.redirect_url).text
        customer_pays(wechat, begun)
        # who comes again is sent back to us
        back = browser.get(begun.redirect_url).headers["location"]
        assert back.endswith(f"/pay/return?order={begun.order_no}")
    assert until(platform, 1) == [200]
    assert len(payments_of(1)) == 1


@pytest.mark.parametrize(("mode", "answers"), [
    ("twice", [200, 200]), ("late", [200]), ("out_of_order", [200, 200]), ("replay", [200, 400]),
])  # fmt: skip
def test_told_often_late_or_out_of_order_is_booked_once(
    wechat: Simulator, platform: Platform, mode: str, answers: list[int]
) -> None:
    """The very same bytes are refused the second time: their nonce has been heard."""
    misbehave(wechat, mode)
    begun = begin("wechat")
    customer_pays(wechat, begun)
    assert until(platform, len(answers)) == answers
    assert order(begun.order_no).state == "paid"
    assert len(payments_of(1)) == 1
    assert check() == []


@pytest.mark.parametrize("mode", ["tampered", "wrong_amount", "stranger"])
def test_a_bad_call_books_nothing_and_the_question_finds_the_truth(
    wechat: Simulator, platform: Platform, mode: str
) -> None:
    misbehave(wechat, mode)
    begun = begin("wechat")
    customer_pays(wechat, begun)
    assert until(platform, 3) == [400, 400, 400]
    assert payments_of(1) == []
    assert GatewayNonce.objects.count() == 0  # what was refused may come again
    misbehave(wechat, "well")
    assert resolve_order(begun.order_no).state == "paid"
    assert [each.amount for each in payments_of(1)] == [OWED]


def test_lost_word_is_asked_for(wechat: Simulator, platform: Platform) -> None:
    misbehave(wechat, "lost")
    begun = begin("wechat")
    customer_pays(wechat, begun)
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert [(each.order_no, each.state) for each in resolve_waiting()] == [(begun.order_no, "paid")]
    assert len(payments_of(1)) == 1


def test_a_tampered_or_missing_answer_proves_nothing(wechat: Simulator, platform: Platform) -> None:
    begun = begin("wechat")
    assert WechatGateway().query("20260101ffff") is None
    misbehave(wechat, "answer_tampered")
    assert refused(lambda: resolve_order(begun.order_no)) == "tampered"
    assert refused(lambda: WechatGateway().query("20260101ffff")) == "tampered"  # nor that it does not exist
    misbehave(wechat, "silent")
    assert refused(lambda: resolve_order(begun.order_no)) == "gateway_unreachable"
    assert payments_of(1) == []


def test_left_by_the_customer(wechat: Simulator, platform: Platform) -> None:
    begun = begin("wechat")
    customer_pays(wechat, begun, "closed")
    assert until(platform, 1) == [200]
    assert order(begun.order_no).state == "failed"


def test_who_may_call_and_when(wechat: Simulator, platform: Platform) -> None:
    """Signed by another, long ago, in another form, under another serial, with another key inside."""
    begun = begin("wechat")
    service = wechat.service
    assert isinstance(service, WechatService)
    trade = service.book.decide(begun.order_no, PAID)[0]
    assert isinstance(trade, Trade)
    good = service.call_back(trade, "well")

    def status(headers: dict[str, str], body: bytes = good.body) -> int:
        return notify("wechat", headers, body).status

    assert status({}) == 400
    assert status(service.signed(good.body, time.time() - 301)) == 400
    assert status(service.signed(good.body, time.time() + 301)) == 400
    fresh = service.signed(good.body)
    assert status(fresh | {"Wechatpay-Serial": "5157F09EFDC096DE15EBE81A47057A72"}) == 400
    assert status(fresh | {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}) == 400
    assert status(fresh | {"Wechatpay-Nonce": "another"}) == 400
    assert status(fresh | {"Wechatpay-Timestamp": "now"}) == 400
    for body in (b"[]", b"{}", b"\xff", good.body.replace(b"AEAD_AES_256_GCM", b"AEAD_AES_128_GCM")):
        assert status(service.signed(body), body) == 400
    stranger = WechatService(
        service.mchid, service.appid, service.public_key_id, "x" * 32, service._ours, service._merchant
    )
    sealed = stranger.call_back(trade, "well")
    assert status(dict(sealed.headers), sealed.body) == 400
    assert payments_of(1) == []
    lower = {name.lower(): value for name, value in fresh.items()}
    assert status(lower) == 200  # HTTP/2 writes names in small letters
    assert len(payments_of(1)) == 1


def test_a_refund_goes_back_once_and_is_booked(wechat: Simulator, platform: Platform) -> None:
    begun = begin("wechat")
    customer_pays(wechat, begun)
    until(platform, 1)
    (paid,) = payments_of(1)
    asked = payments.ask_refund(CASHIER, 1, paid.no, "paid twice")
    misbehave(wechat, "refund_lost")
    waiting = payments.decide_refund(MANAGER, asked.refund_no, approve=True)
    assert (waiting.state, waiting.said) == ("approved", "gateway_unreachable")
    misbehave(wechat, "refund_waits")
    assert payments.pursue_refund(asked.refund_no).said == "PROCESSING"
    misbehave(wechat, "well")
    assert payments.pursue_refund(asked.refund_no).state == "booked"
    trade = wechat.service.book.trade(begun.order_no)
    assert trade is not None
    assert [each.amount for each in trade.refunds] == [OWED]
    assert balances([1])[1].owed == OWED
    assert WechatGateway().refund(Refund("R9", begun.order_no, 1, "more", OWED)).state == "failed"
    assert check() == []


def test_a_refused_refund_is_the_last_word(wechat: Simulator, platform: Platform) -> None:
    begun = begin("wechat")
    customer_pays(wechat, begun)
    until(platform, 1)
    asked = payments.ask_refund(CASHIER, 1, payments_of(1)[0].no, "paid twice")
    misbehave(wechat, "refund_refused")
    failed = payments.decide_refund(MANAGER, asked.refund_no, approve=True)
    assert failed.state == "failed"
    assert failed.said.startswith("NOT_ENOUGH")


def test_its_bill_is_compared_and_settled(wechat: Simulator, platform: Platform) -> None:
    misbehave(wechat, "lost")
    begun = begin("wechat")
    customer_pays(wechat, begun)
    misbehave(wechat, "well")
    with clock.at(clock.now() + DAY):
        assert refused(lambda: payments.reconcile_gateway_day(CASHIER, "wechat", today())) == "bill_not_ready"
        misbehave(wechat, "bill_broken")
        assert refused(lambda: payments.reconcile_gateway_day(CASHIER, "wechat", today())) == "bad_day_file"
        misbehave(wechat, "lost")  # so that it gives the bill of its own today
        made = payments.reconcile_gateway_day(CASHIER, "wechat", today())
        # 86.40 at 0.6 % is 0.5184: 52 fen
        assert (made.their_amount, made.their_fee, made.differences) == (OWED, 52, 1)
        payments.release_day(MANAGER, made.id)
        assert balances([1])[1].owed == 0
        assert payments.settle_day(CASHIER, made.id, OWED - 52, "T-1").state == "settled"
    assert check() == []


def test_a_bill_that_was_changed_is_refused(wechat: Simulator, platform: Platform) -> None:
    begun = begin("wechat")
    customer_pays(wechat, begun)
    service = wechat.service
    assert isinstance(service, WechatService)
    service.book.refund(begun.order_no, "R1", 40)
    good = day_bill(service, today())
    rows = read_bill(gzip.compress(good), today())
    assert [(each.serial, each.order_no, each.amount, each.fee) for each in rows] == [
        (begun.order_no, begun.order_no, OWED, 52), ("R1", begun.order_no, -40, 0),
    ]  # fmt: skip

    def code(old: str, new: str) -> str:
        assert old in good.decode()
        return refused(lambda: read_bill(gzip.compress(good.decode().replace(old, new, 1).encode()), today()))

    assert refused(lambda: read_bill(gzip.compress(good), today() - DAY)) == "day_file_other"
    assert refused(lambda: read_bill(good, today())) == "bad_day_file"
    assert refused(lambda: read_bill(gzip.compress(good)[:-9], today())) == "bad_day_file"
    assert refused(lambda: read_bill(gzip.compress(good.rpartition(b"\n`")[0]), today())) == "day_file_altered"
    assert code("`86.40", "`86.41") == "day_file_altered"
    assert code("`86.40", "`86.4O") == "bad_day_file"
    assert code("`0.51840", "`0.5184O") == "bad_day_file"
    assert code("`R1", f"`{begun.order_no}") == "day_file_double"
    assert code("`SUCCESS", "`REVOKED") == "bad_day_file"
    assert code("交易状态", "状态") == "bad_day_file"
    assert code("`2,`86.40", "`3,`86.40") == "day_file_altered"


def test_what_a_set_up_lacks_is_told_without_its_secrets(wechat: Simulator, platform: Platform) -> None:
    from gridhall.adapters.gateway_setup import files

    assert payments.gateways_lacking().get("wechat") is None
    assert "kkkk" not in repr(files.read(NEEDS))
    assert "PRIVATE" not in repr(files.read(NEEDS))
    folder = set_up("wechat", {"mchid": "1", "colour": "red"}, {"apiv3_key.txt": "short"})
    (folder / "merchant_private_key.pem").write_text("no key")
    (folder / "apiv3_key.txt").chmod(0o644)
    (folder / "wechatpay_public_key.pem").unlink()
    told = "\n".join(payments.gateways_lacking()["wechat"])
    for part in ("no appid", "no merchant_serial", "colour, which is not known", "is not a private RSA key",
                 "wechatpay_public_key.pem is missing", "chmod 600"):  # fmt: skip
        assert part in told
    assert "short" not in told
    assert refused(lambda: begin("wechat")) == "gateway_not_set_up"
    (warning,) = [each for each in run_checks(tags=["gateways"]) if "wechat" in each.msg]
    assert (warning.id, "gateways.md" in (warning.hint or "")) == ("payments.W001", True)
    # as the command shows it
    done = CliRunner().invoke(command.app, ["gateways"])
    assert done.exit_code == 1
    assert "wechat: not set up completely" in done.stdout
    assert "short" not in done.stdout
