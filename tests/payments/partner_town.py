"""A bank that takes money at its counters, for the tests: accounts that owe, the bank, and what its teller sends."""

from dataclasses import replace
from datetime import date

from gridhall.customers.models import Account
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments.public import (
    Contract,
    Owes,
    Paid,
    PartnerView,
    Pay,
    add_partner,
    make_partner_key,
    partner,
    pay,
    query,
)
from tests.payments.town import SYSTEM, bills, make_accounts

CONTRACT = Contract(payment_most=1_000_000)
LENIENT = replace(CONTRACT, part_allowed=True, over_allowed=True)
OWED = 2_500


def owing_accounts(count: int = 3) -> list[str]:
    """Accounts 1.. that owe 25.00 each, due today. Their numbers, of digits alone as a teller types them."""
    ids = make_accounts(count)
    for each in ids:
        Account.objects.filter(pk=each).update(number=number_of(each))
    today = clock.today()
    bills(ids, 202610, [{1: OWED}] * count, issued=date(2026, 11, 2), due=today)
    return [number_of(each) for each in ids]


def number_of(account_id: int) -> str:
    return f"{account_id:010d}"


def a_bank(contract: Contract = CONTRACT, code: str = "LAKEBANK", units: tuple[int, ...] = ()) -> PartnerView:
    """A bank with one HMAC key."""
    add_partner(SYSTEM, code, "Bank of Lakes", "湖银行", contract, units=units, everywhere=not units)
    make_partner_key(SYSTEM, code, "HMAC-SHA256")
    return partner(code)


def asked(bank: PartnerView, number: str) -> Owes:
    (answer,) = query([(bank, number)])
    assert isinstance(answer, Owes), answer
    return answer


def sent(bank: PartnerView, payment: Pay) -> Paid | Refusal:
    (answer,) = pay([(bank, payment)])
    return answer


def paid(bank: PartnerView, number: str, serial: str, amount: int = 0, bank_on: date | None = None) -> Paid:
    """Query and pay in full, or the amount."""
    owes = asked(bank, number)
    answer = sent(bank, Pay(serial, number, owes.batch_no, amount or owes.total, bank_on))
    assert isinstance(answer, Paid), answer.code
    return answer


def code_of(answer: Paid | Refusal) -> str:
    return answer.code if isinstance(answer, Refusal) else "paid"
