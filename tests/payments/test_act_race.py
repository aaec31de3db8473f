"""Two at once over one customer's money, each with a control in which the lock is off and the race is seen."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db import connections

from gridhall.kernel.refusal import Refusal
from gridhall.ledger import settling
from gridhall.ledger.public import balances, check, written_off
from gridhall.payments import act_doing, money_acts, recording
from gridhall.payments.act_models import MoneyAct
from gridhall.payments.public import (
    REFUND,
    WRITE_OFF,
    PaymentIn,
    ask_money_act,
    decide_money_act,
    payments_of,
    receive,
)
from tests.payments.act_town import OCTOBER, Office, open_office, pay, person
from tests.payments.town import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> Counter[str]:
    """Each in a thread of its own: how often each was answered (done, or a refusal's code)."""
    answers: Counter[str] = Counter()

    def do(act: Callable[[], object]) -> None:
        try:
            act()
            answers["done"] += 1
        except Refusal as no:
            answers[no.code] += 1
        except Exception as error:
            answers[type(error).__name__] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def meet_in(monkeypatch: pytest.MonkeyPatch, *places: tuple[Any, str]) -> list[bool]:
    """Whoever comes to one of the places waits for the other there, a while: whether they met."""
    meeting, met = threading.Barrier(2, timeout=1.5), list[bool]()
    for module, name in places:
        real = getattr(module, name)

        def together(*given: Any, _real: Any = real, **more: Any) -> Any:
            with suppress(threading.BrokenBarrierError):
                meeting.wait()
                met.append(True)
            return _real(*given, **more)

        monkeypatch.setattr(module, name, together)
    return met


def a_write_off() -> tuple[Office, int]:
    office = open_office(date(2036, 1, 1))
    asked = ask_money_act(office.cashier, WRITE_OFF, 1, 10_000, "no estate", {"items": [[OCTOBER, 1, 1]]})
    return office, asked.id


def a_payment() -> None:
    (answer,) = receive(SYSTEM, [PaymentIn(4_000, "api:1", 1)])
    assert not isinstance(answer, Refusal)


def test_paid_while_it_is_written_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """One comes first: either the payment finds nothing open, or the write-off finds the debt changed."""
    office, act = a_write_off()
    met = meet_in(monkeypatch, (act_doing, "write_off"), (recording, "settle"))
    answers = at_once(lambda: decide_money_act(office.manager, act, approve=True), a_payment)
    assert met == []
    assert answers in (Counter(done=2), Counter(done=1, changed_since=1))
    left = balances([1])[1]
    assert (left.owed, left.credit, written_off([1])) in ((0, 4_000, {1: 10_000}), (6_000, 0, {}))
    assert check() == []


def test_control_without_the_lock_the_debt_is_paid_and_written_off(monkeypatch: pytest.MonkeyPatch) -> None:
    office, act = a_write_off()
    monkeypatch.setattr(settling, "LOCK_SQL", settling.LOCK_SQL.replace("FOR UPDATE", ""))
    met = meet_in(monkeypatch, (act_doing, "write_off"), (recording, "settle"))
    at_once(lambda: decide_money_act(office.manager, act, approve=True), a_payment)
    assert met == [True, True]
    assert {each.check for each in check()} & {"item_open", "control_receivable", "control_credit"}


def a_refund() -> tuple[Office, int]:
    office = open_office(date(2036, 1, 1))
    pay(office.li, office.tills[0], 1, 20_000)
    told = {"bank_account": "6222020200112233445", "bank_holder": "王小明"}
    return office, ask_money_act(office.cashier, REFUND, 1, 4_000, "moves away", told).id


def test_two_who_decide_at_once_do_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    office, act = a_refund()
    other = person("manager", 902)
    met = meet_in(monkeypatch, (money_acts, "_do"))
    answers = at_once(*(lambda who=who: decide_money_act(who, act, approve=True) for who in (office.manager, other)))
    assert (met, answers) == ([], Counter(done=1, wrong_act_state=1))
    assert balances([1])[1].credit == 6_000
    assert [each.kind for each in payments_of(1)] == [4, 1]
    assert check() == []


def test_control_without_the_lock_the_refund_goes_out_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    office, act = a_refund()
    other = person("manager", 902)
    monkeypatch.setattr(money_acts, "_held", lambda act_id: MoneyAct.objects.filter(pk=act_id).first())
    met = meet_in(monkeypatch, (money_acts, "_do"))
    answers = at_once(*(lambda who=who: decide_money_act(who, act, approve=True) for who in (office.manager, other)))
    assert (met, answers) == ([True, True], Counter(done=2))
    assert balances([1])[1].credit == 2_000
