"""Batch debit in words: states, outcomes, steps."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES: dict[int, Promise] = {
    1: _("held, asked about"), 2: _("waiting"), 3: _("in a file"), 4: _("at the bank"), 5: _("debited"),
    6: _("failed"), 7: _("result unknown"), 8: _("withdrawn"),
}  # fmt: skip
STATE_TAGS = {1: "lamp", 2: "", 3: "info", 4: "info", 5: "good", 6: "bad", 7: "lamp", 8: ""}
OUTCOMES: dict[int, Promise] = {
    1: _("debited"), 2: _("too little money"), 3: _("no such account"), 4: _("account closed"),
    5: _("account frozen"), 6: _("reported lost"), 7: _("name differs"), 8: _("no mandate at the bank"),
    9: _("above the bank's limit"), 10: _("double"), 11: _("form not accepted"), 12: _("fault at the bank"),
    13: _("refused by the payer"), 20: _("the bank does not know"),
}  # fmt: skip
CYCLE_STATES: dict[str, Promise] = {
    "planned": _("planned"), "issued": _("debts chosen"), "announced": _("announced"), "locked": _("files made"),
    "sent": _("with the banks"), "reconciled": _("reconciled"), "closed": _("closed"),
}  # fmt: skip
FILE_STATES: dict[str, Promise] = {
    "prepared": _("prepared"), "sending": _("being written"), "sent": _("sent"), "emptied": _("nothing left"),
}  # fmt: skip
HELD: dict[int, Promise] = {1: _("far above the usual"), 2: _("above the mandate's limit")}
# The one next step of a cycle by its state: (act, words).
NEXT: dict[str, tuple[str, Promise]] = {
    "planned": ("issue", _("Choose the debts")), "issued": ("announce", _("Tell the customers")),
    "announced": ("files", _("Make the files")), "sent": ("reconcile", _("Reconcile")),
    "reconciled": ("again", _("Try again")),
}  # fmt: skip
MANDATE_STATES: dict[str, Promise] = {
    "signed": _("signed, waits for the bank"), "confirmed": _("confirmed by the bank"), "active": _("active"),
    "suspended": _("suspended"), "ended": _("ended"),
}  # fmt: skip
MANDATE_TAGS = {"signed": "lamp", "confirmed": "info", "active": "good", "suspended": "bad", "ended": ""}
MOVES: dict[str, Promise] = {
    "confirm": _("The bank confirms"), "activate": _("Activate"), "suspend": _("Suspend"), "resume": _("Resume"),
    "end": _("End"),
}  # fmt: skip
SIGNED_AT: dict[str, Promise] = {
    "paper": _("on paper"), "portal": _("online hall"), "bank": pgettext_lazy("signed", "at the bank"),
}  # fmt: skip
