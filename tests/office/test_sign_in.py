"""Staff sign in: password, lock, second factor, recovery codes."""

import base64
import re
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client
from pytest_django import Settings

from gridhall.doors.office import factor
from gridhall.doors.office.models import SecondFactor
from gridhall.kernel import access, clock, staff
from gridhall.kernel.models import AuditEntry
from tests.office.conftest import Enter
from tests.office.town import NOON, PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(noon: datetime) -> int:
    staff.seed_roles()
    actor = access.system("test")
    return staff.add(actor, "clerk", PASSWORD, "clerk", "Ning Tang", "唐宁", units=[101])


def code_at(secret: bytes, moment: datetime) -> str:
    return TOTP(secret, 6, SHA1(), 30).generate(int(moment.timestamp())).decode()


def test_a_wrong_password_says_so_and_six_lock_the_name(clerk: int) -> None:
    client = Client(headers={"accept-language": "en"})
    for _ in range(5):
        answer = client.post("/office/sign-in", {"username": "clerk", "password": "wrong"})
        assert "is wrong" in answer.content.decode()
    locked = client.post("/office/sign-in", {"username": "clerk", "password": "wrong"})
    assert locked.status_code == 429
    assert "Locked for 15 minutes" in locked.content.decode()
    right = client.post("/office/sign-in", {"username": "clerk", "password": PASSWORD})
    assert right.status_code == 429, "the right password does not open a locked name either"


def test_signing_in_and_out_stands_in_the_audit(clerk: int, enter: Enter) -> None:
    client = enter("clerk")
    client.post("/office/sign-out")
    acts = list(AuditEntry.objects.filter(actor_name="clerk").order_by("id").values_list("act", flat=True))
    assert acts == ["staff.sign_in", "staff.sign_out"]
    assert client.get("/office/").status_code == 302


def test_someone_who_is_no_staff_does_not_get_in(clerk: int) -> None:
    from django.contrib.auth.models import User

    User.objects.create_user("visitor", password=PASSWORD)
    answer = Client().post("/office/sign-in", {"username": "visitor", "password": PASSWORD})
    assert answer.status_code == 422


def test_a_sign_in_leads_on_inside_the_house_only(clerk: int) -> None:
    form = {"username": "clerk", "password": PASSWORD}
    inside = Client().post("/office/sign-in", form | {"next": "/office/customers"})
    outside = Client().post("/office/sign-in", form | {"next": "https://elsewhere.example/"})
    assert (inside.headers["Location"], outside.headers["Location"]) == ("/office/customers", "/office/")


def enrolled(client: Client, clerk: int, moment: datetime) -> tuple[bytes, list[str]]:
    """Set the factor up through the page; the secret and the recovery codes."""
    page = client.get("/office/me/second-factor").content.decode()
    spelled = re.search(r'<p class="mono">([A-Z2-7 ]+)</p>', page)
    assert spelled is not None
    secret = base64.b32decode(spelled[1].replace(" ", ""))
    done = client.post("/office/me/second-factor", {"code": code_at(secret, moment)}).content.decode()
    return secret, re.findall(r"<li>(\d{5}-\d{5})</li>", done)


def test_the_second_factor_is_asked_for_once_it_is_set_up(clerk: int, enter: Enter, noon: datetime) -> None:
    secret, recovery = enrolled(enter("clerk"), clerk, noon)
    assert len(recovery) == 8
    client = enter("clerk")
    away = client.get("/office/customers")
    assert away.headers["Location"].startswith("/office/second-factor")
    with clock.at(noon + timedelta(minutes=1)):
        wrong = client.post("/office/second-factor", {"code": "000000"})
        assert "does not fit" in wrong.content.decode()
        right = client.post("/office/second-factor", {"code": code_at(secret, clock.now())})
        assert right.status_code == 302
        assert client.get("/office/customers").status_code == 200


def test_a_code_opens_once(clerk: int, enter: Enter, noon: datetime) -> None:
    secret, recovery = enrolled(enter("clerk"), clerk, noon)
    with clock.at(noon + timedelta(minutes=1)):
        code = code_at(secret, clock.now())
        assert factor.check(clerk, code, clock.now())
        assert not factor.check(clerk, code, clock.now()), "a code that was overheard is worth nothing"
        assert factor.check(clerk, recovery[0], clock.now())
        assert not factor.check(clerk, recovery[0], clock.now())


def test_guessing_codes_locks_them(clerk: int, enter: Enter, noon: datetime) -> None:
    secret, _ = enrolled(enter("clerk"), clerk, noon)
    later = noon + timedelta(minutes=1)
    for _ in range(6):
        assert not factor.check(clerk, "123", later)
    assert not factor.check(clerk, code_at(secret, later), later), "the right code does not open a lock"
    free = later + timedelta(minutes=15)
    assert factor.check(clerk, code_at(secret, free), free)


def test_the_secret_is_not_kept_in_plain(clerk: int, enter: Enter, noon: datetime) -> None:
    secret, recovery = enrolled(enter("clerk"), clerk, noon)
    row = SecondFactor.objects.get(user_id=clerk)
    kept = row.secret + "".join(row.recovery)
    for plain in (base64.b64encode(secret).decode(), base64.b32encode(secret).decode(), secret.hex(), *recovery):
        assert plain not in kept
    with pytest.raises(PermissionError):
        factor.begin(clerk)


def test_a_role_may_require_it(clerk: int, enter: Enter, settings: Settings) -> None:
    settings.OFFICE_SECOND_FACTOR_ROLES = frozenset({"clerk"})
    client = enter("clerk")
    assert client.get("/office/customers").headers["Location"] == "/office/me/second-factor"
    assert client.get("/office/me/second-factor").status_code == 200


def test_a_new_password_keeps_one_signed_in_and_ends_the_old(clerk: int, enter: Enter) -> None:
    client = enter("clerk")
    new = "another lamp by the lake"
    weak = client.post("/office/me", {"old": PASSWORD, "new": "password12", "again": "password12"})
    assert weak.status_code == 200
    done = client.post("/office/me", {"old": PASSWORD, "new": new, "again": new})
    assert done.status_code == 302
    assert client.get("/office/me").status_code == 200
    old = Client().post("/office/sign-in", {"username": "clerk", "password": PASSWORD})
    assert old.status_code == 422


@pytest.mark.parametrize(("minutes", "stays"), [(59, True), (61, False)])
def test_a_desk_left_alone_is_signed_out(clerk: int, enter: Enter, minutes: int, stays: bool) -> None:
    """An hour without a page; a page in between keeps it."""
    client = enter("clerk")
    with clock.at(NOON + timedelta(minutes=30)):
        assert client.get("/office/customers").status_code == 200
    with clock.at(NOON + timedelta(minutes=30 + minutes)):
        answer = client.get("/office/customers")
        assert (answer.status_code == 200) is stays
        if not stays:
            assert answer.headers["Location"] == "/office/sign-in?next=/office/customers&ended=1"
            assert "no page was opened for an hour" in client.get(answer.headers["Location"]).content.decode()
            assert client.get("/office/").headers["Location"].startswith("/office/sign-in")
