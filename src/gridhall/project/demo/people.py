"""Staff, tills and passwords of the demo. They are shown on the screen: a demo has no secrets."""

from gridhall.customers import public as customers
from gridhall.kernel import clock, keys, staff
from gridhall.kernel.access import ROLES, Actor
from gridhall.payments import public as payments
from gridhall.territory import public as territory

STAFF_PASSWORD = "lamplake-staff-2026"  # noqa: S105  shown to whoever runs the demo
CUSTOMER_PASSWORD = "lamplake-2026-home"  # noqa: S105  likewise

# username, role, English, Chinese, units (none: everywhere)
STAFF = (
    ("clerk", "clerk", "Tang Ning", "唐宁", (101,)),
    ("cashier", "cashier", "Zhou Jing", "周静", ()),
    ("billing", "billing", "Huang Lei", "黄磊", ()),
    ("manager", "manager", "Guo Yan", "郭燕", ()),
    ("reader", "reader", "Hu Bo", "胡波", (101, 102)),
)

# The clerks at the counters of the other units.
COUNTERS = (
    ("clerk102", "clerk", "Lu Min", "陆敏", (102,)),
    ("clerk201", "clerk", "Jiang Hai", "江海", (201,)),
    ("clerk202", "clerk", "Gu Xia", "顾霞", (202,)),
    ("clerk301", "clerk", "Shen Yong", "沈勇", (301,)),
    ("clerk302", "clerk", "Qiu Lan", "邱兰", (302,)),
)


def clerk_of(unit_id: int) -> str:
    """The user name of the clerk at a unit's counter."""
    return next(name for name, role, _, _, units in (*STAFF, *COUNTERS) if role == "clerk" and unit_id in units)


def acting(role: str, user_id: int) -> Actor:
    """A member of staff who works everywhere, at the desk."""
    return Actor("staff", role, "office", id=user_id, permissions=frozenset(ROLES[role][2]), everywhere=True, role=role)


def hire(actor: Actor) -> dict[str, int]:
    """The staff of the demo, and a till in every business hall; user ids by name."""
    ids = {
        name: staff.add(actor, name, STAFF_PASSWORD, role, en, zh, units=units, everywhere=not units)
        for name, role, en, zh, units in (*STAFF, *COUNTERS)
    }
    for outlet in territory.outlets():
        if outlet.kind == "hall":
            payments.register_till(
                actor,
                outlet.id,
                outlet.unit_id,
                f"{outlet.code}-1",
                f"{outlet.name_en}, till 1",
                f"{outlet.name_zh}1号柜台",
            )
    return ids


def give_key(actor: Actor) -> str:
    """A key by which the town's bank takes payments and looks up what is owed over the API."""
    return keys.make(actor, "Lake Bank 湖商银行", ("payments.take", "payments.see", "bills.see", "customers.see"))


def give_passwords(actor: Actor, account_ids: list[int]) -> None:
    """The password of the demo for these accounts."""
    for account_id in account_ids:
        customers.set_password(actor, account_id, CUSTOMER_PASSWORD, clock.now())
