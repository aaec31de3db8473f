"""Stories of cheques: taken under reserve, presented, cleared or returned. Amounts in fen."""

from collections.abc import Callable
from datetime import date

import pytest

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import balances, open_items, owed
from gridhall.payments.public import (
    CHEQUE,
    DOOR_COUNTER,
    ChequeIn,
    PaymentIn,
    Receipt,
    cheques,
    clear_cheques,
    close_till,
    present_cheques,
    receive,
    return_cheque,
    returned_within_year,
    reverse,
    session,
    take_cheque,
)
from tests.payments.act_town import MORNING, Office, broken, closing, open_office, person
from tests.payments.town import moment

pytestmark = pytest.mark.django_db

DATED = date(2026, 11, 3)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def cheque(number: str = "00112233", dated_on: date = DATED, drawer: str = "江城五金店") -> ChequeIn:
    return ChequeIn("中国工商银行", number, drawer, dated_on)


def taken(office: Office, account: int, amount: int, number: str = "00112233", key: str = "") -> Receipt:
    return take_cheque(office.li, account, amount, key or f"office:{number}", office.tills[0], cheque(number))


def test_a_cheque_pays_under_reserve_and_clears() -> None:
    """120.00 by cheque on a bill of 100.00: paid, 20.00 credit; the drawer's cash is as it was. It clears later."""
    office = open_office()
    with clock.at(MORNING):
        receipt = taken(office, 1, 12_000)
        assert (receipt.left_owed, receipt.to_credit) == (0, 2_000)
        assert taken(office, 1, 12_000).replayed
        assert (session(office.tills[0]).cash_in, session(office.tills[0]).other_in) == (0, 12_000)
        assert closing(1) == {1013: 12_000, 1122: 10_000, 2203: -2_000}
        (held,) = cheques([1], ["held"])
        assert broken() == []
        assert refused(lambda: present_cheques(office.cashier, [held.id], " ")) == "slip_missing"
        assert refused(lambda: present_cheques(office.cashier, [], "S")) == "unknown_cheque"
        assert refused(lambda: clear_cheques(office.cashier, [held.id])) == "wrong_cheque_state"
        present_cheques(office.cashier, [held.id], "CHQ-1")
        assert refused(lambda: reverse(office.li, 1, receipt.payment_no, "changed mind")) == "wrong_cheque_state"
        close_till(office.li, office.tills[0], 20_000)
    with clock.at(moment(2026, 11, 9)):
        assert refused(lambda: clear_cheques(person("clerk", 7), [held.id])) == "not_allowed"
        assert refused(lambda: clear_cheques(person("cashier", 7, 2), [held.id])) == "unknown_cheque"
        assert refused(lambda: clear_cheques(office.cashier, [held.id], date(2026, 11, 4))) == "bad_cheque_day"
        (cleared,) = clear_cheques(office.cashier, [held.id])
        assert (cleared.state, cleared.slip, cleared.ended_on) == ("cleared", "CHQ-1", date(2026, 11, 9))
        assert refused(lambda: return_cheque(office.cashier, held.id, "no funds")) == "wrong_cheque_state"
    assert closing(1) == {1002: 12_000, 1122: 10_000, 2203: -2_000}
    assert broken() == []


def test_a_returned_cheque_opens_the_debt_with_its_late_charge_and_a_fee() -> None:
    """Due 20 November, paid by cheque on the 24th with 4 days' late charge (the least, 1.00), returned on the 30th:
    the charge is taken back and arises anew up to the 30th (10 days at 0.1 %: 1.00), and the fee of 20.00 is owed."""
    office = open_office()
    with clock.at(moment(2026, 11, 24)):
        receipt = take_cheque(office.li, 1, 10_100, "k", office.tills[0], cheque(dated_on=date(2026, 11, 20)))
        assert (receipt.late_part, receipt.left_owed) == (100, 0)
        (held,) = cheques(session_id=office.tills[0])
    with clock.at(moment(2026, 11, 30)):
        assert refused(lambda: return_cheque(office.cashier, held.id, " ")) == "reason_missing"
        returned = return_cheque(office.cashier, held.id, "insufficient funds")
        assert (returned.state, returned.fee) == ("returned", 2_000)
        now = owed(1)
        assert (now.principal, now.late, now.total) == (12_000, 100, 12_100)
        assert [(item.kind, item.open) for item in open_items(1)] == [(1, 10_000), (3, 2_000)]
        assert returned_within_year(1, date(2026, 11, 30)) == 1
        # the same cheque may come once more; a second return within the year refuses the next one
        again = take_cheque(office.li, 1, 500, "k2", office.tills[0], cheque(dated_on=date(2026, 11, 29)))
        return_cheque(office.cashier, cheques(account_id=1)[0].id, "account closed")
        with pytest.raises(Refusal, match="returned"):
            take_cheque(office.li, 1, 500, "k3", office.tills[0], cheque("99", date(2026, 11, 29)))
        assert again.amount == 500
    assert closing(1)[6053] == -4_000
    assert 1013 not in closing(1)
    assert broken() == []


def test_a_cheque_for_another_districts_customer() -> None:
    """Unit 1's till takes it for unit 2's customer whose credit is used meanwhile: what is short is owed."""
    office = open_office()
    with clock.at(MORNING):
        taken(office, 3, 10_000)
        assert closing(1) == {1013: 10_000, 1122: 20_000, 3001: -10_000}
        (held,) = cheques([1])
        return_cheque(office.cashier, held.id, "stopped by the drawer")
    assert closing(1) == {1122: 20_000}
    assert closing(2) == {1122: 22_000, 6053: -2_000}
    assert broken() == []


def test_a_cheque_goes_back_before_it_is_presented() -> None:
    office = open_office()
    with clock.at(MORNING):
        receipt = taken(office, 1, 5_000)
        reverse(office.li, 1, receipt.payment_no, "pays in cash after all")
        assert [each.state for each in cheques(account_id=1)] == ["withdrawn"]
        taken(office, 1, 5_000, key="office:again")
        assert balances([1])[1].owed == 5_000
    assert broken() == []


def test_what_is_no_cheque_is_refused() -> None:
    office = open_office()
    till = office.tills[0]
    with clock.at(MORNING):

        def bad(drawn: ChequeIn, at: int = till) -> str:
            return refused(lambda: take_cheque(office.li, 1, 100, "k", at, drawn))

        assert bad(cheque(""), till) == "cheque_details"
        assert bad(cheque(drawer="x" * 121)) == "cheque_details"
        assert bad(cheque(dated_on=date(2026, 11, 6))) == "cheque_date"
        assert bad(cheque(dated_on=date(2026, 10, 20))) == "cheque_date"
        assert bad(cheque(), 0) == "till_needed"
        assert bad(cheque(), office.tills[1]) == "not_your_till"
        taken(office, 1, 100, "1234")
        assert refused(lambda: taken(office, 2, 100, "1234", "office:other")) == "cheque_known"
        assert balances([2])[2].owed == 10_000  # nothing of it is booked
        plain = PaymentIn(100, "p", 1, "", DOOR_COUNTER, CHEQUE, till)
        (answer,) = receive(office.li, [plain])
        assert isinstance(answer, Refusal)
        assert answer.code == "bad_method"
    assert broken() == []
