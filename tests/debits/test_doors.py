"""Batch debit through the screens: office board, cycle, files, results; mandates; the portal; the counter's warning."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gridhall.customers.models import Customer
from gridhall.debits.models import Cycle, DebitFile, Mandate
from gridhall.debits.public import debits_of
from gridhall.doors.office import staff
from gridhall.doors.portal import session as portal_session
from gridhall.kernel import clock
from gridhall.kernel.models import Role, StaffAccess
from gridhall.kernel.staff import seed_roles
from tests.debits.town import DAY, announced, make_bank, make_debtors, pipe_answer, sent
from tests.payments.town import moment

pytestmark = pytest.mark.django_db


def desk(role: str, name: str) -> Client:
    """A member of staff at a desk, everywhere."""
    seed_roles()
    user, is_new = get_user_model().objects.get_or_create(username=name)
    if is_new:
        StaffAccess.objects.create(
            user=user, role=Role.objects.get(code=role), full_name_en=name, full_name_zh=name, everywhere=True
        )
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    kept = client.session
    kept[staff.FACTOR_SHOWN] = user.pk
    kept.save()
    return client


def customer(account_id: int) -> Client:
    client = Client(headers={"accept-language": "en"})
    kept = client.session
    portal_session.begin(kept, account_id)
    kept.save()
    return client


def test_a_cycle_by_two_people_at_their_desks() -> None:
    make_debtors({1: 10_000, 2: 20_000, 3: 900_000}, make_bank())
    with clock.at(moment(2026, 11, 5)):
        run, approve = desk("billing", "run"), desk("manager", "approve")
        asked = {"form": "cycle", "unit": 1, "debit_on": DAY, "first_retry": "2026-11-18", "notice_days": 3}
        assert run.post("/office/debits", asked).status_code == 302
        at = f"/office/debits/{Cycle.objects.get().pk}"
        for act in ("issue", "announce"):
            assert run.post(f"{at}/{act}").status_code == 302
        assert "9,000.00" in approve.get(f"{at}?state=1").content.decode()  # above 2,000.00 at the first debit: held
        assert approve.post(f"{at}/1/3", {"word": "agree"}).status_code == 302
    with clock.at(moment(2026, 11, 10)):
        run, approve = desk("billing", "run"), desk("manager", "approve")
        run.post(f"{at}/files")
        file = DebitFile.objects.get()
        assert (file.rows, file.amount) == (3, 930_000)
        assert run.post(f"/office/debits/files/{file.pk}/send").status_code == 403
        assert approve.post(f"/office/debits/files/{file.pk}/send").status_code == 302
        fetched = b"".join(run.get(f"/office/debits/files/{file.pk}").streaming_content)  # type: ignore[attr-defined]
        assert fetched.decode("gb18030").endswith("T|3|930000\r\n")
    with clock.at(moment(2026, 11, 13)):
        run, approve = desk("billing", "run"), desk("manager", "approve")
        answer = pipe_answer(file.pk, {2: "1001"}).replace(b"D|1|6227", b"D|1|7227")
        upload = SimpleUploadedFile("r.txt", answer)
        done = run.post("/office/debits/results", {"bank": "CCB", "file": upload})
        assert done.headers["Location"] == "/office/debits/parked"
        assert "not that of our line" in approve.get("/office/debits/parked").content.decode()
        for page in ("/office/debits", at, f"{at}?state=6", "/office/mandates", "/office/customers/2/mandate"):
            assert approve.get(page).status_code == 200, page
    assert [debits_of(account)[0].state for account in (1, 2, 3)] == [4, 6, 5]


def test_a_mandate_is_signed_in_the_portal_and_confirmed_in_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = make_bank()
    make_debtors({1: 10_000}, bank)
    Mandate.objects.all().delete()
    Customer.objects.filter(pk=1).update(phone="13800000412")
    codes: list[str] = []

    class Sender:
        def send(self, to: str, way: str, occasion: str, text: str, *, account_id: int = 0) -> None:
            codes.append("".join(each for each in text if each.isdigit())[:6])

    monkeypatch.setattr("gridhall.customers.public.sender", Sender)
    with clock.at(moment(2026, 11, 5)):
        mine = customer(1)
        form = {
            "bank": bank,
            "number": "6227 0000 0000 0001",
            "holder": "客户1",
            "limit": "250.50",
            "preferred_day": 12,
        }
        for wrong in ("?", "12ab", "DE00 3704 0044 0532 0130 00"):
            refused = mine.post("/debit/sign", {**form, "number": wrong})
            assert (refused.status_code, codes) == (400, []), "a wrong number is told before a code is sent"
        assert mine.post("/debit/sign", form).status_code == 302
        assert "6227" not in str(dict(mine.session.items()))
        assert mine.post("/debit/confirm", {"code": "000000"}).status_code == 400
        assert mine.post("/debit/confirm", {"code": codes[-1]}).status_code == 302
        made = Mandate.objects.get()
        assert (made.state, made.limit, made.preferred_day, made.last_four) == ("signed", 25_050, 12, "0001")
        assert "6227" not in made.number_sealed
        head = desk("cashier", "head")
        for step, state in (("confirm", "confirmed"), ("activate", "active")):
            assert head.post(f"/office/mandates/{made.pk}", {"move": step}).status_code == 302
            made.refresh_from_db()
            assert made.state == state
        assert mine.post("/debit/move", {"move": "confirm"}).status_code == 404
        assert "0001" in mine.get("/debit").content.decode()
        assert mine.post("/debit/move", {"move": "end"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "ended"


def test_paper_is_confirmed_by_a_second_person() -> None:
    bank = make_bank()
    make_debtors({1: 10_000}, bank)
    Mandate.objects.all().delete()
    with clock.at(moment(2026, 11, 5)):
        head = desk("cashier", "head")
        paper = {
            "bank": bank, "number": "6227000000000001", "holder": "客户1", "at": "paper", "signed_on": "2026-11-04",
        }  # fmt: skip
        assert head.post("/office/customers/1/mandate", paper).status_code == 302
        made = Mandate.objects.get()
        head.post(f"/office/mandates/{made.pk}", {"move": "confirm"})
        made.refresh_from_db()
        assert made.state == "signed"
        desk("manager", "second").post(f"/office/mandates/{made.pk}", {"move": "confirm"})
        made.refresh_from_db()
    assert made.state == "confirmed"


def test_the_customer_sees_the_next_debit_and_the_past_and_answers() -> None:
    make_debtors({1: 31_000, 2: 20_000}, make_bank(), usual=10_000)
    cycle = announced()
    with clock.at(moment(2026, 11, 6)):
        mine = customer(1)
        assert "310.00" in mine.get("/debit").content.decode()
        assert "310.00" in mine.get("/pay").content.decode()
        assert customer(2).post(f"/debit/{cycle.id}/1/answer", {"word": "yes"}).status_code == 302
        assert mine.post(f"/debit/{cycle.id}/1/answer", {"word": "yes"}).status_code == 302
    (file,) = sent(cycle.id)
    assert file.amount == 51_000
    with clock.at(moment(2026, 11, 13)):
        from gridhall.debits.public import take_results
        from tests.debits.town import officer

        take_results(officer(), "CCB", "r.txt", pipe_answer(file.id, {2: "1001"}))
        told = customer(2).get(f"/debit/{cycle.id}/1").content.decode()
        assert "too little money" in told
        assert "We try again on" in told
        mine = customer(1)
        assert "310.00" in mine.get(f"/debit/{cycle.id}/1").content.decode()
        assert mine.get(f"/debit/{cycle.id}/7").status_code == 404
        assert date(2026, 11, 12) == debits_of(1)[0].bank_on
