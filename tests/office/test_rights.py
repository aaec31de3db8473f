"""Who may open what: every address of the office for every role, and each only its own units."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern

from gridhall.customers import public as customers
from gridhall.debits import public as debits
from gridhall.debits.models import Mandate
from gridhall.doors.office import jobs, models, staff, urls
from gridhall.kernel import clock
from gridhall.kernel import staff as register
from gridhall.kernel.models import StaffAccess
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from gridhall.notices import public as notices
from gridhall.payments import public as payments
from gridhall.payments.models import GatewayOrder
from gridhall.territory import public as territory
from tests.debits.town import make_bank, pipe_file
from tests.office.conftest import Enter, text_of
from tests.office.town import PASSWORD, ROLES, SYSTEM, Town
from tests.payments.statement_town import OURS, Line, camt

ALL = frozenset(ROLES)
MONEY = frozenset({"clerk", "cashier"})
SEE_MONEY = frozenset({"clerk", "cashier", "manager"})
READ = frozenset({"reader", "billing", "manager"})
BILL = frozenset({"billing", "manager"})
BOOKS = frozenset({"billing", "cashier", "manager"})
BOSS = frozenset({"manager"})
TILLS = frozenset({"cashier", "manager"})
ASK = frozenset({"clerk", "cashier", "billing", "manager"})
CYCLES = frozenset({"cashier", "billing"})

# Who may open each page; an address that is not here fails the test below.
PAGES: dict[str, frozenset[str]] = {
    "work_list": ALL, "me": ALL, "enrol": ALL, "customers": ALL, "customer": ALL, "customer_bill": ALL,
    "customer_bill_pdf": ALL, "tariffs": ALL, "tariff": ALL, "tariff_version": ALL, "territory": ALL, "area": ALL,
    "counter": MONEY, "counter_account": MONEY, "till_open": MONEY, "till_close": MONEY,
    "counter_taken": SEE_MONEY, "counter_receipt": SEE_MONEY,
    "tills": frozenset({"clerk", "cashier", "manager"}), "session": frozenset({"clerk", "cashier", "manager"}),
    "day_money": frozenset({"clerk", "cashier", "manager", "billing"}), "orders": frozenset({"cashier", "manager"}),
    "held_readings": READ, "held_reading": READ, "missing_reading": frozenset({"reader", "billing"}),
    "imports": frozenset({"reader", "billing"}), "import_report": frozenset({"reader", "billing"}),
    "runs": BILL, "run": BILL, "run_progress": BILL, "differences": BILL, "difference": BILL, "holds": READ,
    "tariff_new": frozenset({"billing"}), "tariff_edit": frozenset({"billing"}), "tariff_try": BILL,
    "tariff_compare": ALL, "tariff_what_if_report": BILL,
    "prints": BILL, "ledger": BOOKS, "audit": BOSS, "people": BOSS, "person_new": BOSS,
    "till_new": BOSS, "banking": TILLS, "flags": TILLS, "refunds": SEE_MONEY, "deliveries": BOSS,
    "notices": ASK, "notice_text": ASK,
    "units": TILLS, "cheques": SEE_MONEY, "acts": ASK, "customer_money": ASK, "limits": BOOKS, "act_correct": ASK,
    "job": ALL, "job_progress": ALL, "job_file": ALL, "reconciliations": TILLS, "reconciliation": TILLS,
    "customer_late": ALL, "tariff_what_if_areas": BILL,
    "statements": TILLS, "statement": TILLS, "suspense": TILLS, "suspense_item": TILLS, "waiting_days": TILLS,
    "partner_money": BOOKS, "debits": BOOKS, "debit_cycle": BOOKS, "parked_rows": BOOKS, "debit_file": CYCLES,
    "mandates": ASK, "customer_mandate": ASK,
}  # fmt: skip

# What is done with a form, and by whom.
ACTS: dict[str, frozenset[str]] = {
    "customer_bill_check": ALL, "customer_bill_cancel": frozenset({"billing"}),
    "customer_bill_dispute": frozenset({"billing"}),
    "customer_bill_again": frozenset({"billing"}), "counter_reverse": MONEY,
    "units_propose": TILLS, "units_decide": TILLS, "cheques_act": TILLS, "act_decide": TILLS, "act_ask": ASK,
    "plan_end": TILLS, "notice_again": BILL, "notice_text_try": BILL, "notice_text_decide": BOSS,
    "held_settle": frozenset({"reader", "billing"}), "holds_release": frozenset({"reader", "billing"}),
    "import_confirm": frozenset({"reader", "billing"}),
    "run_act": frozenset({"billing"}), "period_close": BOSS,
    "tariff_approve": BOSS, "tariff_act": frozenset({"billing"}), "tariff_what_if": BILL,
    "person_act": BOSS, "factor_off": ALL,
    "banking_decide": TILLS, "refund_ask": MONEY, "refund_decide": TILLS, "flags_seen": TILLS, "delivery_settle": BOSS,
    "reconciliation_release": TILLS, "reconciliation_settle": TILLS, "difference_choose": TILLS,
    "customer_late_end": frozenset({"billing"}),
    "suspense_ask": TILLS, "suspense_settle": TILLS, "suspense_decide": TILLS,
    "debit_act": CYCLES, "debit_results": CYCLES, "debit_send": BOSS, "debit_word": BOSS, "parked_settle": BOSS,
    "mandate_move": TILLS,
}  # fmt: skip
# What a form says where an empty one is refused before anybody looks whose the thing is.
WORDS = {
    "mandate_move": {"move": "confirm"}, "suspense_decide": {"reason": "not ours"}, "parked_settle": {"note": "seen"},
    "debit_word": {"word": "debited", "evidence": "the statement"},
}  # fmt: skip
OPEN_TO_ANYONE = {"sign_in", "sign_out", "second_factor"}


def things(town: Town) -> dict[str, str]:
    """What the addresses below are of: a till session with a payment, a held reading, a report and an import.

    All of the lake's unit (101), made in the office's own way.
    """
    session = payments.open_till(SYSTEM, town.till, 10_000, town.users["clerk"])
    taken = payments.PaymentIn(
        5_000, "rights", account_id=town.lake[0], door=payments.DOOR_COUNTER, session_id=session.id
    )
    (receipt,) = payments.receive(SYSTEM, [taken])
    assert isinstance(receipt, payments.Receipt), receipt
    (held,) = metering.held([101])
    return {
        "payment": f"/office/counter/{town.lake[0]}/payment/{receipt.payment_no}",
        "session": f"/office/tills/{session.id}",
        "banking": f"/office/tills/bank/{slip_that_differs(town)}",
        "refund": f"/office/refunds/{refund_asked(town.lake[1])}",
        "day": f"/office/reconciliation/{day_that_differs()}",
        "held": f"/office/readings/{held.account_id}/{held.id}",
        **money_in_suspense(),
        **debit_that_was_sent(town.lake[3]),
    }


def money_in_suspense() -> dict[str, str]:
    """A statement of the lake's bank account with money that names nobody, which is asked to go back."""
    payments.add_bank_account(SYSTEM, OURS, "Bank of Lakes", "湖银行", 101)
    payments.load_statements(SYSTEM, "camt.053", camt([Line(6_000, "who")]), "s.xml", payments.StatementOptions(OURS))
    (item,) = payments.suspense([101])
    act = payments.ask_act(SYSTEM, item.id, "back", 1_000, "not a customer of ours")
    return {
        "statement": f"/office/statements/{item.statement_id}", "item": f"/office/suspense/{item.id}",
        "act": f"/office/suspense/acts/{act.id}",
    }  # fmt: skip


def debit_that_was_sent(account_id: int) -> dict[str, str]:
    """A cycle of the lake's unit whose file is with the bank; a row of the bank's answer is parked."""
    bank_id = make_bank()
    new = debits.NewMandate(account_id, bank_id, "刘灯", "6227000000000004", "paper", clock.today())
    mandate = debits.sign(SYSTEM, new)
    Mandate.objects.filter(pk=mandate.id).update(state="active")
    cycle = debits.plan_cycle(SYSTEM, 101, clock.today(), notice_days=0)
    debits.issue(SYSTEM, cycle.id)
    debits.announce(SYSTEM, cycle.id)
    (file,) = debits.make_files(SYSTEM, cycle.id)
    debits.send_file(SYSTEM, file.id)
    debits.take_results(SYSTEM, "CCB", "r.txt", pipe_file(file.id, [(1, account_id, 1, "0000")]))
    (parked,) = debits.parked(SYSTEM)
    return {
        "cycle": f"/office/debits/{cycle.id}", "debit": f"/office/debits/{cycle.id}/1/{account_id}",
        "file": f"/office/debits/files/{file.id}", "parked": f"/office/debits/parked/{parked.id}",
        "mandate": f"/office/mandates/{mandate.id}",
    }  # fmt: skip


def slip_that_differs(town: Town) -> int:
    """Cash of the lake's unit at the bank, one yuan short: it waits for a second person."""
    (outlet,) = territory.outlets()
    till = payments.register_till(SYSTEM, outlet.id, 101, "T9", "Till nine", "九号台")
    session = payments.open_till(SYSTEM, till, 0, town.users["cashier"])
    taken = payments.PaymentIn(900, "slip", town.lake[0], "", payments.DOOR_COUNTER, payments.CASH, session.id)
    payments.receive(SYSTEM, [taken])
    payments.close_till(SYSTEM, session.id, 900)
    return payments.bank_cash(SYSTEM, [session.id], 800, "S-1", note="one note is missing").id


def day_that_differs() -> int:
    """A day of a bank that says it took what we do not know."""
    contract = payments.Contract(payment_most=10**6)
    bank = payments.add_partner(SYSTEM, "RIGHTS", "Bank", "银行", contract, everywhere=True)
    row = payments.TheirRow("S1", "9999999999", 100)
    day = clock.today() - timedelta(days=1)
    return payments.reconcile_day(SYSTEM, bank.counterparty, day, [row], [], "day.txt", b"day").id


def refund_asked(account_id: int) -> str:
    """A payment that came through a gateway, of which a refund is asked for by nobody here."""
    online = payments.PaymentIn(700, "online:sandbox:o1", account_id, "", payments.DOOR_PORTAL, payments.ONLINE)
    (receipt,) = payments.receive(SYSTEM, [online])
    assert isinstance(receipt, payments.Receipt), receipt
    now = clock.now()
    GatewayOrder.objects.create(
        order_no="o1", gateway="sandbox", account_id=account_id, amount=700, state="paid", begun_at=now, expires_at=now,
        payment_no=receipt.payment_no,
    )  # fmt: skip
    return payments.ask_refund(SYSTEM, account_id, receipt.payment_no, "paid twice").refund_no


def _text() -> int:
    return notices.texts()[0].id


def job_of(user_id: int, kind: str) -> int:
    """A job of this person that is done: a difference report of the two runs, a what-if, or a readings file tried."""
    actor = staff.actor_of(StaffAccess.objects.select_related("role", "user").get(user_id=user_id))
    if kind == "difference":
        asked = {"run_a": _run(202608), "run_b": _run(202609)}
        job = jobs.ask(actor, kind, asked)
    elif kind == "what_if":
        asked = {"version": _version(), "code": "cn-shandong-residential", "periods": [202609]}
        job = jobs.ask(actor, kind, asked)
    else:
        client = Client()
        client.post("/office/sign-in", {"username": actor.name, "password": PASSWORD})
        file = SimpleUploadedFile("one.csv", "表号,示数,抄表日期\nGH00000002,1600.00,2026-11-01\n".encode())
        client.post("/office/imports", {"kind": "readings", "file": file})
        job = models.Job.objects.latest("id")
    jobs.do(job.pk)
    job.refresh_from_db()
    assert job.state == models.DONE, job.refused_en
    return int(job.pk)


def addresses(town: Town, made: dict[str, str], report: int, tried: int, what_if: int = 0) -> dict[str, str]:
    """An address for every name, of things that are there. `report`, `tried`, `what_if`: jobs of the one who looks."""
    account = town.lake[0]
    bill = f"/office/customers/{account}/bill/202609/1"
    payment = made["payment"]
    return {
        "work_list": "/office/", "me": "/office/me", "enrol": "/office/me/second-factor",
        "factor_off": "/office/me/second-factor/off", "customers": "/office/customers?q=湖滨路",
        "customer": f"/office/customers/{account}", "customer_bill": bill, "customer_bill_pdf": f"{bill}/zh.pdf",
        "customer_bill_check": f"{bill}/check", "customer_bill_cancel": f"{bill}/cancel",
        "customer_bill_dispute": f"{bill}/dispute",
        "customer_bill_again": f"{bill}/again", "counter": "/office/counter",
        "counter_account": f"/office/counter/{account}", "counter_taken": payment,
        "counter_reverse": f"{payment}/reverse", "counter_receipt": f"{payment}/roll-zh.pdf",
        "till_open": "/office/till/open", "till_close": "/office/till/close", "tills": "/office/tills",
        "banking": "/office/tills/bank", "banking_decide": made["banking"], "refunds": "/office/refunds",
        "refund_decide": made["refund"], "refund_ask": f"{payment}/refund", "flags": "/office/flags",
        "flags_seen": "/office/flags/seen", "deliveries": "/office/deliveries",
        "delivery_settle": "/office/deliveries/1",
        "reconciliations": "/office/reconciliation", "reconciliation": made["day"],
        "reconciliation_release": f"{made['day']}/release", "reconciliation_settle": f"{made['day']}/settle",
        "difference_choose": f"{made['day']}/1",
        "units": "/office/units", "units_propose": "/office/units/propose", "units_decide": "/office/units/1",
        "cheques": "/office/cheques", "cheques_act": "/office/cheques/act", "acts": "/office/acts",
        "act_decide": "/office/acts/1", "limits": "/office/limits",
        "customer_money": f"/office/customers/{account}/money",
        "act_ask": f"/office/customers/{account}/money/refund", "plan_end": f"/office/customers/{account}/plan/1",
        "act_correct": f"{payment}/correct",
        "notices": "/office/notices", "notice_again": "/office/notices/1/again",
        **{name: f"/office/notices/texts/{_text()}{path}" for name, path in (
            ("notice_text", ""), ("notice_text_try", "/try"), ("notice_text_decide", "/decide"),
        )},
        "customer_late": f"/office/customers/{account}/late",
        "customer_late_end": f"/office/customers/{account}/late/1/end",
        "customer_mandate": f"/office/customers/{account}/mandate",
        "tariff_what_if_areas": f"/office/tariffs/what-if/{what_if}/areas.csv",
        "statements": "/office/statements", "statement": made["statement"], "suspense": "/office/suspense",
        "suspense_item": made["item"], "suspense_ask": f"{made['item']}/ask",
        "suspense_settle": f"{made['item']}/settle", "suspense_decide": made["act"],
        "waiting_days": "/office/waiting", "partner_money": "/office/partners/RIGHTS",
        "debits": "/office/debits", "debit_results": "/office/debits/results", "debit_cycle": made["cycle"],
        "debit_act": f"{made['cycle']}/close", "debit_word": made["debit"], "debit_file": made["file"],
        "debit_send": f"{made['file']}/send", "parked_rows": "/office/debits/parked", "parked_settle": made["parked"],
        "mandates": "/office/mandates", "mandate_move": made["mandate"],
        "session": made["session"], "day_money": "/office/money", "orders": "/office/orders",
        "imports": "/office/imports", "import_report": f"/office/imports/{tried}",
        "import_confirm": f"/office/imports/{tried}/confirm", "held_readings": "/office/readings",
        "held_settle": "/office/readings/settle", "held_reading": made["held"],
        "missing_reading": f"/office/readings/missing/{town.missing}/202610",
        "runs": "/office/runs",
        "run": f"/office/runs/{_run(202609)}", "run_progress": f"/office/runs/{_run(202609)}/progress",
        "run_act": f"/office/runs/{_run(202609)}/start", "holds": "/office/holds",
        "holds_release": "/office/holds/release", "differences": "/office/differences",
        "difference": f"/office/differences/{report}", "prints": "/office/prints", "job": f"/office/jobs/{report}",
        "job_progress": f"/office/jobs/{report}/progress", "job_file": f"/office/jobs/{report}/file",
        "ledger": "/office/ledger",
        "period_close": "/office/ledger/close", "tariffs": "/office/tariffs",
        "tariff": "/office/tariffs/cn-shandong-residential",
        "tariff_version": f"/office/tariffs/cn-shandong-residential/{_version()}",
        "tariff_approve": f"/office/tariffs/cn-shandong-residential/{_version()}/approve",
        "tariff_new": "/office/tariffs/new", "tariff_what_if_report": f"/office/tariffs/what-if/{what_if}",
        **{
            f"tariff_{name}": f"/office/tariffs/cn-shandong-residential/{_version()}/{path}"
            for name, path in (
                ("edit", "edit"), ("try", "try"), ("compare", "compare"), ("what_if", "what-if"), ("act", "send"),
            )
        },
        "territory": "/office/territory", "area": "/office/territory/10101", "audit": "/office/audit",
        "people": "/office/people", "person_new": "/office/people/new",
        "till_new": "/office/tills/new", "person_act": f"/office/people/{town.users['clerk']}/unlock",
    }  # fmt: skip


def own_addresses(town: Town, made: dict[str, str], role: str) -> dict[str, str]:
    """The addresses with jobs of this role's own person; an import is of the reader where the role imports none."""
    importer = role if role in ("reader", "billing") else "reader"
    mine = job_of(town.users[role], "difference")
    return addresses(town, made, mine, job_of(town.users[importer], "import"), job_of(town.users[role], "what_if"))


def _run(period: int) -> int:
    from gridhall.billing.models import BillRun

    return int(BillRun.objects.get(period=period).pk)


def _version() -> int:
    from gridhall.tariffs.models import TariffVersion

    return int(TariffVersion.objects.order_by("from_on").values_list("pk", flat=True)[0])


def test_every_address_has_a_rule() -> None:
    names = {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}
    assert names == set(PAGES) | set(ACTS) | OPEN_TO_ANYONE


# Pages that lead on: to another page of the same work, or to what is there already.
LEADS_ON = {("till_open", "clerk"), ("till_close", "cashier"), ("job", "*"), ("counter", "*")}


def test_each_role_opens_its_pages_and_no_other(town: Town, enter: Enter) -> None:
    """Everything asked for is there: 200 to whom it is open (or a way on), 403 to the others."""
    made = things(town)
    wrong = []
    for role in ROLES:
        client, at = enter(role), own_addresses(town, made, role)
        for name, allowed in PAGES.items():
            status = client.get(at[name]).status_code
            fine = {200, 302} if {(name, role), (name, "*")} & LEADS_ON else {200}
            if status not in (fine if role in allowed else {403}):
                wrong.append(f"{role} {name}: {status}")
    assert not wrong, "\n".join(wrong)


def test_each_role_does_its_acts_and_no_other(town: Town, enter: Enter) -> None:
    """An empty form: whoever may do it is told what is missing, others are turned away."""
    made = things(town)
    wrong = []
    for role in ROLES:
        client, at = enter(role), own_addresses(town, made, role)
        for name, allowed in ACTS.items():
            assert client.get(at[name]).status_code == 405, f"{name} is done by a form only"
            status = client.post(at[name], WORDS.get(name, {})).status_code
            # 404: a till session or job of somebody else; 409: not in this state
            if (status == 403) is (role in allowed) or status >= 500:
                wrong.append(f"{role} {name}: {status}")
    assert not wrong, "\n".join(wrong)


def test_nobody_who_is_not_signed_in_gets_in(town: Town) -> None:
    client = Client()
    at = addresses(
        town, things(town), job_of(town.users["manager"], "difference"), job_of(town.users["reader"], "import")
    )
    for name, address in at.items():
        answer = client.get(address) if name in PAGES else client.post(address)
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/office/sign-in"), name


# Things of unit 101 that stay closed to everybody of unit 102; money people serve any customer, so only their tills.
OF_A_UNIT = {
    "customer", "customer_bill", "customer_bill_pdf", "counter_taken", "counter_receipt", "session", "held_reading",
    "missing_reading",
    "import_report", "difference", "tariff_what_if_report", "job", "job_progress", "job_file", "area",
    "customer_late", "customer_mandate", "tariff_what_if_areas", "statement", "suspense_item", "debit_cycle",
    "debit_file",
}  # fmt: skip
ACTS_IN_A_UNIT = {"customer_bill_check", "customer_bill_cancel", "customer_bill_again", "import_confirm",
                 "customer_bill_dispute",
                 "banking_decide", "refund_decide", "customer_late_end", "suspense_ask", "suspense_settle",
                 "suspense_decide", "debit_act", "debit_send", "debit_word", "parked_settle",
                 "mandate_move"}  # fmt: skip
SERVED_ANYWHERE = {
    "customer", "customer_bill", "customer_bill_pdf", "counter_taken", "counter_receipt", "customer_late",
    "customer_mandate",
}  # fmt: skip


def test_things_of_another_unit_are_not_there(town: Town, enter: Enter) -> None:
    """Everybody is put into the hill's unit (102); what is of the lake's (101) answers 404, jobs of others too."""
    made = things(town)
    mine = [job_of(town.users["billing"], kind) for kind in ("difference", "import", "what_if")]
    at = addresses(town, made, *mine)
    other = staff_of_hill(town)
    wrong = []
    for role in ROLES:
        client = Client(headers={"accept-language": "en"})
        client.post("/office/sign-in", {"username": other[role], "password": PASSWORD})
        money = role in MONEY
        for name in sorted(OF_A_UNIT | ACTS_IN_A_UNIT):
            allowed = PAGES.get(name) or ACTS[name]
            if role not in allowed:
                continue
            answer = client.get(at[name]) if name in PAGES else client.post(at[name], WORDS.get(name, {}))
            open_to = money and (name in SERVED_ANYWHERE or name == "customer_bill_check")
            if answer.status_code not in ({200, 302} if open_to else {404}):
                wrong.append(f"{role} {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_a_mandate_is_suspended_by_who_takes_it_and_confirmed_by_another(town: Town, enter: Enter) -> None:
    """The manager confirms only; the clerk and the billing officer take in and suspend; nobody sees a closed button."""
    address = debit_that_was_sent(town.lake[3])["mandate"]
    page = f"/office/customers/{town.lake[3]}/mandate"
    for role in ("manager", "clerk", "billing", "cashier"):
        Mandate.objects.update(state="active")
        client, may = enter(role), role != "manager"
        assert ('value="suspend"' in text_of(client.get(page))) is may, role
        assert client.post(address, {"move": "suspend"}).status_code == (302 if may else 403), role
        Mandate.objects.update(state="suspended")
        may = role in TILLS
        assert ('value="resume"' in text_of(client.get(page))) is may, role
        assert client.post(address, {"move": "resume"}).status_code == (302 if may else 403), role


def test_parked_rows_of_another_unit_are_not_listed(town: Town, enter: Enter) -> None:
    debit_that_was_sent(town.lake[3])
    assert "r.txt" in text_of(enter("manager").get("/office/debits/parked"))
    hill = Client(headers={"accept-language": "en"})
    hill.post("/office/sign-in", {"username": staff_of_hill(town)["manager"], "password": PASSWORD})
    assert "r.txt" not in text_of(hill.get("/office/debits/parked"))


def staff_of_hill(town: Town) -> dict[str, str]:
    """One more person of each role, of unit 102 alone; user names by role."""
    for role in ROLES:
        register.add(SYSTEM, f"hill-{role}", PASSWORD, role, role.title(), f"{role}员", units=[102])
    return {role: f"hill-{role}" for role in ROLES}


def test_a_manager_of_one_unit_manages_its_people_only(town: Town, enter: Enter) -> None:
    """The cashier works everywhere, the clerk in 101: neither is there for the manager of 102; 102's own people are."""
    other = staff_of_hill(town)
    manager = Client(headers={"accept-language": "en"})
    manager.post("/office/sign-in", {"username": other["manager"], "password": PASSWORD})
    for role in ("cashier", "clerk", "manager"):
        for act in ("end", "factor", "unlock", "admit"):
            assert manager.post(f"/office/people/{town.users[role]}/{act}").status_code == 404, (role, act)
    listed = re.findall(r'<span class="small mono">([^<]+)</span>', text_of(manager.get("/office/people")))
    assert sorted(listed) == sorted(other.values())
    own = StaffAccess.objects.get(user__username="hill-clerk")
    assert manager.post(f"/office/people/{own.user_id}/end").status_code == 302
    own.user.refresh_from_db()
    assert not own.user.is_active
    new = {"username": "newcomer", "role": "clerk", "name_en": "New", "name_zh": "新人"}
    assert manager.post("/office/people/new", new).status_code == 200
    made = StaffAccess.objects.get(user__username="newcomer")
    assert (made.units, made.everywhere) == ([102], False)
    hill = staff.actor_of(StaffAccess.objects.select_related("role", "user").get(user__username="hill-manager"))
    for reach in ({"units": [101, 102]}, {"everywhere": True}):
        with pytest.raises(Refusal, match="Not all of these units"):
            register.add(hill, "too-far", PASSWORD, "clerk", "Far", "远", **reach)


def test_the_audit_of_a_unit_tells_of_its_people_only(town: Town, enter: Enter) -> None:
    other = staff_of_hill(town)
    enter("cashier")
    manager = Client(headers={"accept-language": "en"})
    manager.post("/office/sign-in", {"username": other["manager"], "password": PASSWORD})
    told = {line.split(",")[1] for line in manager.get("/office/audit?as=csv").content.decode().splitlines()[1:]}
    assert told == {"hill-manager"}
    whole = {line.split(",")[1] for line in enter("manager").get("/office/audit?as=csv").content.decode().splitlines()}
    assert {"cashier", "hill-manager"} <= whole


def test_a_difference_report_counts_the_own_units_only(town: Town, enter: Enter) -> None:
    """September against August: 10 homes of 109.38 each, of which 4 are the hill's: 437.52 on both sides."""
    other = staff_of_hill(town)
    for name, bills in ((other["billing"], len(town.hill)), ("billing", len(town.hill) + len(town.lake))):
        user = StaffAccess.objects.get(user__username=name).user_id
        report = models.Job.objects.get(pk=job_of(user, "difference")).result
        assert (report["bills"], report["equal"]) == (bills, bills)
        assert report["before_amount"] == report["after_amount"] == 10_938 * bills


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
    StaffAccess.objects.filter(user_id=town.users["cashier"]).update(everywhere=False, units=[101])
    cashier = enter("cashier")
    assert cashier.get("/office/ledger").status_code == 200
    assert cashier.get("/office/ledger?unit=102").status_code == 404
    assert cashier.get("/office/ledger?unit=0").status_code == 200
    assert "all units" not in cashier.get("/office/ledger").content.decode()


def test_the_search_says_in_which_other_unit_the_rest_is(town: Town, enter: Enter) -> None:
    """Who takes money opens anybody, as at the counter; others learn the unit, not the customer."""
    other = customers.account(town.lake[0])
    assert other is not None
    register.add(SYSTEM, "hill-clerk", PASSWORD, "clerk", "Hill", "山", units=[102])
    register.add(SYSTEM, "hill-reader", PASSWORD, "reader", "Hill", "山", units=[102])
    assert other.address in text_of(_at_the_hill("hill-clerk", other.name))
    told = text_of(_at_the_hill("hill-reader", other.name))
    assert "in another unit" in told
    assert other.address not in told
    assert other.phone not in told


def _at_the_hill(user: str, name: str) -> HttpResponse:
    client = Client(headers={"accept-language": "en"})
    client.post("/office/sign-in", {"username": user, "password": PASSWORD})
    answer: HttpResponse = client.get("/office/customers", {"q": name}, follow=True)
    return answer
