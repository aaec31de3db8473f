"""The inbox of an account by the API: for whom it is meant, in the asked language, and never for another unit."""

import pytest

from gridhall.kernel import outbox
from tests.api.conftest import Caller, make_caller


@pytest.fixture
def paid(numbers: list[str], caller: Caller) -> list[str]:
    """One yuan paid by the first account, and word of it."""
    assert caller.post("/payments", {"account": numbers[0], "amount": 100}).status_code == 201
    outbox.deliver()
    return numbers


def test_what_was_said_is_read_word_by_word(paid: list[str]) -> None:
    reader = make_caller(("notices.see",))
    (english,) = reader.get(f"/accounts/{paid[0]}/notices?language=en").json()
    (chinese,) = reader.get(f"/accounts/{paid[0]}/notices").json()
    assert (english["occasion"], english["title"], english["read_at"]) == (
        "payment_received", "We received CNY 1.00", None,
    )  # fmt: skip
    assert chinese["title"] == "已收到 1.00 元"
    assert reader.get(f"/accounts/{paid[1]}/notices").json() == []


def test_only_with_the_scope_the_unit_and_a_limit_that_is_one(paid: list[str], caller: Caller) -> None:
    at = f"/accounts/{paid[0]}/notices"
    assert make_caller(("bills.see",)).get(at).json()["code"] == "not_allowed"
    assert make_caller(("notices.see",), units=(102,)).get(at).json()["code"] == "unknown_account"
    reader = make_caller(("notices.see",))
    assert reader.get(f"{at}?limit=0").json()["field"] == "limit"
    assert reader.get(f"{at}?language=fr").status_code in (400, 422)
