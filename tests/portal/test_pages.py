"""Every page of the portal opens, is the customer's own, asks little of the database and says the right figures."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridhall.debits import public as debits
from gridhall.debits.models import Mandate
from gridhall.doors.portal import urls
from gridhall.kernel import clock
from tests.debits.town import make_bank, number_of, officer
from tests.portal.conftest import SignIn
from tests.portal.town import Household, households
from tests.town.places import ACTOR

PAGES = (
    "/", "/bills", "/bills/202610/1", "/bills/202610/1?check=1", "/use", "/use?months=24", "/use/registers",
    "/use/hours", "/tariff", "/plans", "/plans?valley=60", "/late-charge", "/payments", "/pay", "/profile", "/notices",
    "/notices/choices", "/debit", "/debit/sign",
)  # fmt: skip
QUERIES_MOST = 12
HELD_TO_THE_MOST = ("/", "/bills/202610/1", "/debit", "/debit/sign")


def plain(page: bytes) -> str:
    return page.decode().replace("\u00a0", " ")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_open(two: tuple[Household, Household], sign_in: SignIn, page: str, language: str) -> None:
    looks_right(sign_in(two[0], language), page, language)


def looks_right(client: Client, page: str, language: str) -> str:
    """The page opens in the language, is kept by nobody, and runs nothing that is not ours. Its text."""
    answer = client.get(page)
    assert answer.status_code == 200
    text = plain(answer.content)
    assert ('lang="zh-Hans"' if language == "zh-hans" else 'lang="en"') in text
    assert "no-store" in answer.headers["Cache-Control"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert " style=" not in text
    assert "<script>" not in text
    assert " onclick=" not in text
    return text


@pytest.mark.parametrize("page", PAGES)
def test_without_signing_in_there_is_nothing(db: None, page: str) -> None:
    answer = Client().get(page)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_no_page_asks_for_every_row(db: None, noon: datetime, sign_in: SignIn) -> None:
    """24 months, 24 bills, 60 payments: no more queries than with three of each."""
    few = {}
    first = households(months=24, unpaid=2, payments_each=40)[0]
    client = sign_in(first)
    for page in ("/", "/bills/202609/1"):  # what is kept in the process (territory, plans, words, weather) is read now
        client.get(page)
    for page in (*PAGES, f"/payments/{first.payment_no}"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        few[page] = len(asked)
    assert all(count <= QUERIES_MOST for page, count in few.items() if page in HELD_TO_THE_MOST), few
    assert max(few.values()) <= 20, few


def test_home_says_what_is_due(two: tuple[Household, Household], sign_in: SignIn, noon: datetime) -> None:
    client = sign_in(two[0])
    text = plain(client.get("/").content)
    assert '<span class="sign">¥</span>135.87' in text
    assert "10 days left" in text
    assert "A kind reminder: ¥ 135.87 is due by 20 Nov 2026." in text
    again = plain(client.get("/").content)
    assert "A kind reminder" not in again  # once, at the sign-in


def test_home_says_what_is_late(two: tuple[Household, Household], sign_in: SignIn, noon: datetime) -> None:
    """On 30 November, 10 days after the 20th: 135.87 × 0.1 % × 10 = 1.36 (1.3587), to pay 137.23."""
    client = sign_in(two[0])
    with clock.at(noon + timedelta(days=20)):
        client = sign_in(two[0])
        text = plain(client.get("/").content)
        assert '<span class="sign">¥</span>137.23' in text
        assert "10 days late" in text
        assert "This includes a late charge of ¥ 1.36." in text
        late = plain(client.get("/late-charge").content)
        assert "¥ 137.23" in late
        assert "30 Nov" in late


def test_a_bill_explains_itself(two: tuple[Household, Household], sign_in: SignIn) -> None:
    text = plain(sign_in(two[0]).get("/bills/202610/1?check=1").content)
    assert "You used 300 kWh in 31 days" in text
    assert "65.77" in text
    assert "70.10" in text
    assert "Peak and valley price" in text
    assert f"GH{two[0].account_id:010d}" in text
    assert "Worked out again just now from the readings and the tariff: ¥ 135.87, the same to the last digit." in text


def test_what_belongs_to_another_is_not_found(two: tuple[Household, Household], sign_in: SignIn) -> None:
    """Addresses hold no account; what they hold (payments, orders) is another's only by number, and is refused."""
    from gridhall.payments.models import GatewayOrder

    mine, theirs = two
    now = clock.now()
    GatewayOrder.objects.create(
        order_no="20261110theirs", gateway="sandbox", account_id=theirs.account_id, amount=100, begun_at=now,
        expires_at=now,
    )  # fmt: skip
    client = sign_in(mine)
    own = {"/payments/": mine.payment_no}
    assert client.get(f"/payments/{own['/payments/']}").status_code == 200
    for address in (
        f"/payments/{theirs.payment_no}",
        f"/payments/{theirs.payment_no}.pdf",
        "/pay/20261110theirs",
        "/pay/return?order=20261110theirs",
        "/bills/202610/2",
        "/bills/202610/2.pdf",
        "/bills/190001/1",
    ):
        assert client.get(address).status_code == 404, address
    for address in PAGES:
        page = plain(client.get(address).content)
        assert theirs.number not in page
        assert f"GH{theirs.account_id:010d}" not in page


def test_every_address_is_tried() -> None:
    """A new page must be added to the tests above."""
    known = {reverse("portal:" + name) for name in ("home", "bills", "use", "registers", "tariff", "late_charge")}
    known |= {reverse("portal:" + name) for name in ("payments", "pay", "profile", "plans", "hours")}
    assert known <= set(PAGES)
    tried = {
        "home", "bills", "use", "registers", "hours", "tariff", "plans", "late_charge", "payments", "pay", "profile",
        "bill", "bill_document", "receipt", "receipt_document", "pay_order", "pay_return", "pay_notify", "sign_in",
        "guest", "guest_amount", "guest_return", "guest_order", "sign_in_code", "sign_out", "demo_messages",
        "notices", "notice", "notices_read", "notices_unread", "notice_choices",
        "debit", "debit_sign", "debit_confirm", "debit_move", "debit_notice", "debit_answer",
    }  # fmt: skip
    assert {pattern.name for pattern in urls.urlpatterns} == tried


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_bill_as_pdf(two: tuple[Household, Household], sign_in: SignIn, language: str) -> None:
    answer = sign_in(two[0]).get(f"/bills/202610/1.pdf?language={language}")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert sign_in(two[0]).get("/bills/202610/1.pdf?language=fr").status_code == 404


def test_a_receipt_says_what_was_paid(two: tuple[Household, Household], sign_in: SignIn) -> None:
    client = sign_in(two[0])
    text = plain(client.get(f"/payments/{two[0].payment_no}").content)
    assert "¥ 135.87" in text
    assert "Sep 2026: electricity" in text
    pdf = client.get(f"/payments/{two[0].payment_no}.pdf")
    assert pdf.content.startswith(b"%PDF-")


def test_the_language_is_kept_for_bills_and_pages(two: tuple[Household, Household], sign_in: SignIn) -> None:
    from gridhall.customers import public as customers

    client = sign_in(two[0])
    assert client.post("/profile", {"which": "language", "language": "en"}).status_code == 302
    view = customers.account(two[0].account_id)
    assert view is not None
    assert view.language == "en"
    assert client.cookies["gridhall_language"].value == "en"
    assert client.post("/profile", {"which": "language", "language": "xx"}).status_code == 400


def test_an_account_without_bills_is_told_what_comes(two: tuple[Household, Household], sign_in: SignIn) -> None:
    from gridhall.customers.models import Account
    from gridhall.customers.public import set_password
    from tests.portal.town import PASSWORD

    third = Account.objects.exclude(id__in=[two[0].account_id, two[1].account_id]).get()
    set_password(ACTOR, third.pk, PASSWORD, clock.now())
    client = sign_in(Household(third.pk, third.number, "", 0))
    for page in ("/", "/bills", "/use", "/use/registers", "/payments", "/late-charge", "/pay", "/tariff"):
        assert client.get(page).status_code == 200, page
    assert "No bills yet" in plain(client.get("/").content)
    assert "Nothing to pay" in plain(client.get("/").content)


def a_debit(of: Household, limit: int = 0) -> str:
    """The October bill of a household is announced for debit; above a limit it is held. The address of its notice."""
    asked = (of.account_id, make_bank(), of.name, number_of(of.account_id), "paper", date(2026, 9, 1), limit)
    signed = debits.sign(ACTOR, debits.NewMandate(*asked))
    Mandate.objects.filter(pk=signed.id).update(state="active")
    cycle = debits.plan_cycle(officer(), 101, date(2026, 11, 17))
    debits.issue(officer(), cycle.id)
    debits.announce(officer(), cycle.id)
    (made,) = debits.debits_of(of.account_id)
    assert made.state == (debits.HELD if limit else debits.WAITING)
    return f"/debit/{cycle.id}/1"


@pytest.mark.parametrize("limit", [0, 10_000])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_of_a_debit_open(
    two: tuple[Household, Household], sign_in: SignIn, language: str, limit: int
) -> None:
    notice = a_debit(two[0], limit)
    client = sign_in(two[0], language)
    client.get("/")
    for page in ("/debit", notice):
        with CaptureQueriesContext(connection) as asked:
            text = looks_right(client, page, language)
        assert len(asked) <= QUERIES_MOST, page
        assert "135.87" in text
        assert f"•••• {number_of(two[0].account_id)[-4:]}" in text
        assert number_of(two[0].account_id) not in text
        assert (f'action="{notice}/answer"' in text) == (bool(limit) and page == "/debit")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_code_that_signs_a_mandate(two: tuple[Household, Household], sign_in: SignIn, language: str) -> None:
    client = sign_in(two[0], language)
    bank, number = make_bank(), number_of(two[0].account_id)
    assert client.get("/debit/confirm").headers["Location"] == "/debit/sign"  # nothing is asked yet
    sent = client.post("/debit/sign", {"bank": bank, "number": number, "holder": two[0].name})
    assert sent.headers["Location"] == "/debit/confirm"
    with CaptureQueriesContext(connection) as asked:
        text = looks_right(client, "/debit/confirm", language)
    assert len(asked) <= QUERIES_MOST
    assert f"•••• {number[-4:]}" in text
    assert number not in text
    assert not Mandate.objects.exists()


def test_a_debit_is_the_customers_own(two: tuple[Household, Household], sign_in: SignIn) -> None:
    """Another's debit cannot be read, answered or ended; without signing in there is none; reading changes nothing."""
    notice = a_debit(two[0], limit=10_000)
    other = sign_in(two[1])
    assert other.get(notice).status_code == 404
    assert "135.87" not in plain(other.get("/debit").content)
    assert other.post("/debit/move", {"move": "end"}).status_code == 404
    before = debits.debits_of(two[0].account_id)
    other.post(f"{notice}/answer", {"word": "no"})
    assert debits.debits_of(two[0].account_id) == before
    assert Mandate.objects.get().state == "active"
    for page in ("/debit/move", f"{notice}/answer"):
        assert sign_in(two[0]).get(page).status_code == 405, page
        assert Client().post(page).headers["Location"].startswith("/sign-in"), page
    for page in (notice, "/debit/confirm"):
        assert Client().get(page).headers["Location"].startswith("/sign-in"), page
    mine = sign_in(two[0])
    assert mine.post(f"{notice}/answer", {"word": "yes"}).headers["Location"] == "/debit"
    assert debits.debits_of(two[0].account_id)[0].state == debits.WAITING
    assert mine.post("/debit/move", {"move": "end"}).headers["Location"] == "/debit"
    assert Mandate.objects.get().state == "ended"
