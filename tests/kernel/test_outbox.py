"""Facts on their way: in order for an account, at least once, given up with a reason."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from gridhall.kernel import clock, outbox
from gridhall.kernel.access import Actor, system
from gridhall.kernel.models import Delivery, Fact
from gridhall.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = system("test")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[outbox.Happened]:
    """One subscriber to the fact `lamp_lit`, and what it heard."""
    monkeypatch.setattr(outbox, "_subscribers", {})
    got: list[outbox.Happened] = []
    outbox.subscribe("lamp_lit", "test.lamps", got.append)
    return got


def lit(account: int, n: int = 0, high: int = 0) -> None:
    with transaction.atomic():
        outbox.publish("lamp_lit", {"n": n}, (account, high or account))


def told(heard: list[outbox.Happened]) -> list[int]:
    return [fact.payload["n"] for fact in heard]


def test_told_only_when_it_is_committed(heard: list[outbox.Happened]) -> None:
    with transaction.atomic():
        outbox.publish("lamp_lit", {"n": 1})
        transaction.set_rollback(True)
    with pytest.raises(RuntimeError):
        outbox.publish("lamp_lit", {"n": 2})
    assert (outbox.deliver(), heard) == (0, [])


def test_delivered_once_in_order(heard: list[outbox.Happened]) -> None:
    for n in range(5):
        lit(7, n)
    with transaction.atomic():
        outbox.publish("nobody_listens", {})
    assert outbox.deliver() == 5
    assert told(heard) == [0, 1, 2, 3, 4]
    assert outbox.deliver() == 0
    assert Fact.objects.count() == 6  # kept for a while


def test_a_failure_holds_back_its_account_alone(heard: list[outbox.Happened]) -> None:
    broken = True

    def handle(fact: outbox.Happened) -> None:
        if broken and fact.payload["n"] == 1:
            raise ValueError("the lamp is dark")
        heard.append(fact)

    outbox.subscribe("lamp_lit", "test.lamps", handle)
    lit(7, 1)
    lit(7, 2)
    lit(5, 3, high=9)  # is about 7 too
    lit(8, 4)
    lit(10, 5)
    # 8 waits behind the third, which is about 5 to 9 and waits for 7
    assert (outbox.deliver(), told(heard)) == (1, [5])
    broken = False
    with clock.at(clock.now() + timedelta(minutes=1)):
        outbox.deliver()
    assert told(heard) == [5, 1, 2, 3, 4]


def test_many_that_wait_do_not_keep_back_the_later_ones(heard: list[outbox.Happened]) -> None:
    def handle(fact: outbox.Happened) -> None:
        if fact.account_low < 10:
            raise ValueError("the lamp is dark")
        heard.append(fact)

    outbox.subscribe("lamp_lit", "test.lamps", handle)
    for account in (1, 2, 3, 20, 1, 21, 22, 23):
        lit(account, account)
    assert (outbox.deliver(2), told(heard)) == (2, [20, 21])
    assert (outbox.deliver(2), told(heard)) == (2, [20, 21, 22, 23])


def test_what_a_handler_wrote_goes_with_its_failure(heard: list[outbox.Happened]) -> None:
    def handle(fact: outbox.Happened) -> None:
        Fact.objects.create(kind="made", at=clock.now())
        raise ValueError("after writing")

    outbox.subscribe("lamp_lit", "test.lamps", handle)
    lit(1)
    outbox.deliver()
    assert not Fact.objects.filter(kind="made").exists()


def give_up(heard: list[outbox.Happened]) -> outbox.Failed:
    def handle(fact: outbox.Happened) -> None:
        if fact.payload["n"] == 1:
            raise ValueError("never")
        heard.append(fact)

    outbox.subscribe("lamp_lit", "test.lamps", handle)
    lit(7, 1)
    lit(7, 2)
    moment = clock.now()
    for n in range(outbox.TRIES_MOST):
        with clock.at(moment + timedelta(minutes=10 * n)):
            assert told(heard) == []
            outbox.deliver()
    (failed,) = outbox.failed()
    return failed


def test_given_up_with_its_reason_and_the_next_go_on(heard: list[outbox.Happened]) -> None:
    failed = give_up(heard)
    assert (failed.subscriber, failed.tries, failed.reason) == ("test.lamps", outbox.TRIES_MOST, "ValueError: never")
    assert outbox.failed_count() == 1
    with clock.at(clock.now() + timedelta(days=1)):
        outbox.deliver()
    assert told(heard) == [2]


def test_a_person_has_it_tried_again_or_drops_it(heard: list[outbox.Happened]) -> None:
    failed = give_up(heard)
    for again, reason, actor, code in (
        (False, "", SYSTEM, "reason_missing"), (True, "", Actor("staff", "x", "test", id=1), "not_allowed"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as caught:
            outbox.settle_failed(actor, failed.id, again=again, reason=reason)
        assert caught.value.code == code
    outbox.subscribe("lamp_lit", "test.lamps", heard.append)
    outbox.settle_failed(SYSTEM, failed.id, again=True)
    outbox.deliver()
    assert sorted(told(heard)) == [1, 2]
    with pytest.raises(Refusal) as caught:
        outbox.settle_failed(SYSTEM, failed.id, again=False, reason="settled by hand")
    assert caught.value.code == "unknown_delivery"


def test_dropped(heard: list[outbox.Happened]) -> None:
    outbox.settle_failed(SYSTEM, give_up(heard).id, again=False, reason="settled by hand")
    assert (outbox.failed_count(), Delivery.objects.filter(dead_at__isnull=False).count()) == (0, 0)


@pytest.fixture
def slow(heard: list[outbox.Happened]) -> Iterator[tuple[threading.Event, threading.Event]]:
    """A handler that waits in the middle of its work."""
    begun, go_on = threading.Event(), threading.Event()

    def handle(fact: outbox.Happened) -> None:
        begun.set()
        go_on.wait(10)
        heard.append(fact)

    outbox.subscribe("lamp_lit", "test.lamps", handle)
    yield begun, go_on
    go_on.set()


def test_two_deliverers_do_not_both_deliver(
    heard: list[outbox.Happened], slow: tuple[threading.Event, threading.Event]
) -> None:
    begun, go_on = slow
    lit(1)

    def work() -> None:
        try:
            outbox.deliver()
        finally:
            connections.close_all()

    first = threading.Thread(target=work)
    first.start()
    assert begun.wait(10)
    assert outbox.deliver() == 0  # it would wait for ever here, or do it twice
    go_on.set()
    first.join()
    assert len(heard) == 1


def test_old_facts_go_when_everybody_has_them(heard: list[outbox.Happened]) -> None:
    lit(1)
    with clock.at(clock.now() + timedelta(days=31)):
        assert outbox.prune() == 0
        outbox.deliver()
        assert outbox.prune() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_fact")
        assert cursor.fetchone() == (0,)
