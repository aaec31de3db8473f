"""The signed API of banks and agents."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import schemathesis
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from gridhall.doors.api.partner import EXAMPLE_SIGNATURE
from gridhall.kernel import clock
from gridhall.ledger.public import check
from gridhall.payments import public as payments
from gridhall.project.wsgi import application
from tests.payments.partner_town import CONTRACT, OWED, a_bank, owing_accounts
from tests.payments.town import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

_nonces = count(10**15)


@dataclass
class Bank:
    """A bank's system that signs as the document says, by its own code."""

    key_id: str
    secret: bytes

    def headers(self, path: str, body: bytes, **changed: str) -> dict[str, str]:
        nonce = changed.get("nonce") or str(next(_nonces))
        stamp = changed.get("stamp") or clock.now().isoformat()
        digest = hashlib.sha256(body).hexdigest()
        text = "\n".join(("GRIDHALL-1", "POST", f"/api/partner/v1{path}", stamp, nonce, digest)).encode()
        signature = base64.b64encode(hmac.digest(self.secret, text, "sha256")).decode()
        return {
            "X-Gridhall-Key": self.key_id, "X-Gridhall-Timestamp": stamp, "X-Gridhall-Nonce": nonce,
            "X-Gridhall-Signature": changed.get("signature") or signature,
        }  # fmt: skip

    def post(self, path: str, asked: dict[str, object], **changed: str) -> Any:
        body = json.dumps(asked).encode()
        return Client().post(
            f"/api/partner/v1{path}", body, "application/json", headers=self.headers(path, body, **changed)
        )


@pytest.fixture
def bank(transactional_db: None) -> Bank:
    a_bank()
    made = payments.make_partner_key(SYSTEM, "LAKEBANK", "HMAC-SHA256")
    return Bank(made.key_id, base64.b64decode(made.secret))


def test_query_pay_last_and_reverse(bank: Bank) -> None:
    number, *_ = owing_accounts()
    owes = bank.post("/query", {"account": number}).json()
    assert (owes["total"], owes["late"], [item["open"] for item in owes["items"]]) == (OWED, 0, [OWED])
    asked = {"serial": "S1", "account": number, "batch_no": owes["batch_no"], "amount": OWED}
    first, again = bank.post("/pay", asked), bank.post("/pay", asked)
    assert (first.status_code, again.status_code) == (200, 200), first.content
    assert again.json() == {**first.json(), "replayed": True}
    assert bank.post("/last", {"serial": "S1"}).json() == again.json()
    undone = bank.post("/reverse", {"original": "S1", "serial": "R1"}).json()
    assert (undone["amount"], undone["left_owed"]) == (OWED, OWED)
    unknown = bank.post("/reverse", {"original": "S7", "serial": "R2"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_serial")
    assert check() == []


def test_answers_are_signed_refusals_too(bank: Bank) -> None:
    number, *_ = owing_accounts()
    for asked in ({"account": number}, {"account": "99"}):
        answer = bank.post("/query", asked)
        text = "\n".join((
            "GRIDHALL-1", "ANSWER", str(answer.status_code), answer["X-Gridhall-Timestamp"], answer["X-Gridhall-Nonce"],
            hashlib.sha256(answer.content).hexdigest(),
        ))  # fmt: skip
        expected = base64.b64encode(hmac.digest(bank.secret, text.encode(), "sha256")).decode()
        assert answer["X-Gridhall-Signature"] == expected


def test_what_is_not_signed_in_time_and_once_is_refused(bank: Bank) -> None:
    number, *_ = owing_accounts()
    asked: dict[str, object] = {"account": number}
    old = (clock.now() - timedelta(seconds=400)).isoformat()
    naive = clock.now().replace(tzinfo=None).isoformat()
    for changed, code in [
        ({"signature": base64.b64encode(b"x" * 32).decode()}, "bad_signature"),
        ({"signature": "§"}, "bad_signature"),
        ({"stamp": old}, "out_of_time"),
        ({"stamp": naive}, "out_of_time"),
        ({"stamp": "yesterday"}, "out_of_time"),
        ({"nonce": "short"}, "bad_nonce"),
    ]:
        answer = bank.post("/query", asked, **changed)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert bank.post("/query", asked, nonce="a" * 20).status_code == 200
    again = bank.post("/query", asked, nonce="a" * 20)
    assert (again.status_code, again.json()["code"]) == (401, "replayed")
    # a signature is good for its own body and address alone
    body = json.dumps(asked).encode()
    headers = bank.headers("/query", body)
    other = Client().post("/api/partner/v1/query", body.replace(b"1", b"2"), "application/json", headers=headers)
    assert other.json()["code"] == "bad_signature"
    elsewhere = Client().post("/api/partner/v1/last", body, "application/json", headers=headers)
    assert elsewhere.json()["code"] == "bad_signature"
    assert Client().post("/api/partner/v1/query", body, "application/json").status_code == 401


def test_one_nonce_has_one_signed_answer(bank: Bank) -> None:
    """Nobody between us and the bank gets a signed refusal for a payment that is booked, and none who knows but the
    key's id gets a signature."""
    number, *_ = owing_accounts()
    asked: dict[str, object] = {"account": number}
    forged = base64.b64encode(b"x" * 32).decode()
    body = json.dumps(asked).encode()
    sent = bank.headers("/query", body, nonce="b" * 20)
    first, again = (
        Client().post("/api/partner/v1/query", body, "application/json", headers=sent) for _ in range(2)
    )  # fmt: skip
    with clock.at(clock.now() + timedelta(seconds=400)):
        late = Client().post("/api/partner/v1/query", body, "application/json", headers=sent)
    wrong = bank.post("/query", asked, nonce="c" * 20, signature=forged)
    assert [answer.json().get("code") for answer in (first, again, late, wrong)] == [
        None, "replayed", "out_of_time", "bad_signature",
    ]  # fmt: skip
    assert ["X-Gridhall-Signature" in answer for answer in (first, again, late, wrong)] == [True, False, False, False]


def test_a_revoked_key_and_a_suspended_partner_are_refused(bank: Bank) -> None:
    number, *_ = owing_accounts()
    payments.suspend_partner(SYSTEM, "LAKEBANK", suspended=True, reason="contract ended")
    answer = bank.post("/query", {"account": number})
    assert (answer.status_code, answer.json()["code"]) == (403, "partner_suspended")
    payments.suspend_partner(SYSTEM, "LAKEBANK", suspended=False, reason="contract renewed")
    payments.revoke_partner_key(SYSTEM, bank.key_id)
    assert bank.post("/query", {"account": number}).status_code == 401


def test_an_rsa_partner_signs_with_its_own_key_and_checks_ours(transactional_db: None) -> None:
    number, *_ = owing_accounts()
    a_bank()
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    made = payments.make_partner_key(SYSTEM, "LAKEBANK", "RSA-SHA256", public.decode())
    assert made.secret == ""
    body = json.dumps({"account": number}).encode()
    stamp, nonce = clock.now().isoformat(), "n" * 16
    text = payments.request_text("POST", "/api/partner/v1/query", stamp, nonce, body)
    signature = private.sign(text, padding.PKCS1v15(), hashes.SHA256())
    headers = {
        "X-Gridhall-Key": made.key_id, "X-Gridhall-Timestamp": stamp, "X-Gridhall-Nonce": nonce,
        "X-Gridhall-Signature": base64.b64encode(signature).decode(),
    }  # fmt: skip
    answer = Client().post("/api/partner/v1/query", body, "application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    told = payments.answer_text(200, answer["X-Gridhall-Timestamp"], nonce, answer.content)
    ours = serialization.load_pem_public_key(made.our_public_key.encode())
    assert isinstance(ours, rsa.RSAPublicKey)
    ours.verify(base64.b64decode(answer["X-Gridhall-Signature"]), told, padding.PKCS1v15(), hashes.SHA256())


def test_hmac_sm3_is_that_of_the_standard() -> None:
    """SM3 of "abc" from GB/T 32905-2016, annex A.1; and the HMAC by its definition (RFC 2104) over that hash."""

    def sm3(data: bytes) -> bytes:
        made = hashes.Hash(hashes.SM3())
        made.update(data)
        return made.finalize()

    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    key = payments.Key("k", "HMAC-SM3", b"0123456789abcdef")
    padded = key.secret.ljust(64, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in padded) + b"text")
    assert payments.mac(key, b"text") == sm3(bytes(byte ^ 0x5C for byte in padded) + inner)


def test_the_worked_example_of_the_document_is_true() -> None:
    secret = base64.b64decode("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    body = b'{"account": "3102001016"}'
    text = payments.request_text("POST", "/api/partner/v1/query", "2026-11-25T10:00:00+08:00", "5f0c2a9be1d34c7f", body)
    key = payments.Key("k", "HMAC-SHA256", secret)
    assert base64.b64encode(payments.sign(key, text)).decode() == EXAMPLE_SIGNATURE
    document = Client().get("/api/partner/v1/openapi.json").json()
    assert EXAMPLE_SIGNATURE in document["info"]["description"]
    assert document["components"]["securitySchemes"]["SignedRequest"]["name"] == "X-Gridhall-Key"


def test_secrets_are_sealed_at_rest(bank: Bank) -> None:
    from gridhall.payments.partner_models import PartnerKey

    for kept in PartnerKey.objects.all():
        assert bank.secret.hex() not in kept.secret
        assert base64.b64encode(bank.secret).decode() not in kept.secret


def test_every_operation_answers_as_it_says(bank: Bank) -> None:
    number, *_ = owing_accounts()
    schema = schemathesis.openapi.from_wsgi("/api/partner/v1/openapi.json", application)
    seen: set[tuple[str, int]] = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=20,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def walk(case: schemathesis.Case) -> None:
            if isinstance(case.body, dict) and "account" in case.body:
                case.body["account"] = number
            body = json.dumps(case.body).encode()
            path = case.operation.path.removeprefix("/api/partner/v1")
            headers = {**bank.headers(path, body), "Content-Type": "application/json"}
            answer = Client().post(f"/api/partner/v1{path}", body, "application/json", headers=headers)
            seen.add((path, answer.status_code))
            assert answer.status_code < 500, answer.content
            assert answer.status_code in (200, 400, 401, 403, 404, 409, 422)
            kind = "application/json" if answer.status_code == 200 else "application/problem+json"
            assert answer["Content-Type"].startswith(kind)

        walk()
    assert {path for path, _ in seen} == {"/query", "/pay", "/last", "/reverse"}
    assert ("/query", 200) in seen


def test_the_contract_is_the_partners(bank: Bank) -> None:
    number, *_ = owing_accounts()
    owes = bank.post("/query", {"account": number}).json()
    asked = {"serial": "S1", "account": number, "batch_no": owes["batch_no"], "amount": CONTRACT.payment_most + 1}
    answer = bank.post("/pay", asked)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "above_limit", "amount")
