"""Signing in: by code, by password, refused, limited, ended."""

import html
import re
import time
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from gridhall.billing.composing import documents
from gridhall.billing.models import Bill
from gridhall.customers import public as customers
from gridhall.customers.models import SentMessage
from gridhall.kernel import clock
from tests.portal.conftest import SignIn
from tests.portal.town import PASSWORD, Household, wrong_number

ENGLISH = {"accept-language": "en"}


def newest_code() -> str:
    found = re.search(r"\d{6}", SentMessage.objects.latest("id").text)
    assert found
    return found.group(0)


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True


def test_a_code_signs_in_once(two: tuple[Household, Household], demo: None) -> None:
    client = Client(headers=ENGLISH)
    spaced = f"{two[0].number[:4]} {two[0].number[4:8]} {two[0].number[8:]}"
    assert client.post("/sign-in", {"number": spaced}).headers["Location"] == "/sign-in/code"
    code = newest_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    refused = client.post("/sign-in/code", {"code": wrong})
    assert refused.status_code == 400
    assert "The code is wrong or has expired." in refused.content.decode()
    assert client.post("/sign-in/code", {"code": code}).headers["Location"] == "/"
    assert two[0].number[:4] in client.get("/").content.decode()
    other = Client()
    other.post("/sign-in", {"number": two[0].number})
    assert other.post("/sign-in/code", {"code": code}).status_code == 400


def test_a_number_that_nobody_has_is_answered_alike(two: tuple[Household, Household]) -> None:
    known, unknown = Client(headers=ENGLISH), Client(headers=ENGLISH)
    answers = [known.post("/sign-in", {"number": two[0].number}), unknown.post("/sign-in", {"number": wrong_number()})]
    assert [(each.status_code, each.headers["Location"]) for each in answers] == [(302, "/sign-in/code")] * 2
    pages = [client.get("/sign-in/code").content.decode() for client in (known, unknown)]
    shown = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"', "", page) for page in pages]
    number, wrong = two[0].number, wrong_number()
    plain = shown[0].replace(number, wrong).replace(" ".join((number[:4], number[4:8], number[8:])), "9999 9999 96")
    assert plain == shown[1].replace(" ".join((wrong[:4], wrong[4:8], wrong[8:])), "9999 9999 96")


def test_a_mistyped_number_is_named(db: None) -> None:
    answer = Client(headers=ENGLISH).post("/sign-in", {"number": "0310220419"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "This is not a customer number" in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_number-hint id_number-wrong"' in page


def test_wrong_passwords_lock_the_number(two: tuple[Household, Household]) -> None:
    client = Client(headers=ENGLISH)
    for _ in range(8):
        answer = client.post("/sign-in", {"number": two[0].number, "password": "not this one"})
        assert "Number or password is wrong." in answer.content.decode()
    answer = client.post("/sign-in", {"number": two[0].number, "password": PASSWORD})
    assert "Too many failures" in answer.content.decode()
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert client.post("/sign-in", {"number": two[0].number, "password": PASSWORD}).status_code == 302


def test_one_address_cannot_try_many_numbers(two: tuple[Household, Household]) -> None:
    client = Client(headers=ENGLISH)
    for _ in range(30):
        client.post("/sign-in", {"number": wrong_number(), "password": "x"})
        # another number each time would do as well; failures of the number itself are cleared here
        from gridhall.customers.models import SignInFailure

        SignInFailure.objects.all().delete()
    answer = client.post("/sign-in", {"number": two[0].number, "password": PASSWORD})
    assert answer.status_code == 400
    assert "Too many tries from your address" in answer.content.decode()
    elsewhere = Client(headers=ENGLISH, REMOTE_ADDR="10.0.0.9")
    assert elsewhere.post("/sign-in", {"number": two[0].number, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("asked", "taken"),
    [("/bills", "/bills"), ("https://elsewhere.example/", "/"), ("//elsewhere.example/", "/"), ("", "/")],
)
def test_the_way_back_stays_in_the_house(two: tuple[Household, Household], asked: str, taken: str) -> None:
    answer = Client().post("/sign-in", {"number": two[0].number, "password": PASSWORD, "next": asked})
    assert answer.headers["Location"] == taken


def test_the_session_gets_a_new_key(two: tuple[Household, Household]) -> None:
    client = Client()
    client.post("/sign-in", {"number": two[0].number})
    planted = client.session.session_key
    client.post("/sign-in", {"number": two[0].number, "password": PASSWORD})
    assert client.session.session_key != planted


@pytest.mark.parametrize(
    ("minutes", "step", "stays"), [(29, 29, True), (31, 31, False), (12 * 60 - 20, 20, True), (12 * 60 + 20, 20, False)]
)
def test_a_session_ends(
    two: tuple[Household, Household], sign_in: SignIn, noon: datetime, minutes: int, step: int, stays: bool
) -> None:
    """After half an hour without a page, or twelve hours in all. `step`: minutes between pages."""
    client = sign_in(two[0])
    for passed in range(step, minutes + 1, step):
        with clock.at(noon + timedelta(minutes=passed)):
            answer = client.get("/bills")
    assert (answer.status_code == 200) is stays


def test_a_new_password_ends_the_other_sessions(
    two: tuple[Household, Household], sign_in: SignIn, noon: datetime
) -> None:
    mine, stolen = sign_in(two[0]), sign_in(two[0])
    new = {"which": "password", "current": PASSWORD, "password": "another long one", "again": "another long one"}
    with clock.at(noon + timedelta(minutes=1)):
        wrong = mine.post("/profile", new | {"current": "guessed"})
        assert wrong.status_code == 400
        assert stolen.get("/bills").status_code == 200
        assert mine.post("/profile", new).status_code == 302
        assert mine.get("/bills").status_code == 200
        assert stolen.get("/bills").headers["Location"] == "/sign-in?next=%2Fbills&ended=1"
        assert "You were signed out" in stolen.get("/sign-in?next=%2Fbills&ended=1").content.decode()
        assert "You were signed out" not in stolen.get("/sign-in").content.decode()


def test_sign_out_ends_it(two: tuple[Household, Household], sign_in: SignIn) -> None:
    client = sign_in(two[0])
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert client.get("/bills").status_code == 302


def test_cross_site_forms_are_refused(two: tuple[Household, Household]) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in", {"number": two[0].number, "password": PASSWORD}, headers=ENGLISH)
    assert answer.status_code == 403
    assert '<html lang="en"' in answer.content.decode()
    assert "Nothing was done." in answer.content.decode()


def test_the_message_log_is_there_in_a_demo_only(db: None, settings: Settings) -> None:
    settings.DEMO = False
    assert Client().get("/demo/messages").status_code == 404
    settings.DEMO = True
    assert Client().get("/demo/messages").status_code == 200


def test_the_code_on_a_printed_bill_leads_to_that_bill(
    two: tuple[Household, Household], sign_in: SignIn, settings: Settings
) -> None:
    """Scanned by nobody in particular, by its customer, and by somebody else who is signed in."""
    settings.PUBLIC_URL = "http://testserver"
    (printed,) = documents(list(Bill.objects.filter(account_id=two[0].account_id, period=202610)))
    address = printed.payment.url.removeprefix("http://testserver")
    client = Client(headers=ENGLISH)
    asked = client.get(address).headers["Location"]
    page = client.get(asked + "&password=").content.decode()
    assert f'value="{two[0].number}"' in page, "the number need not be typed"
    following = re.findall(r'name="next" value="([^"]+)"', page)[-1]
    entered = client.post("/sign-in", {"number": two[0].number, "password": PASSWORD, "next": html.unescape(following)})
    assert entered.headers["Location"] == address
    bill = client.get(address).content.decode()
    assert f'href="{reverse("portal:pay")}"' in bill
    other = sign_in(two[1]).get(address)
    assert other.status_code == 404
    assert "another customer number" in other.content.decode()


def test_time_does_not_tell_whether_a_number_exists(
    two: tuple[Household, Household], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A carrier that takes its time with the text message does not give the customer's number away."""
    settings.SIGN_IN_PACE_S = 0.3

    class Slow:
        def send(self, *_: object, **__: object) -> None:
            time.sleep(0.1)

    monkeypatch.setattr(customers, "sender", Slow)

    def took(form: dict[str, str]) -> float:
        client = Client(headers=ENGLISH)
        begun = time.monotonic()
        assert client.post("/sign-in", form).status_code in (302, 400)
        return time.monotonic() - begun

    for form in ({}, {"password": "not the right one"}):
        known, unknown = (took({"number": number} | form) for number in (two[0].number, wrong_number()))
        assert min(known, unknown) >= 0.3
        assert abs(known - unknown) < 0.08, (known, unknown)
