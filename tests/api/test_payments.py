"""The payments door: once by key, refused by name, seen only within one's units."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from gridhall.kernel.models import ApiKey, AuditEntry
from tests.api.conftest import BILL, Caller, make_caller


def test_a_payment_pays_the_oldest_bill_and_leaves_the_rest_as_credit(numbers: list[str], caller: Caller) -> None:
    answer = caller.post("/payments", {"account": numbers[0], "amount": 20_000})
    assert answer.status_code == 201, answer.content
    told = answer.json()
    # 200.00 − 173.07 = 26.93
    assert (told["amount"], told["to_credit"], told["left_owed"], told["late_part"]) == (20_000, 2_693, 0, 0)
    assert [(part["kind"], part["amount"]) for part in told["paid"]] == [("bill", BILL)]
    owed = caller.get(f"/accounts/{numbers[0]}/owed").json()
    assert (owed["total"], owed["credit"], owed["items"]) == (0, 2_693, [])


def test_the_same_key_gives_the_first_answer_again(numbers: list[str], caller: Caller) -> None:
    first = caller.post("/payments", {"account": numbers[0], "amount": 5_000}, "same")
    again = caller.post("/payments", {"account": numbers[0], "amount": 5_000}, "same")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "replayed": True}
    assert caller.get(f"/accounts/{numbers[0]}/owed").json()["total"] == BILL - 5_000


def test_the_same_key_for_another_payment_is_refused(numbers: list[str], caller: Caller) -> None:
    caller.post("/payments", {"account": numbers[0], "amount": 5_000}, "same")
    for other in ({"account": numbers[0], "amount": 5_001}, {"account": numbers[1], "amount": 5_000}):
        answer = caller.post("/payments", other, "same")
        assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
        assert answer["Content-Type"] == "application/problem+json"
    assert caller.get(f"/accounts/{numbers[1]}/owed").json()["total"] == BILL


def test_two_partners_may_use_the_same_key(numbers: list[str], caller: Caller) -> None:
    other = make_caller()
    assert caller.post("/payments", {"account": numbers[0], "amount": 100}, "1").status_code == 201
    assert other.post("/payments", {"account": numbers[0], "amount": 100}, "1").status_code == 201


def test_what_is_wrong_is_named(numbers: list[str], caller: Caller) -> None:
    good = {"account": numbers[0], "amount": 100}
    for body, status, code, field in [
        ({**good, "amount": 0}, 400, "bad_input", "amount"),
        ({**good, "amount": -5}, 400, "bad_input", "amount"),
        ({**good, "amount": "100"}, 400, "bad_input", "amount"),
        ({**good, "amount": 1.5}, 400, "bad_input", "amount"),
        ({**good, "amount": 10**16}, 400, "bad_input", "amount"),
        ({**good, "account": "12"}, 404, "unknown_account", "account"),
        ({**good, "method": "gold"}, 400, "bad_input", "method"),
        ({**good, "method": "cash"}, 400, "bad_input", "method"),
        ({**good, "reference": "a\0b"}, 400, "bad_input", "reference"),
        ({**good, "account": "12\0"}, 400, "bad_input", "account"),
        ({**good, "value_on": "1950-03-01"}, 422, "value_too_early", "value_on"),
        ({**good, "value_on": "2026-13-01"}, 400, "bad_input", "value_on"),
        ({"account": numbers[0]}, 400, "bad_input", "amount"),
    ]:
        answer = caller.post("/payments", body, "w")
        told = answer.json()
        assert (answer.status_code, told["code"], told.get("field")) == (status, code, field), told
        assert told["status"] == status
        assert told["type"].endswith(code)
    assert caller.post("/payments", good, None).json()["field"] == "Idempotency-Key"
    assert caller.get(f"/accounts/{numbers[0]}/owed").json()["total"] == BILL


def test_errors_speak_the_callers_language(numbers: list[str], caller: Caller) -> None:
    answer = caller.post("/payments", {"account": "99", "amount": 1}, **{"Accept-Language": "zh-CN"})
    assert answer.json()["detail"] == "没有户号 99。"


def test_a_key_opens_only_its_scopes_and_units(numbers: list[str]) -> None:
    looker = make_caller(("bills.see",))
    assert looker.get(f"/accounts/{numbers[0]}/owed").status_code == 200
    refused = looker.post("/payments", {"account": numbers[0], "amount": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    hill = make_caller(units=(102,))
    assert hill.get(f"/accounts/{numbers[2]}/owed").status_code == 200
    # another unit's account looks like one that is not there
    assert hill.get(f"/accounts/{numbers[0]}/owed").json()["code"] == "unknown_account"
    assert hill.get("/units/101/trial-balance/202611").json()["code"] == "unknown_unit"
    assert hill.get("/units/0/trial-balance/202611").json()["code"] == "unknown_unit"


def test_no_key_a_wrong_key_and_a_revoked_key_look_the_same(numbers: list[str], caller: Caller) -> None:
    path = f"/accounts/{numbers[0]}"
    wrong = Caller(caller.key[:-4] + "aaaa", caller.client)
    answers = [caller.client.get(f"/api/v1{path}"), wrong.get(path), Caller("gh_00000000_x", caller.client).get(path)]
    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
    answers.append(caller.get(path))
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {answers[0].content}


def test_a_reversal_undoes_it_and_names_its_reason_in_the_audit(numbers: list[str], caller: Caller) -> None:
    paid = caller.post("/payments", {"account": numbers[0], "amount": BILL}).json()
    path = f"/payments/{numbers[0]}/{paid['payment_no']}/reversal"
    assert caller.post(path, {"reason": "wrong account at the teller"}).status_code == 200
    assert caller.get(f"/accounts/{numbers[0]}/owed").json()["total"] == BILL
    again = caller.post(path, {"reason": "wrong account at the teller"})
    assert again.status_code == 422
    assert AuditEntry.objects.filter(act__startswith="payments.", reason__contains="teller", door="api").count() == 1


def test_a_key_reverses_only_what_it_brought(numbers: list[str], caller: Caller) -> None:
    paid = caller.post("/payments", {"account": numbers[0], "amount": 500}).json()
    path = f"/payments/{numbers[0]}/{paid['payment_no']}/reversal"
    other = make_caller().post(path, {"reason": "not mine"})
    assert (other.status_code, other.json()["code"]) == (422, "another_door")
    assert caller.post(path, {"reason": "a\0b"}).status_code == 400
    assert caller.post(path, {"reason": "mine"}, None).status_code == 200


def test_an_address_with_a_nul_names_nothing(numbers: list[str], caller: Caller) -> None:
    for path, code in (("/accounts/%00/owed", "unknown_account"), ("/tariffs/%00", "unknown_tariff")):
        answer = caller.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_a_storm_of_repeats_posts_each_payment_once(numbers: list[str], caller: Caller) -> None:
    """40 payments of 1.00, each sent five times by 16 threads at once: 40.00 arrive."""

    def send(n: int) -> int:
        try:
            one = Caller(caller.key, type(caller.client)())
            return int(one.post("/payments", {"account": numbers[1], "amount": 100}, f"storm-{n % 40}").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(send, range(200)))
    assert set(statuses) <= {200, 201}
    assert statuses.count(201) == 40
    assert caller.get(f"/accounts/{numbers[1]}/owed").json()["total"] == BILL - 40 * 100
