"""What the money rooms tell: in the transaction of the act, one fact a batch."""

import pytest
from django.contrib.auth import get_user_model

from gridhall.kernel import clock
from gridhall.kernel.models import Fact
from gridhall.payments.public import (
    CASH,
    DOOR_COUNTER,
    PaymentIn,
    Receipt,
    close_till,
    open_till,
    receive,
    register_till,
    reverse,
)
from tests.payments.town import SYSTEM, clerk, make_accounts, moment

pytestmark = pytest.mark.django_db


def facts() -> list[tuple[str, int, int, dict[str, object]]]:
    rows = Fact.objects.order_by("pk").values_list("kind", "account_low", "account_high", "payload")
    return [(kind, low, high, payload) for kind, low, high, payload in rows]


def test_a_day_at_a_till_is_told() -> None:
    make_accounts(3)
    li = int(get_user_model().objects.create_user("li").pk)
    till = register_till(SYSTEM, 7, 1, "T1", "Till 1", "一号台")
    with clock.at(moment(2026, 11, 5, 9)):
        session = open_till(clerk(li), till, 0)
        paid = receive(
            clerk(li),
            [
                PaymentIn(amount, f"k{account}", account, "", DOOR_COUNTER, CASH, session.id)
                for account, amount in ((1, 500), (3, 700), (99, 1))
            ],
        )
        assert isinstance(paid[0], Receipt)
        assert isinstance(paid[1], Receipt)
        first, last = paid[0].payment_no, paid[1].payment_no
        # the same again is not told again
        receive(clerk(li), [PaymentIn(500, "k1", 1, "", DOOR_COUNTER, CASH, session.id)])
        back = reverse(clerk(li), 3, last, "wrong person")
        close_till(clerk(li), session.id, 450, "50 fen missing")
    assert facts() == [
        ("payment_received", 1, 3, {"first": first, "last": last, "count": 2, "amount": 1_200}),
        (
            "payment_reversed", 3, 3,
            {
                "payment": last, "reversal": back.no, "unit": 1, "door": DOOR_COUNTER, "method": CASH, "amount": 700,
                "session": session.id, "by": clerk(li).name, "reason": "wrong person",
            },
        ),
        (
            "till_closed", 0, 0,
            {"session": session.id, "unit": 1, "clerk": li, "expected": 500, "counted": 450, "difference": -50},
        ),
    ]  # fmt: skip
