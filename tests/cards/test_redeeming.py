"""A card pays once, whoever asks how often, and whoever is killed."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection, connections

from gridhall.cards import guard, redeeming
from gridhall.cards import public as cards
from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, check, trial_balance
from gridhall.payments import public as payments
from tests.cards.shop import ANN, BEN, FACE, NOBODY, Printed, an_agent, in_stock, on_sale, take_files_away
from tests.payments.town import bill, make_accounts

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = system("text")


@pytest.fixture(autouse=True)
def _no_files_left() -> object:
    yield
    take_files_away()


def asked(card: tuple[str, str], account: int = 1, caller: str = "+8613800000001", **other: object) -> cards.Asked:
    return cards.Asked(card[0], card[1], f"A{account:07d}", caller, payments.DOOR_TEXT, **other)  # type: ignore[arg-type]


def code_of(card: tuple[str, str], account: int = 1, caller: str = "+8613800000001") -> str:
    try:
        cards.redeem(TEXTS, asked(card, account, caller))
    except Refusal as no:
        return no.code
    return "paid"


def credit(*accounts: int) -> list[int]:
    found = balances(accounts)
    return [found[each].credit if each in found else 0 for each in accounts]


def wrong(card: tuple[str, str]) -> tuple[str, str]:
    """The card with another PIN that passes the check digit."""
    pin = f"{(int(card[1][:-1]) + 1) % 10**16:016d}"
    return card[0], cards.with_check(pin)


def test_a_card_pays_the_oldest_debt_and_the_rest_is_credit() -> None:
    """50.00 on 20.00 of September and 18.00 of October: 12.00 is left as credit. 2204 held 3 × 50.00 and holds two
    cards' value after it; the agent owes 150.00 less 2 %: 147.00."""
    printed = on_sale(3)
    bill(1, 202609, 2_000, issued=date(2026, 10, 2), due=clock.today())
    bill(1, 202610, 1_800, issued=date(2026, 11, 2), due=clock.today())
    done = cards.redeem(TEXTS, asked(printed[0]))
    assert [(item.period, item.amount) for item in done.receipt.paid] == [(202609, 2_000), (202610, 1_800)]
    assert (done.face, done.receipt.to_credit, done.receipt.left_owed) == (FACE, 1_200, 0)
    books = {row.code: row for row in trial_balance(1, clock.today().year * 100 + clock.today().month).rows}
    assert books[2204].closing == -2 * FACE
    assert books[1124].closing == 14_700
    assert books[6601].closing == 300
    assert check() == []


def test_asked_again_it_is_the_first_answer_and_for_nobody_else() -> None:
    printed = on_sale(2)
    first = cards.redeem(TEXTS, asked(printed[0]))
    again = cards.redeem(TEXTS, asked(printed[0], caller="+8613800000009"))
    assert (again.receipt.payment_no, again.receipt.replayed) == (first.receipt.payment_no, True)
    assert code_of(printed[0], account=2) == "card_refused"
    assert credit(1, 2) == [FACE, 0]
    assert check() == []


def test_what_is_wrong_is_answered_alike() -> None:
    """A wrong PIN, a serial that never was, a card that was not sold, one that is frozen: the same refusal, word for
    word. A slip that the check digit sees is another matter, and is not counted."""
    number, printed = in_stock(4)
    make_accounts(3)
    agent = an_agent(number, 3)
    first = cards.first_serial(number)
    cards.sell_cards(BEN, agent, cards.Range(first, first + 1), "s")
    cards.move_cards(BEN, "freeze", cards.Range(first + 1, first + 1), "lost on the way")
    never = (cards.with_check("999999999999"), printed[0][1])
    for n, card in enumerate((wrong(printed[0]), never, printed[3], printed[2], printed[1])):
        with pytest.raises(Refusal) as refused:
            cards.redeem(TEXTS, asked(card, caller=f"+86{n}"))
        assert (refused.value.code, refused.value.en, refused.value.field) == (
            "card_refused", "This card number and PIN are not valid.", "pin",
        )  # fmt: skip
    slip = (printed[0][0], printed[0][1][:-1] + str((int(printed[0][1][-1]) + 1) % 10))
    assert [code_of(slip) for _ in range(10)] == ["card_mistyped"] * 10
    assert code_of((printed[0][0][:-1], printed[0][1])) == "card_mistyped"
    assert code_of(printed[0]) == "paid"
    with pytest.raises(Refusal, match="no such account"):
        cards.redeem(TEXTS, asked(printed[0], account=99))
    cards.move_cards(BEN, "thaw", cards.Range(first + 1, first + 1))
    assert code_of(printed[1], account=2) == "paid"
    assert check() == []


def test_the_pin_is_in_no_log() -> None:
    printed = on_sale(1)
    code_of(wrong(printed[0]))
    code_of(printed[0])
    kept = " ".join(str(entry.after) + entry.subject for entry in AuditEntry.objects.all())
    assert printed[0][1][:16] not in kept
    assert wrong(printed[0])[1][:16] not in kept
    assert printed[0][1] not in repr(asked(printed[0]))
    acts = AuditEntry.objects.filter(act__in=["cards.wrong_pin", "cards.redeem"]).order_by("id")
    assert [entry.act for entry in acts] == ["cards.wrong_pin", "cards.redeem"]


def test_a_used_card_is_not_taken_back() -> None:
    printed = on_sale(1)
    done = cards.redeem(TEXTS, asked(printed[0]))
    with pytest.raises(Refusal) as refused:
        payments.reverse(system("office"), 1, done.receipt.payment_no, "by mistake")
    assert refused.value.code == "card_used_up"


def test_run_out_cards_become_income() -> None:
    """Two of three cards of 50.00 are not used within their 10 days: 100.00 moves from 2204 to 6301."""
    printed = on_sale(3, valid_days=10)
    cards.redeem(TEXTS, asked(printed[0]))
    later = clock.now() + timedelta(days=9)
    with clock.at(later):
        assert cards.expire_cards(BEN) == 0
        assert code_of(wrong(printed[1])) == "card_refused"
    with clock.at(later + timedelta(days=1)):
        assert code_of(printed[1]) == "card_refused"  # the day it runs out it is not good any more
        assert cards.expire_cards(BEN) == 2
        assert cards.expire_cards(BEN) == 0
        books = {row.code: row for row in trial_balance(1, clock.today().year * 100 + clock.today().month).rows}
        assert books[6301].closing == -2 * FACE
        assert check() == []


def test_ten_thousand_tries_of_one_pin_over_many_callers_pay_once() -> None:
    """A short form: 400 tries by 16 threads for four accounts. One pays; its own account hears the same again."""
    printed = on_sale(1, accounts=4)

    def one(n: int) -> str:
        try:
            return code_of(printed[0], 1 + n % 4, f"+86{n}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        heard = list(pool.map(one, range(400)))
    assert sorted(credit(1, 2, 3, 4)) == [0, 0, 0, FACE]
    assert 1 <= heard.count("paid") <= 100
    assert set(heard) <= {"paid", "card_refused", "card_wait"}
    assert check() == []


KILLED = """
import os, signal, sys
import django
django.setup()
from gridhall.cards import public as cards, redeeming
from gridhall.kernel.access import system
from gridhall.payments import public as payments, recording, receiving
step, serial, pin = sys.argv[1:4]
def die(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)
places = {"proven": (redeeming, "_is_right"), "settle": (recording, "settle"), "writing": (recording, "writing"),
          "receipts": (receiving, "_receipts"), "audit": (redeeming, "_audit")}
if step in places:
    setattr(*places[step], die)
elif step == "commit":
    from django.db.backends.postgresql.base import DatabaseWrapper
    DatabaseWrapper._commit = die  # whichever connection: the gate has one of its own
cards.redeem(system("text"), cards.Asked(serial, pin, "A0000001", "+861", payments.DOOR_TEXT))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("step", ["proven", "settle", "writing", "receipts", "audit", "commit", "answer"])
def test_killed_between_any_two_steps_money_and_card_agree(step: str) -> None:
    (card,) = on_sale(1)
    here = {**os.environ, "GRIDHALL_DATABASE": str(connection.settings_dict["NAME"])}
    done = subprocess.run([sys.executable, "-c", KILLED, step, *card], env=here, check=False)
    assert done.returncode == -signal.SIGKILL
    assert check() == []
    assert len(payments.payments_of(1)) == (1 if step == "answer" else 0)
    answer = cards.redeem(TEXTS, asked(card))
    assert answer.receipt.replayed == (step == "answer")
    assert credit(1) == [FACE]
    assert check() == []


# -- guessing


def guesses(printed: Printed, many: int, caller: str, account: int = 1) -> list[str]:
    return [code_of(wrong(printed[0]), account, caller) for _ in range(many)]


def test_after_three_wrong_pins_each_has_to_wait_longer() -> None:
    """The third wrong PIN makes a caller wait a minute, the next one two, and so on; the right PIN is not heard
    meanwhile. Another caller with another card is served."""
    printed = on_sale(3)
    start = clock.now()
    with clock.at(start):
        assert guesses(printed, 4, "+861") == ["card_refused"] * 3 + ["card_wait"]
        with pytest.raises(Refusal) as refused:
            cards.redeem(TEXTS, asked(printed[0], caller="+861"))
        assert refused.value.value == (start + timedelta(minutes=1)).isoformat(timespec="seconds")
        assert code_of(printed[1], 2, "+862") == "paid"
        # the serial waits too, whoever calls
        assert code_of(printed[0], 3, "+863") == "card_wait"
    with clock.at(start + timedelta(seconds=61)):
        assert guesses(printed, 2, "+861") == ["card_refused", "card_wait"]
    with clock.at(start + timedelta(seconds=61 + 119)):
        assert code_of(printed[0], 1, "+861") == "card_wait"
    with clock.at(start + timedelta(seconds=61 + 121)):
        assert code_of(printed[0], 1, "+861") == "paid"


def test_many_at_once_gain_no_try_by_it() -> None:
    """Fifty wrong PINs of one card in one batch, each from another caller: three are tried, the others have to wait."""
    printed = on_sale(1)
    asks = [redeeming._Request(TEXTS, asked(wrong(printed[0]), 1 + n % 3, f"+86{n}")) for n in range(50)]
    codes = [answer.code for answer in redeeming.redeem_for(asks) if isinstance(answer, Refusal)]
    assert (codes.count("card_refused"), codes.count("card_wait")) == (3, 47)


def test_one_batch_with_everything_in_it() -> None:
    """The same card three times, for its account and for another; a second card; a slip; a wrong PIN: each its own."""
    printed = on_sale(3)
    asks = [
        asked(printed[0], 1, "a"), asked(printed[0], 1, "b"), asked(printed[0], 2, "c"), asked(printed[1], 2, "d"),
        asked((printed[2][0], printed[2][1][:-1]), 3, "e"), asked(wrong(printed[2]), 3, "f"),
    ]  # fmt: skip
    answers = redeeming.redeem_for([redeeming._Request(TEXTS, each) for each in asks])
    told = [each.code if isinstance(each, Refusal) else each.receipt.replayed for each in answers]
    assert told == [False, True, "card_refused", False, "card_mistyped", "card_refused"]
    assert credit(1, 2, 3) == [FACE, FACE, 0]
    assert check() == []


def test_an_officer_who_has_seen_the_card_lets_it_be_tried_again() -> None:
    printed = on_sale(2)
    guesses(printed, 3, "+861")
    with pytest.raises(Refusal, match="may not"):
        cards.unlock(NOBODY, cards.SERIAL, printed[0][0][:-1], "card was shown")
    with pytest.raises(Refusal, match="reason"):
        cards.unlock(ANN, cards.SERIAL, printed[0][0][:-1], "")
    for kind, name in ((cards.SERIAL, printed[0][0][:-1]), (cards.CALLER, "+861"), (cards.ACCOUNT, "A0000001")):
        cards.unlock(ANN, kind, name, "card was shown")
    assert code_of(printed[0], 1, "+861") == "paid"


def test_waits_grow_to_a_day_and_quiet_days_halve_the_count() -> None:
    waits = [guard.wait_after(guard.CALLER, wrong).total_seconds() for wrong in range(2, 17)]
    assert waits[:5] == [0, 60, 120, 240, 480]
    assert waits[-3:] == [86_400] * 3
    assert [guard.halved(40, timedelta(days=n)) for n in (0, 1, 3, 400)] == [40, 20, 5, 0]


def test_a_flood_of_wrong_pins_fills_no_table_and_is_told_once() -> None:
    """2,000 wrong PINs from 2,000 callers for as many accounts: no more places than there are, one alarm."""
    on_sale(1)
    for k in range(0, 2_000, 500):
        guard.count_wrong(TEXTS, [guard.Try(f"+86{n}", f"A{n}", f"{n:012d}") for n in range(k, k + 500)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, count(*), sum(wrong) FROM card_guess GROUP BY kind ORDER BY kind")
        rows = cursor.fetchall()
    assert [(kind, wrong) for kind, _, wrong in rows] == [(1, 2_000), (2, 2_000), (3, 2_000), (4, 2_000)]
    assert all(places <= guard.PLACES for _, places, _ in rows)
    assert AuditEntry.objects.filter(act="cards.alarm").count() == 1


# -- agents


def test_agents_sell_once_and_within_their_limit() -> None:
    """Two cards of 50.00 less 2 % are 98.00; a third would pass the limit of 100.00 until 98.00 is paid."""
    make_accounts(1)
    number, printed = in_stock(3)
    agent = an_agent(number, 3, limit=10_000)
    first = cards.first_serial(number)
    sale = cards.sell_cards(BEN, agent, cards.Range(first, first + 1), "a")
    assert (sale.face, sale.commission, sale.replayed) == (10_000, 200, False)
    assert cards.sell_cards(BEN, agent, cards.Range(first, first + 1), "a").replayed
    third = cards.Range(first + 2, first + 2)
    for act, code in [
        (lambda: cards.sell_cards(BEN, agent, third, "b"), "agent_limit"),
        (lambda: cards.sell_cards(BEN, agent, third, "a"), "card_moves_refused"),
        (lambda: cards.sell_cards(BEN, agent, cards.Range(first + 1, first + 2), "c"), "card_moves_refused"),
        (lambda: cards.sell_cards(BEN, agent + 9, third, "d"), "unknown_agent"),
        (lambda: cards.sell_cards(NOBODY, agent, third, "d"), "not_allowed"),
        (lambda: cards.settle_agent(BEN, agent, 0, "p"), "amount_not_positive"),
    ]:
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == code
    assert cards.settle_agent(BEN, agent, 9_800, "p") == 0
    assert cards.settle_agent(BEN, agent, 9_800, "p") == 0
    assert cards.sell_cards(BEN, agent, third, "b").face == 5_000
    assert code_of(printed[2]) == "paid"
    assert [(each.code, each.owes) for each in cards.agents(ANN)] == [("KIOSK", 4_900)]
    assert check() == []
