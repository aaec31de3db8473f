"""Who acts: staff with a role and a scope, a customer, a partner system, or Gridhall itself."""

from dataclasses import dataclass, field

from gridhall.kernel.refusal import Refusal


@dataclass(frozen=True)
class Actor:
    """The one who acts, and through which door. Every act takes one; the audit keeps it.

    `kind`: staff | customer | partner | system. `units`: codes of the accounting units that a member of staff may
    see and act on; empty with `everywhere` means all. `permissions`: names such as `payments.take`. `role`: the code of
    a member of staff's role, by which limits are set.
    """

    kind: str
    name: str
    door: str
    id: int = 0
    permissions: frozenset[str] = field(default_factory=frozenset)
    units: frozenset[int] = field(default_factory=frozenset)
    everywhere: bool = False
    role: str = ""

    def may(self, permission: str) -> bool:
        return self.kind == "system" or permission in self.permissions

    def sees_unit(self, unit_id: int) -> bool:
        return self.kind == "system" or self.everywhere or unit_id in self.units

    def require(self, permission: str) -> None:
        """Refuse (`not_allowed`) where the actor lacks the permission."""
        if not self.may(permission):
            raise Refusal("not_allowed", f"You may not do this ({permission}).", f"您没有此项权限（{permission}）。")


def system(door: str, name: str = "gridhall") -> Actor:
    """Gridhall acting by itself or at the command line of its own machine."""
    return Actor("system", name, door, everywhere=True)


# Roles as shipped; a supplier may change them (kernel.models.Role is data, these are its first rows).
ROLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "clerk": ("Counter clerk", "营业员", (
        "customers.see", "bills.see", "payments.see", "payments.take", "payments.reverse", "tills.own", "tariffs.see",
        "mandates.take",
        "notices.see",
    )),
    "reader": ("Meter reading clerk", "抄表员", (
        "customers.see", "bills.see", "readings.see", "readings.take", "holds.settle", "tariffs.see",
    )),
    "billing": ("Billing officer", "核算员", (
        "customers.see", "customers.change", "bills.see", "readings.see", "readings.take", "holds.settle", "runs.see",
        "runs.preview", "runs.run", "bills.cancel", "tariffs.see", "tariffs.enter", "ledger.see", "documents.print",
        "mandates.take", "debits.see", "debits.run",
        "notices.see", "notices.write",
    )),
    "cashier": ("Head cashier", "收费班长", (
        "customers.see", "bills.see", "payments.see", "payments.take", "payments.reverse", "refunds.approve",
        "tills.own", "tills.all", "cards.order", "cards.stock", "cards.agents", "cards.sell", "ledger.see",
        "tariffs.see",
        "mandates.take", "mandates.confirm", "debits.see", "debits.run", "notices.see",
    )),
    "manager": ("Manager", "主管", (
        "customers.see", "bills.see", "payments.see", "readings.see", "runs.see", "runs.preview", "runs.approve",
        "tills.all", "refunds.approve", "tariffs.see", "tariffs.approve", "ledger.see", "ledger.close", "audit.see",
        "documents.print", "staff.manage", "cards.approve", "cards.unlock",
        "mandates.confirm", "debits.see", "debits.approve",
        "notices.see", "notices.write", "notices.approve",
    )),
}  # fmt: skip
