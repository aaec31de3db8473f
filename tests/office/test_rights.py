"""Who may open what: every address of the office for every role, and each only its own units."""

from django.test import Client
from django.urls import URLPattern

from gridhall.doors.office import urls
from gridhall.metering import public as metering
from tests.office.conftest import Enter
from tests.office.town import ROLES, Town

ALL = frozenset(ROLES)
MONEY = frozenset({"clerk", "cashier"})
SEE_MONEY = frozenset({"clerk", "cashier", "manager"})
READ = frozenset({"reader", "billing", "manager"})
BILL = frozenset({"billing", "manager"})
BOOKS = frozenset({"billing", "cashier", "manager"})
BOSS = frozenset({"manager"})

# Who may open each page; an address that is not here fails the test below.
PAGES: dict[str, frozenset[str]] = {
    "work_list": ALL, "me": ALL, "enrol": ALL, "customers": ALL, "customer": ALL, "customer_bill": ALL,
    "customer_bill_pdf": ALL, "tariffs": ALL, "tariff": ALL, "tariff_version": ALL, "territory": ALL, "area": ALL,
    "counter": MONEY, "counter_account": MONEY, "till_open": MONEY, "till_close": MONEY,
    "counter_taken": SEE_MONEY, "counter_receipt": SEE_MONEY,
    "tills": frozenset({"clerk", "cashier", "manager"}), "session": frozenset({"clerk", "cashier", "manager"}),
    "day_money": frozenset({"clerk", "cashier", "manager", "billing"}), "orders": frozenset({"cashier", "manager"}),
    "held_readings": READ, "held_reading": READ,
    "imports": frozenset({"reader", "billing"}), "import_report": frozenset({"reader", "billing"}),
    "runs": BILL, "run": BILL, "run_progress": BILL, "differences": BILL, "difference": BILL, "holds": READ,
    "prints": BILL, "ledger": BOOKS, "audit": BOSS, "people": BOSS, "person_new": BOSS,
    "till_new": BOSS,
    "job": ALL, "job_progress": ALL, "job_file": ALL,
}  # fmt: skip

# What is done with a form, and by whom.
ACTS: dict[str, frozenset[str]] = {
    "customer_bill_check": ALL, "customer_bill_cancel": frozenset({"billing"}),
    "customer_bill_again": frozenset({"billing"}), "counter_reverse": MONEY,
    "held_settle": frozenset({"reader", "billing"}), "holds_release": frozenset({"reader", "billing"}),
    "import_confirm": frozenset({"reader", "billing"}),
    "run_act": frozenset({"billing"}), "period_close": BOSS,
    "tariff_approve": BOSS, "person_act": BOSS, "factor_off": ALL,
}  # fmt: skip
OPEN_TO_ANYONE = {"sign_in", "sign_out", "second_factor"}


def addresses(town: Town) -> dict[str, str]:
    """An address for every name, of things that are there."""
    account = town.lake[0]
    (held,) = metering.held([101])
    bill = f"/office/customers/{account}/bill/202609/1"
    payment = f"/office/counter/{account}/payment/1"
    return {
        "work_list": "/office/", "me": "/office/me", "enrol": "/office/me/second-factor",
        "factor_off": "/office/me/second-factor/off", "customers": "/office/customers?q=湖滨路",
        "customer": f"/office/customers/{account}", "customer_bill": bill, "customer_bill_pdf": f"{bill}/zh.pdf",
        "customer_bill_check": f"{bill}/check", "customer_bill_cancel": f"{bill}/cancel",
        "customer_bill_again": f"{bill}/again", "counter": "/office/counter",
        "counter_account": f"/office/counter/{account}", "counter_taken": payment,
        "counter_reverse": f"{payment}/reverse", "counter_receipt": f"{payment}/roll-zh.pdf",
        "till_open": "/office/till/open", "till_close": "/office/till/close", "tills": "/office/tills",
        "session": "/office/tills/1", "day_money": "/office/money", "orders": "/office/orders",
        "imports": "/office/imports", "import_report": "/office/imports/1",
        "import_confirm": "/office/imports/1/confirm", "held_readings": "/office/readings",
        "held_settle": "/office/readings/settle", "held_reading": f"/office/readings/{held.account_id}/{held.id}",
        "runs": "/office/runs",
        "run": f"/office/runs/{_run(202609)}", "run_progress": f"/office/runs/{_run(202609)}/progress",
        "run_act": f"/office/runs/{_run(202609)}/start", "holds": "/office/holds",
        "holds_release": "/office/holds/release", "differences": "/office/differences",
        "difference": "/office/differences/1", "prints": "/office/prints", "job": "/office/jobs/1",
        "job_progress": "/office/jobs/1/progress", "job_file": "/office/jobs/1/file", "ledger": "/office/ledger",
        "period_close": "/office/ledger/close", "tariffs": "/office/tariffs",
        "tariff": "/office/tariffs/cn-shandong-residential",
        "tariff_version": f"/office/tariffs/cn-shandong-residential/{_version()}",
        "tariff_approve": f"/office/tariffs/cn-shandong-residential/{_version()}/approve",
        "territory": "/office/territory", "area": "/office/territory/10101", "audit": "/office/audit",
        "people": "/office/people", "person_new": "/office/people/new",
        "till_new": "/office/tills/new", "person_act": f"/office/people/{town.users['clerk']}/unlock",
    }  # fmt: skip


def _run(period: int) -> int:
    from gridhall.billing.models import BillRun

    return int(BillRun.objects.get(period=period).pk)


def _version() -> int:
    from gridhall.tariffs.models import TariffVersion

    return int(TariffVersion.objects.order_by("from_on").values_list("pk", flat=True)[0])


def test_every_address_has_a_rule() -> None:
    names = {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}
    assert names == set(PAGES) | set(ACTS) | OPEN_TO_ANYONE


def test_each_role_opens_its_pages_and_no_other(town: Town, enter: Enter) -> None:
    at = addresses(town)
    wrong = []
    for role in ROLES:
        client = enter(role)
        for name, allowed in PAGES.items():
            status = client.get(at[name]).status_code
            # 404 and 409: the page is open, but the thing is not there or not in this state
            if (status == 403) is (role in allowed) or status >= 500:
                wrong.append(f"{role} {name}: {status}")
    assert not wrong, "\n".join(wrong)


def test_each_role_does_its_acts_and_no_other(town: Town, enter: Enter) -> None:
    at = addresses(town)
    wrong = []
    for role in ROLES:
        for name, allowed in ACTS.items():
            client = enter(role)
            assert client.get(at[name]).status_code == 405, f"{name} is done by a form only"
            status = client.post(at[name]).status_code
            if (status == 403) is (role in allowed) or status >= 500:
                wrong.append(f"{role} {name}: {status}")
    assert not wrong, "\n".join(wrong)


def test_nobody_who_is_not_signed_in_gets_in(town: Town) -> None:
    client = Client()
    for name, address in addresses(town).items():
        answer = client.get(address) if name in PAGES else client.post(address)
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/office/sign-in"), name


def test_lists_end_at_the_own_units(town: Town, enter: Enter) -> None:
    """The reader of the lake's unit does not see the hill; the officer sees both."""
    far, near = town.numbers[town.hill[0]], town.numbers[town.lake[0]]
    reader, officer = enter("reader"), enter("billing")
    assert reader.get(f"/office/customers/{town.hill[0]}").status_code == 404
    assert officer.get(f"/office/customers/{town.hill[0]}").status_code == 200
    listed = reader.get("/office/customers?as=csv").content.decode()
    assert near in listed
    assert far not in listed
    assert far in officer.get("/office/customers?as=csv").content.decode()
    assert reader.get("/office/territory/10201").status_code == 404
    assert "Hill one" not in reader.get("/office/territory").content.decode()
    assert reader.get("/office/customers?q=" + far).status_code == 200
    assert far not in reader.get("/office/customers?as=csv&q=" + far).content.decode()


def test_a_clerk_serves_whoever_comes_to_the_counter(town: Town, enter: Enter) -> None:
    """No unit stands between a customer who pays and a clerk."""
    clerk = enter("clerk")
    clerk.post("/office/till/open", {"till": town.till, "float_amount": "500"})
    found = clerk.get("/office/counter?q=" + town.numbers[town.hill[0]])
    assert found.status_code == 302
    assert found.headers["Location"] == f"/office/counter/{town.hill[0]}"
    page = clerk.get(found.headers["Location"]).content.decode()
    assert "belongs to Hill unit" in page


def test_the_books_of_another_unit_stay_closed(town: Town, enter: Enter) -> None:
    from gridhall.kernel.models import StaffAccess

    StaffAccess.objects.filter(user_id=town.users["cashier"]).update(everywhere=False, units=[101])
    cashier = enter("cashier")
    assert cashier.get("/office/ledger").status_code == 200
    assert cashier.get("/office/ledger?unit=102").status_code == 404
    assert cashier.get("/office/ledger?unit=0").status_code == 200
    assert "all units" not in cashier.get("/office/ledger").content.decode()
