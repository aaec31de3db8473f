"""Pages ask as much of the database for many rows as for few, lists come as CSV, and both languages are whole."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridhall.doors.office import tasks
from gridhall.kernel import clock
from gridhall.kernel.home import home
from gridhall.metering import public as metering
from tests.office.conftest import Enter, text_of
from tests.office.town import SYSTEM, USE, Town

QUERIES_MOST = 24


def queries(client: Client, address: str) -> int:
    """Queries of one page, after a first look that fills what a process keeps."""
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200, address
    return len(asked)


def more_held(town: Town) -> None:
    """Another meter's reading is held: its customer says what it shows."""
    metering.take_readings(
        SYSTEM,
        metering.NewReadings(
            read_on=[clock.today().replace(day=2)], value=[100_000 + 4 * USE], serial=["GH00000003"], period=[202611],
            kind=[metering.CUSTOMER_READ],
        ),
        "portal",
    )  # fmt: skip
    assert len(metering.held([101])) == 2


def test_no_page_asks_once_a_row(town: Town, enter: Enter) -> None:
    """The lists of the lake's unit with six homes and of both with ten ask the same number of queries."""
    from gridhall.kernel.models import StaffAccess

    officer, user = enter("billing"), town.users["billing"]
    lists = ("/office/customers", "/office/customers?q=湖滨路", "/office/territory", "/office/ledger", "/office/")

    def counted(units: list[int]) -> dict[str, int]:
        StaffAccess.objects.filter(user_id=user).update(everywhere=False, units=units)
        return {address: queries(officer, address) for address in lists}

    few, many = counted([101]), counted([101, 102])
    assert few == many
    assert max(many.values()) <= QUERIES_MOST, many


@pytest.mark.parametrize("more", [more_held], ids=["held readings"])
def test_a_work_list_asks_no_more_when_more_waits(town: Town, enter: Enter, more: Callable[[Town], None]) -> None:
    reader = enter("reader")
    before = queries(reader, "/office/readings")
    more(town)
    assert queries(reader, "/office/readings") == before


def test_the_pages_of_an_account_ask_little(town: Town, enter: Enter) -> None:
    officer, account = enter("billing"), town.lake[0]
    parts = ("", "/bills", "/readings", "/payments", "/agreement", "/messages", "/bill/202609/1")
    counted = {part: queries(officer, f"/office/customers/{account}{part}") for part in parts}
    assert max(counted.values()) <= QUERIES_MOST, counted


@pytest.mark.parametrize(
    ("role", "address", "heading"),
    [
        ("billing", "/office/customers?as=csv", "Customer number"),
        ("billing", "/office/readings?as=csv", "Customer number"),
        ("billing", "/office/holds?as=csv", "Customer number"),
        ("billing", "/office/territory?as=csv", "District"),
        ("cashier", "/office/tills?as=csv", "Till"),
        ("cashier", "/office/money?as=csv", "Unit"),
        ("cashier", "/office/ledger?as=csv", "Account"),
        ("manager", "/office/audit?as=csv", "When"),
    ],
)
def test_lists_come_as_csv(town: Town, enter: Enter, role: str, address: str, heading: str) -> None:
    answer = enter(role).get(address)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode("utf-8-sig").split(",")[0] == heading


def test_the_menu_is_in_both_languages(town: Town, enter: Enter) -> None:
    english, chinese = text_of(enter("manager").get("/office/")), text_of(enter("manager", "zh-hans").get("/office/"))
    assert "What waits" in english
    assert "待办事项" in chinese
    menu = chinese.partition("<nav")[2].partition(">")[2].partition("</nav>")[0]
    words = re.sub(r"<[^>]+>", " ", menu)
    assert not re.search(r"[A-Za-z]{3,}", words), words


def test_a_draft_is_approved_by_another_than_who_entered_it(town: Town, enter: Enter) -> None:
    from gridhall.tariffs.models import TariffVersion

    version = TariffVersion.objects.order_by("-from_on")[0]
    TariffVersion.objects.filter(pk=version.pk).update(state="sent", entered_by="manager", approved_by="")
    manager = enter("manager")
    address = f"/office/tariffs/{version.tariff_id}/{version.pk}"
    assert "waits for another person" in text_of(manager.get(address))
    manager.post(f"{address}/approve")
    assert TariffVersion.objects.get(pk=version.pk).state == "sent"
    TariffVersion.objects.filter(pk=version.pk).update(entered_by="somebody")
    assert "Approve this version" in text_of(manager.get(address))
    # August and September are billed on it
    assert "have days from" in text_of(manager.post(f"{address}/approve", follow=True))
    assert TariffVersion.objects.get(pk=version.pk).state == "sent"
    manager.post(f"{address}/approve", {"bill_again": "1"})
    assert TariffVersion.objects.get(pk=version.pk).state == "approved"


def test_access_ends_at_once_and_never_ones_own(town: Town, enter: Enter) -> None:
    manager, clerk = enter("manager"), enter("clerk")
    assert clerk.get("/office/customers").status_code == 200
    manager.post(f"/office/people/{town.users['clerk']}/end")
    assert clerk.get("/office/customers").status_code == 302
    manager.post(f"/office/people/{town.users['clerk']}/admit")
    assert enter("clerk").get("/office/customers").status_code == 200
    assert manager.post(f"/office/people/{town.users['manager']}/end").status_code == 404


def test_a_new_member_of_staff_gets_a_password_and_signs_in(town: Town, enter: Enter) -> None:
    manager = enter("manager")
    form = {"username": "new.clerk", "name_zh": "新来", "name_en": "New", "role": "clerk", "units": ["101"]}
    made = text_of(manager.post("/office/people/new", form))
    password = re.findall(r'<dd class="mono">([^<]+)</dd>', made)[1]
    signed = Client().post("/office/sign-in", {"username": "new.clerk", "password": password})
    assert signed.status_code == 302
    assert password not in text_of(manager.get("/office/people"))
    assert manager.post("/office/people/new", form | {"username": "no spaces"}).status_code == 422
    again = manager.post("/office/people/new", form, headers={"Referer": "http://testserver/office/people/new"})
    assert again.status_code == 302, "a name that is taken is refused in words"


def test_a_till_is_set_up_and_opened(town: Town, enter: Enter) -> None:
    from gridhall.territory import public as territory

    (hall,) = territory.outlets()
    form = {"outlet": str(hall.id), "code": "T2", "name_zh": "二号台", "name_en": "Till two"}
    enter("manager").post("/office/tills/new", form)
    assert "Till two" in text_of(enter("clerk").get("/office/till/open"))


def test_a_file_outside_the_home_is_never_given(town: Town) -> None:
    outside = home().parent / "outside.txt"
    outside.write_text("secret")
    try:
        for path in ("../outside.txt", str(outside), "postgres/nothing"):
            with pytest.raises(FileNotFoundError):
                tasks.file_of(path)
    finally:
        outside.unlink()


def test_messages_and_odd_input_do_not_break_pages(town: Town, enter: Enter) -> None:
    """Whatever stands in an address: a page or 404, never a fault."""
    manager = enter("manager")
    for address in (
        "/office/readings?unit=x&period=99999999999&reason=-1&page=zz", "/office/holds?period=2026-99&reason=none",
        "/office/ledger?unit=9999999999999&period=abc", "/office/money?on=2026-13-45", "/office/customers?q=%00",
        "/office/customers?q=" + "长" * 300, "/office/audit?who=%27&act=%25&subject=%5C&page=99999",
        "/office/runs/999999999", "/office/customers/999999999999", "/office/territory/99999999",
        "/office/tariffs/none", "/office/differences?tariff=none", "/office/jobs/999999999",
    ):  # fmt: skip
        assert manager.get(address).status_code < 500, address
