"""Words of statements, suspense and waiting days, for screens."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridhall.payments import public as payments
from gridhall.rules import transfer_match as law

FORMS: dict[str, Promise] = {
    "camt.053": _("camt.053 (ISO 20022)"), "mt940": _("MT940 (SWIFT)"), "csv": _("CSV of online banking"),
}  # fmt: skip
ACT_KINDS: dict[str, Promise] = {
    "pay": _("given to an account"), "back": _("sent back to its sender"), "known": _("the bank's side of a booking"),
    "fee": _("bank charge or interest"), "net": _("set against other money"), "undo": _("payment taken back"),
    "again": _("put back into suspense"),
}  # fmt: skip
ACT_STATES: dict[str, Promise] = {
    "asked": _("waits for a second person"), "agreed": _("agreed: to be sent by the bank"), "done": _("done"),
    "declined": _("declined"),
}  # fmt: skip
ACT_TAGS = {"asked": "lamp", "agreed": "info", "done": "good"}
REFERENCES: dict[int, Promise] = {
    law.CUSTOMER_NUMBER: _("customer number in the text"), law.BILL_NUMBER: _("bill number in the text"),
    law.CREDITOR_REFERENCE: _("reference in the text"), law.VIRTUAL_ACCOUNT: _("virtual account"),
}  # fmt: skip
AMOUNTS: dict[int, Promise] = {
    law.NOTHING_OWED: _("nothing was owed"), law.ABOVE: _("more than was owed"), law.PART: _("a part of what was owed"),
    law.ONE_BILL: _("exactly one bill"), law.ALL_OWED: _("exactly what was owed"),
}  # fmt: skip
NAMES: dict[int, Promise] = {
    law.OTHER_NAME: _("another name"), law.NAME_ALIKE: _("a name alike"), law.SAME_NAME: _("the same name"),
}  # fmt: skip
SIDES: dict[str, Promise] = {
    "theirs": _("only the bank has it"), "ours": _("the bank does not have it"),
}  # fmt: skip
WAITING_DOORS: dict[str, Promise] = {
    "bank": _("bank counter"), "statement": _("bank statement"), "online": _("online payment"), "debit": _("debit"),
}  # fmt: skip
WAITING_STATES: dict[str, Promise] = {
    "no_file": _("its file has not come"), "proposed": _("waits for a second person"), "releasing": _("being released"),
    "released": _("its transfer has not come"), "gap": _("a statement is missing before it"),
    "waiting": _("money in suspense"),
}  # fmt: skip
WAITING_TAGS = {
    "no_file": "bad", "proposed": "lamp", "releasing": "lamp", "released": "info", "gap": "bad", "waiting": "lamp",
}  # fmt: skip


def why(proposal: payments.Proposal) -> list[str]:
    """Why an account is proposed: each fact with its points, in the reader's language."""
    told: list[str] = []
    reference, amount, name, rivals = proposal.reference, proposal.amount_fit, proposal.name_fit, proposal.rivals
    if len(proposal.parts) > 1:
        return [str(_("the text names these accounts, and the amount is what they owe together"))]
    if reference in REFERENCES:
        told.append(f"{REFERENCES[reference]} {law.reference_points(reference):+d}")
    told.append(f"{AMOUNTS[amount]} {law.amount_points(amount):+d}")
    if name in NAMES:
        told.append(f"{NAMES[name]} {law.name_points(name):+d}")
    if reference == law.NO_REFERENCE and rivals == 0:
        told.append(f"{_('nobody else fits')} {law.ONLY_ONE:+d}")
    if rivals:
        others = _("%(count)s others fit as well: at most %(most)s")
        told.append(str(others % {"count": rivals, "most": law.SEVERAL_MOST}))
    return told
