"""How sure a transfer is: a table an accountant can read, and the same by Numba."""

import itertools

import pytest

from gridhall.columns.law import law
from gridhall.rules.transfer_match import (
    ABOVE,
    ALL_OWED,
    BILL_NUMBER,
    CREDITOR_REFERENCE,
    CUSTOMER_NUMBER,
    NAME_ALIKE,
    NO_NAME,
    NO_REFERENCE,
    NOTHING_OWED,
    ONE_BILL,
    OTHER_NAME,
    PART,
    SAME_NAME,
    VIRTUAL_ACCOUNT,
    amount_fit,
    match_points,
)


@pytest.mark.parametrize(
    ("reference", "amount", "name", "rivals", "closed", "points"),
    [
        (CUSTOMER_NUMBER, ALL_OWED, NO_NAME, 0, False, 85),  # 60 + 25
        (CUSTOMER_NUMBER, ALL_OWED, OTHER_NAME, 0, False, 80),  # 60 + 25 − 5: somebody pays for another
        (CUSTOMER_NUMBER, ONE_BILL, OTHER_NAME, 0, False, 75),  # 60 + 20 − 5
        (CUSTOMER_NUMBER, PART, SAME_NAME, 0, False, 80),  # 60 + 5 + 15
        (CUSTOMER_NUMBER, PART, NO_NAME, 0, False, 65),  # 60 + 5
        (CUSTOMER_NUMBER, NOTHING_OWED, SAME_NAME, 0, False, 75),  # 60 + 0 + 15: may have been booked already
        (BILL_NUMBER, ONE_BILL, NO_NAME, 0, False, 90),  # 70 + 20
        (CREDITOR_REFERENCE, ABOVE, NAME_ALIKE, 0, False, 75),  # 70 + 0 + 5
        (VIRTUAL_ACCOUNT, ABOVE, OTHER_NAME, 0, False, 90),  # 95 + 0 − 5
        (VIRTUAL_ACCOUNT, ALL_OWED, SAME_NAME, 0, False, 100),  # 95 + 25 + 15 is more than 100
        (VIRTUAL_ACCOUNT, PART, NO_NAME, 2, False, 100),  # 95 + 5: the virtual account stands above the text
        (NO_REFERENCE, ALL_OWED, SAME_NAME, 0, False, 65),  # 25 + 15 + 25 for the only one
        (NO_REFERENCE, ALL_OWED, SAME_NAME, 1, False, 40),  # 25 + 15: two of that name owe that
        (NO_REFERENCE, ALL_OWED, NAME_ALIKE, 0, False, 0),
        (NO_REFERENCE, PART, SAME_NAME, 0, False, 0),
        (CUSTOMER_NUMBER, ALL_OWED, SAME_NAME, 1, False, 50),  # the text names two accounts
        (CUSTOMER_NUMBER, NOTHING_OWED, SAME_NAME, 0, True, 50),
    ],
)
def test_the_table(reference: int, amount: int, name: int, rivals: int, closed: bool, points: int) -> None:
    assert match_points(reference, amount, name, rivals, closed) == points


@pytest.mark.parametrize(
    ("paid", "owed", "a_bill", "fit"),
    [
        (2_500, 2_500, True, ALL_OWED),
        (2_500, 7_500, True, ONE_BILL),
        (2_400, 7_500, False, PART),
        (7_501, 7_500, False, ABOVE),
        (100, 0, False, NOTHING_OWED),
    ],
)
def test_the_amount_beside_what_is_owed(paid: int, owed: int, a_bill: bool, fit: int) -> None:
    assert amount_fit(paid, owed, a_bill) == fit


def test_numba_says_the_same_of_every_case() -> None:
    fast = law("transfer_match")
    cases = itertools.product(range(5), range(5), range(4), (0, 1, 3), (False, True))
    for case in cases:
        assert fast.match_points(*case) == match_points(*case), case
    for paid, owed, a_bill in itertools.product((1, 5, 9), (0, 5, 9), (False, True)):
        assert fast.amount_fit(paid, owed, a_bill) == amount_fit(paid, owed, a_bill)
